#!/bin/sh
# Other tools read the logs too: the shipped recipes give the same answers.
. "$(dirname "$0")/lib.sh"

config_make 'token = xxxxyyyy' 'max_skew = 9999999999' 'max_body = 4096'
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG

# The logs that the corpus of requests leaves; jq before 1.7 stops at half a
# surrogate pair, which some requests have in members unknown to us.
for file in "$corpus"/*; do
	! grep -q ud800 "$file" || continue
	read -r _ method case_query <"$file"
	tail -n +3 "$file" >"$scratch/body"
	env -i MSGEXT_CONFIG="$config" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$method" \
		QUERY_STRING="$case_query" "$msgext" <"$scratch/body" >/dev/null 2>&1
done
# And a log of the usual kind: disorder, repetitions, losses; a part of it compact, and an import.
perl "$top/tests/generate.pl" 3000 40 poll >"$data/poll.jsonl"
chmod 600 "$data/poll.jsonl"
head -n 1500 "$data/poll.jsonl" >"$data/half.jsonl"
chmod 600 "$data/half.jsonl"
sed -i s/poll/half/ "$data/half.jsonl"
must "$msgextctl" compact half
tail -n +1400 "$data/poll.jsonl" | sed s/poll/half/ >>"$data/half.jsonl"
echo '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":1,"LatestSeq":70,"ClearSeq":20,
	"ExtensionList":[{"Key":"user_1","Value":"yes","Seq":30},{"Key":"user_2","Value":"\"","Seq":70}]}' |
	"$msgextctl" import half 7 2>/dev/null
is "$(grep -c '"Snapshot":"compact"' "$data/half.jsonl"),$(grep -c '"Snapshot":"import"' "$data/half.jsonl")" \
	40,1 'a log with snapshots'

groups=0
for file in "$data"/*.jsonl; do
	group=$(jq -r .GroupId "$file" | head -n 1)
	"$msgextctl" show --json -- "$group" 2>"$scratch/stderr" | jq -cS . >"$scratch/ctl"
	jq -nc -f "$top/dist/contrib/fold.jq" "$file" | jq -cS . >"$scratch/jq"
	ok "the fold in jq: $group" cmp "$scratch/ctl" "$scratch/jq"
	groups=$((groups + 1))
done
ok 'of many groups' test "$groups" -gt 10
is "$("$msgextctl" show poll --json | wc -l)" 40 'show has all messages of the log'

# The commands of doc/logs.md, as they stand there.
cd "$data" || exit 1
# told TOOL: its command, with the lines that go on with it and a variable before it.
told() {
	awk -v tool="$1" '
		{ inside = sub(/^    /, "") }
		inside && /^format=/ && tool == "goaccess" { print }
		inside && index($0, tool " ") == 1 { on = 1 }
		on { print; on = /\\$/ }' "$top/doc/logs.md" | sed "s/NAME/poll/g; s|/var/lib/msgext/||g"
}
ok 'doc/logs.md has a command for each' test -n "$(told mlr)" -a -n "$(told goaccess)" -a -n "$(told sqlite3)"
is "$(sh -c "$(told mlr)" | sed -n '1p' | tr -s ' ')" 'GroupId MsgSeq OperateType count' 'Miller'
is "$(sh -c "$(told mlr)" | awk 'NR > 1 { sum += $4 } END { print sum }')" "$(wc -l <poll.jsonl)" \
	'counts every line'
(cd "$scratch" && ln -s "$data/poll.jsonl" . && sh -c "$(told goaccess)" >/dev/null 2>&1)
is "$(grep -o '"valid_requests": *[0-9]*' "$scratch/report.html" | tr -dc 0-9)" "$(wc -l <poll.jsonl)" \
	'GoAccess takes every line'
# But those over 4 KB, which doc/logs.md says, and what to do.
head -n 1 poll.jsonl >long.jsonl
head -n 1 poll.jsonl | jq -c '.ExtensionList = [range(20) | {Key: "user_\(.)", Value: ("x" * 300), Seq: 1}]' >>long.jsonl
ok 'a line over 4 KB' test "$(wc -L <long.jsonl)" -gt 4096
ok 'doc/logs.md says which lines it drops' grep -q 'GoAccess drops lines over 4 KB' "$top/doc/logs.md"
# shellcheck disable=SC2016
before=$(tr '\n' ' ' <"$top/doc/logs.md" | sed -n 's/.*`\(jq [^`]* |\)` before the command.*/\1/p' | sed 's|/var/lib/msgext/NAME|long|')
(sh -c "$(told goaccess | sed "s#^goaccess poll.jsonl -o [^ ]*#$before goaccess - -o $scratch/long.html#")" >/dev/null 2>&1)
is "$(grep -o '"valid_requests": *[0-9]*' "$scratch/long.html" | tr -dc 0-9)" 2 'goaccess counts the other lines'
rm long.jsonl
is "$(sh -c "$(told sqlite3)" | head -n 1)" \
	"$(jq -r .MsgSeq poll.jsonl | sort -n | uniq -c | sort -k1,1nr -k2,2n | head -n 1 | awk '{ print $2 "|" $1 }')" \
	'SQLite'

HOME=$scratch
export HOME
lnav -i "$top/dist/contrib/msgext.lnav.json" >/dev/null 2>&1
is "$(lnav -n -c ';select count(*) as n, count(distinct MsgSeq) as m from msgext_log' -c ':write-csv-to -' \
	poll.jsonl | tr '\n' ' ')" "n,m $(wc -l <poll.jsonl),40 " 'lnav knows the format'
is "$(lnav -n poll.jsonl | sed -n 1p | cut -c1-45)" '2025-12-02T15:11:34.250  poll  message 30  ve' \
	'lnav shows a line an event'
done_testing
