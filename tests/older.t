#!/bin/sh
# An older version of msgext beside this one on one directory: each reads what the other has
# written, and where both write one log at once, some of them killed, what was
# acknowledged stands whole and once.
. "$(dirname "$0")/lib.sh"

. "$(dirname "$0")/older.sh"
if ! older_build; then
	if [ -e "$top/.git" ] && [ -n "${CI-}" ]; then
		ok 'the older version is built' false
		sed 's/^/# /' "$scratch/build" >&2
		done_testing
	fi
	echo "1..0 # SKIP no older version: $(tail -n 1 "$scratch/build")"
	exit 0
fi
config_make
seed_make
new=$msgext

# same NAME: both readers say the same of the group.
same() {
	differ=
	for words in "show $1 --json" "tally $1 1 --json" "tally $1 2 --json" "log $1 --json" "gaps $1 --json"; do
		# shellcheck disable=SC2086
		"$msgextctl" -d "$data" $words >"$scratch/new" 2>/dev/null
		# shellcheck disable=SC2086
		"$older/msgextctl" -d "$data" $words >"$scratch/old" 2>/dev/null
		cmp -s "$scratch/new" "$scratch/old" || differ="$differ, $words"
	done
	is "$differ" '' "both readers agree: $2"
	ok 'both readers find something' test -s "$scratch/old" -o -n "$("$older/msgextctl" -d "$data" show "$1" 2>/dev/null)"
}

# Each after the other, with an end that is torn, an import and a compaction by either.
answer='{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"ExtensionList":[{"Key":"i","Value":"v","Seq":9}],"LatestSeq":9,"ClearSeq":0,"CompleteFlag":1}'
seq=0
for round in 1 2; do
	for version in "$older" "$top/build"; do
		msgext=$version/msgext
		for choice in yes no yes; do
			seq=$((seq + 1))
			event turns 1 1 "$seq" "{\"Key\":\"k$seq\",\"Value\":\"$choice\"}" || echo "$version" >>"$scratch/refused"
		done
		printf '%s' "$answer" | "$version/msgextctl" -c "$config" import --force turns 2 2>>"$scratch/stderr" >&2 ||
			echo "$version: import" >>"$scratch/refused"
		printf '{"torn' >>"$data/turns.jsonl"
	done
	seq=$((seq + 1))
	event turns 1 1 "$seq" "{\"Key\":\"k$seq\",\"Value\":\"no\"}"
	same turns "round $round"
	rewriter=$msgextctl
	[ "$round" -eq 1 ] || rewriter=$older/msgextctl
	"$rewriter" -c "$config" compact turns 2>/dev/null || echo compact >>"$scratch/refused"
	same turns "round $round, compacted"
done
is "$(cat "$scratch/refused" 2>/dev/null)" '' 'no version refused an event or an import'
is "$("$msgextctl" -d "$data" tally turns 1 --json 2>"$scratch/stderr" | jq -c '.Tally')" '[{"Value":"yes","Count":8},{"Value":"no","Count":6}]' 'no event of either version is missing'

# Both at once; one in five is killed.
python3 - "$older/msgext" "$new" "$config" "$scratch/acknowledged" "$seed" <<'END'
import json, os, random, subprocess, sys, threading, time

older, new, config, acknowledged, seed = sys.argv[1:]
command = "Group.CallbackAfterGroupMsgExtension"
environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "MSGEXT_CONFIG": config,
               "QUERY_STRING": "SdkAppid=1400000000&CallbackCommand=" + command}
told = open(acknowledged, "w")


def write(program, first, count):
    dice = random.Random("%s %d" % (seed, first))
    for seq in range(first, first + count):
        body = json.dumps({"CallbackCommand": command, "GroupId": "both", "MsgSeq": 1, "OperateType": 1, "EventTime": 1,
                           "ExtensionList": [{"Key": "k%d" % seq, "Value": "v%d" % (seq % 3), "Seq": seq}], "Seq": seq})
        process = subprocess.Popen([program], env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                   stderr=subprocess.DEVNULL)
        killer = threading.Timer(dice.random() / 50, process.kill)
        if dice.random() < 0.2:
            killer.start()
        try:
            answer = process.communicate(body.encode())[0]
        except BrokenPipeError:
            answer = b""
        killer.cancel()
        process.wait()
        told.write("%s %d %d\n" % ("OK" if b'"OK"' in answer else "NO", seq, program == older))


threads = [threading.Thread(target=write, args=(older if i % 2 else new, 1 + i * 100, 12)) for i in range(24)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
END
echo "# of this version (0) and the older (1): $(sed 's/ [0-9]* / /' "$scratch/acknowledged" | sort | uniq -c | paste -sd,)"
for version in 0 1; do
	ok "most are acknowledged ($version)" test "$(grep -c "^OK .* $version$" "$scratch/acknowledged")" -gt 70
done
event both 1 1 5000 '{"Key":"last","Value":"v1"}' # sets aside what a killed writer left
sed -n 's/^OK \([0-9]*\) .*/\1/p' "$scratch/acknowledged" | sort >"$scratch/expected"
is "$(grep -vc '^{.*}$' "$data/both.jsonl")" 0 'no line is broken'
jq -r .Seq "$data/both.jsonl" | sort >"$scratch/stored"
is "$(comm -23 "$scratch/expected" "$scratch/stored")" '' 'each line that either version acknowledged stands'
is "$(uniq -d "$scratch/stored")" '' 'no line of either version stands twice'
same both 'written by both at once'
"$msgextctl" -c "$config" verify both >"$scratch/out" 2>&1
is "$(sed '/torn/d; / logs, /d' "$scratch/out")" '' 'verify finds nothing but what was set aside'
done_testing
