#!/bin/sh
# The viewer as a CGI: who may see what, each status and header by name, sessions, forms, links.
# shellcheck disable=SC2016
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/view.sh"

config_make 'sync = no'
view_config_make
event poll 10 1 1 '{"Key":"alice","Value":"tea"},{"Key":"bob","Value":"coffee"}'
event other 1 1 1 '{"Key":"a","Value":"b"}'

# Where the configuration comes from.
is "$(status_of '')" 403 'MSGEXT_VIEW_CONFIG names the configuration'
is "$(status_of '' MSGEXT_VIEW_CONFIG= HTTP_MSGEXT_VIEW_CONFIG="$view_config" MSGEXT_CONFIG="$view_config")" 503 \
	'neither a header nor the variable of the receiver names it'
ok 'the reason is on standard error' grep -q '^msgext-view: config-missing: ' "$scratch/view-stderr"
cat >"$scratch/view.cgi" <<-END
	#!$view
	include = $view_config
END
chmod 755 "$scratch/view.cgi"
view_program=$view view=$scratch/view.cgi
is "$(status_of '' MSGEXT_VIEW_CONFIG=)" 403 'a two-line script is the viewer'
view=$view_program
is "$("$view" -c "$view_config" -t 2>&1)" "$view_config: OK" '-t tests the configuration'
chmod 702 "$data"
ok 'and the data directory' sh -c '! "$1" -c "$2" -t 2>&1' sh "$view" "$view_config"
chmod 700 "$data"
is "$("$view" -V | cut -d' ' -f1) $("$view" -h | head -n 1 | cut -d' ' -f2)" 'msgext-view msgext-view' '-V and -h'
is "$(env -i REQUEST_METHOD=GET QUERY_STRING='-V' "$view" -V 2>/dev/null | head -n 1 | tr -d '\r')" 'Status: 503 Service Unavailable' \
	'options are not parsed under a server'

# Refused: what is missing or open to others.
refused() {
	is "$(status_of g=poll)" 503 "refused: $1"
	ok "$1: standard error says why" grep -q "$2" "$scratch/view-stderr"
}
sed -i '/^password/d' "$view_config"
refused 'no password' 'password is missing'
ask lang=ja HTTP_ACCEPT_LANGUAGE=en </dev/null
ok 'in the language that was asked for' grep -q '<html lang="ja"' "$scratch/answer"
view_config_make
sed -i '/^link_key/d' "$view_config"
refused 'no link_key' 'link_key is missing'
view_config_make 'token = x'
refused 'a token' 'belongs in msgext.conf'
view_config_make
chmod 644 "$view_config"
refused 'readable by others' 'others can read it'
view_config_make
chmod 702 "$data"
refused 'a data directory that others can write to' 'others can write to it'
chmod 700 "$data"
is "$(status_of '' DOCUMENT_ROOT="$scratch")" 503 'refused: data below the document root'
ok 'standard error says that the data lie there' grep -q 'config-unsafe: data_dir: lies inside' "$scratch/view-stderr"
is "$(status_of '' DOCUMENT_ROOT="$top")" 403 'beside it is no matter'

