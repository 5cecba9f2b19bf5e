# servers.sh - real web servers around the receiver, with the shipped examples
# included as they are.  Each start_* sets url, and what curl needs besides in
# curl_options; each server runs in the foreground of its own process.
# shellcheck shell=sh

curl_options=
# More lines: where the viewer and another program are, before Apache's example is included, and in
# nginx's server block.
apache_view=
apache_routing=
nginx_view=
nginx_routing=
root=$scratch/www
mkdir -p "$root"

# Keeps a started process for the end, and waits until the URL answers.
started() {
	pids="$pids $1"
	wait_for answers || {
		echo "# the server did not start: $(cat "$scratch"/*.log 2>/dev/null)" |
			head -c 4000 | awk '{ print (NR > 1 ? "# " : "") $0 }'
		echo 'Bail out! a server did not start'
		exit 1
	}
}
answers() {
	# shellcheck disable=SC2086
	curl -s -o /dev/null -m 5 $curl_options "$url"
}

# view_on: with the viewer, as the examples have it for those who switch it on, at /view.  Its
# configuration is $view_config, and what runs it behind nginx and mod_proxy_fcgi start_viewers.
view_on() {
	view_config=$scratch/view.conf
	(umask 077 && printf '%s\n' "data_dir = $data" "$@" >"$view_config")
	lighttpd_view="var.msgext_view_program = \"$msgext_view\"
		var.msgext_view_config = \"$view_config\"
		var.msgext_view_socket = \"$scratch/lighttpd-view.socket\"
		$(viewers_part lighttpd-example.conf)"
	apache_view="Define MSGEXT_VIEW
		Define MSGEXT_VIEW_PROGRAM $msgext_view
		Define MSGEXT_VIEW_CONFIG $view_config
		Define MSGEXT_VIEW_SOCKET $scratch/viewers.socket"
	nginx_view=$(viewers_part nginx-example.conf | sed "s|/run/msgext-view.socket|$scratch/viewers.socket|")
}
# part_on FILE HEADING: the part of an example that is under the heading, switched on.
part_on() {
	sed "1,/^# $2/d" "$top/$1" | sed '/^$/q' | sed -n '/^#[^ ]/,$s/^#//p'
}
# viewers_part FILE: the viewer's, without its paths.
viewers_part() {
	part_on "$1" 'The viewer, msgext-view(8):' | sed '/^var\./d'
}
# routing_on: with the routing to another program at /callback, as the examples have it for those
# who switch it on.
routing_on() {
	lighttpd_routing=$(part_on lighttpd-example.conf 'One URL, several handlers')
	apache_routing="$(apache_modules rewrite)
		Define MSGEXT_BESIDE /callback"
	nginx_routing=$(part_on nginx-example.conf 'One URL, several handlers')
}
# start_viewers COUNT: FastCGI processes on one socket.
start_viewers() {
	rm -f "$scratch/viewers.socket"
	spawn-fcgi -s "$scratch/viewers.socket" -M 0666 -F "$1" -P "$scratch/viewers.pid" -- \
		"$msgext_view" -c "$view_config" >/dev/null || return 1
	pids="$(cat "$scratch/viewers.pid") $pids"
}

# Stops the server that was started last.
stop_server() {
	stop_processes "${pids##* }"
	pids=${pids% *}
}

# lighttpd on a Unix socket: FastCGI at /msgext, CGI at /cgi-bin/msgext.
start_lighttpd() {
	cat >"$scratch/lighttpd.conf" <<-EOT
		server.document-root = "$root"
		server.bind = "$scratch/lighttpd.socket"
		server.errorlog = "$scratch/lighttpd.log"
		server.upload-dirs = ( "$scratch" )
		var.msgext_program = "$msgext"
		var.msgext_config = "$config"
		var.msgext_socket = "$scratch/lighttpd-fastcgi.socket"
		include "$top/lighttpd-example.conf"
		${1-}
	EOT
	lighttpd -D -f "$scratch/lighttpd.conf" 2>"$scratch/lighttpd-stderr.log" &
	curl_options="--unix-socket $scratch/lighttpd.socket"
	url=http://localhost/msgext
	started $!
}

# apache_modules NAME...: LoadModule lines for those that are not built in.
apache_modules() {
	for module in "$@"; do
		[ ! -e "/usr/lib/apache2/modules/mod_$module.so" ] ||
			echo "LoadModule ${module}_module /usr/lib/apache2/modules/mod_$module.so"
	done
}

# What an example file tells to set for the whole server.
server_lines() {
	sed -n 's/^#   \(events {.*}\|ListenBackLog .*\|MaxRequestWorkers .*\|worker_rlimit_nofile .*\)$/\1/p' "$top/$1"
}

# start_apache cgi|fcgid|proxy [LINES]: Apache on a free port.
start_apache() {
	case $1 in
	cgi) modules=cgid define= ;;
	fcgid) modules=fcgid define='Define MSGEXT_FCGID' ;;
	proxy) modules='proxy proxy_fcgi buffer' define='Define MSGEXT_PROXY' ;;
	esac
	port=$(free_port)
	user=
	[ "$(id -u)" -ne 0 ] || user='User www-data
