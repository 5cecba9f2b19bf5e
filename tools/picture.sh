#!/bin/sh
# picture.sh - prints the README's picture: a poll's result as msgextctl shows it in
# a terminal of 72 columns, as SVG.  tests/manual.t compares it with the one that is kept.
set -eu
LC_ALL=C.UTF-8
export LC_ALL
top=$(cd "$(dirname "$0")/.." && pwd)
msgextctl=${MSGEXTCTL-$top/build/msgextctl}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A poll of 48: who chose late, changed their minds.
awk 'BEGIN {
	split("Friday Saturday Friday Sunday Friday Friday Saturday", choice, " ")
	for (seq = 1; seq <= 60; seq++)
		printf "{\"time\":\"2026-11-20T12:%02d:09.512Z\",\"SdkAppid\":1400000000,\"CallbackCommand\":" \
		    "\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"@TGS#2J4\",\"MsgSeq\":10,\"OperateType\":1," \
		    "\"ExtensionList\":[{\"Key\":\"user_%d\",\"Value\":\"%s\",\"Seq\":%d}],\"Seq\":%d," \
		    "\"EventTime\":1764688294360}\n", seq - 1, seq % 48, choice[seq % 7 + 1], seq, seq
}' >"$scratch/%40TGS%232J4.jsonl"
chmod 600 "$scratch/%40TGS%232J4.jsonl"

# script gives it a terminal.
{
	echo "\$ msgextctl tally '@TGS#2J4' 10"
	script -qec "stty cols 72; $msgextctl -d $scratch tally '@TGS#2J4' 10" /dev/null </dev/null
} | tr -d '\r' | sed 's/&/\&amp;/g; s/</\&lt;/g' | awk '
	{ line[NR] = $0 }
	END {
		height = NR * 20 + 32
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"680\" height=\"%d\">\n", height
		printf "<rect width=\"680\" height=\"%d\" rx=\"8\" fill=\"#1e2127\"/>\n", height
		print "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#d7dae0\" xml:space=\"preserve\">"
		for (i = 1; i <= NR; i++)
			printf "<text x=\"20\" y=\"%d\">%s</text>\n", i * 20 + 14, line[i]
		print "</g>\n</svg>"
	}'
