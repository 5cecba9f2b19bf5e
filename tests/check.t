#!/bin/sh
# mode = check: a script that shows what is right with an installation and what
# is not, where there is no shell.  It stores nothing and shows no secret (P7).
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"

config_make 'token = xxxxyyyy'
script=$scratch/check.cgi
printf '%s\n' "#!$msgextctl" 'mode = check' "include = $config" >"$script"
chmod 755 "$script"

# page METHOD [VARIABLE=VALUE...]: the whole answer of the script, in $scratch/page.
page() {
	method=$1
	shift
	printf %s "$event_set" | env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD="$method" \
		QUERY_STRING="$query" "$@" "$script" 2>"$scratch/stderr" >"$scratch/page"
}
# says REGEX: how many lines of the page do.
says() {
	grep -c "$1" "$scratch/page"
}

page GET
is "$(sed '/^.$/q' "$scratch/page" | tr -d '\r')" 'Status: 200 OK
Content-Type: text/plain
Cache-Control: no-store
X-Content-Type-Options: nosniff' 'GET has a page of text that is not kept'
is "$(says '^OK  *\(configuration\|script\|token\|data_dir\|logs\|append\|lock\) '),$(says '^0 errors, ')" 7,1 \
	'the page says what is right'
is "$(tail -n 1 "$scratch/page")" "Now delete $script: anyone who finds it can read this page." \
	'the page says to delete the script'
is "$(says xxxxyyyy)" 0 'the page does not show the token'
is "$(says "^NOTE  *place  *$(dirname "$(readlink -f "$msgextctl")"): write this in place of /home/USER/msgext$")" 1 \
	'the page says where msgext lies'
# asked VARIABLE=VALUE...: the address that the test event of the page is for.
asked() {
	page GET "$@"
	sed -n "s/^    '\([^?]*\)?.*/\1/p" "$scratch/page"
}
is "$(asked)" http://your.host/cgi-bin/msgext.cgi 'a test event, where nothing is known of the address'
is "$(asked SERVER_NAME=a.example SERVER_PORT=443 HTTPS=on SCRIPT_NAME=/~a/cgi-bin/check.cgi)" \
	https://a.example/~a/cgi-bin/msgext.cgi 'by https'
is "$(asked SERVER_NAME='[::1]' SERVER_PORT=8443 HTTPS=on SCRIPT_NAME=/check.cgi)" 'https://[::1]:8443/msgext.cgi' 'at a port'
is "$(asked SERVER_NAME='a;id' SERVER_PORT='1;id' SCRIPT_NAME="/';id;'/check.cgi" HTTPS=off)" \
	http://your.host/cgi-bin/msgext.cgi 'nothing of a client is in the command but plain letters'
is "$(find "$data" | wc -l),$(wc -c <"$scratch/stderr")" 1,0 'the check of the page leaves nothing behind'
page HEAD
is "$(says ^Status),$(wc -l <"$scratch/page"),$(tail -n 1 "$scratch/page" | tr -d '\r')" 1,5, \
	'HEAD has the head'
for method in POST PUT get ''; do
	page "$method"
	is "$(says '^Status: 405 '),$(says '^Allow: GET, HEAD'),$(says '^OK')" 1,1,0 "anything else is an error: '$method'"
done
is "$(find "$data" | wc -l)" 1 'a request to the page stores nothing (P5)'
page GET CONTENT_LENGTH=1000000 GATEWAY_INTERFACE= QUERY_STRING='%zz&=' HTTP_HOST="$(printf '\033[2J')"
is "$(says '^0 errors, '),$(tr -d '\r\n -~' <"$scratch/page" | wc -c)" 1,0 'the page does not heed what a client says'
# Words of a query without "=" come as arguments (RFC 3875, 4.4).
env -i REQUEST_METHOD=GET "$script" -V check --as nobody </dev/null >"$scratch/page" 2>"$scratch/stderr"
is "$(says '^0 errors, '),$(wc -c <"$scratch/stderr")" 1,0 'the page does not heed arguments'
cd "$scratch" || exit 1
env -i REQUEST_METHOD=GET ./check.cgi </dev/null >page
is "$(says '^0 errors, ')" 1 'a relative name is as good, as suEXEC has it'
cd "$top" || exit 1
env -i "$script" </dev/null >"$scratch/page" 2>"$scratch/stderr"
is "$?,$(wc -c <"$scratch/page"),$(grep -c "is for a web server that runs it by CGI (in a shell: msgextctl -c $script check)" \
	"$scratch/stderr")" 64,0,1 'without a web server it says what to do'

