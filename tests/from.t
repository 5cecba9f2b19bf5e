#!/bin/sh
# msgextctl --from: what all nodes have shipped, read as one directory's logs.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

ship=$top/build/msgext-ship
PATH=$top/build:$PATH
export PATH
unset COLUMNS MSGEXT_CONFIG

engine_make one
engine_start one
from="host=$scratch/one user=postgres dbname=postgres"
"$ship" --init "$from"

# Two nodes that got every other event of some groups; what they hold together.
config_make
quoted='say "no" \ or %2F'
mkdir -m 700 "$scratch/a" "$scratch/b" "$scratch/union"
for group in poll '@TGS#2J4SZEAEL' 0x "$quoted" 投票; do
	spelt=$(printf %s "$group" | sed 's/["\\]/\\&/g') # in JSON
	perl "$top/tests/generate.pl" 400 20 "$spelt" >"$scratch/generated"
	for node in a b; do
		rm -f "$data"/*
		event "$spelt" 1 1 1 '{"Key":"k","Value":"v"}' # the log's name
		log=$(basename "$data"/*.jsonl)
		awk -v odd="$node" 'NR % 2 == (odd == "a")' "$scratch/generated" >"$scratch/$node/$log"
	done
	# In the order of their arrival, as far as that can be told.
	sort -s -t'"' -k4,4 "$scratch/a/$log" "$scratch/b/$log" >"$scratch/union/$log"
done
for node in a b; do
	"$ship" -d "$scratch/$node" --once "$from"
done
is "$(sql one 'select count(*), count(distinct file) from msgext_line')" \
	"$(cat "$scratch/union"/* | wc -l)|10" 'both nodes are shipped'

# The answer, the exit status.
asked=0
same() {
	"$msgextctl" -d "$scratch/union" "$@" >"$scratch/expected" 2>/dev/null
	echo "exit $?" >>"$scratch/expected"
	"$msgextctl" --from "$from" "$@" >"$scratch/got" 2>/dev/null
	echo "exit $?" >>"$scratch/got"
	asked=$((asked + $(wc -l <"$scratch/got")))
	ok "the same answer: $*" cmp "$scratch/expected" "$scratch/got"
}
for format in '' --json --csv; do
	# shellcheck disable=SC2086
	for group in poll '@TGS#2J4SZEAEL' 0x "$quoted" 投票; do
		same show "$group" $format
		same show "$group" 7 $format
		same tally "$group" 7 $format
		same gaps "$group" $format
	done
	# shellcheck disable=SC2086
	{
		same groups $format
		same gaps $format
		same show poll 7 --as-of 20 --newest $format
		same show poll 99999 $format
		same show nobody $format
		same tally poll 3 --by key-prefix _ $format
	}
done
same gaps --rest
same show "$(printf '\377')"
ok 'there was much to compare' test "$asked" -gt 600
# Lines of one millisecond have no order between nodes.
for words in 'log poll' 'log poll --json' 'log poll --csv' 'log --all' 'log poll --msg 7' 'log poll --since 2025-12-02T15:12'; do
	# shellcheck disable=SC2086
	is "$("$msgextctl" --from "$from" $words | sort)" "$("$msgextctl" -d "$scratch/union" $words | sort)" "the same lines from nodes and from one directory: $words"
done
is "$("$msgextctl" --from "$from" log poll | cut -c 1-24 | sort -c 2>&1)" '' 'log goes by time'
# One node's log is in its own order, whatever the clock said.
rm "$data"/*
event lone 1 1 1 '{"Key":"k","Value":"v"}'
sed 's/^{"time":"20../{"time":"2019/' "$data/lone.jsonl" >"$scratch/early"
sed 's/"Seq":1/"Seq":2/g' "$scratch/early" >>"$data/lone.jsonl"
sed 's/"time":"[^"]*",//; s/"Seq":[12]/"Seq":3/g' "$scratch/early" >"$scratch/timeless"
{ cat "$scratch/timeless" "$data/lone.jsonl"; } >"$scratch/lone"
cat "$scratch/lone" >"$data/lone.jsonl"
"$ship" -d "$data" --once "$from"
is "$("$msgextctl" --from "$from" log lone --json)" "$(cat "$data/lone.jsonl")" "a node's own lines stand as its log has them"

# What never arrived, and what another node got.
mkdir -m 700 "$scratch/left" "$scratch/right"
for seq in 1 2 3 5 6; do
	rm "$data"/*
	event spread 1 1 $seq '{"Key":"k","Value":"v"}'
	case $seq in
	2 | 6) cat "$data/spread.jsonl" >>"$scratch/right/spread.jsonl" ;;
	*) cat "$data/spread.jsonl" >>"$scratch/left/spread.jsonl" ;;
	esac
done
for node in left right; do
	"$ship" -d "$scratch/$node" --once "$from"
done
is "$("$msgextctl" -d "$scratch/left" gaps spread --json)" '{"GroupId":"spread","MsgSeq":1,"Missing":[[2,2],[4,4]]}' \
	'a node cannot tell a lost event from one that another node got'
is "$("$msgextctl" --from "$from" gaps spread --json)" '{"GroupId":"spread","MsgSeq":1,"Missing":[[4,4]]}' \
	'over all nodes, what is missing was lost'

# Lines that are no records are no group's.
mkdir -m 700 "$scratch/damaged"
printf 'no JSON\n{"bad":"\377"}\n%s\n' '{"whole":1}' >"$scratch/damaged/damaged.jsonl"
cat "$scratch/left/spread.jsonl" >>"$scratch/damaged/damaged.jsonl"
# A record behind white space is one; what ends a line that is longer than any is none.
last=$(sed -n '$p' "$scratch/left/spread.jsonl")
{
	echo "$last" | sed 's/^/ \t /; s/"Seq":[0-9]*/"Seq":9/g'
	printf '%11000000s' ''
	echo "$last" | sed 's/"Seq":[0-9]*/"Seq":99/g'
	echo "$last"
} >>"$scratch/left/spread.jsonl"
"$ship" -d "$scratch/left" --once "$from" 2>"$scratch/stderr"
ok 'a line that is too long is told of' grep -q 'is not an event of ours' "$scratch/stderr"
cat "$scratch/right/spread.jsonl" "$scratch/left/spread.jsonl" >"$scratch/union/spread.jsonl"
same show spread 1 --json
before=$("$msgextctl" --from "$from" show spread --json)
"$ship" -d "$scratch/damaged" --once "$from"
is "$(sql one 'select count(*) from msgext_line where group_id is null')" 4 'damaged lines are shipped'
is "$("$msgextctl" --from "$from" show spread --json)" "$before" 'damaged lines that were shipped harm no answer'

