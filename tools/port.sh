#!/bin/sh
# port.sh PORT - can a server listen on 127.0.0.1:PORT?  Where not, it says why, who has the port, and
# what to do.  It takes perl and /proc, which every Debian has; ss may be missing.
set -eu
port=$1
case $port in
'' | *[!0-9]* | 0* | ??????*) port=0 ;;
esac
if [ "$port" -lt 1 ] || [ "$port" -gt 65535 ]; then
	echo "PORT: must be a number from 1 to 65535, is '$1': PORT=8081 sh setup.sh run" >&2
	exit 64
fi

# why PORT: what the system says of it; nothing where it is free.
why() {
	perl -MSocket -e '
		socket my $socket, PF_INET, SOCK_STREAM, 0 or die;
		setsockopt $socket, SOL_SOCKET, SO_REUSEADDR, 1;
		print $! unless bind $socket, sockaddr_in(shift, INADDR_LOOPBACK) and listen $socket, 1' "$1"
}

# listeners: user and inode of each socket that listens on the port here or everywhere.
listeners() {
	cat /proc/net/tcp /proc/net/tcp6 2>/dev/null |
		awk -v port="$(printf :%04X "$port")" '
			BEGIN {
				# 127.0.0.1 and any address, in the bytes of both kinds of machine; the same in IPv6.
				any = "00000000"
				split("0100007F 7F000001", local)
				here[any] = here[any any any any] = 1
				here[local[1]] = here[any any "FFFF0000" local[1]] = 1
				here[local[2]] = here[any any "0000FFFF" local[2]] = 1
			}
			$4 == "0A" && substr($2, length($2) - 4) == port && substr($2, 1, length($2) - 5) in here {
				print $8, $10
			}' | sort -u
}

# holders: who they are.  Only root sees what other users' processes hold.
holders() {
	listeners | while read -r user inode; do
		name=$(getent passwd "$user" | cut -d: -f1)
		process=$(find /proc/[0-9]*/fd -lname "socket:\[$inode\]" 2>/dev/null | sed -n '1s|^/proc/\([0-9]*\)/.*|\1|p')
		if [ -n "$process" ]; then
			echo "$(cat "/proc/$process/comm") (process $process, of ${name:-user $user})"
		else
			echo "a process of ${name:-user $user}"
		fi
	done | sort -u | head -n 1
}

reason=$(why "$port")
[ -n "$reason" ] || exit 0
free=$((port < 1024 ? 8080 : port))
until free=$((free + 1)) && { [ "$free" -gt 65535 ] || [ -z "$(why "$free")" ]; }; do
	:
done
[ "$free" -le 65535 ] || free=8080
holder=$(holders)
if [ -n "$holder" ]; then
	echo "Port $port is taken by $holder: end that, or take another port: PORT=$free sh setup.sh run" >&2
else
	echo "Port $port cannot be had ($reason): take another: PORT=$free sh setup.sh run" >&2
fi
exit 1
