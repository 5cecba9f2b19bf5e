#!/bin/sh
# mutants.sh [-n | -r] [-j JOBS] [PATTERN...] - breaks the program in one place after the other, and makes sure that
# the test named with it notices.  Used by make mutants.  PATTERNs, as the shell's, are of the names of those to be
# tried: 'batch-*'.  -r: but not those that the last run killed.  -n: makes sure that each changes something and has
# its test, and tries none; used by make lint.  What is found is in build/mutants.log too.
#
# JOBS (2) workers, each in a copy of the tree and of what is built, take the next one that nobody has.  A worker builds
# anew only what the test needs, and ends the test at the first thing it notices.  A test that fails without a mutant
# too tells nothing: each is tried so, once, before its first mutant.
# shellcheck disable=SC2016,SC2086
set -u
top=$(cd "$(dirname "$0")/.." && pwd)
log=$top/build/mutants.log
jobs=2
again=
dry=
seconds=${MUTANT_SECONDS-300} # that a test may take; more where others are at work
while getopts nrj: option; do
	case $option in
	n) dry=yes ;;
	r) again=yes ;;
	j) jobs=$OPTARG ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
[ $# -gt 0 ] || set -- '*'

if [ -n "$dry" ]; then
	cd "$top" || exit
	status=0
	mutant() {
		perl -0pe "$3" "$2" | cmp -s - "$2"
		[ $? -eq 1 ] || { echo "$1 changes nothing in $2" && status=1; }
		[ -x "tests/$4" ] || [ -e "tests/$4.c" ] || { echo "$1 has no test $4" && status=1; }
	}
	eval "$(grep '^mutant ' tests/mutants.sh)"
	exit $status
fi

# The first to be started starts the workers, which read all of this too, and counts what they say.
if [ -z "${MUTANTS_SHARED-}" ]; then
	MUTANTS_SHARED=$(mktemp -d "${TMPDIR:-/tmp}/msgext-mutants.XXXXXX")
	export MUTANTS_SHARED
	trap 'rm -rf "$MUTANTS_SHARED"' EXIT
	trap 'kill $workers; wait; exit 1' HUP INT TERM
	chmod 755 "$MUTANTS_SHARED" # some tests run programs as another user
	mkdir "$MUTANTS_SHARED/taken" "$MUTANTS_SHARED/sound"
	mkdir -p "$top/build"
	touch "$log"
	if [ -n "$again" ]; then
		sed -i '/^killed: /!d' "$log"
		sed 's/^killed: \([^ ]*\) .*/\1/' "$log" | (cd "$MUTANTS_SHARED/taken" && xargs -r mkdir -p)
	else
		: >"$log"
	fi
	workers=
	while [ "$jobs" -gt 0 ]; do
		sh "$0" "$@" &
		workers="$workers $!"
		jobs=$((jobs - 1))
	done
	for worker in $workers; do
		wait "$worker" || echo "not tried: all of it, a worker ended" >>"$log"
	done
	echo "$(grep -c '^killed: ' "$log") killed, $(grep -vc '^killed: ' "$log") survived"
	! grep -v '^killed: ' "$log"
	exit
fi
set -f # they are no file names
patterns=$*
copy=$(mktemp -d "$MUTANTS_SHARED/copy.XXXXXX")
running=
trap '[ -z "$running" ] || kill "$running"; wait; exit 1' HUP INT TERM

# build TEST: for a unit program that alone, for others no unit program.
build() {
	case $1 in
	fuzz.t) make -s -C "$copy" all replays && touch "$copy/build/made-tests" ;;
	*.t) make -s -C "$copy" all helpers && touch "$copy/build/made-tests" ;;
	*) make -s -C "$copy" units UNITS="${1#unit-}" ;;
	esac >"$copy/build.log" 2>&1
}

# fails TEST: does it fail?  It is not waited for longer than until that is known; 2: not known.
fails() {
	case $1 in
	*.t) program=tests/$1 ;;
	*) program="stdbuf -oL build/tests/$1" ;;
	esac
	: >"$copy/test.log" # what the test before said tells nothing
	(cd "$copy" && MSGEXT_FIRST_FAILURE=1 exec setsid timeout -k 30 $seconds $program >test.log 2>&1) &
	running=$!
	while kill -0 $running 2>/dev/null && ! grep -q '^not ok\|^Bail out' "$copy/test.log"; do
		sleep 0.2
	done
	kill $running 2>/dev/null
	wait $running 2>/dev/null
	result=$?
	running=
	! grep -q '^Bail out' "$copy/test.log" || return 2
	! grep -q '^not ok' "$copy/test.log" || return 0
	case $1,$result in
	*,0) return 1 ;;
	*,124 | *,137) result="nothing for $seconds s" && return 2 ;; # timeout's
	*.t,*) return 2 ;;
	esac
}

# sound TEST: does it pass with the program as it is?  Who asks first tries it; others wait for what was found.
sound() {
	found=$MUTANTS_SHARED/sound/$1
	if mkdir "$found" 2>/dev/null; then
		if ! build "$1"; then
			echo "it does not build"
		elif fails "$1"; [ $? -eq 1 ]; then
			echo passes
		else
			grep -m 1 '^not ok\|^Bail out' "$copy/test.log" || echo "it ended with $result"
		fi >"$found/being-said"
		mv "$found/being-said" "$found/said"
	fi
	until [ -e "$found/said" ]; do
		sleep 1
	done
	grep -qx passes "$found/said"
}

# Is it for this worker?
take() {
	for pattern in $patterns; do
		# shellcheck disable=SC2254
		case $1 in
		$pattern) mkdir "$MUTANTS_SHARED/taken/$1" 2>/dev/null && return ;;
		esac
	done
	return 1
}

# mutant NAME FILE PERL TEST: PERL must change FILE, and TEST fail then, tests/TEST or a unit program.
mutant() {
	take "$1" || return 0
	cp "$top/$2" "$copy/$2"
	if { [ -x "$copy/tests/$4" ] || [ -e "$copy/tests/$4.c" ]; } && ! sound "$4"; then
		echo "no verdict: $1: without it $4 fails too: $(cat "$MUTANTS_SHARED/sound/$4/said")" | tee -a "$log"
		return
	fi
	perl -0pi -e "$3" "$copy/$2"
	if cmp -s "$top/$2" "$copy/$2"; then
		verdict="not a mutant: $1 changes nothing in $2"
	elif [ ! -x "$copy/tests/$4" ] && [ ! -e "$copy/tests/$4.c" ]; then
		verdict="not a mutant: $1 has no test $4"
	elif ! build "$4"; then
		verdict="not a mutant: $1 does not build: $(grep -m 1 'error:\|No rule' "$copy/build.log")"
	else
		fails "$4"
		case $? in
		0)
			what=$(sed -n 's/^not ok [0-9]* - //p' "$copy/test.log" | head -n 1)
			verdict="killed: $1 by $4: ${what:-it ended with $result}"
			;;
		1) verdict="SURVIVED: $1 ($2), which $4 should have noticed" ;;
		*) verdict="no verdict: $1: $(grep '^Bail out' "$copy/test.log" || echo "$4 ended with $result")" ;;
		esac
	fi
	echo "$verdict" | tee -a "$log"
	cp "$top/$2" "$copy/$2"
}

tar -C "$top" --exclude=./build/static --exclude=./build/fuzz --exclude=./static -cf - . | tar -C "$copy" -xf -
build style.t || exit 1

