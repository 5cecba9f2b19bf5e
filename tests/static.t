#!/bin/sh
# The static programs: alone on their machine, small, walled in as the others
# are, and right by the same tests.  release.t builds them elsewhere, to the same bytes.
. "$(dirname "$0")/lib.sh"

static=$top/static
make -s -C "$top" static >"$scratch/make" 2>&1 || sed 's/^/# /' "$scratch/make" >&2

# segments TYPE PROGRAM: how many of its program headers are of that type.
segments() {
	readelf -lW "$2" | awk -v type="$1" '$1 == type { count++ } END { print count + 0 }'
}
# traced PROGRAM: a request of it, its system calls in $scratch/trace.
traced() {
	printf %s "$event_set" | env -i MSGEXT_CONFIG="$config" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST \
		QUERY_STRING="$query" CONTENT_LENGTH=${#event_set} strace -o "$scratch/trace" "$1" >/dev/null
}
# landlock PROGRAM: which system calls of Landlock's that makes.
landlock() {
	traced "$1"
	sed -n 's/^\(landlock_[a-z_]*\).*/\1/p' "$scratch/trace"
}
# passes FILE...: do these tests pass with the static programs?
passes() {
	env -u HARNESS_RULESFILE MSGEXT="$static/msgext" MSGEXTCTL="$static/msgextctl" MSGEXT_VIEW="$static/msgext-view" prove -j2 "$@" >"$scratch/prove" 2>&1 && return
	sed 's/^/# /' "$scratch/prove" >&2
	return 1
}

config_make 'sync = no'
# The receiver starts with each request; the reader does not.
for limit in msgext:160 msgextctl:460 msgext-view:320 msgext-repair:280; do
	program=${limit%:*}
	ok "$program is there" test -x "$static/$program"
	is "$(segments INTERP "$static/$program"),$(segments DYNAMIC "$static/$program")" 0,0 \
		"$program needs neither loader nor library"
	is "$(segments LOAD "$static/$program"),$(readelf -lW "$static/$program" | grep -c ' RWE ')" 2,0 \
		"$program: nothing is writable and executable"
	ok "$program is below ${limit#*:} KB" test "$(wc -c <"$static/$program")" -lt "${limit#*:}000"
done
# What every request would pay for and none uses is not linked in.
is "$(objdump -d "$static/msgext" | grep -c '[[:space:]]cpuid')" 0 'the receiver does not ask what processor this is'
is "$(nm "$msgext" | grep -c ' T \(check_run\|scan_open\|state_new\|mount_find\)')" 0 'the receiver has nothing that only readers use'
is "$(landlock "$static/msgext")" "$(landlock "$top/build/msgext")" 'Landlock walls msgext in'
ok 'Landlock is in use' grep -q '^landlock_create_ruleset' "$scratch/trace"

traced "$static/msgext"
count=$(grep -c '^[a-z]' "$scratch/trace")
ok "a request takes 40 system calls at most, from exec to exit: $count" test "$count" -le 40
ok 'one system call of a request answers' grep -q '^write(1, "Status: 200 OK' "$scratch/trace"

# libfcgi as it was would end here, or take a record's content for the body.
spawn-fcgi -s "$scratch/static.socket" -P "$scratch/static.pid" -- "$static/msgext" -c "$config" >/dev/null
pids="$pids $(cat "$scratch/static.pid")"
is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "$scratch/static.socket" "$query" management |
	sed '1,/^.$/d')" "$answer_ok" 'management records within a request are answered, and harm nobody'

# Alone, for it measures.
ok 'fastcgi.t with the static programs' passes "$top/tests/fastcgi.t"
ok 'the tests of requests, pages and commands with them' passes "$top/tests/corpus.t" "$top/tests/cgi.t" "$top/tests/view.t" \
	"$top"/tests/ctl-*.t
done_testing
