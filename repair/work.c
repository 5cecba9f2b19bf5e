/*
 * work.c - a run: finds what is missing, asks for it, imports it.
 *
 * One process asks and imports, and each call carries the number of the message that it is for: an
 * answer cannot reach another message.  An answer is imported when it is whole, before the next
 * one is looked at, under the receiver's lock (log/importer.c); so the process can be killed at
 * any time, and the next run goes on.
 *
 * Of the rules of an import by hand only one holds here: the log must not have another value for a
 * version that the answer has.
 *
 * The first call is made alone: until one is answered, nobody knows whether the signature is good.
 *
 * What became of the messages that cannot be repaired is written at the end (log/repairs.c).
 */
#include "repair/work.h"

#include <sys/random.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/time.h"
#include "log/answer.h"
#include "log/importer.h"
#include "log/line.h"
#include "log/source.h"
#include "repair/usersig.h"

#define SIGNATURE_SECONDS 600
#define SIGNATURE_OLD 240000 /* milliseconds: a call may wait for its turn, and take its time */
#define DAY_SECONDS 86400
#define SECONDS_MAX UINT64_C(253402300799) /* the end of the year 9999 */
#define TROUBLES_MAX 3
#define REFUSED_MAX 3
#define SHOW_EVERY 200

/* reports */

static void
progress_clear(struct work *work)
{
	if (work->shown)
		fputs("\r\033[K", stderr);
	work->shown = false;
}

void
work_tell(const struct fault *fault)
{
	fflush(stdout);
	fprintf(stderr, "msgext-repair: %s: %s\n", fault_slug(fault->code), fault->detail);
}

/* Shows how far it is, on a terminal. */
static void
progress_show(struct work *work)
{
	int64_t now = clock_milliseconds();
	size_t done = work->opened, count = work->tasks.count;
	double seconds = (double)(now - work->began) / 1000, rate;

	if (now < work->show_next || isatty(STDERR_FILENO) != 1)
		return;
	work->show_next = now + SHOW_EVERY;
	for (size_t i = 0; i < ASKS_MAX; i++)
		done -= work->asks[i].task != NULL;
	rate = seconds > 0 ? (double)work->calls / seconds : 0;
	fprintf(stderr, "\r%zu of %zu messages  %.1f calls/s  %.0f s left \033[K", done, count,
	    rate, done > 0 ? seconds / (double)done * (double)(count - done) : 0.0);
	fflush(stderr);
	work->shown = true;
}

/* Names a message that is left. */
static void
task_tell(struct work *work, const struct task *task, const char *what, const char *reason)
{
	struct fault line;

	progress_clear(work);
	fault_set(&line, FAULT_NONE, "%.100s, message %llu: %s: %s", task->group_id,
	    (unsigned long long)task->msg_seq, what, reason);
	fprintf(stderr, "msgext-repair: %s\n", line.detail);
}

/* the signature */

/* Reads it from its file, and says when its end is near. */
static int
signature_load(struct work *work, char signature[USERSIG_SIZE])
{
	const struct repair_config *config = work->config;
	const char *path = config->rest_usersig_file;
	struct fault *fault = &work->fault;
	struct usersig_says says;
	char end[TIME_SIZE];
	uint64_t seconds;
	int64_t left;

	if (signature_read(path, signature, fault) != 0)
		return -1;
	if (usersig_read(signature, &says, fault) != 0) {
		fault->code = fault->code == FAULT_MEMORY ? FAULT_MEMORY : FAULT_CONFIG_MALFORMED;
		return fault_name(fault, path);
	}
	if (!usersig_is_of(&says, config->rest_admin, config->sdk_app_id))
		return fault_set(fault, FAULT_REST_REFUSED,
		    "%s: is not a UserSig of rest_admin and sdk_app_id", path);
	seconds = says.time + says.expire;
	if (seconds > SECONDS_MAX)
		seconds = SECONDS_MAX;
	work->signature_ends = (int64_t)seconds * 1000;
	time_print((int64_t)seconds * 1000, end);
	left = (int64_t)seconds - time_now() / 1000;
	if (left <= 0)
		return fault_set(fault, FAULT_REST_REFUSED,
		    "%s: expired at %s (put a new one there)", path, end);
	if (left <= DAY_SECONDS && work->signed_at == 0)
		fprintf(stderr,
		    "msgext-repair: %s: the signature expires at %s; put a new one there before "
		    "that\n",
		    path, end);
	return 0;
}