# the append
mutant no-lock base/lock.c 's/(lock_control\(int fd, bool wait, short type\)\n\{)/$1\n\tif (type == F_WRLCK) return 0;/' race.t
mutant no-name-check store/log.c 's/\t\treturn LOG_RETRY;\n\tlog->device = opened/\t\t(void)named;\n\tlog->device = opened/' unit-store
mutant refused-another-file store/refused.c 's/return length >= 0 && head_fits\(line, \(size_t\)length\);/return true;/' unit-refused
mutant refused-waits store/refused.c 's/if \(lock_try\(fd, F_WRLCK\) == 0\)/if (lock_try(fd, F_WRLCK) >= -1)/' unit-refused
mutant refused-too-late receive.c 's/\telse if \(reply->begins_log\)\n\t\trefused_prepare/\telse if (false)\n\t\trefused_prepare/' refused.t
mutant no-mark store/tail.c 's/if \(tail.marked\)/if (0)/' unit-replaced
mutant mark-before-the-name store/replace.c 's/(\tif \(!path_is_file\(new->path, new->fd\)\)\n)/\t(void)!write(log->fd, mark, MARK_LENGTH + 1);\n$1/' unit-replaced
mutant mark-always-taken-off store/mark.c 's/if \(!look_is_proof\(log, mark\)\)/if (0)/' unit-replaced
mutant mark-kept-for-ever store/mark.c 's/if \(!look_is_proof\(log, mark\)\)/if (1)/' unit-replaced
mutant leftovers-stay store/replace.c 's/\(void\)siblings_look\(&log, "", true\);//' unit-replaced
mutant two-at-once store/replace.c 's/ &&\n\t    !\(first && siblings_look.*?\)\)\)/)/s' unit-compact
mutant no-tail-check store/turn.c 's/result = tail_repair\(log\);/result = 0;/' unit-store
mutant tail-by-braces store/tail.c 's/return json_check\(line, length, LINE_DEPTH_MAX, NULL, &ignored\) == 0;/(void)ignored;\n\treturn line[length - 1] == 0x7d;/' unit-store
mutant tail-by-the-gate store/tail.c 's/json_check\(line, length, LINE_DEPTH_MAX,/json_check(line, length, JSON_DEPTH_MAX,/' unit-lines
mutant torn-not-kept store/tail.c 's/if \(torn_keep\(log, tear.start\) != 0\)/if (0)/' unit-replaced
mutant no-sync store.c 's/log->options->sync && file_sync\(log->fd\) != 0/0/' cgi.t
mutant sync-error-ignored store.c 's/log_fault\(log, FAULT_SYNC_FAILED, "sync"\);\n\t\tgoto fail;/return 0;/' unit-faults
mutant no-directory-sync store.c 's/log->size == 0 && log->options->sync && log_sync_directory/0 \&\& log_sync_directory/' cgi.t
mutant directory-sync-late store.c 's/(\tif \(log->size == 0 && log->options->sync && log_sync_directory\(log\) != 0\)\n\t\treturn -1;\n)\treturn lines_append\(log, line, length\);/\tif (lines_append(log, line, length) != 0)\n\t\treturn -1;\n$1\treturn 0;/' cgi.t
mutant no-rollback store.c 's/\(void\)!ftruncate\(log->fd, log->size\);//' unit-faults
mutant sync-after-unlock store.c 's/#include "batch.h"/#include "base\/lock.h"\n#include "batch.h"/; s/log->options->sync && file_sync\(log->fd\) != 0/log->options->sync \&\& (lock_end(log->fd), file_sync(log->fd)) != 0/' cgi.t
# the same, as a power cut shows it
mutant unsynced-line store.c 's/log->options->sync && file_sync\(log->fd\) != 0/0/' power.t
mutant unsynced-compaction store/replace.c 's/if \(file_sync\(new->fd\) != 0\)/if (0)/' power.t
mutant unsynced-torn store/tail.c 's/    file_sync\(torn.fd\) != 0\) \{/    0) {/' power.t
mutant failed-sync-retried base/file.c 's/(file_sync\(int fd\)\n.*?while \(result != 0 && errno == EINTR\);\n)/$1\tif (result != 0)\n\t\tresult = fdatasync(fd);\n/s' device.t
# what is printed while a log is locked
mutant verify-prints-locked ctl/verify.c 's{\tif \(settled->had\)\n\t\tlock_end\(scan->fd\);\n}{}; s{(\t\t    settled.unfinished\);\n)}{$1\tlock_end(scan->fd);\n}' pager.t
# the same, as faults and kills from outside show it
mutant sync-error-answered store.c 's/log_fault\(log, FAULT_SYNC_FAILED, "sync"\);\n\t\tgoto fail;/return 0;/' faults-fastcgi.t
mutant log-left-open store/log.c 's/return close\(log->fd\) == 0 \|\| errno == EINTR \? 0 : -1;/return 0;/' faults-fastcgi.t
mutant tail-trusted store/turn.c 's/result = tail_repair\(log\);/result = 0;/' kills.t
mutant batch-peer-believed batch.c 's/peer.uid == geteuid\(\) && //' unit-batch
mutant batch-listener-kept batch.c 's/(\tif \(batch->listener >= 0\)\n\t\tclose\(batch->listener\);\n\tbatch->listener = -1;\n)(\twithdrawn)/$2/' unit-batch
mutant batch-withdrawn-written batch.c 's/\twithdrawn_drop\(batch\);\n//' unit-batch
mutant batch-orphans-forgotten batch.c 's/\t\tbatch->orphaned = true;\n\tconnection_close/\t\t;\n\tconnection_close/' unit-batch
mutant batch-reset-is-orphan batch.c 's/length >= 0 \|\| errno != ECONNRESET/1/' unit-batch
mutant batch-orphans-written-again batch.c 's/\t\tif \(line->found\)\n\t\t\tcontinue;\n//' unit-batch
mutant batch-one-for-two-orphans batch.c 's/ \|\| line->found \|\|/ ||/' unit-batch
mutant batch-line-not-taken-back batch.c 's/\t\tbatch->orphaned = true;\n\t\tconnection_close\(batch\);/\t\tbatch->orphaned = true;/' unit-batch
mutant batch-refused-for-ever batch.c 's/(full \? FULL_MILLISECONDS : REFUSED_MILLISECONDS)/(0 * ($1) + (1 << 30))/' unit-batch
mutant batch-of-one-line-too-many batch.c 's/BATCH_LINES_MAX - 1\)/BATCH_LINES_MAX)/' unit-batch
mutant batch-gather-endless batch.c 's/i < GATHER_CONNECTIONS &&/i < 100000 \&\&/' unit-batch
mutant batch-any-bytes batch.c 's/if \(!line_fits\(bytes, length\)\)/if (0)/' unit-batch
mutant batch-own-address-taken batch.c 's/ == 0 && !peer_is_us\(fd\);/ == 0;/' unit-batch
mutant batch-lost-verdict-forgotten batch.c 's/length >= 0 \|\| errno != ECONNRESET/length >= 0/' unit-sockets
mutant batch-line-taken-back-elsewhere store/turn.c 's/batch_move\(log->batch\);/;/' unit-batch
mutant batch-anybody-asked-again batch.c 's/ && batch->lost < LOST_MAX//' unit-batch
mutant batch-any-verdict batch.c 's/if \(verdict_is_sound\(&verdict, length\)\)/if (length == (ssize_t)sizeof(verdict))/' unit-batch
mutant batch-socket-left-open batch.c 's/out:\n\tclose\(fd\);/out:/' unit-sockets
mutant batch-nobody-listens batch.c 's/if \(listen\(fd, BACKLOG\) != 0\)/if (0)/' unit-order
mutant batch-line-to-a-stranger batch.c 's/\tif \(!peer_is_us\(fd\)\)\n\t\tgoto out;\n//' unit-batch
mutant batch-of-nobody batch.c 's/geteuid\(\) == UID_OVERFLOW \|\| //' unit-batch
mutant batch-address-of-any-log batch.c 's/status.st_ino, log->name\)/status.st_ino, "")/' unit-batch
mutant batch-address-of-any-directory batch.c 's/\(unsigned long long\)status.st_ino/0ULL/' unit-batch
mutant batch-address-of-any-disk batch.c 's/\(unsigned long long\)status.st_dev/0ULL/' unit-batch
mutant batch-address-of-any-user batch.c 's/\(unsigned long long\)geteuid\(\)/0ULL/' unit-batch
mutant batch-long-line-given batch.c 's/length <= BATCH_LINE_MAX && line/line/' unit-batch
mutant batch-full-not-waited-for batch.c 's/errno == ECONNREFUSED \|\| errno == EAGAIN/errno == ECONNREFUSED/' unit-order
mutant batch-full-for-ever batch.c 's/full \? FULL_MILLISECONDS/full ? 1 << 30/' unit-order
mutant batch-claim-says-nothing batch.c 's/claim.orphaned = batch->orphaned;/claim.orphaned = 0;/' unit-order
mutant batch-claim-of-now batch.c 's/status.st_size -= SHORTER_BYTES;/;/' unit-batch
mutant batch-alone-without-leader batch.c 's/errno == EPIPE \|\| errno == ECONNRESET \? BATCH_RETRY : BATCH_WAIT/BATCH_WAIT/' unit-order
mutant batch-never-asks batch.c 's/batch->ask = ask_next\(\);\n\treturn BATCH_DONE/batch->ask = INT64_MAX;\n\treturn BATCH_DONE/' unit-order
mutant batch-asks-all-the-time batch.c 's/batch->ask = ask_next\(\);\n\treturn BATCH_RETRY/return BATCH_RETRY/' unit-order
mutant batch-verdict-of-any-size batch.c 's/length != \(ssize_t\)sizeof\(\*verdict\) \|\| //' unit-order
mutant batch-longer-verdict batch.c 's/ \| MSG_TRUNC\)/)/' unit-order
mutant batch-fault-without-end batch.c 's/ &&\n\t\tmemchr\(verdict->fault.detail, .{4}, FAULT_DETAIL_SIZE\) != NULL//' unit-batch
mutant batch-not-withdrawn batch.c 's/\tshutdown\(batch->connection, SHUT_WR\);\n//' unit-batch
mutant batch-no-grace batch.c 's/clock_milliseconds\(\) \+ GRACE_MILLISECONDS;/0;/' unit-order
mutant batch-grace-without-end batch.c 's/end < batch->deadline \? end : batch->deadline/end/' unit-order
mutant batch-withdrawn-too-late batch.c 's/\t\tuntil = batch->deadline - GRACE_LEAST_MILLISECONDS;/\t\t;/' unit-order
mutant batch-doubt-untold batch.c 's/\tif \(turn == BATCH_WAIT\)\n\t\tbatch->orphaned = true;\n//' unit-batch
mutant batch-verdict-at-the-lock-ignored batch.c 's/case BATCH_DONE:\n\t\treturn true;/case BATCH_DONE:\n\t\treturn false;/' unit-order
mutant batch-gather-slow batch.c 's/ && clock_milliseconds\(\) < end//' unit-order
mutant batch-gather-too-much batch.c 's/\n\t     batch->size \+ BATCH_LINE_MAX <= GATHER_BYTES &&//' unit-order
mutant batch-beginnings-taken batch.c 's/ \|\| \(message.msg_flags & MSG_TRUNC\) != 0//' unit-batch
mutant batch-fault-untold batch.c 's/\tverdict.result = result;/\tverdict.result = 0;/' unit-batch
mutant batch-ends-alike batch.c 's/\t\tverdict.span.size = line->end;\n//' unit-batch
mutant batch-orphans-of-another-log batch.c 's/ &&\n\t\t    line->before.inode == log->inode//' unit-batch
mutant batch-orphans-of-another-disk batch.c 's/line->before.device == log->device &&\s+//' unit-batch
mutant batch-orphans-before-their-time batch.c 's/\n\t\t    line->before.size > end - \(off_t\)length \|\|//' unit-batch
mutant batch-orphans-in-all-the-log batch.c 's/\t\tstart = log->size - ORPHANS_BYTES;/\t\t;/' unit-batch
mutant batch-listener-left batch.c 's/(struct fault \*fault\)\n\{\n)\tif \(batch->listener >= 0\)\n\t\tclose\(batch->listener\);\n/$1/' unit-order
mutant batch-of-one-at-a-time batch.c 's/return batch->listener >= 0 \|\| batch->orphaned;/return batch->orphaned;/' unit-order
mutant batch-orphan-with-the-lock-forgotten batch.c 's/return batch->listener >= 0 \|\| batch->orphaned;/return batch->listener >= 0;/' unit-order
mutant batch-of-one-alone batch.c 's/return batch->listener >= 0 \|\| batch->orphaned;/return true;/' uncontended.t
mutant batch-without-sync store.c 's/options->sync \? &batch : NULL/\&batch/' unit-order
mutant batch-name-not-synced store.c 's/if \(log->size == 0 && log_sync_directory\(log\) != 0\)/if (0)/' unit-order
mutant batch-name-synced-late store.c 's/(\tif \(log->size == 0 && log_sync_directory\(log\) != 0\)\n\t\treturn -1;\n)(\tif \(batch_gather\(batch, log->fault\) != 0\)\n\t\treturn -1;\n)/$2$1/' unit-order
mutant batch-orphans-not-synced store.c 's/if \(file_sync\(log->fd\) != 0\)(\n\t\treturn log_fault\(log, FAULT_SYNC_FAILED, "sync"\);\n\tif \(length == 0\))/if (0)$1/' unit-order
mutant batch-orphans-not-looked-for store.c 's/batch_has_orphans\(batch\) && orphans_find\(log, batch\) != 0/0/' unit-order
mutant batch-in-two-writes store.c 's/lines_append\(log, batch->bytes, batch->size\)/file_write(log->fd, batch->bytes, 8) != 0 ? -1 : lines_append(log, batch->bytes + 8, batch->size - 8)/' unit-order
mutant batch-told-under-the-lock store.c 's/return (batch->size == 0 \? 0 : lines_append\(log, batch->bytes, batch->size\));/int result = $1;\n\tbatch_end(batch, result, end, log->fault);\n\tbatch_begin(batch, "", 0, 0);\n\treturn result;/' unit-order
mutant batch-found-not-synced store/turn.c 's/if \(!log->batch->found\)/if (1)/' unit-order
mutant batch-found-synced-beside-a-writer store/turn.c 's/if \(lock_wait\(log->fd, F_RDLCK, until\) != 0\)/if (0)/' unit-order
mutant batch-found-synced-alone store/turn.c 's/lock_wait\(log->fd, F_RDLCK, until\)/lock_wait(log->fd, F_WRLCK, until)/' unit-order
mutant batch-found-anywhere store/turn.c 's/ \|\|\s+status.st_ino != span->inode//; s/ \|\| status.st_dev != span->device//' unit-order
mutant batch-found-with-the-lock-not-synced store/turn.c 's/batch_leave\(log->batch\)\)\n\t\tresult = led\(log, until\);/batch_leave(log->batch))\n\t\tresult = TURN_LED;/' unit-order
mutant batch-line-of-two store/turn.c 's/batch_leave\(log->batch\)\)\n\t\tresult = led\(log, until\);/batch_leave(log->batch))\n\t\tresult = 0;/' unit-order
mutant lock-place-lost base/lock.c 's/timer.it_value.tv_sec = \(time_t\)\(left \/ 1000\);/timer.it_value.tv_sec = 0;/; s/timer.it_value.tv_usec = .*?;/timer.it_value.tv_usec = TIMER_MICROSECONDS;/' unit-order
mutant lock-timer-once base/lock.c 's/timer = \{ \{ 0, TIMER_MICROSECONDS \}/timer = { { 0, 0 }/' unit-order
mutant repair-not-synced store/tail.c 's/tear.whole_size\) != 0 \|\| file_sync\(log->fd\) != 0\)/tear.whole_size) != 0)/' unit-order
mutant repair-of-any-lines store/tail.c 's/at > 0 && lines < TEAR_LINES - 1/at > 0/' unit-store
mutant repair-of-any-bytes store/tail.c 's/tail->line_start < TEAR_BYTES \? \(size_t\)tail->line_start : TEAR_BYTES/(size_t)tail->line_start/' unit-store
mutant repair-untold store/tail.c 's/if \(log->options->notice != NULL\)/if (0)/' unit-store
mutant gaps-left store/tail.c 's/if \(tear->lines\+\+ == 0\)/if (0)/' unit-store
mutant gaps-of-a-power-cut-left store/tail.c 's/!tail.whole \|\| log->before_start/!tail.whole/' unit-store
mutant time-to-come-trusted store/log.c 's/ \|\| status->st_mtime > now.tv_sec//' unit-store
mutant whole-lines-not-back store/tail.c 's/file_write\(log->fd, tear.whole, tear.whole_size\) != 0/0/' unit-store
mutant links-followed store/log.c 's/ \| O_NOFOLLOW//' unit-store
mutant new-files-open store/log.c 's/(O_CREAT \| O_EXCL,\s+)log->options->file_mode/${1}0666/' unit-store
mutant no-group-limit store/log.c 's/path == log->path && groups_check/0 \&\& groups_check/' unit-store
mutant probe-only-looks receive.c 's/store_probe\(&config->store, request->started \+ LOCK_MILLISECONDS,/store_check_access(\&config->store,/' probe.t
mutant filter-believed store/directory.c 's/errno != EPERM && errno != ENOSYS\)\n\t\treturn -1;\n\treturn access/errno != ENOSYS)\n\t\treturn -1;\n\treturn access/' probe.t
mutant place-not-looked-at service.c 's/store_place_equals\(&now, &service->place\)/true/' replaced.t
mutant directory-looked-at-by-chance front.c 's/milliseconds = LOOK_MILLISECONDS;/milliseconds = -1;/' replaced.t
mutant idle-worker-trusts-the-kernel front.c 's/\t\tif \(ready != 0\)\n(\t\t\treturn ready;)/$1/' unit-front
mutant connection-taken-too-early service.c 's/if \(!service_look\(service\)\) \{(.*?)\} else if \(front_take\(front, &request\)\) \{(.*?)\n\t\t\}/if (front_take(front, \&request)) {$2\n\t\t} else if (!service_look(service)) {$1}/s' replaced.t
mutant management-unanswered front.c 's/!management_answer\(connection, deadline, &front->small\)/false/' fastcgi.t
mutant births-ignored store/directory.c 's/ &&\n\s+one->born == other->born//' unit-store
# the gate
mutant xfsz-not-ignored service.c 's/signal\(SIGXFSZ, SIG_IGN\);//' fastcgi.t
mutant lock-timeout-promises receive.c 's/if \(fault->code == FAULT_LOCK_TIMEOUT\)\n\t\tstrcpy/if (0)\n\t\tstrcpy/' unit-receive
mutant short-body-taken body.c 's/FAULT_BODY_SHORT/FAULT_NONE/' unit-receive
mutant names-of-the-body parse.c 's/if \(name != NULL\) \{/if (0) {/' unit-receive
mutant app-of-the-body receive.c 's/if \(!document_is_of_app\(exchange->document, envelope->sdk_app_id\)\)/if (0)/' unit-receive
mutant body-of-anybody receive.c 's/(command_ask_body\(struct exchange \*exchange\)\n.*?)if \(sign_check\(exchange\) != 0\)/$1if (0)/s' unit-receive
mutant command-by-case parse.c "s/c >= 'A' && c <= 'Z' \\? c - 'A' \\+ 'a' : c/c/" unit-receive
mutant command-twice-forgotten receive.c 's/command == CALLBACK_OURS \|\| query->command == CALLBACK_NONE/query->command == CALLBACK_NONE/' unit-receive
mutant fast-commits-untold mount.c 's/if \(kernel_tells\(path, " commits"\)\)/if (0)/' ctl-check.t
mutant no-journal-untold mount.c 's/if \(kernel_tells\(path, "<none>"\)\)/if (0)/' ctl-check.t
mutant address-refuses receive.c 's/return parameter == CLIENT_IP \|\| parameter == PLATFORM;/return parameter < 0;/' unit-receive
mutant stale-taken receive.c 's/(FAULT_SIGN_STALE)/FAULT_NONE/' unit-receive
mutant argument-trusted settings.c 's/path == NULL \|\| executed == NULL \|\| strcmp\(path, executed\) != 0/path == NULL/' cgi.t
mutant options-under-server service.c 's/if \(front_takes_options\(front\)\)/if (argc > 1 || front_takes_options(front))/' cgi.t
mutant closed-too-early front.c 's/if \(!front->body_ended\) \{/if (0) {/' servers.t
mutant input-left-unread cgi.c 's/if \(shutdown\(fd, SHUT_RD\) != 0\)/if (1)/' cgi.t
mutant peer-that-pauses-cut-off cgi.c 's/listener < 0 \|\| poll/1 || poll/' fastcgi.t
mutant peer-waited-for-beside-others cgi.c 's/listener < 0 \|\| poll\(&others, 1, 0\) != 0/(void)others, listener < 0/' fastcgi.t
mutant silent-peer-waited-for cgi.c 's/now - came < SILENCE_MILLISECONDS/true/' fastcgi.t
mutant body-streamed apache-example.conf 's/SetEnv proxy-sendcl 1//' attack.t
mutant memory-kept front.c 's/malloc_trim\(0\);/;/' fastcgi.t
mutant pools-kept base/memory.c 's/ && --mapped_used == 0/ \&\& --mapped_used == SIZE_MAX/' unit-memory
mutant copy-cut base/bytes.c 's/\tSTORE\(to \+ last, last_pair\);\n//' unit-bytes
mutant moved-forward-only base/bytes.c 's/\(uintptr_t\)to - \(uintptr_t\)from >= length/true/' unit-bytes
mutant found-in-the-word-beside base/bytes.c 's/length >= sizeof\(pattern\) &&/length > 0 \&\&/' unit-bytes
mutant request-behind-its-connection-looked-for management.c 's/\t\tif \(!more_wait\(connection, count, deadline, &late\)\)\n\t\t\treturn -1;/\t\t(void)recv(connection, bytes, RECORDS_SIZE, MSG_PEEK | MSG_DONTWAIT);\n$&/' unit-management
mutant peer-of-no-address front.c 's/front->local \?/true ?/' fastcgi.t
mutant parameters-unlimited front.c 's/timer_set\(left > 0 \? left : 1\);//' fastcgi.t
mutant bare-key-erased-elsewhere record.c 's/ \|\|\n\t    \(seq == 0.*?== 0\)//s' ctl-compact.t
mutant unended-parameters-taken front.c 's/begun && FCGX_GetError\(fastcgi->in\) != 0/false/' fastcgi.t
mutant late-body-unread cgi.c 's/poll\(&standard_input, 1, left < 0 \? 0 : \(int\)left\)/left < 0 ? 0 : poll(&standard_input, 1, (int)left)/' unit-front
mutant late-stream-unread front.c 's/(\ttimer_set\(left > 0 \? left : 1\);\n\tcount)/\tif (left <= 0)\n\t\treturn READ_STALLED;\n$1/' unit-front
mutant late-request-unread management.c 's/\t\t\*late = true;/\t\treturn false;/' unit-management
mutant longer-body-taken body.c 's/return end_check\(body, request, max, fault\)/return 0/' unit-receive
mutant inflated-by-length body.c 's/\|\|\n\t    !encoding_is_identity\(request->content_encoding\)//' unit-receive
mutant not-hardened msgext.c 's/\tharden\(.*?\);\n//' cgi.t
# the viewer
mutant view-to-anybody view/msgext-view.c 's/return view->signed_in \? result_answer\(exchange\)\s*: signin_answer\(exchange, SIGNIN_ASK\);/return result_answer(exchange);/' view.t
mutant view-closed-directory view/msgext-view.c 's/R_OK \| X_OK/F_OK/' view-users.t
mutant view-tells-what-is-there view/msgext-view.c 's/(\tif \(read != 0\)\n\t\treturn page_error\(view, 400\);\n)/$1\tif (!etag_make(view, exchange->etag) \&\& address->group != NULL)\n\t\treturn page_error(view, 404);\n/' view.t
mutant view-looks-first view/msgext-view.c 's/(\tif \(read != 0\)\n\t\treturn page_error\(view, 400\);\n)/$1\t(void)etag_make(view, exchange->etag);\n/' view-safety.t
mutant view-link-unchecked view/msgext-view.c 's/(case LINK_WRONG:\n\t\t)return page_error\(view, 403\);/$1break;/' view.t
mutant view-link-for-ever view/msgext-view.c 's/(case LINK_EXPIRED:\n\t\t)return page_error\(view, 410\);/$1break;/' view.t
mutant view-link-shows-names view/msgext-view.c 's/\(!view->link->names \|\| (view->address->download == DOWNLOAD_EXCEL)\)/($1)/; s/status = download_make\(view, &exchange->download\);/view->link = NULL; status = download_make(view, \&exchange->download);/' view.t
mutant view-config-for-ever view/msgext-view.c 's/viewer_free, viewer_changed/viewer_free, NULL/' view-safety.t
mutant view-can-write view/msgext-view.c 's/HARDEN_READ/HARDEN_APPEND/' view-safety.t
mutant view-plain-goes-on view/msgext-view.c 's/if \(config->https == VIEW_HTTPS_REQUIRED && !view->secure\)\n\t\t\tview->signed_in/if (0)\n\t\t\tview->signed_in/' view.t
mutant view-sign-out-by-others view/msgext-view.c 's/if \(view->signed_in && !view->by_server\)/if (1)/' view.t
mutant view-reads-what-is-known view/msgext-view.c 's/return 304;/return (void)page_message(view), 304;/' view-safety.t
mutant harden-lets-write base/harden.c 's/if \(access != HARDEN_READ\)/if (1)/' unit-harden
mutant guess-unlocked view/session.c 's/flock\(config->guard, LOCK_EX \| LOCK_NB\) == 0/true/' unit-session
mutant guess-at-once view/session.c 's/\t\t\tsecond_wait\(\);\n//' unit-session
mutant guess-ended-early view/session.c 's/sigfillset\(&all\);/sigemptyset(\&all);/' unit-session
mutant guess-by-two-files view_config.c 's/openat\(AT_FDCWD, settings->path,/openat(AT_FDCWD, "\/etc\/passwd",/' unit-view_config
mutant cookie-of-later view/session.c 's/ \|\| expiry > now \+ config->session//' unit-session
mutant cookie-for-ever view/session.c 's/now >= expiry/false/' unit-session
mutant cookie-over-http view/session.c 's/return session_is_secure\(config, client\) \? "__Secure-msgext-view=" : "msgext-view=";/return "msgext-view=";/' unit-session
mutant cookie-of-one-path view/session.c 's/if \(strcmp\(path, "\/"\) != 0\)/if (0)/' unit-session
mutant cookie-of-any-path view/session.c 's/ \|\| strspn\(script, plain\) != length//' unit-session
mutant link-opens-more view/address.c 's/parameters_read\(table, NAME_LINK_COUNT,/parameters_read(table, NAME_COUNT,/' unit-address
mutant etag-without-the-minute view/etag.c 's/number_add\(hash, minute\);/(void)minute;/' unit-etag
mutant etag-of-size-alone view/etag.c 's/\tnumber_add\(hash, \(int64_t\)status->st_ino\);.*?st_ctim.tv_nsec\);\n/\tnumber_add(hash, status->st_size);\n/s' unit-etag
mutant form-leads-anywhere view/form.c 's/\tif \(address_read\(&form->to, to \+ \(to\[0\] == .\?.\), form->to_decoded, &ignored\) != 0\)\n\t\t(form->to = .*?;)/\t(void)address_read(\&form->to, to, form->to_decoded, \&ignored);/s' unit-session
# reading
mutant reading-by-the-gate parse.c 's/return document_make\(bytes, length, LINE_DEPTH_MAX, SIZE_MAX, fault\);/return document_parse(bytes, length, fault);/' unit-lines
mutant records-by-the-gate parse.c 's/if \(event_read\(document, &record->event, fault\) != 0\)/if (document_event(document, \&record->event, fault) != 0)/' lines.t
mutant verify-by-the-gate ctl/verify.c 's/document_parse_line\(line->bytes/document_parse(line->bytes/' lines.t
mutant fold-takes-the-last log/state.c 's/return entry == NULL \|\| rank > entry->rank;/return true;/' histories.t
mutant clear-forgotten log/state.c 's/entry_seq\(entry\) > message->clear_seq &&\n//' histories.t
mutant replace-unchecked store/replace.c 's/if \(span_check\(log, new\) != 0\)/if (0)/' unit-compact
mutant no-mend-before-compaction log/compact.c 's/if \(store_repair\(.*?\) != 0\)\n\t\treturn -1;/{ struct stat s; char p[PATH_MAX]; snprintf(p, sizeof(p), "%s\/%s", options->data_dir, work->log_name); if (stat(p, &s) == 0) work->span = (struct store_span){ s.st_dev, s.st_ino, s.st_size }; (void)patient; }/s' unit-compact
mutant prefix-of-a-number log/scan.c "s/if \\(\\*from < '0' \\|\\| \\*from > '9'\\)/if (1)/" unit-scan
mutant probe-cut-short log/scan.c 's/memmem\(from, PROBE_BLOCK \+ length - 1,/memmem(from, PROBE_BLOCK,/' unit-scan
mutant shape-takes-any-byte shape.c 's/length = utf8_length\(cursor->at, cursor->end\);/length = 1;/' unit-shape
mutant shape-takes-controls base/text.h 's/ \| \(word - ones \* 0x20\)//' unit-shape
mutant shape-trusts-the-day shape.c 's/if \(\*time < 0\)\n\t\t\treturn false;/(void)0;/' unit-shape
mutant request-whole-too-soon records.c 's/if \(content == 0 && wanted == RECORD_BODY\)/if (content == 0)/' unit-records
mutant request-of-anybody records.c 's/ \|\|\s+\(record\[2\] << 8 \| record\[3\]\) != records->id//' unit-records
mutant value-without-end records.c 's/records->bytes\[end\] = 0;/(void)end;/' unit-records
mutant last-parameter-counts records.c 's/(size_t i = 0); i < records->parameter_count; i\+\+(\)\n\t\tif)/$1 + records->parameter_count; i-- > 0;$2/' unit-records
mutant answer-of-one-record records.c 's/rest -= length;/rest = 0;/' unit-records
mutant small-request-stays front.c 's/\tsmall_take\(front\);\n//' fastcgi.t
mutant body-joins-tokens json.c 's/ && byte_is_of_word\(to\[-1\]\) &&\s+byte_is_of_word\(\*at\)/ \&\& false/' unit-mutated
mutant body-takes-any-depth shape.c 's/\.depth_max = JSON_DEPTH_MAX/.depth_max = LINE_DEPTH_MAX/' unit-shape
mutant body-needs-no-time shape.c 's/ && \(found->seen & HAS_TIME\) != 0//' unit-mutated
mutant shape-ends-anywhere shape.c 's/cursor->at != cursor->end/false/' unit-shape
mutant shape-takes-names-twice shape.c 's/unique = unique && strcmp\(names\[i - 1\], names\[i\]\) != 0;/(void)unique;/' unit-shape
mutant shape-takes-known-names shape.c 's/if \(names_have\(known, name\) \|\|/if (/' unit-shape
mutant shape-nests-too-deep shape.c 's/depth == cursor->depth_max/depth == cursor->depth_max + 1/; s/ends\[LINE_DEPTH_MAX \+ 1\]/ends[LINE_DEPTH_MAX + 2]/' unit-shape
mutant shape-knows-one-order shape.c 's/\(!TAKE\(cursor, ","\) \|\| !unknown_take/(true || !unknown_take/' unit-shape
mutant shape-keeps-half-characters shape.c 's/string_take\(cursor, text\) && !cursor->unusable/string_take(cursor, text)/' unit-shape
mutant listed-keys-forgotten log/state.c 's/ENTRY_VISIBLE, true, count/ENTRY_VISIBLE, false, count/' histories.t
mutant unlisted-forgotten log/state.c 's/message, ENTRY_UNLISTED, false/message, ENTRY_NONE, false/' histories.t
mutant large-message-in-one-line log/compact.c 's/if \(size > room->left && /if (0 \&\& /' unit-compact
mutant messages-meet log/state.c 's/hash_number\(&state->seed, ([a-z>-]*msg_seq)\)/($1 << 20)/g' unit-state
mutant search-walks-back log/scan.c 's/if \(scan->lines_end <= scan->start\)/if (1)/' unit-scan
mutant values-overrun log/state.c 's/entry == NULL \|\| size > entry->size/entry == NULL/' unit-state
mutant ranges-not-melted log/ranges.c 's/node->range.first <= last \+ 1\)/node->range.first <= last)/' unit-ranges
mutant repetitions-trusted ctl/recent.c 's/memcmp\(first, line->bytes.*?\) == 0;/true;/' ctl-verify.t
mutant conflict-before-the-command ctl/recent.c 's/line->length - body;/100;/g' ctl-verify.t
mutant set-aside-unnamed ctl/verify.c 's/if \(result == 0 && \(message == NULL/if (0 && (message == NULL/' ctl-verify.t
mutant import-judged-early log/importer.c 's/return importer_judge\(importer, &importer->import, fault\);\n\}\n\n\/\* Reads the log/return 0;\n}\n\n\/\* Reads the log/' import.t
mutant import-without-log log/import.c 's/import->matches == 0/0/' import.t
mutant undo-behind-compaction log/compact.c 's/import->compacted = true;/import->compacted = false;/' import.t
mutant undo-marked-by-import log/compact.c 's/strcmp\(record->kind, SNAPSHOT_IMPORT\) == 0\)\n\t\treturn;/0)\n\t\treturn;/' import.t
mutant pages-in-any-order log/answer.c 's/page_follows\(&page, latest, fault\) != 0/0/' unit-answer
mutant escapes-leak ctl/print.c 's/character_is_harmful\(character\) \|\|\n/0 ||\n/' unit-print
mutant alike-rows base/alike.c 's/differ = strcmp\(texts\[looks\[0\].index\], texts\[looks\[i\].index\]\) != 0;/differ = false;/' unit-print
# pages
mutant html-quote-unescaped view/html.c 's/\tcase .".:\n\t\treturn "&quot;";\n//' unit-html
mutant html-less-than-unescaped view/html.c 's/\tcase .<.:\n\t\treturn "&lt;";\n//' pages.t
mutant html-override-kept view/html.c 's/\(character >= 0x202a && character <= 0x202e\)/false/' pages.t
mutant html-return-kept view/html.c 's/\tcase .\\r.:\n\t\treturn "&#13;";\n//' unit-html
mutant html-joiner-poses view/table.c 's/html_alike\(texts, count, alike\)/texts_alike(texts, texts, count, alike)/; s/#include "view\/html.h"/#include "base\/alike.h"\n#include "view\/html.h"/' view-hostile.t
mutant links-reader-navigates view/layout.c 's/view->signed_in && view->link == NULL && view->config != NULL/view->signed_in \&\& view->config != NULL/' unit-layout
mutant language-never view/strings.c 's/range->quality >= 0;/range->quality > 0;/' unit-strings
mutant style-heading-outside view/style.css 's/main\{display:flow-root\}\n//' view-browser.t
mutant style-words-too-wide view/style.css 's/font-weight:400;overflow-wrap:anywhere\}/font-weight:400}/' view-browser.t
mutant style-letters-too-large view/style.css 's/td time,thead th,\.tag,\.key\{white-space:normal\}//' view-browser.t
mutant style-focus-unseen view/style.css 's/:focus-visible\{outline:3px solid var\(--bar\);/:focus-visible{outline:0;/' view-browser.t
mutant style-hash view/layout.c 's/html_put\(html, style, sizeof\(style\)\);/html_put(html, style, sizeof(style) - 1);/' unit-layout
mutant wide-cell-pads ctl/print.c 's/width <= \(whole \? printer->columns : WIDTH_MAX\)/true/' unit-print
mutant guesses-anything ctl/guess.c 's/differences > guess->limit - found \|\|/0 ||/' ctl-next.t
mutant file-name-before-group ctl/group.c 's/if \(!ctl_group_is_missing\(ctl\)\)\n\t\treturn;\n\tslash/slash/' ctl-next.t
mutant colours-in-a-pipe ctl/human.c 's/isatty\(fd\) == 1/isatty(fd) <= 1/' ctl-plain.t
mutant cut-alike ctl/print.c 's/if \(!alike\[row\]\)\n\t\t\tcontinue;/continue;/' ctl-terminal.t
mutant picture-below-picture ctl/tally.c 's/\\033\[%zuA/\\033[%zuB/' ctl-live.t
mutant formula-in-csv base/csv.c 's/spreadsheet \&\& cell_is_at_risk\(text\)/0/' unit-print
mutant compact-ends-otherwise ctl/write.c 's/(kept as they are.*?return) EX_OK;/$1 EX_IOERR;/s' ctl-compact.t
mutant archive-forgets log/compact.c 's/\? line_archive\(work, line\) :/? 0 :/' ctl-archive.t
mutant archive-takes-the-young log/compact.c 's/message->time < work->compaction->before/message->time > 0/' ctl-archive.t
mutant keep-by-any-age log/archives.c 's/time >= wanted->before \|\|/0 ||/' ctl-keep.t
mutant keep-beside-a-replacement log/archives.c 's/if \(archive_is_busy\(&unfinished, names->names\[i\]\)\)/if (0)/' ctl-keep.t
mutant keep-forgets-the-killed ctl/keep.c 's/group_is_unfinished\(keeping, name, group_id\)\s+\? 1/0 ? 1/' ctl-keep.t
mutant all-rewrites-what-needs-nothing log/compact.c 's/return work->editor != NULL && work->editor->found \? 1 : state_has_old\(work\);/(void)state_has_old; return 1;/' ctl-keep.t
mutant erase-spelt-otherwise log/redact.c 's/if \(\*at == .\\\\.\) \{/if (false) {/' ctl-erase.t
mutant erase-forgets-versions log/erase.c 's/if \(any && record_is_compact\(record\) &&/if (false \&\& any \&\&/' ctl-erase.t
mutant erase-takes-others-with-it log/erase.c 's/return state_message\(erasure->erased, record.event.msg_seq\) != NULL;/return 0;/' ctl-erase.t
mutant erased-comes-back log/state.c 's/ranges_have\(full->erased, entry_seq\(entry\)\);/false;/' ctl-erase.t
mutant erase-brings-back-another-key log/erase.c 's/\(named == NULL \|\| !message_has_erased\(named, pairs\[i\].seq\)\) &&//' ctl-erase.t
mutant erase-brings-back-by-snapshots log/erase.c 's/named_count = 0, at = 0/named_count = 0, at = SIZE_MAX/' fuzz.t
mutant stays-as-none log/erase.c 's/if \(result == 1\) \{\n\t\t\*bytes/if (result >= 0) {\n\t\t*bytes/' ctl-erase.t
mutant addresses-stay-of-an-empty-log ctl/keep.c 's/ \|\| archives_keep\(keeping\) != 0\)/)/' ctl-erase.t
mutant addresses-stay-in-archives log/compact.c 's/if \(line_edit\(work, line, &edited\) != 0\)\n\t\treturn -1;\n\twork->archived/edited = *line;\n\twork->archived/' ctl-erase.t
mutant engine-forgets-versions ship/engine.c 's/\(erasure_gathers\(erasure\) && rows_each\(rows, row_gather\) != 0\) \|\|/(false) ||/' ship-erase.t
mutant erase-between-strings log/redact.c 's/\|\| !may_be_between\(key\)\)/|| true)/' ctl-erase.t
mutant erase-shared-quote log/redact.c 's/at = after - 1;/*to++ = 34, at = after;/' ctl-erase.t
mutant erase-lists-archives-early ctl/erase.c 's/(\tgroup_files_name\(erasing->ctl, group_id, &files\);\n)/$1\tif (group_files_list(erasing->ctl, group_id, \&files) != 0)\n\t\treturn false;\n/; s/\tgoes_on = goes_on && group_files_list\(.*?\) == 0;\n//' ctl-erase.t
mutant export-lists-archives-early ctl/export.c 's/(\tgroup_files_name\(exporting->ctl, group_id, &files\);\n)/$1\tif (group_files_list(exporting->ctl, group_id, \&files) != 0)\n\t\treturn false;\n/; s/\tgoes_on = goes_on && group_files_list\(.*?\) == 0;\n//' ctl-erase.t
mutant erase-overlong-unseen log/erase.c 's/!\(line->overlong && erasure->key != NULL\) && //' errors.t
mutant export-overlong-unseen ctl/export.c 's/if \(line->overlong\)\n/if (false)\n/' errors.t
mutant compact-without-end log/compact.c 's/room->left < room->all\)/room->left < LINE_SIZE_MAX - RECORD_HEAD_SIZE)/' ctl-erase.t
mutant permit-whoever-erases base/file.c 's/mode &= \(mode_t\)~S_IRWXG;/;/' ctl-erase.t
mutant permit-forgets-the-group base/file.c 's/&& fchown\(fd, \(uid_t\)-1, replaced->st_gid\) != 0\)/\&\& false)/' ctl-erase.t
mutant help-unwritten base/file.c 's/if \(fflush\(stdout\) == 0 && !ferror\(stdout\)\)/if (fflush(stdout) != 2)/' errors.t
mutant lock-waits-deaf base/lock.c 's/return sigprocmask\(SIG_UNBLOCK, &alarms, before\)/return (void)before, -1/' unit-store
mutant export-moves-the-cursor ctl/export.c 's/print_json\(printer, value, size\);/fwrite(value, 1, size, stdout);/' ctl-terminal.t
mutant ship-moves-the-cursor ship/msgext-ship.c 's/character_kind\(character\) == CHARACTER_HARMFUL/false/' ship-erase.t
mutant ship-stays-in-the-old-one ship/files.c 's/if \(place_check\(files, fault\) != 0\)\n\t\treturn -1;\n//' ship.t
mutant alarm-first-gap-unseen log/watch.c 's/&& gap.last < known->first/\&\& false/' unit-alarm
mutant alarm-given-up-is-told log/alarm.c 's/known \? watch->new_lost : watch->lost/watch->new_lost/' unit-alarm
mutant alarm-all-of-what-was log/alarm.c 's/alarm->all && kind == ALARM_GIVEN_UP/false/' unit-alarm
mutant alarm-torn-is-new log/watch.c 's/(st_ino\)\n\t\tnew = )0;/$1new + 0;/' unit-alarm
mutant view-older-skips view/page_events.c 's/recent->rows\[shown - 1\]/recent->rows[recent->count - 1]/g' view-pages.t
mutant erase-of-what-looks-alike log/erase.c 's/ &&\n\t    fragment_has_key\(line->bytes, line->length, erasure->key\);/;/' ctl-erase.t
mutant erase-leaves-torn ctl/erase.c 's/if \(goes_on\)\n\t\tgoes_on = file_erase\(erasing, files.torn, KIND_TORN\);//' ctl-erase.t
mutant erase-makes-a-log log/rewrite.c 's/if \(found <= 0 \|\| rewriting->dry_run\)/if (found < 0 || rewriting->dry_run)/' ctl-erase.t
mutant erase-first-line-tells ctl/files.c 's/return owner->own \? OWNER_FOUND : 0;/return OWNER_FOUND;/' ctl-erase.t
mutant erase-of-no-group ctl/files.c 's/\|\| !ctl_group_is_missing\(ctl\)\)/|| true)/' ctl-erase.t
mutant option-twice-last-wins ctl/msgextctl.c 's/if \(again && option/if (false \&\& again \&\& option/' ctl-erase.t
mutant check-removes-others-trials check.c 's/time\(NULL\) - status.st_mtime > TRIAL_SECONDS/true/' ctl-check.t
mutant check-leaves-killed-trials check.c 's/\ttrials_clean\(place->directory\);\n/\t(void)trials_clean;\n/' ctl-check.t
mutant low-a-little-later base/space.c 's/part_percent\(part\) >= SPACE_LOW/part_percent(part) > SPACE_LOW/' space.t
mutant growth-of-all-lines log/growth.c 's/if \(time >= measuring->since\)/if (time >= 0)/' unit-growth
mutant growth-of-half-a-log log/growth.c 's/if \(at < high && time < measuring->since\)/if (at < high \&\& time > measuring->since)/' unit-growth
mutant pairs-left-waiting ctl/fold.c 's/if \(state_flush\(fold->state\) != 0\)/if (0)/' ctl-show.t
mutant record-keeps-the-last shape.c 's/record->clear_seq = record->complete_up_to = record->first_seq = record->replaces = 0;//' unit-shape
mutant numbers-take-zeros-first shape.c 's/ \(\*from != .0. \|\| at - from == 1\) &&//' unit-shape
mutant numbers-take-no-digits shape.c 's/if \(\(\(word \| \(word \+ ones \* \(0x80 - 10\)\)\) & tops\) != 0\)\n\t\treturn false;//' unit-shape
mutant numbers-begin-small shape.c 's/word = word \* 10 \+ \(word >> 8\);/word = word + 10 * (word >> 8);/' unit-shape
mutant spilt-pairs-count-twice log/state.c 's/\.message = \{ \.time = -1 \}/.message = { .time = -1, .record_count = 1 }/' unit-state
mutant merge-forgets-the-key log/state.c 's/if \(record_wins\(slot->entry, entry_value\(other\), other->rank\)\)/if (0)/' unit-state
mutant merge-forgets-erased log/state.c 's/return ranges_merge\(to->erased, from->erased\);/return 0;/' unit-state
mutant merge-forgets-gaps log/state.c 's/ranges_merge\(&slot->full->seen, &from->seen\) != 0 \|\|\s*//' unit-state
mutant parts-overlap ctl/parts.c 's/source_limit\(source, begins\[1\]\);/(void)0;/' ctl-threads.t
mutant parts-begin-anywhere log/scan.c 's/return at \+ \(newline - bytes\) \+ 1;/return offset;/' unit-scan
mutant parts-of-a-cut-log ctl/parts.c 's/ && !parts_stand\(parts\)/ \&\& false/' ctl-threads.t
mutant sound-with-versions-in-common ctl/sound.c 's/if \(state_overlaps\(.*?\)\)/if (false)/' ctl-threads.t
mutant sound-behind-a-fault ctl/sound.c 's/i < count && looks\[i - 1\].whole;/i < count;/' ctl-threads.t
mutant sound-without-the-group ctl/sound.c 's/ \|\|\n\t    !ctl_group_has\(.*?\)\)/)/s' ctl-threads.t
mutant overlap-not-seen log/ranges.c 's/range->first <= ranges->highest.last\)\n\t\treturn true;/false)\n\t\treturn true;/' unit-state
mutant parts-count-alone ctl/parts.c 's/ctl->unreadable \+= other->unreadable;//' ctl-threads.t
mutant pairs-overrun log/state.c 's/size > PENDING_TEXT - pending->used/0/' unit-state
mutant check-for-anyone config.c 's/if \(settings->owner != geteuid\(\)\)/if (0)/' unit-config
mutant check-from-anywhere config.c 's/if \(!settings->control_file\)/if (0)/' unit-config
mutant check-as-root ctl/check.c 's/if \(geteuid\(\) != 0 \|\| ctl->store/if (1 || ctl->store/' ctl-check.t
mutant root-tries-anywhere check.c 's/status.st_uid != 0 \|\| \(status.st_mode & OTHERS_WRITE\) != 0\)\) \{/0)) {/' ctl-check.t
mutant nfs-3-is-4 mount.c 's/"vers=4", "vers=4.0"/"vers=4", "vers=3"/' unit-check
mutant old-check-told-nothing receive.c 's/ && fault->code != FAULT_CONFIG_CHECK\)/)/' check.t
mutant old-check-is-a-probe receive.c 's/ && reply->fault.code != FAULT_CONFIG_CHECK\)/)/' check.t
mutant page-to-any-method ctl/page.c 's/!head && strcmp\(method, "GET"\) != 0/0/' check.t
mutant page-of-any-mode ctl/page.c 's/return config->check \? 0 : config_program_fault\(config, script, "msgext", fault\);/return 0;/' check.t
mutant script-of-anyone settings.c 's/result != 0 && settings_writers_check\(path, &status, fault\) != 0/0/' unit-config
mutant config-of-anyone settings.c 's/if \(settings_writers_check\(path, status, settings->fault\) != 0\)/if (0)/' unit-config
mutant unknown-key-shown settings.c 's/settings_malformed\(settings, "line", reason/settings_malformed(settings, name, reason/' unit-config
# shipping
mutant torn-tail-shipped store/tail.c 's/\t\tsettled->end = tear.start;\n//' ship.t
mutant settled-after-the-lock store/tail.c 's/(\tresult = fstat\(fd, &status\);\n)/$1\tlock_end(fd);\n/' ship.t
mutant moved-lines-shipped ship/msgext-ship.c 's/if \(fingerprint_holds\(&settled->last, scan->fd\) == 1\)/if (1)/' ship.t
mutant moved-lines-unjudged log/importer.c 's/ &&\n\t    fingerprint_holds\(&importer->settled.last, scan->fd\) == 1//' import.t
mutant damage-judged log/importer.c 's/importer->settled.end, 0, fault/INT64_MAX, 0, fault/' import.t
mutant follow-one-line-back ctl/follow.c 's/(\tlog->last = log->readable = log->settled;\n)(\tlog->offset = log->settled.end;)/\tlog->offset = log->last.start;\n$1/' follow.t
mutant nodes-mixed-up ship/engine.c 's/INSERT INTO msgext_node \(incarnation\) VALUES \(\$1\)/INSERT INTO msgext_node (incarnation) VALUES (left(\$1,0))/' ship.t
mutant conflicts-refused ship/engine.c 's/\t\tengine->staged = true;/;/' ship.t
mutant names-as-they-are ship/engine.c "s/\\*name >= 0x20 && \\*name < 0x7f \\? \\*name : '\\?'/*name/" ship.t
mutant marks-forgotten ship/files.c 's/mark != file->shipped.mark/false/' ship.t
mutant marks-of-ends-alone ship/files.c 's/MARK_SIZE \(64 << 10\)/MARK_SIZE 64/' ship-engine.t
mutant rows-of-any-group ship/engine.c 's/number > reading->group_count/0/' ship-engine.t
mutant lines-that-smuggle ship/engine.c "s/memchr\(bytes, '.n', length\) == NULL/true/" ship-engine.t
mutant positions-believed ship/files.c 's/if \(file->is_new_generation\)/if (false)/' ship-engine.t
mutant other-groups-taken log/source.c 's/source->wanted\[0\] != .{4} && //; s/strcmp\(name, source->wanted\) != 0/false/' ship-engine.t
mutant errors-are-nothing ship/files.c 's/if \(errno == ENOENT\)\s+return 0;/return 0;/' errors.t
mutant births-forgotten ship/files.c 's/if \(file->born != born\) \{/if (file->born == 0) {/; s/ \|\|\s+born != file->born//' ship.t
mutant told-to-end-too-late ship/msgext-ship.c 's/timer_settime\(stop_timer, 0, &patience, NULL\);/(void)patience;/' ship.t
mutant answered-too-early wait.c 's/shipped\(context, queue->inodes\[i\]\) >= queue->ends\[i\]/1/' ship-wait.t
mutant waited-for-nothing receive.c 's/result == 0 && config->wait_for_ship > 0/0/' ship-wait.t
mutant others-told-each-time receive.c 's/started < repeated->quiet_until/0/' unit-receive
mutant unknown-told-each-time receive.c 's/repeated_is_told\(reply, &told->unknown, started\)/true/' unit-receive
mutant routing-not-inherited apache-example.conf 's/RewriteOptions InheritDownBefore//' routing.t
mutant half-an-answer log/source.c 's/WIFEXITED\(status\) && WEXITSTATUS\(status\) == EX_OK/1/' from.t
mutant order-by-the-clock ship/engine.c 's/max\(l.time\) OVER \(PARTITION BY g.number, l.file ORDER BY l.start\)/l.time/' from.t
mutant code-of-31-bytes base/hmac.c 's/i < HMAC_SIZE; i\+\+\)\n\t\tdifference/i < HMAC_SIZE - 1; i++)\n\t\tdifference/' unit-hmac
mutant code-of-two-spellings base/hmac.c 's/return \(bits & \(\(1U << count\) - 1\)\) == 0;/return true;/' unit-hmac
mutant link-without-lengths link.c 's/"%zu:%s\\n", strlen\(part\), part/"%s\\n", part/' unit-link
mutant link-without-title link.c 's/at = part_put\(at, link->title\);//' unit-link
mutant link-expiry-late link.c 's/now < link->expiry/now <= link->expiry/' unit-link
mutant link-of-one-key link.c 's/i < keys->count/i < 1/' unit-link
mutant parameter-twice parameters.c 's/if \(table\[i\].value != NULL\)/if (0)/' unit-link
mutant surrogates-are-utf8 base/text.c 's/high = 0x9f/high = 0xbf/' unit-short-json
mutant escape-of-one-digit base/text.c 's/if \(high < 0 \|\| low < 0\)\n(\t\t\treturn false;\n\t\tto\[used)/if (high < 0)\n$1/' unit-short-texts
mutant name-of-two-ids names.c 's/return position > 0;/return true;/' unit-short-texts
mutant link-key-for-all view_config.c 's/return settings_private\(settings, key\);/return 0;/' unit-view_config
mutant view-without-password view_config.c 's/config->password == NULL && !config->trust_server/0/' unit-view_config
mutant link-longer-than-allowed ctl/link.c 's/days < 1 \|\| days > most/days < 1/' ctl-link.t
mutant link-expired-is-sound ctl/link.c 's/return result == LINK_SOUND \? EX_OK : CTL_NOTHING;/return EX_OK;/' ctl-link.t

