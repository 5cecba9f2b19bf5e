#!/bin/sh
# Random histories at length (P4): those of histories.t through the programs, those of unit-compact.c by the thousand.
. "$(dirname "$0")/lib.sh"

seed_make
export MSGEXT_HISTORIES=10000 MSGEXT_SEED="$seed"
# passes TEST: whose own lines are none of ours.
passes() {
	"$1" >"$scratch/nested" 2>&1 && ! grep -q '^not ok' "$scratch/nested" && return
	sed 's/^/# /' "$scratch/nested" >&2
	false
}
ok 'through the programs' passes "$top/tests/histories.t"
MSGEXT_HISTORIES=100000
ok 'and without them' passes "$top/build/tests/unit-compact"
done_testing
