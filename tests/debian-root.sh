#!/bin/sh
# debian-root.sh - the life of the packages in a machine of its own: a fresh Debian, booted by
# systemd-nspawn, in which they are installed, tested, replaced by another version while all is
# running, removed and purged.  Needs root, debootstrap, systemd-container, and the network.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
scratch=$(mktemp -d "${TMPDIR:-/tmp}/msgext-root.XXXXXX")
root=$scratch/root
trap 'rm -rf "$scratch"' EXIT

mkdir "$scratch/build"
cp -a "$top" "$scratch/build/msgext"
(cd "$scratch/build/msgext" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b >/dev/null 2>&1)

# The packages come from where this machine has its own.
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' |
	awk -v suite="$suite" '$2 == suite { print $1; exit }')
debootstrap --variant=minbase --include=systemd,systemd-sysv,dbus "$suite" "$root" "$mirror" >"$scratch/log" ||
	{ tail "$scratch/log"; exit 1; }
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
cp /etc/apt/apt.conf.d/* "$root/etc/apt/apt.conf.d/"
mkdir -p "$root/root/msgext/debian" "$root/root/msgext/tests" "$root/root/msgext/later"
cp -a "$top/debian/tests" "$root/root/msgext/debian/"
cp -a "$top/tests/rest" "$root/root/msgext/tests/"
# The next version is the same under another number.
for package in msgext msgext-repair msgext-ship; do
	cp "$scratch/build/$package"_*.deb "$root/root/msgext/"
	dpkg-deb -R "$scratch/build/$package"_*.deb "$scratch/$package"
	sed -i 's/^Version: .*/&+later/' "$scratch/$package/DEBIAN/control"
	dpkg-deb -b "$scratch/$package" "$root/root/msgext/later" >/dev/null
done

cat >"$root/root/msgext/life" <<'END'
#!/bin/sh
set -eux
cd /root/msgext
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends ./msgext*.deb apache2 lighttpd nginx-light curl openssl python3
test "$(stat -c '%a %U:%G' /etc/msgext/msgext.conf /etc/msgext/view.conf | uniq)" = '640 root:www-data'
test "$(stat -c '%a %U:%G' /var/lib/msgext)" = '750 www-data:www-data'
if msgextctl check; then exit 1; fi
# Nothing is on until somebody wants it.
units='msgext.socket msgext-view.socket msgext-repair.timer'
for unit in $units msgext-ship.service; do
	test "$(systemctl is-enabled $unit)" = disabled
	if systemctl is-active $unit; then exit 1; fi
done
for test in apache lighttpd systemd repair; do
	"debian/tests/$test"
done

# Another version, while all is running: each worker is one of it, and no request is refused.
workers='msgext@2 msgext-view@2'
serves() {
	curl -sS http://localhost:8081/msgext | grep '"ActionStatus":"OK"'
	test "$(curl -s -o /dev/null -w '%{http_code}' http://localhost:8081/view)" = 403
}
systemctl enable --now $units $workers
systemctl restart nginx
serves
systemctl start msgext@1 msgext-view@1
cp -p /etc/msgext/view.conf /etc/msgext/repair.key /root
apt-get install -y -qq ./later/*.deb
dpkg-query -W -f '${Version}' msgext | grep later
systemctl is-active $units $workers msgext@1 msgext-view@1
systemctl is-enabled $units $workers
for worker in $workers msgext@1 msgext-view@1; do
	# The rest are the unit's settings, that systemd makes before it starts the program.
	for round in 1 2 3 4 5; do
		readlink "/proc/$(systemctl show -P MainPID $worker)/exe" | grep -x '/usr/bin/msgext\|/usr/bin/msgext-view' && break
		test $round -lt 5
		sleep 1
	done
done
serves
test "$(stat -c '%a %U:%G' /etc/msgext/msgext.conf)" = '640 root:www-data'
grep -q '^token = xxxxyyyy' /etc/msgext/msgext.conf
cmp /etc/msgext/view.conf /root/view.conf
cmp /etc/msgext/repair.key /root/repair.key

apt-get remove -y -qq msgext msgext-repair msgext-ship
test "$(find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname '*/msgext*' 2>/dev/null)" = ''
for unit in $units $workers; do
	if systemctl is-active $unit; then exit 1; fi
done
test ! -e /etc/apache2/conf-enabled/msgext.conf
test ! -L /etc/lighttpd/conf-enabled/50-msgext.conf
test ! -L /etc/lighttpd/conf-enabled/50-msgext-view.conf
for server in apache2 lighttpd; do
	systemctl stop nginx
	systemctl restart $server
	systemctl stop $server
done
rm /etc/nginx/conf.d/msgext-test.conf
apt-get purge -y -qq msgext msgext-repair msgext-ship
# What the owner wrote himself is his, and so are the logs.
test "$(cd /etc/msgext && ls | xargs)" = 'repair-ca.pem repair.conf repair.key'
rm -r /etc/msgext
test "$(find /etc /lib/systemd /usr -name '*msgext*' 2>/dev/null)" = ''
test -s /var/lib/msgext/msgext-sample.jsonl
END
cat >"$root/etc/systemd/system/life.service" <<'END'
[Unit]
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/sh -c 'sh /root/msgext/life >/root/msgext/log 2>&1; echo $? >/root/msgext/status; systemctl poweroff --no-block'
[Install]
WantedBy=default.target
END
mkdir -p "$root/etc/systemd/system/default.target.wants"
ln -s ../life.service "$root/etc/systemd/system/default.target.wants/life.service"
# msgext-repair locks a key in memory, which machines of this kind forbid.
timeout 900 systemd-nspawn -q -b --system-call-filter=@memlock -D "$root" --register=no --keep-unit --resolv-conf=off >/dev/null 2>&1 </dev/null || true
tail -n 60 "$root/root/msgext/log"
[ "$(cat "$root/root/msgext/status")" = 0 ]
echo "the packages were installed, tested, replaced, removed and purged"
