#!/bin/sh
# Random histories of logs: whatever was done to them, msgextctl answers as tests/truth.py says (P3, P4); the smallest that
# fails is printed, and else how often each kind of thing has happened.  MSGEXT_HISTORIES says how many;
# MSGEXT_TORTURE=1: 100,000, some of them shipped to an engine and asked there.
. "$(dirname "$0")/lib.sh"
made tests

histories=${MSGEXT_HISTORIES-1000}
engine=
if [ -n "${MSGEXT_TORTURE-}" ]; then
	histories=${MSGEXT_HISTORIES-100000}
	. "$(dirname "$0")/postgres.sh"
	engine_make one 'fsync = off'
	engine_start one
	engine="host=$scratch/one user=postgres dbname=postgres"
	must "$top/build/msgext-ship" --init "$engine"
	PATH=$top/build:$PATH
fi
seed_make
# In memory, where there is room for it: nothing of this is about disks.
memory=$(mktemp -d /dev/shm/msgext-test.XXXXXX 2>/dev/null) || memory=$scratch/histories
trap 'rm -rf "$memory"; cleanup' EXIT
# histories COUNT [CONNINFO]
histories() {
	PYTHONDONTWRITEBYTECODE=1 python3 "$top/tests/histories.py" "$top/build/tests/ctl-server" "$memory" "$seed" \
		"$1" "$top/dist/contrib/fold.jq" ${2:+"$2"}
}
# To make it small takes others that fail.
planted() (
	unset MSGEXT_FIRST_FAILURE
	histories 0 >"$scratch/planted"
)
ok 'a fault that is planted is found, and the smallest history that shows it is small' planted
is "$(bash "$scratch/planted" | tail -n 1)" '= 0' 'and is a script that shows it'
ok "$histories histories: every answer is that of the model (P3, P4)" histories "$histories" "$engine"
done_testing
