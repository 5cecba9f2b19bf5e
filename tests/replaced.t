#!/bin/sh
# The data directory becomes another one under running workers: GET says what POST
# does, and the next event is stored where the path leads to now (P1).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make
socket=$scratch/workers.socket
client() {
	perl "$top/tests/fastcgi-client.pl" "$socket" "$query" "$@" | sed -n '1s/^Status: \([0-9]*\).*/\1/p'
}
# both: the statuses of GET and POST, one worker.
both() {
	get=$(client method=GET </dev/null)
	echo "$get $(printf %s "$event_set" | client)"
}
stored_in() { [ "$(cat "$1"/*.jsonl 2>/dev/null | wc -l)" = 1 ]; }

# A worker alone: what it answers, and how it leaves.
listen() {
	exec perl -MIO::Socket::UNIX -e '
		my ($path, @command) = @ARGV;
		my $socket = IO::Socket::UNIX->new(Local => $path, Listen => 16) or die;
		open STDIN, "<&", $socket or die;
		exec @command' "$@"
}
rm -f "$socket"
listen "$socket" "$msgext" -c "$config" 2>"$scratch/stderr" &
worker=$!
pids="$pids $worker"
wait_for test -S "$socket"
is "$(both)" '200 200' 'a worker'
mv "$data" "$scratch/old"
is "$(both)" '503 500' 'CGI and FastCGI are refused where the directory is gone'
: >"$data"
is "$(both)" '503 500' 'a file is there'
rm "$data"
mkdir -m 702 "$data"
is "$(both)" '503 500' 'a directory that others can write to'
rmdir "$data"
mv "$scratch/old" "$data"
is "$(both)" '200 200' 'the same worker takes events where its directory is back'
ok 'still' kill -0 "$worker"
mv "$data" "$scratch/old"
mkdir -m 700 "$data"
wait_gone "$worker" || kill "$worker"
wait "$worker"
is "$?" 75 'the worker leaves, with no request, where the path leads to another directory'
ok 'the worker says that it is another directory' grep -q "^msgext: data-dir: data_dir: $data: is another directory now" "$scratch/stderr"

# Under something that starts it anew, as systemd does; the socket stays.
rm -rf "$scratch/old" "$socket"
cat >"$scratch/watcher" <<'END'
#!/bin/sh
trap 'kill $worker; exit' TERM
while :; do
	"$@" <&3 &
	worker=$!
	wait $worker
	echo $? >>"$statuses"
done
END
statuses=$scratch/statuses
export statuses
: >"$statuses"
listen "$socket" sh -c 'exec sh "$@" 3<&0' sh "$scratch/watcher" "$msgext" -c "$config" 2>/dev/null &
pids="$pids $!"
wait_for test -S "$socket"
both >/dev/null

# replaced DESCRIPTION COMMAND...: at once, no request is lost, for a worker looks before it takes one.
replaced() {
	description=$1
	shift
	: >"$statuses"
	"$@"
	is "$(both)" '200 200' "$description"
	ok "$description: it is stored there" stored_in "$data"
	is "$(cat "$statuses")" 75 "$description: by another worker"
}
anew() {
	mv "$data" "$scratch/old.$tests_run"
	mkdir -m 700 "$data"
}
number_again() {
	rm -r "$data"
	mkdir -m 700 "$data"
}
missing() {
	mv "$data" "$scratch/missing"
	is "$(both) $(cat "$statuses")" '503 500 ' 'missing: a worker stays'
	mkdir -m 700 "$data"
}
link_to() {
	mkdir -m 700 "$scratch/$1"
	[ -L "$data" ] || mv "$data" "$scratch/before-$1"
	ln -sfn "$scratch/$1" "$data"
}
replaced 'made anew' anew
replaced 'removed and made anew' number_again
replaced 'missing for a while' missing
replaced 'a link in its place' link_to one
replaced 'a link that leads elsewhere' link_to two
rm "$data"
mkdir -m 700 "$data"
both >/dev/null
mount_over() { mount -t tmpfs -o mode=700 over "$data"; }
unmount() {
	umount "$data"
	rm -f "$data"/*
}
if [ "$(id -u)" -eq 0 ] && mount_over 2>/dev/null && umount "$data"; then
	replaced 'mounted over' mount_over
	replaced 'and no more' unmount
fi

# Every mode, all of one user at once: the event after a second at most.
servers=
# server NAME: the one that was started last.
server() {
	servers="$servers
$url $curl_options"
	names="${names-} $1"
	is "$(post "$query" "$event_set")" "$answer_ok" "$1: an event"
}
try_servers() {
	anew
	[ -z "${as_www-}" ] || data_for_www
	sleep 1
	count=0
	while read -r url curl_options; do
		[ -n "$url" ] || continue
		count=$((count + 1))
		is "$(post "$query" "$event_set")" "$answer_ok" "$names: an event after a second"
		is "$(lines_stored | wc -l)" "$count" 'is stored in the new directory'
		# shellcheck disable=SC2086
		is "$(curl -s -m 30 $curl_options "$url")" "$answer_ok" 'GET says so'
	done <<-END
		$servers
	END
	servers=
	names=
}
rm -f "$data"/*
start_lighttpd
server lighttpd
start_watched 2
start_nginx
server 'multiwatch and nginx'
start_apache proxy
data_for_us
server 'multiwatch and Apache'
try_servers
stop_server
as_www=1
start_apache fcgid
server mod_fcgid
try_servers
done_testing