/* Finds out when the signature ends, also where there is nothing to ask: msgextctl alarm tells it. */
static void
signature_look(struct work *work)
{
	char signature[USERSIG_SIZE];

	if (work->config->rest_usersig_file == NULL || work->signature_ends != 0)
		return;
	if (signature_load(work, signature) != 0)
		work->fault = (struct fault){ 0 }; /* told where it is needed */
	explicit_bzero(signature, sizeof(signature));
}

/* Writes the text with %XX for what a URL does not take: the length, at most 3 times the text's. */
static size_t
url_escape(char *to, const char *text)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~";
	size_t used = 0;

	for (; *text != '\0'; text++)
		if (strchr(plain, *text) != NULL)
			to[used++] = *text;
		else
			used +=
			    (size_t)sprintf(to + used, "%%%02X", (unsigned)(unsigned char)*text);
	to[used] = '\0';
	return used;
}

/* Makes the URL, but for its random number, where there is none or its signature is old. */
static int
url_make(struct work *work)
{
	const struct repair_config *config = work->config;
	const struct usersig who = { .identifier = config->rest_admin,
		.sdk_app_id = config->sdk_app_id,
		.time = (uint64_t)(time_now() / 1000),
		.expire = SIGNATURE_SECONDS };
	char signature[USERSIG_SIZE], identifier[3 * USERSIG_ADMIN_MAX + 1];
	int64_t now = clock_milliseconds();

	if (work->signed_at != 0 && now - work->signed_at < SIGNATURE_OLD)
		return 0;
	if ((work->key.bytes != NULL
		    ? usersig_make(&who, work->key.bytes, work->key.length, signature, &work->fault)
		    : signature_load(work, signature)) != 0)
		return -1;
	url_escape(identifier, config->rest_admin);
	work->url_length = (size_t)snprintf(work->url, sizeof(work->url),
	    "https://%s/v4/openim_msg_ext_http_svc/group_get_key_values?sdkappid=%llu"
	    "&identifier=%s&usersig=%s&contenttype=json&random=",
	    config->rest_domain, (unsigned long long)config->sdk_app_id, identifier, signature);
	explicit_bzero(signature, sizeof(signature));
	work->signed_at = now;
	return 0;
}

/* imports */

/* Folds what the engine has of the message. */
static int
engine_fold(void *context, struct import *import, struct fault *fault)
{
	const struct work *work = context;
	const struct selection selection = { .group = import->group_id,
		.has_message = true,
		.message = import->msg_seq };
	struct line_reader reader = { 0 };
	struct source source;
	struct record record;
	struct line line;
	int more, result = 0;

	if (source_open(&source, work->store.data_dir, work->from, &selection, fault) != 0)
		return -1;
	while (result == 0 && (more = source_log(&source, fault)) != 0) {
		while (
		    result == 0 && more == 1 && (more = source_line(&source, &line, fault)) == 1) {
			int known = line_record(&reader, &line, &record, fault);

			if (known < 0)
				result = -1;
			else if (known == 1 && record.event.msg_seq == import->msg_seq &&
			    strcmp(record.event.group_id, import->group_id) == 0)
				result = import_fold(import, &record, false, fault);
		}
		if (more < 0)
			result = -1;
	}
	source_close(&source);
	line_reader_free(&reader);
	return result;
}