# the viewer's pages
mutant view-hidden-names-shown view/page_shared.c 's/if \(!view->link->names \|\| result->pair_count == 0\)/if (result->pair_count == 0)/' view-pages.t
mutant view-names-always-asked-for view/page_share.c 's/\.names = address->names/.names = true/' view-pages.t
mutant view-texts-without-room view/answers.c 's/ROW_MARKUP \+ rows\[room\+\+\]\.length/0 * rows[room++].length/' view-pages.t
mutant view-compacted-is-lost view/page_message.c 's/result->compacted \? STRING_PAST_COMPACTED : STRING_PAST_GAP/STRING_PAST_GAP/' view-pages.t
mutant view-values-pose view/changes.c 's/revealed\.value\);/false);/' view-pages.t
mutant view-answer-of-all view/answers.c 's/answer != NULL && strcmp\(answer, pair->value\) != 0/false/' view-pages.t
mutant view-search-is-exact view/answers.c 's/strcasestr\(text, word\)/strstr(text, word)/' view-pages.t
mutant view-bar-of-most view/answers.c 's/row->count, result->pair_count\);\n\thtml_markup\(html, " height/row->count, result->tally[0].count);\n\thtml_markup(html, " height/' view-pages.t
mutant view-file-of-now view/download.c 's/\.version = address->version/.version = 0/' view-pages.t
mutant view-link-to-nothing view/page_share.c 's/if \(found != 1\)/if (found < 0)/' view-pages.t
mutant export-without-mark log/export.c 's/spreadsheet \? CSV_MARK : ""/""/' view-pages.t

