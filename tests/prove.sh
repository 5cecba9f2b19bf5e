#!/bin/sh
# prove.sh [DIRECTORY] - holds the contracts in the sources (the comments that begin with an at sign) against the code,
# with Frama-C: that of each function, that it reads and writes nothing else, that no integer overflows
# and no index is out of bounds, and that each loop ends.  Fails where one goal is not proved.  DIRECTORY:
# other sources than these.
set -u
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

# prove FILE FUNCTION...
prove() {
	file=$1
	shift
	functions=$(echo "$*" | tr ' ' ,)
	frama-c -c11 -cpp-extra-args="-I. -I$here/prove -D_GNU_SOURCE" -wp -wp-rte -wp-model Typed+cast \
		-wp-prover cvc4,z3 -wp-par 2 -wp-timeout 30 -wp-fct "$functions" "$file" >"$HOME/out" 2>&1
	proved=$(sed -n 's/^\[wp\] Proved goals: *//p' "$HOME/out")
	echo "$file: $functions: ${proved:-nothing is proved}"
	# All goals, and at least one for each function.
	if [ -z "$proved" ] || [ "${proved% / *}" -ne "${proved#* / }" ]; then
		grep -v ' : Valid' "$HOME/out"
		unproved=$((unproved + 1))
	fi
}

prove base/text.c utf8_length integer_parse hex_digit hex_decode percent_decode hex_small json_quote
prove names.c name_byte_is_plain hex_large name_spell
[ "$unproved" -eq 0 ]
