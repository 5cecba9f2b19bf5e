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

# script gives it a terminal, whose end is told by a signal that nohup(1) hides.
script -qfec "env --default-signal=HUP sh $top/tests/demo.sh $(free_port)" "$scratch/terminal" </dev/null >/dev/null 2>&1 &
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

# Without a terminal, in a group of its own: Ctrl-C is for all processes of that.
env --default-signal=INT setsid sh "$top/tests/demo.sh" "$(free_port)" >"$scratch/file" 2>&1 &
pids="$! $pids"
ok 'it serves' wait_for serving "$scratch/file"
password=$(sed -n 's/^password = //p' "$scratch"/msgext-demo.*/view.conf)
is "${#password},$(grep -cF -e "$password" "$scratch/file")" 16,0 'what is kept in a file has no password'
is "$(sed -n 's/^the password stands in //p' "$scratch/file")" "$(echo "$scratch"/msgext-demo.*/view.conf)" 'and says where it is'
is "$(ps -eo pgid=,comm= | awk -v group="${pids%% *}" '$1 == group { print $2 }')" sh 'Ctrl-C does not reach the server'
kill -INT "-${pids%% *}"
ok 'Ctrl-C ends it' wait_gone "${pids%% *}"
is "$(sed '1,/^Serving/d; /server stopped\|graceful shutdown/d' "$scratch/file")" '' 'and nothing seems to go wrong then'
ok 'nothing of it stays' wait_for gone

# A port that another server has: said by name, and nothing is started or left.
cat >"$scratch/taker" <<'END'
use IO::Socket::IP;
my $socket = IO::Socket::IP->new(Listen => 5, LocalAddr => $ARGV[0], LocalPort => $ARGV[1], ReuseAddr => 1) or die;
open my $ready, '>', $ARGV[2] or die;
close $ready;
while (my $client = $socket->accept) {
	sysread $client, my $request, 4096;
	print $client "HTTP/1.0 200 OK\r\n\r\nanother server's page\n";
}
END
taken=0
addresses='127.0.0.1 0.0.0.0'
[ ! -e /proc/net/tcp6 ] || addresses="$addresses :: ::ffff:127.0.0.1"
for address in $addresses; do
	taken=$((taken + 1))
	port=$(free_port)
	perl "$scratch/taker" "$address" "$port" "$scratch/taken.$taken" &
	taker=$!
	pids="$taker $pids"
	wait_for test -e "$scratch/taken.$taken"
	PORT=$port sh "$top/setup.sh" run >"$scratch/file" 2>&1
	is "$?,$(sed 's/PORT=[0-9]* /PORT=N /' "$scratch/file")" \
		"1,Port $port is taken by perl (process $taker, of $(id -un)): end that, or take another port: PORT=N sh setup.sh run" \
		"a port that another server has at $address"
	another=$(sed -n 's/.*PORT=\([0-9]*\) .*/\1/p' "$scratch/file")
	is "$(sh "$top/tools/port.sh" "$another" 2>&1)" '' 'the port that is named is free'
	sh "$top/tests/demo.sh" "$port" >"$scratch/file" 2>&1
	is "$?,$(wc -l <"$scratch/file"),$(grep -c "another server's page" "$scratch/file")" 1,1,0 'the demonstration shows nothing of it'
	ok 'and leaves nothing' gone
	if [ "$(id -u)" -eq 0 ]; then
		setpriv --reuid=www-data --clear-groups sh "$top/tools/port.sh" "$port" >"$scratch/file" 2>&1
		is "$?,$(sed 's/:.*//' "$scratch/file")" "1,Port $port is taken by a process of root" "who is not root learns whose it is"
	fi
	stop_server "$taker"
done
for port in x 0 65536 080 -1 '8080 8081'; do
	PORT=$port sh "$top/setup.sh" run >"$scratch/file" 2>&1
	is "$?,$(cat "$scratch/file")" "64,PORT: must be a number from 1 to 65535, is '$port': PORT=8081 sh setup.sh run" "no port: $port"
done
done_testing
