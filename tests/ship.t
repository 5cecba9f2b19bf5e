#!/bin/sh
# msgext-ship: whatever dies when, each acknowledged line is in the engine once, byte by byte.
. "$(dirname "$0")/lib.sh"
made tests
. "$(dirname "$0")/postgres.sh"

ship=$top/build/msgext-ship
hammer=$top/build/tests/hammer
config_make 'sync = no'
seed_make

# start_ship ENGINE...: one that goes on, to the first of these that can be written to.
start_ship() {
	hosts=
	for name in "$@"; do
		hosts="$hosts,$scratch/$name"
	done
	"$ship" -d "$data" "host=${hosts#,} user=postgres dbname=postgres target_session_attrs=read-write" \
		2>>"$scratch/ship.log" &
	shipper=$!
	pids="$pids $shipper"
}
# Its exit status is that of a program that was told to end.
stop_ship() {
	kill "$shipper"
	wait "$shipper" 2>/dev/null || echo "# it ended with $?"
}
# end_ship: the exit status of one that is told to end, and is killed where it does not.
end_ship() {
	kill "$shipper"
	wait_gone "$shipper" || kill -s KILL "$shipper"
	wait "$shipper"
}
# held ENGINE: the sum of each log as the engine has it.
held() {
	sql "$1" "select encode(sha256(string_agg(line || '\\x0a', '' order by start)), 'hex')
		from msgext_line group by file order by 1"
}
# there: the same of the logs that are there.
there() {
	find "$data" -name '*.jsonl*' -size +0 -exec sha256sum {} + | cut -d' ' -f1 | sort
}
shipped() {
	[ "$(held "$1")" = "$(there)" ]
}
# arrives ENGINE DESCRIPTION
arrives() {
	wait_for shipped "$1"
	is "$(held "$1")" "$(there)" "$2"
}
# events COUNT: so many, by several writers, in several groups; acknowledged when it ends.
events() {
	"$hammer" "$data" "g$(date +%s%N)" 4 "$(($1 / 4))" nosync many >/dev/null
}

engine_make one
perl "$top/tests/generate.pl" 2000 40 poll >"$data/poll.jsonl"
chmod 600 "$data/poll.jsonl"
start_ship one
ok 'the shipper waits for an engine that is down' wait_for grep -q 'socket' "$scratch/ship.log"
engine_start one
"$ship" --init "host=$scratch/one user=postgres dbname=postgres"
"$ship" --init "host=$scratch/one user=postgres dbname=postgres" 2>"$scratch/stderr"
is $? 0 'the tables can be made twice'
arrives one 'the lines that were there are shipped'
is "$(sql one "select sdk_app_id, group_id, count(distinct msg_seq), min(time) from msgext_line group by 1, 2")" \
	"1400000000|poll|40|$(jq -r .time "$data/poll.jsonl" | sort | sed -n '1s/T/ /;1s/0*Z/+00/;1s/\.+/+/p')" \
	'the columns have what each line says'
is "$("$ship" -d "$data" --once 'host=/nowhere' 2>&1)" "msgext-ship: lock-timeout: $data: another msgext-ship is running here" \
	'a second shipper is refused in the same directory'

