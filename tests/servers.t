#!/bin/sh
# The vendor's three sample events through every server and mode.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make 'token = xxxxyyyy' 'max_skew = 9999999999'
prefix="{\"SdkAppid\":$app_id,\"ClientIP\":\"203.0.113.7\",\"OptPlatform\":\"Android\","
expected=$(printf '%s\n' "$prefix${event_set#?}" "$prefix${event_delete#?}" "$prefix${event_clear#?}")

# All that a user would try first, at the server that runs.
try_server() {
	rm -f "$data"/*
	for event in "$event_set" "$event_delete" "$event_clear"; do
		is "$(post "$query&$signature" "$event")" "$answer_ok" "$1: an event is answered OK"
	done
	is "$(lines_stored)" "$expected" "$1: three lines"
	is "$(jq -r .OperateType "$data"/test.jsonl | tr '\n' ' ')" '1 2 3 ' "$1: jq reads them"
	is "$(stat -c %a "$data"/test.jsonl)" 600 "$1: mode 0600 (P7)"

	# shellcheck disable=SC2086
	is "$(printf %s "$event_set" | curl -s -m 30 $curl_options -H 'Transfer-Encoding: chunked' \
		--data-binary @- "$url?$query&$signature")" "$answer_ok" "$1: a chunked body"
	is "$(lines_stored | tail -n 1)" "$prefix${event_set#?}" "$1: its line"

	is "$(post "SdkAppid=$app_id&CallbackCommand=Group.CallbackBeforeSendMsg" '{}')" \
		"$answer_ok" "$1: a before-callback is answered OK"
	is "$(post "$query" "$event_set" | jq -r .ErrorInfo)" 'sign-missing: Sign: is missing' \
		"$1: without a signature nobody gets in (P7)"
	is "$(lines_stored | wc -l)" 4 "$1: neither is stored"

	# Refused without reading it: the answer arrives all the same.
	perl -e 'print "x" x 260_000' >"$scratch/large"
	for round in 1 2 3 4 5; do
		post "$query" "@$scratch/large" | jq -r .ErrorInfo
	done >"$scratch/answers"
	is "$(sort "$scratch/answers" | uniq -c | tr -s ' ')" ' 5 sign-missing: Sign: is missing' \
		"$1: a large body without a signature"

	# shellcheck disable=SC2086
	is "$(curl -s -m 30 $curl_options "$url")" "$answer_ok" "$1: GET is a health probe"
	# shellcheck disable=SC2086
	is "$(curl -s -m 30 -I $curl_options "$url" | head -n 1 | cut -d' ' -f2)" 200 "$1: HEAD too"
	# shellcheck disable=SC2086
	is "$(curl -s -m 30 -X PUT -d x -o /dev/null -w '%{http_code} %header{allow}' \
		$curl_options "$url")" '405 GET, HEAD, POST' "$1: PUT is not allowed"
}

start_lighttpd
try_server 'lighttpd FastCGI'
url=http://localhost/cgi-bin/msgext
try_server 'lighttpd CGI'
ok 'lighttpd: the reason stands in its error log' \
	grep -q 'msgext: sign-missing: Sign: is missing' "$scratch/lighttpd.log"
stop_server

start_workers 2
start_nginx
try_server 'nginx FastCGI'
ok 'nginx: the reason stands in its error log' \
	grep -q 'msgext: sign-missing: Sign: is missing' "$scratch/nginx.log"
stop_server

# A body that Apache inflates has another length than it announces.
inflating="$(apache_modules filter deflate)
<Location /msgext>
SetInputFilter DEFLATE
</Location>"
try_inflated() {
	printf %s "$event_set" | gzip >"$scratch/gzip"
	for transfer in '' chunked; do
		is "$(curl -s -m 30 -H 'Content-Encoding: gzip' -H "Transfer-Encoding: $transfer" \
			--data-binary "@$scratch/gzip" "$url?$query&$signature")" "$answer_ok" "$1: an inflated body $transfer"
		is "$(lines_stored | tail -n 1)" "$prefix${event_set#?}" "$1: its line"
	done
	is "$(post "$query" "@$scratch/gzip" | jq -r .ErrorInfo)" 'sign-missing: Sign: is missing' "$1: one that is refused"
}

data_for_us
start_apache proxy
data_for_us
try_server 'Apache mod_proxy_fcgi'
stop_server
start_apache proxy "$inflating"
data_for_us
try_inflated 'Apache mod_proxy_fcgi'
stop_server

for mode in cgi fcgid; do
	start_apache "$mode"
	try_server "Apache $mode"
	ok "Apache $mode: the reason stands in its error log" \
		grep -q 'msgext: sign-missing: Sign: is missing' "$scratch/apache.log"
	stop_server
	start_apache "$mode" "$inflating"
	try_inflated "Apache $mode"
	stop_server
done
done_testing
