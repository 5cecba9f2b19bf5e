#!/bin/sh
# Shared hosting: what make release builds, uploaded as its INSTALL says, under
# Apache with suEXEC, .htaccess and mod_fcgid, and under lighttpd.  What goes
# wrong answers what INSTALL says, in the words it names; data, token and
# configuration are never served (P7).
#
# The host is host.sh's, in a mount namespace of this test's own.
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	echo '1..1'
	echo 'ok 1 - shared hosting # SKIP this takes root and mount namespaces'
	exit 0
fi
[ -n "${MSGEXT_NAMESPACE-}" ] || MSGEXT_NAMESPACE=1 exec unshare -m --propagation private sh "$0"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/host.sh"
. "$(dirname "$0")/routing.sh"

# stored: how many lines there are.
stored() {
	cat "$home"/*/data/*.jsonl "$site"/*/data/*.jsonl 2>/dev/null | wc -l
}
logs_empty() {
	: >"$scratch/apache.log"
	: >"$scratch/log/suexec.log"
}
# fails STATUS WORDS DESCRIPTION [PATH]: the request fails so, a log has the words, and so has INSTALL.
fails() {
	logs_empty
	got=$(get "${4-/cgi-bin/msgext.cgi}")
	is "$got,$(cat "$scratch/apache.log" "$scratch/log/suexec.log" | grep -qF "$2" && echo logged),$(grep -F "$2" \
		"$release/INSTALL" | grep -c .)" "$1,logged,1" "$3: $2"
}
# shows PATH: does the answer to it hold anything that is not for the web?
shows() {
	get "$1" >/dev/null
	grep -qa "$token\|MsgSeq\|sdk_app_id\|$password\|ELF" "$scratch/answer"
}
# serves_nothing DIRECTORY: what lies there is asked for in every way; says what was shown.
serves_nothing() {
	for file in msgext.conf view.conf data/test.jsonl data/ data/.htaccess .htaccess msgext msgextctl msgext-view ''; do
		for path in "/$1/$file" "/../$1/$file" "/cgi-bin/../../$1/$file" "/cgi-bin/%2e%2e/%2e%2e/$1/$file" \
			"/cgi-bin/msgext.cgi/../../../$1/$file" "/cgi-bin/msgext.cgi/../../$1/$file" \
			"/~alice/../$1/$file" "/~alice/$1/$file" "/cgi-bin/..%2f..%2f$1%2f$file"; do
			echo "$path" >>"$scratch/asked"
			! shows "$path" || echo "$path"
		done
	done
}

# step NUMBER: what INSTALL says under that number, of which a test follows.
steps=
step() {
	steps="$steps $1"
	awk -v number="$1." '/^[0-9]+\. /{ here = $1 == number } /^[A-Z]/{ here = 0 } here' "$release/INSTALL" >"$scratch/step"
}
# modes: are the files of this step there, with the modes that it gives?  Says which are not.
modes() {
	sed -n 's/^     \([^ ][^ ]*\)  .* \([67][0-9][0-9]\)$/\1 \2/p' "$scratch/step" | sed "s|^cgi-bin/|$bin/|; s|^msgext/|$home/msgext/|" |
		while read -r files mode; do
			for file in $files; do
				[ "$(stat -c %a "$file")" = "$mode" ] || echo "$file"
			done
		done
}
# as_alice COMMAND: as cron runs it, or a shell at home.
as_alice() {
	(cd "$home" && env -i HOME="$home" PATH="$PATH" setpriv --reuid=alice --regid=alice --init-groups sh -c "$1")
}

# As INSTALL says.
upload msgext
step 1
is "$(grep -c '^     [^ ][^ ]*  .* [67][0-9][0-9]$' "$scratch/step"),$(modes)" 5, 'INSTALL 1: each file and its mode'
start_host "SuexecUserGroup alice alice
ScriptAlias /cgi-bin/ $bin/
UserDir public_html"
step 2
is "$(get /cgi-bin/check.cgi),$(grep -c '^OK  *\(configuration\|script\|token\|data_dir\|logs\|append\|lock\) ' \
	"$scratch/answer"),$(grep -c ERROR "$scratch/answer")" 200,7,0 'suEXEC: the check finds all of it right'
is "$(sed -n "s|^NOTE  *place  *\([^:]*\):.*|\1|p" "$scratch/answer"),$(head -n 1 "$bin/check.cgi")" \
	"$home/msgext,#!../../msgext/msgextctl" 'INSTALL 2: the check, as it is, says where msgext lies'
step 3
is "$(grep -c '^0 errors' "$scratch/answer"),$(grep -c '"0 errors"' "$scratch/step")" 1,1 'INSTALL 3: it ends with 0 errors'
step 4
sed -n '/^now=/,/^$/p' "$scratch/answer" | sed "s/TOKEN/$token/" >"$scratch/sample"
is "$(sh "$scratch/sample"),$(stored),$(grep -c "$token" "$scratch/answer")" "$answer_ok,1,0" \
	'INSTALL 4: the test event that it shows is stored'
rm "$home/msgext/data/msgext-sample.jsonl"
sed -i '1s/msgextctl/msgext/' "$bin/check.cgi"
is "$(get /cgi-bin/check.cgi),$(jq -r .ErrorInfo "$scratch/answer")" \
	"500,config-check: line 1 must read $(head -n 1 "$bin/check.fcgi"), which serves mode = check: check.cgi" \
	'an older one says what its first line must read'
sed -i '1s/msgext$/msgextctl/' "$bin/check.cgi"
is "$(get /cgi-bin/msgext.cgi),$(cat "$scratch/answer")" "200,$answer_ok" 'INSTALL 3: GET has OK'
step 5
mv "$bin/check.cgi" "$scratch/kept"
is "$(get /cgi-bin/check.cgi)" 404 'INSTALL 5: a check that is deleted shows nothing'
mv "$scratch/kept" "$bin/check.cgi"
is "$(event_to /cgi-bin/msgext.cgi),$(stored)" "$answer_ok,1" 'an event is stored'
is "$(stat -c %U:%a "$home/msgext/data/test.jsonl")" alice:600 "and is the user's own"
is "$(event_to /~alice/cgi-bin/msgext.cgi | grep -c OK),$(get /~alice/index.html)" 0,200 "a user's page runs no programs"
printf 'Options +ExecCGI\nAddHandler cgi-script .cgi\n' >"$bin/.htaccess"
is "$(event_to /~alice/cgi-bin/msgext.cgi),$(stored)" "$answer_ok,2" 'until .htaccess says so'
rm "$bin/.htaccess"
is "$(get /index.html)" 200 'Apache serves pages beside it'
is "$(serves_nothing msgext)" '' 'Apache serves nothing of msgext (P7)'

# The viewer.
view=/cgi-bin/view.cgi
step 7
is "$(modes)" '' 'INSTALL 7: each file and its mode'
step 8
sed -i 's/^link_key = .*/link_key =/' "$home/msgext/view.conf"
is "$(get $view),$(grep -c link_key "$scratch/answer" | sed 's/[1-9].*/named/')" 503,named 'INSTALL 8: the page says what is missing'
made_key=$(grep -oE '[A-Za-z0-9_-]{40,}' "$scratch/answer" | grep -v sha256 | tail -n 1)
sed -i "s/^link_key =/& $made_key/" "$home/msgext/view.conf"
is "$(get $view),$(curl -s -m 30 -o "$scratch/answer" -w '%{http_code}' -c "$scratch/jar" -d p=in --data-urlencode "password=$password" \
	"${url%/}$view")" 403,303 'INSTALL 8: with the link_key that it shows, the password opens it'
step 9
curl -s -m 30 -b "$scratch/jar" "${url%/}$view?g=test&m=10&p=share&d=7" >"$scratch/answer"
link=$(grep -o '?[^"< ]*&amp;s=[^"< ]*' "$scratch/answer" | head -n 1 | sed 's/&amp;/\&/g')
is "$(get "$view$link"),$(get "$view?g=test&m=10")" 200,403 'INSTALL 9: the link opens one result without the password'
grep -o 'link_epoch = 1' "$scratch/step" >>"$home/msgext/view.conf"
is "$(get "$view$link")" 403 'INSTALL 9: link_epoch ends it'

# The repairer, with what stands for the vendor, and the lines of cron as they are.
step 10
mkdir "$scratch/vendor"
for seq in 1 2 3; do
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":%s,"CallbackCommand":"%s","GroupId":"gap","MsgSeq":1,"OperateType":1,' \
		$app_id $command
	printf '"ExtensionList":[{"Key":"k%s","Value":"v","Seq":%s}],"Seq":%s,"EventTime":1764688294360}\n' $seq $seq $seq
done >"$scratch/vendor/events"
sed 2d "$scratch/vendor/events" >"$home/msgext/data/gap.jsonl"
sed -n '1s/"gap"/"old"/p' "$scratch/vendor/events" >"$home/msgext/data/old.jsonl"
mv "$home/msgext/data/test.jsonl" "$scratch" # which the stand-in does not know
python3 -B "$top/tests/rest/standin.py" "$scratch/vendor" >/dev/null 2>&1 &
pids="$! $pids"
wait_for test -s "$scratch/vendor/address"
hexadecimal() {
	printf %s "$1" | od -An -v -tx1 | tr -d ' \n'
}
key=$(sed -n 's/^KEY = "\(.*\)"/\1/p' "$top/tests/rest/standin.py")
echo "make $app_id $(date +%s) 2592000 $(hexadecimal "$key") $(hexadecimal administrator)" | "$top/build/tests/usersig" >"$home/msgext/usersig"
install -m 644 "$scratch/vendor/ca.pem" "$home/msgext/ca.pem"
{
	sed -n 's/^     \([a-z_]* = \)/\1/p' "$scratch/step" | sed "s|/home/USER|$home|; s|^rest_domain = .*|rest_domain = $(
		cat "$scratch/vendor/address")|"
	echo "ca_file = $home/msgext/ca.pem"
} >"$home/msgext/repair.conf"
chmod 600 "$home/msgext/usersig" "$home/msgext/repair.conf" "$home/msgext/data/"*.jsonl
chown -R alice:alice "$home/msgext"
is "$(grep -c 'msgext/repair.conf (600)\|msgext/msgext-repair (755)' "$scratch/step"),$(stat -c %a "$home/msgext/msgext-repair")" 2,755 \
	'INSTALL 10: what is uploaded, and its modes'
