#!/bin/sh
# Names of logs: those of an encrypted home, and those that cannot be listed.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

rm "$data"/*
# A directory from an encrypted home, whose names are at most 143 bytes: 48 signs of three bytes.
long='@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@'
cut=$(printf %s "$long" | head -c 16 | sed 's/@/%40/g')~$(printf %s "$long" | sha256sum | cut -d' ' -f1)
event "$long" 1 1 1 '{"Key":"k","Value":"v"}'
spelt=$(printf %s "$long" | sed 's/@/%40/g')
mv "$data/$spelt.jsonl" "$data/$cut.jsonl"
event "$long" 1 1 2 '{"Key":"k","Value":"w"}'
is "$(wc -l <"$data/$cut.jsonl"),$(find "$data" -name "$spelt*")" 2, 'an event is appended to the log of the shorter name'
ctl log "$long"
is "$(printf "%s\n" "$out" | grep -c version)" 2 'log finds the log of the shorter name by its group'
ctl verify
ctl compact "$long"
is "$(find "$data" -name "$cut.2*.jsonl.gz" | wc -l)" 1 'compact names the archive as the log of the shorter name'
is "$("$msgextctl" groups --json | jq -r --arg id "$long" 'select(.GroupId == $id).GroupId' | wc -l)" 1 'groups has the log of the shorter name once'

# A directory that cannot be listed to its end has not ended.
unlisted() {
	strace -f -qq -e signal=none -e trace=getdents64 -e inject=getdents64:error=EIO -o "$scratch/trace" "$@"
}
for arguments in groups 'log --all' gaps verify; do
	# shellcheck disable=SC2086
	unlisted "$msgextctl" $arguments >"$scratch/out" 2>"$scratch/stderr"
	is "$?,$(grep -c 'data-dir: .*cannot list it: ' "$scratch/stderr")" 66,1 \
		"$arguments fails where the directory cannot be listed to its end"
done
unlisted "$msgextctl" check >"$scratch/out"
is "$?,$(grep -c '^ERROR  *logs .*cannot list it' "$scratch/out")" 1,1 'check: the directory cannot be listed to its end'
# The limit on groups is not what counts as none because it could not be counted.
printf '{"CallbackCommand":"%s","GroupId":"unlisted","MsgSeq":1,"OperateType":3,"ExtensionList":[],"Seq":1,"EventTime":1}' \
	"$command" >"$scratch/body"
unlisted env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" MSGEXT_CONFIG="$config" \
	CONTENT_LENGTH="$(wc -c <"$scratch/body")" "$msgext" <"$scratch/body" >"$scratch/out" 2>"$scratch/stderr"
is "$(grep -c 'open-failed: unlisted.jsonl: cannot count the logs beside it' "$scratch/stderr"),$(find "$data" -name unlisted.jsonl | wc -l)" \
	1,0 'the receiver makes no log where it cannot count those that there are'
done_testing
