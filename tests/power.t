#!/bin/sh
# Power cuts: on a disk that loses any part of what it was not made to keep,
# each event that was acknowledged stands whole (P1), no line but the last of a
# log is unfinished (P2), and the next event sets that one aside.
#
# Writers, imports and compactions are at work on a real file system on a
# recorded disk (recorder.c); each state is what a power cut could have left of
# it (power.py). MSGEXT_TORTURE=1: 1000 states of each file system.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/disks.sh"

rounds=1 events=100 states=100
[ -z "${MSGEXT_TORTURE-}" ] || rounds=5 events=250 states=200
for filesystem in ext4-ordered ext4-writeback ext4-journal xfs btrfs; do
	disks_skip "$filesystem" && continue
	: >"$scratch/wrong"
	: >"$scratch/numbers"
	for round in $(seq "$rounds"); do
		seed=${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
		echo "# round $round: MSGEXT_SEED=$seed"
		mkdir "$disks/$filesystem"
		power record "$disks/$filesystem" "$filesystem" "$events" "$seed"
		power replay "$disks/$filesystem" "$filesystem" "$states" "$seed" | tee -a "$scratch/numbers"
		rm -r "${disks:?}/$filesystem"
	done
	counted=$(sed -n 's/^# .*: \([0-9]*\) states.*/\1/p' "$scratch/numbers" | paste -sd+)
	ok "$filesystem: power was cut in enough ways" \
		test "$((${counted:-0}))" -ge $((rounds * states * 9 / 10))
	is "$(grep -c '^# not mountable' "$scratch/numbers")" 0 "$filesystem: each could be mounted again"
	is "$(cat "$scratch/wrong")" '' "$filesystem: what was acknowledged stands, whole (P1, P2)"
done
done_testing
