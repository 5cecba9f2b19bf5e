#!/bin/sh
# msgextctl groups: which groups there are.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

ctl groups
is "$out" "$(lines 'GroupId   Events  Snapshots  Messages  Bytes  FirstTime                 LastTime' \
	"@TGS#2J4       5          0         2   $(wc -c <"$data/%40TGS%232J4.jsonl")  TIME  TIME" \
	"other          1          0         1    $(wc -c <"$data/other.jsonl")  TIME  TIME")" 'groups: a row a group, with what its log holds'
ctl groups --json
is "$(printf '%s\n' "$out" | jq -c 'del(.Bytes)' | sed 1d)" \
	'{"GroupId":"other","Events":1,"Snapshots":0,"Messages":1,"FirstTime":"TIME","LastTime":"TIME"}' \
	'groups --json: an object a group'

mkdir "$scratch/empty"
ctl_exits 1 -d "$scratch/empty" groups
is "$out" 'GroupId  Events  Snapshots  Messages  Bytes  FirstTime  LastTime' \
	'groups prints the names of its columns where there are no logs'
done_testing
