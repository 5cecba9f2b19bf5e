#!/bin/sh
# GET says what POST would do, and check says it too: where an append fails, and
# where a container's filter does not know a call that the C library prefers.
. "$(dirname "$0")/lib.sh"

config_make
# ask METHOD [WRAPPER...]: the answer's status.
ask() {
	method=$1
	shift
	printf %s "$event_set" | env -i PATH="$PATH" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$method" \
		QUERY_STRING="$query" CONTENT_LENGTH=${#event_set} MSGEXT_CONFIG="$config" "$@" "$msgext" \
		2>"$scratch/stderr" | sed -n '1s/^Status: \([0-9]*\).*/\1/p'
}
# agree EXPECTED DESCRIPTION [WRAPPER...]: the statuses of GET and of POST
agree() {
	expected=$1
	description=$2
	shift 2
	is "$(ask GET "$@") $(ask POST "$@")" "$expected" "$description"
}

agree '200 200' 'both agree that all is well'
is "$(find "$data" -mindepth 1 | sed 's|.*/||' | sort | xargs)" '.refused test.jsonl' 'a probe leaves nothing, and an event its log and the counter'
agree '503 500' 'nothing can be written' prlimit --fsize=0
mv "$data" "$data.away"
agree '503 500' 'both agree that there is no data directory'
: >"$data"
agree '503 500' 'both agree that the data directory is none'
rm "$data"
mv "$data.away" "$data"
chmod 702 "$data"
agree '503 500' 'both agree that others can write to the data directory'
chmod 700 "$data"

# A file system that is full, or refuses.
try_full() {
	mkdir "$scratch/full"
	mount -t tmpfs -o size=16k,mode=700 full "$scratch/full" 2>/dev/null || return 0
	mv "$config" "$config.away"
	sed "s|^data_dir.*|data_dir = $scratch/full|" "$config.away" >"$config"
	chmod 600 "$config"
	agree '200 200' 'a small file system'
	cat /dev/zero >"$scratch/full/filler" 2>/dev/null
	is "$(ask GET)" 503 'a full one'
	rm "$scratch/full"/*
	mount -o remount,ro "$scratch/full"
	agree '503 500' 'both agree that the data directory is to be read only'
	umount "$scratch/full"
	mv "$config.away" "$config"
}
[ "$(id -u)" -ne 0 ] || try_full

# What newer calls are asked for, ours and the C library's; those before Linux 3 every filter knows.
calls=faccessat2,statx,clone3,openat2,close_range,landlock_create_ruleset,landlock_add_rule,landlock_restrict_self
if [ -z "${MSGEXT_SANITIZED-}" ]; then
	for error in EPERM ENOSYS; do
		filter="strace -f -qq -o /dev/null -e inject=$calls:error=$error"
		# shellcheck disable=SC2086
		agree '200 200' "$error to calls that a filter does not know" $filter
		# shellcheck disable=SC2086
		is "$(env -i PATH="$PATH" $filter "$msgextctl" -c "$config" check | grep -c ^ERROR)" 0 \
			"$error: check says so too"
		# shellcheck disable=SC2086
		is "$(env -i PATH="$scratch:/usr/bin:/bin" $filter "$msgextctl" --from x groups 2>&1)" \
			'msgextctl: engine-failed: msgext-ship: No such file or directory' \
			"$error: another program is started"
	done
fi
done_testing
