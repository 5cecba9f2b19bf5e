#!/bin/sh
# What setup.sh says before it installs anything.
. "$(dirname "$0")/lib.sh"

is "$(sh "$top/setup.sh" 2>&1; echo "$?")" 'usage: sh setup.sh run | test | bench | coverage
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

# All that it installs goes together, on a machine that has none of it yet.  The compiler for 32 bits is
# added by its version.
installable() {
	sed '/^# Installs those/,$d; /^cd /d' "$top/setup.sh" >"$scratch/packages"
	# shellcheck disable=SC2016
	sed -n 's/^\t\(packages_test="$packages_test .*\)/\1/p' "$top/setup.sh" >>"$scratch/packages"
	# shellcheck disable=SC2016
	sh -c '. "$1" && apt-get -s -o Dir::State::status=/dev/null install --no-install-recommends \
		$packages_build $packages_run $packages_test' sh "$scratch/packages" >"$scratch/apt" 2>&1 && return
	tail -n 8 "$scratch/apt"
	return 1
}
if apt-cache show lintian >/dev/null 2>&1; then
	ok 'what it installs goes together' installable
else
	ok 'what it installs goes together # SKIP apt has no lists' true
fi
done_testing
