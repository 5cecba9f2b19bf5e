#!/bin/sh
# An engine that answers what makes no sense: nothing of it is believed, and each is a fault with a name.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/engine.sh"

# asked DATABASE OPTION...: the exit status, and what was said.
asked() {
	conninfo="host=$scratch/engine user=u dbname=$1"
	shift
	answer=$(timeout 20 "$ship" "$@" "$conninfo" 2>"$scratch/stderr")
	status=$?
	rm -f "$data/msgext-ship.id"
}
# refused WHAT HOW... -- OPTION...
refused() {
	what=$1
	hows=$*
	hows=${hows%% -- *}
	while [ "$1" != -- ]; do
		shift
	done
	shift
	wrong=
	for how in ${hows#"$what "}; do
		asked "$what-$how" "$@"
		[ "$status" = 69 ] && grep -q '^msgext-ship: engine-failed: [^ ]' "$scratch/stderr" &&
			! grep -q "$(printf '[\033\001]')" "$scratch/stderr" ||
			wrong="$wrong $how:$status:$(tail -n 1 "$scratch/stderr" | cut -c 1-200)"
	done
	is "$wrong" '' "wrong answers are refused: $what"
}

asked right -d "$data" --once
is "$status,$(cat "$scratch/stderr")" 0, 'right answers are taken'
asked right --lines
is "$status,$(echo "$answer" | tr '\n' ' ')" '0,=g.jsonl {"g":1} =h.jsonl {"h":1} ' 'right answers are given to readers'
text='none twice few many bytes null empty words nul huge command copyin copyout error garbage'
# One connection after the other costs little; --once tries each twice.
# shellcheck disable=SC2086
{
	refused schema $text other -- --lines
	refused encoding none other -- --lines
	refused groups twice few many bytes null empty nul command copyin copyout error garbage \
		control latin length same -- --lines
	refused lines zero over below short null noline one three newline nul name nothing blank long back text \
		command copyin copyout error garbage -- --lines
	refused begin rows out -- --lines
	refused node $text -- -d "$data" --once
	refused file $text number minus generation position mark far ahead again over blank sign -- -d "$data" --once
	refused copy command out rows -- -d "$data" --once
	refused copied none words in out both twice -- -d "$data" --once
	refused update none words two -- -d "$data" --once
	refused commit rollback nothing -- -d "$data" --once
}

# A torn end is mended, and a broken line that was shipped taken out before it: a line as long as that, which
# ends as the last that was shipped, is not taken for it.
same='{"Key":"bob","Value":"no"}'
event mended 11 1 1 "$same"
length=$(wc -c <"$data/mended.jsonl")
rm -f "$data"/*.jsonl "$scratch"/engine/.s.PGSQL.5432.lines
event mended 9 1 1 "$same"
sed 's/"MsgSeq":9/"MsgSeq":10/' "$data/mended.jsonl" >"$scratch/second"
{
	printf "{\"time\"%$((length - 8))s\n" broken
	cat "$scratch/second"
} >>"$data/mended.jsonl"
"$ship" -d "$data" "host=$scratch/engine user=u dbname=right" 2>"$scratch/stderr" &
shipper=$!
pids="$pids $shipper"
sent() { grep -aq "\"MsgSeq\":$1," "$scratch/engine/.s.PGSQL.5432.lines"; }
wait_for sent 10
printf '{"torn' >>"$data/mended.jsonl"
event mended 11 1 1 "$same" 2>/dev/null
event mended 12 1 2 "$same"
wait_for sent 12
ok 'a line is not taken for another that ends alike' sent 11
kill "$shipper"

# What comes between the two is checked by both: a msgext-ship that is none of ours.
mkdir "$scratch/bin"
PATH=$scratch/bin:$PATH
export PATH
# said BYTES WORD...: the exit status of msgextctl with those words, and what it printed.
said() {
	bytes=$1
	shift
	printf '#!/bin/sh\nprintf '"'%s'"'\n' "$bytes" >"$scratch/bin/msgext-ship"
	chmod 755 "$scratch/bin/msgext-ship"
	answer=$(timeout 20 "$msgextctl" --from engine "$@" --json 2>"$scratch/stderr")
	status=$?
}
line='{"time":"2025-12-02T15:11:34.395Z","CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"g","MsgSeq":1,"OperateType":1,"ExtensionList":[],"Seq":1,"EventTime":1}'
said "=g.jsonl\\n$line\\n" groups
is "$status" 0 'right answers are taken'
for bytes in "$line\\n" "=../g.jsonl\\n$line\\n" "=\\n$line\\n" "=g.jsonl\\n$line\\n=g.jsonl\\n" "=g.jsonl\\n=f.jsonl\\n" \
	"=g.jsonl\\n$line" "=g" "=$(printf '%0300d' 0).jsonl\\n"; do
	said "$bytes" groups
	is "$status,$(grep -c '^msgextctl: engine-failed' "$scratch/stderr")" 69,1 "nonsense: $(printf %s "$bytes" | tr '\n' ' ' | cut -c 1-40)"
done
said "=evil.jsonl\\n$(echo "$line" | sed 's/"g"/"evil"/')\\n" show g
is "$status,$answer" 69, 'lines of another group are no answer'
said "=g.jsonl\\n$line\\n" show g
is "$status,$(echo "$answer" | cut -c 1-15)" '0,{"GroupId":"g",' 'lines of the group that was asked for are an answer'
done_testing
