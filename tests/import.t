#!/bin/sh
# msgextctl import: what would change, what is refused, what is taken out again.
. "$(dirname "$0")/lib.sh"

config_make
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG
log=$data/poll.jsonl

# pairs FIRST LAST SEQ KEY VALUE: members of an ExtensionList, each with a version of its own from SEQ + FIRST on.
pairs() {
	awk -v first="$1" -v last="$2" -v seq="$3" -v key="$4" -v value="$5" 'BEGIN {
		for (i = first; i <= last; i++)
			printf "%s{\"Key\":\"%s%d\",\"Value\":\"%s\",\"Seq\":%d}", i == first ? "" : ",", key, i, value, seq + i }'
}
# page COMPLETE LATEST CLEAR PAIRS
page() {
	printf '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":%s,"LatestSeq":%s,"ClearSeq":%s,"ExtensionList":[%s]}' \
		"$1" "$2" "$3" "$4"
}
# import ARGUMENT... <answer: what it says on stderr in $said, its exit status in $status.
import() {
	"$msgextctl" import "$@" 2>"$scratch/stderr"
	status=$?
	said=$(sed -n 1p "$scratch/stderr")
}
# refused TEXT DESCRIPTION: nothing was written, and the reason is told.
refused() {
	is "$status,$(cksum <"$log"),$(grep -c -- "$1" "$scratch/stderr")" "65,$sum,1" "$2"
	grep -q -- "$1" "$scratch/stderr" || sed 's/^/# /' "$scratch/stderr" >&2
}
forcible() {
	refused "repeat with --force.*$1" "$2"
}
# poll: 12 sign-ups, up to version 43.
poll_make() {
	rm -f "$data"/poll.*
	for i in 1 2 3 4 5 6 7 8 9 10 11; do
		event poll 10 1 $i "{\"Key\":\"user$i\",\"Value\":\"yes\"}"
	done
	event poll 10 1 43 '{"Key":"user12","Value":"no"}'
	sum=$(cksum <"$log")
}
keys() {
	"$msgextctl" show poll 10 --json 2>"$scratch/keys-stderr" | jq -c '[.LatestSeq,(.ExtensionList|length)]'
}

# Another message's answer.
poll_make
page 1 585 0 "$(pairs 1 447 138 other x)" >"$scratch/foreign"
for options in '' --dry-run; do
	# shellcheck disable=SC2086
	import poll 10 $options <"$scratch/foreign"
	is "$said" 'msgextctl: 12 of 12 pairs removed, 447 added, version 43 -> 585' "import says what would change: $options"
	forcible "most pairs of message 10 would be removed" "another message's answer: $options"
done
page 1 447 0 "$(pairs 1 447 0 other x)" >"$scratch/low"
import poll 10 <"$scratch/low"
forcible 'most pairs' 'another message with versions of the log is refused'
import poll 10 "$scratch/foreign" --force --dry-run
is "$status,$said,$(cksum <"$log")" "0,msgextctl: 12 of 12 pairs removed, 447 added, version 43 -> 585,$sum" 'a dry run writes nothing'
import poll 10 "$scratch/foreign" --force
is "$status,$(cat "$scratch/stderr"),$(keys)" '0,msgextctl: 12 of 12 pairs removed, 447 added, version 43 -> 585,[585,447]' '--force takes it'

# And out again.
import poll 10 --undo --dry-run
is "$status,$said,$(keys)" '0,msgextctl: 447 of 447 pairs removed, 12 added, version 585 -> 43,[585,447]' 'import --undo --dry-run says what would change, and writes nothing'
import poll 10 --undo
is "$status,$said,$(keys)" '0,msgextctl: 447 of 447 pairs removed, 12 added, version 585 -> 43,[43,12]' 'import --undo takes the last import out'
is "$(head -n 12 "$log" | cksum)" "$sum" 'the lines are those that were there'
is "$(zcat "$data"/poll.*.jsonl.gz | grep -c '"Snapshot":"import"')" 1 'the original is kept'
is "$("$msgextctl" verify 2>/dev/null)" '' 'verify finds nothing after imports and undos'
import poll 10 --undo
is "$status,$(grep -c 'no import of message 10' "$scratch/stderr")" 65,1 'there is no second one'