# What is refused.
refused() {
	expected=$1
	shift
	"$msgextctl" "$@" >"$scratch/stdout" 2>"$scratch/stderr"
	is "$?,$(wc -c <"$scratch/stdout")" "$expected,0" "refused: $*"
	ok 'a refusal has a reason' test -s "$scratch/stderr"
}
for words in verify check sample 'compact poll' 'import poll 7' 'log poll -f'; do
	# shellcheck disable=SC2086
	refused 64 --from "$from" $words
done
refused 64 --from "$from" -d "$data" show poll 7
refused 64 --from "$from" -c "$config" show poll 7
refused 69 --from 'host=/nowhere' show poll 7
refused 69 --from 'no conninfo' show poll 7
PATH=/usr/bin:/bin refused 69 --from "$from" show poll 7
ok 'without msgext-ship, that is the reason' grep -q 'msgext-ship: No such file' "$scratch/stderr"
for words in '' 'x y z w' 'x y z'; do
	# shellcheck disable=SC2086
	"$ship" --lines $words >/dev/null 2>&1
	is $? 64 "msgext-ship --lines $words"
done

# An answer that was cut off is none.
mkdir "$scratch/bin"
cat >"$scratch/bin/msgext-ship" <<-END
	#!/bin/sh
	"$ship" "\$@" | head -n 30
	exit 3
END
chmod 755 "$scratch/bin/msgext-ship"
PATH=$scratch/bin:$PATH refused 69 --from "$from" show poll
PATH=$scratch/bin:$PATH refused 69 --from "$from" tally poll 7
PATH=$scratch/bin:$PATH "$msgextctl" --from "$from" groups >/dev/null 2>&1
is $? 69 'an engine that ends after some lines gives 69'
perl -e '$SIG{CHLD} = "IGNORE"; exec @ARGV' "$msgextctl" --from "$from" groups >"$scratch/stdout" 2>"$scratch/stderr"
is "$? $(cat "$scratch/stderr")" '0 ' 'an engine is read where the parent ignores how children end'
"$msgextctl" --from "$from" log --all 2>"$scratch/stderr" | head -n 1 >/dev/null
is "$(cat "$scratch/stderr")" '' 'a reader that has enough is no fault'

# A standby answers as well.
engine_copy one two
engine_start two
is "$("$msgextctl" --from "host=$scratch/two user=postgres dbname=postgres" tally poll 7)" \
	"$("$msgextctl" --from "$from" tally poll 7)" 'a standby can be read'
done_testing
