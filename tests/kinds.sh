#!/bin/sh
# kinds.sh - included by the tests that build another kind of msgext with portable.sh.

# kind NAME: it builds, without a warning, and passes its tests.
kind() {
	passed=no
	sh "$top/tests/portable.sh" "$1" >"$scratch/log" 2>&1 && passed=yes
	[ $passed = yes ] || tail -n 40 "$scratch/log" | sed 's/^/# /' >&2
	is $passed yes "$1"
	is "$(grep -c 'warning:' "$scratch/log")" 0 "$1: without a warning"
}
