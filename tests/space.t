#!/bin/sh
# A disk or a quota that fills: check, the viewer's self-test and the probe's error log say so in time, in the
# same units, and how long the rest will last.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/view.sh"

command -v strace >/dev/null || lacks strace
config_make
view_config_make

# quota HARD SOFT USED FILES-HARD FILES-SOFT FILES: strace's words for a kernel that tells this quota; limits in
# blocks of 1,024 bytes, USED in bytes.
quota() {
	answer=$(perl -e 'print unpack "H*", pack "Q<8L<2", @ARGV, 0, 0, 63, 0' "$@")
	echo "-e inject=quotactl_fd:retval=0:poke_exit=@arg4=$answer"
}
# told PROGRAM...: with the strace options in $kernel.
kernel=
told() {
	if [ -n "$kernel" ]; then
		# shellcheck disable=SC2086
		strace -f -qq -o /dev/null $kernel "$@"
	else
		"$@"
	fi
}
# checked: what check says of space and quota.
checked() {
	told "$msgextctl" -c "$config" check | sed -n 's/^\([A-Z]*\) *\(space\|quota\) */\1 \2 /p'
}
# probed: the probe's status, and what it says in the error log.
probed() {
	told env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET MSGEXT_CONFIG="$config" "$msgext" 2>&1 |
		tr -d '\r' | sed -n 's/^Status: \([0-9]*\).*/\1/p; s/^msgext: //p' | sort | xargs
}
# shown: what the self-test says of them.
real_view=$view
cat >"$scratch/view" <<END
#!/bin/sh
[ -s "$scratch/kernel" ] || exec "$real_view"
# shellcheck disable=SC2046
exec strace -f -qq -o /dev/null \$(cat "$scratch/kernel") "$real_view"
END
chmod 755 "$scratch/view"
view=$scratch/view
: >"$scratch/kernel"
sign_in HTTPS=on
shown() {
	echo "$kernel" | sed '/^$/d' >"$scratch/kernel"
	ask p=check HTTPS=on </dev/null
	page | tr '\n' ' ' | sed 's/<[^>]*>/\n/g' | sed 's/^ *//; /^$/d' | grep -A 2 '^\(space\|quota\)$'
}

# A quota
kernel=$(quota 100000 0 51200000 0 0 7)
is "$(checked | grep -c '^WARNING')" 0 'half of a quota is no reason to warn'
is "$(checked | grep quota)" 'OK quota 51 MB of 102 MB are left' 'and what is left of it is told'
is "$(checked | grep -c 'a quota may')" 0 'where the quota is known, nobody guesses'
is "$(probed)" 200 'the probe says nothing then'
kernel=$(quota 100000 0 81920000 0 0 7)
is "$(probed)" '200 disk-low: data_dir: the quota: 80 % are used, 20 MB are left' 'at 80 percent the probe tells the error log, and is OK'
is "$(checked | grep quota)" "WARNING quota 20 MB of 102 MB are left, 80 % are used; the logs did not grow in the last week (msgextctl archive --all --before 90d makes logs smaller)" \
	'and check warns'
is "$(shown | xargs)" "$(shown | xargs)" 'the self-test can be asked'
ok 'and says the same' test -n "$(shown | grep -F '20 MB of 102 MB are left, 80 % are used')"
kernel=$(quota 100000 0 81919999 0 0 7)
is "$(probed)" 200 'but not a byte earlier'
kernel=$(quota 200000 100000 81920000 0 0 7)
is "$(probed)" '200 disk-low: data_dir: the quota: 80 % are used, 20 MB are left' 'a soft limit counts'
kernel=$(quota 0 100000 184320000 0 0 7)
is "$(probed)" '200 disk-low: data_dir: the quota: 180 % are used, 0 B are left' 'also one that is exceeded'
is "$(checked | grep quota | cut -d' ' -f 1)" ERROR 'of which nothing is left'
kernel=$(quota 0 0 819200 10 0 8)
is "$(probed)" '200 disk-low: data_dir: the quota: 80 % of the files are used, 2 are left' 'files count, too'
is "$(checked | grep quota)" 'WARNING quota 2 further files fit (inodes), 80 % are used: each new group needs one' 'and check says what they are for'
kernel=$(quota 0 0 819200 0 0 8)
is "$(probed),$(checked | grep quota)" 200, 'a user without a limit is not warned'

# Kernels and containers without
for error in EPERM ESRCH ENOSYS EACCES ENODEV EIO; do
	kernel="-e inject=quotactl_fd,quotactl:error=$error"
	is "$(probed),$(checked | grep -c 'WARNING.*quota')" 200,0 "$error: no quota is known, and that is no fault"
	is "$(checked | grep -c 'space.*(a quota may allow less)')" 1 "$error: check says so"
done
answer=$(quota 100000 0 81920000 0 0 7)
kernel="-e inject=quotactl_fd,landlock_create_ruleset:error=ENOSYS ${answer%%quotactl_fd*}quotactl:${answer#*quotactl_fd:}"
is "$(probed)" '200 disk-low: data_dir: the quota: 80 % are used, 20 MB are left' 'a kernel before 5.14 is asked by the device'
kernel=

# How long it lasts: 100,000 bytes a day for a week, of 20,480,000 that are left.
perl -e '
	use POSIX "strftime";
	for my $day (reverse 0 .. 20) {
		my $line = strftime("{\"time\":\"%Y-%m-%dT%H:%M:%S.000Z\",\"x\":\"", gmtime(time - $day * 86400 - 60));
		print $line, "x" x (100000 - length($line) - 3), "\"}\n";
	}' >"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
kernel=$(quota 100000 0 81920000 0 0 7)
is "$(checked | grep -o '; at.* days')" '; at the rate of the last week, 100 KB a day, it lasts for 205 days' 'check says how long the rest lasts'
is "$(shown | grep -o '; at.* days')" '; at the rate of the last week, 100 KB a day, it lasts for 205 days' 'so does the self-test'
kernel=
# What an event costs is no call of these.
strace -f -o "$scratch/trace" env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
	MSGEXT_CONFIG="$config" "$msgext" >/dev/null <<END
$event_set
END
is "$(grep -c 'quotactl\|statvfs\|fstatfs' "$scratch/trace")" 0 'an event asks for none of this'

# A file system
if [ "$(id -u)" -eq 0 ] && mount -t tmpfs -o size=10m,mode=700 low "$data" 2>/dev/null; then
	trap 'umount "$data"; cleanup' EXIT
	head -c 7000k /dev/zero >"$data/filler"
	is "$(probed),$(checked | cut -d' ' -f 1-2 | xargs)" '200,OK space' 'a disk that is 70 percent full is no reason to warn'
	head -c 8300k /dev/zero >"$data/filler"
	is "$(probed)" '200 disk-low: data_dir: the disk: 81 % are used, 1.9 MB are left' 'one that is 81 percent full is'
	is "$(checked | sed 's/;.*//')" 'WARNING space 1.9 MB of 10 MB are left, 81 % are used' 'check says the same'
	ok 'and the self-test' test -n "$(shown | grep -F '1.9 MB of 10 MB are left, 81 % are used')"
	rm "$data/filler"
	is "$(probed)" 200 'and nothing when there is room again'
fi
done_testing
