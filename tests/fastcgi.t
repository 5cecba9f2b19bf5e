#!/bin/sh
# FastCGI: leaving, failing alone, growing not.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make 'sync = no'
socket=$scratch/workers.socket

# ask BODY [OPTION...]: the answer's JSON.
ask() {
	ask_body=$1
	shift
	printf %s "$ask_body" | perl "$top/tests/fastcgi-client.pl" "$socket" "$query" "$@" |
		sed '1,/^.$/d'
}
status_of() {
	awk "/^$2:/ { print \$2 }" "/proc/$1/status"
}

# Workers that wait leave at once, whichever signal tells them to.
for signal in TERM USR1 INT; do
	start_workers 2
	is "$(ask "$event_set" clean)" "$answer_ok" "two workers answer, and leave nothing unread"
	for pid in $worker_pids; do
		kill -s "$signal" "$pid"
	done
	for pid in $worker_pids; do
		ok "an idle worker leaves on SIG$signal" wait_gone "$pid"
	done
done

# The signal may fall at any moment of a worker's start.
start_workers 40
for pid in $worker_pids; do
	kill -TERM "$pid"
done
left=0
for pid in $worker_pids; do
	wait_gone "$pid" || left=$((left + 1))
done
is "$left" 0 'no worker misses an early SIGTERM'

