#!/bin/sh
# P1, P2, P3: the protocol of the log, in models of which all that can happen is tried: no promise is broken, and
# without any of its steps one is.  And the opening comments of the sources name the steps of the models.
. "$(dirname "$0")/lib.sh"

command -v spin >/dev/null || lacks spin
cd "$top/tests/model" || exit 1
# model_steps MODEL...
model_steps() {
	for model in "$@"; do
		sed -n 's/^#define STEP_\([a-z]*\) .*/\1/p' "$model.pml"
	done | sort -u
}
# named_steps MODEL: by the files that its opening comment names.
named_steps() {
	sed '/\*\//q' "$1.pml" | grep -o '[a-z/-]*\.c\>' | while read -r file; do
		sed '/^ \*\/$/q' "$top/$file" | grep -o '\[[a-z]*\]'
	done | tr -d '[]' | sort -u
}
for model in append batch replace reader; do
	ok "$model" sh "$top/tests/model.sh" $model
	named_steps $model >"$scratch/named"
	model_steps $model >"$scratch/steps"
	is "$(comm -13 "$scratch/named" "$scratch/steps")" '' "$model: the sources name each of its steps"
	model_steps append batch replace reader >"$scratch/steps"
	is "$(comm -23 "$scratch/named" "$scratch/steps")" '' "$model: and no other"
done
done_testing
