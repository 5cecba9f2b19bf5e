/* probe.h - does an append work?  Asked without one. */
#ifndef STORE_PROBE_H
#define STORE_PROBE_H

#include <stdint.h>

struct fault;
struct store_options;

/*
 * Does an append work?  Makes a file in the data directory, locks, writes and cuts it, in vain;
 * nothing is synced.  At most a file .msgext-probe stays.  deadline, SIGALRM, ITIMER_REAL,
 * SIGXFSZ: as store_append.  Fails with DATA_DIR, or as store_append.
 */
int store_probe(const struct store_options *options, int64_t deadline, struct fault *fault);

#endif
