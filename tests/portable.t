#!/bin/sh
# Other compilers, C libraries, sizes of words, and kernels with less: each kind builds, without
# a warning, and passes its tests.
. "$(dirname "$0")/lib.sh"

for kind in clang m32 musl posix; do
	passed=no
	sh "$top/tests/portable.sh" $kind >"$scratch/log" 2>&1 && passed=yes
	[ $passed = yes ] || tail -n 40 "$scratch/log" | sed 's/^/# /' >&2
	is $passed yes "$kind"
	is "$(grep -c 'warning:' "$scratch/log")" 0 "$kind: without a warning"
done
done_testing
