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
done_testing
