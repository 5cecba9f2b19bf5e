#!/bin/sh
# What fuzzing found worth keeping, given to each target again: its invariants
# hold, with any compiler.  "make fuzz" looks for more.
. "$(dirname "$0")/lib.sh"
made tests

TMPDIR=$scratch
export TMPDIR

# replay NAME [ARGUMENT...]: the corpus of that target, and what else is given.
replay() {
	name=$1
	shift
	count=$("$top/build/tests/replay-$name" "$@" "$top/tests/fuzz/corpus/$name" 2>"$scratch/stderr")
	ok "$name: holds for ${count:-not all} inputs" [ "${count:-0}" -ge 10 ]
	head -n 20 "$scratch/stderr"
}

replay body -b "$corpus"
replay query -q "$corpus"
replay config
replay name -q "$corpus"
replay tail -b "$corpus"
replay fold -b "$corpus"
replay line -b "$corpus"
replay shape -b "$corpus"
replay scan -b "$corpus"
replay fastcgi
replay records
replay link
replay language
replay address
replay form
replay cookie
replay match
replay erase
replay compact -b "$corpus"
replay alarm
replay repairs
replay refused
replay usersig
done_testing
