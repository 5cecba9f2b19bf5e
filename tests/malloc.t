#!/bin/sh
# Memory that runs out at the first, second, ... allocation: every request is
# answered FAIL or dies, none is acknowledged that is not stored (P1), no
# command crashes, and what comes after works.
. "$(dirname "$0")/lib.sh"
made tests

config_make
MALLOC_COUNT=$scratch/count
export MALLOC_COUNT
preload=$top/build/tests/failmalloc.so
# A static program takes nothing from LD_PRELOAD.
msgext=$top/build/msgext
msgextctl=$top/build/msgextctl

# failing N COMMAND...: runs it with the N-th allocation failing.
failing() {
	rm -f "$MALLOC_COUNT"
	number=$1
	shift
	LD_PRELOAD=$preload MALLOC_FAIL=$number "$@"
}
# Was every allocation had, so that the number was past the last one?
past_the_last() {
	test -s "$MALLOC_COUNT" && test "$(cat "$MALLOC_COUNT")" -lt "$number"
}

# try_request BODY: how many allocations failed goes to $tried, complaints to $wrong.
try_request() {
	tried=0
	wrong=
	printf %s "$1" >"$scratch/body"
	while :; do
		tried=$((tried + 1))
		before=$(lines_stored | wc -l)
		failing "$tried" env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
			MSGEXT_CONFIG="$config" LD_PRELOAD="$preload" MALLOC_FAIL="$tried" \
			MALLOC_COUNT="$MALLOC_COUNT" "$msgext" <"$scratch/body" >"$scratch/out" 2>/dev/null
		stored=$(($(lines_stored | wc -l) - before))
		case $(sed -n '1s/\r$//p' "$scratch/out"),$stored in
		'Status: 200 OK,1' | 'Status: 500 Internal Server Error,0' | ',0') ;;
		'Status: 200 OK,0') [ "$2" = nothing ] || wrong="$wrong $tried" ;;
		'Status: 400 Bad Request,0') [ "$2" = nothing ] || wrong="$wrong $tried" ;;
		*) wrong="$wrong $tried" ;;
		esac
		! past_the_last || break
	done
}

try_request "$event_set" stored
is "$wrong" '' 'the allocations of an event'
ok 'all allocations of an event failed in turn' test "$tried" -gt 10
is "$(lines_stored | sort -u | wc -l)" 1 'nothing but whole lines was stored'
long=$(printf '%s' "$event_set" | sed "s/value2/$(printf '%09000d' 0)/")
try_request "$long" stored
is "$wrong" '' 'the allocations of a long event'
try_request "$event_set" stored
is "$wrong" '' 'an event behind a long line'
try_request '{"CallbackCommand":"Other"}' nothing
is "$wrong" '' 'the allocations of an event of another command'
try_request '{"broken":' nothing
is "$wrong" '' 'the allocations of a broken body'
printf '{"torn' >>"$data/test.jsonl"
try_request "$event_set" stored
is "$wrong" '' 'the allocations of an event after a torn tail'

# try_command STATUSES COMMAND...: each exit status must be one of those, or 71 or 74; $prepare is run before each.
prepare=:
try_command() {
	expected=" $1 71 74 "
	shift
	tried=0
	wrong=
	while :; do
		tried=$((tried + 1))
		$prepare
		failing "$tried" "$msgextctl" -c "$config" "$@" <"$scratch/answer" >"$scratch/out" 2>"$scratch/stderr"
		status=$?
		case $expected in
		*" $status "*) ;;
		*) wrong="$wrong $tried:$status" ;;
		esac
		! past_the_last || break
	done
}
echo '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":1,"LatestSeq":5,"ClearSeq":0,
	"ExtensionList":[{"Key":"k","Value":"v","Seq":3}]}' >"$scratch/answer"
