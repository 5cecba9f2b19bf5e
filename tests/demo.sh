#!/bin/sh
# demo.sh [PORT] - lighttpd with the receiver and the viewer on 127.0.0.1:8080, sample events, what
# became of them; then serves until Ctrl-C.  Used by setup.sh run.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
sh "$top/tools/port.sh" "${1-8080}"
home=$(mktemp -d "${TMPDIR:-/tmp}/msgext-demo.XXXXXX")
port=${1-8080}
server=
# shellcheck disable=SC2317
stop() {
	# A second signal, as a hangup behind another, must not end it here.
	trap '' HUP INT TERM
	[ -z "$server" ] || { kill "$server" && wait "$server"; } 2>/dev/null || true
	# A worker that is ending may still make a file meanwhile.
	rm -rf "$home" 2>/dev/null || { sleep 1 && rm -rf "$home"; }
}
trap stop EXIT
trap 'exit 0' HUP INT TERM

token=demo-token
app_id=1400000000
mkdir -m 700 "$home/data" "$home/www"
umask 077
# What this server alone has: whoever else answers at the port is not it.
echo "${home##*.}" >"$home/www/ready"
cat >"$home/msgext.conf" <<EOT
data_dir = $home/data
sdk_app_id = $app_id
token = $token
EOT
# Both go through the shell's own commands alone, which no list of processes shows.
password=$(head -c 12 /dev/urandom | base64 | tr '+/' xy)
cat >"$home/view.conf" <<EOT
data_dir = $home/data
password = $password
link_key = $(head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n')
EOT
# The viewer's part of the example is off: its lines begin with '#'.
sed '1,/^# The viewer, msgext-view(8):/d' "$top/lighttpd-example.conf" | sed -n '/^#[^ ]/,$s/^#//p' |
	sed '/^var\./d' >"$home/lighttpd-view.conf"
cat >"$home/lighttpd.conf" <<EOT
server.document-root = "$home/www"
server.bind = "127.0.0.1"
server.port = $port
server.upload-dirs = ( "$home" )
var.msgext_program = "$top/build/msgext"
var.msgext_config = "$home/msgext.conf"
var.msgext_socket = "$home/fastcgi.socket"
include "$top/lighttpd-example.conf"
var.msgext_view_program = "$top/build/msgext-view"
var.msgext_view_config = "$home/view.conf"
var.msgext_view_socket = "$home/view.socket"
include "$home/lighttpd-view.conf"
EOT

# Ctrl-C is not for it: its workers would end at once, and it would complain of each.
setsid lighttpd -D -f "$home/lighttpd.conf" &
server=$!
url=http://127.0.0.1:$port/msgext
tries=100
until [ "$(curl -s -m 5 "http://127.0.0.1:$port/ready" | head -c 100)" = "${home##*.}" ]; do
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
head='{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":'
echo 'Three events, and their answers:'
post "${head}10,\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"key2\",\"Value\":\"value2\",\"Seq\":56},
	{\"Key\":\"key3\",\"Value\":\"12122\",\"Seq\":56}],\"Seq\":56,\"EventTime\":1764688294360}"
post "${head}10,\"OperateType\":2,\"ExtensionList\":[{\"Key\":\"key2\",\"Value\":\"\",\"Seq\":57}],
	\"Seq\":57,\"EventTime\":1764688294361}"
post "${head}10,\"OperateType\":3,\"ExtensionList\":[],\"Seq\":58,\"EventTime\":1764688294362}"
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
echo 'A poll, message 11:'
seq=0
for choice in alice:Noodles bob:Pizza carol:Noodles dave:Salad erin:Noodles frank:Pizza dave:Pizza; do
	seq=$((seq + 1))
	post "${head}11,\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"${choice%:*}\",\"Value\":\"${choice#*:}\",\"Seq\":$seq}],
		\"Seq\":$seq,\"EventTime\":1764688294363}" >"$home/answer"
done
ctl tally test 11
echo
view=http://127.0.0.1:$port/view
echo "In a browser: $view"
# A file that keeps what this prints is not to keep the password.
if [ -t 1 ]; then
	echo "the password: $password"
else
	echo "the password stands in $home/view.conf"
fi
echo 'the result alone, for whoever has this link:'
MSGEXT_VIEW_CONFIG=$home/view.conf "$top/build/msgextctl" link test 11 --title 'Lunch?' --names --url "$view"
echo
echo "Serving $url and $view; Ctrl-C ends it.  Try: build/msgextctl -c $home/msgext.conf log -f test"
wait "$server"
