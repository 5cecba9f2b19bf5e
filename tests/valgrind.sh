#!/bin/sh
# valgrind.sh UNIT... - the built programs under valgrind; what it has to say is in build/valgrind.
# These UNITs are those of build/posix-locks, which make valgrind has built.  As many run at a time as there
# are processors; VALGRIND_JOBS is another number.
#
# Unit tests and replays must pass, without a leak.  Of the shell tests only
# what valgrind says counts: it is itself what the system executes, so it
# fails those that look at that, or at memory; "make check" runs them.
#
# Left out: unit-memory, which looks at how much of the process's memory is in use: here some of it is
# valgrind's.  So are unit-short-*, which try millions of inputs.  Of unit-mutated and unit-ranges a part runs.
set -eu
cd "$(dirname "$0")/.."

logs=$PWD/build/valgrind

# unit PROGRAM: a unit test, or a replay of what fuzzing found.
unit() {
	program=$1
	name=${program##*/}
	inputs=
	leaks=definite
	for posix in ${POSIX_UNITS-}; do
		[ "$name" != "unit-$posix" ] || program=build/posix-locks/$program
	done
	case $name in
	*.[do]) return ;; # the compiler's
	unit-memory | unit-short-*) return ;;
	# libfcgi loses 48 bytes over some broken requests that no web server sends.
	replay-fastcgi) inputs=tests/fuzz/corpus/fastcgi leaks=none ;;
	replay-*) inputs=tests/fuzz/corpus/${name#replay-} ;;
	esac
	# shellcheck disable=SC2086
	if valgrind -q --vgdb=no --error-exitcode=99 --leak-check=full \
		--errors-for-leak-kinds=$leaks --trace-children=no \
		--log-file="$logs/$name" "$program" $inputs >"$logs/$name.out" 2>&1; then
		echo "ok - $name"
	else
		echo "not ok - $name: see $logs/$name"
		return 1
	fi
}

# shell_test FILE: its receivers and readers.
shell_test() {
	said=$logs/${1##*/}
	mkdir "$said"
	chmod 1777 "$said" # Apache's programs run as www-data
	for program in msgext msgextctl; do
		cat >"$said/$program" <<-EOT
			#!/bin/sh
			exec valgrind -q --vgdb=no --log-file=$said/log.%p $PWD/build/$program "\$@"
		EOT
		chmod 755 "$said/$program"
	done
	MSGEXT=$said/msgext MSGEXTCTL=$said/msgextctl prove "$1" >"$said/out" 2>&1 || :
	count=$(find "$said" -name 'log.*' | wc -l)
	# A line of a finding begins with the process number between "==".
	if [ "$count" -lt 5 ] || cat "$said"/log.* | grep '^==' >"$said/found"; then
		echo "not ok - $1: $count processes, see $said/found"
		return 1
	fi
	echo "ok - $1: $count processes"
}

case ${1-} in
build/*)
	unit "$1"
	exit
	;;
tests/*)
	shell_test "$1"
	exit
	;;
esac
rm -rf "$logs"
mkdir -p "$logs"
chmod 755 "$logs"
POSIX_UNITS=$*
MSGEXT_MUTATED=10000
MSGEXT_SLOWNESS=50
export POSIX_UNITS MSGEXT_MUTATED MSGEXT_SLOWNESS
# Those that take longest come first.
printf '%s\n' tests/ctl-*.t tests/cgi.t tests/fastcgi.t build/tests/unit-* build/tests/replay-* |
	xargs -n 1 -P "${VALGRIND_JOBS-$(nproc)}" sh tests/valgrind.sh
