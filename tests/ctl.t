#!/bin/sh
# msgextctl: what each command answers, and how it refuses.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG
unset COLUMNS

# ctl ARGUMENT...: runs it; the answer is in $out, the exit status in $status.
ctl() {
	out=$("$msgextctl" "$@" 2>"$scratch/stderr" | sed 's/....-..-..T..:..:......Z/TIME/g' |
		tr -d '\r' && exit)
	"$msgextctl" "$@" >/dev/null 2>&1
	status=$?
}
lines() {
	printf '%s\n' "$@"
}

# A poll with a gap, a key that turns the direction of writing, and another group.
evil=$(printf 'ev\342\200\256il')
event '@TGS#2J4' 10 1 1 '{"Key":"alice","Value":"投票"},{"Key":"bob","Value":"yes"}'
event '@TGS#2J4' 10 1 2 "{\"Key\":\"carol\",\"Value\":\"yes\"},{\"Key\":\"$evil\",\"Value\":\"no, \\\"never\\\"\"}"
event '@TGS#2J4' 10 2 5 '{"Key":"bob","Value":""}'
event '@TGS#2J4' 10 1 5 '{"Key":"dan","Value":"yes"}'
event '@TGS#2J4' 100 3 7 ''
event 'other' 1 1 56 '{"Key":"k","Value":"v"}'

ctl groups
is "$out" "$(lines 'GroupId   Events  Snapshots  Messages  Bytes  FirstTime                 LastTime' \
	"@TGS#2J4       5          0         2   $(wc -c <"$data/%40TGS%232J4.jsonl")  TIME  TIME" \
	"other          1          0         1    $(wc -c <"$data/other.jsonl")  TIME  TIME")" groups
is $status 0 'exits with 0'
ctl groups --json
is "$(printf '%s\n' "$out" | jq -c 'del(.Bytes)' | sed 1d)" \
	'{"GroupId":"other","Events":1,"Snapshots":0,"Messages":1,"FirstTime":"TIME","LastTime":"TIME"}' \
	'groups --json'

ctl log '@TGS#2J4'
is "$out" "$(lines 'TIME  message 10  version 1  set  alice=投票 bob=yes' \
	'TIME  message 10  version 2  set  carol=yes ev\u202Eil=no, "never"' \
	'TIME  message 10  version 5  delete  bob' 'TIME  message 10  version 5  set  dan=yes' \
	'TIME  message 100  version 7  clear')" 'log'
ctl log --msg 100 '@TGS#2J4'
is "$out" 'TIME  message 100  version 7  clear' 'log --msg, before the group'
ctl log other --csv
is "$out" "$(lines Time,GroupId,MsgSeq,Seq,Operation,Key,Value TIME,other,1,56,set,k,v)" 'log --csv'
is "$("$msgextctl" log other --json)" "$(cat "$data/other.jsonl")" 'log --json is the line'
ctl log --all --until 1h
is "$status,$out" 1, 'log --until that long ago: nothing, exit 1'
ctl log --all --since 1h
is "$(printf '%s\n' "$out" | sed -n '$p')" 'TIME  other  message 1  version 56  set  k=v' 'log --all --since'
ctl log other --since 2020-01-01T00:00:00Z --until 2020-01-02
is "$status,$out" 1, 'a time in the past'
for time in 2020-13-01 2020-02-30 yesterday 5 '' 2020-01-01T25:00 5w 99999999999d; do
	ctl log other --since "$time"
	is $status 64 "a time that is none: $time"
done

ctl show '@TGS#2J4'
is "$out" "$(lines 'MsgSeq  Pairs  LatestSeq  Missing  LastTime' \
	'    10      4          5        2  TIME' '   100      0          7        0  TIME')" 'show GROUP'
ctl show '@TGS#2J4' 10
is "$out" "$(lines '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	'Key         Value        Seq' 'alice       投票           1' 'carol       yes            2' \
	'ev\u202Eil  no, "never"    2' 'dan         yes            5')" 'show GROUP MSGSEQ'
ctl show '@TGS#2J4' 10 --newest --csv
is "$out" "$(lines 'Key,Value,Seq' 'dan,yes,5' 'carol,yes,2' "$evil,\"no, \"\"never\"\"\",2" \
	'alice,投票,1')" 'show --newest --csv'
is "$("$msgextctl" show '@TGS#2J4' --json 10)" \
	"{\"GroupId\":\"@TGS#2J4\",\"MsgSeq\":10,\"LatestSeq\":5,\"ClearSeq\":0,\"ExtensionList\":[{\"Key\":\"alice\",\"Value\":\"投票\",\"Seq\":1},{\"Key\":\"carol\",\"Value\":\"yes\",\"Seq\":2},{\"Key\":\"$evil\",\"Value\":\"no, \\\"never\\\"\",\"Seq\":2},{\"Key\":\"dan\",\"Value\":\"yes\",\"Seq\":5}]}" \
	'show --json has the shape of the vendor'
is "$("$msgextctl" show '@TGS#2J4' --json | wc -l)" 2 'show GROUP --json: a message a line'
is "$("$msgextctl" show '@TGS#2J4' 10 --as-of 1 --json | jq -c '[.ExtensionList[].Key]')" '["alice","bob"]' \
	'show --as-of'
is "$("$msgextctl" show '@TGS#2J4' 100 --json | jq -c '[.LatestSeq,.ClearSeq]')" '[7,7]' 'a clear shows'
second=$(sed -n '2s/^{"time":"\([^"]*\)".*/\1/p' "$data/%40TGS%232J4.jsonl")
is "$("$msgextctl" show '@TGS#2J4' 10 --at "$second" --json | jq -c '[.ExtensionList[].Key]')" \
	"[\"alice\",\"bob\",\"carol\",\"$evil\"]" 'show --at'

