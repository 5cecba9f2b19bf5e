#!/bin/sh
# msgext-repair at length: many calls and allocations fail, answers come slowly or never, what is repaired is
# shipped, and one repairs the logs of two nodes (P8).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"
made tests

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
seed_make
# trial DESCRIPTION PROGRAM ARGUMENT...
trial() {
	description=$1
	program=$2
	shift 2
	rm -rf "$scratch/trial"
	mkdir "$scratch/trial"
	chmod 755 "$scratch/trial"
	ok "$description" python3 "$top/tests/rest/$program.py" "$scratch/trial" "$seed" "$@"
}
round=0
while [ $round -lt "${MSGEXT_ROUNDS-10}" ]; do
	round=$((round + 1))
	trial "round $round, seed $seed: what is lost is brought back (P8)" whole 10000 50 sync weather
	trial "round $round, seed $seed: killed and compacted meanwhile (P8)" whole 3000 30 kills compact weather
	seed=$((seed + 1))
done
trial 'allocations and system calls fail' faults "${MSGEXT_FAULTS-200}"
rm -rf "$scratch/trial"
mkdir "$scratch/trial"
chmod 755 "$scratch/trial"
ok 'answers that come slowly or never' python3 "$top/tests/rest/slow.py" "$scratch/trial"
engine_make one
engine_start one
for round in 1 2 3 4; do
	must sql one "create database round$round"
	from="host=$scratch/one user=postgres dbname=round$round"
	must "$top/build/msgext-ship" --init "$from"
	[ $round = 4 ] || trial "two nodes, round $round, seed $seed (P8)" nodes 2000 20 "$from"
	seed=$((seed + 1))
done
trial 'what is repaired is shipped meanwhile (P8)' whole 5000 30 compact "ship=$from"
done_testing
