/*
 * alarm_state.c - what msgextctl alarm knew at the end of its last run: the file .alarm-state.
 *
 * It is a help to memory: without it, all that there is is told once more.  So whatever is not as
 * it was written, is of a newer version, or is not whole, counts as none, and the caller says so.
 *
 * It has two parts, each with a hash at its end.  The first is short and of one size, so that a
 * page of the viewer can have it at once.  The second has a line for each log.  Names are kept as
 * hashes of a seed that the file has too: the file stays small, and nobody can choose names of
 * groups that have one hash.
 *
 * A new file takes the old one's place, after it is on the disk.  The lock is on the new one.
 */
#include "log/alarm_state.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"

#define VERSION 1
#define FILE_SIZE_MAX ((off_t)64 << 20)
#define LINE_SIZE 320  /* of the longest line, which no log's is */
#define HEAD_SIZE 8192 /* of the first part, and more */
#define LOCK_TRIES 10

const char *const alarm_names[ALARM_KINDS] = {
	[ALARM_REFUSED] = "refused",
	[ALARM_LOST] = "lost",
	[ALARM_GIVEN_UP] = "given-up",
	[ALARM_DAMAGED] = "damaged",
	[ALARM_TORN] = "torn",
	[ALARM_CLOSED] = "closed",
	[ALARM_SILENCE] = "silence",
	[ALARM_SHIP] = "ship",
	[ALARM_REPAIR] = "repair",
	[ALARM_SIGNATURE] = "signature",
	[ALARM_SPACE] = "space",
};

/* reading */

/* A text on its way through the parser. */
struct parser {
	const char *at, *begin; /* begin: of what the next hash covers */
	bool wrong;
};

static uint64_t
text_hash(const char *text, size_t length)
{
	struct fingerprint print;

	fingerprint_set(&print, text, length, (off_t)length);
	return print.hash;
}

static bool
word_take(struct parser *parser, const char *word)
{
	size_t length = strlen(word);

	if (strncmp(parser->at, word, length) != 0)
		return false;
	parser->at += length;
	return true;
}

/* A blank and a number, of base 10 or 16. */
static uint64_t
number_take(struct parser *parser, int base)
{
	const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
	size_t length = *parser->at == ' ' ? strspn(parser->at + 1, digits) : 0;
	uint64_t number;
	char *end;

	if (length == 0 || length > 20) {
		parser->wrong = true;
		return 0;
	}
	errno = 0;
	number = strtoull(parser->at + 1, &end, base);
	/* It would take capitals, too, which we never write. */
	if (errno != 0 || end != parser->at + 1 + length)
		parser->wrong = true;
	parser->at = end;
	return number;
}

/* A number that a signed one can be, and twice that too: what reckons with it need not look. */
static int64_t
signed_take(struct parser *parser)
{
	uint64_t number = number_take(parser, 10);

	if (number > INT64_MAX / 2)
		parser->wrong = true;
	return parser->wrong ? 0 : (int64_t)number;
}

static void
line_end(struct parser *parser)
{
	if (*parser->at == '\n')
		parser->at++;
	else
		parser->wrong = true;
}

/* The line that ends a part: its hash fits. */
static void
part_end(struct parser *parser, const char *word)
{
	size_t length = (size_t)(parser->at - parser->begin);

	if (!word_take(parser, word) || number_take(parser, 16) != text_hash(parser->begin, length))
		parser->wrong = true;
	line_end(parser);
	parser->begin = parser->at;
}

static void
arrivals_parse(struct parser *parser, struct arrivals *arrivals)
{
	if (!word_take(parser, "arrivals"))
		parser->wrong = true;
	arrivals->last = signed_take(parser);
	arrivals->hour = signed_take(parser);
	if (*parser->at == ' ')
		parser->at++;
	for (size_t i = 0; i < ARRIVALS_BYTES && !parser->wrong; i++) {
		int high = hex_digit(parser->at[0]);
		int low = high < 0 ? -1 : hex_digit(parser->at[1]);

		if (low < 0)
			parser->wrong = true;
		else
			arrivals->bits[i] = (uint8_t)(high << 4 | low);
		parser->at += low < 0 ? 0 : 2;
	}
	line_end(parser);
}

