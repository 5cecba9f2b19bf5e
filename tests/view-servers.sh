# view-servers.sh - real web servers around the viewer, each on a port of its own, since browsers know no
# Unix sockets; needs lib.sh and servers.sh.  Each start_view_* sets url.
# shellcheck shell=sh

view_config=$scratch/view.conf
msgext_view=${MSGEXT_VIEW-$top/build/msgext-view}

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
	[ -z "${missing-}" ] || {
		echo '1..1'
		echo "ok 1 - the viewer in a browser # SKIP this takes $missing; setup.sh test installs it"
		exit 0
	}
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

# view_data: polls, and the viewer's configuration.
view_data() {
	mkdir -p "$data"
	PYTHONDONTWRITEBYTECODE=1 "$python" - "$top/tests/browser" "$msgext" "$data" <<-'EOT'
		import sys, time
		sys.path.insert(0, sys.argv[1])
		import data
		data.demo_write(sys.argv[2], sys.argv[3], time.time(), {data.POLL, "book-club", "class-7b-parents"})
	EOT
	chmod 700 "$data"
	cat >"$view_config" <<-EOT
		data_dir = $data
		password = correct horse battery staple
		link_key = 0123456789abcdef0123456789abcdef
		timezone = +08:00
	EOT
	chmod 600 "$view_config"
}

# What runs the viewer owns the logs and the configuration.
view_owner() {
	[ "$(id -u)" -ne 0 ] || chown -R "$1:" "$data" "$view_config"
}

# FastCGI processes of the viewer, as nginx and mod_proxy_fcgi need them.
start_view_workers() {
	rm -f "$scratch/view.socket"
	spawn-fcgi -s "$scratch/view.socket" -M 0666 -F 2 -P "$scratch/view.pid" -- \
		"$msgext_view" -c "$view_config" >/dev/null || return 1
	pids="$(cat "$scratch/view.pid") $pids"
}

# nginx's, in front of start_view_workers.  Debian's fastcgi_params is not included: its HTTP_HOST has no port.
view_nginx() {
	user=
	[ "$(id -u)" -ne 0 ] || user='user root;'
	port=$(free_port)
	cat >"$scratch/nginx.conf" <<-EOT
		daemon off;
		$user
		pid $scratch/nginx.pid;
		error_log $scratch/nginx.log;
		events { }
		http {
		    access_log off;
		    client_body_temp_path $scratch/nginx-body;
		    proxy_temp_path $scratch/nginx-proxy;
		    fastcgi_temp_path $scratch/nginx-fastcgi;
		    uwsgi_temp_path $scratch/nginx-uwsgi;
		    scgi_temp_path $scratch/nginx-scgi;
		    server {
		        listen 127.0.0.1:$port;
		        root $root;
		        location = /view {
		            fastcgi_pass unix:$scratch/view.socket;
		            fastcgi_param GATEWAY_INTERFACE CGI/1.1;
		            fastcgi_param REQUEST_METHOD \$request_method;
		            fastcgi_param QUERY_STRING \$query_string;
		            fastcgi_param CONTENT_TYPE \$content_type;
		            fastcgi_param CONTENT_LENGTH \$content_length;
		            fastcgi_param SCRIPT_NAME \$fastcgi_script_name;
		            fastcgi_param REQUEST_URI \$request_uri;
		            fastcgi_param HTTPS \$https if_not_empty;
		            fastcgi_param REMOTE_ADDR \$remote_addr;
		        }
		    }
		}
	EOT
}

start_view_nginx() {
	view_owner "$(id -un)"
	start_view_workers || return 1
	view_nginx
	nginx -c "$scratch/nginx.conf" 2>"$scratch/nginx-stderr.log" &
	curl_options=
	url=http://127.0.0.1:$port/view
	started $!
}

# lighttpd: FastCGI that it starts itself.
start_view_lighttpd() {
	port=$(free_port)
	view_owner "$(id -un)"
	cat >"$scratch/lighttpd-view.conf" <<-EOT
		server.document-root = "$root"
		server.bind = "127.0.0.1"
		server.port = $port
		server.errorlog = "$scratch/lighttpd.log"
		server.upload-dirs = ( "$scratch" )
		server.modules += ( "mod_fastcgi" )
		fastcgi.server = ( "/view" => ((
		    "bin-path" => "$msgext_view -c $view_config",
		    "socket" => "$scratch/lighttpd-view.socket",
		    "max-procs" => 2,
		    "check-local" => "disable"
		)) )
	EOT
	lighttpd -D -f "$scratch/lighttpd-view.conf" 2>"$scratch/lighttpd-stderr.log" &
	curl_options=
	url=http://127.0.0.1:$port/view
	started $!
}

# Apache: CGI.
start_view_apache() {
	config=$view_config # for www-data, with the data
	start_apache cgi "
		ScriptAlias /view $msgext_view
		<Location /view>
		SetEnv MSGEXT_VIEW_CONFIG $view_config
		Require all granted
		</Location>"
	url=${url%/msgext}/view
}

# view_home: alice's, in a mount namespace of this test's own (unshare), with view.cgi in her cgi-bin.
view_home() {
	mount -t tmpfs -o mode=755 tmpfs /home
	for file in passwd group; do
		cp "/etc/$file" "$scratch"
	done
	echo 'alice:x:5001:5001::/home/alice:/bin/false' >>"$scratch/passwd"
	echo 'alice:x:5001:' >>"$scratch/group"
	printf '/home\npublic_html\n' >"$scratch/suexec.conf"
	mkdir -p "$scratch/log"
	for file in passwd:/etc/passwd group:/etc/group suexec.conf:/etc/apache2/suexec/www-data log:/var/log/apache2; do
		mount --bind "$scratch/${file%%:*}" "${file#*:}"
	done
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
