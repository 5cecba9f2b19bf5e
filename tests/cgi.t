#!/bin/sh
# CGI: where the configuration comes from, what clients cannot influence, and
# how a process ends.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make
other=$scratch/other.conf
cp "$config" "$other"

# cgi [VARIABLE=VALUE...] PROGRAM [ARGUMENT...] <BODY: the whole answer.
cgi() {
	env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
		"$@" 2>"$scratch/stderr"
}
status_line() {
	sed -n '1s/\r$//p'
}

is "$(printf %s "$event_set" | cgi MSGEXT_CONFIG="$config" "$msgext" | status_line)" 'Status: 200 OK' \
	'MSGEXT_CONFIG names the configuration'
is "$(lines_stored | wc -l)" 1 'the event is stored'
is "$(printf %s "$event_set" | cgi HTTP_MSGEXT_CONFIG="$config" "$msgext" | status_line)" \
	'Status: 500 Internal Server Error' 'a header does not name the configuration'
is "$(cut -d: -f1,2 "$scratch/stderr")" 'msgext: config-missing' 'the reason is on stderr'
is "$(wc -l <"$scratch/stderr")" 1 'the reason on standard error is one line'

# Arguments are what a client sent: neither options nor names of files.
is "$(printf %s "$event_set" | cgi "$msgext" -c "$config" | status_line)" \
	'Status: 500 Internal Server Error' 'options are not parsed under a server'
is "$(cgi "$msgext" -V </dev/null | status_line)" 'Status: 500 Internal Server Error' '-V is not taken under a server'
cat >"$scratch/script.cgi" <<-EOT
	#!$msgext
	include = $config
EOT
chmod 755 "$scratch/script.cgi"
is "$(printf %s "$event_set" | cgi "$msgext" "$scratch/script.cgi" | status_line)" \
	'Status: 500 Internal Server Error' 'an argument does not name the configuration'
is "$(lines_stored | wc -l)" 1 'options and arguments under a server store nothing'

# The two-line script.
is "$(printf %s "$event_set" | cgi "$scratch/script.cgi" | status_line)" 'Status: 200 OK' \
	'a two-line script is a CGI program'
cd "$scratch" || exit 1
is "$(printf %s "$event_set" | cgi ./script.cgi | status_line)" 'Status: 200 OK' \
	'a two-line script works by a relative name'
is "$(printf %s "$event_set" | cgi ./script.cgi --x y | status_line)" 'Status: 200 OK' \
	'a two-line script works whatever arguments follow'
cd "$top" || exit 1
chmod 775 "$scratch/script.cgi"
is "$(printf %s "$event_set" | cgi "$scratch/script.cgi" | status_line)" \
	'Status: 500 Internal Server Error' 'a script that the group may write is refused'
chmod 755 "$scratch/script.cgi"
is "$(lines_stored | wc -l)" 4 'three requests of the script were stored'

# A data directory that would be served.
is "$(printf %s "$event_set" | cgi MSGEXT_CONFIG="$config" DOCUMENT_ROOT="$scratch" "$msgext" |
	status_line)" 'Status: 500 Internal Server Error' 'data below the document root is refused'
ok 'standard error says that the data lie inside the document root' grep -q 'config-unsafe: data_dir: lies inside' "$scratch/stderr"
is "$(printf %s "$event_set" | cgi MSGEXT_CONFIG="$config" DOCUMENT_ROOT="$root" "$msgext" |
	status_line)" 'Status: 200 OK' 'beside it is taken'
chmod 702 "$data"
is "$(printf %s "$event_set" | cgi MSGEXT_CONFIG="$config" "$msgext" | status_line)" \
	'Status: 500 Internal Server Error' 'a data directory that others can write to is refused'
is "$(cgi MSGEXT_CONFIG="$config" REQUEST_METHOD=GET "$msgext" </dev/null | status_line)" \
	'Status: 503 Service Unavailable' 'GET tells'
chmod 700 "$data"

# What a request could reach is the data directory alone.
printf %s "$event_set" >"$scratch/body"
# traced CALLS [OPTION...]: what the program does of these system calls, into the file "trace".
traced() {
	calls=$1
	shift
	strace "$@" -o "$scratch/trace" -e trace="$calls" env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST \
		QUERY_STRING="$query" "$msgext" <"$scratch/body" >/dev/null 2>"$scratch/stderr"
}
# The system call by its number, which is the same everywhere.
if perl -e 'exit !(syscall(444, 0, 0, 1) > 0)'; then
	traced landlock_restrict_self,read
	is "$(sed -n '/landlock_restrict_self/,$p' "$scratch/trace" |
		sed -n 's/.*\(landlock_restrict_self(\|read(0,\).*/\1/p' | sed -n '1,2p' | tr -d '\n')" \
		'landlock_restrict_self(read(0,' 'hardened before the body is read (P7)'
else
	ok 'hardened before the body is read # SKIP this kernel has no Landlock' true