# The right answer: the gap is closed, what it lacks is gone, values differ are counted.
page 1 44 0 "$(pairs 1 10 0 user yes),{\"Key\":\"user12\",\"Value\":\"yes\",\"Seq\":44}" >"$scratch/right"
import poll 10 "$scratch/right"
is "$status,$said,$(keys)" '0,msgextctl: 1 of 12 pairs removed, 0 added, version 43 -> 44; 1 values differ,[44,11]' 'the right answer is taken'
is "$("$msgextctl" gaps poll 2>"$scratch/stderr")" '' 'the right answer closes the gap'
import poll 10 "$scratch/right"
is "$status,$said" '0,msgextctl: 0 of 11 pairs removed, 0 added, version 44 -> 44' 'once more changes nothing'
# Two imports: the last one is taken out, then the one before, then there is none.
page 1 50 0 "$(pairs 1 9 0 user yes)" >"$scratch/second"
import poll 10 "$scratch/second"
is "$(keys)" '[50,9]' 'a second import replaces the first'
event poll 11 1 1 '{"Key":"k","Value":"v"}'
import poll 10 --undo
is "$status,$(keys)" '0,[44,11]' 'the last is taken out'
import poll 10 --undo
import poll 10 --undo
is "$status,$(keys)" '0,[43,12]' 'undoing all imports restores the events'
import poll 10 --undo
is "$status" 65 'undo is refused where there is no import'
import poll 11 --undo
is "$status" 65 'undo is refused of another message'
import nosuch 10 --undo
is "$status,$(ls "$data"/nosuch* 2>/dev/null)" 1, 'undo of another group writes nothing'

# The log speaks against it.
poll_make
page 1 60 0 "$(pairs 1 9 0 user yes),{\"Key\":\"user12\",\"Value\":\"maybe\",\"Seq\":43}" >"$scratch/denied"
import poll 10 "$scratch/denied"
forcible 'has another value for Key user12, Seq 43' 'import refuses another value in the same version'
event poll 10 2 44 '{"Key":"user12","Value":""}'
event poll 10 1 45 '{"Key":"user1","Value":"no"}'
sum=$(cksum <"$log")
import poll 10 "$scratch/denied"
forcible 'Key user12, Seq 43' 'import refuses another value though the log has a newer one'
page 1 60 0 "$(pairs 2 9 0 user yes),{\"Key\":\"user12\",\"Value\":\"x\",\"Seq\":44}" >"$scratch/denied"
import poll 10 "$scratch/denied"
forcible 'Key user12, Seq 44' 'a value where the log has a delete'
page 1 60 0 "$(pairs 2 11 0 user yes),{\"Key\":\"user1\",\"Value\":\"no\",\"Seq\":45},{\"Key\":\"user12\",\"Value\":\"\",\"Seq\":44}" >"$scratch/fed"
import poll 10 --dry-run <"$scratch/fed"
is "$status,$said" '0,msgextctl: 0 of 11 pairs removed, 0 added, version 45 -> 60' 'deleted keys may be listed as ""'
import poll 99 "$scratch/right"
forcible 'no events of message 99' 'an unknown message'
import nosuch 10 "$scratch/right"
forcible 'no log of nosuch' 'an unknown group'
is "$(ls "$data"/nosuch* 2>/dev/null)" '' 'an import of an unknown group makes no log'
import '%40poll' 10 "$scratch/right"
forcible 'no log of' "a file's name is no group"
name=$(printf '投%.0s' 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0)
import "$name" 10 "$scratch/right"
forcible 'no log of' 'import refuses an unknown group whatever its name'
poll_make
page 1 60 0 '' >"$scratch/fed"
import poll 10 <"$scratch/fed"
forcible 'most pairs' 'an empty answer'
page 1 40 0 "$(pairs 1 11 0 user yes)" >"$scratch/fed"
import poll 10 <"$scratch/fed"
is "$status,$said,$(keys)" '0,msgextctl: 0 of 12 pairs removed, 0 added, version 43 -> 43,[43,12]' 'an answer that is older than the log'

