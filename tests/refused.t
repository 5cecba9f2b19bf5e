#!/bin/sh
# The counter of refused events: it counts genuine ones alone, on a full disk too, and no answer depends on it.
. "$(dirname "$0")/lib.sh"

config_make
counter=$data/.refused
# send [VARIABLE=VALUE...]: a POST with $query and $event_set; the answer's status is in $status.
send() {
	status=$(printf %s "$event_set" | env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
		CONTENT_LENGTH=${#event_set} MSGEXT_CONFIG="$config" "$@" "$msgext" 2>"$scratch/stderr" |
		sed -n '1s/^Status: \([0-9]*\).*/\1/p')
}
# counted REASON
counted() { sed -n "s/.*\"Reason\":\"$1\",\"Count\":\([0-9]*\),.*/\1/p" "$counter" 2>/dev/null; }

send
is "$status,$(wc -c <"$counter"),$(grep -c Reason "$counter")" 200,4096,0 'it is made with the first log, and counts nothing'
is "$(stat -c %a "$counter")" 600 'it is private (P7)'
rm "$counter"
send
is "$status,$(ls -A "$data")" 200,test.jsonl 'an event of a log that there is makes none'

# The log is no file: every genuine event is refused.
break_log() {
	mv "$data/test.jsonl" "$scratch/kept"
	mkdir "$data/test.jsonl"
}
mend_log() {
	rmdir "$data/test.jsonl"
	mv "$scratch/kept" "$data/test.jsonl"
}
break_log
send
send
is "$status,$(counted open-failed)$(counted log-unsafe)" 500,2 'two that were refused are counted, without a token'
ok 'each says since when' grep -Eq '"Count":2,"First":"20[0-9TZ:.-]+","Last":"20[0-9TZ:.-]+"} *$' "$counter"
is "$(wc -l <"$counter"),$(awk 'length != 127' "$counter" | wc -l)" 32,0 'all in lines of one length'

# Strangers: with a token, nobody without it changes a byte, whatever he asks for.
config_make 'token = xxxxyyyy' 'max_skew = 0'
cp "$counter" "$scratch/before"
plain=$query
strange=0
while read -r strangers; do
	query=$strangers
	send
	strange=$((strange + 1))
done <<END
$plain
$plain&Sign=$(printf '%064d' 0)&RequestTime=$(date +%s)
$plain&$signature
SdkAppid=1&CallbackCommand=$command&$signature
SdkAppid=$app_id&$signature
SdkAppid=$app_id&CallbackCommand=Group.CallbackBeforeSendMsg&$signature
END
query=$plain
event_was=$event_set
config_make 'max_body = 4096'
for event_set in '{"CallbackCommand":' "$(printf %s "$event_was" | sed 's/"MsgSeq":10/"MsgSeq":"x"/')" "$(printf '%5000d' 1)"; do
	send
	is "${status%??}" 4 'what is no event is refused'
done
event_set=$event_was
send REQUEST_METHOD=GET
config_make 'nonsense = 1'
send
is "$status" 500 'without a configuration nobody is known'
ok "and $strange strangers changed nothing of it" cmp "$counter" "$scratch/before"

# A right signature.
config_make 'token = xxxxyyyy'
now=$(date +%s)
query="$plain&Sign=$(printf 'xxxxyyyy%s' "$now" | sha256sum | cut -d' ' -f1)&RequestTime=$now"
send
is "$status,$(counted open-failed)$(counted log-unsafe)" 500,3 'with a token, whoever has it counts'
query=$plain
config_make

# A worker, too, which may open nothing else but the data directory.
if command -v spawn-fcgi >/dev/null; then
	# shellcheck source=tests/servers.sh
	. "$top/tests/servers.sh"
	start_workers 1
	worker_counts() { [ "$(counted open-failed)$(counted log-unsafe)" -eq "$1" ]; }
	is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "$scratch/workers.socket" "$query" repeat=3 | sed -n '1s/\r$//p')" \
		'Status: 500 Internal Server Error' 'a worker refuses'
	ok 'and counts each' wait_for worker_counts 6
fi
mend_log

# The answer is sent first: each call of the counter's may fail, or be the last.
command -v strace >/dev/null || lacks strace
break_log
rm "$counter"
strace -o "$scratch/trace" -y env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" MSGEXT_CONFIG="$config" \
	"$msgext" >"$scratch/answer" 2>/dev/null <<END
$event_set
END
ok 'the answer is written before the counter is opened' \
	test "$(grep -n 'write(1<' "$scratch/trace" | head -n 1 | cut -d: -f1)" -lt "$(grep -n '\.refused' "$scratch/trace" | head -n 1 | cut -d: -f1)"
sed -n '/^write(1</,$p' "$scratch/trace" | sed 1d | sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' | grep -v exit_group | sort | uniq -c >"$scratch/calls"
sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$scratch/trace" | sort | uniq -c >"$scratch/all"
wrong=
tried=0
while read -r after call; do
	all=$(awk -v call="$call" '$2 == call { print $1 }' "$scratch/all")
	for when in $(seq $((all - after + 1)) "$all"); do
		for fault in error=ENOSPC error=EINTR error=EACCES signal=KILL; do
			rm -f "$counter"
			{ printf %s "$event_set" | strace -o /dev/null -e "inject=$call:$fault:when=$when" env -i GATEWAY_INTERFACE=CGI/1.1 \
				REQUEST_METHOD=POST QUERY_STRING="$query" MSGEXT_CONFIG="$config" "$msgext" >"$scratch/got"; } 2>/dev/null
			cmp -s "$scratch/got" "$scratch/answer" || wrong="$wrong $call:$fault:$when"
			send
			[ "$(counted open-failed)$(counted log-unsafe)" -ge 1 ] || wrong="$wrong $call:$fault:$when:next"
			tried=$((tried + 1))
		done
	done
done <"$scratch/calls"
is "$wrong" '' "$tried failing calls after the answer change no answer, and the next one counts"
ok 'of some calls' test "$tried" -ge 16
mend_log

# Full disks.
unmount() {
	umount "$data" 2>/dev/null
	cleanup
}
trap unmount EXIT
# fills NAME: on what is mounted at $data.
fills() {
	chmod 700 "$data"
	send
	is "$status" 200 "$1: there is room"
	cat /dev/zero >"$data/ballast" 2>/dev/null
	sync -f "$data"
	for _ in $(seq 2000); do
		send
		[ "$status" = 200 ] || break
	done
	before=$(counted disk-full)
	send
	send
	is "$status,$(counted disk-full)" "507,$((${before:-0} + 2))" "$1: what is refused on a full disk is counted"
	rm "$data/ballast"
	send
	is "$status" 200 "$1: with room again it goes on"
}
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=1m tmpfs "$data" 2>/dev/null; then
	fills tmpfs
	umount "$data"
	for kind in ext4 xfs btrfs; do
		[ "$kind" = xfs ] && size=320M || size=120M
		truncate -s "$size" "$scratch/disk"
		case $kind in
		ext4) mkfs.ext4 -q -F -m 0 "$scratch/disk" ;;
		xfs) mkfs.xfs -q -f "$scratch/disk" ;;
		btrfs) mkfs.btrfs -q -f "$scratch/disk" >/dev/null 2>&1 ;;
		esac
		if grep -qw "$kind" /proc/filesystems && mount -o loop "$scratch/disk" "$data" 2>/dev/null; then
			fills "$kind"
			umount "$data"
		else
			ok "$kind # SKIP this kernel has no $kind, or no loop devices" true
		fi
		rm "$scratch/disk"
	done
else
	ok 'real file systems # SKIP mounting needs root' true
fi
done_testing