ctl tally '@TGS#2J4' 10
is "$out" "$(lines '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	"yes          2   50.0%  $(printf '%056d' 0 | tr 0 '#')" \
	"no, \"never\"  1   25.0%  $(printf '%028d' 0 | tr 0 '#')" \
	"投票         1   25.0%  $(printf '%028d' 0 | tr 0 '#')")" 'tally'
is "$("$msgextctl" tally '@TGS#2J4' 10 --json)" \
	'{"GroupId":"@TGS#2J4","MsgSeq":10,"LatestSeq":5,"Missing":[[3,4]],"Tally":[{"Value":"yes","Count":2},{"Value":"no, \"never\"","Count":1},{"Value":"投票","Count":1}]}' \
	'tally --json'
is "$("$msgextctl" tally --by key-prefix a '@TGS#2J4' 10 --csv | tr -d '\r')" \
	"$(lines KeyPrefix,Count,LatestSeq,Missing ,1,5,3-4 c,1,5,3-4 d,1,5,3-4 "$evil,1,5,3-4")" \
	'tally --by key-prefix'
ctl tally '@TGS#2J4' 10 --by key-prefix a
is "$(echo "$out" | head -n 1)" '@TGS#2J4, message 10: 4 pairs, version 5, TIME, missing versions 3-4' \
	'which says what is missing, too'
# A terminal of 60 columns: the widest bar ends in its last but one.
tally="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | sed -n 2p | tr -d '\r')" \
	"yes          2   50.0%  $(printf '%036d' 0 | sed 's/0/█/g')" 'tally draws blocks on a UTF-8 terminal'
tally="stty cols 60; LC_ALL=C '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | sed -n '4s/  *1 .*//p')" '\u6295\u7968' \
	'and ASCII on any other'

# Rows that would look alike: a long value is cut, and what is invisible shown, where it tells them apart.
zwsp=$(printf '\342\200\213')
long=$(printf '%060d' 0)
event alike 1 1 1 "{\"Key\":\"1\",\"Value\":\"yes\"},{\"Key\":\"2\",\"Value\":\"yes$zwsp\"},{\"Key\":\"3\",\"Value\":\"❤️\"},{\"Key\":\"4\",\"Value\":\"${long}a\"}"
event alike 2 1 1 "{\"Key\":\"1\",\"Value\":\"${long}a\"},{\"Key\":\"2\",\"Value\":\"${long}b\"},{\"Key\":\"3\",\"Value\":\"1$long\"}"
tally="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' tally alike"
is "$(script -qc "$tally 1" /dev/null | sed '1d; s/  *1  .*//')" \
	"$(lines "$(printf %.29s "$long")…" yes 'yes\u200B' ❤️)" 'rows of a tally differ on a terminal'
is "$(script -qc "$tally 2" /dev/null | sed '1d; s/  *1  .*//')" \
	"$(lines "${long}a" "${long}b" "1$(printf %.28s "$long")…")" 'and where they are cut'
show="stty cols 60; LC_ALL=C.UTF-8 '$msgextctl' show alike 1"
is "$(script -qc "$show" /dev/null | sed -n '4,5s/  *1\r$//p')" "$(lines '2    yes\u200B' '3    ❤️')" 'rows of a table do'
is "$("$msgextctl" show alike 1 | sed -n '4s/ *1$//p')" "2    yes$zwsp" 'a pipe gets the text as it is'
rm "$data"/alike.*

# For a spreadsheet.
event excel 1 1 123456789012 '{"Key":"1","Value":"=1+1"},{"Key":"@2","Value":"投票"}'
for arguments in 'groups' 'log excel' 'show excel' 'show excel 1' 'tally excel 1' 'gaps excel' 'verify excel'; do
	# shellcheck disable=SC2086
	"$msgextctl" $arguments --csv=excel >"$scratch/excel"
	is "$(head -c 4 "$scratch/excel" | od -An -tx1),$(tail -c 3 "$scratch/excel" | od -An -tx1)" ' ef bb bf 22, 22 0d 0a' \
		"$arguments --csv=excel"
	is "$(perl -ne 'print unless /^(?:\xef\xbb\xbf)?"[^"]*"(?:,"[^"]*")*\r$/' "$scratch/excel")" '' 'every cell is quoted'
done
is "$("$msgextctl" show excel 1 --csv=excel | tr -d '\r' | sed 1d)" \
	"$(lines "\"1\",\"'=1+1\",\"'123456789012\"" "\"'@2\",\"投票\",\"'123456789012\"")" 'no cell is a formula'
is "$("$msgextctl" show excel 1 --csv | tr -d '\r')" "$(lines Key,Value,Seq 1,=1+1,123456789012 @2,投票,123456789012)" \
	'a program gets the values as they are'
for format in x '' Excel; do
	"$msgextctl" show excel 1 --csv=$format >"$scratch/out" 2>"$scratch/stderr"
	is "$?,$(wc -c <"$scratch/out"),$(grep -c 'must read' "$scratch/stderr")" 64,0,1 "a format that is none: $format"
done
rm "$data"/excel.*

tally="stty cols 3; timeout 20 '$msgextctl' tally '@TGS#2J4' 10"
is "$(script -qc "$tally" /dev/null | wc -l)" 4 'a terminal that is too narrow'

ctl gaps
is "$status,$out" "1,$(lines 'GroupId   MsgSeq  Count  Missing' '@TGS#2J4      10      2  3-4')" 'gaps'
ctl gaps other
is "$status,$out" 0, 'no gaps: nothing, exit 0'
ctl gaps --json
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"Missing":[[3,4]]}' 'gaps --json'
ctl gaps '@TGS#2J4' --rest
is "$out" '{"GroupId":"@TGS#2J4","MsgSeq":10,"StartSeq":0}' 'gaps --rest'

