/*
 * verify.c - msgextctl verify: is every byte of the logs what it should be?
 *
 * What is found is named by file, line number and byte offset, and nothing is changed.
 *
 *  - A large log's beginning is read by several threads, as far as nothing is to
 *    be said of it (ctl/sound.c).
 *  - A line is read as every reader reads it, and not judged by what the
 *    receiver demands today: it may have been taken, and acknowledged, before.
 *    What other programs would not find in it, or not alike, is named all the
 *    same, and the event counts.
 *  - A line without its newline is only torn if no writer is at work: verify
 *    waits for the lock then, and looks again.  That is the only time for
 *    which it keeps a writer waiting, and nothing is printed in it.
 *  - Two events of one version with different content: one pass notes the
 *    versions that come again, a second compares what they say.  Repetitions
 *    of the same content are no damage (P3); what repeats one of the last versions
 *    byte for byte (ctl/recent.c) is not noted.  A line of which pairs were erased says less than
 *    a repetition of it, and is not compared.
 *  - What stands in a .torn file is no damage, but for a whole line whose version the
 *    log does not have: the repair that was to write it back was killed.
 *
 * Memory does not grow with the log but with its messages: per message the
 * ranges of versions seen; and with the versions that come again from afar, of which
 * an honest log has few.
 */
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <sha2.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "ctl/recent.h"
#include "ctl/sound.h"
#include "log/scan.h"
#include "shape.h"
#include "log/state.h"
#include "names.h"
#include "parse.h"
#include "base/lock.h"
#include "base/time.h"
#include "store/mark.h"
#include "store/options.h"
#include "store/tail.h"

#define SETTLE_MILLISECONDS 5000
#define REPEATS_FIRST 100000 /* compared at a time; then twice as many, and so on */
#define DIGEST_SIZE 16

/* A version that stands more than once. */
struct repeat {
	uint64_t msg_seq, seq;
	uint64_t line; /* where it stood first; 0: not come by yet */
	uint8_t digest[DIGEST_SIZE];
};

struct verify {
	struct ctl *ctl;
	int fd;                     /* of the log */
	char name[STORE_NAME_SIZE]; /* of the log */
	struct progress progress;
	off_t done, total;
	uint64_t logs, lines, problems;
	struct state *state; /* of the events, without pairs */
	struct shape shape;  /* of the line at hand; ctl's own reads others meanwhile */
	struct repeat *repeats;
	size_t repeat_count, repeat_max;
	off_t compared; /* up to here all are */
	struct recents recents;
};

static void finding_print(struct verify *verify, const struct line *line, const char *problem,
    const char *format, ...) PRINTF_LIKE(4, 5);

/* line: where the problem is, of which number and offset count; NULL: in the file as a whole. */
static void
finding_print(struct verify *verify, const struct line *line, const char *problem,
    const char *format, ...)
{
	struct printer *printer = &verify->ctl->printer;
	char detail[FAULT_DETAIL_SIZE + 2 * STORE_NAME_SIZE]; /* a command is never cut */
	uint64_t number;
	off_t offset;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(detail, sizeof(detail), format, arguments);
	va_end(arguments);
	progress_clear(&verify->progress);
	verify->problems++;
	number = line == NULL ? 0 : line->number;
	offset = line == NULL ? 0 : line->offset;
	if (printer->format == PRINT_TABLE) {
		printf("%s:%llu:%lld: %s%s%s: %s\n", verify->name, (unsigned long long)number,
		    (long long)offset, style(printer->colours, STYLE_ERROR), problem,
		    style(printer->colours, STYLE_PLAIN), detail);
		return;
	}
	table_text(printer, verify->name);
	table_number(printer, number);
	table_number(printer, (uint64_t)offset);
	table_text(printer, problem);
	table_text(printer, detail);
}

/* versions that stand more than once */

static int
repeat_compare(const void *a, const void *b)
{
	const struct repeat *left = a, *right = b;

	if (left->msg_seq != right->msg_seq)
		return left->msg_seq > right->msg_seq ? 1 : -1;
	return (left->seq > right->seq) - (left->seq < right->seq);
}

static void
event_digest(const struct event *event, uint8_t digest[DIGEST_SIZE])
{
	uint8_t full[SHA256_DIGEST_LENGTH];
	uint64_t type = event->operate_type;
	SHA2_CTX hash;

	SHA256Init(&hash);
	SHA256Update(&hash, (const uint8_t *)&type, sizeof(type));
	for (size_t i = 0; i < event->pair_count; i++) {
		const struct event_pair *pair = &event->pairs[i];

		SHA256Update(&hash, (const uint8_t *)pair->key, strlen(pair->key) + 1);
		SHA256Update(&hash, (const uint8_t *)pair->value, strlen(pair->value) + 1);
		SHA256Update(&hash, (const uint8_t *)&pair->seq, sizeof(pair->seq));
	}
	SHA256Final(full, &hash);
	memcpy(digest, full, DIGEST_SIZE);
}

