#!/bin/sh
# msgext-repair's command line, and what is missing or unsafe before it asks anybody anything.
. "$(dirname "$0")/lib.sh"
made all

repair=$top/build/msgext-repair
conf=$scratch/repair.conf
mkdir -m 700 "$scratch/logs"
# It becomes their owner, who is not root.
[ "$(id -u)" -ne 0 ] || chown 65534:65534 "$scratch/logs"
# run ARGUMENT...: its exit status; what it says is in $scratch/told.
run() {
	env -u MSGEXT_REPAIR_CONFIG "$repair" "$@" >"$scratch/told" 2>&1 </dev/null
	echo $?
}
says() { grep -qF -- "$1" "$scratch/told"; }
conf_make() {
	printf '%s\n' "$@" >"$conf"
	chmod 600 "$conf"
}

is "$(run -h)" 0 '-h'
ok '-h tells the options' says '--every AGE'
is "$(run --version)" 0 '--version'
ok '--version tells it' says 'msgext-repair '
for words in '--bogus' '-d' 'word' '--every' '--every 0s' '--every m' '--every 5' '--every 5y' '--every -5m' '--every 5.5m' \
	'--every 99999999d' '--recent 0d' '--once --every 5m' '-c x word'; do
	# shellcheck disable=SC2086
	is "$(run $words)" 64 "$words: exit status 64"
	ok "$words: how it is used is said" says 'usage: msgext-repair'
done

is "$(run -c "$scratch/none")" 78 'no configuration'
ok 'it is named' says "$scratch/none"
conf_make 'sdk_app_id = 7' 'rest_admin = admin' 'rest_domain = console.example' "rest_usersig_file = $scratch/usersig"
is "$(run -c "$conf" --once)" 78 'no data_dir'
ok 'it is said' says 'data_dir is missing'
MSGEXT_REPAIR_CONFIG=$conf "$repair" >"$scratch/told" 2>&1
is "$?" 78 'the configuration that the environment names'
ok 'it is read' says 'data_dir is missing'
is "$(run -c "$conf" -d "$scratch/nowhere")" 66 'a data directory that is not there'
ok 'it is named, too' says "$scratch/nowhere"
: >"$scratch/file"
is "$(run -c "$conf" -d "$scratch/file" --dry-run)" 78 'a data directory that is none'
mkdir -m 777 "$scratch/open"
chmod 777 "$scratch/open"
is "$(run -c "$conf" -d "$scratch/open" --dry-run)" 78 'a data directory that all may write to'
is "$(run -c "$conf" -d "$scratch/logs" --dry-run --recent 5d)" 0 'a data directory without logs: nothing to do'
ln -sf nowhere "$scratch/logs/.repair-lock"
is "$(run -c "$conf" -d "$scratch/logs" --once)" 66 'a link in the place of its lock'
ok 'the lock is named' says .repair-lock
rm "$scratch/logs/.repair-lock"

# As the user that has started it, where that is not root.
if [ "$(id -u)" -eq 0 ]; then
	as_user() {
		setpriv --reuid=65534 --regid=65534 --clear-groups "$repair" "$@" >"$scratch/told" 2>&1 </dev/null
		echo $?
	}
	echo abc >"$scratch/key"
	conf_make 'sdk_app_id = 7' 'rest_admin = admin' 'rest_domain = console.example' "rest_key_file = $scratch/key" \
		"data_dir = $scratch/logs"
	chmod 600 "$scratch/key"
	is "$(as_user -c "$conf" --dry-run)" 78 'a configuration that its user may not read'
	ok 'it is said to whom' says 'Permission denied: user 65534 may not read it'
	chown 65534 "$conf"
	is "$(as_user -c "$conf" --dry-run)" 78 'a key that its user may not read'
	ok 'it is said, too' says "$scratch/key: Permission denied: user 65534 must be able to read it"
	chown 65534 "$scratch/key"
	is "$(as_user -c "$conf" --dry-run)" 0 'a key of its user'
	chown 1 "$scratch/logs"
	chmod 755 "$scratch/logs"
	is "$(as_user -c "$conf" --dry-run)" 77 'a data directory of another user'
	ok 'it is said as whom to run it' says 'belongs to user 1, not 65534; run this as that user, or as root'
	chmod 700 "$scratch/logs"
	chown 65534 "$scratch/logs"
	rm "$scratch/key" "$conf"
fi

# The key: whose is it, and who may read it?
key=$scratch/key
key_case() {
	conf_make 'sdk_app_id = 7' 'rest_admin = admin' 'rest_domain = console.example' "rest_key_file = $key" \
		"data_dir = $scratch/logs"
	is "$(run -c "$conf" --dry-run)" "$1" "$2"
	[ -z "${3-}" ] || ok "$2: it is said" says "$3"
}
key_case 78 'no key' "$key"
echo abc >"$key"
chmod 644 "$key"
key_case 78 'a key that others can read' "$key"
chmod 600 "$key"
printf 'a\001b\n' >"$key"
key_case 78 'a key with a control character' "$key"
: >"$key"
key_case 78 'an empty key' "$key"
head -c 9000 /dev/zero | tr '\0' a >"$key"
key_case 78 'a key that is too long' "$key"
rm "$key"
mkdir "$key"
key_case 78 'a directory in its place' "$key"
rmdir "$key"
ln -s "$conf" "$key"
key_case 78 'a link in its place'
done_testing
