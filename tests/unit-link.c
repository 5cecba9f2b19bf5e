/* Links: signed as an independent program signs them, and good only as they were made. */
#include "link.h"
#include "base/base.h"
#include "base/fault.h"
#include "unit.h"

#define EXPIRY UINT64_C(1764688294)
#define KEY_1 "0123456789abcdef0123456789abcdef"
#define KEY_2 "a second key, of more than 64 bytes, so that it is hashed before it is used"

static const struct link_keys keys_1 = { { KEY_1 }, 1, 0 };

/* What a query is at that time. */
static enum link_result
check(const struct link_keys *keys, const char *query, uint64_t now, struct link *link)
{
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct link_values values;
	struct fault fault;

	assert_int_equal(link_read(query, decoded, &values, &fault), 0);
	return link_check(keys, &values, now, link);
}

static enum link_result
result_of(const char *query)
{
	struct link link;

	return check(&keys_1, query, EXPIRY - 1, &link);
}

static void
fault_assert(const char *query, enum fault_code code, const char *detail)
{
	static char decoded[PARAMETERS_LENGTH_MAX + 1];
	struct link_values values;
	struct fault fault;

	assert_int_equal(link_read(query, decoded, &values, &fault), -1);
	assert_int_equal(fault.code, code);
	assert_string_equal(fault.detail, detail);
}

/*
 * Python: hmac.new(key, b"msgext-view link 1\n" + b"".join(b"%d:%s\n" % (len(x), x) for x in
 * (g, m, t, w, e, K)), "sha256").
 */
static void
links_are_signed_as_python_signs_them(void **state)
{
	static const char *const signatures[2][4] = {
		{ "o7a0UMU5-UzVIJACbSZuv7xbco-RNK8R8pE6mbYg_bc",
		    "dnnhJ7RBbY2yEELxeQQNZizxZ0LIn5ayIuikC5h9Txk",
		    "0KCsMiGWkNM0e-dOsTigAlWtRuuOGkCZDH-Nc45qb44",
		    "jC6AI9juQlmR_mCMYFPPKfs4eFY8Ny0RZtfmf3b6z0o" },
		{ "4ak1VOZ0M3_EwRmAB8E7HjPDUW91S4K7wqSJ5oIYKD8",
		    "327Ee24bi1txafyiV5NdPD4T69sJN86I7DTp6Cz27yk",
		    "pLCTuJrbHkSZwLRFqou9zV8e5Dprs3w4GzVLBkca1Kk",
		    "b12Q9t2NITSXxfYVR493-E3h9w1LjVANA8i7zFomfew" },
	};
	struct link links[4] = { { "@TGS#2J4", 10, "", false, EXPIRY },
		{ "@TGS#2J4", 10, "", true, EXPIRY },
		{ "@TGS#2J4", 10, "\xe6\x8a\x95\xe7\xa5\xa8 & result", true, EXPIRY },
		{ "", INTEGER_MAX, "", false, LINK_EXPIRY_MAX } };
	static const uint64_t epochs[4] = { 0, 0, 7, INTEGER_MAX };
	char query[LINK_QUERY_SIZE], wanted[80];
	struct fault fault;

	(void)state;
	memset(links[3].group, 'g', GROUP_ID_MAX);
	memset(links[3].title, 't', LINK_TITLE_MAX);
	for (size_t key = 0; key < 2; key++)
		for (size_t i = 0; i < 4; i++) {
			struct link_keys keys = { { key == 0 ? KEY_1 : KEY_2 }, 1, epochs[i] };
			struct link link;

			assert_int_equal(link_sign(&keys, &links[i], query, &fault), 0);
			snprintf(wanted, sizeof(wanted), "&s=%s&e=", signatures[key][i]);
			assert_non_null(strstr(query, wanted));
			assert_int_equal(check(&keys, query, 1, &link), LINK_SOUND);
			assert_string_equal(link.group, links[i].group);
			assert_string_equal(link.title, links[i].title);
			assert_true(link.msg_seq == links[i].msg_seq);
			assert_true(link.names == links[i].names && link.expiry == links[i].expiry);
		}
	assert_int_equal(link_sign(&keys_1, &links[2], query, &fault), 0);
	assert_memory_equal(query,
	    "g=%40TGS%232J4&m=10&t=%E6%8A%95%E7%A5%A8%20%26%20result&w=1&s=", 62);
	/* The longest there can be. */
	memset(links[3].group, '/', GROUP_ID_MAX);
	memset(links[3].title, '+', LINK_TITLE_MAX);
	links[3].names = true;
	assert_int_equal(link_sign(&keys_1, &links[3], query, &fault), 0);
	assert_in_range(strlen(query), 1100, LINK_QUERY_SIZE - 1);
}

