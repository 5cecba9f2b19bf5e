/*
 * fault.c - what went wrong, as a value.
 *
 * Every module reports failure by filling a struct fault.  One table says what a code means to
 * others: the stable slug for people and programs that read error logs, the HTTP status of an
 * answer, and the exit status.  The detail names the field and the reason.  It may quote bytes that
 * a client sent, so it is made harmless here, where it enters: those who print it need no further
 * care.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/fault.h"
#include "base/text.h"

static const struct {
	const char *slug;
	int status;      /* of the answer to an event (RFC 9110) */
	int exit_status; /* of a program that ends because of it (sysexits(3)) */
} faults[FAULT_COUNT] = {
	[FAULT_NONE] = { "none", 200, EX_IOERR },
	[FAULT_METHOD] = { "method", 405, EX_IOERR },
	[FAULT_QUERY_MALFORMED] = { "query-malformed", 400, EX_IOERR },
	[FAULT_QUERY_DUPLICATE] = { "query-duplicate", 400, EX_IOERR },
	[FAULT_COMMAND_MISMATCH] = { "command-mismatch", 400, EX_IOERR },
	[FAULT_APP_MISSING] = { "app-missing", 403, EX_IOERR },
	[FAULT_APP_UNKNOWN] = { "app-unknown", 403, EX_IOERR },
	[FAULT_SIGN_MISSING] = { "sign-missing", 403, EX_IOERR },
	[FAULT_SIGN_MALFORMED] = { "sign-malformed", 403, EX_IOERR },
	[FAULT_SIGN_STALE] = { "sign-stale", 403, EX_IOERR },
	[FAULT_SIGN_WRONG] = { "sign-wrong", 403, EX_IOERR },
	[FAULT_LENGTH_MALFORMED] = { "length-malformed", 400, EX_IOERR },
	[FAULT_BODY_TOO_LARGE] = { "body-too-large", 413, EX_IOERR },
	[FAULT_BODY_SHORT] = { "body-short", 400, EX_IOERR },
	[FAULT_BODY_LONG] = { "body-long", 400, EX_IOERR },
	[FAULT_BODY_STALLED] = { "body-stalled", 400, EX_IOERR },
	[FAULT_JSON_MALFORMED] = { "json-malformed", 400, EX_DATAERR },
	[FAULT_JSON_ENCODING] = { "json-encoding", 400, EX_DATAERR },
	[FAULT_JSON_DEPTH] = { "json-depth", 400, EX_DATAERR },
	[FAULT_FIELD_MISSING] = { "field-missing", 400, EX_DATAERR },
	[FAULT_FIELD_TYPE] = { "field-type", 400, EX_DATAERR },
	[FAULT_FIELD_RANGE] = { "field-range", 400, EX_DATAERR },
	[FAULT_FIELD_SPELLING] = { "field-spelling", 400, EX_DATAERR },
	[FAULT_FIELD_DUPLICATE] = { "field-duplicate", 400, EX_DATAERR },
	[FAULT_COMMAND_UNKNOWN] = { "command-unknown", 200, EX_IOERR },
	[FAULT_COMMAND_OTHER] = { "command-other", 200, EX_IOERR },
	[FAULT_APP_DIFFERS] = { "app-differs", 200, EX_IOERR },
	[FAULT_DISK_LOW] = { "disk-low", 200, EX_IOERR },
	[FAULT_CONFIG_MISSING] = { "config-missing", 500, EX_CONFIG },
	[FAULT_CONFIG_UNREADABLE] = { "config-unreadable", 500, EX_CONFIG },
	[FAULT_CONFIG_UNSAFE] = { "config-unsafe", 500, EX_CONFIG },
	[FAULT_CONFIG_MALFORMED] = { "config-malformed", 500, EX_CONFIG },
	[FAULT_CONFIG_CHECK] = { "config-check", 500, EX_CONFIG },
	[FAULT_CONFIG_CHANGED] = { "config-changed", 500, EX_TEMPFAIL },
	[FAULT_DATA_DIR] = { "data-dir", 500, EX_NOINPUT },
	[FAULT_LOG_UNSAFE] = { "log-unsafe", 500, EX_NOPERM },
	[FAULT_LOG_CHANGED] = { "log-changed", 500, EX_TEMPFAIL },
	[FAULT_LOCK_TIMEOUT] = { "lock-timeout", 503, EX_TEMPFAIL },
	[FAULT_LOCK_FAILED] = { "lock-failed", 500, EX_IOERR },
	[FAULT_OPEN_FAILED] = { "open-failed", 500, EX_NOINPUT },
	[FAULT_TAIL_FAILED] = { "tail-failed", 500, EX_IOERR },
	[FAULT_TAIL_TORN] = { "tail-torn", 200, EX_IOERR },
	[FAULT_WRITE_FAILED] = { "write-failed", 500, EX_IOERR },
	[FAULT_SYNC_FAILED] = { "sync-failed", 500, EX_IOERR },
	[FAULT_DISK_FULL] = { "disk-full", 507, EX_IOERR },
	[FAULT_GROUPS_FULL] = { "groups-full", 507, EX_IOERR },
	[FAULT_ENGINE] = { "engine-failed", 500, EX_UNAVAILABLE },
	[FAULT_REST_REFUSED] = { "rest-refused", 500, EX_CONFIG },
	[FAULT_REST_FAILED] = { "rest-failed", 500, EX_UNAVAILABLE },
	[FAULT_REST_LIMITED] = { "rest-limited", 500, EX_TEMPFAIL },
	[FAULT_MEMORY] = { "memory", 500, EX_OSERR },
};

const char *
fault_slug(enum fault_code code)
{
	return faults[code].slug;
}

int
fault_status(enum fault_code code)
{
	return faults[code].status;
}

int
fault_exit_status(enum fault_code code)
{
	return faults[code].exit_status;
}

/* Copies text into detail.  Every byte that is not printable ASCII becomes \xHH. */
static void
detail_escape(char detail[FAULT_DETAIL_SIZE], const char *text)
{
	size_t used = 0;

	for (const char *p = text; *p != '\0' && used + 4 < FAULT_DETAIL_SIZE; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte >= 0x20 && byte < 0x7f) {
			detail[used++] = *p;
			continue;
		}
		detail[used++] = '\\';
		detail[used++] = 'x';
		detail[used++] = hex_digits[byte >> 4];
		detail[used++] = hex_digits[byte & 15];
	}
	detail[used] = '\0';
}

int
fault_name(struct fault *fault, const char *name)
{
	const struct fault bare = *fault;

	return fault_set(fault, bare.code, "%s: %s", name, bare.detail);
}

int
fault_set(struct fault *fault, enum fault_code code, const char *format, ...)
{
	char text[FAULT_DETAIL_SIZE];
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(text, sizeof(text), format, arguments) < 0)
		text[0] = '\0';
	va_end(arguments);
	fault->code = code;
	detail_escape(fault->detail, text);
	return -1;
}

int
fault_memory(struct fault *fault)
{
	return fault_set(fault, FAULT_MEMORY, "no memory is left");
}