static void
record_parse(struct parser *parser, struct alarm_record *record, const char *name)
{
	if (!word_take(parser, "kind ") || !word_take(parser, name))
		parser->wrong = true;
	record->stands = number_take(parser, 10) != 0;
	record->since = signed_take(parser);
	record->told = signed_take(parser);
	record->seen = number_take(parser, 10);
	record->said = number_take(parser, 10);
	record->times = number_take(parser, 10);
	record->growths = number_take(parser, 10);
	line_end(parser);
}

/* The first part. */
static void
head_parse(struct parser *parser, struct alarm_state *state)
{
	line_end(parser);
	if (!word_take(parser, "ended"))
		parser->wrong = true;
	state->ended = signed_take(parser);
	line_end(parser);
	if (!word_take(parser, "seed"))
		parser->wrong = true;
	state->seed.low = number_take(parser, 16);
	state->seed.high = number_take(parser, 16);
	line_end(parser);
	if (!word_take(parser, "counted"))
		parser->wrong = true;
	state->refused = number_take(parser, 10);
	state->given_up = number_take(parser, 10);
	line_end(parser);
	arrivals_parse(parser, &state->arrivals);
	for (size_t i = 0; i < ALARM_KINDS && !parser->wrong; i++)
		record_parse(parser, &state->records[i], alarm_names[i]);
	part_end(parser, "head");
}

/* The second part.  -1: no memory. */
static int
logs_parse(struct parser *parser, struct alarm_state *state)
{
	uint64_t before = 0;

	while (!parser->wrong && word_take(parser, "log")) {
		struct alarm_log log = { .name = number_take(parser, 16) };

		log.inode = number_take(parser, 10);
		log.changed = signed_take(parser);
		log.size = signed_take(parser);
		log.checked = signed_take(parser);
		log.whole = signed_take(parser);
		log.lost = number_take(parser, 10);
		log.print.start = signed_take(parser);
		log.print.end = signed_take(parser);
		log.print.hash = number_take(parser, 16);
		line_end(parser);
		if (log.print.start > log.print.end || log.print.end > log.size ||
		    log.checked > log.size || (state->count > 0 && log.name < before))
			parser->wrong = true;
		before = log.name;
		if (!parser->wrong && alarm_state_add(state, &log) != 0)
			return -1;
	}
	part_end(parser, "end");
	if (*parser->at != '\0')
		parser->wrong = true;
	return 0;
}

/* Reads the file's first bytes, with a NUL at their end; NULL: there is none, or fault. */
static char *
text_load(const char *path, off_t most, struct fault *fault)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW | O_NOCTTY);
	struct stat status;
	size_t size;
	char *text = NULL;

	if (fd < 0 && errno == ENOENT)
		return NULL;
	if (fd < 0 || fstat(fd, &status) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, "%s: %s%s", path, file_open_reason(errno),
		    errno == ELOOP ? " (remove it)" : "");
		goto out;
	}
	if (!S_ISREG(status.st_mode) || status.st_size > FILE_SIZE_MAX) {
		fault_set(fault, FAULT_OPEN_FAILED,
		    "%s: is not a file of at most 64 MiB (remove it)", path);
		goto out;
	}
	size = (size_t)(status.st_size < most ? status.st_size : most);
	text = calloc(1, size + 1);
	if (text == NULL) {
		fault_memory(fault);
	} else if (file_read(fd, text, size, 0) != 0) {
		fault_set(fault, FAULT_OPEN_FAILED, "%s: %s", path, strerror(errno));
		free(text);
		text = NULL;
	}
out:
	if (fd >= 0)
		close(fd);
	return text;
}