# The headers that each answer has, whatever its status.
policy="default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]*='; form-action 'self'; base-uri 'none'; frame-ancestors"
# headers STATUS TYPE CACHE: of the last answer.
headers() {
	is "$(status)|$(header Content-Type)|$(header Cache-Control)" "$1|$2|$3" "status $1, its type and cache"
	is "$(header X-Content-Type-Options)|$(header Referrer-Policy)|$(header Cross-Origin-Opener-Policy)|$(header \
		Cross-Origin-Resource-Policy)|$(header X-Robots-Tag)|$(header Vary)" \
		'nosniff|no-referrer|same-origin|same-origin|noindex, nofollow|Accept-Language, Cookie' "status $1 has each header"
	ok "status $1 has the policy" sh -c 'echo "$1" | grep -qx "$2 .none."' sh "$(header Content-Security-Policy)" "$policy"
	[ "$1" = 304 ] || is "$(header Content-Length)" "$(sed '1,/^.$/d' "$scratch/raw" | wc -c)" "status $1 announces its length"
}
html='text/html; charset=utf-8'
ask '' </dev/null
headers 403 "$html" no-store
hash=$(page | perl -0ne 'print $1 if m{<style>(.*?)</style>}s' | openssl dgst -sha256 -binary | base64)
case $(header Content-Security-Policy) in *"'sha256-$hash'"*) same=yes ;; *) same=no ;; esac
is "$same" yes 'the hash in the policy is that of the style'
sign_in
headers 303 '' no-store
is "$(header Location)" '?' 'without a place to go to, the groups'
for wanted in '' g=poll 'g=poll&m=10' 'g=poll&m=10&part=log' 'g=poll&m=10&v=1' p=events; do
	ask "$wanted" </dev/null
	headers 200 "$html" 'private, no-cache'
	etag=$(header ETag)
	ask "$wanted" HTTP_IF_NONE_MATCH="$etag" </dev/null
	# A minute may end in between.
	[ "$(status)" = 304 ] || ask "$wanted" HTTP_IF_NONE_MATCH="$(header ETag)" </dev/null
	headers 304 '' 'private, no-cache'
	is "$(page | wc -c)$(header Content-Length)" 0 "'$wanted': 304 has neither body nor length"
done
for wanted in p=check 'g=poll&m=10&p=share'; do
	ask "$wanted" </dev/null
	headers 200 "$html" no-store
	is "$(header ETag)" '' "'$wanted' has no ETag"
done
for format in csv:'text/csv; charset=utf-8' excel:'text/csv; charset=utf-8' json:application/json; do
	ask "g=poll&m=10&f=${format%%:*}" </dev/null
	headers 200 "${format#*:}" 'private, no-cache'
	ok "f=${format%%:*} is a file" sh -c 'echo "$1" | grep -q "^attachment; filename="' sh "$(header Content-Disposition)"
done
is "$(page)" "$("$msgextctl" -c "$config" show poll 10 --json)" 'f=json is what msgextctl shows'
for wanted in 'g=none' 'g=none&m=1' 'g=poll&m=11' 'g=poll&m=11&f=csv' 'g=..%2Fpoll' 'g=%2Fetc%2Fpasswd&m=1'; do
	ask "$wanted" </dev/null
	headers 404 "$html" no-store
	is "$(header ETag)$(header Content-Disposition)" '' "'$wanted': nothing there"
done
ask 'g=poll&g=poll' </dev/null
headers 400 "$html" no-store
for wanted in 'g=poll&m=x' 'm=10' 'g=' 'q=%ff' 'g=%4' "q=$(printf '%0101d' 0)" 'g=poll&m=10&r=1' 'p=in' 'o=1' 'lang=en&lang=en'; do
	is "$(status_of "$wanted")" 400 "$wanted"
done
is "$(status_of "x=$(printf '%08192d' 0)")" 400 'a query that is too long'
method=HEAD
ask 'g=poll&m=10' </dev/null
is "$(status) $(page | wc -c)" '200 0' 'HEAD has the header alone'
for method in PUT DELETE OPTIONS get ''; do
	ask '' </dev/null
	is "$(status) $(header Allow)" '405 GET, HEAD, POST' "method '$method'"
done
method=GET
ask 'p=events&r=30' </dev/null
is "$(header Refresh)" 30 'r= refreshes'
is "$(status_of 'g=poll&m=10&from=singlemessage&isappinstalled=0&from=groupmessage&utm_x=%zz&G=x')" 200 'unknown parameters are skipped'
ok 'lang= chooses the language' sh -c 'echo "$1" | grep -q "<html lang=\"ja\""' sh "$(ask lang=ja </dev/null; page)"
ok 'else the browser does' sh -c 'echo "$1" | grep -q "<html lang=\"zh-CN\""' sh "$(ask '' HTTP_ACCEPT_LANGUAGE='zh-TW, en;q=0.5' </dev/null; page)"
mv "$data/poll.jsonl" "$scratch"
ln -s "$scratch/poll.jsonl" "$data/poll.jsonl"
is "$(status_of 'g=poll&m=10' | grep -c '^[45]')" 1 'no link is followed'
mv "$scratch/poll.jsonl" "$data/poll.jsonl"

