#!/bin/sh
# Many writers on one log: while it is renamed and compressed again and again
# no line is lost (P1), and each append is over in time even where the lock is
# held up (P6).
. "$(dirname "$0")/lib.sh"
made tests

hammer=$top/build/tests/hammer
mkdir -m 700 "$data"

# stored: the numbers of all lines, rotated ones too, sorted.
stored() {
	for file in "$data"/*; do
		case $file in
		*.gz) zcat "$file" ;;
		*) cat "$file" ;;
		esac
	done | sed -n 's/^{"n":\([0-9]*\)}$/\1/p' | sort
}
# acknowledged FILE: the numbers that were answered OK.
acknowledged() {
	sed -n 's/^OK //p' "$1" | sort
}

# Rotation as logrotate does it with nocreate and delaycompress.
"$hammer" "$data" test 8 40000 >"$scratch/answers" 2>"$scratch/stderr" &
writers=$!
perl -e '
	my ($data, $pid, $locked) = @ARGV;
	my $k = 0;
	while (kill 0, $pid and `cat /proc/$pid/stat` !~ /\) Z/) {
		select undef, undef, undef, 0.02;
		rename "$data/test.jsonl", "$data/test.jsonl." . ($k + 1) or next;
		$k++;
		next if $k == 1;
		# A writer that had the lock when the name went has written when it is free.
		system "perl", $locked, "$data/test.jsonl." . ($k - 1), 1;
		system "gzip", "$data/test.jsonl." . ($k - 1);
	}
	print "$k\n"' "$data" "$writers" "$top/tests/locked.pl" >"$scratch/rotations"
wait "$writers"
echo "# $(cat "$scratch/rotations") rotations, $(tail -n 1 "$scratch/answers")"
ok 'the log was rotated' test "$(cat "$scratch/rotations")" -gt 10
is "$(cat "$scratch/stderr")" '' 'no append failed'
acknowledged "$scratch/answers" >"$scratch/expected"
is "$(wc -l <"$scratch/expected")" 320000 '320,000 lines were acknowledged'
stored >"$scratch/got"
ok 'each acknowledged line stands exactly once' cmp "$scratch/expected" "$scratch/got"
is "$(find "$data" -name '*.torn')" '' 'rotation tears no line'

# 200 writers on one file, with syncs.
rm -f "$data"/*
"$hammer" "$data" test 200 5 sync >"$scratch/answers" 2>"$scratch/stderr"
echo "# 200 writers: $(tail -n 1 "$scratch/answers")"
is "$(grep -v '^lock-timeout: ' "$scratch/stderr")" '' '200 writers: nothing fails but, on a slow machine, the lock in time'
ok '200 writers: most have the lock in time' test "$(grep -c ^OK "$scratch/answers")" -ge 900
acknowledged "$scratch/answers" >"$scratch/expected"
stored >"$scratch/got"
ok '200 writers: each acknowledged line stands' cmp "$scratch/expected" "$scratch/got"

# A holder that is stopped in the middle: the others give up in time, and go on behind it.
perl "$top/tests/locked.pl" "$data/test.jsonl" "ready('$scratch/locked'); kill 'STOP', \$\$" &
holder=$!
pids="$pids $holder"
wait_for test -e "$scratch/locked"
wait_for grep -q '^State:.T' "/proc/$holder/status"
"$hammer" "$data" test 20 1 >"$scratch/answers" 2>"$scratch/stderr"
is "$(sort -u "$scratch/stderr")" 'lock-timeout: test.jsonl: the lock was not free in time (another program holds it, or the disk is slow)' \
	'a stopped holder: the lock is given up'
is "$(wc -l <"$scratch/stderr")" 20 'a stopped holder: all writers give the lock up'
ok 'a stopped holder: the lock is given up in 2 s' test "$(sed -n 's/.* max \([0-9]*\)\..*/\1/p' "$scratch/answers")" -lt 2000
kill -CONT "$holder"
wait "$holder"
"$hammer" "$data" test 20 1 >"$scratch/answers" 2>"$scratch/stderr"
is "$(grep -c ^OK "$scratch/answers")" 20 'a stopped holder that goes on: all writers have the lock'
done_testing
