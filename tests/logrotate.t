#!/bin/sh
# The stanza for logrotate loses nothing (P1) and tears nothing (P2), however often it
# runs beside writers.
. "$(dirname "$0")/lib.sh"
made tests

hammer=$top/build/tests/hammer
mkdir -m 700 "$data"
# Numbers in place of dates: here several rotations come in one second.
sed -e "s|/var/lib/msgext|$data|" -e "s/su .*/su $(id -un) $(id -gn)/" -e /dateext/d "$top/dist/contrib/msgext.logrotate" \
	>"$scratch/logrotate.conf"
chmod 600 "$scratch/logrotate.conf"
is "$(logrotate -d "$scratch/logrotate.conf" 2>&1 | grep -i error)" '' 'logrotate understands it'

"$hammer" "$data" test 8 40000 >"$scratch/answers" 2>"$scratch/stderr" &
writers=$!
pids=$writers
rotations=0
: >"$scratch/log"
until process_gone "$writers"; do
	logrotate -f -s "$scratch/state" "$scratch/logrotate.conf" 2>>"$scratch/log"
	rotations=$((rotations + 1))
	sleep 0.1
done
wait "$writers"
echo "# $rotations rotations, $(tail -n 1 "$scratch/answers")"
is "$(cat "$scratch/log")" '' 'logrotate says nothing'
is "$(cat "$scratch/stderr")" '' 'no append failed'
ok 'logs were renamed and compressed' test "$(find "$data" -name 'test.jsonl.*.gz' | wc -l)" -gt 2
sed -n 's/^OK //p' "$scratch/answers" | sort >"$scratch/expected"
zcat -f "$data"/test.jsonl* | sed -n 's/^{"n":\([0-9]*\)}$/\1/p' | sort >"$scratch/got"
is "$(wc -l <"$scratch/expected")" 320000 '320,000 lines were acknowledged'
ok 'each acknowledged line stands exactly once' cmp "$scratch/expected" "$scratch/got"
is "$(find "$data" -name '*.torn')" '' 'rotation tears nothing'
is "$(find "$data" -perm /077)" '' 'all rotated logs are private (P7)'
ok 'what was rotated is no group' test "$("$msgextctl" -d "$data" groups 2>/dev/null | wc -l)" -le 2

# A backup that is made while they write: each log in it is the beginning of the log, but for
# a last line that may be unfinished; the next one brings the rest.
rm -f "$data"/*
"$hammer" "$data" test 8 40000 nosync ten >"$scratch/answers" 2>"$scratch/stderr" &
writers=$!
pids=$writers
copies=0
until process_gone "$writers"; do
	copies=$((copies + 1))
	rsync -a "$data/" "$scratch/copy.$copies"
	[ "$copies" -lt 20 ] || wait_gone "$writers"
done
wait "$writers"
wrong=
for copy in "$scratch"/copy.*; do
	for log in "$copy"/*.jsonl; do
		cmp -s -n "$(stat -c %s "$log")" "$log" "$data/${log##*/}" || wrong="$wrong $log"
	done
done
ok "$copies copies were made" test "$copies" -gt 1
is "$wrong" '' 'each copy is the beginning of the logs'
rsync -a "$data/" "$scratch/copy.1"
is "$(diff -r "$data" "$scratch/copy.1")" '' 'the next copy brings the rest'
done_testing
