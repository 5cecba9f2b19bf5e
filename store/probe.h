/* probe.h - would an append work?  Tries it without appending. */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdint.h>

struct fault;
struct store_options;

/*
 * Would an append work?  Makes a file in the data directory, and locks, writes and truncates it.
 * Nothing is synced.  At most a file .msgext-probe remains. deadline, SIGALRM, ITIMER_REAL,
 * SIGXFSZ: as in store_append.  Fails with DATA_DIR, or as store_append.
 */
int store_probe(const struct store_options *options, int64_t deadline, struct fault *fault);

#endif
