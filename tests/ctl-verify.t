#!/bin/sh
# msgextctl verify: what is damaged, and where.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# A snapshot is in conflict with nothing.
ctl compact '@TGS#2J4' --discard
ctl verify
is "$out" '' 'verify says nothing of sound logs'
sound=$(cat "$data/other.jsonl")
good=$(printf '{"time":"2025-12-02T15:11:34.395Z",%s' "${event_set#\{}")
bad=$(printf '%s' "$good" | sed 's/12122/13133/')
{
	lines "$good" "$good" "$bad"
	printf '\0\0\0\0\n{"half\n'
	lines "$good" | sed 's/"test"/"elsewhere"/'
	lines "$good" | sed 's/"MsgSeq":10/"MsgSeq":-1/'
	lines "$sound" | sed 's/"other"/"test"/'
	printf %s "$good" | head -c 100
} >"$data/test.jsonl"
chmod 644 "$data/test.jsonl"
length=$((${#good} + 1))
half=$((3 * length))
ctl_exits 1 verify
is "$out" "$(lines 'test.jsonl:0:0: mode: is 0644, should be 0600' \
	"test.jsonl:4:$half: nul-bytes: 4 of 4 bytes are NUL" \
	"test.jsonl:5:$((half + 5)): json-malformed: $("$msgextctl" verify test 2>/dev/null |
		sed -n 's/.*:5:.*json-malformed: //p')" \
	"test.jsonl:6:$((half + 12)): wrong-group: the event belongs in elsewhere.jsonl" \
	"test.jsonl:7:$((half + 17 + length)): field-range: MsgSeq: must be a plain integer from 0 to 9007199254740992" \
	"test.jsonl:9:$(($(wc -c <"$data/test.jsonl") - 100)): torn-tail: 100 bytes without a newline: never acknowledged, and the next append moves them to the .torn file" \
	"test.jsonl:3:$((2 * length)): conflict: message 10, version 56 differs from line 1")" \
	'verify names file, line and offset of all damage'
is "$("$msgextctl" verify test --json 2>/dev/null | jq -c 'select(.Problem == "torn-tail") | [.File, .Line]')" \
	'["test.jsonl",9]' 'verify --json: an object a problem'
event test 1 1 1 '{"Key":"k","Value":"v"}'
is "$(cat "$scratch/event-stderr")" 'msgext: tail-torn: test.jsonl: its last 955 bytes were moved to its .torn file: 3 broken lines; 3 whole lines among them were written back' \
	'the receiver says what of a torn tail it sets aside'
ctl verify other
"$msgextctl" verify 2>"$scratch/stderr" >/dev/null
ok 'verify names a .torn file' grep -q 'test.torn: has unfinished lines' "$scratch/stderr"
# A mending was killed: lines that it was to write back stand in the .torn file alone.
lines "$good" >"$data/lost.jsonl"
sed -i 's/"test"/"lost"/' "$data/lost.jsonl"
{
	printf '{"half\n'
	cat "$data/lost.jsonl"
	sed 's/"Seq":[0-9]*,"EventTime/"Seq":999,"EventTime/' "$data/lost.jsonl"
	printf '{"half\n\n'
} >"$data/lost.torn"
chmod 600 "$data"/lost.*
ctl_exits 1 verify lost
is "$out" "lost.torn:3:$((7 + length)): set-aside: a whole line that is not in the log; stop the receiver, then run: sed -n 3p lost.torn >>lost.jsonl" \
	'verify names a whole line of a .torn file that the log lacks'
(cd "$data" && eval "${out##*then run: }")
ctl verify lost
is "$out,$(wc -l <"$data/lost.jsonl")" ,2 'the command that verify names for it brings that line back'
rm "$data"/lost.*
ln "$data/other.jsonl" "$data/link.jsonl"
ctl_exits 1 verify other
is "$out" 'other.jsonl:0:0: links: has 2 names: the receiver will refuse it' 'verify names a log of two names'
rm "$data"/link.jsonl "$data"/test.*
ln -s other.jsonl "$data/link.jsonl"
ctl_exits 1 verify
ctl_exits 66 groups
is "$(printf '%s\n' "$out" | grep -c '^\(other\|@TGS#2J4\) ')" 2 'groups has the logs beside one that is a symbolic link'
ctl_exits 66 log --all
is "$(printf '%s\n' "$out" | grep -c ' other ')" 1 'log --all has the events of logs beside one that is a symbolic link'
rm "$data/link.jsonl"
ctl verify

# Lines that the receiver would not have written so.
printf '%s\r\n' "$(printf %s "$good" | sed 's/"MsgSeq":10/"MsgSeq": 10/')" >"$data/test.jsonl"
printf '%s\n' "$good" | sed 's/Group.Callback/Group.Other/' >>"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
ctl_exits 1 verify test
is "$(printf '%s\n' "$out" | cut -d: -f1-4)" "$(lines 'test.jsonl:1:0: white-space' \
	"test.jsonl:2:$((length + 2)): command")" 'verify names white space, and the events of other webhooks'
rm "$data/test.jsonl"

# Versions that stand again, soon after and thousands of versions later; spelt otherwise; and in conflict.
perl "$top/tests/generate.pl" 9000 30 test >"$scratch/many"
head -n 2 "$scratch/many" | jq -c '.ExtensionList[0].Value = "another"' >"$scratch/others"
{
	sed -n '1s/"OptPlatform":"[^"]*",//; 1,2p' "$scratch/many"
	sed -n 1p "$scratch/others"
	cat "$scratch/many"
	sed -n 2p "$scratch/others"
	sed -n '2s/"Key"/"K\\u0065y2":1,&/p' "$scratch/many"
} >"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
ctl_exits 1 verify test
is "$(printf '%s\n' "$out" | cut -d: -f1,2,4-)" "$(
	jq -r '"conflict: message \(.MsgSeq), version \(.Seq) differs from line"' "$scratch/others" |
		paste -d: - - | {
		IFS=: read -r _ near _ far
		lines "test.jsonl:3: conflict:$near 1" \
			"test.jsonl:$(($(wc -l <"$data/test.jsonl") - 1)): conflict:$far 2"
	}
)" 'verify names repeated versions near and far that say something else, and no other ones'
# A body begins where the envelope ends, whatever is its first member.
for value in a b a; do
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,"MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"%s","Seq":1}],"Seq":1,"EventTime":1,"GroupId":"test","CallbackCommand":"Group.CallbackAfterGroupMsgExtension"}\n' $value
done >"$data/test.jsonl"
ctl_exits 1 verify test
is "$(printf '%s\n' "$out" | cut -d: -f1,2,4-)" \
	'test.jsonl:2: conflict: message 1, version 1 differs from line 1' \
	'verify names a conflict in a line whose command is its last member'
rm "$data/test.jsonl"

# Reading needs no lock, but a tail is only judged while no writer is at work.
printf '{"unfinished' >>"$data/other.jsonl"
perl "$top/tests/locked.pl" "$data/other.jsonl" "ready('$scratch/locked'); sleep 1;
	seek \$log, -12, 2; truncate \$log, tell \$log" &
writer=$!
wait_for test -e "$scratch/locked"
is "$("$msgextctl" show other 1 --json | jq -c .LatestSeq)" 56 'show waits for no writer'
"$msgextctl" verify other >"$scratch/out" 2>&1
is "$?,$(wc -l <"$scratch/out")" 0,1 'verify waits for a writer at work, and finds nothing'
wait $writer
done_testing
