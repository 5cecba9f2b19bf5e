#!/bin/sh
# msgextctl archive --all, compact --all, --keep: housekeeping by cron, beside writers, whatever it meets and
# whenever it is killed.
# In memory where there is room: a disk that others keep busy would make each kill's sync wait.
[ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

command -v strace >/dev/null || lacks strace
rm "$data"/*

# line GROUP MSGSEQ SEQ TIME: a stored line.
line() {
	printf '{"time":"%s","CallbackCommand":"%s","GroupId":"%s","MsgSeq":%s,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1}\n' \
		"$4" "$command" "$1" "$2" "$3" "$3"
}
ago() {
	date -u -d "$1 days ago" +"$2"
}
old=$(ago 100 %Y-%m-%dT%H:%M:%S.000Z)
young=$(ago 10 %Y-%m-%dT%H:%M:%S.000Z)
# prepare: two groups with old messages, one whose messages are young, one that is compact.
prepare() {
	rm -rf "$data"
	mkdir -m 700 "$data"
	{
		line one 1 1 "$old"
		line one 2 2 "$young"
	} >"$data/one.jsonl"
	line two 1 1 "$old" >"$data/two.jsonl"
	line young 1 1 "$young" >"$data/young.jsonl"
	chmod 600 "$data"/*.jsonl
}
# listed: what is in the directory, without the times of archives.
listed() {
	find "$data" -mindepth 1 -printf '%f\n' | sed 's/20......T.........Z/TIME/' | sort | xargs
}
# said: what the last command said, without what changes.
said() {
	sed "s|$data/||g; s/20......T.........Z/TIME/g; s/[0-9]* bytes/N bytes/g; s/^msgextctl: //" "$scratch/stderr"
}

# What is done, said and left alone
prepare
before=$(stat -c %i "$data/young.jsonl")
ctl archive --all --before 90d
is "$(said)" "$(lines 'one.jsonl: 2 lines, N bytes -> 2 lines, N bytes' 'the archive is one.TIME.jsonl.gz' \
	'two.jsonl: 1 lines, N bytes -> 0 lines, N bytes' 'the archive is two.TIME.jsonl.gz')" \
	'archive --all says a line of each group where something was done'
is "$(listed)" 'one.TIME.jsonl.gz one.jsonl two.TIME.jsonl.gz two.jsonl young.jsonl' 'and makes an archive of these alone'
is "$(stat -c %i "$data/young.jsonl")" "$before" 'a group that needs nothing is left as it is'
ls -li --time-style=full-iso "$data" >"$scratch/before"
ctl archive --all --before 90d
is "$out$(said)" '' 'archive --all is silent where there is nothing to do'
ls -li --time-style=full-iso "$data" >"$scratch/after"
ok 'and touches nothing' cmp "$scratch/before" "$scratch/after"
strace -f -y -o "$scratch/trace" "$msgextctl" archive --all --before 90d
# Not the file of a program that counts its lines, as make coverage builds it.
is "$(grep -v '\.profraw[">]' "$scratch/trace" | grep -c 'O_CREAT\|^[0-9]* *\(rename\|f[a-z]*sync\|fchmod\|ftruncate\|unlink\|write\)')" 0 \
	'not even for a moment'
ctl compact --all --discard
is "$(said | grep -c ' -> ')" 2 'compact --all compacts each group that is not compact'
ctl compact --all
is "$(said)" '' 'and is silent then'
ctl_exits 64 compact one --all
ctl_exits 64 archive --before 90d

# Archives that are too old
ago20=$(ago 20 %Y%m%dT%H%M%S000Z)
ago500=$(ago 500 %Y%m%dT%H%M%S000Z)
archives() {
	for name in "one.$ago500" "one.$ago20" "two.$ago500" "gone.$ago500"; do
		echo "$name" | gzip >"$data/$name.jsonl.gz"
	done
}
# Names that are like an archive's.
others="one.$ago500.jsonl one.$ago500.gz one.torn one.jsonl.gz one.20240231T000000000Z.jsonl.gz one.20240101T250000000Z.jsonl.gz
	one.20240101T000000Z.jsonl.gz .$ago500.jsonl.gz one.$ago500.jsonl.gz.torn on.e.$ago500.jsonl.gz one.$ago500.jsonl.gz.1"
prepare
archives
for name in $others; do
	echo other >"$data/$name"
done
touch "$data/one.$ago500.jsonl.gz"
touch -d '800 days ago' "$data/one.$ago20.jsonl.gz"
ctl archive --all --before 90d
is "$(find "$data" -name "*.$ago500.jsonl.gz" | wc -l)" 5 'no archive is removed where nobody asks for it'
ctl archive --all --before 90d --keep 400d
is "$(said)" "$(lines 'gone.TIME.jsonl.gz: removed, N bytes' 'one.TIME.jsonl.gz: removed, N bytes' 'two.TIME.jsonl.gz: removed, N bytes')" \
	'--keep says what it removes'
is "$(grep -o 'removed.*' "$scratch/stderr" | head -n 1)" "removed, $(echo "gone.$ago500" | gzip | wc -c) bytes" 'and how many bytes'
is "$(cd "$data" && echo *."$ago500".jsonl.gz "one.$ago20.jsonl.gz"*)" "on.e.$ago500.jsonl.gz one.$ago20.jsonl.gz" \
	'and goes by the time in the name, not by that of the file'
# shellcheck disable=SC2086
is "$(cd "$data" && cat $others | sort -u)" other 'and removes nothing else'
ctl archive --all --before 90d --keep 400d
is "$(said)" '' 'and says nothing when nothing is that old'
archives
ctl compact one --keep 400d
is "$(cd "$data" && echo *."$ago500".jsonl.gz)" "gone.$ago500.jsonl.gz on.e.$ago500.jsonl.gz two.$ago500.jsonl.gz" \
	'--keep with a GROUP removes archives of that group alone'
for age in 0d 0s 90 -5d 5x '' 1.5d d 1000000000d 99999999d 30d; do
	ctl_exits 64 archive --all --before 90d --keep "$age"
done
is "$(said)" '--keep: must not be less than the age in --before: what is archived stays that long (see msgextctl archive --help)' \
	'an age below that of --before is refused with the reason'
ctl archive --all --before 90d --keep 90d

# A group whose lines are all in archives
prepare
archives
ctl archive two --before 90d
ctl_exits 1 archive two --before 90d --keep 400d
is "$(said | tail -n 1)" 'two.TIME.jsonl.gz: removed, N bytes' 'archives of a group with an empty log are removed, too'

# What a run makes itself it does not remove, be the clock as wrong as it likes; nor what a replacement may need.
prepare
: >"$data/one.0123456789abcdef.new"
perl "$top/tests/locked.pl" "$data/one.0123456789abcdef.new" "ready('$scratch/locked'); sleep 60" &
pids="$pids $!"
locker=$!
wait_for test -e "$scratch/locked"
archives
ctl_exits 1 archive --all --before 90d --keep 400d
is "$(said | grep -v ' -> \|archive is')" "$(lines 'gone.TIME.jsonl.gz: removed, N bytes' 'two.TIME.jsonl.gz: removed, N bytes' \
	'lock-timeout: one.jsonl: another process is working on it (wait until it ends)' \
	'lock-timeout: one.TIME.jsonl.gz: stays, for another process is at work on its log' \
	'2 failed, as told above; all others were looked at')" 'a group that another process is at work on is named, and the others have their turn'
kill "$locker"
wait_gone "$locker"
: >"$data/young.0123456789abcdef.gz.new"
ctl archive --all --before 90d --keep 400d
is "$(listed)" 'one.TIME.jsonl.gz one.TIME.jsonl.gz one.jsonl two.TIME.jsonl.gz two.jsonl young.jsonl' 'the next run does what was left, and removes what a killed one left'

# What cannot be a group's log
prepare
ln -s one.jsonl "$data/link.jsonl"
mkdir "$data/directory.jsonl"
mkfifo "$data/fifo.jsonl"
echo text >"$data/text.jsonl"
: >"$data/empty.jsonl"
printf '{"time' >"$data/begun.jsonl"
line two 1 1 "$old" >"$data/three.jsonl"
line one 1 1 "$old" >"$data/hard.jsonl"
ln "$data/hard.jsonl" "$data/link.$ago500.jsonl"
ln -s one.jsonl "$data/one.$ago500.jsonl.gz"
expected=$(lines 'directory.jsonl: is not a regular file' 'fifo.jsonl: is not a regular file' 'hard.jsonl: has more than one link' 'link.jsonl: is a symbolic link')
if [ "$(id -u)" -eq 0 ]; then
	line owned 1 1 "$old" >"$data/owned.jsonl"
	echo other >"$data/two.$ago500.jsonl.gz"
	chown 65534 "$data/owned.jsonl" "$data/two.$ago500.jsonl.gz"
	expected=$(lines "$expected" 'owned.jsonl: belongs to another user')
fi
expected=$(lines "$expected" 'text.jsonl: none of its lines is of a group whose log has that name' \
	'three.jsonl: none of its lines is of a group whose log has that name' 'one.TIME.jsonl.gz: is a symbolic link')
[ "$(id -u)" -ne 0 ] || expected=$(lines "$expected" 'two.TIME.jsonl.gz: belongs to another user')
ctl_exits 1 archive --all --before 90d --keep 400d
is "$(said | sed -n 's/^log-unsafe: //p')" "$expected" 'what is no log of a group is named with the reason'
is "$(said | grep -c 'archive is')" 2 'and all groups had their turn'
is "$(cat "$data/text.jsonl" "$data/begun.jsonl" "$data/three.jsonl" "$data/hard.jsonl" | wc -l),$(readlink "$data/link.jsonl" "$data/one.$ago500.jsonl.gz" | xargs)" \
	'3,one.jsonl one.jsonl' 'and what was named was not touched'

# What cannot be read is told, and not taken for a log of nobody.
prepare
strace -qq -o /dev/null -P "$data/two.jsonl" -e inject=read:error=EIO "$msgextctl" archive --all --before 90d 2>"$scratch/stderr"
is "$?,$(said | grep -v ' -> \|archive is' | sed 's|I/O error|Input/output error|')" '1,open-failed: two.jsonl: cannot read: Input/output error
1 failed, as told above; all others were looked at' 'a log that cannot be read is named'

# On a terminal a summary, and how far it is.
prepare
script -qec "'$msgextctl' archive --all --before 90d" /dev/null <"/dev/null" >"$scratch/terminal"
is "$(grep -c '3 logs, of which 2 were rewritten; 0 archives were removed' "$scratch/terminal")" 1 'a terminal gets a summary'

# Two runs at once, beside a writer
prepare
write_events() {
	for seq in $(seq 100 160); do
		event one "$seq" 1 "$seq" '{"Key":"k","Value":"w"}'
	done
}
rm "$data/one.jsonl"
# No archive of this test is old enough to be removed: so no event goes.
run_beside() {
	until test -e "$scratch/stop"; do
		"$msgextctl" archive --all --before 0s --keep 1d 2>&1
	done >"$scratch/run.$1"
}
run_beside 1 &
first=$!
run_beside 2 &
second=$!
pids="$pids $first $second"
write_events
: >"$scratch/stop"
wait "$first" "$second"
is "$(zcat "$data"/one.*.gz | cat - "$data/one.jsonl" | sed -n 's/.*"MsgSeq":\([0-9]*\),"OperateType":1.*/\1/p' | sort -n | xargs)" "$(seq 100 160 | xargs)" \
	'two runs at once, beside a writer: each event is there once'
is "$(grep -h msgextctl: "$scratch"/run.? | grep -v ' -> \|archive is\|as told above\|another process is working\|was replaced or cut meanwhile')" '' \
	'and at most another run was in the way'
is "$(find "$data" -name '*.new')" '' 'and nothing is left over'

# The lines of cron that the documentation has, as they stand
# cron_run FILE: as cron does it, at home, by sh, with little in the environment.
cron_run() {
	cron_line=$(sed -n 's/^ *17 4 \* \* \* //p' "$top/$1")
	(cd "$scratch/home" && env -i HOME="$scratch/home" LOGNAME=user SHELL=/bin/sh PATH="$scratch/bin:/usr/bin:/bin" \
		MSGEXT_CONFIG="$config" sh -c "$cron_line") >"$scratch/mail" 2>&1
	echo "$?,$(wc -l <"$scratch/mail")"
}
mkdir -p "$scratch/home/msgext" "$scratch/bin"
ln -s "$msgextctl" "$scratch/home/msgext/msgextctl"
ln -s "$msgextctl" "$scratch/bin/msgextctl"
for file in dist/release/INSTALL README.md README.zh-CN.md README.ko.md doc/logs.md debian/README.Debian; do
	prepare
	archives
	rm -f "$scratch/home/msgext/data"
	ln -s "$data" "$scratch/home/msgext/data"
	is "$(grep -c '^ *17 4 \* \* \* ' "$top/$file")" 1 "$file has a line for cron"
	case $file in
	dist/*) removed=0 ;;
	*) removed=3 ;;
	esac
	is "$(cron_run "$file"),$(listed | tr ' ' '\n' | grep -c 'TIME.jsonl.gz')" "0,$((4 + removed)),$((6 - removed))" \
		'which works as it stands, and says what it did'
	is "$(cron_run "$file")" 0,0 'and is silent when there is nothing to do'
done

# Killed before each call that changes anything
# union: what is stored, in logs and archives.
union() {
	zcat "$data"/*.gz 2>/dev/null | cat - "$data"/*.jsonl | grep -v '"Snapshot"\|"Replaced"' | sort -u
}
prepare_killed() {
	rm -rf "$data"
	cp -a "$scratch/saved" "$data"
}
prepare
archives
echo torn >"$data/one.torn"
cp -a "$data" "$scratch/saved"
calls=openat,write,fsync,fdatasync,rename,unlink,unlinkat,ftruncate,fchmod,close
keep="archive --all --before 90d --keep 400d"
# shellcheck disable=SC2086
strace -o "$scratch/trace" -e trace=$calls "$msgextctl" $keep 2>/dev/null
# From the first look into the data directory on.
awk -v data="$data" '{ sub(/\(.*/, "", $1); count[$1]++ } index($0, data) { begun = 1 } begun && $1 !~ /^[+-]/ { print $1, count[$1] }' \
	"$scratch/trace" >"$scratch/calls"