# A busy worker answers first.
rm -f "$data"/*
start_workers 1
ask "$event_set" pause=1 >"$scratch/answer" &
asking=$!
busy() { [ "$(find "/proc/$worker_pids/fd" -lname 'socket:*' | wc -l)" -ge 2 ]; }
ok 'a worker is busy' wait_for busy
kill -TERM "$worker_pids"
wait "$asking"
is "$(cat "$scratch/answer")" "$answer_ok" 'a busy worker finishes its request'
is "$(lines_stored | wc -l)" 1 'the event is stored'
ok 'the worker leaves after it' wait_gone "$worker_pids"

# Requests that fail harm no other.
rm -f "$data"/*
start_workers 1
worker=$worker_pids
ask 'no FastCGI at all, but long enough for a header or two' garbage >/dev/null
is "$(ask "$event_set")" "$answer_ok" 'garbage on the socket harms nobody'
ask "$event_set" cut >/dev/null
is "$(ask "$event_set")" "$answer_ok" 'a body that breaks off harms nobody'
is "$(ask '{' | jq -r .ErrorCode)" 1 'bad JSON harms nobody'
is "$(ask "$event_set" length=9999 | jq -r .ErrorInfo | cut -d: -f1)" body-short \
	'a body shorter than announced is refused'
is "$(ask "$event_set" pause=3 | jq -r .ErrorInfo | cut -d: -f1)" body-stalled \
	'a body that stalls is given up (P6)'
# Somebody asks what the worker can do, hears it at once, and stays.
is "$(perl -MIO::Socket::UNIX -e '
	my $socket = IO::Socket::UNIX->new(Peer => shift) or die;
	syswrite $socket, pack("CCnnCC", 1, 9, 0, 16, 0, 0) . "\xe\0FCGI_MAX_CONNS";
	alarm 10;
	sysread $socket, my $answer, 64;
	print unpack("xC", $answer), " ", `$ARGV[0]`' "$socket" "printf %s '$event_set' |
	perl '$top/tests/fastcgi-client.pl' '$socket' '$query' | sed -n '1s/\r$//p'")" '10 Status: 200 OK' \
	'who asks for the worker'"'"'s values is answered, and holds nobody up (P6)'
is "$(ask "$event_set" length=none)" "$answer_ok" 'no Content-Length: to the end of input'
is "$(ask "$event_set" length=-1)" "$answer_ok" 'a Content-Length of -1: to the end of input'
is "$(ask "$event_set" length=30 encoding=gzip)" "$answer_ok" 'a Content-Length from before the server inflated the body'
is "$(ask "$event_set" more=xyz | jq -r .ErrorInfo)" \
	"body-long: body: $((${#event_set} + 3)) bytes came, but Content-Length says ${#event_set}" \
	'a body longer than announced is refused'
is "$(ask "$event_set" open)" "$answer_ok" 'the end of a whole body is not waited for'
is "$(ask "$event_set" keep)" "$answer_ok" 'a connection is closed even if it may be kept'
is "$(lines_stored | sort -u | wc -l)" 1 'nothing but whole events is stored'
is "$(lines_stored | wc -l)" 8 'each acknowledged event is stored once'

# Peers that do not go on, nor away, keep others waiting for milliseconds.
asked_times=0
asked() {
	asked_times=$((asked_times + 1))
	begun=$(date +%s%N)
	asked_answer=$(ask "$event_set" "$@")
	took=$((($(date +%s%N) - begun) / 1000000))
}
# waits_for WHAT MILLISECONDS: by how much longer a request takes then.  A busy machine keeps everybody waiting:
# the shortest of some tries counts.
waits_for() {
	usual=60000
	waited=60000
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		asked
		[ $took -ge $usual ] || usual=$took
		asked held="$1"
		[ $((took - usual)) -ge $waited ] || waited=$((took - usual))
		[ "$asked_answer" = "$answer_ok" ] && [ $waited -ge "$2" ] || return
	done
}
for held in nothing head parameters body; do
	waits_for $held 1800
	is "$asked_answer" "$answer_ok" "peers that have sent $held, and stay"
	ok "peers that have sent $held, and stay, keep nobody waiting: $waited ms (P6)" test $waited -lt 1800
done
# Nor who leaves out only what ends the parameters, whom libfcgi lets in.
waits_for unended 1200
is "$asked_answer" "$answer_ok" 'a peer that has not ended its parameters, and stays'
ok "keeps nobody waiting: $waited ms (P6)" test $waited -lt 1200
# Whom libfcgi would not let in is not let in.
port=$(free_port)
FCGI_WEB_SERVER_ADDRS=192.0.2.1,127.0.0.2 spawn-fcgi -a 127.0.0.1 -p "$port" -P "$scratch/closed.pid" -- \
	"$msgext" -c "$config" >/dev/null
pids="$pids $(cat "$scratch/closed.pid")"
is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "127.0.0.1:$port" "$query")" '' \
	'FCGI_WEB_SERVER_ADDRS: a stranger is not heard'
port=$(free_port)
FCGI_WEB_SERVER_ADDRS=192.0.2.1,127.0.0.1 spawn-fcgi -a 127.0.0.1 -p "$port" -P "$scratch/open.pid" -- \
	"$msgext" -c "$config" >/dev/null
pids="$pids $(cat "$scratch/open.pid")"
is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "127.0.0.1:$port" "$query" |
	sed '1,/^.$/d')" "$answer_ok" 'a peer whom the configuration names is answered'

# Answers that come before the body was read reach those who send all of it first: over
# TCP, where closing with unread input is a reset.  A client that is kept from sending its parameters is cut off: what
# took so long says nothing.
port=$(free_port)
spawn-fcgi -a 127.0.0.1 -p "$port" -P "$scratch/tcp.pid" -- "$msgext" -c "$config" >/dev/null
pids="$pids $(cat "$scratch/tcp.pid")"
perl -e 'print "x" x 4_000_000' >"$scratch/large"
refusal() {
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		begun=$(date +%s%N)
		answered=$(perl "$top/tests/fastcgi-client.pl" "127.0.0.1:$port" "$query&SdkAppid=2" <"$scratch/large" |
			sed -n '1s/\r$//p')
		[ -z "$answered" ] && [ $((($(date +%s%N) - begun) / 1000000)) -ge 100 ] || break
	done
	echo "$answered"
}
for round in 1 2 3; do
	is "$(refusal)" 'Status: 400 Bad Request' "refused before 4 MB were read, TCP, round $round"
done
is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "127.0.0.1:$port" "$query" |
	sed '1,/^.$/d')" "$answer_ok" 'a small event is answered OK beside'

# Nor is a peer cut off that has no turn for a while, as on a busy machine: a worker that nobody else
# waits for can wait.  One round is enough, for this client may have none itself.
paused=
for round in 1 2 3 4 5; do
	[ -z "$paused" ] || break
	paused=$(head -c 100000 "$scratch/large" |
		perl "$top/tests/fastcgi-client.pl" "$socket" "$query&SdkAppid=2" pause=0.4 whole | sed -n '1s/\r$//p')
done
is "$paused" 'Status: 400 Bad Request' 'who pauses in a body that is refused can send all of it, and is answered'

# But not for ever.  What comes of it is looked at in the end.
spawn-fcgi -s "$scratch/silent.socket" -P "$scratch/silent.pid" -- "$msgext" -c "$config" >/dev/null
pids="$pids $(cat "$scratch/silent.pid")"
(
	head -c 100000 "$scratch/large" |
		perl "$top/tests/fastcgi-client.pl" "$scratch/silent.socket" "$query&SdkAppid=2" pause=6 whole
	echo "ended with $?"
) >"$scratch/silent" &
silent=$!

# A limit on file sizes kills no worker: SIGXFSZ is ignored.
printf '#!/bin/sh\nexec prlimit --fsize=100 %s -c %s\n' "$msgext" "$config" >"$scratch/limited"
chmod +x "$scratch/limited"
mv "$data/test.jsonl" "$scratch/kept"
spawn-fcgi -s "$scratch/limited.socket" -P "$scratch/limited.pid" -- "$scratch/limited" >/dev/null
pids="$pids $(cat "$scratch/limited.pid")"
for round in 1 2; do
	is "$(printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "$scratch/limited.socket" "$query" |
		sed -n '1s/\r$//p')" 'Status: 500 Internal Server Error' "a limit on file sizes, request $round"
done
is "$(cat "$data/test.jsonl")" '' "a limit on file sizes, request $round: nothing stays in the log"
mv "$scratch/kept" "$data/test.jsonl"

# Each request takes so few system calls, without syncs.
printf '#!/bin/sh\nexec strace -D -o %s %s -c %s\n' "$scratch/trace" "$msgext" "$config" >"$scratch/traced"
chmod +x "$scratch/traced"
spawn-fcgi -s "$scratch/traced.socket" -P "$scratch/traced.pid" -- "$scratch/traced" >/dev/null
pids="$pids $(cat "$scratch/traced.pid")"
for round in 1 2 3; do
	printf %s "$event_set" | perl "$top/tests/fastcgi-client.pl" "$scratch/traced.socket" "$query" >/dev/null
done
third_ended() { awk '/^accept/ { request++ } request == 3 && /^(poll..{fd=0|epoll_p?wait)/' "$scratch/trace" | grep -q .; }
wait_for third_ended
# From one wait to the next; where the client is not the faster one, four more.
calls=$(awk '/^accept/ { request++ } /^(poll..{fd=0|epoll_p?wait)/ && request == 3 { exit } request == 3 && !/ SIG/' "$scratch/trace" | wc -l)
ok "a request takes 16 system calls at most: $calls" test "$calls" -le 16
is "$(grep -c '^setitimer' "$scratch/trace")" 0 'no timer is needed for a request that comes whole'
is "$(awk '/^accept/ { request++ } request == 3' "$scratch/trace" | grep -c '^write')" 2 \
	'two calls of a request write'

# Nothing grows.
ask "$event_set" repeat=1000 >/dev/null
memory=$(status_of "$worker" VmRSS)
descriptors=$(find "/proc/$worker/fd" -mindepth 1 | wc -l)
ask "$event_set" repeat=10000 >/dev/null
if [ -z "${MSGEXT_SANITIZED-}" ]; then
	is "$(status_of "$worker" VmRSS)" "$memory" 'memory is the same after 10,000 requests'
else
	ok 'memory # SKIP sanitizers keep what is freed' true
fi
is "$(find "/proc/$worker/fd" -mindepth 1 | wc -l)" "$descriptors" 'as many descriptors are open after many requests'
is "$(lines_stored | wc -l)" $((11013 + asked_times)) 'all of many requests are stored'
# Nor after an event as large as it may be, of many small values: their parsed form has some 5 MB.
numbers=$(perl -e 'print "123,"x60000, 1')
printf '%s' "${event_set%\}},\"x\":[$numbers]}" >"$scratch/numbers"
perl "$top/tests/fastcgi-client.pl" "$socket" "$query" <"$scratch/numbers" >"$scratch/answer"
ok 'a large event is taken' grep -q '"OK"' "$scratch/answer"
rm "$data/test.jsonl"
is "$(ask "$event_set")" "$answer_ok" 'a small event is taken after a large one'
grown=$(($(status_of "$worker" VmRSS) - memory))
if [ -z "${MSGEXT_SANITIZED-}${MSGEXT_EMULATED-}" ]; then
	ok "large events leave the memory of the worker as it was: $grown KB more" test "$grown" -lt 200
else
	ok 'memory # SKIP sanitizers keep what is freed, and emulators what they translated' true
fi
is "$(pgrep -c -x -P $$ msgext)$worker" "0$worker" 'one worker answered all requests'
kill -TERM "$worker"

# A configuration that did not load is tried again.
mv "$config" "$config.away"
start_workers 1
is "$(ask "$event_set" | jq -r .ErrorCode)" 1 'without a configuration: FAIL'
mv "$config.away" "$config"
is "$(ask "$event_set")" "$answer_ok" 'once it is mended: OK'

wait "$silent"
is "$(cat "$scratch/silent")" 'ended with 1' 'who is silent for seconds in a body that is refused is cut off'
done_testing
