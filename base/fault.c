/*
 * fault.c - what went wrong, as a value.
 *
 * Every module reports failure by filling a struct fault.  The code decides
 * the HTTP status (receive.c) and bears a stable slug for people and programs
 * that read error logs; the detail names the field and the reason.  The
 * detail may quote bytes that a client sent, so it is made harmless here, at
 * its only way in: whoever prints it needs no further care.
 */
#include <stdarg.h>
#include <stdio.h>
#include <sysexits.h>

#include "base/fault.h"

static const char *const slugs[FAULT_COUNT] = {
	[FAULT_NONE] = "none",
	[FAULT_METHOD] = "method",
	[FAULT_QUERY_MALFORMED] = "query-malformed",
	[FAULT_QUERY_DUPLICATE] = "query-duplicate",
	[FAULT_COMMAND_MISMATCH] = "command-mismatch",
	[FAULT_APP_MISSING] = "app-missing",
	[FAULT_APP_UNKNOWN] = "app-unknown",
	[FAULT_SIGN_MISSING] = "sign-missing",
	[FAULT_SIGN_MALFORMED] = "sign-malformed",
	[FAULT_SIGN_STALE] = "sign-stale",
	[FAULT_SIGN_WRONG] = "sign-wrong",
	[FAULT_LENGTH_MALFORMED] = "length-malformed",
	[FAULT_BODY_TOO_LARGE] = "body-too-large",
	[FAULT_BODY_SHORT] = "body-short",
	[FAULT_BODY_LONG] = "body-long",
	[FAULT_BODY_STALLED] = "body-stalled",
	[FAULT_JSON_MALFORMED] = "json-malformed",
	[FAULT_JSON_ENCODING] = "json-encoding",
	[FAULT_JSON_DEPTH] = "json-depth",
	[FAULT_FIELD_MISSING] = "field-missing",
	[FAULT_FIELD_TYPE] = "field-type",
	[FAULT_FIELD_RANGE] = "field-range",
	[FAULT_FIELD_SPELLING] = "field-spelling",
	[FAULT_FIELD_DUPLICATE] = "field-duplicate",
	[FAULT_COMMAND_UNKNOWN] = "command-unknown",
	[FAULT_APP_DIFFERS] = "app-differs",
	[FAULT_CONFIG_MISSING] = "config-missing",
	[FAULT_CONFIG_UNREADABLE] = "config-unreadable",
	[FAULT_CONFIG_UNSAFE] = "config-unsafe",
	[FAULT_CONFIG_MALFORMED] = "config-malformed",
	[FAULT_CONFIG_CHECK] = "config-check",
	[FAULT_DATA_DIR] = "data-dir",
	[FAULT_LOG_UNSAFE] = "log-unsafe",
	[FAULT_LOG_CHANGED] = "log-changed",
	[FAULT_LOCK_TIMEOUT] = "lock-timeout",
	[FAULT_LOCK_FAILED] = "lock-failed",
	[FAULT_OPEN_FAILED] = "open-failed",
	[FAULT_TAIL_FAILED] = "tail-failed",
	[FAULT_TAIL_TORN] = "tail-torn",
	[FAULT_WRITE_FAILED] = "write-failed",
	[FAULT_SYNC_FAILED] = "sync-failed",
	[FAULT_DISK_FULL] = "disk-full",
	[FAULT_GROUPS_FULL] = "groups-full",
	[FAULT_ENGINE] = "engine-failed",
	[FAULT_MEMORY] = "memory",
};

const char *
fault_slug(enum fault_code code)
{
	return code < FAULT_COUNT ? slugs[code] : "unknown";
}

int
fault_exit_status(enum fault_code code)
{
	if (code >= FAULT_CONFIG_MISSING && code <= FAULT_CONFIG_MALFORMED)
		return EX_CONFIG;
	if (code >= FAULT_JSON_MALFORMED && code <= FAULT_FIELD_DUPLICATE)
		return EX_DATAERR;
	switch (code) {
	case FAULT_DATA_DIR:
	case FAULT_OPEN_FAILED:
		return EX_NOINPUT;
	case FAULT_LOG_UNSAFE:
		return EX_NOPERM;
	case FAULT_LOG_CHANGED:
	case FAULT_LOCK_TIMEOUT:
		return EX_TEMPFAIL;
	case FAULT_MEMORY:
		return EX_OSERR;
	case FAULT_ENGINE:
		return EX_UNAVAILABLE;
	default:
		return EX_IOERR;
	}
}

/* Copies text into detail, spelling every byte but printable ASCII as \xHH. */
static void
detail_escape(char detail[FAULT_DETAIL_SIZE], const char *text)
{
	static const char hex[] = "0123456789abcdef";
	size_t used = 0;

	for (const char *p = text; *p != '\0' && used + 4 < FAULT_DETAIL_SIZE; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte >= 0x20 && byte < 0x7f) {
			detail[used++] = *p;
			continue;
		}
		detail[used++] = '\\';
		detail[used++] = 'x';
		detail[used++] = hex[byte >> 4];
		detail[used++] = hex[byte & 15];
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
