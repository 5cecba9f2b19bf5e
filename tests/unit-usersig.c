/* UserSig: what is signed, what comes out when it is inflated, and how it is read back. */
#include <zlib.h>

#include "base/fault.h"
#include "repair/usersig.h"
#include "unit.h"

#define KEY "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
#define APP 1400000000

/* The bytes of a signature's base64; their number. */
static size_t
unpack(const char *text, uint8_t *bytes)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
	size_t used = 0;
	uint32_t bits = 0;
	int count = 0;

	assert_int_equal(strlen(text) % 4, 0);
	for (; *text != '\0' && *text != '_'; text++) {
		const char *digit = strchr(digits, *text);

		assert_non_null(digit);
		bits = (bits << 6 | (uint32_t)(digit - digits)) & 0xffff;
		count += 6;
		if (count >= 8) {
			count -= 8;
			bytes[used++] = (uint8_t)(bits >> count);
		}
	}
	assert_true(strspn(text, "_") == strlen(text) && strlen(text) <= 2);
	return used;
}

/* What a signature holds. */
static void
inflated(const char *text, char json[4096])
{
	uint8_t packed[USERSIG_SIZE];
	uLongf length = 4095;

	assert_int_equal(uncompress((uint8_t *)json, &length, packed, unpack(text, packed)), Z_OK);
	json[length] = '\0';
}

static void
vectors(void **state)
{
	static const struct {
		const char *identifier, *quoted;
		uint64_t expire;
		const char *signature;
	} cases[] = {
		{ "xiaojun", "\"xiaojun\"", 15552000,
		    "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4=" },
		{ "administrator", "\"administrator\"", 86400,
		    "yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60=" },
		{ "a\"b\\c/\xc3\xa9\xe4\xb8\xad", "\"a\\\"b\\\\c/\xc3\xa9\xe4\xb8\xad\"", 15552000,
		    "k86F/1ORXxyGoa1ShiRZjEK2I7F23lhjyUugLl6f0qw=" },
		{ "x\ty", "\"x\\u0009y\"", 15552000,
		    "ota08xDMckqrI7cVqWsGICcLhY43M58gqCQXXv1OceQ=" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct usersig who = { cases[i].identifier, APP, 1700000000,
			cases[i].expire };
		char text[USERSIG_SIZE], json[4096], expected[4096];
		struct usersig_says says;
		struct fault fault;

		assert_int_equal(usersig_make(&who, KEY, strlen(KEY), text, &fault), 0);
		inflated(text, json);
		snprintf(expected, sizeof(expected),
		    "{\"TLS.ver\":\"2.0\",\"TLS.identifier\":%s,\"TLS.sdkappid\":1400000000,"
		    "\"TLS.time\":1700000000,\"TLS.expire\":%llu,\"TLS.sig\":\"%s\"}",
		    cases[i].quoted, (unsigned long long)cases[i].expire, cases[i].signature);
		assert_string_equal(json, expected);
		assert_int_equal(strspn(text,
				     "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				     "0123456789*-_"),
		    strlen(text));
		assert_int_equal(usersig_read(text, &says, &fault), 0);
		assert_true(usersig_is_of(&says, cases[i].identifier, APP));
		assert_false(usersig_is_of(&says, cases[i].identifier, APP + 1));
		assert_false(usersig_is_of(&says, "somebody", APP));
		assert_true(says.time == 1700000000 && says.expire == cases[i].expire);
	}
}

/* The longest account, every byte of which is escaped; and one byte more. */
static void
limits(void **state)
{
	char identifier[USERSIG_ADMIN_MAX + 2], text[USERSIG_SIZE];
	struct usersig who = { identifier, UINT64_MAX, UINT64_MAX, UINT64_MAX };
	struct usersig_says says;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i <= USERSIG_ADMIN_MAX; i++)
		identifier[i] = (char)(1 + i * 7 % 31);
	identifier[USERSIG_ADMIN_MAX] = '\0';
	assert_int_equal(usersig_make(&who, KEY, strlen(KEY), text, &fault), 0);
	assert_true(strlen(text) < USERSIG_SIZE);
	who.sdk_app_id = APP;
	who.time = who.expire = 1;
	assert_int_equal(usersig_make(&who, KEY, strlen(KEY), text, &fault), 0);
	assert_int_equal(usersig_read(text, &says, &fault), 0);
	assert_string_equal(says.identifier, identifier);
	identifier[USERSIG_ADMIN_MAX] = 'x';
	identifier[USERSIG_ADMIN_MAX + 1] = '\0';
	assert_int_equal(usersig_make(&who, KEY, strlen(KEY), text, &fault), -1);
	assert_int_equal(fault.code, FAULT_FIELD_RANGE);
}

/* Writes the JSON as a signature. */
static void
pack(const char *json, char *text)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-";
	uint8_t packed[4096] = { 0 };
	uLongf length = sizeof(packed);
	size_t used = 0;

	assert_int_equal(compress(packed, &length, (const uint8_t *)json, strlen(json)), Z_OK);
	for (size_t i = 0; i < length; i += 3) {
		uint32_t bits =
		    (uint32_t)packed[i] << 16 | (uint32_t)packed[i + 1] << 8 | packed[i + 2];

		for (int shift = 18; shift >= 0; shift -= 6)
			text[used++] = digits[bits >> shift & 63];
	}
	for (size_t i = length; i % 3 != 0; i++)
		text[used - (3 - length % 3) + (i - length)] = '_';
	text[used] = '\0';
}

