/* The body of a form: what is taken has a password, and leads to an address of harmless signs. */
#include "view/form.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct form form;
	struct fault fault = { 0 };
	char *bytes = malloc(size + 1), text[ADDRESS_SIZE];

	CHECK(bytes != NULL);
	memcpy(bytes, data, size);
	bytes[size] = '\0';
	if (form_parse(&form, bytes, size, &fault) == 0) {
		CHECK(form.kind == FORM_SIGN_OUT || form.password != NULL);
		CHECK(form.to.wrong == NULL);
	} else {
		fault_verify(&fault);
		CHECK(form.to.page == PAGE_GROUPS);
	}
	CHECK(address_print(&form.to, text) < ADDRESS_SIZE);
	for (const char *at = text; *at != '\0'; at++)
		CHECK(*at > ' ' && *at <= '~' && *at != '/' && *at != ':' && *at != '"');
	free(bytes);
	return 0;
}
