#!/bin/sh
# What msgextctl prints for a person at a terminal: colours, times, sizes, columns that fit.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

TERM=xterm
LC_ALL=C.UTF-8
export TERM LC_ALL
unset NO_COLOR
esc=$(printf '\033')
# terminal COLUMNS ARGUMENTS: what stands there then, in $out; colours as <33>, and </>.
terminal() {
	out=$(script -qec "stty cols $1; '$msgextctl' $2" /dev/null </dev/null | tr -d '\r' |
		sed "s/$esc\[0m/<\/>/g; s/$esc\[\([0-9]*\)m/<\1>/g; s/....-..-..T..:..:..\....Z/TIME/g; s/....-..-..T..:..:..Z/SECONDS/g")
}
# plain: the same without colours.
plain() {
	printf '%s\n' "$out" | sed 's/<[0-9/]*>//g'
}

# Groups: the newest last, and only what fits.
touch_times() { # FILE SECONDS-AGO: gives all lines that time
	sed -i "s/\"time\":\"[^\"]*\"/\"time\":\"$(date -u -d "@$(($(date +%s) - $2))" +%Y-%m-%dT%H:%M:%S).000Z\"/" "$1"
}
event zzz 1 1 1 "{\"Key\":\"k\",\"Value\":\"$(printf '%02000d' 0)\"}"
touch_times "$data/%40TGS%232J4.jsonl" 3700
touch_times "$data/other.jsonl" 7300
touch_times "$data/zzz.jsonl" 300000
size=$(($(wc -c <"$data/%40TGS%232J4.jsonl") / 100))
size=$((size / 10)).$((size % 10))
terminal 100 groups
is "$(plain)" "$(lines "GroupId   Events  Snapshots  Messages    Size  LastTime              Changed" \
	"zzz            1          0         1  2.2 KB  SECONDS  3 days ago" \
	"other          1          0         1   $(wc -c <"$data/other.jsonl") B  SECONDS  2 hours ago" \
	"@TGS#2J4       5          0         2  $size KB  SECONDS  1 hour ago" )" \
	'groups: the newest last, sizes and times as people say them'
terminal 130 groups
is "$(plain | head -n 1 | tr -s ' ')" 'GroupId Events Snapshots Messages Size FirstTime LastTime Changed' 'a wide terminal has all columns'
terminal 30 groups
is "$(plain | head -n 1 | tr -s ' ')" 'GroupId Events Changed' 'and a narrow one those that matter most'
for order in name,@TGS#2J4,other,zzz newest,zzz,other,@TGS#2J4 size,other,@TGS#2J4,zzz events,other,zzz,@TGS#2J4; do
	is "$("$msgextctl" groups --sort "${order%%,*}" --csv | tr -d '\r' | sed 1d | cut -d, -f1 | paste -sd,)" "${order#*,}" \
		"groups --sort ${order%%,*}"
done
ctl_exits 64 groups --sort oldest
is "$(cat "$scratch/stderr")" 'msgextctl: --sort: must be name, newest, size or events (see msgextctl groups --help)' 'groups names the orders that there are'

# Heads dim, what is lost yellow, errors red; and only where colours are wanted.
terminal 80 "show '@TGS#2J4'"
is "$(printf '%s\n' "$out" | sed -n '1,2p' | tr -s ' ')" "$(lines '<2>MsgSeq</> <2>Pairs</> <2>LatestSeq</> <2>Missing</> <2>LastTime</> <2>Changed</>' \
	' 10 4 5 <33>2</> TIME 1 hour ago')" 'show: the names of columns are dim, what is missing is yellow'
terminal 80 "tally '@TGS#2J4' 10"
is "$(printf '%s\n' "$out" | head -n 2)" "$(lines '<1>@TGS#2J4, message 10</>' '4 votes, changed 1 hour ago, <33>2 updates lost</> (msgextctl gaps)')" \
	'tally says first what a person would say'
terminal 80 'tally other 1'
is "$(plain | sed -n 2p)" '1 vote, changed 2 hours ago' 'of one, and nothing of what was not lost'
terminal 80 "tally '@TGS#2J4' 100"
is "$(plain | sed -n 2p)" '0 votes, cleared, changed 1 hour ago' 'and that all were cleared'
terminal 80 'show nosuch'
is "$(printf '%s\n' "$out" | head -n 1)" '<31>msgextctl:</> no events of group nosuch' 'an error is red'
for without in 'NO_COLOR=1' 'TERM=dumb' 'TERM='; do
	is "$(script -qec "env $without '$msgextctl' show '@TGS#2J4' 10; env $without '$msgextctl' show nosuch" /dev/null </dev/null | grep -c "$esc")" 0 "$without: no colours"
