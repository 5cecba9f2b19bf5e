#!/bin/sh
# The viewer gives away nothing before it knows who asks, and changes nothing after: by its system calls, as
# a CGI and as workers whose configuration, data directory and visitors change.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/view.sh"

config_make 'sync = no'
view_config_make
event poll 10 1 1 '{"Key":"alice","Value":"tea"},{"Key":"bob","Value":"coffee"}'
event other 1 1 1 '{"Key":"a","Value":"b"}'
sign_in
signed=$cookie
link=$(link_of "$link_key" 0 "$(in_seconds 600)" poll 10 '' 1)

# traced QUERY [VARIABLE=VALUE...]: a request; the calls that it makes once it is walled in go to $scratch/calls.
# The C library opens what it needs before.
traced() {
	traced_view=$view
	view=$scratch/traced
	ask "$@" </dev/null
	view=$traced_view
	walled_by=NO_NEW_PRIVS
	! grep -q landlock_restrict_self "$scratch/trace" || walled_by=landlock_restrict_self
	sed -n "/$walled_by/,\$p" "$scratch/trace" >"$scratch/calls"
}
cat >"$scratch/traced" <<-END
	#!/bin/sh
	exec strace -f -o "$scratch/trace" "$view"
END
chmod 755 "$scratch/traced"
# opened: what it has opened then, but for the data directory, without repeats.
opened() { sed -n 's/.*open[a-z0-9]*([^"]*"\([^"]*\)".*/\1/p' "$scratch/calls" | sort -u | tr '\n' ' '; }
writes='O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|flock|F_[A-Z_]*LK|truncate|rename|unlink|mkdir|link\(|chmod|chown|utime|fsync|fdatasync|pwrite|O_TMPFILE'
# walled QUERY FILES: what that may open, apart from the data directory.
walled() {
	is "$(status)|$(opened)" "$2" "'$1' opens what it shows"
	is "$(grep -E "$writes" "$scratch/calls")" '' "'$1' writes, makes and locks nothing"
	is "$(grep -E 'open[a-z0-9]*\(' "$scratch/calls" | grep -vE 'O_NOFOLLOW|O_DIRECTORY')" '' "'$1' follows no link"
}
for cookie in '' msgext-view=x "$(cookie_of "$link_key" "$password" "$(in_seconds -5)")"; do
	for wanted in '' g=poll 'g=poll&m=10' 'g=poll&m=10&f=json' p=events p=check 'g=poll&m=10&p=share' 'g=poll&m=x' \
		"$(link_of x 0 "$(in_seconds 600)" poll 10)" "$(link_of "$link_key" 0 "$(in_seconds -5)" poll 10)"; do
		traced "$wanted"
		is "$(grep -cE '^[0-9]+ +(open|readlink|getdents|access|faccessat|stat|newfstatat|statx|fstatfs|statfs|inotify)' "$scratch/calls")" 0 \
			"without a session or signature '$(echo "$wanted" | cut -c1-20)' looks at no file"
	done
done
cookie=$signed
traced ''
walled '' "200|$data $data/.alarm-state $data/.refused $data/.repair-state $data/other.jsonl $data/poll.jsonl "
traced g=poll
walled g=poll "200|$data/poll.jsonl "
for wanted in 'g=poll&m=10' 'g=poll&m=10&f=json' 'g=poll&m=10&part=log&v=1'; do
	traced "$wanted"
	walled "$wanted" "200|$data/poll.jsonl "
done
traced p=events
walled p=events "200|$data $data/other.jsonl $data/poll.jsonl "
traced p=check
is "$(status)|$(grep -E "$writes" "$scratch/calls")" '200|' 'the self-test writes, makes and locks nothing'
cookie=
traced "$link"
walled link "200|$data/poll.jsonl "
etag=$(header ETag)
traced "$link" HTTP_IF_NONE_MATCH="$etag"
[ "$(status)" = 304 ] || traced "$link" HTTP_IF_NONE_MATCH="$(header ETag)"
is "$(status)|$(grep -cE 'open|pread|mmap.*, [3-9],' "$scratch/calls")" '304|0' 'a page that has not changed is not read'
# The kernel says so too.
[ ! -s "$scratch/trace" ] || ! grep -q 'landlock_add_rule.* = 0' "$scratch/trace" ||
	is "$(sed -n 's/.*landlock_add_rule.*allowed_access=\([A-Z_|]*\).*/\1/p' "$scratch/trace")" \
		'LANDLOCK_ACCESS_FS_READ_FILE|LANDLOCK_ACCESS_FS_READ_DIR' 'Landlock allows reading alone'

