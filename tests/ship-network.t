#!/bin/sh
# msgext-ship across a network: a web node and two engines in network namespaces of their own, TLS and
# passwords between them, and cables that are pulled.
. "$(dirname "$0")/lib.sh"
made tests
. "$(dirname "$0")/postgres.sh"

ship=$top/build/msgext-ship
hammer=$top/build/tests/hammer

net=msgext-$$
missing=
if [ "$(id -u)" -ne 0 ]; then
	missing='only root can make network namespaces'
elif command -v ip >/dev/null && ! {
	ip netns add "$net-trial" && ip -n "$net-trial" link add bridge type bridge &&
		ip -n "$net-trial" link add one type veth peer name two
} >/dev/null 2>&1; then
	missing='no networks can be made here'
fi
ip netns delete "$net-trial" 2>/dev/null
if [ -n "$missing" ]; then
	echo "1..0 # SKIP $missing"
	exit 0
fi

# A switch, and a cable from it to each host.
hosts='node a b'
network_end() {
	cleanup
	for name in switch $hosts; do
		ip netns delete "$net-$name" 2>/dev/null
	done
}
trap network_end EXIT
at() {
	host=$1
	shift
	ip netns exec "$net-$host" "$@"
}
address() {
	case $1 in
	node) echo 192.0.2.1 ;;
	a) echo 192.0.2.2 ;;
	b) echo 192.0.2.3 ;;
	esac
}
# cable HOST up|down
cable() {
	at switch ip link set "port-$1" "$2"
}
ip netns add "$net-switch"
at switch ip link add bridge type bridge
at switch ip link set bridge up
for name in $hosts; do
	ip netns add "$net-$name"
	at switch ip link add "port-$name" type veth peer name eth0 netns "$net-$name"
	at switch ip link set "port-$name" master bridge up
	at "$name" ip address add "$(address "$name")/24" dev eth0
	at "$name" ip link set lo up
	at "$name" ip link set eth0 up
done

# An authority, and a certificate of the two engines.
cat >"$scratch/openssl.conf" <<'END'
[req]
distinguished_name = name
prompt = no
[name]
CN = test
[authority]
basicConstraints = critical, CA:TRUE
[engine]
subjectAltName = IP:192.0.2.2, IP:192.0.2.3
END
for authority in authority stranger; do
	openssl req -x509 -newkey rsa:2048 -nodes -days 2 -config "$scratch/openssl.conf" -extensions authority \
		-keyout "$scratch/$authority.key" -out "$scratch/$authority.crt" 2>/dev/null
done
openssl req -newkey rsa:2048 -nodes -config "$scratch/openssl.conf" -keyout "$scratch/engine.key" \
	-out "$scratch/engine.csr" 2>/dev/null
openssl x509 -req -days 2 -in "$scratch/engine.csr" -CA "$scratch/authority.crt" -CAkey "$scratch/authority.key" \
	-extfile "$scratch/openssl.conf" -extensions engine -set_serial 1 -out "$scratch/engine.crt" 2>/dev/null

# The engines; what is asked by the tests goes through their Unix sockets.
network='ssl = on'
as_engine=$as_postgres
# listens NAME: in its own namespace, with its certificate.
listens() {
	as_postgres="ip netns exec $net-$1 $as_engine"
	sed -i "s/^listen_addresses.*/listen_addresses = '$(address "$1")'/" "$scratch/$1/data/postgresql.conf"
	install -o postgres -m 600 "$scratch/engine.key" "$scratch/$1/data/server.key"
	install -o postgres -m 600 "$scratch/engine.crt" "$scratch/$1/data/server.crt"
}
engine_make a "$network" "wal_sender_timeout = '10s'"
listens a
printf '%s\n' 'hostssl postgres shipper 192.0.2.0/24 scram-sha-256' 'hostssl replication postgres 192.0.2.0/24 trust' \
	>>"$scratch/a/data/pg_hba.conf"
