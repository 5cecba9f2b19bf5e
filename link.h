/*
 * link.h - signed links, each to the result of one message
 *
 *	char query[LINK_QUERY_SIZE];
 *
 *	if (link_sign(&keys, &link, query, fault) != 0)
 *		...			link holds what no link may say
 *
 *	struct link_values values;
 *	char decoded[PARAMETERS_LENGTH_MAX + 1];
 *
 *	if (link_read(query, decoded, &values, fault) != 0)
 *		...			400: is no query
 *	switch (link_check(&keys, &values, now, &link))
 */
#ifndef LINK_H
#define LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parameters.h"
#include "record.h"

struct fault;

#define LINK_KEYS_MAX 2
#define LINK_TITLE_MAX 100                     /* bytes */
#define LINK_EXPIRY_MAX UINT64_C(999999999999) /* 12 digits */
/* Three bytes for each of group and title; 43 of the signature, 16 and 12 digits, and the names. */
#define LINK_QUERY_SIZE (3 * GROUP_ID_MAX + 3 * LINK_TITLE_MAX + 43 + 16 + 12 + 32)

/* What a link says, all of it under the signature. */
struct link {
	char group[GROUP_ID_MAX + 1];   /* 1 to GROUP_ID_MAX bytes of UTF-8 */
	uint64_t msg_seq;               /* at most INTEGER_MAX */
	char title[LINK_TITLE_MAX + 1]; /* "": none; no control characters */
	bool names;                     /* are those who answered shown? */
	uint64_t expiry; /* seconds since 1970, the first at which it is no longer good */
};

/* What links are signed with. */
struct link_keys {
	const char *keys[LINK_KEYS_MAX]; /* each is good; the first signs */
	size_t count;                    /* 1 at least */
	uint64_t epoch;                  /* another one makes all links wrong */
};

/* A link's parameters as they came, decoded; NULL: not there. */
struct link_values {
	const char *group;     /* g */
	const char *msg_seq;   /* m */
	const char *title;     /* t */
	const char *names;     /* w */
	const char *expiry;    /* e */
	const char *signature; /* s */
};

enum link_result {
	LINK_SOUND,
	LINK_WRONG,  /* cut, changed, or of another key or epoch: 403 */
	LINK_EXPIRED /* made with one of the keys, and over: 410 */
};

/*
 * Writes the link's query string, without '?'.  It ends in the expiry's digits: some programs take
 * a '-' or '_' at an address's end for no part of it.  Fails with FIELD_RANGE, naming the member
 * that no link may have.
 */
int link_sign(const struct link_keys *keys, const struct link *link, char query[LINK_QUERY_SIZE],
    struct fault *fault);

/* Reads a link's parameters out of a query; fails as parameters_read does. */
int link_read(const char *query, char decoded[PARAMETERS_LENGTH_MAX + 1],
    struct link_values *values, struct fault *fault);

/*
 * Is that a link of ours, and still good at now (seconds since 1970)?  Sets link unless it is
 * wrong.  The signature is judged before the expiry: of what we did not make nothing is told.
 */
enum link_result link_check(const struct link_keys *keys, const struct link_values *values,
    uint64_t now, struct link *link);

#endif
