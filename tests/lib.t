#!/bin/sh
# What a test ends at its end: the processes it started, and no other that now has the number of one of them.
. "$(dirname "$0")/lib.sh"

sleep 60 &
other=$!
pids=$other
cat >"$scratch/test" <<'END'
. "$(dirname "$0")/lib.sh"
sleep 60 &
child=$!
GIVEN=$scratch setsid -f sh -c 'echo $$ >"$GIVEN/pid"; exec sleep 60'
wait_for test -s "$scratch/pid"
pids="$1 $child $(cat "$scratch/pid")"
echo "$pids"
END
# Its name says where lib.sh is.
started=$(sh -c "$(cat "$scratch/test")" "$0" "$other")
ok 'a process of another has the number: it stays' kill -0 "$other"
gone=0
for pid in ${started#* }; do
	! process_gone "$pid" || gone=$((gone + 1))
done
is "$gone" 2 'a child and a daemon of the test are ended'

# What a command says: the plan stands on a line of its own behind it, though it is cut, or was never ended.
cat >"$scratch/test" <<'END'
. "$(dirname "$0")/lib.sh"
ok 'it says much' seq 10001 11000
ok 'it ends no line' printf x
done_testing
END
is "$(sh -c "$(cat "$scratch/test")" "$0" | tail -n 3)" "ok 2 - it ends no line
# x
1..2" 'what a command says ends in a line of its own'
is "$(sh -c "$(cat "$scratch/test")" "$0" | grep -c '^ok 2')" 1 'though it is cut'
done_testing