# import: two pages, the second pretty-printed.
answer() {
	printf '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":%s,"LatestSeq":%s,"ClearSeq":0,"ExtensionList":[%s]}' \
		"$1" "$2" "$3"
}
answer 0 6 '{"Key":"carol","Value":"yes","Seq":2},{"Key":"eve","Value":"}\"{","Seq":4}' >"$scratch/page1"
answer 1 6 '{"Key":"dan","Value":"no","Seq":6}' | jq . >"$scratch/page2"
ctl import '@TGS#2J4' 10 "$scratch/page1"
is "$status" 65 'an answer without its end is refused'
ok 'and named' grep -q 'field-range: CompleteFlag' "$scratch/stderr"
for answer in '' '{' '[]' '{"ActionStatus":"FAIL","ErrorInfo":"x","ErrorCode":10004,"ExtensionList":[]}' \
	"$(answer 1 6 '{"Key":"dan"}')" "$(answer 1 -6 '')" "$(answer 1 6 '') x"; do
	printf %s "$answer" >"$scratch/answer"
	ctl import '@TGS#2J4' 10 "$scratch/answer"
	is $status 65 "an answer that is none: $answer"
done
ctl import '@TGS#2J4' 10 "$scratch/none"
is $status 66 'a file that is none'
is "$(cat "$data"/*.jsonl | wc -l)" 6 'nothing was stored of them'
cat "$scratch/page1" "$scratch/page2" | "$msgextctl" import '@TGS#2J4' 10 2>"$scratch/stderr"
is $? 0 'import'
is "$(sed -n '$p' "$data/%40TGS%232J4.jsonl" | sed 's/....-..-..T..:..:......Z/TIME/')" \
	'{"time":"TIME","Snapshot":"import","GroupId":"@TGS#2J4","MsgSeq":10,"LatestSeq":6,"ClearSeq":0,"WholeSeq":6,"ExtensionList":[{"Key":"carol","Value":"yes","Seq":2},{"Key":"eve","Value":"}\"{","Seq":4},{"Key":"dan","Value":"no","Seq":6}]}' \
	'a snapshot is a line'
ctl gaps
is "$status,$out" 0, 'the gap is closed'
is "$("$msgextctl" show '@TGS#2J4' 10 --json | jq -c '[.LatestSeq, .ExtensionList[].Key]')" \
	'[6,"carol","eve","dan"]' 'what the answer lacks is gone'
event '@TGS#2J4' 10 1 4 '{"Key":"alice","Value":"late"}'
is "$("$msgextctl" show '@TGS#2J4' 10 --json | jq -c '[.LatestSeq, .ExtensionList[].Key]')" \
	'[6,"carol","eve","dan"]' 'and stays so when an old event is late'

# Pages between which the message changed: what only the older one could know stays open.
event pages 1 1 8 '{"Key":"k1","Value":"v"}'
event pages 1 1 12 '{"Key":"k2","Value":"v"}'
{
	answer 0 10 '{"Key":"k1","Value":"v","Seq":8}'
	answer 1 12 '{"Key":"k2","Value":"v","Seq":12}'
} | "$msgextctl" import pages 1 2>"$scratch/stderr"
ctl gaps pages --json
is "$out" '{"GroupId":"pages","MsgSeq":1,"Missing":[[11,11]]}' 'pages of different age leave the gap between'
rm "$data"/pages.*
perl -e 'print "{\"ActionStatus\":\"OK\",\"ErrorCode\":0,\"CompleteFlag\":1,\"LatestSeq\":1,\"ClearSeq\":0,",
	"\"ExtensionList\":[", join(",", map { "{\"Key\":\"$_\",\"Value\":\"" . "x" x 1000 . "\",\"Seq\":1}" } 1 .. 11000),
	"]}"' | "$msgextctl" import huge 1 2>"$scratch/stderr"
is "$?,$(ls "$data"/huge* 2>/dev/null)" 65, 'a snapshot that no reader would take is not written'

# An event whose own "time" is none of ours is one of no known time.
printf '{"CallbackCommand":"%s","GroupId":"timeless","MsgSeq":1,"OperateType":1,"ExtensionList":[],"Seq":1,"EventTime":1,"time":5}\n' \
	"$command" >"$data/timeless.jsonl"
chmod 600 "$data/timeless.jsonl"
ctl show timeless --csv
is "$(printf '%s\n' "$out" | sed -n 2p)" '1,0,1,0,' 'a message of no known time'
ctl compact --discard timeless
is "$(cut -c1-12 "$data/timeless.jsonl")" '{"Snapshot":' 'stays so in a compaction'
ctl show timeless --as-of 0
is "$status,$(grep -c 'jsonl.gz' "$scratch/stderr")" 1,1 'a compaction that was passed is told of'
rm "$data"/timeless.*
ln -s nowhere "$data/other.0123456789abcdef.new"
ctl compact --discard other
is "$status,$(readlink "$data/other.0123456789abcdef.new")" 0,nowhere 'a link beside it is not followed'
rm "$data/other.0123456789abcdef.new"

# compact
"$msgextctl" show '@TGS#2J4' --json >"$scratch/before"
cp "$data/%40TGS%232J4.jsonl" "$scratch/original"
ctl compact '@TGS#2J4'
is $status 0 'compact'
"$msgextctl" show '@TGS#2J4' --json >"$scratch/after"
ok 'leaves the state as it was' cmp "$scratch/before" "$scratch/after"
is "$(wc -l <"$data/%40TGS%232J4.jsonl")" 2 'a line a message'
zcat "$data"/%40TGS%232J4.*.jsonl.gz >"$scratch/archive"
ok 'and the original in an archive' cmp "$scratch/archive" "$scratch/original"
ctl compact '@TGS#2J4' --discard
is "$(find "$data" -name '*.gz' | wc -l)" 1 'a compact log is left alone'
ctl show '@TGS#2J4' 10 --as-of 1
is "$status" 1 'history is gone from the log'
ok 'and where it went is told' grep -q 'is in its .jsonl.gz' "$scratch/stderr"
event other 1 1 57 '{"Key":"k","Value":"w"}'
ctl compact --discard other
is "$(find "$data" -name 'other*' | wc -l)" 1 'compact --discard keeps no archive'

