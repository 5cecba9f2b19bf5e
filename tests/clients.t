#!/bin/sh
# Clients that come in crowds, stay for long, or leave: no acknowledged event
# is lost (P1), nothing is stored of a body that was cut off (P5), and no
# process stays behind.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make

clients() {
	perl "$top/tests/clients.pl" "$1" "$2" "$address" "$query" >"$scratch/answered" 2>"$scratch/stderr"
	sort "$scratch/answered" >"$scratch/acknowledged"
}
stored() {
	jq -r .Seq "$data/$1.jsonl" 2>/dev/null | sort
}
settled() {
	[ "$(msgext_processes)" -le "$processes" ]
}

# try_clients NAME: with the server that was started last.
try_clients() {
	processes=$(msgext_processes)
	rm -f "$data"/*
	clients crowd "$crowd"
	stored crowd >"$scratch/stored"
	is "$(cat "$scratch/stderr")" '' "$1: $crowd connections at once"
	is "$(comm -23 "$scratch/acknowledged" "$scratch/stored" | wc -l)" 0 "$1: no acknowledged event is lost"
	is "$(wc -l <"$scratch/acknowledged")" "$crowd" "$1: all are acknowledged"
	rm -f "$data"/*
	clients leave 100
	wait_for answers
	is "$(post "$query" "$event_set")" "$answer_ok" "$1: clients that leave hold nobody up"
	clients cut 100
	wait_for settled
	is "$(post "$query" "$event_set")" "$answer_ok" "$1: nor do bodies that are cut off"
	ok "$1: of which nothing is stored" test ! -e "$data/cut.jsonl"
	ok "$1: no process stays behind" wait_for settled
}

crowd=1000
start_lighttpd 'server.max-keep-alive-requests = 20000
	server.max-fds = 4096
	server.max-connections = 2048'
address=$scratch/lighttpd.socket
try_clients 'lighttpd FastCGI'
rm -f "$data"/*
clients keep 10000
stored keep >"$scratch/stored"
is "$(wc -l <"$scratch/acknowledged")" 10000 '10,000 requests on one connection'
ok 'each of the requests on one connection is stored once' cmp "$scratch/acknowledged" "$scratch/stored"
stop_server

crowd=100
start_apache cgi
address=127.0.0.1:$port
try_clients 'Apache CGI'
done_testing