static int
state_load(struct alarm_state *state, const char *path, enum alarm_state_found *found,
    bool with_logs, struct fault *fault)
{
	struct parser parser = { 0 };
	uint64_t version;
	char *text;
	int result = 0;

	*state = (struct alarm_state){ 0 };
	*found = ALARM_STATE_NONE;
	fault->code = FAULT_NONE;
	text = text_load(path, with_logs ? FILE_SIZE_MAX : HEAD_SIZE, fault);
	if (text == NULL)
		return fault->code == FAULT_NONE ? 0 : -1;
	parser.at = parser.begin = text;
	version = word_take(&parser, "msgext-alarm") ? number_take(&parser, 10) : 0;
	*found = version > VERSION && !parser.wrong ? ALARM_STATE_NEWER : ALARM_STATE_DAMAGED;
	if (version == VERSION && !parser.wrong) {
		head_parse(&parser, state);
		if (with_logs && !parser.wrong)
			result = logs_parse(&parser, state);
		if (!parser.wrong)
			*found = ALARM_STATE_READ;
	}
	free(text);
	if (result != 0 || *found != ALARM_STATE_READ)
		alarm_state_free(state);
	return result == 0 ? 0 : fault_memory(fault);
}

int
alarm_state_read(struct alarm_state *state, const char *path, enum alarm_state_found *found,
    struct fault *fault)
{
	return state_load(state, path, found, true, fault);
}

int
alarm_state_glance(struct alarm_state *state, const char *path, enum alarm_state_found *found,
    struct fault *fault)
{
	return state_load(state, path, found, false, fault);
}

void
alarm_state_free(struct alarm_state *state)
{
	free(state->logs);
	*state = (struct alarm_state){ 0 };
}

/* logs */

static int
log_compare(const void *a, const void *b)
{
	const struct alarm_log *left = a, *right = b;

	return (left->name > right->name) - (left->name < right->name);
}

const struct alarm_log *
alarm_state_log(const struct alarm_state *state, const char *name)
{
	const struct alarm_log wanted = { .name = hash_text(&state->seed, name, strlen(name)) };

	if (state->count == 0)
		return NULL;
	return bsearch(&wanted, state->logs, state->count, sizeof(wanted), log_compare);
}

int
alarm_state_add(struct alarm_state *state, const struct alarm_log *log)
{
	if (state->count == state->size) {
		size_t size = state->size == 0 ? 64 : 2 * state->size;
		struct alarm_log *larger = reallocarray(state->logs, size, sizeof(*larger));

		if (larger == NULL)
			return -1;
		state->logs = larger;
		state->size = size;
	}
	state->logs[state->count++] = *log;
	return 0;
}

/* writing */

/* The path of the file that will take the state's place.  -1: it is too long. */
static int
new_path(char new[PATH_MAX], const char *path, struct fault *fault)
{
	int length = snprintf(new, PATH_MAX, "%s.new", path);

	if (length < 0 || length >= PATH_MAX)
		return fault_set(fault, FAULT_OPEN_FAILED, "%s: the path is too long", path);
	return 0;
}