# archive: messages that have not changed since, and nothing else
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
ok 'some messages are old, and some are not' test "$(wc -l <"$scratch/messages")" -gt 3 -a "$(wc -l <"$scratch/messages")" -lt 37
"$msgextctl" show old --json 2>/dev/null >"$scratch/before"
ctl archive old --before 2025-01-01
is "$status,$(find "$data" -name 'old.*.gz')" 0, 'no message is that old: nothing happens'
"$msgextctl" archive old --before "$since" 2>"$scratch/stderr"
is "$?,$(grep -c 'what was taken out is' "$scratch/stderr")" 0,1 'archive'
zcat "$data"/old.*.jsonl.gz >"$scratch/archive"
grep -Ff "$scratch/messages" "$scratch/original" >"$scratch/expected"
ok 'takes the lines of old messages out, as they are' cmp "$scratch/archive" "$scratch/expected"
grep -vFf "$scratch/messages" "$scratch/original" >"$scratch/expected"
sed '$d' "$data/old.jsonl" >"$scratch/stayed"
ok 'leaves all others' cmp "$scratch/stayed" "$scratch/expected"
"$msgextctl" show old --json 2>/dev/null >"$scratch/after"
grep -vFf "$scratch/messages" "$scratch/before" >"$scratch/expected"
ok 'and their state as it was' cmp "$scratch/after" "$scratch/expected"
mkdir -m 700 "$scratch/union"
cat "$scratch/archive" "$data/old.jsonl" >"$scratch/union/old.jsonl"
chmod 600 "$scratch/union/old.jsonl"
"$msgextctl" -d "$scratch/union" show old --json 2>/dev/null >"$scratch/after"
ok 'both together say what the log said' cmp "$scratch/before" "$scratch/after"
"$msgextctl" archive nosuch --before 1d 2>/dev/null
is $? 1 'of a group that is not there, nothing'
rm "$data"/old.*

# verify
ctl verify
is "$status,$out" 0, 'nothing wrong'
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
ctl verify
is "$status,$out" "1,$(lines 'test.jsonl:0:0: mode: is 0644, should be 0600' \
	"test.jsonl:4:$half: nul-bytes: 4 of 4 bytes are NUL" \
	"test.jsonl:5:$((half + 5)): json-malformed: $("$msgextctl" verify test 2>/dev/null |
		sed -n 's/.*:5:.*json-malformed: //p')" \
	"test.jsonl:6:$((half + 12)): wrong-group: the event's group belongs into elsewhere.jsonl" \
	"test.jsonl:7:$((half + 17 + length)): field-range: MsgSeq: must be a plain integer from 0 to 9007199254740992" \
	"test.jsonl:9:$(($(wc -c <"$data/test.jsonl") - 100)): torn-tail: 100 bytes without a newline: never acknowledged, the next append sets them aside" \
	"test.jsonl:3:$((2 * length)): conflict: message 10, version 56 says something else in line 1")" \
	'verify names file, line and offset of all damage'
is "$("$msgextctl" verify test --json 2>/dev/null | jq -c 'select(.Problem == "torn-tail") | [.File, .Line]')" \
	'["test.jsonl",9]' 'verify --json'
event test 1 1 1 '{"Key":"k","Value":"v"}'
ctl verify other
is $status 0 'the other log is sound'
"$msgextctl" verify 2>"$scratch/stderr" >/dev/null
ok 'a torn tail set aside is told of' grep -q 'test.torn: holds unfinished lines' "$scratch/stderr"
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
ctl verify lost
is "$status,$out" "1,lost.torn:3:$((7 + length)): set-aside: a whole line that the log lacks; with the receiver stopped: sed -n 3p lost.torn >>lost.jsonl" \
	'a whole line of it that the log lacks is named'
(cd "$data" && eval "${out##*stopped: }")
ctl verify lost
is "$status,$out,$(wc -l <"$data/lost.jsonl")" 0,,2 'and its command brings it back'
rm "$data"/lost.*
ln "$data/other.jsonl" "$data/link.jsonl"
ctl verify other
is "$out" 'other.jsonl:0:0: links: has 2 names: the receiver will refuse it' 'links'
rm "$data"/link.jsonl "$data"/test.*
ln -s other.jsonl "$data/link.jsonl"
ctl verify
ok 'a symbolic link is a finding' [ $status -eq 1 ]
ctl groups
is "$status,$(printf '%s\n' "$out" | grep -c '^\(other\|@TGS#2J4\) ')" 66,2 'and keeps nobody from the other logs'
ctl log --all
is "$status,$(printf '%s\n' "$out" | grep -c ' other ')" 66,1 'nor from their events'
rm "$data/link.jsonl"
ctl verify
is $status 0 'all is well again'

