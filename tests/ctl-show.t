#!/bin/sh
# msgextctl show: the state of messages.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl show '@TGS#2J4'
is "$out" "$(lines 'MsgSeq  Pairs  LatestSeq  Missing  LastTime' \
	'    10      4          5        2  TIME' '   100      0          7        0  TIME')" 'show GROUP: a row a message'
ctl show '@TGS#2J4' 10
is "$out" "$(lines '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	'Key         Value        Seq' 'alice       投票           1' 'carol       yes            2' \
	'ev\u202Eil  no, "never"    2' 'dan         yes            5')" 'show GROUP MSGSEQ: a row a pair'
ctl show '@TGS#2J4' 10 --newest --csv
is "$out" "$(lines 'Key,Value,Seq' 'dan,yes,5' 'carol,yes,2' "$evil,\"no, \"\"never\"\"\",2" \
	'alice,投票,1')" 'show --newest --csv: the pair that was set last comes first'
is "$("$msgextctl" show '@TGS#2J4' --json 10)" \
	"{\"GroupId\":\"@TGS#2J4\",\"MsgSeq\":10,\"LatestSeq\":5,\"ClearSeq\":0,\"ExtensionList\":[{\"Key\":\"alice\",\"Value\":\"投票\",\"Seq\":1},{\"Key\":\"carol\",\"Value\":\"yes\",\"Seq\":2},{\"Key\":\"$evil\",\"Value\":\"no, \\\"never\\\"\",\"Seq\":2},{\"Key\":\"dan\",\"Value\":\"yes\",\"Seq\":5}]}" \
	'show --json has the shape of the answers of the vendor'
is "$("$msgextctl" show '@TGS#2J4' --json | wc -l)" 2 'show GROUP --json: a line a message'
is "$("$msgextctl" show '@TGS#2J4' 10 --as-of 1 --json | jq -c '[.ExtensionList[].Key]')" '["alice","bob"]' \
	'show --as-of: the state after that version'
is "$("$msgextctl" show '@TGS#2J4' 100 --json | jq -c '[.LatestSeq,.ClearSeq]')" '[7,7]' 'show --json tells which version cleared the message'
second=$(sed -n '2s/^{"time":"\([^"]*\)".*/\1/p' "$data/%40TGS%232J4.jsonl")
is "$("$msgextctl" show '@TGS#2J4' 10 --at "$second" --json | jq -c '[.ExtensionList[].Key]')" \
	"[\"alice\",\"bob\",\"carol\",\"$evil\"]" 'show --at: the state at that time'
# What is known of an imported message begins with version 0, and so may what was erased of it.
erasure() {
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,"Erased":[[0,1]],"CallbackCommand":"%s","GroupId":"zero","MsgSeq":1,"OperateType":1,"ExtensionList":[],"Seq":0,"EventTime":1}\n' "$1"
}
for spelt in "$command" "$(echo "$command" | tr '[:upper:]' '[:lower:]')"; do
	erasure "$spelt" >"$data/zero.jsonl"
	chmod 600 "$data/zero.jsonl"
	event zero 1 1 1 '{"Key":"gone","Value":"yes"}'
	is "$("$msgextctl" show zero 1 --json | jq -c .ExtensionList)" '[]' 'a pair does not come back, though versions from 0 on were erased'
done
done_testing
