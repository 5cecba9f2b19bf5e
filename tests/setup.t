#!/bin/sh
# What setup.sh says before it installs anything.
. "$(dirname "$0")/lib.sh"

is "$(sh "$top/setup.sh" 2>&1; echo "$?")" 'usage: sh setup.sh run | test
64' 'it says what it can do'
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 700 "$scratch/closed"
	mkdir "$scratch/closed/sources"
	cp "$top/setup.sh" "$scratch/closed/sources"
	is "$(sh "$scratch/closed/sources/setup.sh" test 2>&1; echo "$?")" \
		"setup.sh: others than root cannot read $scratch/closed/sources: the web servers of the tests are others. Put the sources elsewhere, such as in /srv.
1" 'the servers of the tests could not read the sources'
else
	ok 'sources that others cannot read # SKIP this takes root' true
fi
done_testing
