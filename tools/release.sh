#!/bin/sh
# release.sh VERSION MACHINE - what shared hosting needs, to be uploaded, for `make
# release`: build/msgext-VERSION-linux-MACHINE.tar.gz, from dist/release/ and the
# static programs.  It is the same bytes wherever and whenever it is made, from
# the same packages of compiler, C library and sources.
set -eu
cd "$(dirname "$0")/.."
name=msgext-$1-linux-$2
release=build/release static=static built=build/static root=
# As the Makefile builds them for another kind of machine.
[ "$2" = "$(uname -m)" ] || release=build/release-$2 static=build/$2/static built=build/$2 root=build/$2/root
dir=$release/$name
rm -rf "$release"
umask 022
export LC_ALL=C # for what is sorted
mkdir -p "$dir/cgi-bin" "$dir/licenses"
mkdir -m 700 "$dir/msgext" "$dir/msgext/data"

install -m 755 "$static/msgext" "$static/msgextctl" "$static/msgext-view" "$static/msgext-repair" "$dir/msgext"
install -m 755 dist/release/msgext.cgi dist/release/check.cgi dist/release/view.cgi "$dir/cgi-bin"
install -m 644 CHANGES LICENSE dist/release/htaccess-cgi dist/release/htaccess-fcgid \
	dist/release/htaccess-routing "$dir"
install -m 644 dist/release/htaccess-deny "$dir/msgext/.htaccess"
install -m 644 dist/release/htaccess-deny "$dir/msgext/data/.htaccess"
# What must be filled in is empty: an error names it until it is.
sed -e 's|^data_dir = .*|data_dir = /home/USER/msgext/data|' -e 's/^sdk_app_id = .*/sdk_app_id =/' \
	-e 's/^# token = .*/token =/' msgext-example.conf >"$dir/msgext/msgext.conf"
sed -e 's|^data_dir = .*|data_dir = /home/USER/msgext/data|' -e 's/^# password = .*/password =/' \
	-e 's/^# link_key = .*/link_key =/' view-example.conf >"$dir/msgext/view.conf"
chmod 600 "$dir/msgext/msgext.conf" "$dir/msgext/view.conf"
sed -e "s/VERSION/$1/" -e "s/VIEW_SIZE/$(wc -c <"$static/msgext-view")/" -e "s/SIZE/$(wc -c <"$static/msgext")/" \
	dist/release/INSTALL >"$dir/INSTALL"
# What is linked in wants its terms to come with it.
for library in libfcgi cjson libmd zlib; do
	install -m 644 "$built/$library/debian/copyright" "$dir/licenses/$library"
done
install -m 644 "$root/usr/share/doc/musl-dev/copyright" "$dir/licenses/musl"

(cd "$dir" && find . -type f | sed 's|^\./||' | sort | xargs sha256sum) >"$release/SHA256SUMS"
mv "$release/SHA256SUMS" "$dir"
tar -C "$release" --format=ustar --sort=name --mtime='2025-01-01 00:00:00Z' --owner=0 --group=0 --numeric-owner \
	-cf "build/$name.tar" "$name"
gzip -9nf "build/$name.tar"
echo "build/$name.tar.gz"
