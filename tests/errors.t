#!/bin/sh
# Only ENOENT is "nothing there": any other error is told of, by name, and the other logs go on.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/engine.sh"

event h 1 1 1 '{"Key":"k","Value":"v"}'
lines=$scratch/engine/.s.PGSQL.5432.lines

# once COMMAND...: the shipper under that command; its exit status, what it said, how many lines came.
once() {
	rm -f "$lines"
	said=$(timeout 20 "$@" "$ship" -d "$data" --once "host=$scratch/engine user=u dbname=right" 2>&1)
	status=$?
	came=$(grep -ao '{"time"' "$lines" 2>/dev/null | wc -l)
}
# failing CALL:ERROR [PATH]: strace that lets it fail.
failing() {
	set -- "$1" ${2+-P "$2"}
	call=$1
	shift
	once strace -qqq -o /dev/null "$@" -e trace="${call%%:*}" -e inject="$call"
}
once env
is "$status,$said,$came" 0,,2 'without errors both are shipped'
for error in EPERM ENOSYS; do
	failing "statx:error=$error"
	is "$status,$came,$(echo "$said" | grep -c 'data-dir: .* when a file was created')" 66,0,1 "no birth times: statx, $error"
done
for error in ESTALE EIO EACCES ENOTDIR; do
	failing "statx:error=$error"
	is "$status,$came,$(echo "$said" | grep -c 'open-failed: [gh].jsonl')" 74,0,2 "no log can be examined: statx, $error"
done
failing statx:error=EIO:when=1
is "$status,$came,$(echo "$said" | grep -c 'open-failed: [gh].jsonl')" 74,1,1 'the log that can be examined is shipped'
failing statx:error=ENOENT:when=1
is "$status,$came,$said" 0,1, 'a log that has gone meanwhile is no error'
for error in EIO EMFILE EACCES ELOOP; do
	failing openat:error=$error g.jsonl
	is "$status,$came,$(echo "$said" | cut -c 1-34)" '74,1,msgext-ship: open-failed: g.jsonl:' "a log cannot be opened: $error"
done
failing read:error=EIO "$data/g.jsonl"
is "$status,$came,$said" '74,1,msgext-ship: open-failed: g.jsonl: cannot read: Input/output error' 'a log that cannot be read is told, the other one is shipped'
for error in EIO ESTALE; do
	failing pread64:error=$error "$data/g.jsonl"
	is "$status,$came,$(echo "$said" | cut -c 1-57)" \
		'74,1,msgext-ship: tail-failed: g.jsonl: last line: cannot read' "a last line that cannot be read is told: $error"
done
failing fcntl:error=ENOLCK "$data/g.jsonl"
is "$status,$came,$said" '74,1,msgext-ship: lock-failed: g.jsonl: No locks available' 'a log that cannot be locked is told, the other one is shipped'
failing getdents64:error=EIO:when=2
is "$status,$came,$said" "66,0,msgext-ship: data-dir: $data: its names: Input/output error" 'names that cannot be read to their end'
failing inotify_init1:error=EMFILE
is "$status,$(echo "$said" | grep -c 'max_user_instances')" 66,1 'inotify_init that fails is told'
failing inotify_add_watch:error=ENOSPC
is "$status,$(echo "$said" | grep -c 'max_user_watches')" 66,1 'inotify_add_watch that fails is told'
before=$(cat "$data/msgext-ship.id")
failing pread64:error=EIO "$data/msgext-ship.id"
is "$status,$(cat "$data/msgext-ship.id")" "66,$before" 'the number of the shipper stays where it cannot be read'
failing fcntl:error=ENOLCK "$data/msgext-ship.id"
is "$status,$(echo "$said" | cut -c 1-24)" '74,msgext-ship: lock-failed' 'the number of the shipper cannot be locked by anybody'
# shellcheck disable=SC3045 # dash and bash know it
said=$( (ulimit -n 64 && exec timeout 20 "$ship" -d "$data" "host=$scratch/engine user=u dbname=right") 2>&1)
is "$?,$(echo "$said" | grep -c 'open-failed: poll: .*ulimit')" 66,1 'the shipper ends where it cannot sleep'

failing timer_create:error=EAGAIN
is "$status,$said" '71,msgext-ship: timer: Resource temporarily unavailable' 'no timer to end it'
rm "$data/msgext-ship.id"
failing getrandom:error=EIO
is "$status,$(echo "$said" | grep -c 'open-failed: random numbers: ')" '66,1' 'no random numbers for the number of the shipper'
once env
is "$status,$came" 0,2 'and it goes on when there are some'
(umask 077 && seq -f "$data/empty%g.jsonl" 1100 | xargs touch)
once env
is "$status,$said,$came" 0,,2 'over a thousand logs'
find "$data" -name 'empty*' -delete

# What is none of ours bears our names.
rm "$data/g.jsonl"
for what in 'mkfifo' 'mkdir' 'ln -s /dev/zero'; do
	$what "$data/g.jsonl"
	once env
	is "$status,$came,$said" '74,1,msgext-ship: log-unsafe: g.jsonl: is not a regular file' "a log is made by $what"
	rm -rf "$data/g.jsonl"
