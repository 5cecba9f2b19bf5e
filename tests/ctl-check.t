#!/bin/sh
# msgextctl check: is this installation right, for this user and for others?
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

sed -i 's/^sdk_app_id/token = demo\n&/' "$config"
ctl check
is "$(printf '%s\n' "$out" | sed -n '$s/,.*//p')" '0 errors' 'check counts no error where all is well'
is "$(printf '%s\n' "$out" | grep -c '^NOTE     callbacks      all others at this URL .* OK and not stored; .*command-other .*once a minute')" 1 \
	'check: what becomes of other callbacks'
is "$(printf '%s\n' "$out" | grep -c '^OK  *\(configuration\|token\|data_dir\|logs\|append\|lock\) ')" 6 \
	'check says what is right'
is "$(find "$data" -name '.check*')" '' 'check leaves nothing of its trial append'
strace -qq -o /dev/null -e inject=unlinkat:signal=KILL:when=1 "$msgextctl" check >/dev/null 2>&1
left=$(cd "$data" && echo .check-*)
ctl check
is "$(cd "$data" && echo .check-*)" "$left" 'check leaves the trial of one that may be at work'
mkdir -m 700 "$data/.check-1-x" "$data/.check-1-2"
: >"$data/.check-1-2/other"
ln -s .check-1-2 "$data/.check-1-3"
touch -d '2 minutes ago' "$data"/.check-*
ctl check
is "$(cd "$data" && echo .check-*)" '.check-1-2 .check-1-3 .check-1-x' "check removes what a killed one left, $left, and nothing else"
rm -r "$data"/.check-*
chmod 644 "$config"
ctl_exits 1 check
is "$(printf '%s\n' "$out" | grep -c 'ERROR  *configuration .*others can read it')" 1 \
	'check: others may read the configuration with the token'
chmod 600 "$config"
mv "$data" "$data.away"
ctl_exits 1 check
is "$(printf '%s\n' "$out" | grep -c 'ERROR  *data_dir .*No such file')" 1 'check: there is no data directory'
mv "$data.away" "$data"
chmod 707 "$data"
ctl_exits 1 check
is "$(printf '%s\n' "$out" | grep -c 'ERROR  *data_dir .*others can write to it')" 1 'check: others can write to the data directory'
chmod 700 "$data"
DOCUMENT_ROOT=$scratch "$msgextctl" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *data_dir .*lies inside the document root' "$scratch/out")" 1,1 'check: the data directory lies inside the document root'
DOCUMENT_ROOT=$scratch "$msgextctl" -d "$data" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *data_dir .*lies inside the document root' "$scratch/out")" 1,1 'check -d: the data directory lies inside the document root'
{
	cat "$config"
	echo max_groups = 2
} >"$scratch/full.conf"
chmod 600 "$scratch/full.conf"
"$msgextctl" -c "$scratch/full.conf" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *logs .*as many as max_groups' "$scratch/out")" 1,1 'check: there are as many logs as max_groups'
mkdir -p "$scratch/public_html"
cp "$config" "$scratch/served.conf"
sed -i "s|^data_dir.*|data_dir = $scratch/public_html|" "$scratch/served.conf"
chmod 700 "$scratch/public_html"
"$msgextctl" -c "$scratch/served.conf" check >"$scratch/out"
is "$?,$(grep -c 'WARNING  *data_dir  *is in a directory public_html' "$scratch/out")" 0,1 \
	'check: the data directory lies below a public_html'
