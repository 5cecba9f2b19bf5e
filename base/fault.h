/* fault.h - what went wrong, as a value */
#ifndef BASE_FAULT_H
#define BASE_FAULT_H

#include "base/base.h"

enum fault_code {
	FAULT_NONE,
	FAULT_METHOD,
	FAULT_QUERY_MALFORMED,
	FAULT_QUERY_DUPLICATE,
	FAULT_COMMAND_MISMATCH,
	FAULT_APP_MISSING,
	FAULT_APP_UNKNOWN,
	FAULT_SIGN_MISSING,
	FAULT_SIGN_MALFORMED,
	FAULT_SIGN_STALE,
	FAULT_SIGN_WRONG,
	FAULT_LENGTH_MALFORMED,
	FAULT_BODY_TOO_LARGE,
	FAULT_BODY_SHORT,
	FAULT_BODY_LONG,
	FAULT_BODY_STALLED,
	FAULT_JSON_MALFORMED,
	FAULT_JSON_ENCODING,
	FAULT_JSON_DEPTH,
	FAULT_FIELD_MISSING,
	FAULT_FIELD_TYPE,
	FAULT_FIELD_RANGE,
	FAULT_FIELD_SPELLING,
	FAULT_FIELD_DUPLICATE,
	FAULT_COMMAND_UNKNOWN, /* this one and the next three go to the error log; the answer is OK */
	FAULT_COMMAND_OTHER,
	FAULT_APP_DIFFERS,
	FAULT_DISK_LOW,
	FAULT_CONFIG_MISSING,
	FAULT_CONFIG_UNREADABLE,
	FAULT_CONFIG_UNSAFE,
	FAULT_CONFIG_MALFORMED,
	FAULT_CONFIG_CHECK,
	FAULT_CONFIG_CHANGED,
	FAULT_DATA_DIR,
	FAULT_LOG_UNSAFE,
	FAULT_LOG_CHANGED,
	FAULT_LOCK_TIMEOUT,
	FAULT_LOCK_FAILED,
	FAULT_OPEN_FAILED,
	FAULT_TAIL_FAILED,
	FAULT_TAIL_TORN,
	FAULT_WRITE_FAILED,
	FAULT_SYNC_FAILED,
	FAULT_DISK_FULL,
	FAULT_GROUPS_FULL,
	FAULT_ENGINE,
	FAULT_REST_REFUSED,
	FAULT_REST_FAILED,
	FAULT_REST_LIMITED,
	FAULT_MEMORY,
	FAULT_COUNT
};

#define FAULT_DETAIL_SIZE 256

struct fault {
	enum fault_code code;
	char detail[FAULT_DETAIL_SIZE]; /* printable ASCII, NUL-terminated */
};

/*
 * Fills fault and returns -1, so that a caller can return that.  Bytes of the formatted detail that
 * are not printable ASCII become \xHH.  A detail that is too long is cut.
 */
int fault_set(struct fault *fault, enum fault_code code, const char *format, ...) PRINTF_LIKE(3, 4);

/* Says that there is no memory.  Returns -1. */
int fault_memory(struct fault *fault);

/* Puts the name of the thing at fault before the detail.  Returns -1. */
int fault_name(struct fault *fault, const char *name);

/* The stable name of a code in error logs and answers, as in "field-range". */
const char *fault_slug(enum fault_code code);

/*
 * The HTTP status of the answer to an event that had this fault: 200 for FAULT_NONE, else 400 or
 * more.
 */
int fault_status(enum fault_code code);

/* The exit status of a program that ends because of it, as in sysexits(3). */
int fault_exit_status(enum fault_code code);

#endif
