#!/bin/sh
# Eight writers, and compactions, then archiving, that are killed again and again: no
# event that was acknowledged is lost (P1), and no line is torn (P2).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

seconds=$((${MSGEXT_TEST_SECONDS-12} / 2))
writers=8
config_make
seed_make
start_lighttpd

# write_events WRITER: acknowledged versions to standard output until $scratch/stop is there.
write_events() {
	batch=0
	while ! test -e "$scratch/stop"; do
		perl -e '
			my ($writer, $batch, $url, $socket) = @ARGV;
			for my $event (0 .. 99) {
				my $seq = ($batch * 100 + $event) * 8 + $writer + 1;
				my $message = int($seq / 200);
				my $body = qq({"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",) .
				    qq("GroupId":"test","MsgSeq":$message,"OperateType":1,"ExtensionList":) .
				    qq([{"Key":"k$seq","Value":"v$seq","Seq":$seq}],"Seq":$seq,"EventTime":1});
				$body =~ s/"/\\"/g;
				print "next\n" if $event;
				print qq(url = "$url"\nunix-socket = "$socket"\ndata-binary = "$body"\n),
				    qq(output = "/dev/null"\nsilent\nmax-time = 60\n),
				    qq(write-out = "$message k$seq v$seq $seq %{http_code}\\n"\n);
			}' "$1" "$batch" "$url?$query" "${curl_options#--unix-socket }" | curl -K -
		batch=$((batch + 1))
	done
}

# held: the pairs in the log and in what archiving took out of it.  Compactions keep
# originals too, which would hide what is lost: beside archiving they keep none.
held() {
	[ -d "$scratch/union" ] || mkdir -m 700 "$scratch/union"
	if [ "$1" = archive ]; then
		zcat "$data"/*.gz 2>/dev/null
	fi | cat - "$data/test.jsonl" >"$scratch/union/test.jsonl"
	chmod 600 "$scratch/union/test.jsonl"
	"$msgextctl" -d "$scratch/union" show test --json | jq -r '.MsgSeq as $message |
		.ExtensionList[] | "\($message) \(.Key) \(.Value) \(.Seq)"' | sort
}

# rewritten NAME COMMAND [COMMAND]: these, at random, beside the writers.
rewritten() {
	name=$1
	shift
	rm -f "$data"/* "$scratch"/answers.* "$scratch/stop"
	writer_pids=
	for writer in $(seq 0 $((writers - 1))); do
		write_events "$writer" >"$scratch/answers.$writer" &
		writer_pids="$writer_pids $!"
	done
	# Three in four are killed at a random moment of the time that one takes.
	perl -MTime::HiRes=time,sleep -e '
		my ($seed, $seconds, $msgextctl, $config, @commands) = @ARGV;
		srand $seed;
		my $end = time + $seconds;
		my ($done, $killed, $usual) = (0, 0, 0.1);
		while (time < $end) {
			my @words = split / /, $commands[int rand @commands];
			my $start = time;
			my $child = fork // die;
			if ($child == 0) {
				open STDERR, ">", "/dev/null";
				exec $msgextctl, "-c", $config, @words;
			}
			if (rand() < 0.75) {
				sleep rand $usual;
				kill "KILL", $child;
			}
			waitpid $child, 0;
			$? == 0 ? $done++ : $killed++;
			$usual += (time - $start - $usual) / 8 if $? == 0;
		}
		print "$done $killed\n"' "$seed" "$seconds" "$msgextctl" "$config" "$@" >"$scratch/rewritten"
	: >"$scratch/stop"
	# shellcheck disable=SC2086
	wait $writer_pids
	read -r finished killed <"$scratch/rewritten"
	cat "$scratch"/answers.* >"$scratch/answers"
	echo "# $name: $(wc -l <"$scratch/answers") events, $finished finished, $killed killed"

	is "$(grep -cv ' 200$' "$scratch/answers")" 0 "$name: every event is answered OK"
	ok "$name: some were finished" test "$finished" -gt 0
	ok "$name: and some killed" test "$killed" -gt 0
	sed 's/ 200$//' "$scratch/answers" | sort >"$scratch/acknowledged"
	held "$name" >"$scratch/held"
	is "$(comm -23 "$scratch/acknowledged" "$scratch/held" | wc -l)" 0 "$name: no acknowledged event is lost"
	is "$(comm -13 "$scratch/acknowledged" "$scratch/held" | wc -l)" 0 "$name: and none appeared"
	"$msgextctl" -c "$config" verify 2>/dev/null >"$scratch/out"
	is "$?,$(cat "$scratch/out")" 0, "$name: verify finds nothing"
	is "$(find "$data" -name '*.torn')" '' "$name: nothing is torn"
	is "$(find "$data" -name '*.jsonl.gz' -exec gzip -t {} ';' 2>&1)" '' "$name: every archive is whole"
	is "$(find "$data" -perm /077)" '' "$name: all of it is private (P7)"
	must "$msgextctl" -c "$config" compact test
	is "$(find "$data" -name '*.new')" '' "$name: what a killed one left is taken up by the next"
	held "$name" >"$scratch/after"
	ok "$name: and the state is the same" cmp "$scratch/held" "$scratch/after"
}
rewritten compact 'compact test' 'compact test --discard'
rewritten archive 'compact test --discard' 'archive test --before 1s' 'archive --all --before 2s --keep 1d'
ok 'messages were archived' test "$(find "$data" -name '*.jsonl.gz' | wc -l)" -gt 0
done_testing
