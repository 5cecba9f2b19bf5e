#!/bin/sh
# demo.sh - lighttpd with the receiver on 127.0.0.1:8080, three sample events,
# what became of them; then serves until Ctrl-C.  Used by setup.sh run.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
home=$(mktemp -d "${TMPDIR:-/tmp}/msgext-demo.XXXXXX")
server=
# shellcheck disable=SC2317
stop() {
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	rm -rf "$home"
}
trap stop EXIT
trap 'exit 0' HUP INT TERM

token=demo-token
app_id=1400000000
mkdir -m 700 "$home/data" "$home/www"
umask 077
cat >"$home/msgext.conf" <<EOT
data_dir = $home/data
sdk_app_id = $app_id
token = $token
EOT
cat >"$home/lighttpd.conf" <<EOT
server.document-root = "$home/www"
server.bind = "127.0.0.1"
server.port = 8080
server.upload-dirs = ( "$home" )
var.msgext_program = "$top/build/msgext"
var.msgext_config = "$home/msgext.conf"
var.msgext_socket = "$home/fastcgi.socket"
include "$top/lighttpd-example.conf"
EOT

lighttpd -D -f "$home/lighttpd.conf" &
server=$!
url=http://127.0.0.1:8080/msgext
tries=100
until curl -s -o "$home/health" "$url"; do
	tries=$((tries - 1))
	kill -0 "$server" 2>/dev/null && [ "$tries" -gt 0 ] || {
		echo 'demo: lighttpd did not start' >&2
		exit 1
	}
	sleep 0.1
done

# post BODY: as the vendor does it, signed with the time of the request.
post() {
	now=$(date +%s)
	sign=$(printf '%s%s' "$token" "$now" | sha256sum | cut -d' ' -f1)
	query="SdkAppid=$app_id&CallbackCommand=Group.CallbackAfterGroupMsgExtension"
	query="$query&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android"
	curl -s --data-binary "$1" "$url?$query&Sign=$sign&RequestTime=$now"
}
head='{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":10'
echo 'Three events, and their answers:'
post "$head,\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"key2\",\"Value\":\"value2\",\"Seq\":56},
	{\"Key\":\"key3\",\"Value\":\"12122\",\"Seq\":56}],\"Seq\":56,\"EventTime\":1764688294360}"
post "$head,\"OperateType\":2,\"ExtensionList\":[{\"Key\":\"key2\",\"Value\":\"\",\"Seq\":57}],
	\"Seq\":57,\"EventTime\":1764688294361}"
post "$head,\"OperateType\":3,\"ExtensionList\":[],\"Seq\":58,\"EventTime\":1764688294362}"
echo
echo "The log, $home/data/test.jsonl:"
cat "$home/data/test.jsonl"
echo
ctl() {
	"$top/build/msgextctl" -c "$home/msgext.conf" "$@"
}
echo 'Message 10 as it was at version 56, and counted by value:'
ctl show test 10 --as-of 56
ctl tally test 10 --as-of 56
echo
echo 'After the delete, version 57:'
ctl show test 10 --as-of 57
echo
echo 'Now, after the clear:'
ctl show test
ctl tally test 10
echo
echo "Serving $url; Ctrl-C ends it.  Try: build/msgextctl -c $home/msgext.conf log -f test"
wait "$server"