static void
repeat_check(struct verify *verify, const struct line *line, const struct event *event)
{
	struct repeat wanted = { .msg_seq = event->msg_seq, .seq = event->seq }, *repeat;

	repeat =
	    bsearch(&wanted, verify->repeats, verify->repeat_count, sizeof(wanted), repeat_compare);
	if (repeat == NULL)
		return;
	event_digest(event, wanted.digest);
	if (repeat->line == 0) {
		repeat->line = line->number;
		memcpy(repeat->digest, wanted.digest, DIGEST_SIZE);
	} else if (memcmp(repeat->digest, wanted.digest, DIGEST_SIZE) != 0 &&
	    line->offset >= verify->compared) {
		finding_print(verify, line, "conflict",
		    "message %llu, version %llu differs from line %llu",
		    (unsigned long long)event->msg_seq, (unsigned long long)event->seq,
		    (unsigned long long)repeat->line);
	}
}

/* Sorts them, and keeps one of a kind. */
static void
repeats_sort(struct verify *verify)
{
	struct repeat *repeats = verify->repeats;
	size_t used = 0;

	qsort(repeats, verify->repeat_count, sizeof(*repeats), repeat_compare);
	for (size_t i = 0; i < verify->repeat_count; i++)
		if (used == 0 || repeat_compare(&repeats[used - 1], &repeats[i]) != 0)
			repeats[used++] = repeats[i];
	verify->repeat_count = used;
}

/* Compares all lines before end whose versions came again. */
static int
repeats_compare(struct verify *verify, off_t end)
{
	struct ctl *ctl = verify->ctl;
	struct scan scan;
	struct line line;
	int result;

	if (verify->repeat_count == 0)
		return 0;
	repeats_sort(verify);
	result = scan_open(&scan, ctl->store.data_dir, verify->name, &ctl->fault);
	while (result == 1 && (result = scan_next(&scan, &line, &ctl->fault)) == 1 &&
	    line.offset < end) {
		struct record record;

		result = ctl_record(ctl, verify->name, &line, &record);
		if (result == 1 && !record.is_snapshot && record.erased_count == 0)
			repeat_check(verify, &line, &record.event);
		if (result == 0)
			result = 1;
	}
	scan_close(&scan);
	verify->repeat_count = 0;
	verify->compared = end;
	return result < 0 ? -1 : 0;
}

/*
 * Notes a version that came again, in a line that ends before end.  Each time that there are too many
 * the log is read again, and the next time there have to be twice as many: so all the reading is
 * no more than twice the log, whatever is in it.
 */
static int
repeat_note(struct verify *verify, const struct event *event, off_t end)
{
	struct repeat *larger;

	verify->repeats[verify->repeat_count++] =
	    (struct repeat){ .msg_seq = event->msg_seq, .seq = event->seq };
	if (verify->repeat_count < verify->repeat_max)
		return 0;
	repeats_sort(verify);
	if (verify->repeat_count <= verify->repeat_max / 2)
		return 0;
	if (repeats_compare(verify, end) != 0)
		return -1;
	larger = reallocarray(verify->repeats, verify->repeat_max, 2 * sizeof(*larger));
	if (larger == NULL)
		return fault_memory(&verify->ctl->fault);
	verify->repeats = larger;
	verify->repeat_max *= 2;
	return 0;
}

/* shaped: the line is of the usual shape. */
static int
version_note(struct verify *verify, const struct line *line, const struct record *record,
    bool shaped)
{
	const struct event *event = &record->event;
	size_t body = verify->shape.body;
	int known;

	if (record->is_snapshot)
		return 0;
	known = state_arrive(verify->state, record);
	if (known < 0)
		return fault_memory(&verify->ctl->fault);
	if (known == 0 && shaped)
		recents_keep(&verify->recents, line, body, event);
	if (known == 0 || record->erased_count > 0 ||
	    (shaped && recents_have(&verify->recents, verify->fd, line, body, event)))
		return 0;
	return repeat_note(verify, event, line->offset + 1);
}

/* lines */

static size_t
nul_count(const char *bytes, size_t length)
{
	size_t count = 0;

	for (size_t i = 0; i < length; i++)
		count += bytes[i] == '\0';
	return count;
}