# Lines that the receiver would not have written so.
printf '%s\r\n' "$(printf %s "$good" | sed 's/"MsgSeq":10/"MsgSeq": 10/')" >"$data/test.jsonl"
printf '%s\n' "$good" | sed 's/Group.Callback/Group.Other/' >>"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
ctl verify test
is "$(printf '%s\n' "$out" | cut -d: -f1-4)" "$(lines 'test.jsonl:1:0: white-space' \
	"test.jsonl:2:$((length + 2)): command")" 'white space, and other webhooks'
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
ctl verify test
is "$(printf '%s\n' "$out" | cut -d: -f1,2,4-)" "$(
	jq -r '"conflict: message \(.MsgSeq), version \(.Seq) says something else in line"' "$scratch/others" |
		paste -d: - - | {
		IFS=: read -r _ near _ far
		lines "test.jsonl:3: conflict:$near 1" \
			"test.jsonl:$(($(wc -l <"$data/test.jsonl") - 1)): conflict:$far 2"
	}
)" 'repetitions near and far, and which of them are in conflict'
# A body begins where the envelope ends, whatever is its first member.
for value in a b a; do
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,"MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"%s","Seq":1}],"Seq":1,"EventTime":1,"GroupId":"test","CallbackCommand":"Group.CallbackAfterGroupMsgExtension"}\n' $value
done >"$data/test.jsonl"
ctl verify test
is "$(printf '%s\n' "$out" | cut -d: -f1,2,4-)" \
	'test.jsonl:2: conflict: message 1, version 1 says something else in line 1' 'a conflict before the command'
rm "$data/test.jsonl"

# Reading needs no lock, but a tail is only judged while no writer is at work.
printf '{"unfinished' >>"$data/other.jsonl"
perl "$top/tests/locked.pl" "$data/other.jsonl" "ready('$scratch/locked'); sleep 1;
	seek \$log, -12, 2; truncate \$log, tell \$log" &
writer=$!
wait_for test -e "$scratch/locked"
is "$("$msgextctl" show other 1 --json | jq -c .LatestSeq)" 57 'show waits for no writer'
"$msgextctl" verify other >"$scratch/out" 2>&1
is "$?,$(wc -l <"$scratch/out")" 0,1 'verify waits for a writer at work'
wait $writer

# check
sed -i 's/^sdk_app_id/token = demo\n&/' "$config"
ctl check
is "$status,$(printf '%s\n' "$out" | sed -n '$s/,.*//p')" '0,0 errors' 'check finds no error'
is "$(printf '%s\n' "$out" | grep -c '^OK  *\(configuration\|token\|data_dir\|logs\|append\|lock\) ')" 6 \
	'and says what is right'
is "$(find "$data" -name '.check*')" '' 'its trial leaves nothing'
chmod 644 "$config"
ctl check
is "$status,$(printf '%s\n' "$out" | grep -c 'ERROR  *configuration .*others may read it')" 1,1 \
	'a token that others may read'
chmod 600 "$config"
mv "$data" "$data.away"
ctl check
is "$status,$(printf '%s\n' "$out" | grep -c 'ERROR  *data_dir .*No such file')" 1,1 'no data directory'
mv "$data.away" "$data"
chmod 707 "$data"
ctl check
is "$status,$(printf '%s\n' "$out" | grep -c 'ERROR  *data_dir .*others may write it')" 1,1 'an open one'
chmod 700 "$data"
DOCUMENT_ROOT=$scratch "$msgextctl" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *data_dir .*lies inside the document root' "$scratch/out")" 1,1 'a served one'
DOCUMENT_ROOT=$scratch "$msgextctl" -d "$data" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *data_dir .*lies inside the document root' "$scratch/out")" 1,1 'with -d too'
{
	cat "$config"
	echo max_groups = 2
} >"$scratch/full.conf"
chmod 600 "$scratch/full.conf"
"$msgextctl" -c "$scratch/full.conf" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *logs .*as many as max_groups' "$scratch/out")" 1,1 'as many groups as may be'
mkdir -p "$scratch/public_html"
cp "$config" "$scratch/served.conf"
sed -i "s|^data_dir.*|data_dir = $scratch/public_html|" "$scratch/served.conf"
chmod 700 "$scratch/public_html"
"$msgextctl" -c "$scratch/served.conf" check >"$scratch/out"
is "$?,$(grep -c 'WARNING  *data_dir  *lies below a directory public_html' "$scratch/out")" 0,1 \
	'one that looks so'
printf '#!%s\r\ninclude = %s\r\n' "$msgext" "$config" >"$scratch/script.cgi"
chmod 755 "$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *script .*CR LF' "$scratch/out")" 1,1 'a script with CR LF'
printf '#!%s \ninclude = %s\n' "$msgext" "$config" >"$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'OK  *script' "$scratch/out")" 0,1 'one that works'
chmod 644 "$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *script .*not executable' "$scratch/out")" 1,1 'one that may not be executed'
"$msgextctl" -c "$scratch/none" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *configuration .*No such file' "$scratch/out")" 1,1 'no configuration'
"$msgextctl" check --as nosuchuser 2>/dev/null
is $? 67 '--as a user that there is not'
if [ "$(id -u)" -eq 0 ]; then
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *configuration .*Permission denied' "$scratch/out")" 1,1 \
		'--as www-data sees what www-data sees'
	chown www-data "$config" "$data"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *logs .*belongs to another user' "$scratch/out")" 1,2 \
		'logs of another user'
	chown www-data "$data"/*
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'OK  *append' "$scratch/out")" 0,1 'and what www-data may do'
	chmod 400 "$data/other.jsonl"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *logs .*not to be read and written' "$scratch/out")" 1,1 \
		'a log that may not be written'
	chmod 600 "$data/other.jsonl"
	chown root:www-data "$config"
	chmod 640 "$config"
	"$msgextctl" compact other 2>"$scratch/stderr"
	is "$?,$(grep -c 'belongs to www-data; run this as that user' "$scratch/stderr")" 77,1 \
		'who is not the owner changes nothing'
	chmod 700 "$scratch"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c "ERROR .*$scratch: www-data cannot enter it" "$scratch/out")" 1,1 \
		'which directory bars the way'
	chmod 755 "$scratch"
	chown root:root "$config" "$data" "$data"/*
	chmod 600 "$config"

	# Root in somebody else's directory: as that one, or not at all.
	mkdir "$scratch/theirs"
	chown www-data "$scratch/theirs"
	chmod 700 "$scratch/theirs"
	(cd /root 2>/dev/null && "$msgextctl" -d "$scratch/theirs" check) >"$scratch/out"
	is "$?,$(grep -c '^OK  *\(user  *www-data looks\|append\|lock\) *' "$scratch/out")" 0,3 \
		'root looks with the eyes of the owner'
	is "$(strace -f -qq -e signal=none -e trace=mkdirat,chmod,fchmod,fchmodat,setuid,unlink,rmdir \
		"$msgextctl" -d "$scratch/theirs" check 2>&1 >/dev/null | sed 's/^\[pid *[0-9]*\] //; s/(.*//')" \
		'setuid
