#!/bin/sh
# downloads.sh VERSION - all that is downloaded of a release, for `make downloads`: build/downloads/ with
# the sources, a tarball for each kind of machine, the Debian packages for this one, and SHA256SUMS over all.
# It is made of the last commit, the same bytes wherever and whenever, from the same packages of compilers,
# C library and sources.
set -eu
cd "$(dirname "$0")/.."
name=msgext-$1
downloads=build/downloads
debian=build/debian
umask 022
export LC_ALL=C # for what is sorted
# Nobody's own flags or date are for these.
unset MAKEFLAGS MFLAGS MAKELEVEL CFLAGS CPPFLAGS LDFLAGS SOURCE_DATE_EPOCH DEB_BUILD_PROFILES

changed=$(git status --porcelain)
[ -z "$changed" ] || {
	printf 'downloads.sh: a release is made of the last commit; commit or remove first:\n%s\n' "$changed" >&2
	exit 1
}
rm -rf "$downloads" "$downloads.new" "$debian"
mkdir -p "$downloads.new" "$debian"
make -s dist
cp "build/$name.tar.gz" "$downloads.new"
for machine in x86_64 aarch64; do
	make -s -j"$(nproc)" release MACHINE="$machine" >/dev/null
	cp "build/$name-linux-$machine.tar.gz" "$downloads.new"
done

# dpkg-buildpackage leaves what it makes beside the sources.
tar -xzf "build/$name.tar.gz" -C "$debian"
(cd "$debian/$name" && DEB_BUILD_OPTIONS='nocheck noautodbgsym' dpkg-buildpackage -us -uc -b) >"$debian/log" 2>&1 || {
	cat "$debian/log" >&2
	exit 1
}
cp "$debian"/*.deb "$downloads.new"

(cd "$downloads.new" && sha256sum -- * >../SHA256SUMS)
mv build/SHA256SUMS "$downloads.new"
chmod 644 "$downloads.new"/*
mv "$downloads.new" "$downloads"
for file in "$downloads"/*; do
	echo "$file"
done
