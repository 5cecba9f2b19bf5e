/*
 * curl.h - HTTPS requests, made by curl(1): the only file that runs it
 *
 *	if (curl_open(&curl, fault) != 0)
 *		return -1;
 *	curl_start(&curl, calls, count, fault)            where curl_free_children(&curl) > 0
 *	while ((result = curl_next(&curl, until, &done, fault)) == 1) {
 *		use(&done);
 *		curl_done_free(&done);
 *	}
 *	curl_close(&curl);
 *
 * Each call ends in one done, by the number that its caller gave it.
 */
#ifndef REPAIR_CURL_H
#define REPAIR_CURL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;

#define CURL_CHILDREN 4           /* at most at a time */
#define CURL_CALLS_MAX 16         /* of one child, one after the other over one connection */
#define CURL_SECONDS 10           /* for each call */
#define CURL_ANSWER_MAX (2 << 20) /* the largest page has 1.4 MB: each byte of it is escaped */
#define CURL_REASON_SIZE 160
#define CURL_DATE_SIZE 40

/* A request: POST of a JSON text. */
struct curl_call {
	size_t number;
	const char *url; /* with its secrets; printable ASCII */
	const char *body;
};

enum curl_result {
	CURL_ANSWERED,
	CURL_FAILED, /* reason says why */
	CURL_UNSENT  /* a call before it failed: it was not made */
};

/* What became of a call. */
struct curl_done {
	size_t number;
	enum curl_result result;
	long status; /* HTTP's */
	char *body;  /* length bytes and a NUL; curl_done_free frees it */
	size_t length;
	char date[CURL_DATE_SIZE];     /* the header's, of printable ASCII; "": it had none */
	char reason[CURL_REASON_SIZE]; /* one line */
};

struct curl_child {
	/* private */
	pid_t pid; /* 0: it is free */
	int input, output, errors;
	char *request; /* what is still to be written, from sent on */
	size_t request_length, sent;
	char *answer; /* what was read */
	size_t length, size, searched;
	char mark[48]; /* after each answer, with a number and the status */
	size_t numbers[CURL_CALLS_MAX], count, next;
	int64_t deadline;
	char said[512]; /* on standard error */
	size_t said_length;
	const char *reason; /* why it failed, where curl does not say */
	bool ended, failed;
	bool told; /* that a call failed: the later ones were not made */
};

struct curl {
	/* set by the caller */
	const char *ca_file; /* or NULL */
	/* private */
	char program[PATH_MAX];
	struct curl_child children[CURL_CHILDREN];
};

/* Finds curl in PATH.  Fails with REST_FAILED. */
int curl_open(struct curl *curl, struct fault *fault);
/* Where it is. */
const char *curl_program(const struct curl *curl);
/* How many more children can be started. */
size_t curl_free_children(const struct curl *curl);
/* Starts a child that makes the calls, CURL_CALLS_MAX at most.  Fails with REST_FAILED, MEMORY. */
int curl_start(struct curl *curl, const struct curl_call *calls, size_t count, struct fault *fault);
/*
 * Waits until that time of clock_milliseconds, or until a signal comes: 1: a call is done;
 * 0: none is; -1: MEMORY.
 */
int curl_next(struct curl *curl, int64_t until, struct curl_done *done, struct fault *fault);
void curl_done_free(struct curl_done *done);
/* Ends all children. */
void curl_close(struct curl *curl);

#endif