printf '#!%s\r\ninclude = %s\r\n' "$msgext" "$config" >"$scratch/script.cgi"
chmod 755 "$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *script .*CR LF' "$scratch/out")" 1,1 'check: the lines of a script end with CR LF'
printf '#!%s \ninclude = %s\n' "$msgext" "$config" >"$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'OK  *script' "$scratch/out")" 0,1 'check: a script works whose first line ends with a blank'
chmod 644 "$scratch/script.cgi"
"$msgextctl" -c "$scratch/script.cgi" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *script .*not executable' "$scratch/out")" 1,1 'check: a script is not executable'
"$msgextctl" -c "$scratch/none" check >"$scratch/out"
is "$?,$(grep -c 'ERROR  *configuration .*No such file' "$scratch/out")" 1,1 'check: there is no configuration'
"$msgextctl" check --as nosuchuser 2>/dev/null
is $? 67 'check --as a user that there is not exits with 67'
if [ "$(id -u)" -eq 0 ]; then
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *configuration .*Permission denied' "$scratch/out")" 1,1 \
		'check --as www-data: a configuration that www-data cannot read'
	chown www-data "$config" "$data"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *logs .*belongs to another user' "$scratch/out")" 1,2 \
		'check --as www-data: logs that belong to another user'
	chown www-data "$data"/*
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'OK  *append' "$scratch/out")" 0,1 'check --as www-data: a directory where www-data can append'
	chmod 400 "$data/other.jsonl"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c 'ERROR  *logs .*cannot be read and written' "$scratch/out")" 1,1 \
		'check --as www-data: a log that its owner cannot write'
	chmod 600 "$data/other.jsonl"
	chown root:www-data "$config"
	chmod 640 "$config"
	"$msgextctl" compact other 2>"$scratch/stderr"
	is "$?,$(grep -c 'belongs to www-data; run this as that user' "$scratch/stderr")" 77,1 \
		'compact refuses, as root, to change the logs of www-data'
	chmod 700 "$scratch"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c "ERROR .*$scratch: www-data cannot enter it" "$scratch/out")" 1,1 \
		'check --as www-data names the directory that www-data cannot enter'
	chmod 755 "$scratch"
	chown root:root "$config" "$data" "$data"/*
	chmod 600 "$config"

	# Root in somebody else's directory: as that one, or not at all.
	mkdir "$scratch/theirs"
	chown www-data "$scratch/theirs"
	chmod 700 "$scratch/theirs"
	(cd /root 2>/dev/null && "$msgextctl" -d "$scratch/theirs" check) >"$scratch/out"
	is "$?,$(grep -c '^OK  *\(user  *www-data does the check\|append\|lock\) *' "$scratch/out")" 0,3 \
		'check, as root, does its work as the owner of the data directory'
	is "$(strace -f -qq -e signal=none -e trace=mkdirat,chmod,fchmod,fchmodat,setuid,unlink,rmdir \
		"$msgextctl" -d "$scratch/theirs" check 2>&1 >/dev/null | sed 's/^\[pid *[0-9]*\] //; s/(.*//')" \
		'setuid