mkdirat' 'and makes what it makes as that one, by descriptors'
	is "$(find "$scratch/theirs" | wc -l)" 1 'of which nothing is left'
	chown root:www-data "$scratch/theirs"
	chmod 770 "$scratch/theirs"
	touch -d 2020-01-01 "$scratch/theirs"
	"$msgextctl" -d "$scratch/theirs" check >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *\(user  *root looks\|append  *is not tried\|data_dir  *its group may write\)' "$scratch/out")" 0,3 \
		'where others may write root makes nothing'
	is "$(find "$scratch/theirs" -newermt 2020-01-02 | wc -l)" 0 'nothing at all'
	chmod 700 "$scratch/theirs"
	for name in a.jsonl b.jsonl c.jsonl; do
		rm -f "$scratch/theirs/$name"
	done
	mkfifo "$scratch/theirs/a.jsonl"
	ln -s /etc/passwd "$scratch/theirs/b.jsonl"
	mkdir "$scratch/theirs/c.jsonl"
	timeout 10 "$msgextctl" -d "$scratch/theirs" check >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *logs .*is no regular file' "$scratch/out")" 1,3 'what is no log is opened by nobody'
	rm -r "$scratch/theirs"

	# What others may do to the directory.
	mkdir -p "$scratch/open/data"
	chmod 700 "$scratch/open/data"
	chmod 777 "$scratch/open"
	"$msgextctl" -d "$scratch/open/data" check >"$scratch/out"
	is "$(grep -c "^WARNING  *data_dir  *others may write $scratch/open," "$scratch/out")" 1 'who may replace it'
	chown www-data "$scratch/open"
	chmod 755 "$scratch/open"
	"$msgextctl" -d "$scratch/open/data" check >"$scratch/out"
	is "$(grep -c "^WARNING  *data_dir  *$scratch/open belongs to www-data" "$scratch/out")" 1 'or owns what is above it'
	chmod 755 "$scratch/open/data"
	echo 'file_mode = 0640' >>"$config"
	chown -R www-data "$data" "$config"
	chmod 644 "$config"
	"$msgextctl" check --as nobody >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *configuration .*belongs to another user' "$scratch/out")" 1,1 \
		'a configuration of yet another user'
	chmod 600 "$config"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *file_mode  *0640: .*may lock it' "$scratch/out")" 0,1 'who may read may lock'
	sed -i /^file_mode/d "$config"
	chmod 644 "$data/other.jsonl"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *logs  *1 may be read by more' "$scratch/out")" 0,1 'and read more than file_mode says'
	chmod 600 "$data/other.jsonl"
	chmod 700 "$data"
	chown root "$data"
	setpriv --reuid=www-data --clear-groups "$msgextctl" -c "$config" check >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *data_dir .*Permission denied, as www-data' "$scratch/out")" 1,1 'a closed directory'
	chmod 770 "$data"
	chgrp www-data "$data"
	setpriv --reuid=www-data --regid=www-data --clear-groups "$msgextctl" -c "$config" check >"$scratch/out"
	is "$(grep -c '^WARNING  *data_dir  *belongs to root, not to www-data' "$scratch/out")" 1 'two users are two'
	chmod 700 "$data"
	chown -R root:root "$data" "$config"

	# Root changes nothing where others may write, nor below it.
	for mode in 770:700 700:777; do
		chmod "${mode%:*}" "$scratch/open/data"
		chown root "$scratch/open"
		chmod "${mode#*:}" "$scratch/open"
		echo '{"ErrorCode":0,"ActionStatus":"OK","CompleteFlag":1,"LatestSeq":1,"ClearSeq":0,"ExtensionList":[]}' |
			"$msgextctl" -d "$scratch/open/data" import g 1 2>"$scratch/stderr"
		is "$?,$(grep -c 'log-unsafe: .*root changes nothing' "$scratch/stderr"),$(find "$scratch/open/data" | wc -l)" \
			77,1,1 "root imports nothing: $mode"
	done

	# The mount that holds the directory, whatever its number, and however it is reached.
	# mounted COMMANDS: runs them in a space of mounts that ends with them.
	mounted() {
		unshare -m sh -c "set -e; $1" >"$scratch/out" 2>"$scratch/stderr"
	}
	# held: what check said of file systems.
	held() {
		sed -n 's/^\([A-Z]*\)  *file system  */\1 /p' "$scratch/out"
	}
	mkdir -p "$scratch/a mount" "$scratch/bound"
	if unshare -m mount -t tmpfs none "$scratch/bound" 2>"$scratch/stderr"; then
		"$msgextctl" -d "$data" check >"$scratch/out"
		own=$(held)
		mounted "mount -t tmpfs none '$scratch/a mount'; mkdir -m 700 '$scratch/a mount/data'
			mount --bind '$scratch/a mount/data' '$scratch/bound'
			'$msgextctl' -d '$scratch/bound' check; '$msgextctl' -d '$scratch/a mount/data' check
			mount --bind '$data' '$scratch/a mount/data'; '$msgextctl' -d '$scratch/a mount/data' check"
		is "$(held)" "WARNING tmpfs: what it holds is gone after a restart
