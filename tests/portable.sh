#!/bin/sh
# portable.sh KIND - builds another kind of msgext below build/KIND, and runs tests there, those of the
# units at least:
#
#   clang     with the other compiler
#   m32       32-bit, with 64-bit times and sizes of files
#   musl      with the other C library
#   posix     without open file description locks, without Landlock and without batches
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
	make -s -j2 -C "$to" "$@" check-unit
}

# Some unit tests stand in front of calls, whose names in this C library differ: $called has them in
# pairs, the usual name and the one here.
renamed_flags() {
	echo "$called" | xargs -n 2 | sed 's/\(.*\) \(.*\)/-D__wrap_\1=__wrap_\2 -D__real_\1=__real_\2/' | xargs
}
# renamed VARIABLE: what it lists in the Makefile, by the names here.
renamed() {
	make -s print-variable VARIABLE="$1" | xargs -n 1 | while read -r name; do
		other=$(echo "$called" | xargs -n 2 | sed -n "s/^$name //p")
		echo "${other:-$name}"
	done | xargs
}

case $kind in
clang)
	build CC=clang
	;;
m32)
	libraries 'gcc -m32' '-O2 -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64'
	called='fcntl64 __fcntl_time64 fstat64 __fstat64_time64 fstatat64 __fstatat64_time64 stat64 __stat64_time64'
	called="$called lstat64 __lstat64_time64 futimens __futimens64"
	called="$called getsockopt __getsockopt64 sendmsg __sendmsg64 recvmsg __recvmsg64 nanosleep __nanosleep64 setitimer __setitimer64"
	build CC='gcc -m32' PACKAGE_CFLAGS="-isystem $libraries/include" \
		PACKAGE_LIBS="$(echo "$libraries"/*.o)" FASTCGI_LIBS= ZLIB_LIBS= CMOCKA_LIBS="$libraries/tests/cmocka.o" \
		CPPFLAGS="$(renamed_flags)" WRAPPED="$(renamed WRAPPED)" REPLACED_WRAPPED="$(renamed REPLACED_WRAPPED)" \
		SOCKETS_WRAPPED="$(renamed SOCKETS_WRAPPED)" ORDER_WRAPPED="$(renamed ORDER_WRAPPED)" \
		CLOCK_WRAPPED="$(renamed CLOCK_WRAPPED)" WRAPPED_LOG="$(renamed WRAPPED_LOG)" \
		WAIT_WRAPPED="$(renamed WAIT_WRAPPED)" SPACE_WRAPPED="$(renamed SPACE_WRAPPED)"
	;;
musl)
	called=
	for name in open openat fcntl fstat fstatat stat lstat statfs ftruncate pread lseek readdir fopen fstatvfs; do
		called="$called ${name}64 $name"
	done
	libraries musl-gcc '-O2 -fno-pie'
	build CC=musl-gcc HARDEN_CPPFLAGS= HARDEN_CFLAGS=-fno-pie HARDEN_LDFLAGS=-no-pie \
		PACKAGE_CFLAGS="-isystem $libraries/include" PACKAGE_LIBS="$(echo "$libraries"/*.o)" FASTCGI_LIBS= ZLIB_LIBS= \
		CMOCKA_LIBS="$libraries/tests/cmocka.o" \
		CPPFLAGS="$(renamed_flags)" WRAPPED="$(renamed WRAPPED)" REPLACED_WRAPPED="$(renamed REPLACED_WRAPPED)" \
		SOCKETS_WRAPPED="$(renamed SOCKETS_WRAPPED)" ORDER_WRAPPED="$(renamed ORDER_WRAPPED)" \
		CLOCK_WRAPPED="$(renamed CLOCK_WRAPPED)" WRAPPED_LOG="$(renamed WRAPPED_LOG)" \
		WAIT_WRAPPED="$(renamed WAIT_WRAPPED)" SPACE_WRAPPED="$(renamed SPACE_WRAPPED)"
	;;
posix)
	build CPPFLAGS='-DMSGEXT_WITHOUT_OFD_LOCKS -DMSGEXT_WITHOUT_LANDLOCK -DMSGEXT_WITHOUT_BATCHES' tests
	(cd "$to" && prove tests/race.t tests/fastcgi.t tests/corpus.t tests/kills.t)
	;;
*)
	echo 'usage: portable.sh clang | m32 | musl | posix' >&2
	exit 64
	;;
esac

# The test of batches leaves out what is not built, and only there.
left_out=$("$to/build/tests/unit-batch" | grep -c '^# left out: leaders') || true
[ "$left_out" = "$([ "$kind" = posix ] && echo 1 || echo 0)" ]
