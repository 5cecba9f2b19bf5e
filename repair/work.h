/* work.h - a run: finds what is missing, asks for it, imports it */
#ifndef REPAIR_WORK_H
#define REPAIR_WORK_H

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "repair/ask.h"
#include "repair/repair_config.h"
#include "repair/curl.h"
#include "repair/find.h"
#include "repair/rate.h"
#include "repair/secret.h"
#include "store/options.h"

#define ASKS_MAX ((size_t)CURL_CHILDREN * CURL_CALLS_MAX)
#define WORK_LEFT 1 /* exit: some are left */

struct work {
	/* set by the caller */
	const struct repair_config *config;
	struct store_options store;
	struct secret key; /* empty: the signature stands in a file */
	const char *from;  /* or NULL */
	int64_t recent;    /* milliseconds; 0: only gaps are asked for */
	bool dry_run;
	const volatile sig_atomic_t *stopping;
	struct curl curl;
	/* private */
	struct fault fault;
	struct repairs repairs; /* of the run before */
	struct tasks tasks;
	size_t opened; /* of the tasks */
	struct ask asks[ASKS_MAX];
	struct rate rate;
	char url[2048 + SECRET_SIZE];
	size_t url_length;      /* without the random number */
	int64_t signature_ends; /* milliseconds since 1970; 0: it is made, or not known */
	int64_t signed_at;      /* CLOCK_MONOTONIC milliseconds; 0: not yet */
	uint64_t calls, answers;
	size_t results[TASK_REFUSED + 1];
	size_t troubles; /* messages in a row that were left because of trouble */
	bool shown;      /* the progress is on the terminal */
	int64_t began, show_next;
};

/*
 * Does all that there is to do, and reports it.  Returns the exit status: 0, WORK_LEFT, or of
 * sysexits(3); EX_TEMPFAIL where *stopping was set before the end.
 */
int work_run(struct work *work);

/* Reports a fault on standard error. */
void work_tell(const struct fault *fault);

#endif