# Workers.  What goes wrong under one of them is told, and over as soon as it is mended.
socket=$scratch/view.socket
# workers NUMBER [COMMAND...]: starts them on a new socket.
workers() {
	workers_number=$1
	rm -f "$socket"
	spawn-fcgi -s "$socket" -F "$workers_number" -P "$scratch/pids" -- "$view" -c "$view_config" >/dev/null 2>&1
	workers_pids=$(cat "$scratch/pids")
	pids="$pids $workers_pids"
}
# worker QUERY [NAME=VALUE...] [<BODY]: what one of them answers.
worker() { perl "$top/tests/view-client.pl" "$socket" ask "$@" | tr -d '\r' >"$scratch/answer"; }
worker_status() {
	worker "$@" </dev/null
	status
}
sed -i '/^password/d' "$view_config"
workers 1
is "$(worker_status '')" 503 'a worker without a password refuses'
view_config_make
is "$(worker_status '')" 403 'and works as soon as the file is right'
is "$(worker_status g=poll HTTP_COOKIE="$signed")" 200 'a session'
is "$(worker_status "$link")" 200 'a link'
etag=$(header ETag)
event poll 10 1 2 '{"Key":"carol","Value":"tea"}'
is "$(worker_status "$link" HTTP_IF_NONE_MATCH="$etag")|$(grep -c carol "$scratch/answer")" '200|1' 'what arrives is shown'
is "$(worker_status g=poll HTTP_COOKIE="$signed" DOCUMENT_ROOT="$scratch")$(worker_status g=poll HTTP_COOKIE="$signed")" 503200 \
	'a document root with the data in it is refused, and no other request'
printf 'p=in&password=correct+horse+battery&to=g%%3Dpoll' | worker '' REQUEST_METHOD=POST
is "$(status)|$(header Location)" '303|?g=poll' 'a sign-in'
head -c 100000 /dev/zero | tr '\0' x | worker '' REQUEST_METHOD=POST
is "$(status)" 400 'a form that is too long'
mv "$data" "$data.gone"
is "$(worker_status g=poll HTTP_COOKIE="$signed")$(worker_status g=poll)" 503403 'without its directory, only to those who may know'
mv "$data.gone" "$data"
is "$(worker_status g=poll HTTP_COOKIE="$signed")" 200 'the same directory is back'
mv "$data" "$data.gone"
mkdir -m 700 "$data"
ok 'where another one is in its place the worker leaves' wait_gone "$workers_pids"
rmdir "$data"
mv "$data.gone" "$data"
workers 1
is "$(worker_status "$link")" 200 'another worker shows what a link leads to'
echo 'link_epoch = 1' >>"$view_config"
ok 'and leaves when the configuration is changed' wait_gone "$workers_pids"
workers 1
is "$(worker_status "$link")" 403 'so that the link is revoked'
view_config_make
ok 'a replaced configuration is a changed one' wait_gone "$workers_pids"
workers 1
is "$(worker_status '')" 403 'a third worker'
kill "$workers_pids"
ok 'leaves when it is told' wait_gone "$workers_pids"

# Guessing: one password a second is tried, whatever comes.
# flood SECONDS
flood() {
	workers 2
	perl "$top/tests/view-client.pl" "$socket" flood "$1" "$link" 'p=in&password=correct+horse+battery' >"$scratch/flood"
	# shellcheck disable=SC2046
	set -- "$1" $(cat "$scratch/flood")
	ok "of 50 connections in $1 s at most $(($1 + 1)) tried a password: $3" test "$3" -le $(($1 + 1))
	ok "and many did not: $5" test "$5" -gt "$1"
	is "$(sed 's/^tried [0-9]* untried [0-9]* //; s/links .*//' "$scratch/flood")" 'right 303 ' 'the right one gets in'
	ok "links are answered meanwhile: $(sed 's/.* links/links/' "$scratch/flood")" test "$(sed 's/.* links \([0-9]*\) .*/\1/' "$scratch/flood")" -gt "$1"
}
flood "${MSGEXT_FLOOD_SECONDS-3}"
done_testing
