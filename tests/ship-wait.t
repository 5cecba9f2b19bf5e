#!/bin/sh
# wait_for_ship: an answer that waits for the engine, but not for long, and not for nobody.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"
. "$(dirname "$0")/servers.sh"

ship=$top/build/msgext-ship
config_make 'wait_for_ship = 1.5'
engine_make one
engine_start one
conninfo="host=$scratch/one user=postgres dbname=postgres"
"$ship" --init "$conninfo"

lines() { sql one 'select count(*) from msgext_line'; }
now() { date +%s%N; }

# Nobody is there to wait for.
event test 1 1 1 '{"Key":"k","Value":"v"}'
is $? 0 'without a shipper, OK is answered'
is "$("$msgextctl" -c "$config" check 2>&1 | grep -c '^WARNING  wait_for_ship')" 1 'but check tells of it'

# posts HOW COUNT: so many events; what was answered in time must be in the engine then, which is seen at once.
posts() {
	in_time=0
	late=0
	missing=0
	for i in $(seq "$2"); do
		before=$(now)
		"$1" "$i" || late=$((late + 1))
		took=$((($(now) - before) / 1000000))
		expected=$((expected + 1))
		[ "$took" -lt 1300 ] || continue
		in_time=$((in_time + 1))
		[ "$(lines)" = "$expected" ] || missing=$((missing + 1))
	done
}
by_cgi() {
	event "group$(($1 % 3))" 10 1 "$1" '{"Key":"k","Value":"v"}'
}
by_fastcgi() {
	# shellcheck disable=SC2086
	printf %s "$event_set" | sed "s/\"test\"/\"fast$(($1 % 3))\"/" |
		curl -s -m 30 $curl_options --data-binary @- "$url?$query" | grep -q '"OK"'
}
"$ship" -d "$data" "$conninfo" 2>"$scratch/ship.log" &
shipper=$!
pids="$pids $shipper"
there() { [ "$(lines)" = 1 ] && "$msgextctl" -c "$config" check | grep -q '^OK       wait_for_ship'; }
ok 'check finds one that is there' wait_for there
expected=1
posts by_cgi 30
is "$late,$missing" 0,0 'CGI: each event is answered OK, and in the engine then'
ok 'most in time' test "$in_time" -gt 15
start_lighttpd
posts by_fastcgi 30
is "$late,$missing" 0,0 'FastCGI: likewise'
ok 'most in time, too' test "$in_time" -gt 15

# Many at once, by each its own log.
for i in 1 2 3 4 5 6 7 8; do
	(for j in 1 2 3 4 5; do by_fastcgi "$i$j" || echo "$i$j" >>"$scratch/refused"; done) &
	posting="${posting-} $!"
done
# shellcheck disable=SC2086
wait $posting
ok 'eight at a time are all answered OK' test ! -e "$scratch/refused"

# An engine that stands still: OK all the same, for the line is on the disk.
backend=$(pgrep -P "$(head -n 1 "$scratch/one/data/postmaster.pid")" -f 'postgres postgres.*\[local\]' | head -n 1)
kill -STOP "$backend"
kept=$(cat "$data"/*.jsonl | wc -l)
before=$(lines)
by_cgi 1
is $? 0 'an engine that stands still: OK is answered'
is "$(cat "$data"/*.jsonl | wc -l),$(lines)" "$((kept + 1)),$before" 'the line is on the disk, and not in the engine'
kill -CONT "$backend"
arrived() { [ "$(lines)" = $((kept + 1)) ]; }
ok 'which gets it later' wait_for arrived

# A shipper that dies sets those free who wait.
kill -STOP "$backend"
kill -9 "$shipper"
by_cgi 2
is $? 0 'a shipper that was killed is not waited for'
ok 'though its socket is still there' test -S "$data/msgext-ship.socket"
kill -CONT "$backend"
done_testing