step 11
is "$(as_alice "$(sed -n '/^     /s/^ *//p' "$scratch/step" | tr '\n' ' ' | cut -d ' ' -f 6-)" 2>&1; echo "$?"),$(as_alice \
	'msgext/msgextctl -d msgext/data gaps'; echo "$?")" 0,0 'INSTALL 10, 11: the line of cron repairs the gap'
mv "$scratch/test.jsonl" "$home/msgext/data"
step 12
as_alice "$(sed -n 's/^     //p' "$scratch/step" | cut -d ' ' -f 6-)" >/dev/null 2>&1
is "$?,$(find "$home/msgext/data" -name 'old.*.jsonl.gz' | wc -l)" 0,1 'INSTALL 12: the line of cron archives'
step 13
as_alice "$(sed -n 's/^     //p' "$scratch/step" | cut -d ' ' -f 6-)" >/dev/null 2>"$scratch/stderr"
status=$?
is "$((status <= 1)),$(cat "$scratch/stderr"),$(stat -c '%a %U' "$home/msgext/data/.alarm-state")" '1,,600 alice' \
	'INSTALL 13: the line of cron looks for what is wrong'
mkdir "$scratch/LOGS"
cp "$home/msgext/data/"*.jsonl "$scratch/LOGS"
is "$(cd "$scratch" && sh -c "$(sed -n 's|^     \(msgext/msgextctl -d LOGS groups\).*|\1|p' "$release/INSTALL" |
	sed "s|^|$release/|")" | grep -c '^test ')" 1 'the logs are read at home'
