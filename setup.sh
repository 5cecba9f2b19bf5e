#!/bin/sh
# setup.sh run | test | bench | coverage - on a machine with nothing but a Debian base system:
#
#   run   installs what is missing, builds, starts the receiver and the viewer behind lighttpd
#         on 127.0.0.1:8080, posts events, shows the log, what it says, and the pages'
#         address and password; Ctrl-C ends it.  PORT=8081 sh setup.sh run takes another port
#   test  installs what is missing, builds, checks the sources, runs every test
#   bench  installs what test and the programs that msgext is measured against need, and measures:
#         ROUNDS and BENCH are make bench's
#   coverage  installs what test needs and what counts, and says what the tests reach
set -eu
cd "$(dirname "$0")"

packages_build='gcc libc6-dev make pkg-config libfcgi-dev libcjson-dev libmd-dev zlib1g-dev'
packages_run='lighttpd curl jq ca-certificates'
packages_test='perl libcmocka-dev apache2 apache2-suexec-custom libapache2-mod-fcgid nginx-light spawn-fcgi multiwatch procps
    clang clang-format clang-tidy cppcheck shellcheck strace mandoc python3 python3-lxml
    e2fsprogs xfsprogs btrfs-progs libfuse3-dev mount bsdutils lnav goaccess sqlite3 miller
    musl-tools gcc-aarch64-linux-gnu qemu-user dpkg-dev build-essential debhelper fakeroot lintian libyaml-libyaml-perl systemd bash-completion
    valgrind logrotate rsync git postgresql libpq-dev openssl iproute2
    chromium chromium-driver python3-selenium fonts-noto-cjk fonts-noto-color-emoji
    frama-c-base why3 z3 cvc4 spin'
packages_bench='php-fpm php-cgi webhook libjson-xs-perl ripgrep fossil cgit'

# Installs those of the packages that are missing.
install_packages() {
	missing=
	for package in "$@"; do
		dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed ||
			missing="$missing $package"
	done
	[ -n "$missing" ] || return 0
	echo "setup.sh: installing$missing"
	as_root=
	if [ "$(id -u)" -ne 0 ]; then
		as_root=sudo
		command -v sudo >/dev/null || {
			echo "setup.sh: run as root, or install:$missing" >&2
			exit 1
		}
	fi
	$as_root apt-get update -qq
	# RUNLEVEL=1: no package starts a server of its own.
	# shellcheck disable=SC2086
	$as_root env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq \
		--no-install-recommends $missing >/dev/null
}

run() {
	# Before anything is installed.
	sh tools/port.sh "${PORT:-8080}"
	# shellcheck disable=SC2086
	install_packages $packages_build $packages_run
	echo 'setup.sh: building'
	make -s
	exec sh tests/demo.sh "${PORT:-8080}"
}

# Servers that root starts run as another user, who must get at what is built here.
readable() {
	[ "$(id -u)" -ne 0 ] || setpriv --reuid=nobody --regid=nogroup --clear-groups test -r "$PWD/setup.sh" || {
		echo "setup.sh: others than root cannot read $PWD: the web servers of the tests are others." \
			'Put the sources elsewhere, such as in /srv.' >&2
		exit 1
	}
}

install_test() {
	# shellcheck disable=SC2086
	install_packages $packages_build
	# For 32 bits.  The package without a version cannot be beside a compiler for another machine.
	packages_test="$packages_test gcc-$(gcc -dumpversion)-multilib"
	# shellcheck disable=SC2086
	install_packages $packages_run $packages_test
}

test_all() {
	readable
	install_test
	# It comes with Node.js where that is not Debian's.
	command -v npm >/dev/null || install_packages npm
	sh tests/browser/axe.sh >/dev/null
	# No test may now be left out for a package.
	export MSGEXT_INSTALLED=yes
	make -s static
	make -s lint
	make -s check
}

bench() {
	readable
	install_test
	# shellcheck disable=SC2086
	install_packages $packages_bench
	exec make -s bench BENCH="${BENCH-}"
}

coverage() {
	readable
	install_test
	# The counting is a part of the compiler's version.
	install_packages llvm "libclang-rt-$(clang -dumpversion | cut -d. -f1)-dev"
	exec make -s coverage
}

case "${1-}" in
run) run ;;
test) test_all ;;
bench) bench ;;
coverage) coverage ;;
*)
	echo 'usage: sh setup.sh run | test | bench | coverage' >&2
	exit 64
	;;
esac