perl "$top/tests/generate.pl" 12 3 poll >"$data/poll.jsonl"
chmod 600 "$data"/*
rm "$data"/test.*
for arguments in groups 'log poll' 'log --all --csv' 'show poll' 'show poll --json' 'show poll 1 --newest' \
	'tally poll 1' 'tally poll 1 --csv' 'show poll --threads 3' verify sample; do
	# shellcheck disable=SC2086
	try_command 0 $arguments
	is "$wrong" '' "msgextctl $arguments: $tried allocations"
done
# Not check: the C library's look-up of users crashes without memory.
for arguments in gaps 'gaps --json' 'gaps --rest'; do
	# shellcheck disable=SC2086
	try_command '0 1' $arguments
	is "$wrong" '' "msgextctl $arguments: $tried allocations"
done
# From the same log each time: each line that is added brings allocations of its own.
cp "$data/poll.jsonl" "$scratch"
poll_make() {
	cp "$scratch/poll.jsonl" "$data"
}
prepare=poll_make
try_command 0 import poll 2
is "$wrong" '' "msgextctl import: $tried allocations"
prepare=:
event undone 2 1 3 '{"Key":"k","Value":"v"}'
"$msgextctl" -c "$config" import undone 2 <"$scratch/answer" 2>"$scratch/stderr"
cp "$data/undone.jsonl" "$scratch"
undone_make() {
	cp "$scratch/undone.jsonl" "$data"
	rm -f "$data"/undone.*.gz
}
prepare=undone_make
try_command 0 import undone 2 --undo
is "$wrong" '' "msgextctl import --undo: $tried allocations"
prepare=:
rm "$data"/undone.*
"$msgextctl" -c "$config" show poll --json >"$scratch/before" 2>"$scratch/stderr"
try_command 0 archive poll --before 2025-12-02T15:23:50Z
is "$wrong" '' "msgextctl archive: $tried allocations"
# Each group by itself, and archives: what has no memory says so, and what is right is done.
kept_make() {
	rm -rf "$scratch/kept"
	mkdir -m 700 "$scratch/kept"
	sed 's/"undone"/"kept"/; s/{"time":"20../{"time":"2020/' "$scratch/undone.jsonl" >"$scratch/kept/kept.jsonl"
	: >"$scratch/kept/kept.20200101T000000000Z.jsonl.gz"
	echo text >"$scratch/kept/text.jsonl" # a log that fails, to be noted
	chmod 600 "$scratch/kept"/*
}
prepare=kept_make
try_command "0 1" -d "$scratch/kept" archive --all --before 9d --keep 90d
is "$wrong" '' "msgextctl archive --all: $tried allocations"
is "$(find "$scratch/kept" -mindepth 1 ! -name text.jsonl | wc -l),$(wc -c <"$scratch/kept/kept.jsonl")" 2,0 'and then all is done'
prepare=:
"$msgextctl" -c "$config" show poll --json >"$scratch/before" 2>"$scratch/stderr"
try_command 0 compact poll
is "$wrong" '' "msgextctl compact: $tried allocations"
"$msgextctl" -c "$config" show poll --json >"$scratch/after" 2>"$scratch/stderr"
ok 'compact with failing allocations leaves the state as it was' cmp "$scratch/before" "$scratch/after"
is "$("$msgextctl" -c "$config" verify 2>/dev/null)" '' 'verify finds nothing after failing allocations'

# The viewer: what it says is right, or is an error.  try_view STATUS QUERY [VARIABLE=VALUE...]
. "$top/tests/view.sh"
view=$top/build/msgext-view
view_config_make
sign_in
view_program=$view
try_view() {
	wanted=$1
	shift
	tried=0
	wrong=
	view=$view_program
	ask "$@" <"$scratch/form"
	page >"$scratch/right"
	view=$scratch/failing
	while :; do
		tried=$((tried + 1))
		number=$tried
		rm -f "$MALLOC_COUNT"
		printf '#!/bin/sh\nMALLOC_COUNT=%s MALLOC_FAIL=%s LD_PRELOAD=%s exec %s\n' "$MALLOC_COUNT" "$tried" "$preload" \
			"$view_program" >"$view"
		chmod 755 "$view"
		ask "$@" <"$scratch/form"
		page >"$scratch/page"
		case $(status) in
		"$wanted") cmp -s "$scratch/page" "$scratch/right" || wrong="$wrong $tried:other" ;;
		500 | 503) ;;
		'') [ ! -s "$scratch/answer" ] || wrong="$wrong $tried:half" ;;
		*) wrong="$wrong $tried:$(status)" ;;
		esac
		! past_the_last || break
	done
	is "$wrong" '' "the viewer answers '$(echo "$1" | cut -c1-30)': $tried allocations"
}
: >"$scratch/form"
shown=$(perl -ne 'print $1 if /"MsgSeq":(\d+)/ && !$seen++' "$data/poll.jsonl")
try_view 200 "g=poll&m=$shown&v=9007199254740992"
try_view 200 "g=poll&m=$shown&f=json"
answer=$("$msgextctl" -c "$config" show poll "$shown" --json 2>/dev/null | jq -j '.ExtensionList[0].Value' | sha256sum | cut -c1-16)
try_view 200 "g=poll&m=$shown&v=9007199254740992&part=pairs&a=$answer"
try_view 400 'g=poll&m=x'
try_view 404 'g=none'
cookie=
try_view 403 "g=poll&m=$shown"
method=POST
echo 'p=out' | tr -d '\n' >"$scratch/form"
try_view 303 '' CONTENT_LENGTH=5
done_testing
