#!/bin/sh
# The viewer's check page: what it says of logs and directories as other hosts have them.  And what its pages say where
# nothing has arrived yet.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/view.sh"

config_make 'sync = no'
view_config_make
sign_in
# What stands on the page, as it is read.
text() {
	page | tr '\n' ' ' | sed "s/<style.*<\/style>//; s/<[^>]*>/ /g; s/&quot;/\"/g; s/&#39;/'/g"
}
has() {
	if text | grep -qF -- "$1"; then passed "$2"; else failed "$2" "$(text)"; fi
}
hasnt() {
	if text | grep -qF -- "$1"; then failed "$2" "$(text)"; else passed "$2"; fi
}
# check: the page is in the answer.
check() {
	ask p=check </dev/null
	[ "$(status)" = 200 ] || failed 'the check page' "$(cat "$scratch/answer")"
}

# Nothing has arrived.
ask '' </dev/null
is "$(status)" 200 'the first page of an empty directory'
has 'No events yet' 'it says that there are none'
has '"ActionStatus":"OK"' 'and what to look at'
ask q=any </dev/null
has 'any' 'a search in it says what it looked for'
hasnt 'ActionStatus' 'and nothing else'
ask p=events </dev/null
is "$(status)" 200 'the events of an empty directory'
has 'No events yet' 'it says that there are none, too'
check
has 'none has been stored yet' 'check: no event'

# All that arrived is cleared.
event gone 10 1 1 '{"Key":"alice","Value":"tea"}'
event gone 10 3 2 ''
ask p=events </dev/null
is "$(status)" 200 'the events of a message that was cleared'
has 'cleared' 'the clear is one of them'
ask "$(link_of "$link_key" 0 "$(in_seconds 1000)" gone 10)" </dev/null
is "$(status)" 200 'a link to it'
has 'No answers' 'and there it has none'
ask 'g=gone&m=10&p=share' </dev/null
is "$(status)" 200 'its page of links'
rm "$data"/gone.*

# events COUNT AGE SKEW: a log of so many events, the last of which arrived AGE seconds ago, by a clock that is SKEW
# seconds ahead of the sender's.
events() {
	perl -e 'use POSIX "strftime"; my ($count, $age, $skew) = @ARGV; my $now = time;
		for my $seq (1 .. $count) {
			my $time = $now - $age - ($count - $seq) / 1000;
			printf "{\"time\":\"%s.000Z\",\"SdkAppid\":1400000000,\"CallbackCommand\":" .
			"\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"poll\",\"MsgSeq\":1,\"OperateType\":1," .
			"\"ExtensionList\":[{\"Key\":\"k\",\"Value\":\"v\",\"Seq\":%d}],\"Seq\":%d,\"EventTime\":%d}\n",
			strftime("%Y-%m-%dT%H:%M:%S", gmtime $time), $seq, $seq, 1000 * int($time - $skew);
		}' "$1" "$2" "$3" >"$data/poll.jsonl"
	chmod 600 "$data/poll.jsonl"
	check
}
events 200 0 0
has 'the last 200 of the newest logs could be read' 'check: the lines'
has "agrees with the sender's, by the last 100 events" 'check: a clock that is right'
events 200 150 40
has ' minutes ago' 'check: an event of minutes ago'
has "s ahead of the sender's" 'check: a clock that is ahead'
events 200 10000 -3600
has ' hours ago' 'check: an event of hours ago'
has "s behind the sender's" 'check: a clock that is behind'
events 200 400000 0
has '4 days ago' 'check: an event of days ago'
events 200 0 100000
hasnt 'the sender' 'check: times that are no times of a clock say nothing of ours'
# Of a large log the end is read, and of many the newest.
events 2000 0 0
has "by the last 100 events" 'check: a large log'
number=0
while [ $((number += 1)) -le 40 ]; do
	cp "$data/poll.jsonl" "$data/other$number.jsonl"
done
touch -d '3 days ago' "$data"/other1*.jsonl
check
has 'of the newest logs could be read' 'check: many logs, of which the newest are read'
rm "$data"/other*.jsonl
printf 'no record\n' >>"$data/poll.jsonl"
check
has 'could not be read (msgextctl verify says which and why)' 'check: a line that is none'
mkdir "$data/directory.jsonl"
check
has 'not regular files, so not read: 1' 'check: a directory that is named like a log'
rmdir "$data/directory.jsonl"