/* Does the fault concern all imports, and not this one alone? */
static bool
fault_is_general(const struct fault *fault)
{
	switch (fault->code) {
	case FAULT_DATA_DIR:
	case FAULT_WRITE_FAILED:
	case FAULT_SYNC_FAILED:
	case FAULT_DISK_FULL:
	case FAULT_GROUPS_FULL:
	case FAULT_ENGINE:
	case FAULT_MEMORY:
		return true;
	default:
		return false;
	}
}

/* Imports an answer that makes sense: what became of the task. */
static enum ask_next
answer_import(struct work *work, struct ask *ask, struct answer *answer)
{
	struct task *task = ask->task;
	struct fault *fault = &work->fault;
	struct importer importer = { .options = &work->store,
		.judge = import_judge_fetched,
		.fold_others = work->from == NULL ? NULL : engine_fold,
		.context = work };
	enum ask_next next = ASK_DONE;
	uint64_t latest = answer->record.event.seq;

	importer_begin(&importer, task->group_id, task->msg_seq);
	if (importer_take(&importer, answer, fault) != 0 || importer_append(&importer, fault) != 0)
		next = fault->code == FAULT_FIELD_RANGE ? ASK_REFUSED
		    : fault_is_general(fault)           ? ASK_STOP
							: ASK_LEFT;
	else if (latest < task->latest_seq && import_leaves_gap(&importer.import)) {
		fault_set(fault, FAULT_FIELD_RANGE,
		    "the vendor's answer ends at version %llu, but the log has %llu",
		    (unsigned long long)latest, (unsigned long long)task->latest_seq);
		next = ASK_REFUSED;
	} else if (import_leaves_gap(&importer.import)) {
		fault_set(fault, FAULT_FIELD_RANGE, "newer versions, after %llu, have a gap",
		    (unsigned long long)latest);
		next = ASK_LEFT;
	}
	importer_end(&importer);
	if (next == ASK_REFUSED)
		snprintf(ask->repair.reason, sizeof(ask->repair.reason), "%s", fault->detail);
	return next;
}

/* Reads the pages as an answer, and imports it. */
static enum ask_next
pages_import(struct work *work, struct ask *ask)
{
	struct task *task = ask->task;
	struct answer answer;
	enum ask_next next;

	ask->repair.code = 0;
	if (answer_read(&answer, ask->pages, ask->length, &work->fault) != 0) {
		next = work->fault.code == FAULT_MEMORY ? ASK_STOP : ask_doubt(ask);
	} else if (answer.record.event.seq < task->needed_seq) {
		snprintf(ask->repair.reason, sizeof(ask->repair.reason),
		    "the vendor's answer ends at version %llu, and version %llu is missing",
		    (unsigned long long)answer.record.event.seq,
		    (unsigned long long)task->needed_seq);
		next = ASK_REFUSED;
	} else {
		next = answer_import(work, ask, &answer);
	}
	answer_free(&answer);
	return next;
}

/* one call's end */

static void
task_end(struct work *work, struct ask *ask, enum task_result result)
{
	ask->task->result = result;
	work->results[result]++;
	ask_end(ask);
}

/* Nobody knows why it failed: it is named, and many in a row stop the run. */
static int
task_leave(struct work *work, struct ask *ask)
{
	bool is_trouble = ask->is_trouble;

	task_tell(work, ask->task, "is left", work->fault.detail);
	task_end(work, ask, TASK_LEFT);
	if (!is_trouble || ++work->troubles < TROUBLES_MAX)
		return 0;
	work->fault.code = FAULT_REST_FAILED;
	return fault_name(&work->fault, work->config->rest_domain);
}

/* It cannot be repaired: it is named, and the next run must know. */
static int
task_refuse(struct work *work, struct ask *ask)
{
	const struct task *task = ask->task;

	ask->repair.asked = time_now();
	task_tell(work, task, "cannot be repaired", ask->repair.reason);
	if (repairs_add(&work->tasks.resting, task->group_id, task->msg_seq, &ask->repair) != 0)
		return fault_memory(&work->fault);
	task_end(work, ask, TASK_REFUSED);
	return 0;
}

