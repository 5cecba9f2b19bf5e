#!/bin/sh
# Eight writers of one log, whose requests are killed at any moment: each event
# that was answered OK stands (P1), and no line but the last is torn (P2).
#
# MSGEXT_TORTURE=1: 10,000 kills.
. "$(dirname "$0")/lib.sh"

kills=1600
[ -z "${MSGEXT_TORTURE-}" ] || kills=10000
seed_make
mkdir "$scratch/work"
MSGEXT_SEED=$seed perl "$top/tests/faults.pl" "$scratch/work" "$msgext" kills "$kills" >"$scratch/out" 2>&1
is "$?,$(sed '$d' "$scratch/out")" 0, "$(tail -n 1 "$scratch/out")"
ok 'as many requests were killed as was asked for' grep -q "^$kills kills" "$scratch/out"
ok 'some events of the killed writers were answered OK' grep -q ' [1-9][0-9][0-9]* answered OK' "$scratch/out"
done_testing
