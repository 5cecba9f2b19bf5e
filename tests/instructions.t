#!/bin/sh
# What each path of the programs executes is within 5 % of its budget (bench/instructions.txt), where
# compilers and C libraries are those it was recorded with; elsewhere it is printed.
. "$(dirname "$0")/lib.sh"
made tests

command -v valgrind >/dev/null || lacks valgrind
command -v musl-gcc >/dev/null || lacks musl-tools
case $(uname -m) in
x86_64) ;;
*)
	echo '1..0 # SKIP counted on x86-64 only'
	exit 0
	;;
esac
make -s -C "$top" static >"$scratch/make" 2>&1 || sed 's/^/# /' "$scratch/make" >&2
python3 "$top/bench/instructions.py"