/* Does what a call leads to.  -1: the run must end. */
static int
next_do(struct work *work, struct ask *ask, enum ask_next next)
{
	switch (next) {
	case ASK_MORE:
		break;
	case ASK_AGAIN:
		rate_pause(&work->rate, clock_milliseconds());
		break;
	case ASK_SLOWER:
		if (rate_halve(&work->rate, clock_milliseconds()) >= REFUSED_MAX) {
			work->fault.code = FAULT_REST_LIMITED;
			return -1;
		}
		break;
	case ASK_DONE:
		task_end(work, ask, TASK_REPAIRED);
		break;
	case ASK_KNOWN:
		task_end(work, ask, TASK_KNOWN);
		break;
	case ASK_REFUSED:
		return task_refuse(work, ask);
	case ASK_LEFT:
		return task_leave(work, ask);
	case ASK_STOP:
		return -1;
	}
	return 0;
}

/* Takes a call's end in.  -1: the run must end. */
static int
done_take(struct work *work, const struct curl_done *done)
{
	struct ask *ask = &work->asks[done->number];
	enum ask_next next;

	ask->flying = false;
	rate_end(&work->rate, clock_milliseconds());
	if (done->result == CURL_UNSENT)
		return 0;
	work->calls++;
	next = ask_take(ask, work->config, done, &work->fault);
	if (next == ASK_DONE)
		next = pages_import(work, ask);
	if (next == ASK_DONE || next == ASK_KNOWN || next == ASK_REFUSED) {
		work->answers++;
		work->troubles = 0;
	}
	if (next != ASK_SLOWER && done->result == CURL_ANSWERED)
		rate_taken(&work->rate);
	return next_do(work, ask, next);
}

/* calls */

/* The next message to ask for; NULL: there is none now. */
static struct ask *
ask_next(struct work *work)
{
	struct ask *unused = NULL;

	for (size_t i = 0; i < ASKS_MAX; i++) {
		struct ask *ask = &work->asks[i];

		if (ask->task != NULL && !ask->flying)
			return ask;
		if (ask->task == NULL && unused == NULL)
			unused = ask;
	}
	if (unused == NULL || work->opened == work->tasks.count)
		return NULL;
	ask_begin(unused, &work->tasks.list[work->opened++]);
	return unused;
}

/* Fills in a call.  -1: MEMORY. */
static int
call_make(struct work *work, struct ask *ask, struct curl_call *call)
{
	uint32_t number = 0;
	size_t size = work->url_length + 12;
	char *url = malloc(size), *body = ask_body(ask);

	if (url == NULL || body == NULL) {
		free(url);
		free(body);
		return fault_memory(&work->fault);
	}
	(void)!getrandom(&number, sizeof(number), 0);
	memcpy(url, work->url, work->url_length);
	snprintf(url + work->url_length, size - work->url_length, "%lu", (unsigned long)number);
	*call =
	    (struct curl_call){ .number = (size_t)(ask - work->asks), .url = url, .body = body };
	ask->flying = true;
	return 0;
}

/* Starts a child with as many calls.  -1: fault. */
static int
calls_start(struct work *work, size_t room)
{
	struct curl_call calls[CURL_CALLS_MAX];
	size_t count = 0;
	struct ask *ask;
	int result = 0;

	while (result == 0 && count < room && count < CURL_CALLS_MAX &&
	    (ask = ask_next(work)) != NULL) {
		result = url_make(work) == 0 ? call_make(work, ask, &calls[count]) : -1;
		count += result == 0;
	}
	if (result == 0 && count > 0)
		result = curl_start(&work->curl, calls, count, &work->fault);
	if (result == 0)
		rate_start(&work->rate, count);
	for (size_t i = 0; i < count; i++) {
		free((char *)calls[i].url);
		free((char *)calls[i].body);
	}
	return result;
}

