#!/bin/sh
# msgextctl gaps: which versions are missing.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl_exits 1 gaps
is "$out" "$(lines 'GroupId   MsgSeq  Count  Missing' '@TGS#2J4      10      2  3-4')" 'gaps: a row a message that lacks versions'
ctl gaps other
is "$out" '' 'gaps says nothing of a group that lacks none'
ctl_exits 1 gaps --json
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"Missing":[[3,4]]}' 'gaps --json: an object a message'
ctl_exits 1 gaps '@TGS#2J4' --rest
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"StartSeq":0}' 'gaps --rest: the question to the REST API that closes the gap'

# What msgext-repair could not repair stands apart, with the reason.
event gone 3 1 1 '{"Key":"k","Value":"v"}'
event gone 3 1 3 '{"Key":"k","Value":"v"}'
lines '{"Ended":"2026-11-26T17:16:30.855Z","Calls":5,"Repaired":1,"Left":2}' 'no line of ours' \
	'{"GroupId":"gone","MsgSeq":3,"ErrorCode":10010,"time":"2026-11-26T17:16:30.855Z","Reason":"the group is gone"}' \
	'{"GroupId":"gone","MsgSeq":4,"ErrorCode":10010,"time":"2026-11-26T17:16:30.855Z","Reason":"half' >"$data/.repair-state"
ctl_exits 1 gaps
is "$out" "$(lines 'GroupId   MsgSeq  Count  Missing' '@TGS#2J4      10      2  3-4' '' \
	'GroupId  MsgSeq  Count  Missing  Cannot be repaired' 'gone          3      1  2        the group is gone')" \
	'gaps shows apart what cannot be repaired'
ctl_exits 1 gaps --json
is "$out" "$(lines '{"GroupId":"@TGS#2J4","MsgSeq":10,"Missing":[[3,4]]}' \
	'{"GroupId":"gone","MsgSeq":3,"Missing":[[2,2]],"Unrepairable":"the group is gone"}')" 'so it does in JSON'
ctl_exits 1 gaps --csv
is "$out" "$(lines GroupId,MsgSeq,Count,Missing,Unrepairable '@TGS#2J4,10,2,3-4,' 'gone,3,1,2,the group is gone')" 'and in CSV'
ctl_exits 1 gaps gone
is "$out" "$(lines 'GroupId  MsgSeq  Count  Missing  Cannot be repaired' 'gone          3      1  2        the group is gone')" \
	'gaps of a group whose gaps cannot be repaired'
rm "$data/.repair-state"
mkdir "$data/.repair-state"
ctl_exits 1 gaps gone
ok 'gaps says what it cannot read, and shows the gaps' grep -q 'open-failed: .repair-state' "$scratch/stderr"
is "$out" "$(lines 'GroupId  MsgSeq  Count  Missing' 'gone          3      1  2')" 'all of them'
rmdir "$data/.repair-state"
done_testing
