#!/bin/sh
# msgextctl import: the vendor's answers become snapshots.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# Two pages, the second pretty-printed.
answer() {
	printf '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":%s,"LatestSeq":%s,"ClearSeq":0,"ExtensionList":[%s]}' \
		"$1" "$2" "$3"
}
answer 0 6 '{"Key":"carol","Value":"yes","Seq":2},{"Key":"eve","Value":"}\"{","Seq":4}' >"$scratch/page1"
answer 1 6 '{"Key":"dan","Value":"no","Seq":6}' | jq . >"$scratch/page2"
ctl_exits 65 import '@TGS#2J4' 10 "$scratch/page1"
ok 'import names what an answer without its end lacks' grep -q 'field-range: CompleteFlag' "$scratch/stderr"
for answer in '' '{' '[]' '{"ActionStatus":"FAIL","ErrorInfo":"x","ErrorCode":10004,"ExtensionList":[]}' \
	"$(answer 1 6 '{"Key":"dan"}')" "$(answer 1 -6 '')" "$(answer 1 6 '') x"; do
	printf %s "$answer" >"$scratch/answer"
	ctl_run import '@TGS#2J4' 10 "$scratch/answer"
	is "$status" 65 "import refuses what is no answer: $answer"
done
ctl_exits 66 import '@TGS#2J4' 10 "$scratch/none"
is "$(cat "$data"/*.jsonl | wc -l)" 6 'import stores nothing of answers that it refuses'
cat "$scratch/page1" "$scratch/page2" | "$msgextctl" import '@TGS#2J4' 10 2>"$scratch/stderr"
is $? 0 'import takes two pages, one of them pretty-printed'
is "$(sed -n '$p' "$data/%40TGS%232J4.jsonl" | sed 's/....-..-..T..:..:......Z/TIME/')" \
	'{"time":"TIME","Snapshot":"import","GroupId":"@TGS#2J4","MsgSeq":10,"LatestSeq":6,"ClearSeq":0,"WholeSeq":6,"ExtensionList":[{"Key":"carol","Value":"yes","Seq":2},{"Key":"eve","Value":"}\"{","Seq":4},{"Key":"dan","Value":"no","Seq":6}]}' \
	'import appends a snapshot, which is one line'
ctl gaps
is "$out" '' 'gaps says nothing of what a snapshot has'
is "$("$msgextctl" show '@TGS#2J4' 10 --json | jq -c '[.LatestSeq, .ExtensionList[].Key]')" \
	'[6,"carol","eve","dan"]' 'show lacks the keys that the snapshot lacks'
event '@TGS#2J4' 10 1 4 '{"Key":"alice","Value":"late"}'
is "$("$msgextctl" show '@TGS#2J4' 10 --json | jq -c '[.LatestSeq, .ExtensionList[].Key]')" \
	'[6,"carol","eve","dan"]' 'show lacks them after a late event that is older than the snapshot'

# Pages between which the message changed: what only the older one could know stays open.
event pages 1 1 8 '{"Key":"k1","Value":"v"}'
event pages 1 1 12 '{"Key":"k2","Value":"v"}'
{
	answer 0 10 '{"Key":"k1","Value":"v","Seq":8}'
	answer 1 12 '{"Key":"k2","Value":"v","Seq":12}'
} | "$msgextctl" import pages 1 2>"$scratch/stderr"
ctl_exits 1 gaps pages --json
is "$out" '{"GroupId":"pages","MsgSeq":1,"Missing":[[11,11]]}' 'gaps names the versions between two pages of different age'
# What bears the group's name and is of another one is skipped, and counted.
foreign=$(sed -n '1s/"GroupId":"pages"/"GroupId":"others"/p' "$data/pages.jsonl")
echo "$foreign" >>"$data/pages.jsonl"
answer 1 13 '{"Key":"k2","Value":"w","Seq":13}' | "$msgextctl" import pages 1 2>"$scratch/stderr"
is "$?,$(grep -c '^msgextctl: 1 lines could not be read' "$scratch/stderr")" 0,1 'a line of another group in the log is skipped'
rm "$data"/pages.*
perl -e 'print "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"CompleteFlag\":1,\"LatestSeq\":1,\"ClearSeq\":0,",
	"\"ExtensionList\":[", join(",", map { "{\"Key\":\"$_\",\"Value\":\"" . "x" x 1000 . "\",\"Seq\":1}" } 1 .. 11000),
	"]}"' | "$msgextctl" import huge 1 2>"$scratch/stderr"
is "$?,$(ls "$data"/huge* 2>/dev/null)" 65, 'import refuses a snapshot larger than any reader takes, and writes nothing'
done_testing