#define SIGNED "s=o7a0UMU5-UzVIJACbSZuv7xbco-RNK8R8pE6mbYg_bc"
#define SOUND "g=%40TGS%232J4&m=10&" SIGNED "&e=1764688294"

/* What hops on the way append, and other spellings of the same values. */
static void
links_are_good_however_they_are_carried(void **state)
{
	static const char *const queries[] = { SOUND, SOUND "&from=singlemessage&isappinstalled=0",
		SOUND "&", "&&" SOUND "&&", SOUND "&utm_source=%D6%D0&x=%00&y=%&%zz=1&=&=5&a=1&a=2",
		"lang=ja&" SOUND, "e=1764688294&" SIGNED "&m=10&g=%40TGS%232J4",
		SOUND "&t=&w=", SOUND "&w", SOUND "&T=other&W=1&tt=1", "G=1&M=2&S=3&E=4&" SOUND };

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (result_of(queries[i]) != LINK_SOUND)
			fail_msg("%s", queries[i]);
	assert_int_equal(result_of("%67=%40%54GS%232J4&%6d=1%30&" SIGNED "&e=1764688294"),
	    LINK_SOUND);
}

static void
links_are_good_as_they_were_made_only(void **state)
{
	static const char *const queries[] = { "", "g=%40TGS%232J4&m=10",
		"g=%40TGS%232J4&m=10&" SIGNED, "g=%40TGS%232J4&m=10&e=1764688294",
		"m=10&" SIGNED "&e=1764688294", "g=%40TGS%232J4&" SIGNED "&e=1764688294", SOUND "0",
		"g=%40TGS%232J4&m=10&" SIGNED "&e=176468829",
		"g=%40TGS%232J4&m=10&" SIGNED "&e=01764688294",
		"g=%40TGS%232J4&m=10&" SIGNED "&e=+1764688294",
		"g=%40TGS%232J4&m=11&" SIGNED "&e=1764688294",
		"g=%40TGS%232J4&m=010&" SIGNED "&e=1764688294",
		"g=%40TGS%232J4&m=10+&" SIGNED "&e=1764688294",
		"g=%40TGS%232J&m=10&" SIGNED "&e=1764688294",
		"g=%40tgs%232J4&m=10&" SIGNED "&e=1764688294", "g=&m=10&" SIGNED "&e=1764688294",
		SOUND "&w=1", SOUND "&w=0", SOUND "&t=x", SOUND "&t=+",
		"g=%40TGS%232J410&m=&" SIGNED "&e=1764688294",
		"g=10&m=%40TGS%232J4&" SIGNED "&e=1764688294",
		"G=%40TGS%232J4&m=10&" SIGNED "&e=1764688294",
		"g=%40TGS%232J4&m=10&" SIGNED "=&e=1764688294",
		"g=%40TGS%232J4&m=10&s=&e=1764688294", "g=%40TGS%232J4&m=10&s&e=1764688294",
		"g=%40TGS%232J4&m=10&" SIGNED "&e=1764688294000000" };
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char query[] = SOUND, *signature = strstr(query, "s=") + 2;

	(void)state;
	for (size_t i = 0; i < sizeof(queries) / sizeof(queries[0]); i++)
		if (result_of(queries[i]) != LINK_WRONG)
			fail_msg("%s", queries[i]);
	for (size_t i = 0; i < 43; i++) {
		char right = signature[i];

		for (const char *digit = digits; *digit != '\0'; digit++) {
			signature[i] = *digit;
			if ((result_of(query) == LINK_SOUND) != (*digit == right))
				fail_msg("%s", query);
		}
		signature[i] = right;
	}
	/* Cut anywhere: a number of fewer digits is another one. */
	for (size_t length = strlen(query); length-- > 0;) {
		query[length] = '\0';
		if (length > 0 && query[length - 1] != '%' &&
		    !(length > 1 && query[length - 2] == '%'))
			assert_int_equal(result_of(query), LINK_WRONG);
	}
}

