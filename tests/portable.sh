#!/bin/sh
# portable.sh KIND - builds another kind of msgext below build/KIND, and runs tests there, those of the
# units at least:
#
#   clang     with the other compiler
#   m32       32-bit, with 64-bit times and sizes of files
#   musl      with the other C library
#   posix     without open file description locks and without Landlock
set -eu
cd "$(dirname "$0")/.."
kind=$1
top=$PWD
to=build/portable-$kind

# libraries CC CFLAGS: those that Debian has for no such kind, once.
libraries() {
	CC=$1
	CFLAGS=$2
	export CC CFLAGS
	libraries=$top/$to/libraries
	[ -e "$libraries/done" ] || sh tools/libraries.sh "$to/libraries"
	: >"$libraries/done"
}
# build VARIABLE=VALUE...
build() {
	sh tests/linked.sh "$to"
	make -s -C "$to" "$@" check-unit
}

case $kind in
clang)
	build CC=clang
	;;
m32)
	libraries 'gcc -m32' '-O2 -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64'
	build CC='gcc -m32' PACKAGE_CFLAGS="-isystem $libraries/include" \
		PACKAGE_LIBS="$(echo "$libraries"/*.o)" FASTCGI_LIBS= ZLIB_LIBS= CMOCKA_LIBS="$libraries/tests/cmocka.o"
	;;
musl)
	# The names of the calls that unit-faults stands in front of.
	names='open openat fcntl fstat fstatat stat ftruncate pread'
	renamed=
	for name in $names; do
		renamed="$renamed -D__wrap_${name}64=__wrap_$name -D__real_${name}64=__real_$name"
	done
	libraries musl-gcc '-O2 -fno-pie'
	build CC=musl-gcc HARDEN_CPPFLAGS= HARDEN_CFLAGS=-fno-pie HARDEN_LDFLAGS=-no-pie \
		PACKAGE_CFLAGS="-isystem $libraries/include" PACKAGE_LIBS="$(echo "$libraries"/*.o)" FASTCGI_LIBS= ZLIB_LIBS= \
		CMOCKA_LIBS="$libraries/tests/cmocka.o" CPPFLAGS="$renamed" \
		WRAPPED="$names fdatasync fsync read opendir rename malloc calloc realloc close write"
	;;
posix)
	build CPPFLAGS='-DMSGEXT_WITHOUT_OFD_LOCKS -DMSGEXT_WITHOUT_LANDLOCK' all build/tests/hammer
	(cd "$to" && prove tests/race.t tests/fastcgi.t tests/corpus.t tests/kills.t)
	;;
*)
	echo 'usage: portable.sh clang | m32 | musl | posix' >&2
	exit 64
	;;
esac