/* Is a call under way, or a message begun? */
static bool
work_is_open(const struct work *work, bool only_flying)
{
	for (size_t i = 0; i < ASKS_MAX; i++)
		if (work->asks[i].flying || (work->asks[i].task != NULL && !only_flying))
			return true;
	return false;
}

/* Starts what may be started now; until: when to look again.  -1: fault. */
static int
calls_fill(struct work *work, int64_t *until)
{
	*until = clock_milliseconds() + 1000;
	while (!*work->stopping && curl_free_children(&work->curl) > 0) {
		size_t room = rate_room(&work->rate, clock_milliseconds(), until);
		size_t before = work->rate.flying;

		/* Not more than one call has a bad signature. */
		if (work->answers == 0)
			room = before == 0 && room > 0 ? 1 : 0;
		if (room == 0)
			break;
		if (calls_start(work, room) != 0)
			return -1;
		if (work->rate.flying == before)
			break;
	}
	return 0;
}

/* Asks for all messages.  -1: the run must end, the fault says why. */
static int
messages_ask(struct work *work)
{
	while (work_is_open(work, *work->stopping) ||
	    (work->opened < work->tasks.count && !*work->stopping)) {
		struct curl_done done;
		int64_t until;
		int result;

		if (calls_fill(work, &until) != 0)
			return -1;
		progress_show(work);
		result = curl_next(&work->curl, until, &done, &work->fault);
		if (result < 0)
			return -1;
		if (result == 1)
			result = done_take(work, &done);
		curl_done_free(&done);
		if (result < 0)
			return -1;
	}
	return 0;
}

/* the run */

/* Prints what it would do: the exit status. */
static int
plan_print(const struct work *work)
{
	const size_t *kinds = work->tasks.kinds;
	size_t recent = kinds[TASK_START] + kinds[TASK_END], calls = work->tasks.count;
	uint64_t rate = work->config->rate;

	printf("%zu messages with gaps", kinds[TASK_GAP]);
	if (work->recent > 0)
		printf(", %zu recent", recent);
	if (work->tasks.resting_gaps > 0)
		printf(", %zu that cannot be repaired", work->tasks.resting_gaps);
	printf(": at least %zu calls, %llu s\n", calls,
	    (unsigned long long)((calls + rate - 1) / rate));
	return work->tasks.skipped;
}

/* How many messages the next run must ask for. */
static size_t
tasks_open(const struct work *work)
{
	return work->tasks.count - work->results[TASK_KNOWN] - work->results[TASK_REPAIRED] -
	    work->results[TASK_REFUSED];
}

/*
 * Collects what the next run must know, and writes it.  Where no gap is known of, a message that
 * cannot be repaired is not left.
 */
static int
repairs_keep(struct work *work, bool failed)
{
	struct repairs *resting = &work->tasks.resting;
	const struct repairs *last = &work->repairs;

	resting->left = work->tasks.resting_gaps + tasks_open(work);
	for (size_t i = 0; i < work->tasks.count; i++) {
		const struct task *task = &work->tasks.list[i];
		const struct repair *before;

		resting->left += task->result == TASK_REFUSED && task->kind == TASK_GAP;
		if (!task->remembered || (task->result != TASK_OPEN && task->result != TASK_LEFT))
			continue;
		before = repairs_find(&work->repairs, task->group_id, task->msg_seq);
		if (before != NULL &&
		    repairs_add(resting, task->group_id, task->msg_seq, before) != 0)
			return fault_memory(&work->fault);
	}
	resting->ended = time_now();
	resting->calls = work->calls;
	resting->repaired = work->results[TASK_REPAIRED];
	resting->signature_ends = work->signature_ends;
	if (failed) {
		snprintf(resting->failed, sizeof(resting->failed), "%s",
		    fault_slug(work->fault.code));
		resting->failed_since =
		    last->failed_since > 0 ? last->failed_since : resting->ended;
	}
	return repairs_write(resting, &work->store, &work->fault);
}