rm -f "$home/msgext/data/.repair-state" "$home/msgext/data/"gap.* "$home/msgext/data/"old.* "$home/msgext/"repair.conf "$home/msgext/usersig"
sed -i "/^link_epoch/d; s/^link_key = .*/link_key = $link_key/" "$home/msgext/view.conf"

# What suEXEC refuses.
fails 404 'script not found or unable to stat' 'no such script' /cgi-bin/none.cgi
# refused WORDS DESCRIPTION [EXIT STATUS]
refused() {
	fails 500 "$1" "$2"
	if [ -n "${3-}" ]; then
		(cd "$bin" && setpriv --reuid=www-data --regid=www-data --init-groups /usr/lib/apache2/suexec \
			alice alice msgext.cgi 2>/dev/null)
		is "$?,$(grep -c "^ *$3 $1" "$release/INSTALL")" "$3,1" "which is suEXEC's exit status $3"
	fi
	ok "and Apache's log says what INSTALL says" grep -q 'End of script output before headers' "$scratch/apache.log"
}
chmod 775 "$bin"
refused 'directory is writable by others' 'a directory for the group to write' 116
chmod 755 "$bin"
mv "$bin/msgext.cgi" "$bin/real.cgi"
ln -s real.cgi "$bin/msgext.cgi"
chown -h alice: "$bin/msgext.cgi"
refused 'cannot stat program' 'a symbolic link' 117
mv "$bin/real.cgi" "$bin/msgext.cgi"
chmod 775 "$bin/msgext.cgi"
refused 'file is writable by others' 'a script for the group to write' 118
chmod 4755 "$bin/msgext.cgi"
refused 'file is either setuid or setgid' 'one with setuid' 119
chmod 755 "$bin/msgext.cgi"
for owner in bob:alice alice:bob; do
	chown "$owner" "$bin/msgext.cgi"
	refused 'mismatch with directory' "one of $owner" 120
