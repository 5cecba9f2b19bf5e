/*
 * form.c - what is posted to the viewer: a sign-in, or a sign-out.
 *
 * Nothing else is: no other request changes anything.  The query of such a request is not looked at.
 * Where to go after a sign-in comes back from a hidden field, and so from whoever made the form: it is
 * read as a query and printed anew, and can be no other host or path.
 */
#include "view/form.h"

#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "body.h"
#include "request.h"

#define BODY_MILLISECONDS 2000

static int
wrong_set(struct form *form, const char *name, const char *value, struct fault *fault)
{
	form->to.wrong = name;
	form->to.wrong_value = value;
	return value == NULL ? fault_set(fault, FAULT_FIELD_MISSING, "%s: is missing", name)
			     : fault_set(fault, FAULT_FIELD_RANGE, "%s: must be in or out", name);
}

int
form_parse(struct form *form, const char *bytes, size_t length, struct fault *fault)
{
	struct parameter table[] = { { "p", NULL }, { "password", NULL }, { "to", NULL } };
	const char *kind, *to;
	struct fault ignored;

	form->to = (struct address){ .language = LANGUAGE_NONE };
	if (strlen(bytes) != length)
		return fault_set(fault, FAULT_QUERY_MALFORMED, "form: holds a NUL byte");
	if (parameters_read(table, sizeof(table) / sizeof(table[0]), bytes, form->decoded, fault) !=
	    0)
		return -1;
	kind = table[0].value;
	form->password = table[1].value;
	to = table[2].value == NULL ? "" : table[2].value;
	if (kind == NULL || (strcmp(kind, "in") != 0 && strcmp(kind, "out") != 0))
		return wrong_set(form, "p", kind, fault);
	form->kind = strcmp(kind, "in") == 0 ? FORM_SIGN_IN : FORM_SIGN_OUT;
	if (form->kind == FORM_SIGN_IN && form->password == NULL)
		return wrong_set(form, "password", NULL, fault);
	if (address_read(&form->to, to + (to[0] == '?'), form->to_decoded, &ignored) != 0)
		form->to = (struct address){ .language = LANGUAGE_NONE };
	return 0;
}

int
form_read(struct form *form, const struct request *request, struct fault *fault)
{
	struct body body = { NULL, 0 };
	int result;

	form->to = (struct address){ .language = LANGUAGE_NONE };
	result = body_read(&body, request, PARAMETERS_LENGTH_MAX,
	    request->started + BODY_MILLISECONDS, fault);
	if (result == 0) {
		body.bytes[body.length] = '\0';
		result = form_parse(form, body.bytes, body.length, fault);
	}
	free(body.bytes);
	return result;
}
