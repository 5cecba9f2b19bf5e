#!/bin/sh
# A disk one of whose writes fails: what was acknowledged before and after it
# stands, whole, also when it is read from the disk and not from memory (P1);
# of what was refused nothing is left that breaks a later line (P2).
#
# MSGEXT_TORTURE=1: each of the first 50 writes in turn; else every fifth.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/disks.sh"

step=5
[ -z "${MSGEXT_TORTURE-}" ] || step=1
for filesystem in ext4-ordered xfs btrfs; do
	disks_skip "$filesystem" && continue
	: >"$scratch/wrong"
	mkdir "$disks/$filesystem"
	power device "$disks/$filesystem" "$filesystem" 50 "$step" >"$scratch/numbers"
	cat "$scratch/numbers"
	rm -r "${disks:?}/$filesystem"
	ok "$filesystem: writes failed" grep -q ': [1-9][0-9]* writes failed, [1-9]' "$scratch/numbers"
	is "$(cat "$scratch/wrong")" '' "$filesystem: what was acknowledged stands, whole (P1, P2)"
done
done_testing
