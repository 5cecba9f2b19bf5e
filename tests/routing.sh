# routing.sh - one URL, several handlers: every spelling of a request that is msgext's, and of one
# that is another program's.  Used after servers.sh by tests that define events_stored: how many
# lines there are.
# shellcheck shell=sh disable=SC2154

# other_make FILE: another program, which answers with what it got.
other_make() {
	cat >"$1" <<-'EOT'
		#!/usr/bin/perl
		use Digest::SHA 'sha256_hex';
		local $/;
		my $body = <STDIN> // '';
		print "Content-Type: text/plain\r\n\r\n", join(' ', 'other', $ENV{REQUEST_METHOD},
			$ENV{QUERY_STRING}, length $body, sha256_hex($body));
	EOT
	chmod 755 "$1"
}
# other_answer METHOD QUERY BODY: what it answers to that.
other_answer() {
	printf 'other %s %s %s %s' "$1" "$2" "$(printf %s "$3" | wc -c)" "$(printf %s "$3" | sha256sum | cut -d' ' -f1)"
}

routing_large=$(perl -e 'print "x" x 250_000')

# ours QUERY DESCRIPTION [BODY]: such a request is stored.
ours() {
	before=$(events_stored)
	answer=$(post "$1$routing_signature" "${3-$event_set}")
	is "$answer,$(($(events_stored) - before))" "$answer_ok,1" "$routing_name: $2"
}
# others QUERY DESCRIPTION [BODY]: such a request is the other program's, and arrives as it was sent.
others() {
	before=$(events_stored)
	printf %s "${3-$event_set}" >"$scratch/sent"
	answer=$(post "$1" "@$scratch/sent")
	is "$answer,$(($(events_stored) - before))" "$(other_answer POST "$1" "${3-$event_set}"),0" "$routing_name: $2"
}
# twice QUERY DESCRIPTION: such a request is refused by msgext.
twice() {
	before=$(events_stored)
	is "$(post "$1$routing_signature" "$event_set" | jq -r .ErrorInfo),$(($(events_stored) - before))" \
		'query-duplicate: CallbackCommand: is there twice,0' "$routing_name: $2"
}

# try_routing NAME [SIGNATURE]: all of them, at the URL of the other program; the signature is of a
# request that is stored.  $routing_large: what makes a body large.
try_routing() {
	routing_name=$1
	routing_signature=${2:+&$2}
	named=CallbackCommand=$command
	rest="SdkAppid=$app_id&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android"
	lower=$(echo "$named" | tr '[:upper:]' '[:lower:]')
	upper=$(echo "$named" | tr '[:lower:]' '[:upper:]')
	ours "$query" 'the vendor'"'"'s spelling is ours'
	ours "$named&$rest" 'the command first'
	ours "$rest&$named" 'the command last'
	ours "OptPlatform=Android&ClientIP=203.0.113.7&contenttype=json&$named&SdkAppid=$app_id" 'the parameters reversed'
	ours "$lower&$rest" 'name and command in lower case'
	ours "$upper&$rest" 'name and command in upper case'
	ours "$rest&CallbackCommand=Group%2ECallbackAfterGroupMsgExtension" 'the dot as %2E'
	ours "CallbackCommand=Group%2ecallbackaftergroupmsgextension&$rest" 'the dot as %2e, in lower case'
	printf '%s,"More":"%s"}' "${event_set%\}}" "$routing_large" >"$scratch/large-event"
	ours "$query" "a body of ${#routing_large} bytes and more" "@$scratch/large-event"

	others "SdkAppid=$app_id&CallbackCommand=Group.CallbackBeforeSendMsg" 'a before-callback is the other program'"'"'s'
	others "CallbackCommand=C2C.CallbackAfterSendMsg&SdkAppid=$app_id" 'another command first' "$routing_large"
	others "SdkAppid=$app_id&X$named" 'XCallbackCommand is another parameter'
	others "X$named&SdkAppid=$app_id" 'and so it is in the first place'
	others "SdkAppid=$app_id&CallbackCommandX=$command" 'CallbackCommandX too'
	others "SdkAppid=$app_id&${named}s" 'a longer command'
	others "SdkAppid=$app_id&${named%n}" 'a shorter command'
	others "SdkAppid=$app_id&CallbackCommand=C2C.CallbackAfterC2CMsgExtension" 'its sibling'
	others "SdkAppid=$app_id&CallbackCommand=GroupxCallbackAfterGroupMsgExtension" 'a dot that is none'
	others "SdkAppid=$app_id&CallbackCommand=" 'an empty command'
	others "SdkAppid=$app_id&Next=/x?$named" 'the command in the value of another parameter'
	others '' 'no query'

	twice "$query&CallbackCommand=Group.CallbackBeforeSendMsg" 'ours, then another command'
	twice "CallbackCommand=Group.CallbackBeforeSendMsg&$query" 'another command, then ours'
	twice "$query&$named" 'ours twice'

	# shellcheck disable=SC2086
	is "$(curl -s -m 30 $curl_options "$url")" "$(other_answer GET '' '')" "$1: the console's GET probe"
	# shellcheck disable=SC2086
	is "$(printf %s "$routing_large" | curl -s -m 30 $curl_options -H 'Transfer-Encoding: chunked' --data-binary @- \
		"$url?CallbackCommand=Group.CallbackBeforeSendMsg" | cut -d' ' -f1,2)" 'other POST' "$1: a chunked body for the other program"
}
