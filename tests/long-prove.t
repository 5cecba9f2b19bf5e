#!/bin/sh
# The functions that hostile bytes meet first do what their contracts say, for all inputs; and a proof that
# cannot fail proves nothing.
. "$(dirname "$0")/lib.sh"

for package in frama-c:frama-c-base why3:why3 z3:z3 cvc4:cvc4; do
	command -v "${package%:*}" >/dev/null || lacks "${package#*:}"
done
proved() {
	sh "$top/tests/prove.sh" "$@" >"$scratch/proofs" 2>&1
}
# broken FILE PERL: is a contract not proved any more in sources that are changed so?
broken() {
	rm -rf "$scratch/sources"
	mkdir -p "$scratch/sources/base"
	cp "$top"/*.[ch] "$scratch/sources"
	cp "$top"/base/*.[ch] "$scratch/sources/base"
	perl -0pi -e "$2" "$scratch/sources/$1"
	! cmp -s "$top/$1" "$scratch/sources/$1" && ! proved "$scratch/sources" "$1" &&
		! grep 'nothing is proved' "$scratch/proofs"
}
# vacuous FILE PERL: is a function noticed that has no contract, or is not there, in sources that are changed so?
vacuous() {
	broken "$@" && grep 'no promise of it is proved' "$scratch/proofs"
}

ok 'every goal is proved' proved
sed 's/^/# /' "$scratch/proofs"
# shellcheck disable=SC2016
{
	ok 'one byte read too many is noticed' broken base/text.c 's/length - i < 3/length - i < 2/'
	ok 'a function that promises nothing is noticed' vacuous names.c 's/  ensures  is_plain\(.result\);\n//'
	ok 'a surrogate is noticed' broken base/text.c 's/high = 0x9f/high = 0xbf/'
	ok 'a dot in a name is noticed' broken names.c "s/name\\[cut\\] = '~'/name[cut] = '.'/"
	ok 'a name of a byte too many is noticed' broken names.c 's/used \+ width > plain_max/used > plain_max/'
}
done_testing