static void
known_parameters_must_be_right(void **state)
{
	char *query = malloc(PARAMETERS_LENGTH_MAX + 2);

	(void)state;
	fault_assert(SOUND "&g=%40TGS%232J4", FAULT_QUERY_DUPLICATE, "g: is there twice");
	fault_assert(SOUND "&e=1764688294", FAULT_QUERY_DUPLICATE, "e: is there twice");
	fault_assert("s&" SOUND, FAULT_QUERY_DUPLICATE, "s: is there twice");
	fault_assert(SOUND "&t=&%74=x", FAULT_QUERY_DUPLICATE, "t: is there twice");
	fault_assert(SOUND "&m=10&from=x", FAULT_QUERY_DUPLICATE, "m: is there twice");
	fault_assert("w=1&w=1", FAULT_QUERY_DUPLICATE, "w: is there twice");
	fault_assert("t=%", FAULT_QUERY_MALFORMED, "t: '%' without two hexadecimal digits");
	fault_assert("t=%4", FAULT_QUERY_MALFORMED, "t: '%' without two hexadecimal digits");
	fault_assert("t=%4&1", FAULT_QUERY_MALFORMED, "t: '%' without two hexadecimal digits");
	fault_assert("t=%g0", FAULT_QUERY_MALFORMED, "t: '%' without two hexadecimal digits");
	fault_assert("t=%+1", FAULT_QUERY_MALFORMED, "t: '%' without two hexadecimal digits");
	fault_assert("g=a%00b", FAULT_QUERY_MALFORMED, "g: holds a NUL byte");
	fault_assert("t=%D6%D0", FAULT_QUERY_MALFORMED, "t: is not UTF-8");
	fault_assert("t=%E6%8A", FAULT_QUERY_MALFORMED, "t: is not UTF-8");
	fault_assert("t=%ED%A0%80", FAULT_QUERY_MALFORMED, "t: is not UTF-8");
	fault_assert("t=\xff", FAULT_QUERY_MALFORMED, "t: is not UTF-8");
	assert_non_null(query);
	memset(query, 'x', PARAMETERS_LENGTH_MAX + 1);
	query[PARAMETERS_LENGTH_MAX + 1] = '\0';
	fault_assert(query, FAULT_QUERY_MALFORMED, "query: is longer than 8192 bytes");
	memcpy(query, SOUND "&", sizeof(SOUND));
	query[PARAMETERS_LENGTH_MAX] = '\0';
	assert_int_equal(result_of(query), LINK_SOUND);
	memcpy(query, "t=", 2); /* no link, and a title too long for one */
	assert_int_equal(result_of(query), LINK_WRONG);
	free(query);
}