/* What a search for "MsgSeq":N would miss, what readers see differently, and what is not an event of ours. */
static int
spelling_verify(struct verify *verify, const struct line *line, const struct document *document,
    const struct record *record)
{
	size_t length;
	const char *text = document_text(document, &length);
	enum callback command;
	struct fault fault;

	if (length != line->length || memcmp(text, line->bytes, length) != 0)
		finding_print(verify, line, "white-space",
		    "is between tokens: a search for a message does not find the line");
	if (document_names_check(document, &fault) != 0) {
		if (fault.code == FAULT_MEMORY) {
			verify->ctl->fault = fault;
			return -1;
		}
		finding_print(verify, line, fault_slug(fault.code), "%s", fault.detail);
	} else if (!record->is_snapshot &&
	    (document_command(document, &command, &fault) != 0 || command != CALLBACK_OURS)) {
		finding_print(verify, line, "command", "is another webhook's");
	}
	return 0;
}

static int
record_verify(struct verify *verify, const struct line *line, struct record *record, bool shaped)
{
	char name[STORE_NAME_SIZE];

	if (ctl_group_has(verify->ctl, record->event.group_id, verify->name))
		return version_note(verify, line, record, shaped);
	store_name(record->event.group_id, name);
	finding_print(verify, line, "wrong-group", "the event belongs in %s", name);
	return 0;
}

static int
line_verify(struct verify *verify, const struct line *line)
{
	struct fault fault;
	struct document *document = NULL;
	struct record record;
	size_t nuls;
	int result = 0;

	verify->lines++;
	progress_show(&verify->progress, verify->done + line->offset, verify->total);
	if (line->overlong) {
		finding_print(verify, line, "overlong", "is too long for an event");
		return 0;
	}
	/* What is of the usual shape would pass all that follows. */
	if (shape_read(&verify->shape, line->bytes, line->length, &record))
		return record_verify(verify, line, &record, true);
	nuls = nul_count(line->bytes, line->length);
	if (nuls > 0) {
		finding_print(verify, line, "nul-bytes", "%zu of %zu bytes are NUL", nuls,
		    line->length);
		return 0;
	}
	document = document_parse_line(line->bytes, line->length, &fault);
	if (document == NULL || document_record(document, &record, &fault) != 0) {
		if (fault.code == FAULT_MEMORY) {
			verify->ctl->fault = fault;
			result = -1;
		} else {
			finding_print(verify, line, fault_slug(fault.code), "%s", fault.detail);
		}
		goto out;
	}
	result = spelling_verify(verify, line, document, &record);
	if (result == 0)
		result = record_verify(verify, line, &record, false);
out:
	document_free(document);
	return result;
}

/* What was seen of a log's end while no writer was at work. */
struct settled {
	bool had;          /* none was; else one was all the time */
	off_t end;         /* of the last whole line */
	size_t unfinished; /* bytes after it */
};

/*
 * Looks at what is after the last newline once more, without a writer.  Nothing is printed
 * meanwhile: a pager may wait for hours, and every writer would wait for the pager.
 */
static int
tail_settle(struct verify *verify, struct scan *scan, struct settled *settled)
{
	struct line line;
	off_t from = scan_offset(scan);
	uint64_t number = scan->number;
	int result;

	settled->had =
	    lock_wait(scan->fd, F_RDLCK, clock_milliseconds() + SETTLE_MILLISECONDS) == 0;
	scan_seek(scan, from, number);
	while ((result = scan_next(scan, &line, &verify->ctl->fault)) == 1)
		;
	settled->end = scan_offset(scan);
	settled->unfinished = scan_unfinished(scan);
	if (settled->had)
		lock_end(scan->fd);
	scan_seek(scan, from, number);
	return result;
}

/* What is after the last newline that was read. */
static int
tail_verify(struct verify *verify, struct scan *scan)
{
	struct ctl *ctl = verify->ctl;
	struct settled settled;
	struct line line, tail;
	int result = 0;

	if (scan_unfinished(scan) == 0)
		return 0;
	if (tail_settle(verify, scan, &settled) < 0)
		return -1;
	while (
	    scan_offset(scan) < settled.end && (result = scan_next(scan, &line, &ctl->fault)) == 1)
		if (line_verify(verify, &line) != 0)
			return -1;
	if (result < 0)
		return -1;
	tail = (struct line){ .number = scan->number + 1, .offset = settled.end };
	if (settled.unfinished > 0 && !settled.had)
		finding_print(verify, &tail, "locked",
		    "the log was locked for %d s, so its end was not checked",
		    SETTLE_MILLISECONDS / 1000);
	else if (settled.unfinished > 0)
		finding_print(verify, &tail, "torn-tail",
		    "%zu bytes without a newline: never acknowledged, and the next append moves "
		    "them to the .torn file",
		    settled.unfinished);
	return 0;
}

