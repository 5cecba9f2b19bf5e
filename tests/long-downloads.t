#!/bin/sh
# All that is downloaded of a release: whole, what its sums say, and the same bytes wherever it is made.
. "$(dirname "$0")/lib.sh"

for package in aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu musl-gcc:musl-tools dpkg-buildpackage:dpkg-dev \
	dh:debhelper fakeroot:fakeroot; do
	command -v "${package%:*}" >/dev/null || lacks "${package#*:}"
done
if [ ! -e "$top/.git" ]; then
	ok 'made of a repository # SKIP this is no repository' true
	done_testing
fi
version=$(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")
architecture=$(dpkg --print-architecture)

# copy NAME: the last commit in a directory of its own, with Debian's packages that are here already.
copy() {
	git clone -q --no-hardlinks "$top" "$scratch/$1" # what is linked would be given away with it
	mkdir "$scratch/$1/build"
	for packages in sources packages-arm64; do
		from=$top/build/$packages
		[ -d "$from" ] || from=$scratch/here/build/$packages
		[ ! -d "$from" ] || cp -R "$from" "$scratch/$1/build"
	done
}
# downloads NAME [COMMAND...]: what is made there, by the command.
downloads() {
	name=$1
	shift
	"$@" make -s -C "$scratch/$name" downloads 2>"$scratch/make"
	sed 's/^/# /' "$scratch/make" >&2
}
copy here
is "$(downloads here)" "build/downloads/SHA256SUMS
build/downloads/msgext-$version-linux-aarch64.tar.gz
build/downloads/msgext-$version-linux-x86_64.tar.gz
build/downloads/msgext-$version.tar.gz
build/downloads/msgext-repair_${version}_$architecture.deb
build/downloads/msgext-ship_${version}_$architecture.deb
build/downloads/msgext_${version}_$architecture.deb" 'these files are made'
here=$scratch/here/build/downloads
is "$(cd "$here" && find . -type f ! -name SHA256SUMS | wc -l),$(wc -l <"$here/SHA256SUMS"),$(cd "$here" &&
	sha256sum --quiet -c SHA256SUMS 2>&1)" 6,6, 'the sums are those of all of them'
for archive in linux-aarch64:AArch64 linux-x86_64:X86-64; do
	mkdir -p "$scratch/unpacked"
	tar -xzf "$here/msgext-$version-${archive%:*}.tar.gz" -C "$scratch/unpacked"
	ok "the programs of ${archive%:*} are of that kind" sh -c "readelf -h '$scratch/unpacked/msgext-$version-${archive%:*}/msgext/msgext' |
		grep -q 'Machine:.*${archive#*:}'"
done
is "$(tar -tzf "$here/msgext-$version.tar.gz" | sed "s,^msgext-$version/,," | grep -v '/$' | sort | sed '/^$/d')" \
	"$(git -C "$scratch/here" ls-tree -r --name-only HEAD | sort)" 'the sources are those of the commit'
for package in msgext msgext-ship msgext-repair; do
	is "$(dpkg-deb -f "$here/${package}_${version}_$architecture.deb" Package Version | xargs)" \
		"Package: $package Version: $version" "the Debian package $package"
done

# Elsewhere, by another user, with another umask, date of the files, zone, language, and flags.
copy elsewhere/deeper
find "$scratch/elsewhere" -type f -exec touch -d '2001-01-01' {} +
as=
if [ "$(id -u)" -eq 0 ]; then
	chown -R www-data "$scratch/elsewhere"
	as='setpriv --reuid=www-data --regid=www-data --clear-groups'
fi
# shellcheck disable=SC2086
(umask 077 && downloads elsewhere/deeper $as env HOME=/nonexistent LC_ALL=C.UTF-8 TZ=Asia/Tokyo CFLAGS=-O0 \
	SOURCE_DATE_EPOCH=1 >/dev/null)
is "$(cat "$scratch/elsewhere/deeper/build/downloads/SHA256SUMS")" "$(cat "$here/SHA256SUMS")" \
	'another directory gives the same bytes'

# What is not in a commit is in no release.
echo >>"$scratch/here/README.md"
is "$(make -s -C "$scratch/here" downloads 2>&1 | sed -n 1,2p)" \
	'downloads.sh: a release is made of the last commit; commit or remove first:
 M README.md' 'what was changed since is refused'
ok 'what was made before is kept' test -s "$here/SHA256SUMS"
done_testing