done
chown alice:alice "$bin/msgext.cgi"
chmod 644 "$bin/msgext.cgi"
refused 'file has no execute permission' 'one of mode 644' 121
chmod 755 "$bin/msgext.cgi"
sed -i 's/$/\r/' "$bin/msgext.cgi"
refused 'No such file or directory: exec' 'one with CR LF' 255
sed -i 's/\r$//; s/alice/USER/' "$bin/msgext.cgi"
refused 'No such file or directory: exec' 'a script where USER was left'
sed -i '1s/USER/alice/' "$bin/msgext.cgi"
fails 503 config-missing 'a script where USER was left in the second line'
sed -i 's/USER/alice/' "$bin/msgext.cgi"
chmod 644 "$home/msgext/msgext"
refused 'Permission denied: exec' 'a program of mode 644' 255
chmod 755 "$home/msgext/msgext"
cp "$home/msgext/msgext" "$scratch/binary"
head -c 4096 "$scratch/binary" >"$home/msgext/msgext"
refused 'End of script output before headers' 'a program that is cut off'
is "$(grep -c 'exec failed' "$scratch/log/suexec.log")" 0 'suEXEC says nothing of a program that is cut off'
cp "$scratch/binary" "$home/msgext/msgext"
printf '/srv\npublic_html\n' >"$scratch/suexec.conf"
refused 'command not in docroot' 'a script where suEXEC wants none' 114
printf '/home\npublic_html\n' >"$scratch/suexec.conf"

# What msgext refuses.
chmod 666 "$home/msgext/msgext.conf"
fails 503 'others can read it' 'a token for all to read'
is "$(get /cgi-bin/check.cgi),$(grep -c '^ERROR  *configuration .*others can read it' "$scratch/answer")" 200,1 \
	'the check names a configuration that others may read'
chmod 600 "$home/msgext/msgext.conf"
sed -i 's/^token =.*/token =/' "$home/msgext/msgext.conf"
fails 503 config-malformed 'a configuration where nothing is filled in'
sed -i "s/^token =.*/token = $token/" "$home/msgext/msgext.conf"
chmod 777 "$home/msgext/data"
fails 503 data-dir 'data for all to write'
chmod 700 "$home/msgext/data"
sed -i 's/$/\r/' "$home/msgext/msgext.conf"
is "$(event_to /cgi-bin/msgext.cgi),$(stored)" "$answer_ok,3" 'a configuration with CR LF is none of it'
sed -i 's/\r$//' "$home/msgext/msgext.conf"
chown bob:bob "$bin/check.cgi"
fails 500 'mismatch with directory' "another user's check" /cgi-bin/check.cgi
chown alice:alice "$bin/check.cgi"

