#!/bin/sh
# msgextctl log: events, one after the other.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl log '@TGS#2J4'
is "$out" "$(lines 'TIME  message 10  version 1  set  alice=投票 bob=yes' \
	'TIME  message 10  version 2  set  carol=yes ev\u202Eil=no, "never"' \
	'TIME  message 10  version 5  delete  bob' 'TIME  message 10  version 5  set  dan=yes' \
	'TIME  message 100  version 7  clear')" 'log: a line an event'
ctl log --msg 100 '@TGS#2J4'
is "$out" 'TIME  message 100  version 7  clear' 'log --msg, before the group: the events of that message'
ctl log other --csv
is "$out" "$(lines Time,GroupId,MsgSeq,Seq,Operation,Key,Value TIME,other,1,56,set,k,v)" 'log --csv: a row a pair, below the names of the columns'
is "$("$msgextctl" log other --json)" "$(cat "$data/other.jsonl")" 'log --json: the line as it is stored'
ctl_exits 1 log --all --until 1h
is "$out" '' 'log --until a time before all events says nothing'
ctl log --all --since 1h
is "$(printf '%s\n' "$out" | sed -n '$p')" 'TIME  other  message 1  version 56  set  k=v' 'log --all --since: the events of all groups, with their groups'
ctl_exits 1 log other --since 2020-01-01T00:00:00Z --until 2020-01-02
is "$out" '' 'log --since --until of a time in the past says nothing'
for time in 2020-13-01 2020-02-30 yesterday 5 '' 2020-01-01T25:00 5w 99999999999d; do
	ctl_run log other --since "$time"
	is "$status,$out" 64, "log --since refuses what is no time: '$time'"
done

# Of one key, the last ones, and in the local zone.
ctl log '@TGS#2J4' --key bob
is "$out" "$(lines 'TIME  message 10  version 1  set  bob=yes' 'TIME  message 10  version 5  delete  bob' \
	'TIME  message 100  version 7  clear')" 'log --key: what is of that key, and what cleared it'
ctl log '@TGS#2J4' --key bob --csv
is "$(printf '%s\n' "$out" | cut -d, -f3-)" "$(lines MsgSeq,Seq,Operation,Key,Value 10,1,set,bob,yes 10,5,delete,bob, 100,7,clear,,)" \
	'log --key --csv: a row for each pair of it'
is "$("$msgextctl" log '@TGS#2J4' --key bob --json)" "$(sed -n '1p;3p;5p' "$data/%40TGS%232J4.jsonl")" 'log --key --json: the lines as they are'
ctl_exits 1 log other --key nobody
is "$(tail -n 1 "$scratch/stderr")" 'msgextctl: no events of key nobody; there are 1 of other keys' 'log --key of a key that is not there says what there is'
event other 1 1 57 '{"Key":"k","Value":"w"}'
for count in 0 1 2 3 5 99; do
	"$msgextctl" log '@TGS#2J4' -n $count >"$scratch/out" 2>/dev/null
	is "$(cat "$scratch/out")" "$("$msgextctl" log '@TGS#2J4' | tail -n $count)" "log -n $count: the last $count"
done
is "$("$msgextctl" log '@TGS#2J4' --last=1 --msg 10 --json)" "$(sed -n 4p "$data/%40TGS%232J4.jsonl")" 'log --last: the last of that message'
ctl log --all -n 2
is "$out" "$(lines 'TIME  @TGS#2J4  message 100  version 7  clear' 'TIME  other  message 1  version 56  set  k=v' 'TIME  other  message 1  version 57  set  k=w' | tail -n 2)" \
	'log --all -n: the last of all groups'
perl "$top/tests/generate.pl" 3000 40 many >"$data/many.jsonl"
chmod 600 "$data/many.jsonl"
is "$("$msgextctl" log many -n 333 --json | cksum)" "$(tail -n 333 "$data/many.jsonl" | cksum)" 'log -n of a long log'
is "$("$msgextctl" log many -n 1 --until 2025-12-02T15:20 --json)" \
	"$(jq -c 'select(.time < "2025-12-02T15:20")' "$data/many.jsonl" | tail -n 1)" 'log -n: the last of those that are asked for'
rm "$data/many.jsonl"
"$msgextctl" log other -n 1 -f --json >"$scratch/followed" &
follower=$!
wait_for test -s "$scratch/followed"
event other 1 1 58 '{"Key":"k","Value":"x"}'
followed() {
	[ "$(wc -l <"$scratch/followed")" -ge 2 ]
}
wait_for followed
kill $follower
is "$(jq -c .Seq "$scratch/followed" | paste -sd,)" 57,58 'log -n 1 -f: the last one, then what comes'
ctl_exits 64 log other -n x
ctl_exits 64 log other -n -1
first=$(sed -n '1s/^{"time":"\([^"]*\)".*/\1/p' "$data/other.jsonl")
local=$(TZ=CST-8 "$msgextctl" log other --local | head -n 1 | cut -d' ' -f1)
is "$local" "$(date -u -d "$first 8 hours" +%Y-%m-%dT%H:%M:%S).$(echo "$first" | sed 's/.*\.//; s/Z$/+08:00/')" 'log --local: the time is that of the zone, with it'
is "$(TZ=CST-8 "$msgextctl" groups --local --csv | tr -d '\r' | grep ^other | cut -d, -f6)" "$local" 'groups --local'
is "$("$msgextctl" log other --since "$local" --json | wc -l)" 3 'a time with its zone is taken as it is printed'
is "$("$msgextctl" log other --since "$(echo "$local" | sed 's/+08:00/+00:00/')" --json | wc -l)" 0 'and the zone counts'
is "$(TZ=XXX3:30 "$msgextctl" log other --local -n 1 | sed 's/.*\(-03:30\) .*/\1/')" -03:30 'a zone west of Greenwich, with minutes'
for time in 2025-12-02+01:00 2025-12-02T15:11+1:00 2025-12-02T15:11+24:00 2025-12-02T15:11Z+01:00 2025-12-02T15:11+01:60 2025-12-02T15:11+01:00Z; do
	ctl_run log other --since "$time"
	is "$status,$out" 64, "log --since refuses what is no time: $time"
done
ctl_exits 64 log other --local --json

# A person is told the vendor's time where it is another one.
is "$(TERM=dumb script -qec "'$msgextctl' log other -n 1" /dev/null </dev/null | tr -d '\r' | sed 's/.*(/(/')" '(EventTime 2025-12-02T15:11:34.360Z)' \
	'log on a terminal shows the EventTime that differs'
sed -i "s/\"EventTime\":1764688294360/\"EventTime\":$(date +%s%3N)/; s/\"time\":\"[^\"]*\"/\"time\":\"$(date -u +%Y-%m-%dT%H:%M:%S.%3N)Z\"/" "$data/other.jsonl"
is "$(TERM=dumb script -qec "'$msgextctl' log other -n 1" /dev/null </dev/null | grep -c EventTime)" 0 'and no other one'
done_testing
