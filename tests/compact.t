#!/bin/sh
# Eight writers, and a compaction that is killed again and again: no event that
# was acknowledged is lost (P1), and no line is torn (P2).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

seconds=${MSGEXT_TEST_SECONDS-30}
writers=8
config_make
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

writer_pids=
for writer in $(seq 0 $((writers - 1))); do
	write_events "$writer" >"$scratch/answers.$writer" &
	writer_pids="$writer_pids $!"
done

# Compactions, three in four of which are killed at a random moment.
perl -e '
	my ($seconds, @command) = @ARGV;
	my $end = time + $seconds;
	my ($done, $killed) = (0, 0);
	while (time < $end) {
		my @options = rand() < 0.5 ? ("--discard") : ();
		my $start = fork // die;
		if ($start == 0) {
			open STDERR, ">", "/dev/null";
			exec @command, @options;
		}
		if (rand() < 0.75) {
			select undef, undef, undef, rand(0.3);
			kill "KILL", $start;
		}
		waitpid $start, 0;
		$? == 0 ? $done++ : $killed++;
	}
	print "$done $killed\n"' "$seconds" "$msgextctl" -c "$config" compact test >"$scratch/compactions"
: >"$scratch/stop"
# shellcheck disable=SC2086
wait $writer_pids
read -r finished killed <"$scratch/compactions"
cat "$scratch"/answers.* >"$scratch/answers"
echo "# $(wc -l <"$scratch/answers") events, $finished compactions, $killed killed"

is "$(grep -cv ' 200$' "$scratch/answers")" 0 'every event is answered OK'
ok 'compactions were finished' test "$finished" -gt 0
ok 'and killed' test "$killed" -gt 0
sed 's/ 200$//' "$scratch/answers" | sort >"$scratch/acknowledged"
"$msgextctl" -c "$config" show test --json | jq -r '.MsgSeq as $message |
	.ExtensionList[] | "\($message) \(.Key) \(.Value) \(.Seq)"' | sort >"$scratch/held"
is "$(comm -23 "$scratch/acknowledged" "$scratch/held" | wc -l)" 0 'no acknowledged event is lost'
is "$(comm -13 "$scratch/acknowledged" "$scratch/held" | wc -l)" 0 'and none appeared'
"$msgextctl" -c "$config" verify 2>/dev/null >"$scratch/out"
is "$?,$(cat "$scratch/out")" 0, 'verify finds nothing'
is "$(find "$data" -name '*.torn')" '' 'nothing is torn'
is "$(find "$data" -name '*.jsonl.gz' -exec gzip -t {} ';' 2>&1)" '' 'every archive is whole'
is "$(find "$data" -perm /077)" '' 'all of it is private (P7)'
"$msgextctl" -c "$config" compact test 2>/dev/null
is "$(find "$data" -name '*.new')" '' 'what a killed one left is taken up by the next'
"$msgextctl" -c "$config" show test --json | jq -r '.MsgSeq as $message |
	.ExtensionList[] | "\($message) \(.Key) \(.Value) \(.Seq)"' | sort >"$scratch/after"
ok 'and the state is the same' cmp "$scratch/held" "$scratch/after"
done_testing
