#!/bin/sh
# valgrind.sh UNIT... - the built programs under valgrind; what it has to say is in build/valgrind.
# These UNITs are those of build/posix-locks, which make valgrind has built.
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
rm -rf "$logs"
mkdir -p "$logs"
chmod 1777 "$logs" # Apache's programs run as www-data
failed=0
MSGEXT_MUTATED=10000
MSGEXT_SLOWNESS=50
export MSGEXT_MUTATED MSGEXT_SLOWNESS

for program in build/tests/unit-* build/tests/replay-*; do
	name=${program##*/}
	inputs=
	leaks=definite
	for unit in "$@"; do
		[ "$name" != "unit-$unit" ] || program=build/posix-locks/$program
	done
	case $name in
	*.[do]) continue ;; # the compiler's
	unit-memory | unit-short-*) continue ;;
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
		failed=1
	fi
done

for program in msgext msgextctl; do
	cat >"$logs/$program" <<-EOT
		#!/bin/sh
		exec valgrind -q --vgdb=no --log-file=$logs/log.%p $PWD/build/$program "\$@"
	EOT
	chmod 755 "$logs/$program"
done
for file in tests/ctl-*.t tests/cgi.t tests/fastcgi.t; do
	rm -f "$logs"/log.*
	MSGEXT=$logs/msgext MSGEXTCTL=$logs/msgextctl prove "$file" >"$logs/out" 2>&1 || :
	count=$(find "$logs" -name 'log.*' | wc -l)
	# A line of a finding begins with the process number between "==".
	if [ "$count" -lt 5 ] || grep -h '^==' "$logs"/log.* >"$logs/${file##*/}"; then
		echo "not ok - $file: $count processes, see $logs/${file##*/}"
		failed=1
	else
		echo "ok - $file: $count processes"
	fi
done
exit "$failed"
