#!/bin/sh
# The viewer on shared hosting, under Apache with suEXEC: what make release builds, uploaded as its
# INSTALL says.  As the logs' owner; and as another user, who may read them by their group.  What
# is open to others, or closed to this user, is refused with a reason, and nothing is written.
if [ "$(id -u)" -ne 0 ] || ! unshare -m true 2>/dev/null; then
	echo '1..1'
	echo 'ok 1 - shared hosting # SKIP this takes root and mount namespaces'
	exit 0
fi
[ -n "${MSGEXT_NAMESPACE-}" ] || MSGEXT_NAMESPACE=1 exec unshare -m --propagation private sh "$0"
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/servers.sh"
. "$(dirname "$0")/host.sh"

upload msgext
view=/cgi-bin/view.cgi
jar=$scratch/jar
# sign_in PASSWORD: the status; the session, if there is one, is in the jar.
sign_in() {
	rm -f "$jar"
	curl -s -m 30 -o "$scratch/answer" -w '%{http_code}' -c "$jar" --data-urlencode p=in \
		--data-urlencode "password=$1" "${url%/}$view"
}
# look [QUERY]: the status of a page, in that session.
look() {
	curl -s -m 30 -o "$scratch/answer" -w '%{http_code}' -b "$jar" "${url%/}$view${1:+?$1}"
}
# as USER COMMAND...: of which the groups are his, too.
as() {
	user=$1
	shift
	setpriv --reuid="$user" --regid="$user" --init-groups "$@"
}
# link USER: the query of a link to the sample's result, from that user's configuration.
link() {
	as "$1" "$release/msgext/msgextctl" link -c "/home/$1/msgext/view.conf" test 10 --names 2>/dev/null
}
shown() {
	sed 's/<[^>]*>//g' "$scratch/answer" | grep -c "$1"
}
# refused STATUS SLUG DESCRIPTION: a link is answered so, and Apache's log says why.
refused() {
	: >"$scratch/apache.log"
	is "$(get "$view$link"),$(grep -c "msgext-view: $2: " "$scratch/apache.log")" "$1,1" "$3: $2"
}

# As the logs' owner.
start_host "SuexecUserGroup alice alice
ScriptAlias /cgi-bin/ $bin/"
is "$(event_to /cgi-bin/msgext.cgi)" "$answer_ok" 'an event is stored'
link=$(link alice)
is "$(get "$view")" 403 'the viewer asks for the password'
is "$(sign_in 'correct horse batterx'),$(look)" 403,403 'another password does not open it'
is "$(sign_in "$password"),$(look)" 303,200 'the password does'
is "$(look 'g=test&m=10'),$(shown 12122 | sed 's/[1-9].*/shown/')" 200,shown "a message's result"
is "$(look 'g=test&m=10&f=csv'),$(tr -d '\r' <"$scratch/answer" | grep -c '^"*test"*,"*10"*,\|key3')" 200,1 'a download'
is "$(get "$view$link&from=singlemessage&isappinstalled=0"),$(shown 12122 | sed 's/[1-9].*/shown/')" 200,shown \
	'a link shows it without'
is "$(get "$view$link" && get "$view?g=test&m=10" && get "$view")" 200403403 'and nothing else'
chmod 644 "$home/msgext/view.conf"
refused 503 config-unsafe 'a configuration for all to read'
chmod 600 "$home/msgext/view.conf"
sed -i 's/^password =.*/password =/' "$home/msgext/view.conf"
refused 503 config-malformed 'a configuration without a password'
sed -i "s/^password =.*/password = $password/" "$home/msgext/view.conf"
sed -i '1s/$/\r/' "$bin/view.cgi"
is "$(get "$view")" 500 'a script with CR LF does not run'
sed -i '1s/\r$//' "$bin/view.cgi"
sed -i 's/$/\r/' "$home/msgext/view.conf"
is "$(get "$view$link")" 200 'a configuration with CR LF is none of it'
sed -i 's/\r$//' "$home/msgext/view.conf"
echo 'link_epoch = 1' >>"$home/msgext/view.conf"
is "$(get "$view$link"),$(look)" 403,200 'another link_epoch ends the links, and no session'
sed -i '/^link_epoch/d; s/^password =.*/&!/' "$home/msgext/view.conf"
is "$(get "$view$link"),$(look)" 200,403 'another password ends the sessions, and no link'
cp "$release/htaccess-fcgid" "$bin/.htaccess"
stop_server

