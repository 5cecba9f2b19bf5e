#!/bin/sh
# P8: one in ten events is lost, and msgext-repair brings all back, whatever goes on meanwhile.  long-repair.t does
# so at length.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"
made tests

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
# A process that nobody may look into cannot look for its own leaks.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
seed_make
# whole DESCRIPTION EVENTS MESSAGES WITH...
whole() {
	description=$1
	shift
	rm -rf "$scratch/whole"
	mkdir "$scratch/whole"
	ok "$description (P8)" python3 "$top/tests/rest/whole.py" "$scratch/whole" "$seed" "$@"
}
whole '10,000 events of 50 messages, while writers go on' 10000 50
whole 'while it is killed, logs are compacted, and the vendor fails' 2000 20 kills compact weather
engine_make one
engine_start one
from="host=$scratch/one user=postgres dbname=postgres"
must "$top/build/msgext-ship" --init "$from"
mkdir "$scratch/nodes"
chmod 755 "$scratch/nodes"
ok 'one msgext-repair brings back what two nodes lack (P8)' \
	python3 "$top/tests/rest/nodes.py" "$scratch/nodes" "$seed" 600 10 "$from"
done_testing
