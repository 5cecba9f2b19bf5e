#!/bin/sh
# msgextctl archive: old messages are moved out of a log, and what readers say of it.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# Messages that have not changed since, and nothing else
{
	echo "no event"
	perl "$top/tests/generate.pl" 2000 40 old
} >"$data/old.jsonl"
chmod 600 "$data/old.jsonl"
cp "$data/old.jsonl" "$scratch/original"
since=2025-12-02T15:19:45.000Z
jq -nr --arg since "$since" 'reduce (inputs | fromjson? | {MsgSeq, time}) as $line ({};
		.["\($line.MsgSeq)"] |= ([., $line.time] | max)) |
	to_entries[] | select(.value < $since) | "\"MsgSeq\":\(.key),"' -R <"$data/old.jsonl" >"$scratch/messages"
ok 'the log of this test has old messages and younger ones' test "$(wc -l <"$scratch/messages")" -gt 3 -a "$(wc -l <"$scratch/messages")" -lt 37
"$msgextctl" show old --json 2>/dev/null >"$scratch/before"
ctl archive old --before 2025-01-01
is "$(find "$data" -name 'old.*.gz')" '' 'archive makes no archive where no message is that old'
"$msgextctl" archive old --before "$since" 2>"$scratch/stderr"
is "$?,$(grep -c 'the archive is' "$scratch/stderr")" 0,1 'archive says where what it took out is'
zcat "$data"/old.*.jsonl.gz >"$scratch/archive"
grep -Ff "$scratch/messages" "$scratch/original" >"$scratch/expected"
ok 'archive takes the lines of old messages out as they are' cmp "$scratch/archive" "$scratch/expected"
grep -vFf "$scratch/messages" "$scratch/original" >"$scratch/expected"
sed '$d' "$data/old.jsonl" >"$scratch/stayed"
ok 'archive leaves all lines of younger messages' cmp "$scratch/stayed" "$scratch/expected"
"$msgextctl" show old --json 2>/dev/null >"$scratch/after"
grep -vFf "$scratch/messages" "$scratch/before" >"$scratch/expected"
ok 'archive leaves the state of younger messages as it was' cmp "$scratch/after" "$scratch/expected"
mkdir -m 700 "$scratch/union"
cat "$scratch/archive" "$data/old.jsonl" >"$scratch/union/old.jsonl"
chmod 600 "$scratch/union/old.jsonl"
"$msgextctl" -d "$scratch/union" show old --json 2>/dev/null >"$scratch/after"
ok 'the archive and the log together have the state that the log had' cmp "$scratch/before" "$scratch/after"
"$msgextctl" archive nosuch --before 1d 2>/dev/null
is $? 1 'archive exits with 1 for a group that is not there'
rm "$data"/old.*

# Nothing of that time, or moved away: what there is instead.
data_before=$data
data=$scratch/times
mkdir -m 700 "$data"
for day in 1 2; do
	printf '{"time":"2025-12-0%s","CallbackCommand":"%s","GroupId":"g","MsgSeq":%s,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1}\n' \
		"${day}T10:00:00.000Z" "$command" "$day" "$((4 + day))" "$((4 + day))"
done >"$data/g.jsonl"
told() {
	ctl_run -d "$data" "$@"
	printf '%s: ' "$status"
	sed 's/^msgextctl: //' "$scratch/stderr"
}
is "$(told show g 2 --at 2025-12-01)" '1: no events of group g, message 2
its first event came later, at 2025-12-02T10:00:00.000Z' 'show --at a time before the first event says when that came'
is "$(told show g --at 2025-11-01 | tail -n 1)" 'its first event came later, at 2025-12-01T10:00:00.000Z' 'show GROUP --at a time before the first event says when that came'
is "$(told tally g 1 --as-of 3)" '1: no events of group g, message 1
its first version is later: 5' 'tally --as-of a version before the first says which that is'
is "$(told log g --since 2026-01-01)" '1: no events of group g
no events of that time; there are 2 from 2025-12-01T10:00:00.000Z to 2025-12-02T10:00:00.000Z' 'log --since a time after all events says when they came'
is "$(told show nosuch 1 --at 2025-12-01)" '1: no events of group nosuch, message 1
msgextctl groups lists all groups' 'show --at of a group that is not there says nothing of other times'
is "$(told show g)" '0: ' 'show says nothing of archives where there is none'
ctl -d "$data" archive g --before 2025-12-02
moved="older lines of this group are in 1 archived file, which is not read: zcat $data/g.*.jsonl.gz"
: >"$data/ga.20250101T000000000Z.jsonl.gz"
: >"$data/g.jsonl.gz"
for arguments in 'show g 2' 'show g' 'log g' 'gaps g' 'tally g 2'; do
	# shellcheck disable=SC2086
	is "$(told $arguments)" "0: $moved" "$arguments names the archive of the group, and no other one"
done
is "$(told show g 1)" "1: no events of group g, message 1
the group has message 2
$moved" 'show of a message that is all in the archive names it'
is "$(zcat "$data"/g.2*.jsonl.gz | jq -r .MsgSeq)" 1 'zcat prints what archive took out'
is "$(told groups)" '0: ' 'groups says nothing of archives'
data=$data_before
done_testing
