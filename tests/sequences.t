#!/bin/sh
# Every short sequence of what is done to a data directory, with a kill at every step: what was acknowledged stands,
# whole and once, and readers say what the lines say (P1-P4, P7).  So many as MSGEXT_TEST_SECONDS let; MSGEXT_TORTURE=1: all.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/older.sh"
made tests

PYTHONDONTWRITEBYTECODE=1
# A process that nobody may look into cannot look for its own leaks.
ASAN_OPTIONS=detect_leaks=0
export PYTHONDONTWRITEBYTECODE ASAN_OPTIONS
seconds=${MSGEXT_TEST_SECONDS-30}
[ -z "${MSGEXT_TORTURE-}" ] || seconds=0
seed_make
memory=$(mktemp -d /dev/shm/msgext-test.XXXXXX 2>/dev/null) || memory=$(mktemp -d "$scratch/memory.XXXXXX")
trap 'rm -rf "$memory"; cleanup' EXIT
chmod 755 "$memory"
older_for_all || older=
engine=
if [ -x "$top/build/msgext-ship" ] && engine_make one 'fsync = off' && engine_start one; then
	engine="host=$scratch/one user=postgres dbname=postgres"
	must "$top/build/msgext-ship" --init "$engine"
fi
ok 'after each sequence, with each kill, all promises hold (P1, P2, P3, P4, P7)' \
	python3 "$top/tests/sequences.py" "$memory" "$seed" "$seconds" "$older" "$engine"
done_testing