int
alarm_state_lock(const char *path, struct fault *fault)
{
	char new[PATH_MAX];
	struct stat status;
	int fd = -1;

	if (new_path(new, path, fault) != 0)
		return -1;
	for (int i = 0; i < LOCK_TRIES; i++) {
		fd = openat(AT_FDCWD, new,
		    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
		if (fd < 0 || fstat(fd, &status) != 0) {
			fault_set(fault, FAULT_OPEN_FAILED,
			    "%s: %s (%s--state PATH puts it elsewhere)", new,
			    file_open_reason(errno),
			    errno == ELOOP || errno == EISDIR ? "remove it; " : "");
			break;
		}
		if (!S_ISREG(status.st_mode) || status.st_nlink > 1) {
			fault_set(fault, FAULT_LOG_UNSAFE, "%s: is no file of ours (remove it)",
			    new);
			break;
		}
		if (lock_try(fd, F_WRLCK) != 0) {
			fault_set(fault,
			    errno == EAGAIN || errno == EACCES ? FAULT_LOCK_TIMEOUT
							       : FAULT_LOCK_FAILED,
			    "%s: another msgextctl alarm is at work here", new);
			break;
		}
		/* Another may have put it in the state's place in between. */
		if (path_is_file(new, fd))
			return fd;
		close(fd);
		fd = -1;
		fault_set(fault, FAULT_LOCK_TIMEOUT, "%s: another msgextctl alarm is at work here",
		    new);
	}
	if (fd >= 0)
		close(fd);
	return -1;
}

static void
head_print(const struct alarm_state *state, FILE *file)
{
	fprintf(file, "msgext-alarm %d\nended %" PRId64 "\nseed %016" PRIx64 " %016" PRIx64 "\n",
	    VERSION, state->ended, state->seed.low, state->seed.high);
	fprintf(file, "counted %" PRIu64 " %" PRIu64 "\narrivals %" PRId64 " %" PRId64 " ",
	    state->refused, state->given_up, state->arrivals.last, state->arrivals.hour);
	for (size_t i = 0; i < ARRIVALS_BYTES; i++)
		fprintf(file, "%02x", state->arrivals.bits[i]);
	fputc('\n', file);
	for (size_t i = 0; i < ALARM_KINDS; i++) {
		const struct alarm_record *record = &state->records[i];

		fprintf(file,
		    "kind %s %d %" PRId64 " %" PRId64 " %" PRIu64 " %" PRIu64 " %" PRIu64
		    " %" PRIu64 "\n",
		    alarm_names[i], record->stands, record->since, record->told, record->seen,
		    record->said, record->times, record->growths);
	}
}

static void
log_print(const struct alarm_log *log, FILE *file)
{
	fprintf(file,
	    "log %016" PRIx64 " %" PRIu64 " %" PRId64 " %lld %lld %" PRId64 " %" PRIu64
	    " %lld %lld %016" PRIx64 "\n",
	    log->name, log->inode, log->changed, (long long)log->size, (long long)log->checked,
	    log->whole, log->lost, (long long)log->print.start, (long long)log->print.end,
	    log->print.hash);
}

/* Ends the part that began at *begin with its hash.  -1: no memory. */
static int
part_print(FILE *file, char *const *text, const size_t *length, size_t *begin, const char *word)
{
	if (fflush(file) != 0)
		return -1;
	fprintf(file, "%s %016" PRIx64 "\n", word, text_hash(*text + *begin, *length - *begin));
	if (fflush(file) != 0)
		return -1;
	*begin = *length;
	return 0;
}

/* The whole text, for free(); NULL: no memory. */
static char *
state_print(const struct alarm_state *state, size_t *length)
{
	char *text = NULL;
	size_t begin = 0;
	FILE *file = open_memstream(&text, length);
	bool failed;

	if (file == NULL)
		return NULL;
	head_print(state, file);
	failed = part_print(file, &text, length, &begin, "head") != 0;
	for (size_t i = 0; i < state->count && !failed; i++) {
		/* No more is written than would be read: the other logs count as new. */
		if ((i + 2) * LINE_SIZE > (size_t)FILE_SIZE_MAX)
			break;
		log_print(&state->logs[i], file);
	}
	failed = failed || part_print(file, &text, length, &begin, "end") != 0;
	if (fclose(file) != 0 || failed) {
		free(text);
		return NULL;
	}
	return text;
}

int
alarm_state_write(const struct alarm_state *state, const char *path, int lock, bool sync,
    struct fault *fault)
{
	char new[PATH_MAX], *text;
	size_t length;
	int result = -1;

	if (new_path(new, path, fault) != 0)
		return -1;
	if (state->count > 0)
		qsort(state->logs, state->count, sizeof(*state->logs), log_compare);
	text = state_print(state, &length);
	if (text == NULL)
		return fault_memory(fault);
	if (ftruncate(lock, 0) != 0 || file_write(lock, text, length) != 0)
		fault_set(fault,
		    errno == ENOSPC || errno == EDQUOT ? FAULT_DISK_FULL : FAULT_WRITE_FAILED,
		    "%s: %s", new, strerror(errno));
	else if (sync && file_sync(lock) != 0)
		fault_set(fault, FAULT_SYNC_FAILED, "%s: %s", new, strerror(errno));
	else if (rename(new, path) != 0)
		fault_set(fault, FAULT_WRITE_FAILED, "%s: %s", path, strerror(errno));
	else
		result = 0;
	free(text);
	return result;
}
