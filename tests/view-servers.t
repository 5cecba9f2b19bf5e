#!/bin/sh
# The viewer through real web servers, with the shipped examples switched on as they say: sign in,
# find, open, ask again, share, sign out.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make
event test 10 1 1 '{"Key":"alice","Value":"Noodles & more"}'
event test 10 1 2 '{"Key":"bob","Value":"Pizza"}'
password='correct horse battery'
view_on "password = $password" 'link_key = 0123456789abcdef0123456789abcdef'
jar=$scratch/jar

# ask [CURL OPTION...] [QUERY]: the status; the answer is in $scratch/answer, its header in $scratch/header.
ask() {
	: >"$scratch/answer" # which curl leaves where there is no body
	# shellcheck disable=SC2086
	curl -s -m 30 -D "$scratch/header" -o "$scratch/answer" -w '%{http_code}' $curl_options "$@"
}
look() {
	ask -b "$jar" -c "$jar" "$view$1"
}
# header NAME: its value.
header() {
	tr -d '\r' <"$scratch/header" | sed -n "s/^$1: //Ip"
}
text() {
	sed 's/<[^>]*>/ /g' "$scratch/answer" | tr -s ' \n' ' '
}
has() {
	text | grep -cF "$1" | sed 's/[1-9].*/has/'
}

milliseconds() { date +%s%3N; }
# A client that sends a password and goes away at once, for which a server ends a CGI: nobody else's password
# is looked at before the second is over.
gone_client() {
	began=$(milliseconds)
	# shellcheck disable=SC2086
	curl -s -m 0.1 -o "$scratch/answer" $curl_options -d 'p=in&password=correct+horse+batterx' "$view"
	sleep 0.2
	gone_status=$(ask -d p=in --data-urlencode "password=$password" "$view")
	took=$(($(milliseconds) - began))
	sleep 1
	[ "$gone_status" != 303 ] || [ "$took" -gt 900 ] || gone_status=early
	echo "$gone_status"
}

# All that a user would try first, at the server that runs.
try_view() {
	view=${url%/msgext}/view
	rm -f "$jar"
	is "$(look ''),$(grep -c 'type="password"' "$scratch/answer")" 403,1 "$1: who is not signed in is asked for the password"
	is "$(header Cache-Control),$(header X-Content-Type-Options),$(header Content-Security-Policy | cut -d';' -f1)" \
		"no-store,nosniff,default-src 'none'" "$1: the headers arrive"
	is "$(look '?g=test&m=10'),$(has Noodles)" 403,0 "$1: nor is a message shown"
	is "$(ask -c "$jar" -d 'p=in&password=correct+horse+batterx' "$view"),$(look '')" 403,403 "$1: another password"
	is "$(ask -c "$jar" -d p=in --data-urlencode "password=$password" "$view"),$(look '')" 303,200 "$1: the password"
	is "$(grep -c "	/view	.*	msgext-view	" "$jar")" 1 "$1: the session is for /view alone"
	is "$(has test)" has "$1: the group is listed"
	is "$(look '?g=test'),$(has 10)" 200,has "$1: and opened"
	is "$(look '?g=test&m=10'),$(has 'Noodles &amp; more')" 200,has "$1: and its message"
	# Apache believes no program's Content-Length.
	length=$(header Content-Length)
	is "${length:-$(header Transfer-Encoding | grep -qx chunked && wc -c <"$scratch/answer")}" "$(wc -c <"$scratch/answer")" \
		"$1: its length is announced"
	# The minute is a part of it: one that ends now is no fault.
	etag=$(header ETag)
	is "$(ask -b "$jar" -H "If-None-Match: $etag" "$view?g=test&m=10" | sed 's/200/304/'),$(has Noodles)" "304,0" \
		"$1: asked again, it has not changed"
	is "$(ask -b "$jar" -I "$view?g=test&m=10")" 200 "$1: HEAD"
	is "$(look '?g=test&m=10&f=excel'),$(header Content-Disposition | cut -d';' -f1),$(grep -c Pizza "$scratch/answer")" \
		200,attachment,1 "$1: a table for a spreadsheet"
	is "$(look '?g=test&m=10&p=share&d=7')" 200 "$1: a link is made"
	link=$(grep -o "$view?[^\"< ]*&amp;s=[^\"< ]*" "$scratch/answer" | head -n 1 | sed 's/&amp;/\&/g')
	is "$(ask "$link&from=singlemessage&isappinstalled=0"),$(has Pizza),$(has alice)" 200,has,0 "$1: which shows the result, without names"
	is "$(ask "$(echo "$link" | sed 's/m=10/m=11/')")" 403 "$1: another message has another link"
	is "$(look '?g=a&g=b'),$(look '?m=x'),$(look '?g=none'),$(ask -X PUT -d x "$view")" 400,400,404,405 "$1: what is wrong is an error"
	is "$(ask -b "$jar" -c "$jar" -d p=out "$view"),$(look '')" 303,403 "$1: signed out"
	is "$(gone_client | sed 's/303/429/')" 429 "$1: a guess whose client goes away keeps its second"
	head -c 20000 /dev/zero | tr '\0' x >"$scratch/large"
	is "$(ask -d "@$scratch/large" "$view" | sed 's/400/413/')" 413 "$1: a large body is refused"
}

start_lighttpd "$lighttpd_view"
try_view lighttpd
stop_server

start_workers 1
start_viewers 2
start_nginx
try_view nginx
stop_server

for mode in cgi fcgid proxy; do
	start_apache "$mode"
	[ $mode != proxy ] || data_for_us
	try_view "Apache $mode"
	stop_server
done
is "$(cat "$data"/*.jsonl | wc -l),$(find "$data" -type f ! -name .refused | wc -l)" 2,1 'nothing was written'
done_testing