# What is wrong.
echo '{}' >"$data/secret-group.jsonl"
ln "$data/secret-group.jsonl" "$scratch/second"
page GET
is "$(says '^ERROR  *logs  *one of them: has more than one name'),$(says secret-group)" 1,0 \
	'a log that is refused is told without its name'
rm "$data/secret-group.jsonl"
page GET DOCUMENT_ROOT="$scratch"
is "$(says '^ERROR  *data_dir  *data_dir: lies inside the document root'),$(says '^Now delete'),$(says 'curl')" 1,0,0 \
	'data that would be served'
is "$(tail -n 1 "$scratch/page")" "Repair what ERROR names, and look again.  When all is well, delete $script: anyone who finds it can read this page." \
	'the script is to be deleted when all is well, and not before'
mv "$data" "$scratch/away"
page GET
is "$(says "^ERROR  *data_dir  *.*No such file"),$(says '^Now delete')" 1,0 'no data directory'
mv "$scratch/away" "$data"
chmod 604 "$config"
page GET
is "$(says '^ERROR  *configuration  *.*others can read it'),$(says xxxxyyyy)" 1,0 'a token that others may read'
chmod 600 "$config"
sed -i 's/$/\r/' "$config"
page GET
is "$(says '^0 errors, ')" 1 'a configuration with CR LF is none'
sed -i 's/\r$//; s/^token.*/token xxxxyyyy/' "$config"
page GET
is "$(says "^ERROR  *configuration  *$config:3: line: must be key = value"),$(says xxxxyyyy)" 1,0 \
	'a wrong line is named, not shown'
for line in 'token: xxxxyyyy=x' 'xxxxyyyy=' 'data_dir = /d token = xxxxyyyy' 'include = token: xxxxyyyy'; do
	sed -i "3s/.*/$(printf %s "$line" | sed 's|/|\\/|g')/" "$config"
	page GET
	is "$(says "^ERROR  *configuration  *$config:3: [a-z_]*: "),$(says xxxxyyyy)" 1,0 "the page names a wrong line: $line"
done
sed -i '3s/.*/token = xxxxyyyy/' "$config"

# Who may ask for it.
cp "$config" "$scratch/no-script.conf"
echo 'mode = check' >>"$scratch/no-script.conf"
env -i REQUEST_METHOD=GET MSGEXT_CONFIG="$scratch/no-script.conf" "$msgext" >"$scratch/page" 2>"$scratch/stderr"
is "$(says '^Status: 503'),$(grep -c 'config-malformed: .*:4: mode: check is only for a script' "$scratch/stderr")" 1,1 \
	'a configuration that is no script may not'
env -i REQUEST_METHOD=GET MSGEXT_CONFIG="$script" "$msgextctl" "$config" >"$scratch/page" 2>"$scratch/stderr"
is "$?,$(wc -c <"$scratch/page")" 64,0 'an argument that was not executed has no page'
if [ "$(id -u)" -eq 0 ]; then
	setpriv --reuid=www-data --clear-groups env -i REQUEST_METHOD=GET "$script" \
		>"$scratch/page" 2>"$scratch/stderr"
	is "$(says '^Status: 503'),$(grep -c 'config-unsafe: .*belongs to another user than the one that runs it' "$scratch/stderr")" 1,1 \
		'a script of another user, though it be root, has no page'
	chown www-data "$script"
	page GET
	is "$(says '^Status: 503'),$(grep -c 'config-unsafe: .*belongs to another user than the one that runs it' "$scratch/stderr")" 1,1 \
		'whoever runs it'
	chown root "$script"
	# A host that allows no further process.
	chown -R www-data "$data" "$config"
	prlimit --nproc=1 "$msgextctl" -c "$config" check --as www-data >"$scratch/page"
	is "$?,$(says '^OK  *append'),$(says '^WARNING  *lock  *not tested: .*Resource temporarily unavailable')" 0,1,1 \
		'a limit on processes is told as what it is'
	chown -R root "$data" "$config"