# what the viewer reads of the logs
mutant view-late-moment view/course.c 's/held->at > sample->moment.version/false/' unit-result
mutant view-late-clear view/course.c 's/\tsamples_bound\(course, from, record\);\n//' unit-result
mutant view-clear-counted view/course.c 's/course->newest <= bounds->clear/true/' unit-result
mutant view-before-clear view/before.c 's/if \(bounds\[-1\].clear > bounds->clear\)/if (0)/' unit-result
mutant view-before-erased view/before.c 's/rank_is_erased\(before, want->change, seq\)\)/false)/' view-pages.t
mutant view-erased-counted view/course.c 's/!ranges_have\(&course->erased, seq\)/true/' view-numbers.t
mutant view-before-listed view/before.c 's/want->confirmed != bounds->complete/want->confirmed == 0/' unit-result
mutant view-again view/history.c 's/next->seq == line->seq/next->seq != line->seq/' unit-result
mutant view-pruned-too-far view/history.c 's/rows < wanted/rows + 4 < wanted/' unit-result
mutant view-past view/result.c 's/record->event.seq <= version/record->event.seq < version/' unit-result
mutant view-torn view/reader.c 's/if \(line->offset < reader->begin\)/if (0)/' unit-window
mutant view-margin view/window.c 's/size \/ 4/0/' unit-window
mutant view-put-back view/window.c 's/held->doubtful = true;/;/' unit-window
mutant view-holes view/window.c 's/gap.last < from/true/' unit-window
mutant view-same-millisecond view/recent.c 's/number <= query->before_line/number < query->before_line/' unit-window
mutant view-budget view/overview.c 's/\t\tif \(row->size <= overview->budget\)\n\t\t\toverview->budget -= row->size;\n//' unit-window
mutant view-last-snapshot view/window.c 's/ \|\| record->replaces != 0//' unit-window

