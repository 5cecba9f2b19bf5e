#!/bin/sh
# msgextctl compact: a line a message, and the original in an archive.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# An event whose own "time" is none of ours is one of no known time.
printf '{"CallbackCommand":"%s","GroupId":"timeless","MsgSeq":1,"OperateType":1,"ExtensionList":[],"Seq":1,"EventTime":1,"time":5}\n' \
	"$command" >"$data/timeless.jsonl"
chmod 600 "$data/timeless.jsonl"
ctl show timeless --csv
is "$(printf '%s\n' "$out" | sed -n 2p)" '1,0,1,0,' 'show has an empty time for a message whose time is not known'
ctl compact --discard timeless
is "$(cut -c1-12 "$data/timeless.jsonl")" '{"Snapshot":' 'compact writes no time into the snapshot of a message whose time is not known'
ctl_exits 1 show timeless --as-of 0
is "$(grep -c 'jsonl.gz' "$scratch/stderr")" 1 'show --as-of a version before a compaction names the archive'
rm "$data"/timeless.*
ln -s nowhere "$data/other.0123456789abcdef.new"
ctl compact --discard other
is "$(readlink "$data/other.0123456789abcdef.new")" nowhere 'compact does not follow a symbolic link that has the name of its temporary file'
rm "$data/other.0123456789abcdef.new"

"$msgextctl" show '@TGS#2J4' --json >"$scratch/before"
cp "$data/%40TGS%232J4.jsonl" "$scratch/original"
ctl compact '@TGS#2J4'
"$msgextctl" show '@TGS#2J4' --json >"$scratch/after" 2>"$scratch/stderr"
ok 'compact leaves the state as it was' cmp "$scratch/before" "$scratch/after"
is "$(wc -l <"$data/%40TGS%232J4.jsonl")" 2 'compact leaves a line a message'
zcat "$data"/%40TGS%232J4.*.jsonl.gz >"$scratch/archive"
ok 'compact keeps the original in an archive' cmp "$scratch/archive" "$scratch/original"
ctl compact '@TGS#2J4' --discard
is "$(find "$data" -name '*.gz' | wc -l)" 1 'compact leaves a log alone that is compact'
ctl_exits 1 show '@TGS#2J4' 10 --as-of 1
ok 'show --as-of names the archive that the history is in' grep -q 'lines are in its .jsonl.gz' "$scratch/stderr"

# Answers that contradict themselves list keys that they have cleared: which, is kept with a version of 0.
snapshot='{"Snapshot":"compact","GroupId":"bare","MsgSeq":2,"LatestSeq":7,"ClearSeq":5,"WholeSeq":7,"ExtensionList":[{"Key":"b","Value":"","Seq":0}]}'
printf '%s\n' "$snapshot" '{"Erased":[[0,1]],"OperateType":2,"GroupId":"bare","MsgSeq":2,"Seq":5,"ExtensionList":[]}' >"$data/bare.jsonl"
chmod 600 "$data/bare.jsonl"
ctl compact --discard bare
event bare 2 1 6 '{"Key":"b","Value":"late"}'
is "$("$msgextctl" show bare --json | jq -c '[.ExtensionList[].Value]')" '["late"]' \
	'compact keeps which keys an answer listed where another version 0 was erased'
rm "$data"/bare.*

event other 1 1 57 '{"Key":"k","Value":"w"}'
ctl compact --discard other
is "$(find "$data" -name 'other*' | wc -l)" 1 'compact --discard keeps no archive'
done_testing
