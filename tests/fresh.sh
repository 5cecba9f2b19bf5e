#!/bin/sh
# fresh.sh SET - ends all tests (TAP's "Bail out!") where a source is newer than the last make of SET: what
# is built is not what stands here.  SET is a target of the Makefile: all (the programs), units or tests.
top=$(cd "$(dirname "$0")/.." && pwd)
made=$top/build/made-$1
case $1 in
all) others=$top/tests ;;
*) others=$top/bench ;;
esac
if [ ! -e "$made" ]; then
	echo "Bail out! nothing is built to be tested: make $1"
	exit 1
fi
# Links are followed, for the trees that linked.sh makes.
newer=$(find -L "$top" -maxdepth 3 \( -path "$top/build" -o -path "$top/.git" -o -path "$others" \) -prune -o \
	\( -name '*.[ch]' -o -path "$top/Makefile" \) -newer "$made" -print -quit)
if [ -n "$newer" ]; then
	echo "Bail out! ${newer#"$top"/} is newer than what is built: make $1"
	exit 1
fi
