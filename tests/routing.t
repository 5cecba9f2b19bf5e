#!/bin/sh
# One URL, several handlers: the shipped examples, with their routing switched on, give msgext the
# events of its callback, and leave everything else to the program that is there already.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/routing.sh"

config_make
routing_on
events_stored() {
	cat "$data"/*.jsonl 2>/dev/null | wc -l
}
other_make "$scratch/other.cgi"

# lighttpd, and then behind nginx another one's program.
start_lighttpd "$lighttpd_routing
	\$HTTP[\"url\"] == \"/callback\" {
		alias.url += ( \"/callback\" => \"$scratch/other.cgi\" )
		cgi.assign = ( \"\" => \"\" )
	}
	\$HTTP[\"url\"] == \"/other\" {
		alias.url += ( \"/other\" => \"$scratch/other.cgi\" )
		cgi.assign = ( \"\" => \"\" )
	}"
url=http://localhost/callback
try_routing lighttpd
url=http://localhost/msgext
is "$(post "$query" "$event_set")" "$answer_ok" 'lighttpd: msgext answers at its own path, too'

start_workers 2
nginx_routing="$nginx_routing
	location = /callback { proxy_pass http://unix:$scratch/lighttpd.socket:/other; }"
start_nginx
url=http://localhost/callback
try_routing nginx
url=http://localhost/other
is "$(post "$query" "$event_set" | grep -c 404)" 2 'nginx: no other path is routed'

# Others that reach a worker all the same: a line a minute and process.
url=http://localhost/msgext
: >"$scratch/nginx.log"
for number in 1 2 3 4 5 6 7 8 9 10; do
	post "SdkAppid=$app_id&CallbackCommand=Group.CallbackBeforeSendMsg&Number=$number" '{}'
done >"$scratch/answers"
is "$(sort -u "$scratch/answers")" "$answer_ok" 'other callbacks that reach a worker are answered OK'
told=$(grep -c 'msgext: command-other: CallbackCommand: Group.CallbackBeforeSendMsg is another callback' "$scratch/nginx.log")
ok "and told by each of two workers once at most: $told" test "$told" -ge 1 -a "$told" -le 2
stop_server
curl_options="--unix-socket $scratch/lighttpd.socket"
url=http://localhost/cgi-bin/msgext
is "$(post "CallbackCommand=Group.CallbackBeforeSendMsg" '{}'),$(grep -c command-other "$scratch/lighttpd.log")" \
	"$answer_ok,0" 'under CGI they are not told'
stop_server

# Apache.  Where the example is included in the server's own part, each virtual host has its rules,
# before its own.
other="ScriptAlias /callback $scratch/other.cgi
	<Location /callback>
	Require all granted
	</Location>"
with_cgid="$(apache_modules cgid)
	ScriptSock $scratch/other-cgid.socket"
data_for_us
for mode in cgi fcgid proxy; do
	lines=$other
	[ $mode = cgi ] || lines="$with_cgid
	$other"
	[ $mode != proxy ] || data_for_us
	start_apache $mode "$lines"
	[ $mode != proxy ] || data_for_us
	url=${url%/msgext}/callback
	try_routing "Apache $mode"
	stop_server
done
start_apache cgi "<VirtualHost *>
	$other
	RewriteEngine On
	RewriteRule ^/callback\$ /callback [PT]
	</VirtualHost>"
url=${url%/msgext}/callback
try_routing "Apache, beside a virtual host's own rules"
stop_server
apache_routing=$(apache_modules rewrite)
start_apache cgi "<VirtualHost *>
	Define MSGEXT_BESIDE /callback
	Include $top/apache-example.conf
	$other
	</VirtualHost>"
url=${url%/msgext}/callback
try_routing 'Apache, included in a virtual host'
stop_server
done_testing