# By mod_fcgid: a worker that stays finds another configuration by itself.
start_host "SuexecUserGroup alice alice
<Directory $bin>
Options +ExecCGI
AddHandler fcgid-script .fcgi
</Directory>"
view=/cgi-bin/view.fcgi
is "$(get "$view$link"),$(get "$view")" 200,403 'mod_fcgid runs it'
stop_server
view=/cgi-bin/view.cgi

# As another user: bob's viewer of alice's logs.
theirs=/home/bob
rm -rf "$theirs"
mkdir -p "$theirs/msgext" "$theirs/public_html/cgi-bin"
cp "$release/msgext/msgext-view" "$theirs/msgext"
sed "s|^data_dir =.*|data_dir = $home/msgext/data|; s/^password =/& $password/; s/^link_key =/& $link_key/" \
	"$release/msgext/view.conf" >"$theirs/msgext/view.conf"
sed "s|/home/USER|$theirs|" "$release/cgi-bin/view.cgi" >"$theirs/public_html/cgi-bin/view.cgi"
chmod 711 "$theirs" "$theirs/msgext" "$home/msgext"
chmod 755 "$theirs/public_html" "$theirs/public_html/cgi-bin" "$theirs/public_html/cgi-bin/view.cgi"
chmod 600 "$theirs/msgext/view.conf"
chown -R bob:bob "$theirs"
hosts="SuexecUserGroup alice alice
ScriptAlias /cgi-bin/ $bin/
Listen 127.0.0.1:PORT
<VirtualHost 127.0.0.1:PORT>
SuexecUserGroup bob bob
ScriptAlias /cgi-bin/ $theirs/public_html/cgi-bin/
</VirtualHost>"
bobs=$(free_port)
start_host "$(echo "$hosts" | sed "s/PORT/$bobs/")"
alices=$url
link=$(link bob)
url=http://127.0.0.1:$bobs/
refused 503 data-dir "a data directory that is closed to the viewer's user"
is "$(as bob "$theirs/msgext/msgext-view" -c "$theirs/msgext/view.conf" -t 2>&1)" \
	"msgext-view: data-dir: data_dir: $home/msgext/data: Permission denied" 'and -t says so'
# As msgext-view(8) has it.
chgrp team "$home/msgext/data"
chmod 2750 "$home/msgext/data"
is "$(get "$view?g=test&m=10")" 403 'without session or link there is nothing'
: >"$scratch/apache.log"
is "$(get "$view$link" | sed 's/50[03]/closed/'),$(grep -c 'msgext-view: .*test.jsonl' "$scratch/apache.log")" closed,1 \
	'a log of mode 0600 is closed to it, and named'
echo 'file_mode = 0640' >>"$home/msgext/msgext.conf"
rm "$home"/msgext/data/*
url=$alices
is "$(event_to /cgi-bin/msgext.cgi),$(stat -c %U:%G:%a "$home/msgext/data/test.jsonl")" "$answer_ok,alice:team:640" \
	"with file_mode = 0640 a log is the group's to read"
url=http://127.0.0.1:$bobs/
is "$(get "$view$link"),$(shown 12122 | sed 's/[1-9].*/shown/')" 200,shown "another user's viewer shows it"
is "$(sign_in "$password"),$(look),$(look 'g=test&m=10'),$(look 'p=events'),$(look 'p=check')" 303,200,200,200,200 'and all pages'
is "$(as bob sh -c "echo >$home/msgext/data/x; echo >>$home/msgext/data/test.jsonl" 2>&1 | grep -c 'cannot create')" 2 \
	'and can write nothing'
chown alice:bob "$theirs/msgext/view.conf"
chmod 640 "$theirs/msgext/view.conf"
refused 503 config-unsafe "a configuration of the logs' owner in place of his own"
stop_server
done_testing