fi
rm -f "$data"/*

# What the disk has at which point decides what a power cut can do.  The file of a program that counts its
# lines, as make coverage builds it, is locked, too.
order() {
	traced fcntl,write,fsync,fdatasync,close -y
	sed -E '/\.profraw>/d; s/^([a-z]+)\(([0-9]+).*/\1 \2 &/' "$scratch/trace" | awk '
		/F_WRLCK/ { log_file = $2; print "lock" }
		$1 == "fsync" { print "directory" }
		$1 == "fdatasync" { print "sync" }
		$1 == "write" && $2 != 2 { print $2 == 1 ? "answer" : "line" }
		/F_UNLCK/ || ($1 == "close" && $2 == log_file) { print "unlock" }
		$1 == "write" && $2 == 1 { exit }' | tr '\n' ' '
}
is "$(order)" 'lock directory line sync unlock answer ' \
	'a new log: its name is synced before its first byte, the line before the answer (P1)'
is "$(order)" 'lock line sync unlock answer ' 'a log that there is: synced under the lock (P1)'
printf '{"torn' >>"$data/test.jsonl"
is "$(order)" 'lock directory line line sync sync line sync unlock answer ' \
	'a torn tail is synced where it is set aside before it is cut off (P2)'
echo 'sync = no' >>"$config"
is "$(order)" 'lock line unlock answer ' 'sync = no: no syncs'
sed -i '/^sync/d' "$config"

