#!/bin/sh
# What msgextctl says when it cannot do what was asked: what was meant, and what to do next.
# shellcheck disable=SC2016 # a message has `backquotes`
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

# says STATUS TEXT ARGUMENT...: exits so, prints nothing, and says that.
says() {
	wanted=$1,$2
	shift 2
	ctl_run "$@"
	is "$status,$(sed 's/^msgextctl: //; s/....-..-..T..:..:..\.[0-9]*Z/TIME/g' "$scratch/stderr")$out" "$wanted" "msgextctl $*: says what to do next"
}
# Groups by another spelling: letters exchanged, capital, left out, put in, changed, a beginning.
rm "$data"/*
event test 1 1 1 '{"Key":"k","Value":"v"}'
event '@TGS#2J4' 1 1 1 '{"Key":"k","Value":"v"}'
event "$(printf 'harmless\342\200\256')" 1 1 1 '{"Key":"k","Value":"v"}'
for group in tset TEST tst teest tent tes; do
	says 1 "$(lines "no events of group $group" 'did you mean `test`?')" show $group
done
says 1 "$(lines 'no events of group TGS#2J4, message 3' 'did you mean `@TGS#2J4`?')" tally 'TGS#2J4' 3
says 1 "$(lines 'no events of group @TGS#' 'did you mean `@TGS#2J4`?')" log '@TGS#'
says 1 "$(lines 'no events of group quite another' 'msgextctl groups lists all groups')" gaps 'quite another'
says 1 "$(lines 'no events of group x' 'msgextctl groups lists all groups')" verify x
# Messages that the group does not have: which it has, by the commands that ask for one.
for arguments in 'show test 2' 'tally test 2' 'log test --msg 2' 'show test 2 --json' 'tally test 2 --as-of 1'; do
	# shellcheck disable=SC2086
	says 1 "$(lines 'no events of group test, message 2' 'the group has message 1')" $arguments
done
event test 7 1 1 '{"Key":"k","Value":"v"}'
says 1 "$(lines 'no events of group test, message 99' 'the group has messages 1 and 7')" show test 99
event test 4 1 1 '{"Key":"k","Value":"v"}'
says 1 "$(lines 'no events of group test, message 0' 'the group has messages 1, 4 and 7')" show test 0
for message in 20 19 18 17 16 30; do
	event test $message 1 1 '{"Key":"k","Value":"v"}'
done
says 1 "$(lines 'no events of group test, message 99' \
	'the group has 9 messages, the newest is 30: msgextctl show GROUP lists them')" show test 99
echo broken >>"$data/test.jsonl"
is "$("$msgextctl" show test 99 2>&1 >/dev/null | grep -c 'could not be read')" 0 'broken lines of other messages are not told of'
sed -i '$d' "$data/test.jsonl"
says 1 "$(lines 'no events of group test, message 30' 'no events of that time; there are 1 from TIME to TIME')" \
	log test --msg 30 --since 2030-01-01
is "$("$msgextctl" show harmless 2>&1 >/dev/null | tail -n 1)" 'msgextctl: did you mean `harmless\u202E`?' \
	'a group that would change the terminal is named in escapes'
long=$(printf '%0300d' 0)
ctl_exits 64 show "$long"
is "$("$msgextctl" show "${long%?????????????????????????????????????????????}" 2>&1 | wc -l)" 2 'no group is too long to be guessed'

# File names stand for groups, where no group has that name.
for group in '%40TGS%232J4' '%40TGS%232J4.jsonl' "$data/%40TGS%232J4.jsonl"; do
	is "$("$msgextctl" show "$group" 1 --json | jq -r .GroupId)" '@TGS#2J4' "show $group is of the group whose log that is"
done
ctl compact '%40TGS%232J4' --discard
event '%40TGS%232J4' 1 1 1 '{"Key":"k","Value":"other"}'
is "$("$msgextctl" show '%40TGS%232J4' --json | jq -r .GroupId)" '%40TGS%232J4' 'a group that is called so comes first'
printf '{}' >"$data/broken.jsonl"
says 1 "$(lines 'no events of group broken.jsonl' 'msgextctl groups lists all groups')" show broken.jsonl
rm "$data/broken.jsonl"
says 1 "$(lines 'no events of group ../test.jsonl.gz' 'msgextctl groups lists all groups')" show ../test.jsonl.gz

# Commands and options.
says 64 'tallly: is not a command; did you mean `tally`? (see msgextctl --help)' tallly test 1
says 64 'frobnicate: is not a command (see msgextctl --help)' frobnicate
says 64 'lgo: is not a command; did you mean `log`? (see msgextctl help --help)' help lgo
says 64 '--sinse: is not an option of log; did you mean --since? (see msgextctl log --help)' log test --sinse 1h
says 64 '--zzzzz=1: is not an option of tally (see msgextctl tally --help)' tally test 1 --zzzzz=1
says 64 '--versoin: is not an option; did you mean --version? (see msgextctl --help)' --versoin
says 64 '-x: is not an option of gaps (see msgextctl gaps --help)' gaps test -x
says 64 '--since: needs TIME after it (see msgextctl log --help)' log test --since
says 64 '-c: needs a value after it (see msgextctl --help)' -c
says 64 '--all=1: takes no value (see msgextctl log --help)' log --all=1
says 64 '--at: is not an option of log (see msgextctl log --help)' log test --at 1h
says 64 '--at: must be a time like 2025-12-02T15:11:34Z, or 2h for that ago (see msgextctl show --help)' show test --at yesterday
says 64 "$(lines '-zr: is not an option of show (see msgextctl show --help)' \
	'write -- before a GROUP that begins with -: msgextctl show -- -zr ...')" show -zr 1
says 64 "$(lines 'usage: msgextctl tally GROUP MSGSEQ [OPTION...]' 'which message? msgextctl show GROUP lists them')" tally test

# Help, by word or by option.
for arguments in help 'help log' version; do
	option=$(echo "$arguments" | sed 's/^help log$/log --help/; s/^\(help\|version\)$/--\1/')
	# shellcheck disable=SC2086
	is "$("$msgextctl" $arguments)" "$("$msgextctl" $option)" "msgextctl $arguments prints what msgextctl $option does"
done
ctl_exits 64 help log show
ctl_exits 64 version 1

# No events yet.
mkdir "$scratch/empty"
next='no events yet: is the callback ticked? msgextctl check'
for arguments in groups 'log --all' 'show test' 'tally test 1' 'gaps test' 'verify test'; do
	# shellcheck disable=SC2086
	ctl_run -d "$scratch/empty" $arguments
	is "$status,$(tail -n 1 "$scratch/stderr")" "1,msgextctl: $next" "$arguments says what to do where there are no events"
done
# terminal ARGUMENT...: what msgextctl says on a terminal.
terminal() {
	script -qec "'$msgextctl' $*" /dev/null </dev/null | tr -d '\r' | sed 's/^msgextctl: //'
}
is "$(terminal "-d '$scratch/empty'" gaps)" "$next" 'gaps says on a terminal that there are no events'
script -qfec "'$msgextctl' tally test 99 -f" "$scratch/waiting" </dev/null >/dev/null 2>&1 &
pids="$! $pids"
wait_for grep -q 'waiting for them' "$scratch/waiting"
is "$(tr -d '\r' <"$scratch/waiting" | sed -n 's/^msgextctl: //p')" "$(lines \
	'the group has 9 messages, the newest is 30: msgextctl show GROUP lists them' \
	'no events of message 99 yet; waiting for them')" 'tally -f says for which message it waits, and which there are'
is "$(terminal gaps)" 'no gaps: all versions from the first to the last have arrived' 'gaps says on a terminal that there are none'
ctl gaps
is "$out$(cat "$scratch/stderr")" '' 'and elsewhere nothing'
done_testing
