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
is "$("$msgextctl" -c "$config" check 2>&1 | grep -c '^WARNING  wait_for_ship')" 1 'check warns of wait_for_ship without a shipper'

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

# A log that was cut while an earlier batch is on its way: what was shipped of it before does not count.
sql one "create function slow() returns trigger language plpgsql as
	'begin perform pg_sleep(case new.group_id when ''slow'' then 0.7 when ''cut'' then 0.2 when ''stuck'' then 1.8 else 0 end); return new; end'"
sql one 'create trigger slow before insert on msgext_line for each row execute function slow()'
for i in 1 2 3 4; do
	event old 10 1 "$i" '{"Key":"k","Value":"v"}'
done
kept=$(sql one "select count(*) from msgext_line where group_id = 'cut'")
event slow 10 1 1 '{"Key":"k","Value":"v"}' &
slow=$!
begun() { [ "$(sql one "select count(*) from pg_stat_activity where wait_event = 'PgSleep'")" = 1 ]; }
wait_for begun
mv "$data/old.jsonl" "$data/cut.jsonl"
truncate -s 0 "$data/cut.jsonl"
before=$(now)
event cut 10 1 1 '{"Key":"k","Value":"v"}'
took=$((($(now) - before) / 1000000))
is "$kept,$([ "$took" -ge 1300 ] || sql one "select count(*) from msgext_line where group_id = 'cut'")" \
	"0,$([ "$took" -ge 1300 ] || echo 1)" 'an answer in time is about the log as it is now'
wait "$slow"

# What the engine takes longer over than an answer may wait.
before=$(now)
event stuck 10 1 1 '{"Key":"k","Value":"v"}'
ok 'nothing that the engine has not is answered for early' test $((($(now) - before) / 1000000)) -ge 1400
sql one 'drop trigger slow on msgext_line'
caught_up() { [ "$(sql one "select count(*) from msgext_line where group_id in ('slow', 'cut', 'old', 'stuck')")" = 7 ]; }
wait_for caught_up
sql one "delete from msgext_line where group_id = 'old'" # which the directory has no more

# An engine that stands still: OK all the same, for the line is on the disk.
backend=$(pgrep -P "$(head -n 1 "$scratch/one/data/postmaster.pid")" -f 'postgres postgres.*\[local\]' | head -n 1)
kill -STOP "$backend"
kept=$(cat "$data"/*.jsonl | wc -l)
before=$(lines)
started=$(now)
by_cgi 1
is $? 0 'an engine that stands still: OK is answered'
ok 'once it was waited for' test $((($(now) - started) / 1000000)) -ge 1400
is "$(cat "$data"/*.jsonl | wc -l),$(lines)" "$((kept + 1)),$before" 'the line is on the disk, and not in the engine'
kill -CONT "$backend"
arrived() { [ "$(lines)" = $((kept + 1)) ]; }
ok 'the engine gets the event later' wait_for arrived

# A shipper that dies sets those free who wait.
kill -STOP "$backend"
kill -9 "$shipper"
by_cgi 2
is $? 0 'a shipper that was killed is not waited for'
ok 'though its socket is still there' test -S "$data/msgext-ship.socket"
kill -CONT "$backend"

# Nor is one that has no engine.
"$ship" -d "$data" host=/nowhere 2>"$scratch/nowhere" &
pids="$pids $!"
wait_for grep -q nowhere "$scratch/nowhere"
is "$("$msgextctl" -c "$config" check | grep -c '^WARNING  wait_for_ship')" 1 'a shipper without an engine keeps nobody'
by_cgi 3
is $? 0 'OK is answered without an engine'
done_testing