/* files */

static void
file_verify(struct verify *verify, const struct scan *scan)
{
	struct store_options *options = &verify->ctl->store;
	struct stat file, directory;

	if (fstat(scan->fd, &file) != 0 || stat(options->data_dir, &directory) != 0) {
		finding_print(verify, NULL, fault_slug(FAULT_OPEN_FAILED),
		    "its owner and mode are not known: %s", strerror(errno));
		return;
	}
	if (file.st_uid != directory.st_uid)
		finding_print(verify, NULL, "owner",
		    "belongs to user %lu, the directory to %lu: the receiver will refuse it",
		    (unsigned long)file.st_uid, (unsigned long)directory.st_uid);
	if (file.st_nlink > 1)
		finding_print(verify, NULL, "links", "has %lu names: the receiver will refuse it",
		    (unsigned long)file.st_nlink);
	if ((file.st_mode & 07777 & ~options->file_mode) != 0)
		finding_print(verify, NULL, "mode", "is %04o, should be %04o",
		    (unsigned)(file.st_mode & 07777), (unsigned)options->file_mode);
}

/* A line of the .torn file of that log, whose name verify has meanwhile. */
static int
torn_line_verify(struct verify *verify, const struct line *line, const char *log)
{
	struct fault fault;
	struct document *document;
	struct record record;
	const struct message *message = NULL;
	int result = 0;

	if (line->overlong || !store_line_is_whole(line->bytes, line->length) ||
	    store_line_is_mark(line->bytes, line->length))
		return 0;
	document = document_parse_line(line->bytes, line->length, &fault);
	if (document != NULL && document_record(document, &record, &fault) == 0)
		message = state_message(verify->state, record.event.msg_seq);
	else if (fault.code == FAULT_MEMORY)
		result = fault_memory(&verify->ctl->fault);
	if (result == 0 && (message == NULL || !message_knows(message, record.event.seq)))
		finding_print(verify, line, "set-aside",
		    "a whole line that is not in the log; stop the receiver, then run: sed -n "
		    "%llup %s "
		    ">>%s",
		    (unsigned long long)line->number, verify->name, log);
	document_free(document);
	return result;
}

/*
 * Where the repair of a torn end was killed, its .torn file alone can have whole lines, of events
 * that were acknowledged.  verify has the state of the log, which was read.
 */
static int
torn_verify(struct verify *verify)
{
	struct ctl *ctl = verify->ctl;
	char log[STORE_NAME_SIZE];
	struct scan scan;
	struct line line;
	int result;

	snprintf(log, sizeof(log), "%s", verify->name);
	snprintf(verify->name + strcspn(verify->name, "."),
	    sizeof(verify->name) - strcspn(verify->name, "."), ".torn");
	result = scan_open(&scan, ctl->store.data_dir, verify->name, &ctl->fault);
	if (result == 1) {
		while ((result = scan_next(&scan, &line, &ctl->fault)) == 1)
			if ((result = torn_line_verify(verify, &line, log)) < 0)
				break;
		scan_close(&scan);
	}
	if (result < 0 && ctl->fault.code != FAULT_MEMORY) {
		finding_print(verify, NULL, fault_slug(ctl->fault.code), "%s", ctl->fault.detail);
		result = 0;
	}
	snprintf(verify->name, sizeof(verify->name), "%s", log);
	return result;
}

/* Skips the lines that are sound, and has their state. */
static int
sound_skip(struct verify *verify, struct scan *scan)
{
	struct sound sound = { .progress = &verify->progress,
		.done = verify->done,
		.total = verify->total };
	int result = sound_read(verify->ctl, verify->name, scan, &sound);

	verify->state = sound.state;
	verify->lines += sound.lines;
	return result;
}

