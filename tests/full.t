#!/bin/sh
# Disks and limits that are full: the answer is FAIL, nothing of the event
# stays (P2, P5), and when there is room again all goes on.
. "$(dirname "$0")/lib.sh"

config_make
stored_line() {
	event test 1 1 1 "{\"Key\":\"k\",\"Value\":\"$(printf '%0700d' 0)\"}"
}
stored_line
length=$(wc -c <"$data/test.jsonl")
cp "$data/test.jsonl" "$scratch/one"
printf '{"CallbackCommand":"%s","GroupId":"test","MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"%0700d","Seq":1}],"Seq":1,"EventTime":1764688294360}' \
	"$command" 0 >"$scratch/body"

# limited SIZE: the status line of an event where no file can grow over SIZE bytes.
limited() {
	prlimit --fsize="$1" env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
		MSGEXT_CONFIG="$config" "$msgext" <"$scratch/body" 2>/dev/null | sed -n '1s/\r$//p'
}
# every BASE: each size from BASE up to the whole line but one; complaints go to $wrong.
every() {
	wrong=
	size=$1
	while [ "$size" -lt $(($1 + length)) ]; do
		status=$(limited "$size")
		[ "$status" = 'Status: 500 Internal Server Error' ] || wrong="$wrong $size:$status"
		if [ "$1" -gt 0 ]; then
			cmp -s "$data/test.jsonl" "$scratch/one" || wrong="$wrong $size:stored"
		else
			[ ! -s "$data/test.jsonl" ] || wrong="$wrong $size:stored"
		fi
		size=$((size + 1))
	done
}
every "$length"
is "$wrong" '' "a limit at each of $length bytes of a line"
is "$(limited $((2 * length)))" 'Status: 200 OK' 'a limit of one byte more than the line is enough'
rm "$data/test.jsonl"
every 0
is "$wrong" '' "and of a new log's first line"
is "$(limited "$length")" 'Status: 200 OK' 'a limit of one byte more than the first line is enough'
is "$(find "$data" -name '*.torn')" '' 'a limit on file sizes tears nothing'

make_room_ballast() {
	rm "$data/ballast"
}
make_room_quota() {
	btrfs qgroup limit none "$data"
}
# fill NAME ballast|quota: on the file system mounted at $data, as configured, until it is full.
fill() {
	chmod 700 "$data"
	acknowledged=0
	full=
	for number in $(seq 1 4000); do
		status=$(limited unlimited)
		case $status in
		'Status: 200 OK') acknowledged=$((acknowledged + 1)) ;;
		*)
			full=$status
			break
			;;
		esac
	done
	echo "# $1: $acknowledged events"
	is "$full" 'Status: 507 Insufficient Storage' "$1: full is 507"
	is "$(wc -l <"$data/test.jsonl"),$(jq -c .Seq "$data/test.jsonl" | wc -l)" \
		"$acknowledged,$acknowledged" "$1: what was acknowledged stands, and nothing else"
	"make_room_$2"
	ok "$1: with room again it goes on" stored_line
	is "$(jq -c .Seq "$data/test.jsonl" | wc -l)" $((acknowledged + 1)) "$1: whole"
	is "$("$msgextctl" -c "$config" verify 2>/dev/null | grep -v torn-tail)" '' "$1: and sound"
}
# ballast KILOBYTES: leaves about so much room.
ballast() {
	dd if=/dev/zero of="$data/ballast" bs=1k count=$(($(df -k --output=avail "$data" | tail -n 1) - $1)) \
		2>/dev/null
	sync -f "$data"
}
unmount() {
	umount "$data" 2>/dev/null
	cleanup
}
trap unmount EXIT

if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m tmpfs "$data" 2>/dev/null; then
	ballast 64
	fill tmpfs ballast
	umount "$data"
	for kind in ext4 xfs btrfs; do
		truncate -s 320M "$scratch/disk"
		case $kind in
		ext4) mkfs.ext4 -q -F -m 0 "$scratch/disk" ;;
		xfs) mkfs.xfs -q -f "$scratch/disk" ;;
		btrfs) mkfs.btrfs -q -f "$scratch/disk" >/dev/null 2>&1 ;;
		esac
		if grep -qw "$kind" /proc/filesystems && mount -o loop "$scratch/disk" "$data" 2>/dev/null; then
			ballast 200
			fill "$kind" ballast
			umount "$data"
		else
			ok "$kind # SKIP this kernel has no $kind, or no loop devices" true
		fi
		rm "$scratch/disk"
	done
	# A quota that is used up is EDQUOT, and there nothing can be cut off either.
	truncate -s 320M "$scratch/disk"
	mkfs.btrfs -q -f "$scratch/disk" >/dev/null 2>&1
	if grep -qw btrfs /proc/filesystems && mount -o loop "$scratch/disk" "$data" 2>/dev/null; then
		btrfs quota enable "$data"
		btrfs qgroup limit 2M "$data"
		fill 'btrfs with a quota' quota
		umount "$data"
	else
		ok 'a quota # SKIP this kernel has no btrfs, or no loop devices' true
	fi
else
	ok 'real file systems # SKIP mounting needs root' true
fi
done_testing