mkdirat' 'check, as root, becomes the owner before it makes anything, by descriptors'
	is "$(find "$scratch/theirs" | wc -l)" 1 'check, as root, leaves nothing in the directory of another user'
	chown root:www-data "$scratch/theirs"
	chmod 770 "$scratch/theirs"
	touch -d 2020-01-01 "$scratch/theirs"
	"$msgextctl" -d "$scratch/theirs" check >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *\(user  *root does the check\|append  *not tested\|data_dir  *its group can write\)' "$scratch/out")" 0,3 \
		'check, as root, tries no append where others can write to'
	is "$(find "$scratch/theirs" -newermt 2020-01-02 | wc -l)" 0 'check, as root, changes nothing where others can write to'
	chmod 700 "$scratch/theirs"
	for name in a.jsonl b.jsonl c.jsonl; do
		rm -f "$scratch/theirs/$name"
	done
	mkfifo "$scratch/theirs/a.jsonl"
	ln -s /etc/passwd "$scratch/theirs/b.jsonl"
	mkdir "$scratch/theirs/c.jsonl"
	timeout 10 "$msgextctl" -d "$scratch/theirs" check >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *logs .*is not a regular file' "$scratch/out")" 1,3 'check opens no FIFO, link or directory that has the name of a log'
	rm -r "$scratch/theirs"

	# What others may do to the directory.
	mkdir -p "$scratch/open/data"
	chmod 700 "$scratch/open/data"
	chmod 777 "$scratch/open"
	"$msgextctl" -d "$scratch/open/data" check >"$scratch/out"
	is "$(grep -c "^WARNING  *data_dir  *others can write to $scratch/open," "$scratch/out")" 1 'check warns of others who may write the directory above'
	chown www-data "$scratch/open"
	chmod 755 "$scratch/open"
	"$msgextctl" -d "$scratch/open/data" check >"$scratch/out"
	is "$(grep -c "^WARNING  *data_dir  *$scratch/open belongs to www-data" "$scratch/out")" 1 'check warns of another owner of the directory above'
	chmod 755 "$scratch/open/data"
	echo 'file_mode = 0640' >>"$config"
	chown -R www-data "$data" "$config"
	chmod 644 "$config"
	"$msgextctl" check --as nobody >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *configuration .*belongs to another user' "$scratch/out")" 1,1 \
		'check --as nobody: a configuration that belongs to another user'
	chmod 600 "$config"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *file_mode  *0640: .*can lock it' "$scratch/out")" 0,1 'check warns that who may read a log by file_mode may lock it'
	sed -i /^file_mode/d "$config"
	chmod 644 "$data/other.jsonl"
	"$msgextctl" check --as www-data >"$scratch/out"
	is "$?,$(grep -c '^WARNING  *logs  *1 can be read by more' "$scratch/out")" 0,1 'check warns of a log that more users may read than file_mode says'
	chmod 600 "$data/other.jsonl"
	chmod 700 "$data"
	chown root "$data"
	setpriv --reuid=www-data --clear-groups "$msgextctl" -c "$config" check >"$scratch/out"
	is "$?,$(grep -c '^ERROR  *data_dir .*Permission denied, as www-data' "$scratch/out")" 1,1 'check: a data directory that is closed to the user'
	chmod 770 "$data"
	chgrp www-data "$data"
	setpriv --reuid=www-data --regid=www-data --clear-groups "$msgextctl" -c "$config" check >"$scratch/out"
	is "$(grep -c '^WARNING  *data_dir  *belongs to root, not to www-data' "$scratch/out")" 1 'check warns of a data directory that belongs to another user'
	chmod 700 "$data"
	chown -R root:root "$data" "$config"

	# Root changes nothing where others can write to, nor below it.
	for mode in 770:700 700:777; do
		chmod "${mode%:*}" "$scratch/open/data"
		chown root "$scratch/open"
		chmod "${mode#*:}" "$scratch/open"
		echo '{"ErrorCode":0,"ActionStatus":"OK","CompleteFlag":1,"LatestSeq":1,"ClearSeq":0,"ExtensionList":[]}' |
			"$msgextctl" -d "$scratch/open/data" import g 1 2>"$scratch/stderr"
		is "$?,$(grep -c 'log-unsafe: .*root changes no logs' "$scratch/stderr"),$(find "$scratch/open/data" | wc -l)" \
			77,1,1 "import, as root, changes nothing where others can write to, in directories of the modes $mode"
	done

	# The mount that holds the directory, whatever its number, and however it is reached.
	# mounted COMMANDS: runs them in a space of mounts that ends with them.
	mounted() {
		unshare -m sh -c "set -e; $1" >"$scratch/out" 2>"$scratch/stderr"
	}
	# held: what check said of file systems.
	held() {
		sed -n 's/^\([A-Z]*\)  *file system  */\1 /p' "$scratch/out"
	}
	mkdir -p "$scratch/a mount" "$scratch/bound"
	if unshare -m mount -t tmpfs none "$scratch/bound" 2>"$scratch/stderr"; then
		"$msgextctl" -d "$data" check >"$scratch/out"
		own=$(held)
		mounted "mount -t tmpfs none '$scratch/a mount'; mkdir -m 700 '$scratch/a mount/data'
			mount --bind '$scratch/a mount/data' '$scratch/bound'
			'$msgextctl' -d '$scratch/bound' check; '$msgextctl' -d '$scratch/a mount/data' check
			mount --bind '$data' '$scratch/a mount/data'; '$msgextctl' -d '$scratch/a mount/data' check"
		is "$(held)" "WARNING tmpfs: its files are gone after a restart
WARNING tmpfs: its files are gone after a restart
$own" 'check finds the file system below a bound mount, one with a blank in its name and one over another'
		mounted "mount -t tmpfs -o noexec none '$scratch/bound'; cp '$scratch/script.cgi' '$scratch/bound'
			chmod 755 '$scratch/bound/script.cgi'; '$msgextctl' -c '$scratch/bound/script.cgi' check"
		is "$(grep -c '^ERROR  *script .*bound/script.cgi: is mounted noexec' "$scratch/out")" 1 \
			'check: a script on a file system that is mounted noexec'
	fi
	truncate -s 120M "$scratch/image"
	if mkfs.btrfs -q "$scratch/image" >"$scratch/out" 2>&1 &&
		mounted "mount -o loop,nobarrier '$scratch/image' '$scratch/bound'; umount '$scratch/bound'"; then
		mounted "mount -o loop,nobarrier '$scratch/image' '$scratch/bound'; mkdir -m 700 '$scratch/bound/data'
			'$msgextctl' -d '$scratch/bound/data' check; umount '$scratch/bound'"
		is "$(held)" 'WARNING btrfs, mounted with nobarrier: a power cut loses acknowledged events' \
			'check warns of a btrfs that is mounted with nobarrier'
	fi
	# What an ext4's superblock alone says, to who cannot read it.
	rm "$scratch/image"
	truncate -s 20M "$scratch/image"
	ok 'there is mkfs.ext4' mkfs.ext4 -q -F "$scratch/image"
	if mounted "mount -o loop '$scratch/image' '$scratch/bound'; umount '$scratch/bound'"; then
		for made in 'ext4 -b 4096 -O fast_commit' 'ext4 -O ^has_journal' ext2 ext4; do
			# shellcheck disable=SC2086
			mkfs.$made -q -F "$scratch/image" >"$scratch/out" 2>&1
			mounted "mount -o loop '$scratch/image' '$scratch/bound'; mkdir -m 700 '$scratch/bound/data'
				chown nobody '$scratch/bound/data'
				setpriv --reuid=nobody --clear-groups '$msgextctl' -d '$scratch/bound/data' check; umount '$scratch/bound'"
			held
		done >"$scratch/judged"
		is "$(cat "$scratch/judged")" 'WARNING ext4 with fast_commit: on Linux 6.18 a power cut can lose acknowledged events (unmount it, and tune2fs -O ^fast_commit)