# the alarm
mutant alarm-told-for-ever log/alarm.c 's/if \(!grown && !again\)/if (record->seen == 0)/' unit-alarm
mutant alarm-told-before-heard log/alarm.c 's/if \(alarm->after.records\[i\].told == alarm->now\)/if (false)/' unit-alarm
mutant alarm-closed-gap-hides log/watch.c 's/&& gap.first > known->latest; i--/\&\& gap.first > UINT64_MAX - 1 - known->latest; i--/' unit-alarm
mutant alarm-compaction-is-news log/watch.c 's/if \(!look->same && look->before != NULL\)/if (false)/' unit-alarm
mutant alarm-silence-of-quiet log/arrivals.c 's/count < HISTORY_COUNT \|\| //' unit-alarm
mutant alarm-state-unproved log/alarm_state.c 's/number_take\(parser, 16\) != text_hash\(parser->begin, length\)/number_take(parser, 16) == 0/' unit-alarm

# repairing
mutant repairer-probe-asks-on repair/ask.c 's/latest <= ask->task->latest_seq/latest < ask->task->latest_seq/' unit-ask
mutant repairer-imports-a-part repair/ask.c 's/(ask_from_zero\(ask\);\n\t\treturn )ASK_MORE(;\n\t\}\n\t\/\* Such)/$1ASK_DONE$2/' unit-ask
mutant repairer-shows-signature repair/ask.c 's/\twords_cut\(fault->detail\);\n//' unit-ask
mutant repairer-asks-on-bad-signature repair/ask.c 's/70009, ASK_STOP/70009, ASK_AGAIN/' unit-ask
mutant repairer-troubles repair/ask.c 's/ask->troubles\+\+ == 0/ask->troubles++ < 2/' unit-ask
mutant repairer-rate-forgets repair/rate.c 's/free <= now\)/free <= now + 500)/' unit-rate
mutant repairer-key-as-bytes repair/usersig.c 's/hmac_sha256\(key, key_length,/hmac_sha256(key, key_length - 1,/' unit-usersig
mutant harden-lets-others-write base/harden.c 's/LANDLOCK_ACCESS_FS_EXECUTE\);/LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_WRITE_FILE);/' unit-harden
mutant repairer-begins-later repair/ask.c 's/if \(ask->probing\) \{\n\t\tif \(latest <= ask->task->latest_seq\)\n\t\t\treturn ASK_KNOWN;\n\t\task_from_zero\(ask\);\n\t\treturn ASK_MORE;/if (ask->probing && latest <= ask->task->latest_seq) {\n\t\treturn ASK_KNOWN;/' repair.t
mutant repairer-page-begins-later repair/ask.c 's/ask->start_seq = last;/ask->start_seq = last + 1;/' repair.t
mutant repairer-conflict log/import.c 's/(import_judge_fetched.*\n\{\n\tif \()import->conflict\[0\] == .\\0.\)/${1}import != NULL)/' repair.t
mutant repairer-bad-signature repair/ask.c 's/\{ 70050, ASK_STOP/{ 70050, ASK_LEFT/' repair.t
mutant repairer-clock repair/ask.c 's/\{ 70001, ASK_STOP/{ 70001, ASK_AGAIN/' repair.t
mutant repairer-gone repair/ask.c 's/\{ 10015, ASK_REFUSED/{ 10015, ASK_STOP/' repair.t
mutant repairer-forgets repair/work.c 's/\tif \(repairs_add\(&work->tasks.resting,/\tif (false \&\& repairs_add(\&work->tasks.resting,/' repair.t
mutant repairer-opens-a-gap repair/find.c 's/message_first_seq\(message\) - 1 :/0 :/' repair.t
mutant repairer-other-app repair/find.c 's/&& app != fold->find->sdk_app_id/\&\& app == 0/' repair.t
mutant repairer-any-certificate repair/curl.c 's/"globoff\\n/"insecure\\ngloboff\\n/' repair.t
mutant repairer-open-memory repair/secret.c 's/prctl\(PR_SET_DUMPABLE, 0,/prctl(PR_SET_DUMPABLE, 1,/' repair.t
mutant repairer-warns-not repair/msgext-repair.c 's/if \(!root && config->rest_key_file != NULL\)/if (root \&\& config->rest_key_file != NULL)/' repair.t
mutant repairer-two-at-once repair/msgext-repair.c 's/if \(lock_try\(repairer->lock, F_WRLCK\) == 0\)/if (lock_try(repairer->lock, F_WRLCK) >= -1)/' repair.t
mutant repairer-end-is-forgotten repair/find.c 's/: TASK_END;/: TASK_GAP;/' repair.t
# what the auditor must find: histories.t
mutant auditor-delete-loses log/state.c 's/return entry->value != 0;/return value != NULL;/' histories.t
mutant auditor-smaller-value log/state.c 's/strcmp\(value, entry_value\(entry\)\) > 0/strcmp(value, entry_value(entry)) < 0/' histories.t
mutant auditor-clear-keeps-own log/state.c 's/entry_seq\(entry\) > message->clear_seq &&/entry_seq(entry) >= message->clear_seq \&\&/' histories.t
mutant auditor-whole-keeps-own log/state.c 's/entry_seq\(entry\) > message->complete_up_to \|\|/entry_seq(entry) >= message->complete_up_to ||/' histories.t
mutant auditor-confirmed-any log/state.c 's/entry->confirmed == message->complete_up_to\)/entry->confirmed > 0)/' histories.t
mutant auditor-confirmed-lost log/state.c 's/slot->entry == NULL \? 0 : slot->entry->confirmed/0/' histories.t
mutant auditor-confirmed-by-unlisted log/state.c 's/unlisted = \{ record, 0, false \}/unlisted = { record, record->complete_up_to, false }/' histories.t
mutant auditor-first-clear log/state.c 's/maximum_take\(&message->clear_seq, says->clear_seq\)/message->clear_seq = says->clear_seq/' histories.t
mutant auditor-last-latest log/state.c 's/maximum_take\(&message->latest_seq, says->latest_seq\)/message->latest_seq = says->latest_seq/' histories.t
mutant auditor-time-of-last-line log/state.c 's/if \(says->time > message->time\)/if (1)/' histories.t
mutant auditor-snapshot-saw-one log/state.c 's/return next > record->event.seq \? 0 : ranges_add\(&full->seen, next, record->event.seq\)/return ranges_add(\&full->seen, record->event.seq, record->event.seq)/' histories.t
mutant auditor-missing-forgotten log/state.c 's/record->missing\[i\].first > next &&/0 \&\&/' histories.t
mutant auditor-deleted-forgotten log/state.c 's/message, ENTRY_DELETED, false/message, ENTRY_NONE, false/' histories.t
mutant auditor-bare-gone-alone log/state.c 's/\(kind == ENTRY_GONE \|\| kind == ENTRY_UNLISTED\)/(kind == ENTRY_UNLISTED)/' histories.t
mutant auditor-gap-too-long log/state.c 's/list\[i \+ 1\].first - 1/list[i + 1].first/' histories.t
mutant auditor-undo-stays-compacted log/compact.c 's/\t\timport->compacted = false;\n//' histories.t
mutant auditor-undo-all-imports log/compact.c 's/line->number == work->undone.line \? 0/result == 1 \&\& record.is_snapshot \&\& record.event.msg_seq == work->undone.msg_seq ? 0/' histories.t
mutant auditor-mark-knows-nothing log/compact.c 's/\.first_seq = message->latest_seq \}/.first_seq = 0 }/' histories.t
mutant auditor-compact-unchanged log/compact.c 's/work->foreign == 0 && compaction/compaction/' histories.t
mutant auditor-first-seq-lost log/compact.c 's/remains.snapshot.first_seq = message_first_seq\(message\);//' histories.t
mutant auditor-erased-in-order log/state.c 's/return record->erased_count == 0 \? 0 : erased_add/return record->erased_count == 0 || record->is_snapshot ? 0 : erased_add/' histories.t
mutant auditor-erased-by-own-line log/state.c 's/record_rank\(adding->record, pairs\[i\].seq\)/2 * pairs[i].seq/' histories.t
mutant auditor-erased-left-goes log/state.c 's/full->erased != NULL && entry->rank % 2 == 0 &&/full->erased != NULL \&\&/' histories.t
mutant auditor-erase-own-line-alone log/erase.c 's/result = pairs_add\(&ranges, record, message, named\);/result = 0;/' histories.t
mutant auditor-erase-forgets-old-erasures log/erase.c 's/i < record->erased_count; i\+\+\)/i < 0 * record->erased_count; i++)/' histories.t
mutant auditor-erase-snapshots-know-nothing log/erase.c 's/state_message\(erasure->compacted, record->event.msg_seq\) != NULL;/false;/' histories.t
mutant auditor-erase-without-snapshots log/erase.c 's/!record_is_compact\(&record\) \|\|\n\t    state_message\(erasure->compacted/true || state_message(erasure->compacted/' histories.t
mutant auditor-erase-missing-too log/erase.c 's/i < record.missing_count; i\+\+\)/i < 0 * record.missing_count; i++)/' histories.t
mutant auditor-erased-listed-in-snapshots log/state.c 's/return ENTRY_GONE/return ENTRY_UNLISTED/' histories.t
mutant auditor-last-member-counts parse.c 's/(member_find\(.*?\n\{\n\tconst cJSON \*member);(.*?)\t\t\treturn member;\n\t\}\n\treturn NULL;/$1, *found = NULL;$2\t\t\tfound = member;\n\t}\n\treturn found;/s' histories.t
mutant auditor-no-time-is-old log/compact.c 's/message->time >= 0 && message->time </message->time </' histories.t
mutant auditor-first-seq-unread log/state.c 's/uint64_t next = record->first_seq;/uint64_t next = 0;/' histories.t
mutant auditor-unlisted-delete-is-a-pair parse.c 's/\(\*pairs\)\[index\].value = NULL;/;/' histories.t
mutant auditor-export-unlisted ctl/export.c 's/return pairs_print\(exporting, place, record->unlisted, record->unlisted_count, false\);|pairs_print\(exporting, place, record->unlisted, record->unlisted_count, false\) != 0/0/' histories.t
mutant auditor-merge-forgets-gaps log/state.c 's/ranges_merge\(&slot->full->seen, &from->seen\) != 0 \|\|\s*//' histories.t
mutant auditor-erased-of-the-vendor parse.c 's/\t\t\trecord->erased_count = 0;\n\t\t\treturn 0;/\t\t\tbreak;/' histories.t