# Sessions.
signed=$cookie
is "$(header Set-Cookie)" '' 'a page sets no cookie'
is "$(post 'p=in&password=correct+horse+battery&to=g%3Dpoll%26m%3D10')|$(header Location)" '303|?g=poll&m=10' 'a sign-in leads to where one wanted to go'
is "$(header Set-Cookie | sed 's/=[0-9]*\.[A-Za-z0-9_-]*;/=V;/')" \
	'msgext-view=V; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; Max-Age=43200' 'the cookie of a session'
post 'p=in&password=correct+horse+battery' HTTPS=on SCRIPT_NAME='/cgi bin/x' >/dev/null
is "$(header Set-Cookie | sed 's/=[0-9]*\.[A-Za-z0-9_-]*;/=V;/')" \
	'__Secure-msgext-view=V; HttpOnly; SameSite=Strict; Path=/; Secure; Max-Age=43200' 'over https'
cookie=$(cookie_of "$link_key" "$password" "$(in_seconds 600)")
is "$(status_of g=poll)" 200 'a cookie as Perl signs it'
cookie="a=b; $cookie; c=d"
is "$(status_of g=poll)" 200 'among others'
# What is not a session looks as if nothing had been sent, and what is there as what is not.
cookie=
ask 'g=poll&m=10' </dev/null
cp "$scratch/answer" "$scratch/form"
number=0
for cookie in msgext-view= msgext-view=x "$(cookie_of "$link_key" "$password" "$(in_seconds -1)")" \
	"$(cookie_of "$link_key" "$password" "$(in_seconds 50000)")" "$(cookie_of x "$password" "$(in_seconds 600)")" \
	"$(cookie_of "$link_key" x "$(in_seconds 600)")" "__Secure-$signed" "${signed}A" "x$signed"; do
	number=$((number + 1))
	ask 'g=poll&m=10' </dev/null
	ok "a wrong session looks like none: $number" cmp "$scratch/answer" "$scratch/form"
done
cookie=
ask 'g=gone&m=10' </dev/null
is "$(sed 's/gone/poll/g' "$scratch/answer")" "$(cat "$scratch/form")" 'what is not there looks like what is'
cookie=$signed
for wanted in 'p=out' 'p=in'; do
	is "$(status_of "$wanted")" 400 "GET $wanted does nothing"
done
is "$(post p=out)|$(header Location)|$(header Set-Cookie)" \
	'303|?|msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0
msgext-view=; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; Max-Age=0' 'a sign-out ends the session, whichever name of the program it began under'
cookie=
is "$(post p=out)|$(header Set-Cookie)" '303|' 'a form of another site, which comes without the cookie, ends none'
cookie=$signed
view_config_make 'session = 60'
is "$(status_of '')" 403 'sessions that are longer than they may be now are over'
view_config_make
sed -i 's/^password = .*/password = another horse battery/' "$view_config"
is "$(status_of '')" 403 'another password ends all sessions'
view_config_make
sed -i "/^link_key/i link_key = a second key of 32 bytes or more" "$view_config"
is "$(status_of '')" 200 'a second link_key ends none'
view_config_make 'link_epoch = 5'
is "$(status_of '')" 200 'nor does an epoch'
view_config_make 'https = required'
is "$(post 'p=in&password=correct+horse+battery')|$(header Set-Cookie)" '403|' 'https = required: no sign-in without'
is "$(status_of '')" 403 'https = required: nor does a session of before go on without'
is "$(post 'p=in&password=correct+horse+battery' HTTPS=on)" 303 'https = required: with it'
view_config_make 'https = required' 'trust_server = yes'
is "$(status_of '' REMOTE_USER=alice AUTH_TYPE=Basic)$(status_of '' REMOTE_USER=alice AUTH_TYPE=Basic HTTPS=on)" 403200 \
	'https = required: nor the server itself lets in without'
view_config_make 'https = yes'
post 'p=in&password=correct+horse+battery' >/dev/null
ok 'https = yes: the cookie is one of https' sh -c 'echo "$1" | grep -q "^__Secure-.*; Secure;"' sh "$(header Set-Cookie)"
cookie=
view_config_make
is "$(status_of '' REMOTE_USER=alice AUTH_TYPE=Basic)" 403 'the server is not believed unasked'
view_config_make 'trust_server = yes'
is "$(status_of '' REMOTE_USER=alice AUTH_TYPE=Basic)" 200 'trust_server: who the server let in'
is "$(status_of '' REMOTE_USER=alice)$(status_of '' REMOTE_USER= AUTH_TYPE=Basic)$(status_of '' HTTP_REMOTE_USER=a HTTP_AUTH_TYPE=Basic)" \
	403403403 'trust_server: not by halves, nor by a header'