WARNING ext4 without a journal: a power cut loses acknowledged events (unmount it, and tune2fs -O has_journal)
WARNING ext2 without a journal: a power cut loses acknowledged events (unmount it, and tune2fs -O has_journal)
OK ext4, with barriers: no known problem' 'check warns of an ext4 that has fast commits, or no journal'
	else
		ok 'ext4 # SKIP a file cannot be mounted, for want of a loop device' true
	fi

	# What a user without rights is told.
	chmod 755 "$scratch/open"
	chmod 700 "$scratch/open/data"
	cp "$data/other.jsonl" "$scratch/open/data"
	chown -R www-data "$scratch/open/data"
	nobody() {
		setpriv --reuid=nobody --clear-groups timeout 10 "$msgextctl" -d "$scratch/open/data" "$@" \
			>"$scratch/out" 2>"$scratch/stderr" </dev/null
		status=$?
	}
	for arguments in groups 'log other' 'log --all' 'log -f other' 'show other' 'show nosuch' 'tally other 1' gaps \
		'gaps other' verify; do
		# shellcheck disable=SC2086
		nobody $arguments
		is "$status,$(grep -c 'data is closed to this user: use sudo, .*chmod 750' "$scratch/stderr")" 66,1 \
			"$arguments says how to read a directory that is closed to the user"
	done
	for arguments in 'compact other' 'compact nosuch' 'archive other --before 1d' 'import other 1'; do
		# shellcheck disable=SC2086
		nobody $arguments
		is "$status,$(grep -c 'belongs to www-data; run this as that user (sudo -u www-data' "$scratch/stderr")" 77,1 \
			"$arguments says as whom to change the logs of another user"
	done
	chmod 755 "$scratch/open/data"
	nobody show other
	is "$status,$(grep -c 'the logs are closed to this user: use sudo' "$scratch/stderr")" 66,1 'show says how to read a log that is closed to the user'
	nobody verify other
	is "$status,$(grep -c 'the logs are closed to this user: use sudo' "$scratch/stderr")" 1,1 'verify says how to read a log that is closed to the user'
	nobody show nosuch
	is "$status,$(head -n 1 "$scratch/stderr")" '1,msgextctl: no events of group nosuch' 'show says that there is no such group where the user may list the directory'
	nobody check
	is "$status,$(grep -c '^ERROR  *data_dir .*as nobody (it belongs to www-data; ' "$scratch/out")" 1,1 'check says whose a data directory is that is closed to the user'
	setpriv --reuid=nobody --clear-groups "$msgextctl" -c "$config" groups 2>"$scratch/stderr"
	is "$?,$(grep -c 'config-unreadable: .*Permission denied: user .*chmod 640' "$scratch/stderr")" 78,1 \
		'groups says that a configuration is closed to the user, not missing'
fi
"$msgextctl" -d "$scratch/none/data" check >"$scratch/out"
is "$?,$(grep -c "^ERROR  *data_dir  *$scratch/none: No such file or directory$" "$scratch/out")" 1,1 \
	'check names the directory above that is not there'
"$msgextctl" -c '' check >"$scratch/out"
is "$?,$(grep -c '^ERROR  *configuration ' "$scratch/out")" 1,1 'check: a configuration of an empty name is an error'
done_testing
