# lib.sh - what every shell test shares: TAP (Test Anything Protocol), a
# scratch directory that goes away, and processes that are stopped by pid.
# shellcheck shell=sh

set -u
LC_ALL=C
export LC_ALL

top=$(cd "$(dirname "$0")/.." && pwd)
# Python follows links to what it imports, out of a tree that linked.sh has made.
MSGEXT_TOP=$top
export MSGEXT_TOP
msgext=${MSGEXT-$top/build/msgext}
msgextctl=${MSGEXTCTL-$top/build/msgextctl}
msgext_view=${MSGEXT_VIEW-$top/build/msgext-view}
corpus=$top/tests/corpus
scratch=$(mktemp -d "${TMPDIR:-/tmp}/msgext-test.XXXXXX")
pids=
tests_run=0
tests_failed=0

# made SET: no test of what a make of SET would build anew.
made() {
	sh "$top/tests/fresh.sh" "$1" || exit 1
}
# Programs that are named come from elsewhere.
[ -n "${MSGEXT-}" ] || made all

# seed_make: the seed of a random test, in seed: MSGEXT_SEED, or another each time.  It is printed.
seed_make() {
	seed=${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}
	echo "# MSGEXT_SEED=$seed"
}

# What servers run as: nobody's own directories are touched, so any user will do.
chmod 755 "$scratch"

# Is this process still of this test: its child, or one that knows $scratch?  The number of one that has
# ended may be another program's.
is_ours() {
	grep -q "^PPid:[[:space:]]*$$\$" "/proc/$1/status" 2>/dev/null ||
		cat "/proc/$1/cmdline" "/proc/$1/environ" 2>/dev/null | grep -aqF "$scratch"
}
# stop_processes PID...: each is gone afterwards.
stop_processes() {
	for pid in "$@"; do
		! is_ours "$pid" || kill "$pid" 2>/dev/null
	done
	for pid in "$@"; do
		wait_for has_left "$pid" || kill -9 "$pid" 2>/dev/null
	done
}
has_left() {
	process_gone "$1" || ! is_ours "$1"
}

cleanup() {
	# shellcheck disable=SC2086
	stop_processes $pids
	rm -rf "$scratch"
}
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

# Waits up to 30 s for a command to succeed.
wait_for() {
	tries=600
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# Waits for a process to be gone; a zombie is.
process_gone() {
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}
wait_gone() {
	wait_for process_gone "$1"
}

# How many receivers work for this test, whoever started them.  A server's other children are its
# own affair: how many it has depends on how busy the machine is.
msgext_processes() {
	find /proc -maxdepth 2 -path '/proc/[0-9]*/exe' -lname "$(readlink -f "$msgext")" 2>/dev/null |
		while read -r executed; do
			executed=${executed%/exe}
			! is_ours "${executed##*/}" || echo
		done | wc -l
}

# A test point, and why it failed.  What a test has to say about a failure goes to standard error:
# prove shows that without -v, and standard output only with it.
passed() {
	tests_run=$((tests_run + 1))
	echo "ok $tests_run - $1"
}
failed() {
	tests_run=$((tests_run + 1))
	tests_failed=$((tests_failed + 1))
	echo "not ok $tests_run - $1"
	printf 'Failed test %s of %s: %s\n%s\n' "$tests_run" "${0##*/}" "$1" "$2" | sed 's/^/# /' >&2
	[ -z "${MSGEXT_FIRST_FAILURE-}" ] || exit 1 # nobody wants to know the others
	return 1
}

# ok DESCRIPTION COMMAND...: a test point that passes where the command does.
ok() {
	description=$1
	shift
	if "$@" >"$scratch/said" 2>&1; then
		passed "$description"
		# awk ends each line, the last one too, wherever it was cut: what follows is the next point, or the plan.
		head -c 2000 "$scratch/said" | awk '{ print "# " $0 }'
	else
		failed "$description" "$(printf 'command, which ended with %s: ' $?
			echo "$*" | head -c 2000
			head -c 2000 "$scratch/said")"
	fi
}

