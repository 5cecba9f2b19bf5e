# host.sh - a host where people have homes and FTP: users alice and bob, Apache with suEXEC, the
# release unpacked in $release.  Users, homes, suEXEC's settings and its log are of a mount
# namespace, in which the test runs, and gone with it.
# shellcheck shell=sh disable=SC2034

make -s -C "$top" release >"$scratch/make" 2>&1 || sed 's/^/# /' "$scratch/make" >&2
release=$scratch/$(basename "$top"/build/release/msgext-*)
tar -xzf "$top/build/$(basename "$release").tar.gz" -C "$scratch"
ok 'there is a release' test -f "$release/INSTALL"

# Two users, and a group that bob is in.
users_mount alice:5001 bob:5002
echo "team:x:5010:bob" >>"$scratch/group"
mkdir "$scratch/fcgid"
chown www-data "$scratch/fcgid"

home=/home/alice
site=$home/public_html
bin=$site/cgi-bin
token=Top-5ecret
password="correct horse battery"
link_key=0123456789abcdef0123456789abcdef

# upload DIRECTORY: msgext into that of alice's home, the scripts into cgi-bin, as INSTALL says.
upload() {
	rm -rf "${home:?}"
	mkdir -p "$bin" "$home/$1"
	cp -R "$release/msgext/." "$home/$1"
	cp "$release"/cgi-bin/* "$bin"
	sed -i "s|/home/USER/msgext|$home/$1|; s/^sdk_app_id =/& $app_id/; s/^token =/& $token/" \
		"$bin"/*.cgi "$home/$1/msgext.conf"
	# As it is it looks where INSTALL has msgext.
	[ "$1" = msgext ] || sed -i "s|\.\./\.\./msgext|$home/$1|" "$bin/check.cgi"
	sed -i "s|/home/USER/msgext|$home/$1|; s/^password =/& $password/; s/^link_key =/& $link_key/" "$home/$1/view.conf"
	cp "$bin/msgext.cgi" "$bin/msgext.fcgi"
	cp "$bin/check.cgi" "$bin/check.fcgi"
	cp "$bin/view.cgi" "$bin/view.fcgi"
	cp "$bin/msgext.cgi" "$site/top.cgi"
	echo hello >"$site/index.html"
	chmod 711 "$home"
	chmod 700 "$home/$1" "$home/$1/data"
	chmod 755 "$home/$1/msgext" "$home/$1/msgext-view" "$site" "$bin" "$bin"/*cgi
	chmod 600 "$home/$1/msgext.conf" "$home/$1/view.conf"
	chown -R alice:alice "$home"
}

# start_host [LINES]: Apache as a host sets it up; the lines go into alice's virtual host.
start_host() {
	port=$(free_port)
	cat >"$scratch/apache.conf" <<-EOT
		ServerRoot "$scratch"
		ServerName localhost
		Listen 127.0.0.1:$port
		PidFile "$scratch/apache.pid"
		ErrorLog "$scratch/apache.log"
		User www-data
		Group www-data
		$(apache_modules mpm_event authz_core alias env unixd reqtimeout dir mime rewrite userdir suexec cgid fcgid)
		TypesConfig /etc/mime.types
		Mutex file:$scratch
		ScriptSock "$scratch/apache-cgid.socket"
		FcgidIPCDir "$scratch/fcgid"
		FcgidProcessTableFile "$scratch/fcgid.shm"
		DocumentRoot $site
		<Directory />
		AllowOverride None
		Require all denied
		</Directory>
		<Directory /home/*/public_html>
		AllowOverride All
		Options SymLinksIfOwnerMatch
		Require all granted
		</Directory>
		${1-}
	EOT
	apache2 -D FOREGROUND -f "$scratch/apache.conf" 2>"$scratch/apache-stderr.log" &
	curl_options=
	url=http://127.0.0.1:$port/
	started $!
}

# get PATH: the status; the answer is in $scratch/answer.
get() {
	# shellcheck disable=SC2086
	curl -s -m 30 --path-as-is -o "$scratch/answer" -w '%{http_code}' $curl_options "${url%/}$1"
}
# event_to PATH: the answer to a signed event.
event_to() {
	now=$(date +%s)
	sign=$(printf %s "$token$now" | sha256sum | cut -d' ' -f1)
	# shellcheck disable=SC2086
	curl -s -m 30 $curl_options --data-binary "$event_set" "${url%/}$1?$query&Sign=$sign&RequestTime=$now"
}
