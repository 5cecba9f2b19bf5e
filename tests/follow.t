#!/bin/sh
# msgextctl log -f: every event once, through whatever becomes of the files.
. "$(dirname "$0")/lib.sh"

config_make
seq=0

# follow NAME ARGUMENT...: starts a follower that writes to $scratch/NAME.
follow() {
	followed=$scratch/$1
	shift
	"$msgextctl" -c "$config" log "$@" >"$followed" 2>"$followed.stderr" &
	follower=$!
	pids="$pids $follower"
}
# add GROUP: the next event.
add() {
	seq=$((seq + 1))
	event "$1" 1 1 "$seq" "{\"Key\":\"k\",\"Value\":\"$seq\"}"
}
has_count() {
	[ "$(wc -l <"$followed")" -ge "$1" ]
}
# printed COUNT DESCRIPTION: so many lines come, and are the events 1, 2, 3...
printed() {
	wait_for has_count "$1"
	is "$(sed 's/.*version \([0-9]*\) .*/\1/' "$followed" | sort -n | tr '\n' ' ')" \
		"$(seq -s ' ' 1 "$1") " "$2"
}
stop_follower() {
	kill "$follower"
	wait_gone "$follower"
	pids=${pids% *}
}

follow one -f test
add test
printed 1 'a log that appears'
add test
add other
seq=2
printed 2 'an event that comes, and no other group'
mv "$data/test.jsonl" "$data/test.jsonl.1"
add test
printed 3 'rotation by renaming'
add test
must "$msgextctl" -c "$config" compact test
add test
add test
printed 6 'compaction: what is new, and nothing twice'
must "$msgextctl" -c "$config" compact --discard test
add test
printed 7 'a second compaction: what is new, and nothing twice'
seq=$((seq + 1))
event test 77 1 $seq '{"Key":"old","Value":"v"}'
printed 8 'an event of another message'
sleep 0.05
add test
must "$msgextctl" -c "$config" archive test --before "$(tail -n 1 "$data/test.jsonl" | jq -r .time)"
is "$(grep -c '"MsgSeq":77' "$data/test.jsonl")" 0 'the other message is archived'
add test
printed 10 'what is archived is not printed twice'
must "$msgextctl" -c "$config" archive test --before 0s
add test
printed 11 'archiving all there is'
printf '{"torn' >>"$data/test.jsonl"
add test
printed 12 'a torn tail that was cut off'
: >"$data/test.jsonl"
wait_for test ! -s "$data/test.jsonl"
add test
printed 13 'a log that was emptied'
rm "$data/test.jsonl"
add test
printed 14 'a log that was removed'
kill -0 "$follower"
is $? 0 'the follower goes on'
stop_follower

# A line that is written to the renamed file after all, by a writer that had the lock.
rm -f "$data"/*
seq=0
add test
follow late -f test
printed 1 'log -f prints the log as it is'
# shellcheck disable=SC2016
perl "$top/tests/locked.pl" "$data/test.jsonl" 'my $line = <$log>;
	rename $path, "$path.1" or die;
	select undef, undef, undef, 0.3;
	$line =~ s/"Seq":1/"Seq":2/g;
	seek $log, 0, 2;
	syswrite $log, $line'
seq=2
add test
printed 3 'a line written to the old file after its renaming'
# refused DONE LINES: two lines come by one write, of versions 1 and 2 of another message, and are taken back when the
# follower has printed them and sleeps, as where their sync failed; then come LINES, as perl makes them of a line of that message.
refused() {
	# shellcheck disable=SC2016
	perl "$top/tests/locked.pl" "$data/test.jsonl" 'my ($line, $size) = ("", 0);
		sub number { my ($seq) = @_; (my $other = $line) =~ s/"MsgSeq":\d+(.*)"Seq":\d+}(.*)"Seq":\d+,/"MsgSeq":7$1"Seq":$seq}$2"Seq":$seq,/ or die; $other }
		while (<$log>) { $size += length; $line = $_ }
		seek $log, 0, 2;
		syswrite $log, number(1) . number(2);
		for (1 .. 1000) {
			open my $printed, "<", "'"$followed"'" or die;
			last if grep(/ message 7 /, <$printed>) >= '"$1"';
			select undef, undef, undef, 0.03;
		}
		kill STOP => '"$follower"';
		select undef, undef, undef, 0.03 until `cat /proc/'"$follower"'/status` =~ /^State:.T/m;
		truncate $log, $size or die;
		seek $log, 0, 2;
		syswrite $log, join "", '"$2"
	kill -CONT "$follower"
}
# of_7: the versions of message 7 that were printed.  What nobody could know to be there for good is printed again.
of_7() {
	sed -n 's/.* message 7 .*version \([0-9]*\) .*/\1/p' "$followed" | sort -u | tr '\n' ' '
}
has_7() {
	grep -q " message 7 .*version $1 " "$followed"
}
# They have the same length, and stand where the others did.
refused 2 'number(3), number(4)'
wait_for has_7 4
is "$(of_7)" '1 2 3 4 ' 'two lines that are taken back, and two in their place'
refused 6 'number(5)'
wait_for has_7 5
is "$(of_7)" '1 2 3 4 5 ' 'two lines that are taken back, and one in their place'
stop_follower

# A follower that sleeps through what happens.
rm -f "$data"/*
seq=0
add test
add test
follow asleep -f --csv test
wait_for has_count 3
kill -STOP "$follower"
wait_for grep -q '^State:.T' "/proc/$follower/status"
must "$msgextctl" -c "$config" compact --discard test
add test
must "$msgextctl" -c "$config" compact --discard test
add test
kill -CONT "$follower"
wait_for has_count 5
is "$(tr -d '\r' <"$followed" | sed 1d | cut -d, -f4- | tr '\n' ' ')" \
	'1,set,k,1 2,set,k,2 3,compact,k,3 4,set,k,4 ' 'two compactions: the snapshots tell what was missed'
stop_follower
rm -f "$data"/*
seq=0
add test
printf '\0\0\0\0\0\0\0\0\n' >>"$data/test.jsonl"
follow mended -f test
printed 1 'a log whose last line is garbage'
kill -STOP "$follower"
wait_for grep -q '^State:.T' "/proc/$follower/status"
add test
add test
kill -CONT "$follower"
printed 3 'a log that was mended while the follower slept'
stop_follower

# All groups.
rm -f "$data"/*
seq=0
add a
add b
follow all --all -f
printed 2 'log --all -f: all logs that there are'
add c
add a
must "$msgextctl" -c "$config" compact a
add a
add b
printed 6 'log --all -f: all logs that appear or change'
stop_follower
follow json --all -f --json
wait_for has_count 5
ln -s nowhere "$data/link.jsonl"
add b
wait_for has_count 6
is "$(jq -r '"\(.GroupId) \(.Seq // .LatestSeq)"' "$followed" | sort | tr '\n' ' ')" \
	'a 4 a 5 b 2 b 6 b 7 c 3 ' 'log --all -f --json prints the events whatever one log is'
mv "$data" "$data.away"
wait_gone "$follower"
ok 'a directory that goes away ends it' grep -q 'data-dir: .* has gone' "$followed.stderr"
done_testing
