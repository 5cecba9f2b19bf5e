#!/bin/sh
# picture.sh [ARGUMENT...] - prints what msgextctl with these arguments shows in a terminal of 72 columns
# (COLUMNS), as SVG.  Without any it is the README's picture: a poll's result, which tests/manual.t compares with
# the one that is kept.
set -eu
LC_ALL=C.UTF-8
TERM=xterm
unset NO_COLOR
export LC_ALL TERM
top=$(cd "$(dirname "$0")/.." && pwd)
msgextctl=${MSGEXTCTL-$top/build/msgextctl}
columns=${COLUMNS-72}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# A poll of 48, who chose late and changed their minds; an older one, of which updates were lost; a meal.
perl -MPOSIX=strftime -e '
	my ($directory) = @ARGV;
	my $now = time;
	sub log_write {
		my ($file, $group, $message, $count, $ago, $lost, @choices) = @_;
		open my $log, ">>", "$directory/$file.jsonl" or die "$file: $!";
		for my $seq (1 .. $count) {
			next if $seq > 5 && $seq <= 5 + $lost;
			my $time = $now - $ago - 60 * ($count - $seq);
			printf $log "{\"time\":\"%s.512Z\",\"SdkAppid\":1400000000,\"CallbackCommand\":" .
			    "\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"%s\",\"MsgSeq\":%d,\"OperateType\":1," .
			    "\"ExtensionList\":[{\"Key\":\"user_%d\",\"Value\":\"%s\",\"Seq\":%d}],\"Seq\":%d," .
			    "\"EventTime\":%d}\n", strftime("%Y-%m-%dT%H:%M:%S", gmtime $time), $group, $message,
			    ($seq - 1) % 48, $choices[($seq - 1) % @choices], $seq, $seq, $time * 1000 + 400;
		}
	}
	log_write("%40TGS%232J4", "\@TGS#2J4", 10, 60, 75, 0,
	    "Friday", "Saturday", "Friday", "Sunday", "Friday", "Friday", "Saturday");
	log_write("%40TGS%232J4", "\@TGS#2J4", 7, 9, 90000, 4, "yes", "no");
	log_write("lunch", "lunch", 3, 14, 200000, 3, "noodles, as always", "rice", "whatever the others have, but warm");
	log_write("trip", "trip", 1, 471, 4000, 4, "by train", "by bus", "by train");
' "$scratch"
chmod 600 "$scratch"/*.jsonl

[ $# -gt 0 ] || set -- tally '@TGS#2J4' 10
words=
for word; do
	case $word in
	*[!a-zA-Z0-9=./_-]*) words="$words '$word'" ;;
	*) words="$words $word" ;;
	esac
done
# script gives it a terminal.  What it says in colour is in colour here.  Blanks become those that do not break:
# not every browser keeps others.
{
	echo "\$ msgextctl$words"
	script -qec "stty cols $columns; $msgextctl -d $scratch$words" /dev/null </dev/null
} | tr -d '\r' | perl -pe '
	s/&/&amp;/g; s/</&lt;/g; s/ /\xc2\xa0/g;
	s/\e\[1m/<tspan font-weight="bold">/g; s/\e\[2m/<tspan fill="#8b919c">/g;
	s/\e\[31m/<tspan fill="#e06c75">/g; s/\e\[33m/<tspan fill="#e5c07b">/g; s/\e\[0m/<\/tspan>/g' | awk -v columns="$columns" '
	{ line[NR] = $0 }
	END {
		height = NR * 20 + 32
		width = columns * 9 + 32
		printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\">\n", width, height
		printf "<rect width=\"%d\" height=\"%d\" rx=\"8\" fill=\"#1e2127\"/>\n", width, height
		print "<g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"14\" fill=\"#d7dae0\">"
		for (i = 1; i <= NR; i++)
			printf "<text x=\"20\" y=\"%d\">%s</text>\n", i * 20 + 14, line[i]
		print "</g>\n</svg>"
	}'