# what only a day of everything shows: day.t
mutant day-acknowledged-nowhere receive.c 's/(reply->status = )(fault_status\(fault->code\);)/$1fault->code == FAULT_DATA_DIR ? 200 : $2/; s/(\treply->header = "";\n\tif \(fault->code == FAULT_NONE)\)/$1 || fault->code == FAULT_DATA_DIR)/' day.t
mutant day-lines-lost-with-the-engine ship/engine.c 's/(\/\* Reports libpq.s message)/static int lost;\n\n$1/; s/(engine_fault\(const struct engine \*engine, struct fault \*fault\)\n\{\n.*?\n\n)/$1\tlost = 3;\n/s; s/(\tengine->rows\+\+;\n)/\tif (lost > 0)\n\t\treturn 0;\n$1/; s/(\tcommitted = strcmp)/\tlost -= lost > 0;\n$1/' day.t
mutant day-waits-for-ever store/turn.c 's/clock_milliseconds\(\) \+ log->options->lock_timeout;/clock_milliseconds() + 60000;/; s/\tif \(until > deadline\)\n\t\tuntil = deadline;\n/\t(void)deadline;\n/' day.t
mutant day-deadline-of-the-clock base/time.c 's/clock_gettime\(CLOCK_MONOTONIC, &now\)/clock_gettime(CLOCK_REALTIME, \&now)/' day.t
mutant day-full-for-ever receive.c 's/(\tint result;\n)\n(\tstore.notice)/$1\tstatic bool full;\n\n\tif (full)\n\t\treturn fault_set(exchange->fault, FAULT_DISK_FULL, "full");\n$2/; s/(\texchange->begins_log = result)/\tfull = result != 0 && exchange->fault->code == FAULT_DISK_FULL;\n$1/' day.t

# what no short sequence may leave: sequences.t
mutant sequences-mark-unlooked store/tail.c 's/if \(tail.marked\)/if (0)/' sequences.t
mutant sequences-archive-forgets log/compact.c 's/\? line_archive\(work, line\) :/? 0 :/' sequences.t
mutant sequences-tail-kept store/tail.c 's/tail->whole = store_line_is_whole\(line, length\);/tail->whole = true;/' sequences.t
exit 0
