#!/bin/sh
# Many writers at once on a disk whose flush takes 5 ms: all are acknowledged;
# and whatever is done to those whose lines are written together, what was
# acknowledged stands whole (P1, P2) and once, and each answer is given in time (P6).
#
# burst.py has the scenarios.  MSGEXT_TORTURE=1: all steps, ten times, on each file system.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/disks.sh"

filesystems=ext4-ordered
[ -z "${MSGEXT_TORTURE-}" ] || filesystems='ext4-ordered xfs btrfs'
# Nobody else's leaders, of other tests at the same time, are in a network of our own.
[ -n "$missing" ] || unshare -n true 2>/dev/null || missing='this kernel has no network namespaces'
seed_make

# scenario NAME DESCRIPTION
scenario() {
	sed -n "s/^# $1: /# /p" "$scratch/out"
	ok "$filesystem: $2: it was tried" grep -q "^# $1: " "$scratch/out"
	is "$(sed -n "s/^$1: //p" "$scratch/out")" '' "$filesystem: $2"
}
for filesystem in $filesystems; do
	disks_skip "$filesystem" && continue
	mkdir "$disks/$filesystem"
	unshare -n python3 "$top/tests/burst.py" "$disks/$filesystem" "$filesystem" 5 "$seed" \
		crowd kills errors stalls strangers limits calls older replaced renamed >"$scratch/out" 2>&1 &
	pids=$!
	wait "$pids"
	is $? 0 "$filesystem: all scenarios were tried" || sed 's/^/# /' "$scratch/out" >&2
	pids=
	scenario crowd '900 lines of 300 writers are all acknowledged'
	scenario kills 'killed at each step: what was acknowledged stands, once, whole, and nobody else is refused'
	scenario errors 'a sync fails: all that it covered are refused and none is stored'
	scenario stalls 'a leader or follower is stopped, or half of all are: the others are answered in time'
	scenario strangers 'the address is a stranger'"'"'s, or strangers connect to it: answers are in time and true'
	scenario limits 'few descriptors: what was acknowledged stands'
	scenario calls 'calls on sockets fail: what was acknowledged stands, once'
	scenario older 'beside an older build: what was acknowledged stands'
	scenario replaced 'the log is compacted or archived meanwhile: what was acknowledged stands, once'
	scenario renamed 'the log is renamed meanwhile: what was acknowledged stands once, is followed once and shipped once'
	rm -r "${disks:?}/$filesystem"
done
done_testing