# What is no answer: --force does not pass it.
poll_make
page 0 43 0 "$(pairs 1 6 0 user yes)" >"$scratch/page1"
page 1 43 0 "$(pairs 6 11 0 user yes),{\"Key\":\"user12\",\"Value\":\"no\",\"Seq\":43}" >"$scratch/page2"
# invalid TEXT DESCRIPTION <answer
invalid() {
	import poll 10 --force
	refused "$1" "$2"
	is "$(grep -c 'pairs go\|repeat with' "$scratch/stderr")" 0 'import says nothing else of an answer that is none'
}
cat "$scratch/page2" "$scratch/page1" >"$scratch/fed"
invalid 'CompleteFlag.*in their order' 'pages in the wrong order' <"$scratch/fed"
invalid 'CompleteFlag: more pages follow' 'a page too few' <"$scratch/page1"
cat "$scratch/page1" "$scratch/foreign" "$scratch/page2" >"$scratch/fed"
invalid 'CompleteFlag\|LatestSeq' 'pages of two messages' <"$scratch/fed"
page 1 10 11 '' >"$scratch/fed"
invalid 'ClearSeq: is above LatestSeq' 'a clear that is newer than all' <"$scratch/fed"
for code in 70001 10015 4; do
	printf '{"ActionStatus":"FAIL","ErrorInfo":"why","ErrorCode":%s}' $code >"$scratch/fed"
	invalid "ErrorCode: is $code, .*it says: why" \
		"the vendor's error $code" <"$scratch/fed"
done
printf '\377\376{\0}\0' >"$scratch/fed"
invalid UTF-16 'UTF-16' <"$scratch/fed"
printf '<html>' >"$scratch/fed"
invalid json-malformed "a proxy's page" <"$scratch/fed"
{
	printf '\357\273\277'
	cat "$scratch/page1" "$scratch/page1"
	printf '\r\n\357\273\277'
	jq . "$scratch/page2" | sed 's/$/\r/'
} >"$scratch/fed"
import poll 10 --dry-run <"$scratch/fed"
is "$status,$said" '0,msgextctl: 0 of 12 pairs removed, 0 added, version 43 -> 43' 'byte order marks, CRLF, and a page twice'

# What an import cannot be taken out of.
import poll 10 "$scratch/foreign" --force
must "$msgextctl" compact poll
sum=$(cksum <"$log")
import poll 10 --undo
refused 'compacted after' 'undo is refused where the log was compacted after'
import poll 10 "$scratch/second" --force
import poll 10 --undo
is "$status,$(keys)" '0,[585,447]' 'undo takes out what was imported after a compaction'
poll_make
import poll 10 "$scratch/foreign" --force
event poll 11 1 1 '{"Key":"k","Value":"v"}'
sed -i '/"MsgSeq":11/s/"time":"..../"time":"2001/' "$log"
must "$msgextctl" archive poll --before 2002-01-01
import poll 10 --undo
is "$status,$(keys)" '0,[43,12]' 'archiving another message is no obstacle'
import poll 10 "$scratch/foreign" --force
sed -i '/"MsgSeq":10/s/"time":"..../"time":"2001/' "$log"
event poll 11 1 2 '{"Key":"k","Value":"v"}'
must "$msgextctl" archive poll --before 2002-01-01
sum=$(cksum <"$log")
import poll 10 --undo
refused 'no import of message 10.*jsonl.gz' 'undo of an archived import names the archive'
poll_make
import poll 10 "$scratch/foreign" --force
printf '{"time":"2025' >>"$log"
import poll 10 --undo
is "$status,$(keys),$(cat "$data/poll.torn")" '0,[43,12],{"time":"2025' 'a torn tail is set aside, as ever'
torn='^msgextctl: tail-torn: poll.jsonl: its last 13 bytes were moved'
is "$(grep -c "$torn" "$scratch/stderr")" 1 'import says that it set a torn tail aside'
for mending in 'import poll 10' 'compact poll'; do
	printf '{"time":"2025' >>"$log"
	# shellcheck disable=SC2086
	"$msgextctl" $mending <"$scratch/right" 2>"$scratch/stderr"
	is "$?,$(grep -c "$torn" "$scratch/stderr")" 0,1 "a torn tail is set aside and told by $mending"
done
printf '{"time":"2025' >>"$log"
import poll 10 "$scratch/right" --dry-run
is "$status,$(tail -c 13 "$log")" '0,{"time":"2025' 'import --dry-run leaves a torn tail'
for arguments in '--undo --force' "$scratch/right --undo"; do
	# shellcheck disable=SC2086
	import poll 10 $arguments
	is $status 64 "EX_USAGE: $arguments"
