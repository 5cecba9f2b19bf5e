#!/bin/sh
# A FastCGI worker in whose request each system call fails in turn, and which
# is killed before each: what is answered OK is stored (P1), what is stored is
# whole (P2), no descriptor is left open, and the next request works.
. "$(dirname "$0")/lib.sh"

for scenario in new there torn; do
	mkdir "$scratch/$scenario"
	perl "$top/tests/faults.pl" "$scratch/$scenario" "$msgext" fastcgi "$scenario" >"$scratch/out" 2>&1
	is "$?,$(sed '$d' "$scratch/out")" 0, "$scenario: $(tail -n 1 "$scratch/out")"
	ok "$scenario: that is every call" test "$(sed -n '$s/ faults.*//p' "$scratch/out")" -gt 150
done
done_testing
