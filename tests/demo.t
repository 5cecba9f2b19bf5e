#!/bin/sh
# What setup.sh run shows works: its addresses, its password, its link.  The password is the
# terminal's alone.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

TMPDIR=$scratch
export TMPDIR
serving() {
	grep -q '^Serving' "$1"
}
# said PATTERN: what it matches of what the terminal shows.
said() {
	tr -d '\r' <"$scratch/terminal" | sed -n "$1"
}
status() {
	curl -s -m 30 -o "$scratch/answer" -w '%{http_code}' "$@"
}

# script gives it a terminal.
script -qfec "sh $top/tests/demo.sh $(free_port)" "$scratch/terminal" </dev/null >/dev/null 2>&1 &
pids="$! $pids"
ok 'the demonstration serves' wait_for serving "$scratch/terminal"
url=$(said 's/^Serving \([^ ]*\) and .*/\1/p')
view=$(said 's/^In a browser: //p')
password=$(said 's/^the password: //p')
link=$(said "s|^\($view?g=test.*\)|\1|p")
is "$(status "$url")" 200 'the receiver answers'
is "$(status "$view")" 403 'the viewer asks for the password'
is "${#password}" 16 'which has 16 letters'
is "$(status -c "$scratch/jar" -d p=in --data-urlencode "password=$password" "$view")" 303 'the password is right'
is "$(status -b "$scratch/jar" "$view?g=test&m=11"),$(grep -o 'Noodles\|Pizza' "$scratch/answer" | sort -u | xargs)" \
	'200,Noodles Pizza' 'the poll has its page'
is "$(status "$link"),$(grep -o 'Lunch?\|Noodles\|alice' "$scratch/answer" | sort -u | xargs)" '200,Lunch? Noodles alice' \
	'the link shows the result, with title and names'
echo "$password" >"$scratch/wanted"
is "$(cat /proc/[0-9]*/cmdline 2>/dev/null | tr '\0' '\n' | grep -cF -f "$scratch/wanted")" 0 'no list of processes has the password'
rm "$scratch/wanted"
is "$(find "$scratch" -type f -exec grep -lF -e "$password" {} + | sed 's|.*/||' | sort | xargs)" 'terminal view.conf' \
	'nor has any file but its configuration'
is "$(find "$scratch" -name view.conf -exec stat -c %a {} +)" 600 'which is of mode 600'
stop_server() {
	kill "$1"
	wait_gone "$1"
}
stop_server "${pids%% *}"
gone() {
	test -z "$(find "$scratch" -maxdepth 1 -name 'msgext-demo.*')"
}
ok 'nothing of it stays' wait_for gone

# Without a terminal.
sh "$top/tests/demo.sh" "$(free_port)" >"$scratch/file" 2>&1 &
pids="$! $pids"
ok 'it serves' wait_for serving "$scratch/file"
password=$(sed -n 's/^password = //p' "$scratch"/msgext-demo.*/view.conf)
is "${#password},$(grep -cF -e "$password" "$scratch/file")" 16,0 'what is kept in a file has no password'
is "$(sed -n 's/^the password stands in //p' "$scratch/file")" "$(echo "$scratch"/msgext-demo.*/view.conf)" 'and says where it is'
stop_server "${pids%% *}"
ok 'nothing of it stays' wait_for gone
done_testing
