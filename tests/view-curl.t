#!/bin/sh
# The viewer under real servers, as curl sees it: sign-in and where it leads, pages that have not changed, links,
# and a guess whose client goes away.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/view-servers.sh"
. "$(dirname "$0")/view.sh"

config_make 'sync = no'
event poll 10 1 1 '{"Key":"alice","Value":"tea"},{"Key":"bob","Value":"coffee"}'
view_config_make
link=$(link_of "$link_key" 0 "$(in_seconds 600)" poll 10 '' 1)

# get QUERY [OPTION...]: the status; the header is in $scratch/answer, the page in $scratch/page.
get() {
	get_query=$1
	shift
	: >"$scratch/page"
	curl -s -m 20 -D "$scratch/raw" -o "$scratch/page" -w '%{http_code}' "$@" "$url$get_query"
	tr -d '\r' <"$scratch/raw" >"$scratch/answer"
}
sign_in_at() { get '' -b "$scratch/jar" -c "$scratch/jar" -d "p=in&password=$1&to=g%3Dpoll%26m%3D10"; }
milliseconds() { date +%s%3N; }

# A client that sends a password and goes away at once: nobody else's is looked at before its second is over.
# Where the machine is too slow to tell, it is tried again.
gone_client() {
	for try in 1 2 3 4 5 6 7 8; do
		began=$(milliseconds)
		curl -s -m 0.1 -o "$scratch/page" -d 'p=in&password=wrong+horse+battery' "$url"
		sleep 0.2
		status=$(sign_in_at correct+horse+battery)
		took=$(($(milliseconds) - began))
		sleep 1.2
		[ "$status" = 303 ] && [ "$took" -gt 900 ] || break
	done
	echo "$status"
}

try_viewer() {
	rm -f "$scratch/jar"
	is "$(get '?g=poll&m=10')" 403 "$1: the form"
	is "$(sign_in_at correct+horse+battery)" 303 "$1: a sign-in"
	is "$(get '' -b "$scratch/jar" -c "$scratch/jar" -L -d 'p=in&password=correct+horse+battery&to=g%3Dpoll%26m%3D10')" 200 \
		"$1: a sign-in leads to a page"
	ok "$1: to the one that was asked for" grep -q alice "$scratch/page"
	is "$(get '?g=poll&m=10&v=1' -b "$scratch/jar")" 200 "$1: a page"
	etag=$(sed -n 's/^[Ee][Tt]ag: //p' "$scratch/answer")
	is "$(get '?g=poll&m=10&v=1' -b "$scratch/jar" -H "If-None-Match: $etag")|$(wc -c <"$scratch/page" 2>/dev/null)" '304|0' "$1: as it was"
	is "$(get '?g=poll' -b "$scratch/jar" -I)" 200 "$1: HEAD"
	is "$(get '?g=poll&g=x' -b "$scratch/jar")$(get '?g=none' -b "$scratch/jar")$(get '' -X PUT)" 400404405 "$1: errors"
	is "$(get "?$link&from=singlemessage&isappinstalled=0")" 200 "$1: a link"
	is "$(get "?$link&f=json")|$(cat "$scratch/page")" "200|$("$msgextctl" -d "$data" show poll 10 --json)" "$1: a link's file"
	is "$(gone_client)" 429 "$1: a guess whose client goes away"
	is "$(get '' -b "$scratch/jar" -c "$scratch/jar" -d p=out)" 303 "$1: a sign-out"
	is "$(get '?g=poll' -b "$scratch/jar")" 403 "$1: signed out"
}
start_view_lighttpd
try_viewer 'lighttpd FastCGI'
stop_server
start_view_nginx
try_viewer 'nginx FastCGI'
stop_server
start_view_apache
try_viewer 'Apache CGI'
done_testing