/* Reports a fault: the exit status. */
static int
fault_status_told(struct work *work)
{
	progress_clear(work);
	work_tell(&work->fault);
	return fault_exit_status(work->fault.code);
}

/* What is said at the end. */
static void
summary_print(struct work *work)
{
	size_t refused = work->results[TASK_REFUSED] + work->tasks.resting_gaps;

	progress_clear(work);
	if (work->tasks.foreign > 0)
		fprintf(stderr,
		    "msgext-repair: %llu lines are of other apps than sdk_app_id and were "
		    "skipped\n",
		    (unsigned long long)work->tasks.foreign);
	if (work->tasks.unreadable > 0)
		fprintf(stderr,
		    "msgext-repair: %llu lines could not be read and were skipped; msgextctl "
		    "verify "
		    "names them\n",
		    (unsigned long long)work->tasks.unreadable);
	printf("%zu messages, %llu calls: %zu repaired, %zu had nothing new, %zu cannot be "
	       "repaired, %zu left for the next run\n",
	    work->tasks.count + work->tasks.resting_gaps, (unsigned long long)work->calls,
	    work->results[TASK_REPAIRED], work->results[TASK_KNOWN], refused, tasks_open(work));
	fflush(stdout);
}

/* Asks and imports: the exit status. */
static int
run(struct work *work)
{
	int status = EX_OK;
	bool failed = true;
	const char *domain = work->config->rest_domain;

	work->began = clock_milliseconds();
	rate_begin(&work->rate, work->config->rate);
	if (messages_ask(work) != 0) {
		status = fault_status_told(work);
	} else if (work->troubles > 0 && work->answers == 0) {
		fault_set(&work->fault, FAULT_REST_FAILED, "%s: could not be asked", domain);
		status = fault_status_told(work);
	} else if (*work->stopping &&
	    work->tasks.count > work->results[TASK_KNOWN] + work->results[TASK_REPAIRED] +
		    work->results[TASK_REFUSED] + work->results[TASK_LEFT]) {
		status = EX_TEMPFAIL;
		failed = false;
	} else {
		failed = false;
	}
	curl_close(&work->curl);
	if (!failed)
		signature_look(work);
	if (repairs_keep(work, failed) != 0) {
		int unkept = fault_status_told(work);

		status = status == EX_OK ? unkept : status;
	}
	summary_print(work);
	if (status == EX_OK)
		status = work->tasks.skipped;
	return status == EX_OK && work->tasks.resting.left > 0 ? WORK_LEFT : status;
}

/* Forgets a run. */
static void
run_end(struct work *work)
{
	for (size_t i = 0; i < ASKS_MAX; i++)
		ask_end(&work->asks[i]);
	repairs_free(&work->repairs);
	tasks_free(&work->tasks);
	explicit_bzero(work->url, sizeof(work->url));
	work->signed_at = work->signature_ends = 0;
	work->opened = work->troubles = 0;
	work->calls = work->answers = 0;
	memset(work->results, 0, sizeof(work->results));
}

int
work_run(struct work *work)
{
	int64_t now = time_now();
	const struct find find = { .options = &work->store,
		.from = work->from,
		.repairs = &work->repairs,
		.sdk_app_id = work->config->sdk_app_id,
		.now = now,
		.recent = work->recent > 0 ? now - work->recent : INT64_MAX,
		.stopping = work->stopping,
		.tell = work_tell };
	int status, found;

	if (repairs_read(&work->repairs, work->store.data_dir, &work->fault) != 0)
		return fault_status_told(work);
	found = find_tasks(&find, &work->tasks, &work->fault);
	if (found != 0)
		status = found > 0 ? EX_TEMPFAIL : fault_status_told(work);
	else if (work->dry_run)
		status = plan_print(work);
	else
		status = run(work);
	run_end(work);
	return status;
}
