#!/bin/sh
# debian-root.sh - the life of the package in a machine of its own: a fresh Debian, booted by
# systemd-nspawn, in which it is installed, tested, removed and purged.  Needs root,
# debootstrap, systemd-container, and the network.
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
mkdir "$root/root/msgext"
cp -a "$scratch/build"/msgext_*.deb "$top/debian/tests" "$root/root/msgext/"

cat >"$root/root/msgext/life" <<'END'
#!/bin/sh
set -eux
cd /root/msgext
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends ./msgext_*.deb apache2 lighttpd nginx-light curl
test "$(stat -c '%a %U:%G' /etc/msgext/msgext.conf /etc/msgext/view.conf | uniq)" = '640 root:www-data'
test "$(stat -c '%a %U:%G' /var/lib/msgext)" = '750 www-data:www-data'
if msgextctl check; then exit 1; fi
for test in apache lighttpd systemd; do
	"tests/$test"
done
apt-get install -y -qq --reinstall ./msgext_*.deb
test "$(stat -c '%a %U:%G' /etc/msgext/msgext.conf)" = '640 root:www-data'
grep -q '^token = xxxxyyyy' /etc/msgext/msgext.conf
apt-get remove -y -qq msgext
test ! -e /etc/apache2/conf-enabled/msgext.conf
test ! -L /etc/lighttpd/conf-enabled/50-msgext.conf
test ! -L /etc/lighttpd/conf-enabled/50-msgext-view.conf
for server in apache2 lighttpd; do
	systemctl restart $server
	systemctl stop $server
done
rm /etc/nginx/conf.d/msgext-test.conf
apt-get purge -y -qq msgext
test ! -e /etc/msgext
test ! -e /etc/apache2/conf-available/msgext.conf
test "$(find /etc /lib/systemd /usr/share/doc/msgext -name '*msgext*' 2>/dev/null)" = ''
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
timeout 900 systemd-nspawn -q -b -D "$root" --register=no --keep-unit --resolv-conf=off >/dev/null 2>&1 </dev/null || true
tail -n 40 "$root/root/msgext/log"
[ "$(cat "$root/root/msgext/status")" = 0 ]
echo "the package was installed, tested, removed and purged"