# is GOT EXPECTED DESCRIPTION
is() {
	if [ "$1" = "$2" ]; then
		passed "$3"
	else
		failed "$3" "$(printf '     got: %.2000s\nexpected: %.2000s' "$1" "$2")"
	fi
}

# lacks PACKAGE: ends a test that cannot be made here.  Whoever works on a part may be without it; where all was
# installed, by setup.sh test, and where CI says that nobody looks, it is a failure.
lacks() {
	if [ -n "${CI-}${MSGEXT_INSTALLED-}" ]; then
		ok "$1 is here, as setup.sh test installs it" false
		done_testing
	fi
	echo "1..0 # SKIP needs $1; setup.sh test installs it"
	exit 0
}

done_testing() {
	echo "1..$tests_run"
	[ "$tests_failed" -eq 0 ]
	exit
}

# A free TCP port of 127.0.0.1, of those that no client is given: nobody else takes it by chance.
free_port() {
	perl -MIO::Socket::INET -e '
		until ($socket) {
			$port = 10000 + int rand 22000;
			$socket = IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1", LocalPort => $port);
		}
		print $port'
}

# The requests of the vendor's documentation, as the tests send them.
app_id=1400000000
command=Group.CallbackAfterGroupMsgExtension
# The signature in it is the documented sample for the token xxxxyyyy.
signature='Sign=17773bc39a671d7b9aa835458704d2a6db81360a5940292b587d6d760d484061&RequestTime=1669872112'
query="SdkAppid=$app_id&CallbackCommand=$command&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android"
event_set='{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":10,"OperateType":1,"ExtensionList":[{"Key":"key2","Value":"value2","Seq":56},{"Key":"key3","Value":"12122","Seq":56}],"Seq":56,"EventTime":1764688294360}'
event_delete='{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":10,"OperateType":2,"ExtensionList":[{"Key":"key2","Value":"","Seq":57}],"Seq":57,"EventTime":1764688294361}'
event_clear='{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":10,"OperateType":3,"ExtensionList":[],"Seq":58,"EventTime":1764688294362}'
answer_ok='{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}'

# config_make FILE [LINE...]: a configuration that keeps its logs in $data.
data=$scratch/data
config=$scratch/msgext.conf
config_make() {
	{
		echo "data_dir = $data"
		echo "sdk_app_id = $app_id"
		[ $# -eq 0 ] || printf '%s\n' "$@"
	} >"$config"
	chmod 600 "$config"
	mkdir -p "$data"
	chmod 700 "$data"
}

# The logs' lines without what changes from run to run.
lines_stored() {
	cat "$data"/*.jsonl 2>/dev/null | sed 's/^{"time":"[0-9TZ:.-]*",/{/'
}

# event GROUP MSGSEQ TYPE SEQ PAIRS: one event through the receiver, which must answer OK; PAIRS is
# JSON, "Seq" left out.  What the receiver says is in $scratch/event-stderr.
event() {
	pairs=$(printf %s "$5" | sed "s/}/,\"Seq\":$4}/g")
	event_answer=$(printf '{"CallbackCommand":"%s","GroupId":"%s","MsgSeq":%s,"OperateType":%s,"ExtensionList":[%s],"Seq":%s,"EventTime":1764688294360}' \
		"$command" "$1" "$2" "$3" "$pairs" "$4" |
		env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" \
			MSGEXT_CONFIG="$config" "$msgext" 2>"$scratch/event-stderr")
	case $event_answer in
	*'"OK"'*) ;;
	*)
		failed "the receiver takes an event: group $1, message $2, version $4" "$event_answer"
		;;
	esac
}

# must COMMAND...: what a test builds upon; a test point that failed where the command does.  What it
# says is shown then alone.
must() {
	"$@" 2>"$scratch/must-stderr" ||
		failed "$*" "$(printf 'ended with %s\n' $?
			head -c 2000 "$scratch/must-stderr")"
}
