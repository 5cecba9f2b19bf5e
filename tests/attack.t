#!/bin/sh
# P6, whoever else comes: 16 clients without a token that send one byte of their bodies and wait, at
# each server and mode.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make 'token = xxxxyyyy' 'sync = no'

# try_attack NAME [PATH [QUERY]]: at the server that was started last.
try_attack() {
	name=$1
	shift
	[ $# -gt 0 ] || set -- /msgext
	perl "$top/tests/attack.pl" "$address" "${MSGEXT_TEST_SECONDS-0.3}" xxxxyyyy "$@" >"$scratch/attack"
	read -r count answered longest <"$scratch/attack"
	is "$answered" "$count" "$name, 16 slow clients: $count signed events are answered OK"
	ok "$name: the longest answer took $longest ms (P6)" test "$longest" -lt 1800
}

start_lighttpd
address=$scratch/lighttpd.socket
try_attack 'lighttpd FastCGI'
try_attack 'lighttpd CGI' /cgi-bin/msgext
stop_server
start_workers 4
start_nginx
address=$scratch/nginx.socket
try_attack nginx
stop_server
data_for_us
start_apache proxy
data_for_us
address=127.0.0.1:$port
try_attack 'Apache mod_proxy_fcgi'
stop_server
for mode in cgi fcgid; do
	start_apache "$mode"
	address=127.0.0.1:$port
	try_attack "Apache $mode"
	stop_server
done

# Where there is no token, what is sent slowly is taken; but not by a worker that others wait for.
sed -i /token/d "$config"
start_workers 4
start_apache proxy
data_for_us
address=127.0.0.1:$port
try_attack 'Apache mod_proxy_fcgi without a token' /msgext "$query"
stop_server
done_testing
