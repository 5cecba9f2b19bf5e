#!/bin/sh
# Off a terminal msgextctl prints what it always did, byte for byte: scripts depend on it.  tests/plain.txt is
# what an early version printed.
. "$(dirname "$0")/lib.sh"

# Logs with gaps, a clear, a compaction, an import, two lines that are none, a group from far away.
data=$scratch/plain
mkdir -m 700 "$data"
# event_line GROUP MSGSEQ OPERATION SEQ PAIRS: seconds are SEQ's.
event_line() {
	printf '{"time":"2025-12-02T15:11:%02d.395Z","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",' "$4"
	printf '"GroupId":"%s","MsgSeq":%s,"OperateType":%s,"ExtensionList":[%s],"Seq":%s,"EventTime":1764688294360}\n' \
		"$1" "$2" "$3" "$5" "$4"
}
# pair KEY VALUE SEQ
pair() {
	printf '{"Key":"%s","Value":"%s","Seq":%s}' "$@"
}
evil=$(printf 'ev\342\200\256il')
{
	event_line '@TGS#2J4' 10 1 1 "$(pair alice 投票 1),$(pair bob yes 1)"
	event_line '@TGS#2J4' 10 1 2 "$(pair carol yes 2),$(pair "$evil" 'no, \"never\"' 2)"
	event_line '@TGS#2J4' 10 2 5 "$(pair bob '' 5)"
	event_line '@TGS#2J4' 10 1 9 "$(pair dan =1+1 9)"
	event_line '@TGS#2J4' 100 3 7 ''
	echo 'no line of ours'
} >"$data/%40TGS%232J4.jsonl"
{
	event_line other 1 1 56 "$(pair k v 56)"
	event_line other 2 1 3 "$(pair k "$(printf '%0150d' 0)" 3)"
} >"$data/other.jsonl"
event_line newest 1 1 59 "$(pair k "v$(printf '\342\200\213')" 59)" >"$data/newest.jsonl"
{
	printf '{"time":"2025-12-03T10:00:00.000Z","Snapshot":"import","GroupId":"other","MsgSeq":3,"LatestSeq":6,'
	printf '"ClearSeq":0,"WholeSeq":6,"ExtensionList":[%s]}\n' "$(pair k v 2)"
	printf '{"time":"2025-12-03T11:00:00.000Z","Snapshot":"compact","GroupId":"other","MsgSeq":4,"LatestSeq":60,'
	printf '"ClearSeq":3,"WholeSeq":0,"FirstSeq":56,"Replaces":5,"ExtensionList":[%s],"Missing":[[58,59]]}\n' "$(pair k v 56)"
} >>"$data/other.jsonl"
chmod 600 "$data"/*

unset COLUMNS
for format in '' --json --csv --csv=excel; do
	for arguments in groups 'log @TGS#2J4' 'log --all' 'log @TGS#2J4 --msg 10 --since 2025-12-02T15:11:02' \
		'show @TGS#2J4' 'show @TGS#2J4 10' 'show @TGS#2J4 10 --newest' 'show @TGS#2J4 100' 'show other --newest' 'show other 2' \
		'show @TGS#2J4 10 --as-of 2' 'show @TGS#2J4 10 --at 2025-12-02T15:11:06' 'tally @TGS#2J4 10' 'tally @TGS#2J4 100' \
		'tally @TGS#2J4 10 --by key-prefix a' 'tally other 2' gaps 'gaps other' 'gaps --rest' verify 'show nosuch' 'log other --until 1d'; do
		echo "\$ msgextctl $arguments $format"
		# shellcheck disable=SC2086
		"$msgextctl" -d "$data" $arguments $format 2>/dev/null
		echo "exit status $?"
	done
done >"$scratch/printed"
[ -z "${PLAIN_RECORD-}" ] || cp "$scratch/printed" "$PLAIN_RECORD"
is "$(diff "$top/tests/plain.txt" "$scratch/printed")" '' 'what is printed off a terminal is what was printed'
ok 'all of it' test "$(grep -c '^exit status [01]$' "$top/tests/plain.txt")" -eq 88
# Nor does a terminal elsewhere, or a wish for colours of a program that follows no option, change it.
COLUMNS=40 TERM=xterm-256color CLICOLOR_FORCE=1 "$msgextctl" -d "$data" groups >"$scratch/groups"
is "$(cat "$scratch/groups")" "$("$msgextctl" -d "$data" groups)" 'nor does the environment change it'
done_testing
