#!/bin/sh
# Lines of every kind that any receiver ever took, as the programs read them.  A file of tests/lines:
# the log's name, what show says of the group, what verify finds (or -), the line.  None of them
# ever goes away: what was acknowledged stays readable, whatever a gate demands today.
. "$(dirname "$0")/lib.sh"

ctl() {
	"$msgextctl" -d "$data" "$@" 2>"$scratch/stderr"
}
shows() {
	[ "$(ctl show --json -- "$group")" = "$expected" ] && ! grep -q 'could not be read' "$scratch/stderr"
}
finds() {
	[ "$(ctl verify --csv | sed '1d' | cut -d, -f4 | paste -sd ' ')" = "${findings#-}" ]
}
compacts() {
	ctl compact -- "$group" || return
	cp "$scratch/stderr" "$scratch/compacted"
	! grep -q 'could not be read' "$scratch/compacted" && shows || return
	grep -q 'is already compact' "$scratch/compacted" || zcat "$data"/*.gz | cmp -s - "$scratch/line"
}

mkdir -m 700 "$data"
umask 077
for file in "$top"/tests/lines/*; do
	{
		read -r stem
		read -r expected
		read -r findings
	} <"$file"
	group=$(printf '%s\n' "$expected" | sed 's/^{"GroupId":\(".*"\),"MsgSeq".*/\1/' | jq -r .)
	rm -f "$data"/*
	sed '1,3d' "$file" >"$scratch/line"
	cp "$scratch/line" "$data/$stem.jsonl"
	ok "${file##*/}: show" shows
	ok "${file##*/}: verify finds $findings" finds
	case $stem in
	test) ok "${file##*/}: compact" compacts ;;
	esac
done
done_testing
