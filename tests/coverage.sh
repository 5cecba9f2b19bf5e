#!/bin/sh
# coverage.sh DIRECTORY TEST... - runs the tests in that tree, which was built to count, and says what of the
# files in $COVERED they reach; those that may reach less than all are in tests/coverage.
#
# The counts are a file's pages, which all processes of a program share: nothing is lost of one that is
# killed, and one under Landlock has the file open already.
set -eu
cd "$(dirname "$0")/.."
tree=$PWD/$1
shift

# Each program makes its file when it begins.  Those that run as other users write to it, too.
rm -f "$tree"/profiles/*
chmod 777 "$tree/profiles"
for program in msgext msgextctl msgext-view msgext-repair msgext-ship; do
	[ ! -x "$tree/build/$program" ] || "$tree/build/$program" -V >/dev/null
done
chmod 666 "$tree"/profiles/*

# Counting makes all slower: some units try less.  What fails here alone measures times.
# shellcheck disable=SC2086
(cd "$tree" && MSGEXT_MUTATED=20000 MSGEXT_SLOWNESS=10 prove ${PROVEFLAGS-} "$@") || echo 'coverage.sh: not all tests passed'

llvm-profdata merge -o "$tree/counts" "$tree"/profiles/*.profraw
set -- "$tree/build/msgext"
for program in msgextctl msgext-view msgext-repair msgext-ship; do
	[ ! -x "$tree/build/$program" ] || set -- "$@" -object "$tree/build/$program"
done
llvm-cov export -format=lcov -instr-profile="$tree/counts" "$@" >"$tree/lcov"
# shellcheck disable=SC2086
python3 tests/coverage.py "$tree/lcov" tests/coverage $COVERED
