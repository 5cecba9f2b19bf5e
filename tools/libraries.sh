#!/bin/sh
# libraries.sh DIR - what programs are linked with where Debian has no library
# for them, static or of another kind: DIR/*.o, from Debian's source packages,
# DIR/tests/cmocka.o for the unit tests, and DIR/include.
#
# CC and CFLAGS: how to compile; HEADERS: where the kernel's headers are, if not in /usr/include.
# apt gets and verifies the sources (apt.sh): no deb-src line is needed.  Sources that are in
# build/sources already are taken as they are; `make clean` drops them.
set -eu
cd "$(dirname "$0")/.."
dir=$1
sources=build/sources
mkdir -p "$dir/tests" build

. tools/apt.sh

# Fills $sources with the newest that is on offer.
fetch() {
	new=$PWD/$sources.new
	rm -rf "$new"
	mkdir -p "$new"
	apt_begin deb-src
	apt_run --error-on=any update
	(cd "$new" && apt_run source --only-source --download-only libfcgi cjson libmd zlib cmocka)
	apt_end
	mv "$new" "$sources"
}

# library NAME FILE...: its C files to objects, with the package's patches and ours.
library() {
	name=$1
	shift
	rm -rf "${dir:?}/$name"
	# apt has checked what is in there.
	dpkg-source -q --no-check --no-copy -x "$sources/$name"_*.dsc "$dir/$name"
	for patch in tools/"$name"-*.patch; do
		[ ! -f "$patch" ] || patch -s -p1 -d "$dir/$name" <"$patch"
	done
	for file in "$@"; do
		# shellcheck disable=SC2086
		$CC $CFLAGS -w -D_GNU_SOURCE -I"$include" -I"$dir/$name/include" \
			-c -o "$dir/$(basename "$file" .c).o" "$dir/$name/$file"
	done
}

[ -d "$sources" ] || fetch
rm -rf "$dir/include" "$dir"/*.o
include=$dir/include
mkdir -p "$include/cjson"

# The kernel's headers, which musl does not bring.
headers=${HEADERS-/usr/include}
multiarch=$(gcc -print-multiarch)
[ "$headers" = /usr/include ] || multiarch=$($CC -print-multiarch)
for header in linux asm-generic "$multiarch/asm"; do
	ln -s "$headers/$header" "$include/"
done

# What ./configure would find out.
cat >"$include/config.h" <<'EOT'
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WORDS_BIGENDIAN 1
#endif
#define HAVE_CLOCK_GETTIME_REALTIME 1
#define HAVE_INTTYPES_H 1
#define HAVE_LIMITS_H 1
#define HAVE_MALLOC_H 1
#define HAVE_SIGNAL_H 1
#define HAVE_STRUCT_TIMESPEC 1
#define HAVE_NETDB_H 1
#define HAVE_NETINET_IN_H 1
#define HAVE_SOCKLEN 1
#define HAVE_STDARG_H 1
#define HAVE_SYS_SOCKET_H 1
#define HAVE_SYS_TIME_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_UNISTD_H 1
EOT
ln -s config.h "$include/fcgi_config.h"

library libfcgi libfcgi/fcgiapp.c libfcgi/os_unix.c
library cjson cJSON.c
library libmd src/sha2.c src/sha256hl.c
CFLAGS="$CFLAGS -include $include/config.h"
# Its table of checksums is made when the first archive is touched, and takes no 8 KB of the program.
CFLAGS="$CFLAGS -DDYNAMIC_CRC_TABLE"
library zlib adler32.c crc32.c deflate.c inffast.c inflate.c inftrees.c trees.c zutil.c \
	gzclose.c gzlib.c gzread.c gzwrite.c compress.c uncompr.c
cp "$dir/libfcgi/include/fcgiapp.h" "$dir/libmd/include/sha2.h" "$dir/zlib/zlib.h" \
	"$dir/zlib/zconf.h" "$include"
cp "$dir/cjson/cJSON.h" "$include/cjson"
[ "$headers" = /usr/include ] || exit 0 # no tests are linked for another machine
library cmocka src/cmocka.c
mv "$dir/cmocka.o" "$dir/tests"
cp "$dir"/cmocka/include/cmocka*.h "$include"