wrong=
killed=0
while read -r call number; do
	prepare_killed
	# shellcheck disable=SC2086
	strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$number" "$msgextctl" $keep 2>/dev/null
	{
		line one 1 1 "$old"
		line one 2 2 "$young"
		line two 1 1 "$old"
		line young 1 1 "$young"
		echo "one.$ago20"
	} | sort >"$scratch/expected"
	union | grep -v "$ago500" | cmp -s - "$scratch/expected" || wrong="$wrong $call:$number:lost"
	event one 9 1 9 '{"Key":"k","Value":"w"}'
	# shellcheck disable=SC2086
	"$msgextctl" $keep >"$scratch/said" 2>&1 || wrong="$wrong $call:$number:next"
	union | grep -v '"MsgSeq":9' | cmp -s - "$scratch/expected" || wrong="$wrong $call:$number:then"
	[ "$(grep -c '"MsgSeq":9' "$data/one.jsonl")" -ge 1 ] || wrong="$wrong $call:$number:event"
	[ "$(cat "$data/one.torn")" = torn ] || wrong="$wrong $call:$number:torn"
	[ -z "$(find "$data" -name '*.new')" ] || wrong="$wrong $call:$number:left"
	killed=$((killed + 1))
done <"$scratch/calls"
is "$wrong" '' "killed before each of $killed calls: no line is lost, and the next run completes it"
ok 'these were many' test "$killed" -gt 60
done_testing
