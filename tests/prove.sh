#!/bin/sh
# prove.sh [DIRECTORY [FILE]] - holds the contracts in the sources (the comments that begin with an at sign) against the code,
# with Frama-C: that of each function, that it reads and writes nothing else, that no integer overflows
# and no index is out of bounds, and that each loop ends.  Fails where one goal is not proved, or a function has none.
# DIRECTORY: other sources than these; FILE: of these, only that one.
set -u
only=${2-}
cd "${1-$(dirname "$0")/..}" || exit 1
here=$(dirname "$0")
case $here in
/*) ;;
*) here=$OLDPWD/$here ;;
esac
# Why3 writes down which provers there are, below the home of whoever runs it.
HOME=$(mktemp -d "${TMPDIR:-/tmp}/msgext-prove.XXXXXX")
export HOME
trap 'rm -rf "$HOME"' EXIT
trap 'exit 1' HUP INT TERM
why3 config detect >"$HOME/provers" 2>&1 || {
	cat "$HOME/provers"
	exit 1
}
unproved=0

# prove FILE FUNCTION...  Steps end what cannot be proved, not time: they are the same on a slow machine.
prove() {
	file=$1
	shift
	[ "${only:-$file}" = "$file" ] || return 0
	functions=$(echo "$*" | tr ' ' ,)
	frama-c -c11 -cpp-extra-args="-I. -I$here/prove -D_GNU_SOURCE" -wp -wp-rte -wp-model Typed+cast \
		-wp-prover cvc4,z3 -wp-par 2 -wp-steps 1000000 -wp-timeout 600 -wp-fct "$functions" "$file" \
		>"$HOME/out" 2>&1
	proved=$(sed -n 's/^\[wp\] Proved goals: *//p' "$HOME/out")
	echo "$file: $functions: ${proved:-nothing is proved}"
	if [ -z "$proved" ] || [ "${proved% / *}" -ne "${proved#* / }" ]; then
		grep -v ' : Valid' "$HOME/out"
		unproved=$((unproved + 1))
	fi
	# A function that is not there, or promises nothing, has nothing that could fail.
	for function in "$@"; do
		grep -q "^\[wp\] .*_${function}_ensures.* : Valid" "$HOME/out" && continue
		echo "$file: $function: no promise of it is proved"
		unproved=$((unproved + 1))
	done
}

prove base/text.c utf8_length integer_parse hex_digit hex_decode percent_decode hex_small json_quote
prove names.c name_byte_is_plain hex_large name_spell
[ "$unproved" -eq 0 ]