# Where there is no cgi-bin: .htaccess.
cp "$release/htaccess-cgi" "$site/.htaccess"
is "$(event_to /top.cgi),$(stored)" "$answer_ok,4" 'htaccess-cgi makes a directory run the script'
sed -i '/^Options/d' "$site/.htaccess"
fails 403 'Options ExecCGI is off' 'without its first line' /top.cgi
rm "$site/.htaccess"
is "$(get /top.cgi),$(cat "$scratch/answer")" "200,$(cat "$site/top.cgi")" 'without it the script is shown, which holds no secret'
ok 'as INSTALL says' grep -q '^200  the lines of msgext.cgi' "$release/INSTALL"
cp "$release/htaccess-fcgid" "$bin/.htaccess"
is "$(event_to /~alice/cgi-bin/msgext.fcgi),$(stored)" "$answer_ok,5" 'htaccess-fcgid: mod_fcgid runs it'
is "$(event_to /~alice/cgi-bin/msgext.fcgi),$(stored)" "$answer_ok,6" 'mod_fcgid runs it again'
# Who runs msgext in our namespace.
workers() {
	for process in /proc/[0-9]*; do
		[ "$(readlink "$process/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ] ||
			[ "$(readlink "$process/exe")" != "$home/msgext/msgext" ] || stat -c %U "$process"
	done
}
is "$(workers)" alice "in one process, the user's own"
get /~alice/cgi-bin/check.fcgi >/dev/null
# mod_fcgid may start it more than once.
is "$(grep -c "is for a web server that runs it by CGI" "$scratch/apache.log" | sed 's/^[1-9].*/said/'),$(grep -c '^OK' "$scratch/answer")" said,0 \
	'the check is for CGI alone, and says so'
cp -p "$bin/msgext.fcgi" "$bin/open.fcgi"
chmod 775 "$bin/open.fcgi"
fails 500 'file is writable by others' 'and suEXEC refuses there too' /~alice/cgi-bin/open.fcgi
rm "$bin/.htaccess"

step 6
# Beside another program, by the .htaccess where that one lies: above its own rules.
upload msgext
other_make "$site/callback.php"
chown alice:alice "$site/callback.php"
{
	cat "$release/htaccess-routing"
	printf '%s\n' 'Options +ExecCGI' 'AddHandler cgi-script .php' 'RewriteCond %{REQUEST_FILENAME} !-f' \
		'RewriteRule ^ callback.php [END]'
} >"$site/.htaccess"
events_stored() {
	stored
}
# signed: what a request of now is signed with.
signed() {
	now=$(date +%s)
	printf 'Sign=%s&RequestTime=%s' "$(printf %s "$token$now" | sha256sum | cut -d' ' -f1)" "$now"
}
host=${url%/}
url=$host/callback.php
try_routing '.htaccess and suEXEC' "$(signed)"
is "$(post "CallbackCommand=$command" "$event_set" | jq -r .ErrorInfo)" 'app-missing: SdkAppid: is missing' \
	'who does not sign is refused by msgext'
url=$host/front
is "$(post "CallbackCommand=$command" x | cut -d' ' -f1,2)" 'other POST' 'no other path is routed'
cp "$release/htaccess-fcgid" "$bin/.htaccess"
sed -i 's|/cgi-bin/msgext.cgi|/~alice/cgi-bin/msgext.fcgi|' "$site/.htaccess"
url=$host/callback.php
is "$(post "$query&$(signed)" "@$scratch/large-event" | grep -c '500 Internal'),$(grep -c 'exceeds MaxRequestLen' \
	"$scratch/apache.log"),$(grep -c 'exceeds MaxRequestLen' "$release/INSTALL")" 1,1,1 \
	'mod_fcgid takes no body over 128 KiB where the host has not said so'
routing_large=$(perl -e 'print "x" x 120_000')
try_routing '.htaccess and mod_fcgid' "$(signed)"
rm "$bin/.htaccess"
stop_server

