#!/bin/sh
# msgext-ship --erase: a person leaves what was shipped, and does not come back with what is shipped later.
. "$(dirname "$0")/lib.sh"
made tests
. "$(dirname "$0")/postgres.sh"

ship=$top/build/msgext-ship
config_make 'sync = no'
engine_make one
engine_start one
conninfo="host=$scratch/one user=postgres dbname=postgres"
"$ship" --init "$conninfo"
umask 077

# line GROUP MSGSEQ SEQ PAIRS: a line of its log.
line() {
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"%s","MsgSeq":%s,"OperateType":1,"ExtensionList":[%s],"Seq":%s,"EventTime":1}\n' \
		"$1" "$2" "$4" "$3"
}
# shown: the state of a group's message, as the engine has it.
shown() {
	PATH=$top/build:$PATH "$msgextctl" --from "$conninfo" show "$1" 1 --json 2>/dev/null
}
ships() {
	"$ship" -d "$data" --once "$conninfo" 2>>"$scratch/ship.log"
}
erases() {
	"$ship" --erase --key "$@" 2>"$scratch/stderr"
}
{
	echo '{"Key":"tom" broken'
	line g 1 1 '{"Key":"tom","Value":"yes","Seq":1},{"Key":"ann","Value":"yes","Seq":1}'
	line g 1 2 '{"Key":"t\u006fm","Value":"no","Seq":2}'
	line g 1 3 '{"Key":"bob","Value":"tom","Seq":3}'
} >"$data/g.jsonl"
line h 1 1 '{"Key":"tom","Value":"yes","Seq":1}' >"$data/h.jsonl"
cp "$data/g.jsonl" "$scratch/raw"
ships
"$msgextctl" -d "$data" compact g --discard 2>/dev/null
ships
others='{"GroupId":"g","MsgSeq":1,"LatestSeq":3,"ClearSeq":0,"ExtensionList":[{"Key":"ann","Value":"yes","Seq":1},{"Key":"bob","Value":"tom","Seq":3}]}'

before=$(sql one 'select md5(string_agg(line::text, chr(10) order by file, start)) from msgext_line')
erases tom --dry-run "$conninfo"
is "$?,$(sed 's/^msgext-ship: //' "$scratch/stderr" | grep 'pair\|key' | paste -sd ';')" \
	"0,g: 3 pairs in 3 lines of 2 files would be erased;h: 1 pair in 1 line of 1 file would be erased;no group's lines: 0 pairs in 0 lines of 2 files would be erased;in 2 lines that cannot be read the key itself would be emptied" \
	'--dry-run counts'
is "$(sql one 'select md5(string_agg(line::text, chr(10) order by file, start)) from msgext_line')" "$before" 'and changes nothing'
erases tom "$conninfo" h
is "$?,$(sql one "select count(*) from msgext_line where group_id = 'h' and convert_from(line, 'UTF8') like '%tom%'")" 0,0 'of one group'
is "$(shown g | grep -c '"Key":"tom"')" 1 'the others keep theirs'
erases tom "$conninfo"
is "$?" 0 'of all groups'
is "$(sql one "select count(*) from msgext_line where convert_from(line, 'UTF8') ~ '\"Key\":\"t(o|.u006f)m\"'")" 0 'the key is nowhere'
is "$(sql one "select count(*) from msgext_line where convert_from(line, 'UTF8') like '%\"Value\":\"tom\"%'")" 2 'but as the value of another key'
is "$(shown g)" "$others" 'all others stay'
# As doc/privacy.md has it.
words=$(sed -n "s/^ *msgext-ship --erase --key USER '.*'$/--key tom/p" "$top/doc/privacy.md")
# shellcheck disable=SC2086
"$ship" --erase $words "$conninfo" 2>"$scratch/stderr"
is "$?,$(grep -c 'nothing of that key' "$scratch/stderr")" 0,1 'once more there is nothing of it'