# Lines that come, damaged ones, a last line that nobody acknowledged.
event test 10 1 1 '{"Key":"alice","Value":"投票"}'
arrives one 'an event that comes'
printf 'no JSON\n{"bad":"\377\376"}\n{"nul":"\000"}\n' >>"$data/test.jsonl"
event test 10 1 2 '{"Key":"bob","Value":"yes"}'
arrives one 'bytes that are no text'
before=$(there)
printf '{"torn' >>"$data/test.jsonl"
event other 10 1 3 '{"Key":"bob","Value":"no"}'
has() { [ "$(sql one "select count(*) from msgext_line where group_id = '$1'")" -gt 0 ]; }
wait_for has other
is "$(held one | sort)" "$(printf '%s\n' "$before" "$(sha256sum <"$data/other.jsonl" | cut -d' ' -f1)" | sort)" 'a torn tail is not shipped'
event test 10 1 4 '{"Key":"bob","Value":"no"}'
arrives one 'a torn tail that was set aside is never shipped'
printf '{"whole":"but garbage\n' >>"$data/test.jsonl"
event third 10 1 3 '{"Key":"bob","Value":"no"}'
wait_for has third
event test 10 1 5 '{"Key":"bob","Value":"no"}'
arrives one 'a last line that the next writer sets aside is never shipped'
# Damage that was shipped as a line leaves the log when a torn end behind it is mended, and after a power cut.
generation() {
	sql one "select encode(sha256(string_agg(line || '\\x0a', '' order by start)), 'hex') from msgext_line
		where file = (select id from msgext_file where name = '$group.jsonl' and generation = $1)"
}
mended() { [ "$(generation 1)" = "$(sha256sum <"$data/$group.jsonl" | cut -d' ' -f1)" ]; }
for damage in torn cut; do
	group=mended-$damage
	event $group 10 1 1 '{"Key":"bob","Value":"no"}'
	for seq in 2 3; do
		echo damage
		sed "s/\"Seq\":1/\"Seq\":$seq/g" "$data/$group.jsonl"
	done >"$scratch/mended"
	cat "$scratch/mended" >>"$data/$group.jsonl"
	arrives one "$damage: damage is shipped as it is"
	[ $damage = cut ] || printf '{"torn' >>"$data/$group.jsonl"
	[ $damage = torn ] || touch -d 2020-01-01 "$data/$group.jsonl"
	event $group 10 1 4 '{"Key":"bob","Value":"no"}'
	is "$(grep -c damage "$data/$group.jsonl")" 0 "$damage: a mending takes it out"
	ok "$damage: the log is shipped anew" wait_for mended
	is "$(sql one "select string_agg(seq || 'x' || count, ',' order by seq) from (select seq, count(*) from msgext_line
		where group_id = '$group' and seq is not null group by seq) as versions")" 1x2,2x2,3x2,4x1 \
		"$damage: nothing is missing, and what was shipped stands twice at most"
	sql one "delete from msgext_line where file in (select id from msgext_file where name = '$group.jsonl')"
	rm "$data/$group.jsonl" "$data/$group.torn"
done
# While a log's end is looked at and read, a writer repairs it and appends.  Lines are of one length, and stand for
# what the kernel could not write until they are acknowledged.
# line GROUP VERSION; damage GROUP: as long
line() {
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,"CallbackCommand":"%s","GroupId":"%s","MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1}\n' \
		$command "$1" "$2" "$2"
}
damage() { line "$1" 0 | tr ':' '?'; }
# size GROUP LINES
size() { echo $(($(line "$1" 1 | wc -c) * $2)); }
# begin GROUP: a directory with a log of its own.
begin() {
	mkdir -m 700 "$scratch/$1"
	cat >"$scratch/$1/$1.jsonl"
}
# meanwhile WHEN GROUP LINES VERSION...: what a writer does then: the log is cut to so many lines, and gets these.
# It has the lock until the shipper has ended or says that it begins again; then all but KEPT lines are refused.
meanwhile() {
	when=$1 group=$2 cut=$(size "$2" "$3")
	settled=$scratch/$group
	shift 3
	for version in "$@"; do
		line "$group" "$version"
	done >"$scratch/added"
	cat >"$scratch/writer" <<-END
		perl "$top/tests/locked.pl" "$settled/$group.jsonl" 'truncate \$log, $cut or die;
			seek \$log, 0, 2;
			open my \$added, "<", "$scratch/added" or die;
			syswrite \$log, join "", <\$added>;
			ready("$scratch/written");
			exit if $KEPT < 0;
			for (1 .. 1000) {
				last if -e "$scratch/ended" || -s "$scratch/meanwhile.log";
				select undef, undef, undef, 0.01;
			}
			truncate \$log, $(size "$group" "$KEPT") or die' </dev/null &
		until [ -e "$scratch/written" ]; do sleep 0.01; done
	END
	rm -f "$scratch/written" "$scratch/ended" "$scratch/meanwhile.log"
	(
		eval "MSGEXT_$when=$scratch/writer"
		export "MSGEXT_$when" LD_PRELOAD="$top/build/tests/meanwhile.so"
		exec "$ship" -d "$settled" --once "host=$scratch/one user=postgres dbname=postgres" 2>"$scratch/meanwhile.log"
	)
	: >"$scratch/ended"
	wait_for perl "$top/tests/locked.pl" "$settled/$group.jsonl" 1
}
versions() {
	sql one "select string_agg(distinct seq::text, ' ') from msgext_line where group_id = '$1'"
}
if [ -z "${MSGEXT_SANITIZED-}" ]; then
	{
		line torn 1
		damage torn | tr -d '\n'
		printf x
	} | begin torn
	KEPT=1 meanwhile UNLOCKED torn 1 2
	is "$(versions torn)" 1 'a line of the length of a torn one, which is refused, is not shipped'
	{
		line gap 1
		damage gap
		line gap 2
	} | begin gap
	KEPT=2 meanwhile UNLOCKED gap 1 2 3
	is "$(versions gap)" '1 2' 'where lines were moved while they were read, none that is refused is shipped'
	is "$(grep -c 'gap.jsonl: was repaired' "$scratch/meanwhile.log")" 1 'the batch is begun again'
	{
		line moved 1
		damage moved
		line moved 2
	} | begin moved
	"$ship" -d "$scratch/moved" --once "host=$scratch/one user=postgres dbname=postgres"
	is "$(versions moved)" '1 2' 'what a power cut left is shipped'
	KEPT=-1 meanwhile LOCKING moved 1 2 3 4
	is "$(versions moved)" '1 2 3 4' 'where lines are moved just before they are read, each is shipped'
	names="('torn.jsonl', 'gap.jsonl', 'moved.jsonl')"
	sql one "delete from msgext_line where file in (select id from msgext_file where name in $names);
		delete from msgext_file where name in $names;
		delete from msgext_node where id not in (select node from msgext_file)" >/dev/null
