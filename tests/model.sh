#!/bin/sh
# model.sh [MODEL [LARGE]] - tries all that can happen in a model of the log's protocol, tests/model/MODEL.pml, or
# in each of them, with spin: no promise is broken.  Then without each step of the protocol in turn: the promise that
# stands beside the step in the model is broken.  LARGE: with more kills and failing calls.
set -u
models=$(cd "$(dirname "$0")/model" && pwd)
status=0
if [ $# -eq 0 ]; then
	for model in append batch replace reader; do
		sh "$0" $model || status=1
	done
	exit $status
fi
model=$1
optimize=-O0 table=20 # or compiling and clearing memory take longest
[ $# -eq 1 ] || optimize='-O2 -DCOLLAPSE' table=24
scratch=$(mktemp -d "${TMPDIR:-/tmp}/msgext-model.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
cp "$models"/*.pml "$scratch"
cd "$scratch" || exit 1

# wrong TEXT: what is printed besides is what pan said.
wrong() {
	echo "$model: $1"
	head -n 20 out | sed 's/^/	/'
	status=1
}

# -E: a process may wait for ever where another one was killed; MEMLIM: in megabytes.
# shellcheck disable=SC2086
{
	spin ${2+-DLARGE=1} -a "$model.pml" &&
		${CC:-cc} $optimize -w -DSAFETY -DNOFAIR -DMEMLIM=3000 -o pan pan.c
} >out 2>&1 || {
	wrong 'is not built'
	exit 1
}
WITHOUT=0 ./pan -E -n -m100000 "-w$table" >out 2>&1
states=$(sed -n 's/^ *\([0-9]*\) states, stored.*/\1/p' out)
if grep -q '^State-vector.*errors: 0$' out && [ "${states:-0}" -gt 1000 ] &&
	! grep -qi 'search not completed\|max search depth\|out of memory\|reached.*limit' out; then
	echo "$model: $states states, and no promise is broken"
else
	wrong 'a promise is broken, or not all was tried'
fi
sed -n 's|^#define STEP_\([a-z]*\) \([0-9]*\) /\* \([A-Za-z0-9]*\) \*/$|\1 \2 \3|p' "$model.pml" >steps
[ "$(wc -l <steps)" -eq "$(grep -c '^#define STEP_' "$model.pml")" ] || wrong 'a step has no number or no promise'
while read -r step number promise; do
	WITHOUT=$number ./pan -E -n -m100000 "-w$table" >out 2>&1
	if grep -q "^pan:1: assertion violated (*promise_$promise||" out; then
		echo "$model without $step: $promise is broken"
	else
		wrong "without $step $promise is not broken"
	fi
done <steps
exit $status
