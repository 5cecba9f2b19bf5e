# view-servers.sh - what the browser's tests share: the browser itself, polls, and real web servers around the
# viewer, each on a port of its own, since browsers know no Unix sockets; needs lib.sh, and servers.sh
# for those.  Each start_view_* sets url.
# shellcheck shell=sh

# The Python that has Selenium: Debian's.
python=
for candidate in python3 /usr/bin/python3; do
	[ -n "$python" ] || ! $candidate -c 'import selenium' 2>/dev/null || python=$candidate
done

# Ends a test where there is no browser.
browser_needed() {
	[ -x "$msgext_view" ] || missing=msgext-view
	for program in chromium chromedriver; do
		command -v $program >/dev/null || missing=$program
	done
	[ -n "$python" ] || missing=python3-selenium
	[ -n "${missing-}" ] || sh "$top/tests/browser/axe.sh" >/dev/null || missing='axe-core'
	[ -z "${missing-}" ] || lacks "$missing"
}

# points SCRIPT ARGUMENT...: a script of tests/browser, whose test points (tap.py) are the test's own.
points() {
	script=$1
	shift
	PYTHONDONTWRITEBYTECODE=1 "$python" "$top/tests/browser/$script" "$@" >"$scratch/points"
	points_status=$?
	while read -r line; do
		case $line in
		'ok '* | 'not ok '*) tests_run=$((tests_run + 1)) ;;
		esac
		case $line in
		'not ok '*) tests_failed=$((tests_failed + 1)) ;;
		esac
		printf '%s\n' "$line"
	done <"$scratch/points"
	[ "$points_status" -le 1 ] && [ -s "$scratch/points" ] || failed "$script $*" "ended with $points_status"
	[ "$points_status" -eq 0 ] || grep -q '^not ok ' "$scratch/points" || failed "$script $*" 'ended early'
}

# view_data: polls, and the examples' viewer switched on.
view_data() {
	config_make
	PYTHONDONTWRITEBYTECODE=1 "$python" - "$top/tests/browser" "$msgext" "$data" <<-'EOT'
		import sys, time
		sys.path.insert(0, sys.argv[1])
		import data
		data.demo_write(sys.argv[2], sys.argv[3], time.time(), {data.POLL, "book-club", "class-7b-parents"})
	EOT
	view_on 'password = correct horse battery staple' 'link_key = 0123456789abcdef0123456789abcdef' 'timezone = +08:00'
}

start_view_lighttpd() {
	port=$(free_port)
	start_lighttpd "$lighttpd_view
		\$SERVER[\"socket\"] == \"127.0.0.1:$port\" { }"
	curl_options=
	url=http://127.0.0.1:$port/view
}

start_view_nginx() {
	port=$(free_port)
	nginx_view="$nginx_view
		listen 127.0.0.1:$port;"
	start_viewers 2
	start_nginx
	curl_options=
	url=http://127.0.0.1:$port/view
}

start_view_apache() {
	start_apache cgi
	url=${url%/msgext}/view
}

# walk NAME: a reader's way through the server that runs, which is stopped then.
walk() {
	echo "# through $1"
	rm -rf "$scratch/walk"
	mkdir "$scratch/walk"
	points walk.py "$url" "$scratch/walk" "$1"
	stop_server
}

# view_home: alice's, in a mount namespace of this test's own (unshare), with view.cgi in her cgi-bin.
view_home() {
	users_mount alice:5001
	home=/home/alice
	mkdir -p "$home/msgext" "$home/public_html/cgi-bin"
	cp "$msgext_view" "$home/msgext/msgext-view"
	cp -R "$data" "$home/msgext/data"
	sed "s|^data_dir = .*|data_dir = $home/msgext/data|" "$view_config" >"$home/msgext/view.conf"
	printf '#!%s/msgext/msgext-view\ninclude = %s/msgext/view.conf\n' "$home" "$home" >"$home/public_html/cgi-bin/view.cgi"
	chmod 711 "$home"
	chmod 700 "$home/msgext" "$home/msgext/data"
	chmod 755 "$home/msgext/msgext-view" "$home/public_html" "$home/public_html/cgi-bin" "$home/public_html/cgi-bin/view.cgi"
	chmod 600 "$home/msgext/view.conf"
	chown -R alice:alice "$home"
}

# Apache with suEXEC, which runs view.cgi as alice; in a namespace with view_home.
start_view_suexec() {
	port=$(free_port)
	cat >"$scratch/apache.conf" <<-EOT
		ServerRoot "$scratch"
		ServerName localhost
		Listen 127.0.0.1:$port
		PidFile "$scratch/apache.pid"
		ErrorLog "$scratch/apache.log"
		User www-data
		Group www-data
		$(apache_modules mpm_event authz_core alias env unixd dir mime userdir suexec cgid)
		TypesConfig /etc/mime.types
		Mutex file:$scratch
		ScriptSock "$scratch/suexec-cgid.socket"
		DocumentRoot /home/alice/public_html
		SuexecUserGroup alice alice
		<Directory />
		Require all denied
		</Directory>
		<Directory /home/alice/public_html>
		Require all granted
		</Directory>
		<Directory /home/alice/public_html/cgi-bin>
		Options +ExecCGI
		SetHandler cgi-script
		</Directory>
	EOT
	apache2 -D FOREGROUND -f "$scratch/apache.conf" 2>"$scratch/apache-stderr.log" &
	curl_options=
	url=http://127.0.0.1:$port/cgi-bin/view.cgi
	started $!
}