WARNING tmpfs: what it holds is gone after a restart
$own" 'a mount that is bound, one with a blank in its name, and one over another'
		mounted "mount -t tmpfs -o noexec none '$scratch/bound'; cp '$scratch/script.cgi' '$scratch/bound'
			chmod 755 '$scratch/bound/script.cgi'; '$msgextctl' -c '$scratch/bound/script.cgi' check"
		is "$(grep -c '^ERROR  *script .*bound/script.cgi: is mounted noexec' "$scratch/out")" 1 \
			'a script that nobody can run'
	fi
	truncate -s 120M "$scratch/image"
	if mkfs.btrfs -q "$scratch/image" 2>"$scratch/stderr" &&
		mounted "mount -o loop,nobarrier '$scratch/image' '$scratch/bound'; umount '$scratch/bound'"; then
		mounted "mount -o loop,nobarrier '$scratch/image' '$scratch/bound'; mkdir -m 700 '$scratch/bound/data'
			'$msgextctl' -d '$scratch/bound/data' check; umount '$scratch/bound'"
		is "$(held)" 'WARNING btrfs, mounted with nobarrier: a power cut loses acknowledged events' \
			'a btrfs without barriers'
	fi

	# What a user without rights is told.
	chmod 755 "$scratch/open"
	chmod 700 "$scratch/open/data"
	cp "$data/other.jsonl" "$scratch/open/data"
	chown -R www-data "$scratch/open/data"
	nobody() {
		setpriv --reuid=nobody --clear-groups timeout 10 "$msgextctl" -d "$scratch/open/data" "$@" \
			>"$scratch/out" 2>"$scratch/stderr" </dev/null
		status=$?
	}
	for arguments in groups 'log other' 'log --all' 'log -f other' 'show other' 'show nosuch' 'tally other 1' gaps \
		'gaps other' verify; do
		# shellcheck disable=SC2086
		nobody $arguments
		is "$status,$(grep -c 'data is closed to this user: sudo msgextctl .*chmod 750' "$scratch/stderr")" 66,1 \
			"a closed directory: $arguments"
	done
	for arguments in 'compact other' 'compact nosuch' 'archive other --before 1d' 'import other 1'; do
		# shellcheck disable=SC2086
		nobody $arguments
		is "$status,$(grep -c 'belongs to www-data; run this as that user (sudo -u www-data' "$scratch/stderr")" 77,1 \
			"somebody else's: $arguments"
	done
	chmod 755 "$scratch/open/data"
	nobody show other
	is "$status,$(grep -c 'the logs are closed to this user: sudo msgextctl' "$scratch/stderr")" 66,1 'a closed log'
	nobody verify other
	is "$status,$(grep -c 'the logs are closed to this user: sudo msgextctl' "$scratch/stderr")" 1,1 'which verify finds too'
	nobody show nosuch
	is "$status,$(cat "$scratch/stderr")" '1,msgextctl: nothing of group nosuch' 'where one can see that there is none'
	nobody check
	is "$status,$(grep -c '^ERROR  *data_dir .*as nobody (it belongs to www-data: ' "$scratch/out")" 1,1 'whose it is'
	setpriv --reuid=nobody --clear-groups "$msgextctl" -c "$config" groups 2>"$scratch/stderr"
	is "$?,$(grep -c 'config-unreadable: .*Permission denied: user .*chmod 640' "$scratch/stderr")" 78,1 \
		'a configuration that is closed is not missing'
fi
"$msgextctl" -d "$scratch/none/data" check >"$scratch/out"
is "$?,$(grep -c "^ERROR  *data_dir  *$scratch/none: No such file or directory$" "$scratch/out")" 1,1 \
	'what is above it and not there is told as that'
"$msgextctl" -c '' check >"$scratch/out"
is "$?,$(grep -c '^ERROR  *configuration ' "$scratch/out")" 1,1 'an empty name'


# Nothing of that time, or moved away: what there is instead.
data_before=$data
data=$scratch/times
mkdir -m 700 "$data"
for day in 1 2; do
	printf '{"time":"2025-12-0%s","CallbackCommand":"%s","GroupId":"g","MsgSeq":%s,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1}\n' \
		"${day}T10:00:00.000Z" "$command" "$day" "$((4 + day))" "$((4 + day))"
done >"$data/g.jsonl"
told() {
	ctl -d "$data" "$@"
	printf '%s: ' "$status"
	sed 's/^msgextctl: //' "$scratch/stderr"
}
is "$(told show g 2 --at 2025-12-01)" '1: nothing of group g, message 2
its first event came later, at 2025-12-02T10:00:00.000Z' '--at before the first event'
is "$(told show g --at 2025-11-01 | tail -n 1)" 'its first event came later, at 2025-12-01T10:00:00.000Z' 'of a group'
is "$(told tally g 1 --as-of 3)" '1: nothing of group g, message 1
its first version is a later one, 5' '--as-of before the first version'
is "$(told log g --since 2026-01-01)" '1: nothing of group g
none of that time, but 2 from 2025-12-01T10:00:00.000Z to 2025-12-02T10:00:00.000Z' 'log of another time'
is "$(told show nosuch 1 --at 2025-12-01)" '1: nothing of group nosuch, message 1' 'none at all'
is "$(told show g)" '0: ' 'nothing is moved yet'
ctl -d "$data" archive g --before 2025-12-02
moved="older lines of this group are in 1 archived file, which is not read: zcat $data/g.*.jsonl.gz"
: >"$data/ga.20250101T000000000Z.jsonl.gz"
: >"$data/g.jsonl.gz"
for arguments in 'show g 2' 'show g' 'log g' 'gaps g' 'tally g 2'; do
	# shellcheck disable=SC2086
	is "$(told $arguments)" "0: $moved" "what archive moved: $arguments"
