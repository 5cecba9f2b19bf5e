#!/bin/sh
# One corpus, three transports: the answers and the lines must be those that
# the corpus names, which the unit test holds the direct call to as well.
#
# A case's first line is STATUS METHOD QUERY; its second the line to be stored,
# "-" for nothing, or the ErrorInfo; the rest, to the last byte, is the body.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make 'token = xxxxyyyy' 'max_skew = 9999999999' 'max_body = 4096'
body=$scratch/body
got=$scratch/got

# Each send_* leaves the status in $status and the answer's body in $got.
send_cgi() {
	env -i MSGEXT_CONFIG="$config" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$method" \
		QUERY_STRING="$case_query" CONTENT_LENGTH="$(wc -c <"$body")" \
		"$msgext" <"$body" >"$scratch/answer" 2>/dev/null
	status=$(sed -n '1s/^Status: \([0-9]*\) .*/\1/p' "$scratch/answer")
	sed '1,/^.$/d' "$scratch/answer" >"$got"
}
send_http() {
	# shellcheck disable=SC2086
	status=$(curl -s -m 30 -o "$got" -w '%{http_code}' $curl_options -X "$method" \
		--data-binary @"$body" "$url?$case_query")
}

# try_case SEND FILE
try_case() {
	read -r expected_status method case_query <"$2"
	expected=$(sed -n 2p "$2")
	tail -n +3 "$2" >"$body"
	rm -f "$data"/*
	"$1"
	case $expected_status,$expected in
	200,-) answer=$answer_ok line= ;;
	200,*) answer=$answer_ok line=$expected ;;
	*) answer="{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"$expected\",\"ErrorCode\":1}" line= ;;
	esac
	stored=$(lines_stored)
	[ "$status" = "$expected_status" ] && [ "$(cat "$got")" = "$answer" ] &&
		[ "$stored" = "$line" ] && return
	printf '# %s\n' "status $status, expected $expected_status" "answer $(cat "$got")" \
		"expected $answer" "stored $stored" "expected $line"
	return 1
}

# try_corpus SEND TRANSPORT
try_corpus() {
	for file in "$corpus"/*; do
		ok "$2: ${file##*/}" try_case "$1" "$file"
	done
}

try_corpus send_cgi 'CGI by hand'
# Left to itself lighttpd refuses or mends some of these queries before we see them.
start_lighttpd 'server.http-parseopts = ( "url-normalize" => "disable" )'
try_corpus send_http 'lighttpd FastCGI'
stop_server
start_apache cgi
try_corpus send_http 'Apache CGI'
done_testing
