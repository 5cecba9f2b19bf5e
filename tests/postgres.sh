# postgres.sh - PostgreSQL servers in directories of their own, on Unix sockets; needs lib.sh.
# shellcheck shell=sh
# shellcheck disable=SC2154 # scratch is lib.sh's

# No user's own .pgpass, certificates or services.
HOME=$scratch
export HOME

bin=$(echo /usr/lib/postgresql/*/bin)
as_postgres=
[ "$(id -u)" -ne 0 ] || as_postgres='setpriv --reuid=postgres --regid=postgres --clear-groups'

# engine NAME COMMAND...: one of PostgreSQL's programs, for that server.
engine() {
	engine=$scratch/$1
	shift
	# shellcheck disable=SC2086
	(cd / && $as_postgres "$@") >>"$scratch/postgres.log" 2>&1
}
# engine_make NAME [SETTING...]: a new one.
engine_make() {
	mkdir "$scratch/$1"
	[ -z "$as_postgres" ] || chown postgres "$scratch/$1"
	engine "$1" "$bin/initdb" -U postgres -D "$scratch/$1/data" -A trust -E UTF8 --locale=C --no-instructions
	name=$1
	shift
	printf '%s\n' "listen_addresses = ''" "unix_socket_directories = '$scratch/$name'" "$@" \
		>>"$scratch/$name/data/postgresql.conf"
}
# engine_copy FROM TO: a standby of FROM, which is at work.
engine_copy() {
	mkdir "$scratch/$2"
	[ -z "$as_postgres" ] || chown postgres "$scratch/$2"
	engine "$2" "$bin/pg_basebackup" -h "$scratch/$1" -U postgres -D "$scratch/$2/data" -R -c fast
	sed -i "s|^unix_socket_directories.*|unix_socket_directories = '$scratch/$2'|" "$scratch/$2/data/postgresql.conf"
}
engine_start() {
	engine "$1" "$bin/pg_ctl" -D "$scratch/$1/data" -l "$scratch/$1/log" -w -t 120 start
	pids="$pids $(head -n 1 "$scratch/$1/data/postmaster.pid")"
}
# engine_kill NAME: all of it at once, as a power cut would.
engine_kill() {
	all=$(head -n 1 "$scratch/$1/data/postmaster.pid")
	all="$all $(pgrep -P "$all")"
	# shellcheck disable=SC2086
	kill -9 $all 2>/dev/null
	for pid in $all; do
		wait_gone "$pid"
	done
	rm -f "$scratch/$1/data/postmaster.pid" "$scratch/$1"/.s.PGSQL.*
}
# sql NAME COMMAND: the answer, bare.
sql() {
	psql -h "$scratch/$1" -U postgres -d postgres -XAtqc "$2"
}
