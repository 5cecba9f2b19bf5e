/* missing.h - the versions of a message that never arrived */
#ifndef LOG_MISSING_H
#define LOG_MISSING_H

#include <stdbool.h>

struct message;

/* As "57, 60-62", or the JSON [[57,57],[60,62]]; the caller frees it.  NULL: no memory. */
char *missing_text(const struct message *message, bool is_json);

#endif
