#!/bin/sh
# dist.sh ARCHIVE - is what is in it all that is needed to build, test, install and remove the programs?
set -eu
scratch=$(mktemp -d "${TMPDIR:-/tmp}/msgext-dist.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
# For the web servers, which run as another user.
chmod 755 "$scratch"

tar -xzf "$1" -C "$scratch"
cd "$scratch"/msgext-*
find . | sort >"$scratch/before"
# What was built with another variable is built anew.
make -s SYSCONFDIR=/elsewhere all
grep -aq /elsewhere/msgext/msgext.conf build/msgext build/msgextctl
grep -aq /elsewhere/msgext/view.conf build/msgext-view
make -s all build/tests/failmalloc.so
if grep -aq /elsewhere build/msgext build/msgextctl; then
	echo 'built with another SYSCONFDIR, and not built anew' >&2
	exit 1
fi
make -s check-unit UNITS='json parse config store'
prove tests/corpus.t tests/cgi.t tests/manual.t tests/readme.t
make -s install DESTDIR="$scratch/root"
"$scratch/root/usr/local/bin/msgext" -V
"$scratch/root/usr/local/bin/msgextctl" -V
make -s uninstall DESTDIR="$scratch/root"
left=$(find "$scratch/root" ! -type d)
[ -z "$left" ] || {
	echo "uninstall left $left" >&2
	exit 1
}
make -s clean
find . | sort | diff "$scratch/before" -