/* As other tools write it: with blanks, other orders, escapes; and what is none. */
static void
those_of_others(void **state)
{
	static const char *const none[] = { "", "a", "abcd", "____", "AAA=", "eJwr", "eJ*_",
		"eJxLTEpOAQACTQEn", "AAAA_AAA" };
	static const char nul[] = "{\"TLS.identifier\":\"\\u0000\",\"TLS.sdkappid\":1,"
				  "\"TLS.time\":1,\"TLS.expire\":1}";
	static const char *const lacking[] = { "{}", "{\"TLS.identifier\":\"a\"}",
		"{\"TLS.identifier\":\"a\",\"TLS.sdkappid\":1,\"TLS.time\":1,\"TLS.expire\":-1}",
		"{\"TLS.identifier\":\"a,\"TLS.sdkappid\":1,\"TLS.time\":1", nul };
	struct usersig_says says;
	struct fault fault;
	char text[8192];

	(void)state;
	pack("{ \"TLS.expire\" : 86400, \"TLS.time\" : 5, \"TLS.sdkappid\" : 7,\n"
	     "\"TLS.identifier\" : \"\\u4e2d\\/\\u00e9\\ud83d\\ude00\", \"TLS.sig\" : \"x\" }",
	    text);
	assert_int_equal(usersig_read(text, &says, &fault), 0);
	assert_true(usersig_is_of(&says, "\xe4\xb8\xad/\xc3\xa9\xf0\x9f\x98\x80", 7));
	assert_true(says.time == 5 && says.expire == 86400);
	pack("{\"TLS.identifier\":\"TLS.time\",\"TLS.sdkappid\":2,\"TLS.time\":3,\"TLS.expire\":4}",
	    text);
	assert_int_equal(usersig_read(text, &says, &fault), 0);
	assert_string_equal(says.identifier, "TLS.time");
	assert_int_equal(says.time, 3);
	for (size_t i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
		assert_int_equal(usersig_read(none[i], &says, &fault), -1);
		assert_int_equal(fault.code, FAULT_FIELD_RANGE);
	}
	for (size_t i = 0; i < sizeof(lacking) / sizeof(lacking[0]); i++) {
		pack(lacking[i], text);
		assert_int_equal(usersig_read(text, &says, &fault), -1);
		assert_int_equal(fault.code, FAULT_FIELD_RANGE);
	}
}

/* A signature that would take more room than any. */
static void
too_large(void **state)
{
	static char json[60000], text[8192];
	struct usersig_says says;
	struct fault fault;

	(void)state;
	memset(json, ' ', sizeof(json) - 1);
	pack(json, text);
	assert_int_equal(usersig_read(text, &says, &fault), -1);
	memset(text, 'A', sizeof(text) - 1);
	assert_int_equal(usersig_read(text, &says, &fault), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vectors),
		cmocka_unit_test(limits),
		cmocka_unit_test(those_of_others),
		cmocka_unit_test(too_large),
	};

	return RUN(tests);
}