# A file that may not grow: half a block is left.
rm -f "$data"/*
printf '{"x":"%0400d"}\n' 0 >"$data/test.jsonl"
chmod 600 "$data/test.jsonl"
cp "$data/test.jsonl" "$scratch/full"
is "$(ulimit -f 1 && cgi MSGEXT_CONFIG="$config" "$msgext" <"$scratch/body" | status_line)" \
	'Status: 500 Internal Server Error' 'a limit on file sizes is an error, not a death (P5)'
ok 'a limit on file sizes leaves the log as it was' cmp "$data/test.jsonl" "$scratch/full"
rm -f "$data"/*

# A server that hands over one socket, as mod_cgid does, and more than it announces: the answer arrives
# whole, without a connection reset behind it.
# shellcheck disable=SC2016
on_a_socket() { # [VARIABLE=VALUE...]
	env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST QUERY_STRING="$query" "$@" perl -MSocket -e '
		$SIG{PIPE} = "IGNORE"; # what is late can come after the end
		socketpair my $ours, my $its, AF_UNIX, SOCK_STREAM, 0 or die;
		syswrite $ours, $ENV{BODY};
		defined(my $pid = fork) or die;
		if ($pid == 0) {
			$SIG{PIPE} = "DEFAULT";
			open STDIN, "<&", $its;
			open STDOUT, ">&", $its;
			exec @ARGV;
		}
		close $its;
		if ($ENV{LATE}) {
			select undef, undef, undef, 0.01;
			syswrite $ours, $ENV{LATE};
		}
		shutdown $ours, 1 unless $ENV{OPEN};
		my $count;
		while ($count = sysread $ours, my $bytes, 65536) { print $bytes }
		print "then $!\n" unless defined $count' "$msgext" 2>"$scratch/stderr" | sed '1,/^.$/d'
}
# One that has sent more than is read in time, on a machine that gives no turn: it is not reset either.
# shellcheck disable=SC2016
much() {
	env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST QUERY_STRING="$query&SdkAppid=2" perl -MErrno -MIO::Handle -MSocket -e '
		socketpair my $ours, my $its, AF_UNIX, SOCK_STREAM, 0 or die;
		$ours->blocking(0);
		1 while syswrite $ours, "x" x 100_000;
		$!{EAGAIN} or die;
		defined(my $pid = fork) or die;
		if ($pid == 0) {
			open STDIN, "<&", $its;
			open STDOUT, ">&", $its;
			exec @ARGV;
		}
		close $its;
		waitpid $pid, 0; # as mod_cgid, which reads after it has sent what it can
		$ours->blocking(1);
		my $count;
		while ($count = sysread $ours, my $bytes, 65536) { print $bytes }
		print "\nthen $!\n" unless defined $count' \
		strace -o "$scratch/trace" -e trace=poll,ppoll -e inject=poll,ppoll:delay_exit=100000 "$msgext" 2>"$scratch/stderr" |
		sed -n '1s/\r$//p; /^then/p'
}
is "$(much)" 'Status: 400 Bad Request' 'who has sent more than is read in time is answered, and not reset'
rm -f "$data"/*
less=$((${#event_set} - 20))
is "$(on_a_socket BODY="$event_set" CONTENT_LENGTH="$less" | jq -r .ErrorInfo)" \
	"body-long: body: ${#event_set} bytes came, but Content-Length says $less" 'a body longer than announced is refused'
is "$(on_a_socket BODY="$event_set" CONTENT_LENGTH=0 | jq -r .ErrorInfo)" \
	"body-long: body: ${#event_set} bytes came, but Content-Length says 0" 'a body that is longer than an announced nothing is refused'
is "$(on_a_socket BODY="$event_set" CONTENT_LENGTH=$less HTTP_CONTENT_ENCODING=gzip)" "$answer_ok" \
	'unless the server has inflated it'
is "$(on_a_socket BODY="$event_set" LATE=xyz CONTENT_LENGTH=9999999 | jq -r .ErrorInfo | cut -d: -f1)" body-too-large \
	'refused before it was read: the answer arrives'
is "$(on_a_socket BODY="$event_set" OPEN=1 CONTENT_LENGTH=${#event_set})" "$answer_ok" \
	'the end behind a whole body is not waited for'
is "$(on_a_socket BODY="$event_set" REQUEST_METHOD=GET | jq -r .ActionStatus)" OK 'a body that comes with a GET is not in the way'
is "$(lines_stored | wc -l)" 2 'both requests on a socket are stored'

# How a process ends.
rm -f "$data"/*
mkfifo "$scratch/fifo"
sleep 30 >"$scratch/fifo" &
writer=$!
pids="$pids $writer"
is "$(cgi MSGEXT_CONFIG="$config" CONTENT_LENGTH=10 "$msgext" <"$scratch/fifo" | sed -n '$p' |
	jq -r .ErrorInfo)" 'body-stalled: body: did not end in time, after 0 bytes' \
	'a body that does not come is given up (P6)'
kill "$writer"
# The writer keeps its end open; the CGI is ended as Apache ends it.
env MSGEXT_CONFIG="$config" REQUEST_METHOD=POST QUERY_STRING="$query" CONTENT_LENGTH=999 \
	"$msgext" <"$scratch/fifo" >/dev/null &
waiting=$!
exec 3>"$scratch/fifo"
printf %s "$event_set" >&3
kill -TERM "$waiting"
wait "$waiting" 2>/dev/null # the shell says "Terminated"
is $? 143 'SIGTERM ends a CGI that waits for its body'
exec 3>&-
is "$(lines_stored)" '' 'a CGI that SIGTERM ends stores nothing'
printf %s "$event_set" | cgi MSGEXT_CONFIG="$config" "$msgext" >&-
is "$(lines_stored | wc -l)" 1 'a client that has gone loses no event'
(exec 2>&- && printf %s "$event_set" | env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST \
	QUERY_STRING="$query&Bad=%" "$msgext" >/dev/null)
(exec >&- 2>&- && printf %s "$event_set" | env -i MSGEXT_CONFIG="$config" REQUEST_METHOD=POST \
	QUERY_STRING="$query" "$msgext")
is "$(lines_stored | sort -u | wc -l)" 1 'closed descriptors do not leak into the log'
is "$(lines_stored | wc -l)" 2 'closed descriptors keep no event from the log'

# The command line.
is "$("$msgext" -V)" "msgext $(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")" '-V'
"$msgext" -h >"$scratch/out"
is $? 0 '-h exits with 0'
"$msgext" </dev/null 2>"$scratch/out"
is $? 64 'without a server: EX_USAGE'
ok 'without a server the usage is printed' grep -q '^usage: msgext' "$scratch/out"
"$msgext" -x 2>/dev/null
is $? 64 'an unknown option: EX_USAGE'
is "$("$msgext" -c "$config" -t)" "$config: OK" '-t tests the configuration'
echo nonsense >>"$other"
"$msgext" -c "$other" -t 2>"$scratch/out"
is $? 78 'a bad one: EX_CONFIG'
is "$(cat "$scratch/out")" \
	"msgext: config-malformed: $other:3: line: must be key = value" 'a wrong line is named with file and line'

# The script under real servers.
mkdir "$scratch/cgi-bin"
cp "$scratch/script.cgi" "$scratch/cgi-bin/msgext.cgi"
rm -f "$data"/*
start_lighttpd "
	\$HTTP[\"url\"] == \"/script\" {
	    alias.url += ( \"/script\" => \"$scratch/cgi-bin/msgext.cgi\" )
	    cgi.assign = ( \".cgi\" => \"\" )
	}"
url=http://localhost/script
is "$(post "$query" "$event_set")" "$answer_ok" 'lighttpd runs the script'
stop_server
# A www-data process trusts a script of root's.
start_apache cgi "
	ScriptAlias /script $scratch/cgi-bin/msgext.cgi
	<Location /script>
	Require all granted
	</Location>"
data_for_www
url=${url%/msgext}/script
is "$(post "$query" "$event_set")" "$answer_ok" 'Apache runs the script'
is "$(post "--x+y" "$event_set" | jq -r .ErrorInfo)" 'app-missing: SdkAppid: is missing' \
	'a query that Apache turns into arguments is a query'
is "$(lines_stored | wc -l)" 2 'both requests under Apache are stored'
done_testing