# mode MODE TEXT
mode() {
	chmod "$1" "$data"
	check
	has "$2" "check: a data directory of mode $1"
}
mode 0770 'its group can write to it, and so replace logs (chmod g-w it)'
mode 0705 'others can enter it (chmod o= it)'
chmod 0700 "$data"
for line in 'timezone = +05:30' 'timezone = -03:00'; do
	view_config_make "$line"
	sign_in
	check
	has "UTC${line#timezone = }" "check: $line"
done
view_config_make "link_key = fedcba9876543210fedcba9876543210"
sign_in
check
has '2 keys: when the old links have expired, remove the last link_key' 'check: two keys of links'
if [ "$(id -u)" -eq 0 ]; then
	chown 65534 "$data"
	check
	has 'the data directory belongs to 65534' 'check: a data directory of another user'
	chown 0 "$data"
fi

# What the server does not say, or says so that no command could take it, is not in the command.
# command ADDRESS WORDS VARIABLE=VALUE...: the command that sends a sample, where the server says that.
command_has() {
	wanted=$1 words=$2
	shift 2
	ask p=check "$@" </dev/null
	has "msgextctl sample --url '$wanted' | sh" "check: $words"
}
command_has http://poll.example/cgi-bin/msgext.cgi 'a host and a path'
command_has http://poll.example/x/msgext.cgi 'the path that was asked for' REQUEST_URI=/x/y?z
command_has http://poll.example/cgi-bin/msgext.cgi 'a path that is none' REQUEST_URI=x
command_has http://name.example/cgi-bin/msgext.cgi "the server's name" HTTP_HOST= SERVER_NAME=name.example
command_has https://your.host/msgext.cgi 'neither a host nor a name' HTTP_HOST=
command_has https://your.host/msgext.cgi 'no path' SCRIPT_NAME=
command_has https://your.host/msgext.cgi 'a host with a slash' HTTP_HOST=a/b
command_has https://your.host/msgext.cgi 'a host with a quote' HTTP_HOST="a'b"
command_has https://your.host/msgext.cgi 'a host with quotes' HTTP_HOST='a"b'
command_has https://your.host/msgext.cgi 'a path with a quote' SCRIPT_NAME="/a'b/view.cgi"
command_has https://your.host/msgext.cgi 'a host that is too long' HTTP_HOST="$(printf '%05000d' 0)"

# Nothing to be said, and a kernel without what it has asked for.
view_config_make
sign_in
events 2 0 0
sign_in HTTPS=on
ask p=check HTTPS=on </dev/null
# The file system that the tests run on may be one that is warned of.
if text | grep -q 'WARNING\|ERROR'; then hasnt 'All is well.' 'check: all is not well'; else has 'All is well.' 'check: all is well'; fi
sign_in
view_program=$view
printf '#!/bin/sh\nexec strace -qqq -o /dev/null -e trace=landlock_create_ruleset -e inject=landlock_create_ruleset:error=ENOSYS %s\n' \
	"$view" >"$scratch/nolandlock"
chmod 755 "$scratch/nolandlock"
view=$scratch/nolandlock
check
has 'not available here (Linux 5.13 or later has it)' 'check: a kernel without Landlock'
view=$view_program

# Without random numbers there is no key to be pasted.
printf '#!/bin/sh\nexec strace -qqq -o /dev/null -e trace=getrandom -e inject=getrandom:error=EIO %s\n' "$view" >"$scratch/norandom"
chmod 755 "$scratch/norandom"
check
has 'link_key = ' 'check: a key that nobody else has'
view=$scratch/norandom
check
hasnt 'link_key = ' 'check: without random numbers it has none'
sed -i '/^link_key/d' "$view_config"
ask '' </dev/null
is "$(status)" 503 'a configuration without a key'
has 'link_key = ...' 'what is to be written into it, without a key'
view=$view_program
ask '' </dev/null
hasnt 'link_key = ...' 'with random numbers a key is there'
done_testing