sed -i '/^password/d' "$view_config"
is "$(status_of '' REMOTE_USER=alice AUTH_TYPE=Basic)|$(status_of '')|$(post 'p=in&password=')" '200|403|403' 'without a password the server alone lets in'
view_config_make

# Forms.
is "$(post 'p=in&password=wrong+horse+battery&to=g%3Dpoll')|$(header Set-Cookie)" '403|' 'a wrong password'
is "$(cat "$scratch/view-stderr")" 'msgext-view: sign-wrong: password: is wrong, from 203.0.113.7' 'the error log says who tried'
ok 'the form still says where to go' grep -q 'name="to" value="g=poll"' "$scratch/answer"
for to in https%3A%2F%2Fevil.example%2F %2F%2Fevil.example%2F%3Fg%3Dx g%3Dx%26m%3Dy p%3Din; do
	is "$(post "p=in&password=correct+horse+battery&to=$to")|$(header Location)" '303|?' "to=$to leads to no other place"
done
is "$(post 'p=in&password=correct+horse+battery&to=g%3Da%0d%0aX-Evil:%20x')|$(header Location)|$(header X-Evil)" \
	'303|?g=a%0D%0AX-Evil%3A%20x|' 'to= adds no header'
for body in '' p=x 'p=in' 'p=in&p=in&password=x' 'p=in&password=x&password=x' 'p=in&password=%zz' 'p=in&password=%00' \
	"p=in&password=$(printf '%08192d' 0)"; do
	is "$(post "$body")" 400 "a form that is none: $(echo "$body" | cut -c1-40)"
done
is "$(post 'p=in&password=correct+horse+battery' CONTENT_LENGTH=5)$(post p=out CONTENT_LENGTH=5x)$(post p=out CONTENT_LENGTH=99999999)$(post \
	p=out CONTENT_LENGTH=6)" 400400400400 'a length that is not that of the form'
is "$(post p=out CONTENT_LENGTH=)" 303 'a form whose length is not announced'
method=POST
{ sleep 3 && printf p=out; } | ask '' CONTENT_LENGTH=5
is "$(status)" 400 'a form that comes too late'
method=GET

