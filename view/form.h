/* form.h - what is posted to the viewer: a sign-in, or a sign-out */
#ifndef VIEW_FORM_H
#define VIEW_FORM_H

#include <stddef.h>

#include "parameters.h"
#include "view/address.h"

struct fault;
struct request;

enum form_kind { FORM_SIGN_IN, FORM_SIGN_OUT };

struct form {
	enum form_kind kind;
	const char *password; /* of a sign-in */
	/*
	 * Where to go afterwards: the groups where the form does not say, or says what no query of
	 * ours does.  After a failure its member wrong names what is wrong in the form, or is NULL.
	 */
	struct address to;
	char decoded[PARAMETERS_LENGTH_MAX + 1];    /* which password points into */
	char to_decoded[PARAMETERS_LENGTH_MAX + 1]; /* which the strings of to point into */
};

/*
 * Reads a form from the request's body, for two seconds and PARAMETERS_LENGTH_MAX bytes at most.
 * Fails as body_read and parameters_read do, or with FIELD_RANGE, FIELD_MISSING.
 */
int form_read(struct form *form, const struct request *request, struct fault *fault);

/* The same of length bytes that were read, which a NUL follows. */
int form_parse(struct form *form, const char *bytes, size_t length, struct fault *fault);

#endif
