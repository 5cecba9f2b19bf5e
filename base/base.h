/* base.h - what every file may rely on */
#ifndef BASE_H
#define BASE_H

#include <stdint.h>
#include <sys/types.h>
#include <time.h>

_Static_assert(sizeof(off_t) >= 8 && sizeof(time_t) >= 8, "logs grow, and years pass");

#define MSGEXT_VERSION "0.1.0"

/* The largest integer that every JSON reader holds exactly: 2^53. */
#define INTEGER_MAX UINT64_C(9007199254740992)

#if defined(__GNUC__)
#define PRINTF_LIKE(string, first) __attribute__((__format__(__printf__, string, first)))
#else
#define PRINTF_LIKE(string, first)
#endif

#endif