# What is shipped later, of a log that was not erased from, or again after its positions were lost.
cp "$scratch/raw" "$data/g.jsonl.1"
mv "$data/g.jsonl.1" "$data/g.jsonl"
ships
is "$(shown g)" "$others" 'lines that come again do not bring it back'
"$msgextctl" -d "$data" erase --key tom 2>/dev/null
erases tom "$conninfo"
ships
rows=$(sql one 'select count(*) from msgext_line')
sql one 'update msgext_file set position = 0, mark = 0' >/dev/null
ships
is "$(sql one 'select count(*) from msgext_line'),$(shown g)" "$rows,$others" 'nor does a log whose position was lost, and nothing is there twice'
is "$(sql one "select count(*) from msgext_line where convert_from(line, 'UTF8') ~ '\"Key\":\"t(o|.u006f)m\"'")" 0 'the key is nowhere still'
# Of a snapshot alone, which does not say which versions the key had.
line k 1 1 '{"Key":"tom","Value":"yes","Seq":1}' >"$scratch/first"
line k 1 2 '{"Key":"tom","Value":"no","Seq":2}' | cat "$scratch/first" - >"$data/k.jsonl"
"$msgextctl" -d "$data" compact k --discard 2>/dev/null
ships
is "$(shown k | grep -c '"Key":"tom"')" 1 'a snapshot has the key'
erases tom "$conninfo" k
cp "$scratch/first" "$data/k.jsonl.1"
mv "$data/k.jsonl.1" "$data/k.jsonl"
ships
is "$(shown k | grep -c '"Key":"tom"')" 0 'nor does a line of which only a snapshot knew'
line g 1 9 '{"Key":"tom","Value":"new","Seq":9}' >>"$data/g.jsonl"
ships
is "$(shown g | grep -c '"Key":"tom","Value":"new"')" 1 'a new choice counts'
is "$("$ship" --key tom "$conninfo" 2>&1 | head -n 1 | cut -d: -f1)" usage 'a key alone is refused'
"$ship" --erase "$conninfo" 2>"$scratch/stderr"
is "$?,$(grep -c 'needs --key KEY' "$scratch/stderr")" 64,1 'without a key nothing is erased'
"$ship" --erase --key "$(printf '\377')" "$conninfo" 2>"$scratch/stderr"
is "$?,$(grep -c 'in UTF-8' "$scratch/stderr")" 64,1 'a key that is no UTF-8 is refused'
erases tom "$conninfo" "$(printf '\377')"
is "$?,$(grep -c 'nothing of that key' "$scratch/stderr")" 0,1 'no group has a name that is no UTF-8'
erases tom 'host=/nowhere'
is "$?,$(cut -d: -f1,2 "$scratch/stderr")" '69,msgext-ship: engine-failed' 'an engine that is not there'

# The rest of the command line
is "$("$ship" -h | head -n 1 | cut -d: -f1)" usage '-h tells the usage'
"$ship" --bogus 2>"$scratch/stderr"
is "$?" 64 'an unknown option is refused'
"$ship" -c "$config" --once "$conninfo" 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" 0, '-c names the configuration, which names the logs'
MSGEXT_CONFIG=$config "$ship" --once "$conninfo" 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" 0, 'as the environment does'
"$ship" -c "$scratch/none" --once "$conninfo" 2>"$scratch/stderr"
is "$?,$(cut -d: -f1,2 "$scratch/stderr")" '78,msgext-ship: config-missing' 'a configuration that is not there'
"$ship" --lines "$conninfo" >/dev/full 2>"$scratch/stderr"
is "$?,$(cut -d: -f1,2 "$scratch/stderr")" '74,msgext-ship: cannot write' 'lines that cannot be written'

# Whoever names a group moves nothing on the terminal that tells of it.
line "$(printf 'ev\342\200\256il')" 1 1 '{"Key":"gone","Value":"v","Seq":1}' >"$data/ev%E2%80%AEil.jsonl"
ships
erases gone --dry-run "$conninfo"
is "$(head -n 1 "$scratch/stderr")" 'msgext-ship: ev\u202Eil: 1 pair in 1 line of 1 file would be erased' \
	'the name of a group is escaped'
done_testing