else
	ok 'a limit on processes is told as what it is # SKIP this takes root' true
	ok 'a script of another user has no page # SKIP this takes root' true
fi
chmod 775 "$script"
page GET
is "$(says '^Status: 503'),$(grep -c 'config-unsafe: .*group or others can write to it' "$scratch/stderr")" 1,1 \
	'a script that the group may write has no page'
chmod 755 "$script"

# The program of the other mode: what the first line must read.
# wrong_line PROGRAM: line 1 of the script names it; the page of GET.
wrong_line() {
	sed -i "1s|.*|#!$1|" "$script"
	page GET
}
wrong_line "$msgext"
told="line 1 must read #!$msgextctl, which serves mode = check: $script"
is "$(says '^Status: 500 '),$(sed '1,/^.$/d' "$scratch/page" | jq -r .ErrorInfo)" "1,config-check: $told" \
	'a script that names msgext has no page, and is told what to change'
is "$(cat "$scratch/stderr")" "msgext: config-check: $told" 'the error log says what to change in a script that names msgext'
page HEAD
is "$(says '^Status: 500 '),$(tail -n 1 "$scratch/page" | tr -d '\r')" 1, 'HEAD has the head'
page POST
is "$(says '^Status: 500 '),$(says '"ActionStatus":"FAIL"'),$(cut -d: -f1,2 "$scratch/stderr")" \
	'1,1,msgext: config-check' 'an event is an error'
printf %s "$event_set" | env -i REQUEST_METHOD=POST QUERY_STRING=CallbackCommand=Other "$script" >"$scratch/page"
is "$(says '^Status: 200 ')" 1 'a script of msgextctl answers no other callback'
"$msgextctl" -c "$script" check >"$scratch/page"
is "$?,$(says "^ERROR  *script  *line 1 must read #!$msgextctl, ")" 1,1 'the check finds it'
sed -i '1s|$| \r|; 1s|^#!|#! |' "$script"
"$msgext" -t -c "$script" 2>"$scratch/stderr"
is "$?,$(cat "$scratch/stderr")" "78,msgext: config-check: $told" 'whatever blanks are there'
cp "$script" "$scratch/page.kept"

sed -i '/^mode/d' "$script"
wrong_line "$msgextctl"
is "$(says '^Status: 503 '),$(cat "$scratch/stderr")" \
	"1,msgextctl: config-check: line 1 must read #!$msgext, which serves mode = receive: $script" \
	'a script of msgextctl that asks for no page has none'
"$msgextctl" -c "$script" check >"$scratch/page"
is "$?,$(says "^ERROR  *script  *line 1 must read #!$msgext, ")" 1,1 'the check finds that too'

# FastCGI: a worker that is given the script tells the same, until the line is gone.
cp "$scratch/page.kept" "$script"
config_file=$config
config=$script
start_workers 1
start_nginx
# shellcheck disable=SC2086
fetch() {
	curl -s -m 30 -o "$scratch/page" -w '%{http_code}' $curl_options "$url"
}
is "$(fetch),$(jq -r .ErrorInfo "$scratch/page")" "500,config-check: $told" 'a FastCGI worker is told what to change'
is "$(post "$query" "$event_set" | jq -r .ActionStatus),$(find "$data" | wc -l)" FAIL,1 'a FastCGI worker with mode = check stores nothing'
sed -i '/^mode/d; s/^token.*//' "$script" "$config_file"
is "$(post "$query" "$event_set"),$(lines_stored | wc -l)" "$answer_ok,1" 'until the line is gone'
done_testing