done
is "$(told show g 1)" "1: nothing of group g, message 1
$moved" 'and what is all there'
is "$(zcat "$data"/g.2*.jsonl.gz | jq -r .MsgSeq)" 1 'zcat has it'
is "$(told groups)" '0: ' 'groups says nothing of it'
data=$data_before

# sample: what it prints works.
start_lighttpd
"$msgextctl" sample --url "$url" >"$scratch/sample" 2>"$scratch/stderr"
is "$(sh -c "alias curl='curl $curl_options'
$(cat "$scratch/sample")")" "$answer_ok" 'sample prints a request that is taken'
is "$("$msgextctl" groups --json | jq -r 'select(.GroupId == "msgext-sample").Events')" 1 'and stored'
sed 's/"MsgSeq":[0-9]*/"MsgSeq":7/' "$scratch/sample" >"$scratch/later"
sh -c "alias curl='curl $curl_options'
$(cat "$scratch/later")" >/dev/null
ctl gaps msgext-sample
is $status 0 'samples make no gaps'
stop_server
sed -i /^token/d "$config"

# A directory from an encrypted home, whose names are at most 143 bytes: 48 signs of three bytes.
long='@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@'
cut=$(printf %s "$long" | head -c 16 | sed 's/@/%40/g')~$(printf %s "$long" | sha256sum | cut -d' ' -f1)
event "$long" 1 1 1 '{"Key":"k","Value":"v"}'
spelt=$(printf %s "$long" | sed 's/@/%40/g')
mv "$data/$spelt.jsonl" "$data/$cut.jsonl"
event "$long" 1 1 2 '{"Key":"k","Value":"w"}'
is "$(wc -l <"$data/$cut.jsonl"),$(find "$data" -name "$spelt*")" 2, 'a log keeps the name that it came with'
ctl log "$long"
is "$status,$(printf "%s\n" "$out" | grep -c version)" 0,2 'it is found by its group'
ctl verify
is "$status" 0 'verify takes either name'
ctl compact "$long"
is "$status,$(find "$data" -name "$cut.2*.jsonl.gz" | wc -l)" 0,1 'and what stands beside it is named alike'
is "$("$msgextctl" groups --json | jq -r --arg id "$long" 'select(.GroupId == $id).GroupId' | wc -l)" 1 'groups has it once'

# The command line.
is "$("$msgextctl" --version)" "msgextctl $(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")" \
	'--version'
for name in groups log show tally gaps import verify compact archive check sample; do
	"$msgextctl" "$name" --help >"$scratch/out" 2>&1
	is "$?,$(head -n 1 "$scratch/out" | cut -d' ' -f1-3)" "0,usage: msgextctl $name" "$name --help"
done
for arguments in '' nosuch 'show' 'show a b' 'show a 1 2' 'log' 'log --all a' 'groups x' 'tally a' \
	'show a --follow' 'groups --json --csv' '--nosuch groups' 'log a --msg x' 'tally a 1 --by value x' \
	'show a 99999999999999999999' 'archive a' 'archive a --before 1970-01-01' 'archive a --before x'; do
	# shellcheck disable=SC2086
	"$msgextctl" $arguments >/dev/null 2>"$scratch/stderr"
	is "$?" 64 "EX_USAGE: $arguments"
done
ctl show nosuch
is "$status,$(cat "$scratch/stderr")" '1,msgextctl: nothing of group nosuch' 'no such group'
ctl -d "$scratch/none" show nosuch
is $status 66 'no such directory'
ctl -c "$scratch/none" groups
is $status 78 'no such configuration'
ctl -d "$data" groups
is $status 0 '-d needs no configuration'
"$msgextctl" groups >/dev/full 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" '74,msgextctl: cannot write: No space left on device' 'a full disk is told of'
event -rf 1 1 1 '{"Key":"k","Value":"v"}'
is "$("$msgextctl" show --json -- -rf 1 | jq -r .GroupId)" -rf 'a group that begins with -'
"$msgextctl" import other 1 - --json </dev/null >"$scratch/out" 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" '64,msgextctl: json: is no option of this command (see --help)' 'an option behind -'
# A directory that cannot be listed to its end has not ended.
unlisted() {
	strace -f -qq -e signal=none -e trace=getdents64 -e inject=getdents64:error=EIO -o "$scratch/trace" "$@"
}
for arguments in groups 'log --all' gaps verify; do
	# shellcheck disable=SC2086
	unlisted "$msgextctl" $arguments >"$scratch/out" 2>"$scratch/stderr"
	is "$?,$(grep -c 'data-dir: .*cannot list it: ' "$scratch/stderr")" 66,1 \
		"names that cannot be read: $arguments"
done
unlisted "$msgextctl" check >"$scratch/out"
is "$?,$(grep -c '^ERROR  *logs .*cannot list it' "$scratch/out")" 1,1 'check says so'
# The limit on groups is not what counts as none because it could not be counted.
printf '{"CallbackCommand":"%s","GroupId":"unlisted","MsgSeq":1,"OperateType":3,"ExtensionList":[],"Seq":1,"EventTime":1}' \
	"$command" >"$scratch/body"
unlisted env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" MSGEXT_CONFIG="$config" \
	CONTENT_LENGTH="$(wc -c <"$scratch/body")" "$msgext" <"$scratch/body" >"$scratch/out" 2>"$scratch/stderr"
is "$(grep -c 'open-failed: unlisted.jsonl: cannot count the logs beside' "$scratch/stderr"),$(find "$data" -name unlisted.jsonl | wc -l)" \
	1,0 'nor a limit that could not be counted'
mkdir "$scratch/empty"
ctl -d "$scratch/empty" groups
is "$status" 1 'no groups: exit 1'
done_testing
