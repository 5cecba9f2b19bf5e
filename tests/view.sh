# view.sh - what tests of the viewer share: its configuration, requests, links and cookies.
# shellcheck shell=sh
# shellcheck disable=SC2154

view=${MSGEXT_VIEW-$top/build/msgext-view}
view_config=$scratch/view.conf
password='correct horse battery'
link_key=0123456789abcdef0123456789abcdef

# view_config_make [LINE...]: a configuration that shows the logs of $data.
view_config_make() {
	mkdir -p "$data"
	chmod 700 "$data"
	printf '%s\n' "data_dir = $data" "password = $password" "link_key = $link_key" "$@" >"$view_config"
	chmod 600 "$view_config"
}

# ask QUERY [VARIABLE=VALUE...] [<BODY]: the viewer as a CGI; its answer is in $scratch/answer without
# carriage returns, what it tells in $scratch/view-stderr.  METHOD and COOKIE are taken from $method, $cookie.
cookie=
method=GET
ask() {
	ask_query=$1
	shift
	env -i MSGEXT_VIEW_CONFIG="$view_config" GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$method" QUERY_STRING="$ask_query" \
		SCRIPT_NAME=/cgi-bin/view.cgi HTTP_HOST=poll.example HTTP_COOKIE="$cookie" REMOTE_ADDR=203.0.113.7 "$@" "$view" \
		2>"$scratch/view-stderr" >"$scratch/raw"
	tr -d '\r' <"$scratch/raw" >"$scratch/answer"
}
status() { sed -n '1s/^Status: \([0-9]*\) .*/\1/p' "$scratch/answer"; }
# header NAME: its value; nothing where it is not there.
header() { sed -n "/^\$/q;s/^$1: //p" "$scratch/answer"; }
page() { sed '1,/^$/d' "$scratch/answer"; }
# status_of QUERY [VARIABLE=VALUE...]
status_of() {
	ask "$@" </dev/null
	status
}
# post BODY [VARIABLE=VALUE...]: the status.
post() {
	post_body=$1
	shift
	method=POST
	printf %s "$post_body" | ask '' CONTENT_LENGTH="$(printf %s "$post_body" | wc -c)" "$@"
	method=GET
	status
}
# Signs in, for what is asked later.
sign_in() {
	[ "$(post "p=in&password=$(printf %s "$password" | tr ' ' +)" "$@")" = 303 ] || failed 'signed in' "$(cat "$scratch/answer")"
	cookie=$(header Set-Cookie | sed 's/;.*//')
}

# Independent of the program: links and cookies by Perl.
# shellcheck disable=SC2016
perl_sign='use Digest::SHA "hmac_sha256";
	use MIME::Base64 "encode_base64url";
	sub code { my ($key, $text) = @_; encode_base64url(hmac_sha256($text, $key)) }
	sub quote { $_[0] =~ s/([^A-Za-z0-9._~-])/sprintf "%%%02X", ord $1/ger }'
# link_of KEY EPOCH EXPIRY GROUP MESSAGE [TITLE [NAMES]]: a signed query.
link_of() {
	# shellcheck disable=SC2016
	perl -e "$perl_sign"'
		my ($key, $epoch, $expiry, $group, $message, $title, $names) = @ARGV;
		$title //= ""; $names //= "";
		my $s = code($key, "msgext-view link 1\n" . join "", map { length($_) . ":$_\n" }
		    $group, $message, $title, $names, $expiry, $epoch);
		print "g=", quote($group), "&m=$message", $title eq "" ? "" : "&t=" . quote($title),
		    $names eq "" ? "" : "&w=$names", "&s=$s&e=$expiry"' -- "$@"
}
# cookie_of KEY PASSWORD EXPIRY: the cookie of a session over plain HTTP.
cookie_of() {
	# shellcheck disable=SC2016
	perl -e "$perl_sign"'
		my ($key, $password, $expiry) = @ARGV;
		print "msgext-view=$expiry.", code(hmac_sha256("msgext-view session key\n$password", $key), "msgext-view session 1\n$expiry")' \
		-- "$@"
}
in_seconds() { echo $(($(date +%s) + $1)); }
