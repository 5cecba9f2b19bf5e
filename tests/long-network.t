#!/bin/sh
# Two machines of a network file system, each of which remembers for a while which file a name led to
# (remembering.c): writers on both and a follower, while the log is compacted on either, and that is
# killed too.  No event that was answered OK is lost (P1), no line is torn (P2).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/disks.sh"

seconds=${MSGEXT_TEST_SECONDS-20}
if [ -n "$missing" ]; then
	ok "a network file system # SKIP $missing" true
	done_testing
fi
umount "$disks"
config_make
seed_make
for machine in 1 2; do
	mkdir "$scratch/disks/$machine"
	"$top/build/tests/remembering" "$data" 0.3 "$disks/$machine" &
	pids="$pids $!"
	sed "s|^data_dir.*|data_dir = $disks/$machine|" "$config" >"$scratch/conf.$machine"
	chmod 600 "$scratch/conf.$machine"
done
wait_for mountpoint -q "$disks/1"
wait_for mountpoint -q "$disks/2"

# write_events WRITER: on one of the machines; what was answered OK to standard output.
write_events() {
	number=0
	while ! test -e "$scratch/stop"; do
		number=$((number + 1))
		seq=$((number * 8 + $1))
		message=$((seq / 200))
		printf '{"CallbackCommand":"%s","GroupId":"test","MsgSeq":%s,"OperateType":1,"ExtensionList":[{"Key":"k%s","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1}' \
			"$command" "$message" "$seq" "$seq" "$seq" |
			env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
				MSGEXT_CONFIG="$scratch/conf.$(($1 % 2 + 1))" "$msgext" 2>>"$scratch/errors" |
			grep -q '"OK"' && echo "$message k$seq v $seq"
	done
}

"$msgextctl" -c "$scratch/conf.1" log test -f >"$scratch/followed" 2>"$scratch/follower" &
follower=$!
pids="$pids $follower"
writers=
for writer in 1 2 3 4; do
	write_events $writer >"$scratch/answers.$writer" &
	writers="$writers $!"
done
end=$(($(date +%s) + seconds))
finished=0
rounds=0
while [ "$(date +%s)" -lt "$end" ]; do
	rounds=$((rounds + 1))
	"$msgextctl" -c "$scratch/conf.$((rounds % 2 + 1))" compact test 2>>"$scratch/compactions" &
	compaction=$!
	# Every third is killed, after more and more of its work.
	if [ $((rounds % 3)) -eq 0 ]; then
		perl -e 'srand shift; select undef, undef, undef, rand 0.1' "$((seed + rounds))"
		kill -9 "$compaction" 2>/dev/null
	fi
	wait "$compaction" 2>/dev/null && finished=$((finished + 1))
	perl -e 'srand shift; select undef, undef, undef, rand 0.2' "$((seed - rounds))"
done
: >"$scratch/stop"
# shellcheck disable=SC2086
wait $writers
sort "$scratch"/answers.* >"$scratch/acknowledged"
echo "# $(wc -l <"$scratch/acknowledged") events, $finished of $rounds compactions finished," \
	"$(grep -c . "$scratch/errors") events refused"
ok 'some compactions were finished' test "$finished" -gt 5
ok 'most events are answered OK' test "$(wc -l <"$scratch/acknowledged")" -gt "$(grep -c . "$scratch/errors")"
event test 1 1 1 '{"Key":"last","Value":"v"}'
"$msgextctl" -d "$data" show test --json | jq -r '.MsgSeq as $message |
	.ExtensionList[] | "\($message) \(.Key) \(.Value) \(.Seq)"' | sort >"$scratch/held"
is "$(comm -23 "$scratch/acknowledged" "$scratch/held" | wc -l)" 0 'no acknowledged event is lost'
# It looks once a second, and prints snapshots where it was too late for the lines.
followed_all() {
	grep -o ' k[0-9]*=v' "$scratch/followed" | sort -u >"$scratch/printed"
	sed 's/^[0-9]* \(k[0-9]*\) .*/ \1=v/' "$scratch/acknowledged" | sort -u | comm -23 - "$scratch/printed" >"$scratch/unprinted"
	! test -s "$scratch/unprinted"
}
ok 'a follower misses none' wait_for followed_all
kill "$follower"
"$msgextctl" -c "$config" verify 2>/dev/null >"$scratch/out"
is "$?,$(cat "$scratch/out")" 0, 'verify finds nothing'
is "$(find "$data" -name '*.torn')" '' 'nothing is torn'
must "$msgextctl" -c "$config" compact test
is "$(find "$data" -name '*.new')" '' 'what was killed leaves nothing'
done_testing
