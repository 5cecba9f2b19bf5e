/* sample.h - a test event, as msgextctl sample and the check's page show it */
#ifndef CTL_SAMPLE_H
#define CTL_SAMPLE_H

#include <stddef.h>

struct config;

#define SAMPLE_SIZE 512 /* of a body, and of a query without its signature */

/* The body; now: seconds since 1970, of which its message has the number. */
void sample_body(char body[SAMPLE_SIZE], unsigned long long now);

/* The query, from its '?' on, for the configuration's app; without a signature. */
void sample_query(char query[SAMPLE_SIZE], const struct config *config);

#endif