# Links.
cookie=
expiry=$(in_seconds 600)
link=$(link_of "$link_key" 0 "$expiry" poll 10 'Tea & coffee' 1)
ask "$link" </dev/null
headers 200 "$html" 'private, no-cache'
ok 'a link shows its result and title' sh -c 'grep -q "Tea &amp; coffee" "$1" && grep -q alice "$1"' sh "$scratch/answer"
is "$(page | grep -c 'p=events\|p=check\|p=share\|p=in\|name="password"')" 0 'and leads to nothing else'
cookie=$signed
ask "$link" </dev/null
is "$(page | grep -c 'p=events\|p=check\|p=share')" 0 'to those who have signed in neither'
cookie=
ask "$link" HTTP_IF_NONE_MATCH="$(header ETag)" </dev/null
[ "$(status)" = 304 ] || ask "$link" HTTP_IF_NONE_MATCH="$(header ETag)" </dev/null
is "$(status)" 304 'a link whose result has not changed'
made=$("$msgextctl" link poll 10 -c "$view_config" --names --title 'Tea & coffee' 2>/dev/null)
is "$(status_of "${made#\?}")" 200 'as msgextctl makes it'
is "$(status_of "$(echo "$link" | tr '&' '\n' | tac | paste -sd '&')")" 200 'in any order'
is "$(status_of "$link&from=singlemessage&isappinstalled=0")" 200 'as a chat program sends it'
is "$(status_of "utm_source=x&$link&v=5&q=zz&p=check&o=7&all=x")" 200 'whatever is added opens no other query'
is "$(status_of "$link&f=json")|$(page)" "200|$("$msgextctl" -c "$config" show poll 10 --json)" 'f=json on a link that shows names'
is "$(status_of "$link&f=excel")$(status_of "$(link_of "$link_key" 0 "$expiry" poll 10)&f=csv")$(status_of \
	"$(link_of "$link_key" 0 "$expiry" poll 10)")" 403403200 'but no other file, and none where names are hidden'
ask "$(link_of "$link_key" 0 "$expiry" poll 10)" </dev/null
is "$(grep -c alice "$scratch/answer")" 0 'names that are hidden are not there'
is "$(status_of "$(link_of "$link_key" 0 "$expiry" gone 10)")" 404 'a link to what is gone'
for change in 's/g=poll/g=other/' 's/m=10/m=11/' 's/&w=1//' 's/t=T/t=t/' 's/&t=[^&]*//' 's/e=/e=1/' 's/.$//' 's/&e=.*//' 's/&s=[^&]*//' \
	's/&s=/\&s=A/' 's/g=poll&//' 's/w=1/w=01/' 's/m=10/m=010/' 's/e=/e=0/'; do
	is "$(status_of "$(echo "$link" | sed "$change")")" 403 "a link that was changed: $change"
done
is "$(status_of "$link&s=x")$(status_of "$link&g=poll")" 400400 'twice the same'
expired=$(link_of "$link_key" 0 "$(in_seconds -1)" poll 10)
ask "$expired" </dev/null
headers 410 "$html" no-store
is "$(status_of "$(echo "$expired" | sed 's/m=10/m=11/')")" 403 'of what was never signed nothing is said'
old=$(link_of "$link_key" 0 "$expiry" poll 10)
sed -i "/^link_key/i link_key = a second key of 32 bytes or more" "$view_config"
is "$(status_of "$old")$(status_of "$(link_of 'a second key of 32 bytes or more' 0 "$expiry" poll 10)")" 200200 'two keys: both are good'
made=$("$msgextctl" link poll 10 -c "$view_config" 2>/dev/null)
sed -i "/^link_key = $link_key/d" "$view_config"
is "$(status_of "$old")$(status_of "${made#\?}")" 403200 'the first signs, and the old one can go'
view_config_make 'link_epoch = 1'
is "$(status_of "$old")$(status_of "$(link_of "$link_key" 1 "$expiry" poll 10)")" 403200 'another epoch ends all links'
view_config_make 'link_embed = https://app.example https://*.b.example'
ask "$link" </dev/null
is "$(header Content-Security-Policy | sed 's/.*frame-ancestors //')" 'https://app.example https://*.b.example' 'link_embed: who may frame a link'
ask '' </dev/null
is "$(header Content-Security-Policy | sed 's/.*frame-ancestors //')" "'none'" 'but no other page'
view_config_make

# Each bit of the signature: no other text of it is good.
signature=$(echo "$link" | sed 's/.*&s=\([^&]*\)&.*/\1/')
# shellcheck disable=SC2016
is "$(env -i MSGEXT_VIEW_CONFIG="$view_config" REQUEST_METHOD=HEAD perl -e '
	my ($view, $link, $signature) = @ARGV;
	my @digits = ("A" .. "Z", "a" .. "z", 0 .. 9, "-", "_");
	my %number = map { $digits[$_] => $_ } 0 .. 63;
	my %count;
	for my $at (0 .. length($signature) - 1) {
		for my $bit (0 .. 5) {
			my $other = $signature;
			substr $other, $at, 1, $digits[$number{substr $signature, $at, 1} ^ 1 << $bit];
			$ENV{QUERY_STRING} = $link =~ s/\Q$signature\E/$other/r;
			$count{(split / /, `$view`)[1]}++;
		}
	}
	print join " ", map { "$_:$count{$_}" } sort keys %count' "$view" "$link" "$signature")" 403:258 'each bit of a signature counts'

# What fails inside.
cookie=$signed
chmod 000 "$data/poll.jsonl"
[ "$(id -u)" -eq 0 ] || is "$(status_of g=poll)" 500 'a log that cannot be read'
chmod 600 "$data/poll.jsonl"
mv "$data" "$data.gone"
is "$(status_of '')" 503 'the data directory is not there'
mv "$data.gone" "$data"
done_testing