Group www-data'
	# shellcheck disable=SC2086
	cat >"$scratch/apache.conf" <<-EOT
		ServerRoot "$scratch"
		ServerName localhost
		Listen 127.0.0.1:$port
		PidFile "$scratch/apache.pid"
		ErrorLog "$scratch/apache.log"
		DocumentRoot "$root"
		$(apache_modules mpm_event authz_core alias env unixd reqtimeout dir $modules)
		$user
		Mutex file:$scratch
		$(server_lines apache-example.conf)
		<IfModule cgid_module>
		ScriptSock "$scratch/apache-cgid.socket"
		</IfModule>
		<IfModule fcgid_module>
		FcgidIPCDir "$scratch/fcgid"
		FcgidProcessTableFile "$scratch/fcgid.shm"
		</IfModule>
		Define MSGEXT_PROGRAM "$msgext"
		Define MSGEXT_CONFIG "$config"
		Define MSGEXT_SOCKET "$scratch/workers.socket"
		$apache_view
		$apache_routing
		$define
		Include "$top/apache-example.conf"
		${2-}
	EOT
	mkdir -p "$scratch/fcgid"
	data_for_www
	apache2 -D FOREGROUND -f "$scratch/apache.conf" 2>"$scratch/apache-stderr.log" &
	curl_options=
	url=http://127.0.0.1:$port/msgext
	started $!
}

# Apache run by root gives its programs to www-data.
data_for_www() {
	[ "$(id -u)" -eq 0 ] || return 0
	chown -R www-data: "$data" "$config" ${view_config:+"$view_config"} "$scratch/fcgid" 2>/dev/null
}
data_for_us() {
	[ "$(id -u)" -eq 0 ] || return 0
	chown -R root: "$data" "$config" ${view_config:+"$view_config"}
}

# nginx on a Unix socket, in front of start_workers.
start_nginx() {
	user=
	[ "$(id -u)" -ne 0 ] || user='user root;'
	cat >"$scratch/nginx.conf" <<-EOT
		daemon off;
		$user
		pid $scratch/nginx.pid;
		error_log $scratch/nginx.log;
		$(server_lines nginx-example.conf)
		http {
		    access_log off;
		    client_body_temp_path $scratch/nginx-body;
		    proxy_temp_path $scratch/nginx-proxy;
		    fastcgi_temp_path $scratch/nginx-fastcgi;
		    uwsgi_temp_path $scratch/nginx-uwsgi;
		    scgi_temp_path $scratch/nginx-scgi;
		    server {
		        listen unix:$scratch/nginx.socket backlog=4096;
		        root $root;
		        set \$msgext_socket unix:$scratch/workers.socket;
		        include $top/nginx-example.conf;
		        $nginx_view
		        $nginx_routing
		    }
		}
	EOT
	nginx -c "$scratch/nginx.conf" 2>"$scratch/nginx-stderr.log" &
	curl_options="--unix-socket $scratch/nginx.socket"
	url=http://localhost/msgext
	started $!
}

# start_workers COUNT: FastCGI processes on one socket, by spawn-fcgi.
start_workers() {
	rm -f "$scratch/workers.socket"
	spawn-fcgi -s "$scratch/workers.socket" -M 0666 -F "$1" -P "$scratch/workers.pid" -- \
		"$msgext" -c "$config" >/dev/null || return 1
	worker_pids=$(cat "$scratch/workers.pid")
	pids="$worker_pids $pids"
}

# A number of the command that nginx-example.conf shows first, the receiver's, by its option.
spawn_number() {
	sed -n "/^#  .* -$1 [0-9]* /{s/^#  .* -$1 \([0-9]*\) .*/\1/p;q;}" "$top/nginx-example.conf"
}

# start_watched [COUNT]: likewise, but one that leaves is started anew, by multiwatch as the examples have it.
start_watched() {
	rm -f "$scratch/workers.socket"
	spawn-fcgi -s "$scratch/workers.socket" -b "$(spawn_number b)" -M 0666 -P "$scratch/workers.pid" -- \
		/usr/bin/multiwatch -f "${1-$(spawn_number f)}" -r "$(spawn_number r)" -- "$msgext" -c "$config" >/dev/null || return 1
	pids="$(cat "$scratch/workers.pid") $pids"
}

# post QUERY BODY: the answer's body.
post() {
	# shellcheck disable=SC2086
	curl -s -m 30 $curl_options --data-binary "$2" "$url?$1"
}

# users_mount NAME:NUMBER...: these users, their homes, and what suEXEC reads and writes, in a mount
# namespace of the caller's own, and gone with it.  $scratch/passwd and group are the system's from then on.
users_mount() {
	mount -t tmpfs -o mode=755 tmpfs /home
	for file in passwd group; do
		cp "/etc/$file" "$scratch"
	done
	for user in "$@"; do
		echo "${user%:*}:x:${user#*:}:${user#*:}::/home/${user%:*}:/bin/false" >>"$scratch/passwd"
		echo "${user%:*}:x:${user#*:}:" >>"$scratch/group"
	done
	printf '/home\npublic_html\n' >"$scratch/suexec.conf"
	mkdir -p "$scratch/log"
	for file in passwd:/etc/passwd group:/etc/group suexec.conf:/etc/apache2/suexec/www-data log:/var/log/apache2; do
		mount --bind "$scratch/${file%%:*}" "${file#*:}"
	done
}