fi
for file in "$top"/tests/lines/*; do
	sed '1,3d' "$file"
done >"$data/kinds.jsonl"
chmod 600 "$data/kinds.jsonl"
arrives one 'lines of every kind that was ever taken'
kinds="from msgext_line join msgext_file on file = id where name = 'kinds.jsonl'"
is "$(sql one "select count(*) $kinds and (group_id is null or msg_seq is null or seq is null)")" 0 'the columns of all kinds of lines are read'
rm "$data/kinds.jsonl"
sql one "delete from msgext_line where file in (select id from msgext_file where name = 'kinds.jsonl')"
mv "$data/test.jsonl" "$data/test.jsonl.1"
event test 10 1 6 '{"Key":"bob","Value":"no"}'
arrives one 'a log that was renamed is not shipped again'

# Files that were cut, rewritten, or bear names that are no text.
truncate -s 0 "$data/third.jsonl"
event third 10 1 7 '{"Key":"bob","Value":"a new log in the old file"}'
latest() { [ "$(sql one "select count(*) from msgext_line where group_id = 'third' and seq = $1")" -gt 0 ]; }
ok 'a log that was emptied, and grew beyond where it was, is shipped anew' wait_for latest 7
cp "$data/third.jsonl" "$scratch/third"
sed -i 's/a new log/another one/; s/"Seq":7/"Seq":8/g' "$scratch/third"
cat "$scratch/third" >"$data/third.jsonl"
event third 10 1 9 '{"Key":"bob","Value":"behind it"}'
ok 'a log that was rewritten in place is shipped anew' wait_for latest 8
ok 'what came after a log was rewritten is shipped' wait_for latest 9
is "$(sql one "select max(generation) from msgext_file where name = 'third.jsonl'")" 2 'each log that is shipped anew is another generation'
rm "$data/third.jsonl"
odd=$(printf 'odd\377"\\{},.jsonl')
cp "$data/other.jsonl" "$data/$odd"
cp "$data/other.jsonl" "$data/other.jsonl.bak"
gzip -k "$data/other.jsonl.bak"
odd_shipped() { [ "$(sql one "select position from msgext_file where name = 'odd?\"\\{},.jsonl'")" = "$(wc -c <"$data/$odd")" ]; }
ok 'a name that is no text' wait_for odd_shipped
bak_shipped() { [ "$(sql one "select count(*) from msgext_file where name ~ 'bak' and position > 0")" = 1 ]; }
wait_for bak_shipped
is "$(sql one "select string_agg(name, ',') from msgext_file where name ~ 'bak'")" other.jsonl.bak 'compressed files are not shipped'
rm "$data/$odd" "$data"/other.jsonl.bak*
sql one "delete from msgext_line where file in (select id from msgext_file where name ~ 'third|odd|bak')"

event fourth 10 1 1 '{"Key":"bob","Value":"one"}'
event fourth 10 1 2 '{"Key":"bob","Value":"two"}'
arrives one 'lines that come'
sed 's/one/ONE/' "$data/fourth.jsonl" >"$scratch/fourth"
sed 's/two/TWO/' "$scratch/fourth" >"$scratch/fourth.2"
cat "$scratch/fourth.2" >"$data/fourth.jsonl"
rewritten() { [ "$(sql one "select count(*) from msgext_line where encode(line, 'escape') ~ 'TWO'")" = 1 ]; }
ok 'one that was rewritten to the same size is shipped anew' wait_for rewritten
sql one "delete from msgext_line where file in (select id from msgext_file where name = 'fourth.jsonl' and generation = 0)"
# In one batch with others.
kill -STOP "$shipper"
truncate -s 0 "$data/fourth.jsonl"
event fourth 10 1 3 '{"Key":"bob","Value":"three"}'
event test 10 1 7 '{"Key":"bob","Value":"with it"}'
kill -CONT "$shipper"
cut_shipped() { [ "$(sql one "select count(*) from msgext_line where group_id = 'fourth' and seq = 3")" = 1 ]; }
ok 'one that was cut, in one batch with others' wait_for cut_shipped
is "$(grep -c 'positions in the engine are not' "$scratch/ship.log")" 0 'holds them up no more than itself'
sql one "delete from msgext_line where file in (select id from msgext_file where name = 'fourth.jsonl' and generation = 1)"

# Killed at random beside writers; the engine stopped; its positions taken back.
for round in 1 2 3 4 5 6 7 8; do
	events 8000 &
	writers=$!
	perl -e 'srand shift; select undef, undef, undef, rand 0.15' "$((seed + round))"
	kill -9 "$shipper"
	wait "$shipper" 2>/dev/null
	[ $((round % 2)) -eq 0 ] || sql one "update msgext_file set position = 0 where hashint8(id * 1000 + $((seed % 1000 + round))) % 2 = 0"
	start_ship one
	wait "$writers"
done
arrives one 'killed again and again, with positions that were lost'
kill -STOP "$(head -n 1 "$scratch/one/data/postmaster.pid")"
backend=$(pgrep -P "$(head -n 1 "$scratch/one/data/postmaster.pid")" -f 'postgres postgres.*\[local\]' | head -n 1)
[ -z "$backend" ] || kill -STOP "$backend"
events 4000
sleep 3
[ -z "$backend" ] || kill -CONT "$backend"
kill -CONT "$(head -n 1 "$scratch/one/data/postmaster.pid")"
arrives one 'an engine that stood still'
engine_kill one
events 4000
engine_start one
arrives one 'an engine that was killed'

# It ends when it is told to, whatever the engine does.
end_ship
is $? 0 'told to end, it ends with 0'
"$ship" -d "$data" host=/nowhere 2>"$scratch/nowhere" &
shipper=$!
wait_for grep -q nowhere "$scratch/nowhere"
end_ship
is $? 0 'while there is no engine, too'
start_ship one
events 400
arrives one 'begun again'
postmaster=$(head -n 1 "$scratch/one/data/postmaster.pid")
backend=$(pgrep -P "$postmaster" -f 'postgres postgres.*\[local\]' | head -n 1)
kill -STOP "$backend"
events 400
end_ship
is $? 0 'while the engine stands still, too'
kill -CONT "$backend"
start_ship one
arrives one 'nothing is lost by a connection that ended'

# Once, it ends where it cannot go on.
stop_ship
once() {
	directory=$1
	shift
	answer=$("$@" "$ship" -d "$directory" --once "host=$scratch/one user=postgres dbname=postgres" 2>&1)
	answer="$?,$answer"
}
"$ship" -d "$data" --once host=/nowhere 2>/dev/null
is $? 69 'once, without an engine'
event locked 10 1 1 '{"Key":"bob","Value":"no"}'
perl "$top/tests/locked.pl" "$data/locked.jsonl" "ready('$scratch/locked'); sleep 300" &
locker=$!
wait_for test -e "$scratch/locked"
event beside 10 1 1 '{"Key":"bob","Value":"no"}'
once "$data"
is "$answer" '75,msgext-ship: lock-timeout: a writer kept a log locked all the time' 'once, with a log that stays locked'
ok 'the others are shipped' has beside
kill "$locker"
once "$data"
is "$answer" 0, 'once, when it is free'
if [ "$(id -u)" -eq 0 ]; then
	mkdir -m 700 "$scratch/nobody"
	cp "$data/beside.jsonl" "$scratch/nobody/mine.jsonl"
	cp "$data/beside.jsonl" "$scratch/nobody/others.jsonl"
	chown nobody "$scratch/nobody" "$scratch/nobody/mine.jsonl"
	before=$(sql one 'select count(*) from msgext_line')
	once "$scratch/nobody" setpriv --reuid=nobody --clear-groups
	is "$answer" '74,msgext-ship: open-failed: others.jsonl: Permission denied' 'a log that may not be read is told of'
	is "$(sql one 'select count(*) from msgext_line')" $((before + 1)) 'the other logs are shipped beside one that may not be read'
	sql one "delete from msgext_line where file in (select id from msgext_file where name = 'mine.jsonl')"
	sql one "delete from msgext_file where name in ('mine.jsonl', 'others.jsonl')"
	sql one 'delete from msgext_node n where not exists (select from msgext_file f where f.node = n.id)'
fi
start_ship one

# Databases that it does not take.
sql one "create database latin encoding 'LATIN1' template template0 locale 'C'"
answer=$("$ship" --init "host=$scratch/one user=postgres dbname=latin" 2>&1)
is "$?,$answer" '69,msgext-ship: engine-failed: the encoding of the database is not UTF8' 'a database that cannot hold each id'
sql one 'create database other'
is "$("$ship" --lines "host=$scratch/one user=postgres dbname=other" 2>&1 | grep -c 'msgext_schema.* does not exist')" 1 'an engine without tables is refused'
"$ship" --init "host=$scratch/one user=postgres dbname=other"
psql -h "$scratch/one" -U postgres -d other -Xqc 'update msgext_schema set version = 99'
answer=$("$ship" --lines "host=$scratch/one user=postgres dbname=other" 2>&1)
is "$?,$answer" '69,msgext-ship: engine-failed: the tables are of another version' 'an engine with tables of another version is refused'

# Compaction beside shipping: the fold of what was shipped is that of the log.
for round in 1 2 3; do
	perl "$top/tests/generate.pl" 1000 40 "c$round" >>"$data/c$round.jsonl"
	chmod 600 "$data/c$round.jsonl"
	must "$msgextctl" -d "$data" compact --discard "c$round"
done
compacted_shipped() { [ "$(sql one "select count(*) from msgext_file where name = 'c3.jsonl' and position > 0")" -gt 0 ]; }
wait_for compacted_shipped
stop_ship
"$ship" -d "$data" --once "host=$scratch/one user=postgres dbname=postgres"
mkdir -m 700 "$scratch/union"
for round in 1 2 3; do
	sql one "select encode(l.line, 'hex') from msgext_line l join msgext_file f on f.id = l.file
		where f.name like 'c$round.jsonl%' order by l.file, l.start" |
		perl -lne 'print pack("H*", $_)' >"$scratch/union/c$round.jsonl"
	chmod 600 "$scratch/union/c$round.jsonl"
	"$msgextctl" -d "$data" show "c$round" --json >"$scratch/expected"
	"$msgextctl" -d "$scratch/union" show "c$round" --json >"$scratch/got"
	ok "compaction beside shipping, round $round" cmp "$scratch/expected" "$scratch/got"
done

# A directory that begins anew uses no row of the old one.
rows=$(sql one 'select count(*) from msgext_line')
start_ship one
watched() { grep -q '^inotify' "/proc/$shipper/fdinfo/"*; }
wait_for watched
rm -rf "$data"
wait "$shipper"
is $? 75 'the shipper leaves a directory that is gone'
mkdir -m 700 "$data"
event test 10 1 1 '{"Key":"eve","Value":"yes"}'
"$ship" -d "$data" --once "host=$scratch/one user=postgres dbname=postgres"
is "$(sql one 'select count(*) from msgext_line')" $((rows + 1)) 'a directory that begins anew'
is "$(sql one 'select count(*) from msgext_node')" 2 'a directory that begins anew is another node'
# The path leads to another directory, of which inotify says nothing: it is noticed at the next look.
mkdir -m 700 "$scratch/place" "$scratch/elsewhere"
ln -s place "$scratch/path"
cp -p "$data/test.jsonl" "$scratch/place"
"$ship" -d "$scratch/path" "host=$scratch/one user=postgres dbname=postgres" 2>>"$scratch/ship.log" &
shipper=$!
pids="$pids $shipper"
arrived() { [ "$(sql one 'select count(*) from msgext_line')" -eq $((rows + 2)) ]; }
ok 'a directory that a link names is shipped' wait_for arrived
ln -sfn elsewhere "$scratch/path"
sql one "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'msgext-ship'" >/dev/null
wait_gone "$shipper" || kill -s KILL "$shipper"
wait "$shipper"
is $? 75 'the shipper leaves a directory that its path no longer leads to'
engine one "$bin/pg_ctl" -D "$scratch/one/data" -m immediate stop

# A primary with two standbys, one of which must have everything; either dies.
rm -rf "$data"
mkdir -m 700 "$data"
engine_make a "synchronous_standby_names = ''"
engine_start a
"$ship" --init "host=$scratch/a user=postgres dbname=postgres"
for standby in b c; do
	engine_copy a $standby
	engine_start $standby
done
printf "synchronous_standby_names = 'ANY 1 (*)'\n" >>"$scratch/a/data/postgresql.conf"
engine a "$bin/pg_ctl" -D "$scratch/a/data" reload
start_ship a b c
events 4000
arrives a 'through a primary with standbys'
engine_kill b
events 4000
engine_start b
arrives a 'a standby was killed, and is back'
engine_kill b
engine_kill c
events 4000
engine_start b
engine_start c
arrives a 'what came while the standby was down is shipped'
receiver=$(pgrep -P "$(head -n 1 "$scratch/c/data/postmaster.pid")" -f walreceiver)
kill -STOP "$receiver"
events 20000 &
writers=$!
sleep 0.3
engine_kill a
kill -CONT "$receiver"
# received ENGINE: how much of the primary's log it has.
received() { sql "$1" "select pg_last_wal_receive_lsn() - '0/0'"; }
behind=c ahead=b
[ "$(received b)" -ge "$(received c)" ] || ahead=c behind=b
engine $ahead "$bin/pg_ctl" -D "$scratch/$ahead/data" -w promote
engine $behind "$bin/pg_ctl" -D "$scratch/$behind/data" -m immediate stop
wait "$writers"
arrives $ahead 'the primary was killed under load, and the most advanced standby promoted'
is "$ahead" b 'the most advanced standby is the one that was not held up'

# A standby that lags and is promoted: what was committed and is lost comes again.
engine_copy b d
engine_start d
arrives d 'a standby that need not have everything'
engine d "$bin/pg_ctl" -D "$scratch/d/data" -m immediate stop
events 4000
arrives b 'what the new primary does not have is shipped again'
committed=$(sql b 'select count(*) from msgext_line')
engine b "$bin/pg_ctl" -D "$scratch/b/data" -m immediate stop
stop_ship
engine_start d
engine d "$bin/pg_ctl" -D "$scratch/d/data" -w promote
ok 'committed lines are lost' test "$(sql d 'select count(*) from msgext_line')" -lt "$committed"
start_ship a b d
arrives d 'committed lines that are lost come again'
stop_ship
done_testing
