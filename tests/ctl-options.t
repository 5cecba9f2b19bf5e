#!/bin/sh
# The command line of msgextctl.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

is "$("$msgextctl" --version)" "msgextctl $(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")" \
	'msgextctl --version'
for name in groups log show tally gaps import verify compact archive link check sample help version; do
	"$msgextctl" "$name" --help >"$scratch/out" 2>&1
	is "$?,$(head -n 1 "$scratch/out" | cut -d' ' -f1-3)" "0,usage: msgextctl $name" "msgextctl $name --help prints the usage, and exits with 0"
done
for arguments in '' nosuch 'show' 'show a b' 'show a 1 2' 'log' 'log --all a' 'groups x' 'tally a' \
	'show a --follow' 'groups --json --csv' '--nosuch groups' 'log a --msg x' 'tally a 1 --by value x' \
	'show a 99999999999999999999' 'archive a' 'archive a --before 1970-01-01' 'archive a --before x'; do
	# shellcheck disable=SC2086
	"$msgextctl" $arguments >/dev/null 2>"$scratch/stderr"
	is "$?" 64 "wrong usage exits with 64: msgextctl $arguments"
done
ctl_exits 1 show nosuch
is "$(head -n 1 "$scratch/stderr")" 'msgextctl: no events of group nosuch' 'show names the group of which there is nothing'
ctl_exits 66 -d "$scratch/none" show nosuch
ctl_exits 78 -c "$scratch/none" groups
# -d needs no configuration.
ctl -d "$data" groups
"$msgextctl" groups >/dev/full 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" '74,msgextctl: cannot write: No space left on device' 'groups says that it cannot write to a full disk'
for arguments in help 'help show' --help 'show --help' version; do
	# shellcheck disable=SC2086
	"$msgextctl" $arguments >/dev/full 2>"$scratch/stderr"
	is "$?,$(cat "$scratch/stderr")" '74,msgextctl: cannot write: No space left on device' "and so does $arguments"
done
event -rf 1 1 1 '{"Key":"k","Value":"v"}'
is "$("$msgextctl" show --json -- -rf 1 | jq -r .GroupId)" -rf 'show takes a group that begins with - after --'
"$msgextctl" import other 1 - --json </dev/null >"$scratch/out" 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" '64,msgextctl: --json: is not an option of import (see msgextctl import --help)' 'import refuses --json, after the argument - too'
done_testing
