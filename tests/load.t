#!/bin/sh
# Many clients at once: every acknowledged event stands exactly once in its
# group's file, and no line is torn (P1, P2).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

clients=16
events=500
groups=20
config_make

# The requests of one client, as curl reads them; Seq is different everywhere.
client_requests() {
	perl -e '
		my ($client, $events, $groups, $url) = @ARGV;
		for my $event (0 .. $events - 1) {
			my $seq = $client * $events + $event;
			my $group = "g" . ($seq % $groups);
			my $body = qq({"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",) .
			    qq("GroupId":"$group","MsgSeq":1,"OperateType":1,"ExtensionList":) .
			    qq([{"Key":"k$seq","Value":"v","Seq":$seq}],"Seq":$seq,"EventTime":1});
			$body =~ s/"/\\"/g;
			print "next\n" if $event;
			print qq(url = "$url"\ndata-binary = "$body"\noutput = "/dev/null"\n),
			    qq(silent\nmax-time = 60\nwrite-out = "$seq $group %{http_code}\\n"\n);
			print "unix-socket = $ARGV[4]\n" if $ARGV[4];
		}' "$1" "$events" "$groups" "$url?$query" "${curl_options#--unix-socket }"
}

try_load() {
	rm -f "$data"/* "$scratch"/answers.*
	client=0
	while [ "$client" -lt "$clients" ]; do
		client_requests "$client" >"$scratch/requests.$client"
		client=$((client + 1))
	done
	clients_pids=
	for file in "$scratch"/requests.*; do
		curl -K "$file" >"$scratch/answers.${file##*.}" &
		clients_pids="$clients_pids $!"
	done
	# shellcheck disable=SC2086
	wait $clients_pids
	sort -n "$scratch"/answers.* >"$scratch/answers"
	is "$(awk '$3 == 200' "$scratch/answers" | wc -l)" $((clients * events)) \
		"$1: every event is answered OK"
	jq -r '"\(.Seq) \(.GroupId) \(input_filename | sub(".*/"; "") | sub(".jsonl"; ""))"' \
		"$data"/*.jsonl | awk '$2 == $3 { print $1, $2, 200; next } { print }' |
		sort -n >"$scratch/stored"
	ok "$1: every OK stands exactly once in its file" cmp "$scratch/answers" "$scratch/stored"
	is "$(find "$data" -name '*.torn')" '' "$1: nothing torn"
	is "$(cat "$data"/*.jsonl | wc -l)" $((clients * events)) "$1: as many lines"
}

start_lighttpd
is "$(msgext_processes)" 64 'lighttpd runs 64 processes'
try_load 'lighttpd FastCGI'
stop_server
start_apache cgi
try_load 'Apache CGI'
done_testing
