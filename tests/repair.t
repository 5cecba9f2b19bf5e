#!/bin/sh
# msgext-repair: the signature, what it does at each answer, whose the key is, and what fails on the way.
#
# tests/rest/ has the vendor's stand-in and the cases.
. "$(dirname "$0")/lib.sh"
made tests

PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
# A process that nobody may look into cannot look for its own leaks.
ASAN_OPTIONS=detect_leaks=0
export ASAN_OPTIONS
seed_make
mkdir "$scratch/standin"
ok 'the stand-in is right' python3 "$top/tests/rest/selftest.py" "$scratch/standin"
ok '1,000 signatures are those of another implementation' \
	python3 "$top/tests/rest/signatures.py" "$top/build/tests/usersig" "$seed" 1000
# points NAME ARGUMENT...: the test points of a Python program, among ours.
points() {
	name=$1
	shift
	mkdir "$scratch/$name"
	chmod 755 "$scratch/$name"
	python3 "$top/tests/rest/$name.py" "$scratch/$name" "$@" >"$scratch/points"
	status=$?
	while read -r line; do
		case $line in
		'ok '*) passed "${line#ok * - }" ;;
		'not ok '*) failed "${line#not ok * - }" 'as above' ;;
		1..*) status=0 ;;
		*) echo "$line" ;;
		esac
	done <"$scratch/points"
	is "$status" 0 "$name: all was tried"
}
points codes
points private
# Neither failing allocations nor strace go together with the sanitizers.
[ -n "${MSGEXT_SANITIZED-}" ] || points faults "$seed" 6
done_testing