/* A link lacks a member, or one is longer than any link's: wrong, however the rest is signed. */
static void
links_that_are_not_whole_are_wrong(void **state)
{
	static const char names[] = "gmes";
	char query[1024], longer[GROUP_ID_MAX + 2], *end;

	(void)state;
	assert_int_equal(result_of(SOUND), LINK_SOUND);
	for (size_t i = 0; i < sizeof(names) - 1; i++) {
		const char member[] = { '&', names[i], '=', '\0' };
		char *at;

		/* The member gets a name that no link's has. */
		snprintf(query, sizeof(query), "&%s", SOUND);
		at = strstr(query, member);
		assert_non_null(at);
		at[1] = 'x';
		assert_int_equal(result_of(query + 1), LINK_WRONG);
	}
	memset(longer, 'g', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	end = strchr(SOUND, '&');
	snprintf(query, sizeof(query), "g=%s%s", longer, end);
	assert_int_equal(result_of(query), LINK_WRONG);
	longer[LINK_TITLE_MAX + 1] = '\0';
	snprintf(query, sizeof(query), "%s&t=%s", SOUND, longer);
	assert_int_equal(result_of(query), LINK_WRONG);
}

static void
links_end_with_the_second(void **state)
{
	struct link link;
	char wrong[] = SOUND;

	(void)state;
	assert_int_equal(check(&keys_1, SOUND, 0, &link), LINK_SOUND);
	assert_int_equal(check(&keys_1, SOUND, EXPIRY - 1, &link), LINK_SOUND);
	assert_int_equal(check(&keys_1, SOUND, EXPIRY, &link), LINK_EXPIRED);
	assert_string_equal(link.group, "@TGS#2J4");
	assert_int_equal(check(&keys_1, SOUND, UINT64_MAX, &link), LINK_EXPIRED);
	/* What was not made is not told to be over. */
	wrong[strlen("g=%40TGS%232J4&m=1")] = '1';
	assert_int_equal(check(&keys_1, wrong, EXPIRY, &link), LINK_WRONG);
}

static void
keys_and_epoch_decide(void **state)
{
	const struct link_keys both = { { KEY_2, KEY_1 }, 2, 0 }, other = { { KEY_2 }, 1, 0 },
			       later = { { KEY_1 }, 1, 1 }, none = { { KEY_1 }, 0, 0 };
	struct link link = { "@TGS#2J4", 10, "", false, EXPIRY };
	char query[LINK_QUERY_SIZE];
	struct fault fault;

	(void)state;
	assert_int_equal(check(&both, SOUND, 1, &link), LINK_SOUND);
	assert_int_equal(check(&other, SOUND, 1, &link), LINK_WRONG);
	assert_int_equal(check(&later, SOUND, 1, &link), LINK_WRONG);
	assert_int_equal(check(&none, SOUND, 1, &link), LINK_WRONG);
	assert_int_equal(link_sign(&both, &link, query, &fault), 0);
	assert_int_equal(check(&other, query, 1, &link), LINK_SOUND);
	assert_int_equal(check(&keys_1, query, 1, &link), LINK_WRONG);
}

static void
links_that_none_may_be_are_not_made(void **state)
{
	static const struct {
		struct link link;
		const char *detail;
	} cases[] = {
		{ { "", 1, "", false, 1 }, "group: must be 1 to 256 bytes of UTF-8" },
		{ { "\xff", 1, "", false, 1 }, "group: must be 1 to 256 bytes of UTF-8" },
		{ { "g", INTEGER_MAX + 1, "", false, 1 }, "message: is larger than 2^53" },
		{ { "g", 1, "a\nb", false, 1 }, "title: must be UTF-8 without control characters" },
		{ { "g", 1, "\xe6\x8a", false, 1 },
		    "title: must be UTF-8 without control characters" },
		{ { "g", 1, "", false, 0 }, "expiry: must have 1 to 12 digits" },
		{ { "g", 1, "", false, LINK_EXPIRY_MAX + 1 }, "expiry: must have 1 to 12 digits" },
	};
	char query[LINK_QUERY_SIZE];
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(link_sign(&keys_1, &cases[i].link, query, &fault), -1);
		assert_int_equal(fault.code, FAULT_FIELD_RANGE);
		assert_string_equal(fault.detail, cases[i].detail);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_are_signed_as_python_signs_them),
		cmocka_unit_test(links_are_good_however_they_are_carried),
		cmocka_unit_test(links_are_good_as_they_were_made_only),
		cmocka_unit_test(known_parameters_must_be_right),
		cmocka_unit_test(links_that_are_not_whole_are_wrong),
		cmocka_unit_test(links_end_with_the_second),
		cmocka_unit_test(keys_and_epoch_decide),
		cmocka_unit_test(links_that_none_may_be_are_not_made),
	};

	return RUN(tests);
}
