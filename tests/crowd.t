#!/bin/sh
# 700 connections at once, with the numbers of the examples: none is refused, and each event
# stands once in the log (P1).
. "$(dirname "$0")/lib.sh"
made tests
. "$(dirname "$0")/servers.sh"

crowd=700
config_make

# The event with a number of its own for a message.
echo "$event_set" | sed 's/"MsgSeq":10,/"MsgSeq":1NUMBER,/' >"$scratch/body"

# try_crowd NAME ADDRESS [PATH]: at the server that was started last.
try_crowd() {
	rm -f "$data"/*
	"$top/build/bench/load" "$2" "${3-/msgext}?$query" "$scratch/body" '"ActionStatus":"OK"' $crowd $crowd close \
		>"$scratch/answers" 2>&1
	is "$(sed -n 's/^\(answered [0-9]* failed [0-9]*\).*/\1/p' "$scratch/answers")" "answered $crowd failed 0" \
		"$1: $crowd at once are answered OK" || sed 's/^/# /' "$scratch/answers" >&2
	is "$(jq -r .MsgSeq "$data/test.jsonl" | sort -un | wc -l),$(wc -l <"$data/test.jsonl")" "$crowd,$crowd" \
		"$1: each stands once"
}

start_lighttpd
try_crowd 'lighttpd FastCGI' "$scratch/lighttpd.socket"
try_crowd 'lighttpd CGI' "$scratch/lighttpd.socket" /cgi-bin/msgext
stop_server
start_watched
start_nginx
is "$(msgext_processes)" 64 'the command of the example runs 64 workers'
try_crowd 'nginx and multiwatch' "$scratch/nginx.socket"
is "$(grep -c 'connect() to\|worker_connections' "$scratch/nginx.log")" 0 'nginx: there was room for each'
stop_server
start_apache proxy
data_for_us
try_crowd 'Apache mod_proxy_fcgi' "$port"
stop_server
start_apache cgi
try_crowd 'Apache CGI' "$port"
done_testing
