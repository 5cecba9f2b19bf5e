# disks.sh - for tests with file systems of their own: a directory in memory,
# $disks, and an end that leaves nothing mounted below it.
# shellcheck shell=sh
# shellcheck disable=SC2154 # scratch is lib.sh's

# In a namespace of our own: another that somebody makes meanwhile would hold our mounts, after we unmount them.
if [ -z "${MSGEXT_OWN_MOUNTS-}" ] && unshare -m true 2>/dev/null; then
	rm -rf "$scratch"
	MSGEXT_OWN_MOUNTS=yes exec unshare -m sh "$0" "$@"
fi
made tests
disks=$scratch/disks
mkdir "$disks"

# What is mounted below $disks, the last one first.
disks_mounted() {
	sed -n "s|^[^ ]* \(${disks}[^ ]*\) .*|\1|p" /proc/mounts | tac
}
# A loop device's end holds its file for a moment.
disks_unmount() {
	for mounted in $(disks_mounted); do
		umount "$mounted" 2>/dev/null
	done
	[ -z "$(disks_mounted)" ]
}
disks_end() {
	# shellcheck disable=SC2086
	stop_processes $pids
	wait_for disks_unmount || for mounted in $(disks_mounted); do
		umount -l "$mounted"
	done
	cleanup
}
trap disks_end EXIT

# disks_missing: why there can be no disks here; nothing where there can.
disks_missing() {
	if [ "$(id -u)" -ne 0 ] || ! mount -t tmpfs -o mode=755,size=2g tmpfs "$disks" 2>/dev/null; then
		echo 'mounting needs root'
	elif ! [ -c /dev/fuse ] || ! grep -qw fuse /proc/filesystems; then
		echo 'this kernel has no FUSE'
	elif ! losetup -f >/dev/null 2>&1; then
		echo 'this kernel has no loop devices'
	fi
}

# disks_skip FILESYSTEM: true, and said aloud, where it cannot be had.
disks_skip() {
	reason=$missing
	# prove shows no skipped test point: a file system that is missing is told where it is seen.
	if [ -z "$reason" ] && ! grep -qw "${1%-*}" /proc/filesystems; then
		reason="this kernel has no ${1%-*}"
		echo "# ${0##*/}: $1 was not tried: $reason" >&2
	fi
	[ -z "$reason" ] || ok "$1 # SKIP $reason" true
	[ -n "$reason" ]
}

# power ARGUMENT...: power.py, which goes away with us; numbers are told at once.
power() {
	disks_python power.py "$@"
}
disks_python() {
	others=$pids
	program=$1
	shift
	python3 "$top/tests/$program" "$@" >"$scratch/out" 2>&1 &
	pids="$others $!"
	wait $! || echo "$program: exit status $?" >>"$scratch/out"
	pids=$others
	grep '^#' "$scratch/out"
	grep -v '^#' "$scratch/out" >>"$scratch/wrong"
}

missing=$(disks_missing)
