#!/bin/sh
# P1, P2, P3: as model.t, with two processes that are killed and two calls that fail.
. "$(dirname "$0")/lib.sh"

command -v spin >/dev/null || lacks spin
for model in append batch replace reader; do
	ok "$model" sh "$top/tests/model.sh" $model large
done
done_testing
