#!/bin/sh
# A day of everything: senders through three servers, compaction, archive, rotation, erasure, shipping, repair and
# pages, while processes are killed and stopped, the disk is full, the clock is set, and the directory is replaced.
# At the end what was acknowledged is in the logs and in the engine, and each state is the vendor's (P1-P4, P6, P7).
# day.py does it.  DAY_SECONDS says how long the day is; MSGEXT_SEED repeats one, as far as its order goes.
top=$(cd "$(dirname "$0")/.." && pwd)
# All of it is nobody's: the repairer does not run as root, nor does the engine.  Root only mounts the disk.
if [ "$(id -u)" -eq 0 ] && [ -z "${DAY_DISK+set}" ]; then
	sh "$top/tests/fresh.sh" tests || exit 1
	DAY_DISK=$(mktemp -d "${TMPDIR:-/tmp}/msgext-test.XXXXXX")
	# Each replaced directory stays: a long day needs room.
	size=$((64 + ${DAY_SECONDS-20} / 4))m
	if mount -t tmpfs -o "mode=755,size=$size,uid=$(id -u nobody),gid=$(id -g nobody)" tmpfs "$DAY_DISK" 2>/dev/null; then
		trap 'umount "$DAY_DISK" 2>/dev/null || umount -l "$DAY_DISK"; rmdir "$DAY_DISK"' EXIT
	else
		trap 'rmdir "$DAY_DISK"' EXIT
		rmdir "$DAY_DISK"
		DAY_DISK=
	fi
	export DAY_DISK
	setpriv --reuid=nobody --regid="$(id -gn nobody)" --clear-groups sh "$0" &
	inner=$!
	trap 'kill "$inner" 2>/dev/null' HUP INT TERM
	wait "$inner"
	exit
fi
. "$top/tests/lib.sh"
. "$top/tests/servers.sh"
. "$top/tests/postgres.sh"
PATH=$PATH:/usr/sbin
for program in lighttpd nginx apache2 spawn-fcgi multiwatch; do
	command -v "$program" >/dev/null || lacks "$program"
done
[ -x "$top/build/msgext-ship" ] && [ -x "$bin/initdb" ] || lacks PostgreSQL
# Only this is skipped where nothing can be mounted.
disk=${DAY_DISK-}
[ -n "$disk" ] || [ -z "${CI-}" ] || ok 'there is a disk that can be full' false
[ -n "$disk" ] || ok 'a full disk # SKIP mounting needs root' true

seed_make
seconds=${DAY_SECONDS-20}
echo "# DAY_SECONDS=$seconds"
data=${disk:-$scratch/logs}/data
mkdir -p "${disk:-$scratch/logs}"
config_make
view_on 'password = correct horse battery' 'link_key = 0123456789abcdef0123456789abcdef'
chmod 600 "$view_config"
must engine_make one 'fsync = off'
must engine_start one
must "$top/build/msgext-ship" --init "host=$scratch/one user=postgres dbname=postgres"
# Its process is killed and another started: the last one ends with us, and nobody who has the number of the first.
pids=${pids% *}
# The receivers behind nginx have a clock that is set.
dd if=/dev/zero of="$scratch/clock" bs=8 count=1 2>/dev/null
MSGEXT_CLOCK=$scratch/clock LD_PRELOAD=$top/build/tests/clock-ahead.so
export MSGEXT_CLOCK LD_PRELOAD
must start_watched 16
unset MSGEXT_CLOCK LD_PRELOAD
start_nginx
start_lighttpd "$lighttpd_view"
start_apache cgi
engine_end() {
	engine one "$bin/pg_ctl" -D "$scratch/one/data" -m immediate -w stop
	cleanup
}
trap engine_end EXIT

PYTHONDONTWRITEBYTECODE=1 python3 "$top/tests/day.py" "$scratch" "${disk:-$scratch/logs}" "$seed" "$seconds" "$port" \
	"$bin" ${disk:+full} >"$scratch/day" 2>&1 &
day=$!
pids="$pids $day"
wait "$day"
status=$?
sed -n '/^#/p' "$scratch/day"
is "$status $(grep -v '^#' "$scratch/day")" '0 ' 'what was acknowledged stands and is shipped, states are the vendor'"'"'s, answers came (P1-P4, P6, P7)'
done_testing
