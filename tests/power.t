#!/bin/sh
# Power cuts: on a disk that loses any part of what it was not made to keep,
# each event that was acknowledged stands whole (P1), before all that is
# unfinished (P2), and the next event sets that aside.
#
# Writers, imports and compactions, of which some are killed, are at work on a real file system on a
# recorded disk (recorder.c); each state is what a power cut could have left of
# it (power.py). Then sixty writers at once, whose lines are written together
# and whose leaders are killed, on a disk that ends writes in any order, by chance.
# f2fs is one of them where the kernel has it; else standard error says that it was not tried.
# MSGEXT_TORTURE=1: 1000 states of each file system, twice, 200 a round (MSGEXT_ROUNDS); and those of
# MSGEXT_PAIRS of two operations, one after the other, of which one is killed or none (cuts.py).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/disks.sh"
. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/older.sh"

rounds=1 events=100 states=100 batched=25
[ -z "${MSGEXT_TORTURE-}" ] || rounds=${MSGEXT_ROUNDS-5} events=250 states=200 batched=200
# cuts WHAT FILESYSTEM COUNT STATES: power.py WHAT, and cuts of it.
cuts() {
	filesystem=$2
	disks_skip "$filesystem" && return
	: >"$scratch/wrong"
	: >"$scratch/numbers"
	for round in $(seq "$rounds"); do
		seed=${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
		echo "# $1, round $round: MSGEXT_SEED=$seed"
		mkdir "$disks/$filesystem"
		power "$1" "$disks/$filesystem" "$filesystem" "$3" "$seed"
		power replay "$disks/$filesystem" "$filesystem" "$4" "$seed" | tee -a "$scratch/numbers"
		rm -r "${disks:?}/$filesystem"
	done
	counted=$(sed -n 's/^# .*: \([0-9]*\) states.*/\1/p' "$scratch/numbers" | paste -sd+)
	ok "$filesystem, $1: power was cut in enough ways" \
		test "$((${counted:-0}))" -ge $((rounds * $4 * 9 / 10))
	is "$(grep -c '^# not mountable' "$scratch/numbers")" 0 "$filesystem, $1: each could be mounted again"
	is "$(cat "$scratch/wrong")" '' "$filesystem, $1: what was acknowledged stands, whole (P1, P2)"
}
# ext4-fast (fast_commit) is tried only where MSGEXT_FILESYSTEMS names it: what programs have written and synced can be
# lost there, msgext or not, and no recorder is needed to see it (Linux 6.18, e2fsprogs 1.47.0).  Programs wrote to a file
# each with write and fdatasync, on a loop device on a plain file, which was copied whenever all their calls had returned.
# Most copies could not be mounted, for their superblock's checksum was wrong; e2fsck replayed and mended them.  Then of 40
# copies 4 lacked a synced line where one program wrote alone, and 5 where three did.  Without fast_commit all 40 could
# be mounted and lacked none.
for filesystem in ${MSGEXT_FILESYSTEMS-ext4-ordered ext4-writeback ext4-journal f2fs xfs btrfs}; do
	cuts record "$filesystem" "$events" "$states"
done
for filesystem in ${MSGEXT_FILESYSTEMS-ext4-ordered ext4-writeback xfs btrfs}; do
	cuts batches "$filesystem" 60 "$batched"
done
# pairs FILESYSTEM COUNT: so many pairs of operations, with an older version and an engine where there are such.
pairs() {
	disks_skip "$1" && return
	: >"$scratch/wrong"
	seed=${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
	echo "# pairs: MSGEXT_SEED=$seed"
	mkdir "$disks/$1"
	disks_python cuts.py "$disks/$1" "$1" "$2" "$seed" "$older" "$engine" | tee "$scratch/numbers"
	rm -r "${disks:?}/$1"
	counted=$(sed -n 's/^# .*pairs: \([0-9]*\) states.*/\1/p' "$scratch/numbers")
	ok "$1, pairs: power was cut in enough ways" test "$((${counted:-0}))" -ge "$(($2 * 3 / 2))"
	is "$(grep -c '^# not mountable' "$scratch/numbers")" 0 "$1, pairs: each could be mounted again"
	is "$(cat "$scratch/wrong")" '' "$1, pairs: what was acknowledged stands, whole, and is shipped (P1, P2)"
}
if [ -n "${MSGEXT_TORTURE-}" ]; then
	{ [ -z "$missing" ] && older_for_all; } || older=
	engine=
	if [ -z "$missing" ] && [ -x "$top/build/msgext-ship" ] && engine_make one 'fsync = off' && engine_start one; then
		engine="host=$scratch/one user=postgres dbname=postgres"
		must "$top/build/msgext-ship" --init "$engine"
	fi
	for filesystem in ${MSGEXT_FILESYSTEMS-ext4-ordered ext4-writeback xfs btrfs}; do
		pairs "$filesystem" "${MSGEXT_PAIRS-120}"
	done
fi
done_testing
