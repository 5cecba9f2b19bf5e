#!/bin/sh
# A CGI request in which each system call fails in turn, with each errno that
# it may have, and one that is killed before each: what is answered OK is
# stored (P1), what is stored is whole (P2), and the next request works.
. "$(dirname "$0")/lib.sh"

config_make
printf %s "$event_set" >"$scratch/body"
got=$scratch/got

# request [STRACE OPTION...]: one event; the first line of the answer in $answer.
request() {
	strace -o "$scratch/trace" "$@" env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST \
		QUERY_STRING="$query" "$msgext" <"$scratch/body" >"$got" 2>/dev/null
	answer=$(sed -n '1s/\r$//p' "$got")
}
# What the log is before: the file's content, "" for none.
prepare() {
	rm -f "$data"/*
	[ -z "$1" ] || printf %s "$1" >"$data/test.jsonl"
	[ -z "$1" ] || chmod 600 "$data/test.jsonl"
}
# holds WHOLE COUNT: is the log those bytes and so many events?
holds() {
	{
		printf %s "$1"
		event=0
		while [ "$event" -lt "$2" ]; do
			echo "$stored"
			event=$((event + 1))
		done
	} >"$scratch/expected"
	sed 's/^{"time":"[0-9TZ:.-]*",/{/' "$data/test.jsonl" 2>/dev/null | cmp -s - "$scratch/expected"
}

# try_one START WHOLE INJECTION: complaints go to $wrong.
try_one() {
	prepare "$1"
	request -e "inject=$3"
	first=0
	case $3,$answer in
	f*sync:error=EINTR:*'Status: 200 OK') first=1 ;;
	f*sync:error=*'Status: 200 OK') wrong="$wrong $3:$answer" ;;
	*,'Status: 200 OK') first=1 ;;
	*, | *,'Status: '[45]*) ;;
	*) wrong="$wrong $3:$answer" ;;
	esac
	# The next one must work, whatever was left behind.
	request -e trace=none
	[ "$answer" = 'Status: 200 OK' ] || wrong="$wrong $3:next:$answer"
	if ! holds "$2" $((first + 1)); then
		# Not answered, and stored all the same: at least once (P3).
		[ "$first" -eq 0 ] && holds "$2" 2 || wrong="$wrong $3:stored"
	fi
	if [ "$1" != "$2" ] && ! grep -q '^{"torn' "$data/test.torn"; then
		wrong="$wrong $3:torn"
	fi
	tried=$((tried + 1))
}

# errors_of CALL: what it may fail with.
errors_of() {
	case $1 in
	execve | exit_group | rt_sigreturn | arch_prctl | set_tid_address | set_robust_list | rseq | getrandom) ;;
	open | openat) echo EACCES EMFILE ENFILE ENOSPC EROFS EIO EINTR ENOMEM EDQUOT ;;
	write | pwrite64) echo EIO ENOSPC EDQUOT EFBIG EINTR EPIPE ;;
	read | pread64) echo EIO EINTR ESTALE ;;
	fsync | fdatasync) echo EIO ENOSPC EDQUOT EINTR EROFS ;;
	ftruncate) echo EIO EPERM EINTR EROFS ;;
	fcntl) echo ENOLCK EDEADLK EINTR EINVAL EIO ;;
	fstat | newfstatat | stat | statx) echo EIO EACCES ENOENT ESTALE ENOMEM ;;
	close) echo EIO EINTR ENOSPC EDQUOT ;;
	mmap | brk | mprotect | munmap) echo ENOMEM EAGAIN ;;
	*) echo EIO EINTR ENOMEM EPERM ;;
	esac
}

# try_all NAME START WHOLE: every call of the request, as it stands in a trace.
try_all() {
	prepare "$2"
	request -e trace=all
	sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$scratch/trace" | sed '/^execve$/d' |
		awk '{ print $1, ++count[$1] }' >"$scratch/calls"
	tried=0
	wrong=
	while read -r call index; do
		for error in $(errors_of "$call"); do
			try_one "$2" "$3" "$call:error=$error:when=$index"
		done
	done <"$scratch/calls"
	is "$wrong" '' "$1: $tried failing calls"
	all=$((all + tried))
	tried=0
	wrong=
	while read -r call index; do
		try_one "$2" "$3" "$call:signal=KILL:when=$index"
	done <"$scratch/calls"
	is "$wrong" '' "$1: killed before each of $tried calls"
	ok "$1: that is every call" test "$tried" -gt 50
}

stored=$(printf %s '{"SdkAppid":1400000000,"ClientIP":"203.0.113.7","OptPlatform":"Android",' "${event_set#\{}")
line=$(printf '{"CallbackCommand":"x"}\n.')
line=${line%.}
all=0
try_all 'a new log' '' ''
try_all 'a log that there is' "$line" "$line"
try_all 'a torn tail' "$line{\"torn" "$line"
# The dynamic program's loader makes a hundred calls of them.
ok "at least 900 faults: $all" test "$all" -ge 900
done_testing