done
terminal 80 '--color=never gaps'
is "$out" "$(plain)" '--color=never: no colours'
is "$(NO_COLOR=1 "$msgextctl" --color=always gaps | sed "s/$esc\[0m/<\/>/g; s/$esc\[\([0-9]*\)m/<\1>/g" | tail -n 1)" '@TGS#2J4      10      2  <33>3-4</>' \
	'--color=always: colours, whatever else is said, in a pipe'
is "$("$msgextctl" --color show '@TGS#2J4' 10 --json)" "$("$msgextctl" show '@TGS#2J4' 10 --json)" 'but none in JSON'
ctl_exits 64 groups --color=mauve

# show: when each pair was set; what is too wide is cut, but not what tells two apart.
long=$(printf '%0100d' 0)
event wide 1 1 1 "{\"Key\":\"a\",\"Value\":\"${long}a\"},{\"Key\":\"b\",\"Value\":\"${long}b\"},{\"Key\":\"c\",\"Value\":\"1$long\"}"
event wide 1 1 2 '{"Key":"d","Value":"投票投票投票投票投票投票投票投票投票投票投票投票投票"}'
touch_times "$data/wide.jsonl" 7300
terminal 60 'show wide 1'
is "$(plain | sed 1,2d | tr -s ' ' | sed 's/0\{60,\}/0../')" "$(lines 'Key Value Seq Set' 'a 0..a 1 2 hours ago' 'b 0..b 1 2 hours ago' \
	'c 100000000000000000000000000000000000… 1 2 hours ago' 'd 投票投票投票投票投票投票投票投票投票… 2 2 hours ago')" \
	'show cuts what does not fit, and not what tells two values apart'
is "$(plain | sed -n '3p;6,7p' | while IFS= read -r line; do printf '%s\n' "$line" | wc -L; done | sort -n | tail -n 1)" 60 'and is as wide as the terminal'
terminal 110 "show '@TGS#2J4' 10"
is "$(plain | sed -n '3,4p' | tr -s ' ')" "$(lines 'Key Value Seq Time Set' 'alice 投票 1 TIME 1 hour ago')" 'show: when each pair was set'
ctl compact other --discard
terminal 80 'show other 1'
is "$(plain | sed -n '4p')" 'k    v       56        ' 'and nothing where only a snapshot holds it'

# Whoever names a group, or a file in the directory, moves nothing on the terminal that tells of it.
event "$evil" 1 1 1 "{\"Key\":\"gone\",\"Value\":\"$evil\"}"
sed -i "s/Android/$evil/" "$data"/ev*
touch "$data/${esc}[31m$evil.x"
terminal 200 'export --key gone'
is "$(printf '%s\n' "$out" | head -n 1 | sed 's/"MsgSeq.*"Value"/"Value"/; s/"Seq.*"OptP/"OptP/; s/"File.*//')" \
	'{"GroupId":"ev\u202eil","Value":"ev\u202eil","OptPlatform":"ev\u202eil",' 'export escapes what would harm a terminal'
is "$(printf '%s\n' "$out" | tail -n 1)" "msgextctl: \\u001B[31mev\\u202Eil.x: is no file of msgext's, and was not looked at" \
	'and in the name of a file'
is "$("$msgextctl" export --key gone 2>/dev/null | jq -r .GroupId)" "$evil" 'a program gets the text'
terminal 200 'erase --key gone --dry-run'
is "$(printf '%s\n' "$out" | head -n 1)" 'msgextctl: ev\u202Eil: 1 pair in 1 line of 1 file would be erased' \
	'erase escapes the name of a group'
terminal 200 'show ev%E2%80%AEil.jsonl 99'
is "$(printf '%s\n' "$out" | head -n 1)" '<31>msgextctl:</> no events of group ev\u202Eil, message 99' \
	'and so does what says that there is nothing, where a file names the group'
rm "$data/${esc}[31m$evil.x" "$data"/ev*
done_testing