done
id=$data/msgext-ship.id
# unsafe WHAT REASON
unsafe() {
	once env
	case $said in
	*"msgext-ship.id: "*) is "$came,$status" "0,${2-77}" "its number is $1" ;;
	*) is "$said" "msgext-ship.id: ..." "its number is $1" ;;
	esac
	rm -rf "$id"
}
rm "$id"
mkfifo -m 600 "$id"
unsafe 'a FIFO'
mkdir "$id"
unsafe 'a directory' 66
echo 0123456789abcdef0123456789abcdef >"$scratch/elsewhere"
ln -s "$scratch/elsewhere" "$id"
unsafe 'a symbolic link' 66
chmod 600 "$scratch/elsewhere"
ln "$scratch/elsewhere" "$id"
unsafe 'a link to another file'
is "$(cat "$scratch/elsewhere")" 0123456789abcdef0123456789abcdef 'a file that the number is a link to is not written'
cp "$scratch/elsewhere" "$id"
chmod 666 "$id"
unsafe 'for all to write'
if [ "$(id -u)" -eq 0 ]; then
	cp "$scratch/elsewhere" "$id"
	chown 65534 "$id"
	unsafe 'of another user'
	mknod -m 600 "$id" c 1 5
	unsafe 'a device'
	chown 65534 "$data"
	cp "$scratch/elsewhere" "$id"
	chown 65534 "$id"
	once env
	is "$status,$came" 0,1 "root takes the one of the directory's owner"
	chown 0 "$data" "$data"/*
fi

# The reader's commands.
event g 1 1 1 '{"Key":"k","Value":"v"}'
# reads CALL:ERROR PATH WORD...: the exit status, what was printed.
reads() {
	inject=$1 path=$2
	shift 2
	out=$(timeout 20 strace -qqq -o /dev/null -P "$path" -e trace="${inject%%:*}" -e inject="$inject" \
		"$msgextctl" -d "$data" "$@" 2>"$scratch/stderr")
	status=$?
}
# told LEAST: does a status above that go with the log's name?
told() {
	[ "$status" -gt "$1" ] && grep -c 'g\.jsonl: ' "$scratch/stderr"
}
for what in openat:error=EIO openat:error=EACCES openat:error=ELOOP read:error=EIO read:error=ESTALE; do
	reads $what "$data/g.jsonl" groups --json
	is "$(echo "$out" | jq -r .GroupId),$(told 1)" h,1 "groups: $what"
	reads $what "$data/g.jsonl" verify
	is "$status,$(grep -c ', 1 lines, 1 problems' "$scratch/stderr"),$(echo "$out" | grep -c '^g.jsonl:.*: open-failed:')" \
		1,1,1 "verify: $what"
	for words in 'show g' 'tally g 1' 'gaps g' 'log g'; do
		# shellcheck disable=SC2086
		reads $what "$data/g.jsonl" $words
		is "$(told 1)" 1 "$words: $what"
	done
done
for words in 'show g' 'tally g 1' 'gaps g' 'log g'; do
	# shellcheck disable=SC2086
	reads getdents64:error=EIO:when=2 "$data" $words
	is "$status,$(grep -c 'data-dir\|cannot list it: Input/output error; older lines may' "$scratch/stderr")" \
		0,1 "$words: whether there are archived files cannot be told"
done
said=$(timeout 20 strace -qqq -o /dev/null -e trace=poll -e inject=poll:error=ENOMEM "$msgextctl" -d "$data" log g -f 2>&1 >/dev/null)
is "$?,$(echo "$said" | grep -c data-dir)" 66,1 'log -f does not spin where it cannot sleep'
reads getrandom:error=EIO "$data" compact h --discard
is "$status,$(grep -c ' -> ' "$scratch/stderr")" 0,1 'without random numbers a new file has a name still'
# A line that is longer than any event: who reads skips it, who would write the log anew leaves it as it is.
head -n 1 "$data/g.jsonl" >"$scratch/line"
{
	cat "$scratch/line"
	head -c 10485761 /dev/zero | tr '\0' x
	echo
	cat "$scratch/line"
} >"$data/g.jsonl"
cp "$data/g.jsonl" "$scratch/long"
for words in '77 compact g' '77 archive g --before 0s' '1 erase --key k g' '1 erase --key nobody g' '1 erase --key nobody --dry-run g' \
	'1 export --key k g' '1 export --key nobody g'; do
	# shellcheck disable=SC2086
	"$msgextctl" -d "$data" ${words#* } >"$scratch/out" 2>"$scratch/stderr"
	is "$?,$(sed -n 1p "$scratch/stderr")" "${words%% *},msgextctl: log-unsafe: g.jsonl: line 2 is too long to be an event" "${words#* }: a line that is too long"
	ok "${words#* }: the log is as it was" cmp "$scratch/long" "$data/g.jsonl"
done
# As long as what is read at once, and without an end.
head -c 262144 /dev/zero | tr '\0' x >"$data/g.jsonl"
"$msgextctl" -d "$data" verify g >"$scratch/out" 2>&1
is "$?,$(grep -c 'g.jsonl:1:' "$scratch/out")" 1,1 'a last line without an end that fills the buffer'
cp "$scratch/line" "$data/g.jsonl"
for words in groups gaps verify 'log --all'; do
	# shellcheck disable=SC2086
	reads getdents64:error=EIO:when=2 "$data" $words
	is "$status,$(grep -c 'data-dir' "$scratch/stderr")" 66,1 "$words: names that cannot be read to their end"
done
# What every program prints of itself, to a disk that is full.
for program in msgext msgextctl msgext-view msgext-ship msgext-repair; do
	for option in -h -V; do
		said=$("$top/build/$program" $option 2>&1 >/dev/full)
		is "$?,$said" "74,$program: cannot write: No space left on device" "$program $option: a full disk"
	done
done
done_testing
