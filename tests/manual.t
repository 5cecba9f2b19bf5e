#!/bin/sh
# The manuals are sound, and tell what the sources hold.
. "$(dirname "$0")/lib.sh"

is "$(mandoc -T lint "$top"/man/* 2>&1 | grep -v 'manual not found\|outdated mandoc.db')" '' \
	'mandoc finds nothing'
# What a diagnostic begins with; "none" is none.
sed -n 's/^\t\[FAULT_[A-Z_]*\] = "\(.*\)",$/\1/p' "$top/fault.c" | grep -vx none | sort >"$scratch/source"
sed -n '/^.Sh DIAGNOSTICS/,/^.Sh SEE/s/^.It Li //p' "$top/man/msgext.8" | sed 's/ , /\n/g' |
	sort >"$scratch/manual"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'msgext(8) explains each diagnostic'
ok 'of which there are some' test "$(wc -l <"$scratch/source")" -gt 30
is "$(grep -c '^.It P[1-7]$' "$top/man/msgext.8"),$(grep -c '^- \*\*P[1-7] ' "$top/README.md")" 7,7 \
	'README and manual number the same promises'
done_testing
