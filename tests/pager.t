#!/bin/sh
# Nobody keeps a writer waiting who waits for a pager: nothing is printed while a log is locked.
. "$(dirname "$0")/lib.sh"

data=$scratch/data
mkdir -m 700 "$data"
log=$data/test.jsonl

# log_make LINES: so many that verify complains of, and a torn one.
log_make() {
	{ yes x | head -n "$1" && printf '{"time"'; } >"$log"
	chmod 600 "$log"
}

# What is printed goes out a block at a time: somewhere in these one ends in the last finding.
log_make 300
block=4096
bytes=$("$msgextctl" -d "$data" verify 2>/dev/null | head -n 300 | wc -c)
lines=$((block * 2 * 300 / bytes))
from=$((lines - 4))
# A pager that stands still before all that, and then one at each of these.
log_make 3000
is "$(perl "$top/tests/pager.pl" "$log" "$msgextctl" -d "$data" verify)" free 'verify waits for a pager without a lock'
held=0
waited=0
while [ "$from" -le $((lines + 4)) ]; do
	log_make "$from"
	case $(perl "$top/tests/pager.pl" "$log" "$msgextctl" -d "$data" verify) in
	held) held=$((held + 1)) ;;
	free) waited=$((waited + 1)) ;;
	esac
	from=$((from + 1))
done
ok 'msgextctl waits for the pager at its last words' test "$waited" -gt 0
is "$held" 0 'nothing is held wherever the pager ends'
done_testing
