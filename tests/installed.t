#!/bin/sh
# A test that lacks a package is passed over by who works without it, and fails in CI and under setup.sh test.
. "$(dirname "$0")/lib.sh"

# All commands but some.
mkdir "$scratch/bin"
for directory in /bin /usr/bin; do
	cp -sn "$directory"/* "$scratch/bin/" 2>/dev/null
done
for command in strace chromium chromedriver; do
	rm -f "$scratch/bin/$command"
done
run() {
	env -u CI -u MSGEXT_INSTALLED PATH="$scratch/bin" "$@" >"$scratch/out" 2>/dev/null
	echo "$?,$(sed -n '$p' "$scratch/out")"
}
for test in uncontended:strace view-browser:chromedriver long-browser:chromedriver; do
	package=${test#*:}
	name=${test%:*}.t
	is "$(run sh "$top/tests/$name")" "0,1..0 # SKIP needs $package; setup.sh test installs it" "$name without $package"
	for variable in CI=true MSGEXT_INSTALLED=yes; do
		is "$(run "$variable" sh "$top/tests/$name"),$(grep -c '^not ok' "$scratch/out")" 1,1..1,1 "and with $variable"
	done
done
is "$(cd "$top/tests" && grep -l "echo .1\.\.0 # SKIP needs" ./*.t)" '' 'no test passes over a package by itself'
is "$(cd "$top/tests" && grep -l 'skip();' unit-*.c)" '' 'no unit test calls skip(), which prints "not ok" where root is missing'
done_testing