# The hosts' other ways.
start_host "SuexecUserGroup alice alice
<Directory $site>
Options None
</Directory>"
fails 403 'Options FollowSymLinks and SymLinksIfOwnerMatch are both off' 'routing without links' '/callback.php'
sed -i '/^RewriteEngine/iOptions +SymLinksIfOwnerMatch' "$site/.htaccess"
is "$(get /callback.php)" 200 'which a line mends'
stop_server
start_host "SuexecUserGroup alice alice
<Directory $site>
AllowOverrideList Require
AllowOverride None
</Directory>"
cp "$release/htaccess-cgi" "$site/.htaccess"
fails 500 'not allowed here' 'a host that forbids it' /top.cgi
rm "$site/.htaccess"
stop_server
start_host "ScriptAlias /cgi-bin/ $bin/"
fails 500 'exec of' 'a host that runs programs as its own user'
chmod 711 "$home/msgext"
fails 503 'belongs to another user' 'a host that runs programs as its own user, and may enter the directory'
is "$(get /cgi-bin/check.cgi),$(grep -c 'config-unsafe: .*belongs to another user' "$scratch/apache.log")" 503,2 \
	'a host that runs programs as its own user has no page of the check'
stop_server

# Who put all of it where the web server serves.
upload public_html/msgext
start_host "SuexecUserGroup alice alice
ScriptAlias /cgi-bin/ $bin/"
fails 503 'lies inside the document root' 'data below the document root'
is "$(get /cgi-bin/check.cgi),$(grep -c '^ERROR  *data_dir .*lies inside the document root' "$scratch/answer")" 200,1 \
	'the check names data that lie inside the document root'
cp "$site/msgext/msgext.conf" "$site/msgext/data/test.jsonl"
mkdir "$scratch/denied"
mv "$site/msgext/.htaccess" "$scratch/denied"
mv "$site/msgext/data/.htaccess" "$scratch/denied/data"
is "$(serves_nothing msgext)" '' 'even then their modes keep all files from the web (P7)'
chmod -R a+rX "$site"
ok 'that is what does it' shows /msgext/msgext.conf
mv "$scratch/denied/.htaccess" "$site/msgext"
mv "$scratch/denied/data" "$site/msgext/data/.htaccess"
is "$(serves_nothing msgext)" '' '.htaccess keeps all of msgext from being served (P7)'
is "$(get /msgext/msgext.conf),$(get /msgext/data/test.jsonl)" 403,403 '.htaccess forbids configuration and logs'
stop_server

# lighttpd that is alice.
upload public_html/msgext
install -d -o alice "$scratch/lighttpd"
cat >"$scratch/lighttpd.conf" <<EOT
server.modules = ( "mod_cgi" )
server.document-root = "$site"
server.bind = "$scratch/lighttpd.socket"
server.errorlog = "$scratch/lighttpd/error.log"
server.upload-dirs = ( "$scratch/lighttpd" )
server.username = "alice"
server.groupname = "alice"
cgi.assign = ( ".cgi" => "" )
EOT
lighttpd -D -f "$scratch/lighttpd.conf" 2>"$scratch/lighttpd-stderr.log" &
curl_options="--unix-socket $scratch/lighttpd.socket"
url=http://localhost/
started $!
is "$(get /cgi-bin/msgext.cgi),$(get /cgi-bin/check.cgi),$(grep -c '^ERROR  *data_dir .*lies inside' "$scratch/answer")" \
	503,200,1 'lighttpd: data below the document root'
upload msgext
is "$(get /cgi-bin/check.cgi),$(grep -c '^OK  *append' "$scratch/answer")" 200,1 'the page of the check is served'
is "$(event_to /cgi-bin/msgext.cgi),$(stored)" "$answer_ok,1" 'an event is stored'
is "$(serves_nothing msgext)" '' 'Apache serves nothing of msgext (P7)'
ok "that was asked for in many ways: $(wc -l <"$scratch/asked")" test "$(wc -l <"$scratch/asked")" -gt 200
stop_server
is "$(echo "$steps" | tr ' ' '\n' | sort -n | xargs)" "$(sed -n 's/^\([0-9]*\)\. .*/\1/p' "$release/INSTALL" | xargs)" \
	'each step of INSTALL was followed'
done_testing