/* One log: 1, 0 where it has gone, -1. */
static int
log_verify(struct verify *verify, const char *name)
{
	struct ctl *ctl = verify->ctl;
	struct scan scan;
	struct line line;
	int result = scan_open(&scan, ctl->store.data_dir, name, &ctl->fault);

	snprintf(verify->name, sizeof(verify->name), "%s", name);
	if (result < 0 && ctl->fault.code != FAULT_MEMORY) {
		finding_print(verify, NULL, fault_slug(ctl->fault.code), "%s", ctl->fault.detail);
		return 1;
	}
	if (result <= 0)
		return result;
	verify->logs++;
	verify->fd = scan.fd;
	memset(&verify->recents, 0, sizeof(verify->recents));
	verify->compared = 0;
	file_verify(verify, &scan);
	result = sound_skip(verify, &scan);
	while (result >= 0 && (result = scan_next(&scan, &line, &ctl->fault)) == 1)
		result = line_verify(verify, &line);
	if (result < 0 && ctl->fault.code == FAULT_OPEN_FAILED) {
		line = (struct line){ .number = scan.number + 1, .offset = scan_offset(&scan) };
		finding_print(verify, &line, fault_slug(ctl->fault.code), "%s", ctl->fault.detail);
		result = 1; /* what was read is judged, and the others are read */
	} else if (result == 0)
		result = tail_verify(verify, &scan);
	if (result == 0)
		result = repeats_compare(verify, scan_offset(&scan));
	if (result == 0)
		result = torn_verify(verify);
	verify->done += scan_offset(&scan);
	state_free(verify->state);
	verify->state = NULL;
	scan_close(&scan);
	return result < 0 ? -1 : 1;
}

/* Tells of files that are no logs but have to do with them: no damage, but worth knowing. */
static void
leftovers_tell(const struct ctl *ctl)
{
	DIR *directory = opendir(ctl->store.data_dir);
	const struct dirent *entry;

	for (errno = 0; directory != NULL && (entry = readdir(directory)) != NULL; errno = 0) {
		const char *ending = strchr(entry->d_name, '.'),
			   *last = strrchr(entry->d_name, '.');

		if (ending == NULL || ending == entry->d_name ||
		    !text_is_plain(entry->d_name, strlen(entry->d_name)))
			continue;
		if (strcmp(ending, ".torn") == 0)
			fprintf(stderr,
			    "msgextctl: %s: has unfinished lines that were moved out of the log\n",
			    entry->d_name);
		else if (strcmp(last, ".new") == 0)
			fprintf(stderr, "msgextctl: %s: a compaction is running, or was killed\n",
			    entry->d_name);
	}
	if (errno != 0)
		fprintf(stderr, "msgextctl: %s: cannot list the other files: %s\n",
		    ctl->store.data_dir, strerror(errno));
	if (directory != NULL)
		closedir(directory);
}

static int
verify_run(struct verify *verify)
{
	struct ctl *ctl = verify->ctl;
	struct scan_names names;
	char name[STORE_NAME_SIZE];
	int result = 1;

	if (ctl->selection.group != NULL) {
		store_name_find(ctl->store.data_dir, ctl->selection.group, name);
		verify->total = scan_size(ctl->store.data_dir, name);
		return log_verify(verify, name);
	}
	if (scan_list(ctl->store.data_dir, &names, &ctl->fault) != 0)
		return -1;
	verify->total = ctl_measure(ctl);
	for (size_t i = 0; i < names.count && result >= 0; i++)
		result = log_verify(verify, names.names[i]);
	scan_names_free(&names);
	return result < 0 ? -1 : 1;
}

int
ctl_verify(struct ctl *ctl)
{
	static const struct column layout[] = { { .name = "File" }, { .name = "Line" },
		{ .name = "Offset" }, { .name = "Problem" }, { .name = "Detail" } };
	static struct verify verify; /* too large for the stack */
	int result = -1;

	verify.ctl = ctl;
	verify.repeat_max = REPEATS_FIRST;
	verify.repeats = calloc(verify.repeat_max, sizeof(struct repeat));
	if (ctl->printer.format != PRINT_TABLE)
		table_open(&ctl->printer, layout, sizeof(layout) / sizeof(layout[0]));
	if (verify.repeats == NULL)
		fault_memory(&ctl->fault);
	else
		result = verify_run(&verify);
	free(verify.repeats);
	shape_free(&verify.shape);
	progress_clear(&verify.progress);
	fflush(stdout);
	if (result < 0)
		return ctl_fail(ctl);
	if (result == 0)
		return ctl_nothing(ctl);
	if (ctl->selection.group == NULL)
		leftovers_tell(ctl);
	ctl_tell_closed(ctl);
	fprintf(stderr, "msgextctl: %llu logs, %llu lines, %llu problems\n",
	    (unsigned long long)verify.logs, (unsigned long long)verify.lines,
	    (unsigned long long)verify.problems);
	return verify.problems > 0 ? CTL_NOTHING : EX_OK;
}