done

# An event that arrives between the reading and the append is judged, too: import is stopped there.
poll_make
page 1 44 0 "$(pairs 1 11 0 user yes),{\"Key\":\"late\",\"Value\":\"a\",\"Seq\":44}" >"$scratch/fed"
stopped_pid() {
	pid=$(pgrep -P "$1") && grep -q '^State:.[Tt]' "/proc/$pid/status"
}
# late VALUE: the exit status of an import before whose append an event sets that.
late() {
	strace -qq -o /dev/null -e trace=openat -P "$log" -e inject=openat:signal=STOP:when=2 \
		"$msgextctl" import poll 10 "$scratch/fed" 2>"$scratch/stderr" &
	tracer=$!
	wait_for stopped_pid $tracer
	event poll 10 1 44 "{\"Key\":\"late\",\"Value\":\"$1\"}"
	sum=$(cksum <"$log")
	kill -CONT "$(pgrep -P $tracer)"
	wait $tracer
	status=$?
}
late b
forcible 'another value for Key late, Seq 44' 'import is refused for an event that arrived meanwhile'
poll_make
echo damage >>"$log"
late b
forcible 'another value for Key late, Seq 44' 'though the append of the event has set the last line aside'
poll_make
sed -i '$i damage' "$log"
touch -d 2020-01-01 "$log"
late b
forcible 'another value for Key late, Seq 44' 'though the append of the event has moved the last line'
poll_make
late a
is "$status,$(cat "$scratch/stderr")" '0,msgextctl: 1 of 13 pairs removed, 0 added, version 44 -> 44' 'an event that arrived meanwhile changes what import tells'

# Killed at any of its calls that change something: the log is the old one or the new one, and all is as before.
poll_make
import poll 10 "$scratch/foreign" --force
cp "$log" "$scratch/imported"
wrong=
kills=0
for call in write:1 write:2 ftruncate:1 ftruncate:2 fsync:1 fsync:2 fsync:3 fdatasync:1 rename:1 rename:2 unlink:1; do
	cp "$scratch/imported" "$log"
	strace -qq -o /dev/null -e trace="${call%:*}" -e inject="${call%:*}:signal=KILL:when=${call#*:}" \
		"$msgextctl" import poll 10 --undo 2>/dev/null
	[ $? -lt 128 ] || kills=$((kills + 1))
	case $(keys) in
	'[585,447]' | '[43,12]') ;;
	*) wrong="$wrong $call:$(keys)" ;;
	esac
	[ -z "$("$msgextctl" verify 2>/dev/null)" ] || wrong="$wrong $call:verify"
done
is "$wrong" '' 'killed, an undo leaves the old log or the new one'
ok "undo was killed in $kills places" test "$kills" -ge 6
cp "$scratch/imported" "$log"
import poll 10 --undo
is "$status,$(keys),$(ls "$data"/*.new 2>/dev/null)" '0,[43,12],' 'an undo after one that was killed leaves nothing behind'

# Beside writers: every event stays, and each import is judged with all that was there.
poll_make
writer() {
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do
		event poll "$1" 1 $i "{\"Key\":\"w$i\",\"Value\":\"v\"}" || echo "lost $1 $i"
	done
}
writer 21 >"$scratch/w1" &
one=$!
writer 22 >"$scratch/w2" &
two=$!
for i in 1 2 3 4 5; do
	"$msgextctl" import poll 10 "$scratch/right" 2>>"$scratch/beside"
	"$msgextctl" import poll 10 --undo 2>>"$scratch/beside"
done
wait $one $two
is "$(cat "$scratch/w1" "$scratch/w2"),$("$msgextctl" show poll --csv 2>"$scratch/stderr" | tr -d '\r' | cut -d, -f1,2 | tr '\n' ' ')" \
	',MsgSeq,Pairs 10,12 21,15 22,15 ' 'imports and undos beside writers lose nothing'
is "$(grep -c 'pairs removed' "$scratch/beside")" 10 'imports and undos beside writers do not fail'
is "$("$msgextctl" verify 2>/dev/null)" '' 'verify finds nothing after imports and undos'
done_testing