engine_start a
sql a "create role shipper login password 'a secret'"
sql a 'grant create on schema public to shipper'
as_postgres=$as_engine
engine_copy a b
listens b
sed -i "s|host=[^ ]*|host=192.0.2.2|" "$scratch/b/data/postgresql.auto.conf"
engine_start b
printf "synchronous_standby_names = 'ANY 1 (*)'\n" >>"$scratch/a/data/postgresql.conf"
as_postgres="ip netns exec $net-a $as_engine"
engine a "$bin/pg_ctl" -D "$scratch/a/data" reload
replicated() { [ "$(sql a 'select sync_state from pg_stat_replication')" = quorum ]; }
ok 'a standby, across the network' wait_for replicated
[ "$tests_failed" -eq 0 ] || {
	sed "s/^/# /" "$scratch/postgres.log" "$scratch/a/log" "$scratch/b/log" >&2
	echo 'Bail out! the engines do not find each other'
	exit 1
}

# What a node's owner writes.
PGSERVICEFILE=$scratch/services
PGPASSFILE=$scratch/pgpass
export PGSERVICEFILE PGPASSFILE
printf '%s\n' '[msgext]' host=192.0.2.2,192.0.2.3 dbname=postgres user=shipper target_session_attrs=read-write \
	sslmode=verify-full "sslrootcert=$scratch/authority.crt" connect_timeout=2 tcp_user_timeout=3000 \
	keepalives_idle=1 keepalives_interval=1 >"$PGSERVICEFILE"
echo '*:*:postgres:shipper:a secret' >"$PGPASSFILE"
chmod 600 "$PGPASSFILE"

config_make 'sync = no'
at node "$ship" --init service=msgext
is $? 0 'tables, by TLS and a password'
ip netns exec "$net-node" "$ship" -d "$data" service=msgext 2>"$scratch/ship.log" &
shipper=$!
pids="$pids $shipper"
events() { "$hammer" "$data" "g$(date +%s%N)" 4 "$(($1 / 4))" nosync many >/dev/null; }
held() {
	sql "$1" "select encode(sha256(string_agg(line || '\\x0a', '' order by start)), 'hex') from msgext_line group by file order by 1"
}
there() { find "$data" -name '*.jsonl' -exec sha256sum {} + | cut -d' ' -f1 | sort; }
shipped() { [ "$(held "$1")" = "$(there)" ]; }
arrives() {
	wait_for shipped "$1" || wait_for shipped "$1"
	is "$(held "$1")" "$(there)" "$2"
}
events 400
arrives a 'lines, by TLS and a password'
is "$(sql a "select count(*) from pg_stat_ssl s join pg_stat_activity a using (pid) where s.ssl and a.usename = 'shipper'")" 1 \
	'no connection is in the clear'
for wrong in "sslrootcert=$scratch/stranger.crt" "passfile=$scratch/none"; do
	at node "$ship" --lines "service=msgext $wrong" >"$scratch/output" 2>&1
	is $? 69 "refused: ${wrong%%=*}"
done
is "$(grep -c 'a secret' "$scratch/output" "$scratch/ship.log" | cut -d: -f2 | tr '\n' ' ')" '0 0 ' 'no password is told'

# cut_off HOST: its cable is out for three seconds, while events come.
cut_off() {
	events 20000 &
	writers=$!
	cable "$1" down
	events 4000
	sleep 3
	cable "$1" up
	wait "$writers"
}
cut_off node
arrives a 'a web node that was cut off for three seconds'
cut_off b
arrives a 'a standby that was'
cut_off a
arrives a 'a primary that was'
kill -STOP "$(head -n 1 "$scratch/a/data/postmaster.pid")"
events 4000 &
sleep 3
kill -CONT "$(head -n 1 "$scratch/a/data/postmaster.pid")"
wait $!
arrives a 'a web node that was stopped for three seconds'

# The primary's cable stays out; the standby has all that was committed, and takes over.
events 20000 &
writers=$!
cable a down
as_postgres="ip netns exec $net-b $as_engine"
engine b "$bin/pg_ctl" -D "$scratch/b/data" -w promote
wait "$writers"
events 4000
arrives b 'a primary that was fenced off, and its standby promoted'
is "$(sql b 'select count(*) from (select from msgext_line group by file, start having count(*) > 1) twice')" 0 'each line is shipped once'
kill "$shipper"
wait "$shipper"
is $? 0 'told to end, it ends'
engine_kill a
engine_kill b
done_testing
