#!/bin/sh
# Who waits for nobody makes the same system calls as a build without batches, call for call.
. "$(dirname "$0")/lib.sh"
made tests

command -v strace >/dev/null || lacks strace
alone=$top/build/tests

# calls PROGRAM: one event by CGI.
calls() {
	printf %s "$event_set" | strace -o "$scratch/trace" env -i MSGEXT_CONFIG="$config" \
		REQUEST_METHOD=POST QUERY_STRING="$query" "$1" >"$scratch/answer"
	grep -q '"OK"' "$scratch/answer" || echo 'no answer'
	sed -n 's/^\([a-z0-9_]*\)(.*/\1/p' "$scratch/trace"
}
config_make
for log in 'a new log' 'a log that there is'; do
	calls "$msgext" >"$scratch/with"
	[ "$log" = 'a log that there is' ] || rm "$data"/* "$data/.refused"
	calls "$alone/msgext-alone" >"$scratch/without"
	ok "$log, by CGI: $(wc -l <"$scratch/with") calls" cmp "$scratch/with" "$scratch/without"
done
is "$(grep -c fdatasync "$scratch/with")" 1 'one call of the request syncs'

# counts HAMMER: how often 100 lines of one writer make which call.
counts() {
	mkdir -m 700 "$scratch/$1"
	strace -f -c -U calls,name -o "$scratch/counts" "$alone/$1" "$scratch/$1" group 1 100 sync >/dev/null
	sed 1,2d "$scratch/counts" | sort -k 2
}
counts hammer >"$scratch/with"
counts hammer-alone >"$scratch/without"
ok "100 lines of one writer: $(awk '$2 == "total" { print $1 }' "$scratch/with") calls" \
	cmp "$scratch/with" "$scratch/without"
is "$(awk '$2 == "fdatasync" { print $1 }' "$scratch/with")" 100 '100 of which sync'
done_testing
