#!/bin/sh
# The viewer gives away nothing before it knows who asks, and changes nothing after: by its system calls, as
# a CGI and as workers whose configuration, data directory and visitors change.
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
	sed -n '/NO_NEW_PRIVS/,$p' "$scratch/trace" | grep -v landlock | grep -v O_PATH >"$scratch/calls"
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
	for query in '' g=poll 'g=poll&m=10' 'g=poll&m=10&f=json' p=events p=check 'g=poll&m=10&p=share' 'g=poll&m=x' \
		"$(link_of x 0 "$(in_seconds 600)" poll 10)" "$(link_of "$link_key" 0 "$(in_seconds -5)" poll 10)"; do
		traced "$query"
		is "$(grep -cE '^[0-9]+ +(open|readlink|getdents|access|faccessat|stat|newfstatat|statx|fstatfs|statfs|inotify)' "$scratch/calls")" 0 \
			"without a session or signature '$(echo "$query" | cut -c1-20)' looks at no file"
	done
done
cookie=$signed
traced ''
walled '' "200|$data other.jsonl poll.jsonl "
traced g=poll
walled g=poll "200|$data poll.jsonl "
for query in 'g=poll&m=10' 'g=poll&m=10&f=json' 'g=poll&m=10&part=log&v=1'; do
	traced "$query"
	walled "$query" "200|$data poll.jsonl "
done
traced p=events
walled p=events "200|$data other.jsonl poll.jsonl "
traced p=check
is "$(status)|$(grep -E "$writes" "$scratch/calls")" '200|' 'the self-test writes, makes and locks nothing'
cookie=
traced "$link"
walled link "200|$data poll.jsonl "
etag=$(header ETag)
traced "$link" HTTP_IF_NONE_MATCH="$etag"
[ "$(status)" = 304 ] || traced "$link" HTTP_IF_NONE_MATCH="$(header ETag)"
is "$(status)|$(grep -cE 'open|pread|mmap.*, [3-9],' "$scratch/calls")" '304|0' 'a page that has not changed is not read'
done_testing
