#!/bin/sh
# A few random histories through the programs (P4); long-histories.t takes many.
. "$(dirname "$0")/lib.sh"

seed=${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
echo "# MSGEXT_SEED=$seed"
ok "${MSGEXT_HISTORIES-12} histories give the same state in any order, compacted or not (P4)" \
	python3 "$top/tests/histories.py" "$msgextctl" "$scratch/data" "$seed" "${MSGEXT_HISTORIES-12}"
done_testing
