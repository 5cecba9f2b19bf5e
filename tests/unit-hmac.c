/* HMAC-SHA256 as RFC 4231 has it, base64url as RFC 4648 has it, and the comparison. */
#include "base/hmac.h"
#include "unit.h"

static void
code_assert(const uint8_t code[HMAC_SIZE], const char *hex)
{
	char text[2 * HMAC_SIZE + 1];

	for (size_t i = 0; i < HMAC_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", (unsigned)code[i]);
	text[strlen(hex)] = '\0'; /* one of them is cut */
	assert_string_equal(text, hex);
}

/* RFC 4231, 4.2 to 4.8; bytes that stand for as many of one kind are written so. */
static void
codes_are_those_of_rfc_4231(void **state)
{
	static const struct {
		int key_byte;
		size_t key_length;
		const char *key;
		int text_byte;
		size_t text_length;
		const char *text, *hex;
	} cases[] = {
		{ 0x0b, 20, NULL, 0, 0, "Hi There",
		    "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7" },
		{ 0, 0, "Jefe", 0, 0, "what do ya want for nothing?",
		    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843" },
		{ 0xaa, 20, NULL, 0xdd, 50, NULL,
		    "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe" },
		{ 0, 0,
		    "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11\x12\x13"
		    "\x14\x15\x16\x17\x18\x19",
		    0xcd, 50, NULL,
		    "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b" },
		{ 0x0c, 20, NULL, 0, 0, "Test With Truncation",
		    "a3b6167473100ee06e0c796c2955552b" },
		{ 0xaa, 131, NULL, 0, 0, "Test Using Larger Than Block-Size Key - Hash Key First",
		    "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54" },
		{ 0xaa, 131, NULL, 0, 0,
		    "This is a test using a larger than block-size key and a larger than "
		    "block-size data. The key needs to be hashed before being used by the HMAC "
		    "algorithm.",
		    "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2" },
		/* and on both sides of the block, of Python's hmac */
		{ 'k', 63, NULL, 0, 0, "t",
		    "76c512a12873984e039c8f9c4d45bfeb3ab0e325a17246bf19bc2fd98c6c8613" },
		{ 'k', 64, NULL, 0, 0, "t",
		    "5cb339c17fe343fb30562ad4d98ea86ddc331f8a3de34bf0b40b222f5f14b6b0" },
		{ 'k', 65, NULL, 0, 0, "t",
		    "975643b93d738aaa11c25fdc971d4c06e7a3e2246458212c979a16108b461e83" },
	};
	char key[256], text[256];
	uint8_t code[HMAC_SIZE];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		size_t key_length = cases[i].key_length, text_length = cases[i].text_length;

		memset(key, cases[i].key_byte, key_length);
		memset(text, cases[i].text_byte, text_length);
		if (cases[i].key != NULL) {
			key_length = strlen(cases[i].key);
			memcpy(key, cases[i].key, key_length);
		}
		if (cases[i].text != NULL) {
			text_length = strlen(cases[i].text);
			memcpy(text, cases[i].text, text_length);
		}
		hmac_sha256(key, key_length, text, text_length, code);
		code_assert(code, cases[i].hex);
	}
	hmac_sha256("", 0, "", 0, code);
	code_assert(code, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void
each_bit_counts(void **state)
{
	uint8_t a[HMAC_SIZE], b[HMAC_SIZE];

	(void)state;
	hmac_sha256("key", 3, "text", 4, a);
	memcpy(b, a, sizeof(b));
	assert_true(hmac_equal(a, b));
	for (size_t bit = 0; bit < 8 * sizeof(a); bit++) {
		b[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(hmac_equal(a, b));
		b[bit / 8] ^= (uint8_t)(1U << bit % 8);
	}
}

/* As Python's base64.urlsafe_b64encode writes them. */
static void
codes_are_written_as_base64url(void **state)
{
	uint8_t code[HMAC_SIZE], back[HMAC_SIZE];
	char text[HMAC_TEXT_LENGTH + 1];

	(void)state;
	for (size_t i = 0; i < sizeof(code); i++)
		code[i] = (uint8_t)(i * 9 + 3);
	hmac_print(code, text);
	assert_string_equal(text, "AwwVHicwOUJLVF1mb3iBipOcpa63wMnS2-Tt9v8IERo");
	assert_true(hmac_parse(text, back) && hmac_equal(code, back));
	memset(code, 0xff, sizeof(code));
	code[31] = 0xfb;
	hmac_print(code, text);
	assert_string_equal(text, "__________________________________________s");
	assert_true(hmac_parse(text, back) && hmac_equal(code, back));
}

static void
a_code_has_one_spelling(void **state)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char text[HMAC_TEXT_LENGTH + 3] = "", whole[HMAC_TEXT_LENGTH + 1],
				     again[HMAC_TEXT_LENGTH + 1];
	uint8_t code[HMAC_SIZE];
	unsigned taken = 0;

	(void)state;
	hmac_sha256("key", 3, "text", 4, code);
	hmac_print(code, whole);
	for (size_t i = 0; i < HMAC_TEXT_LENGTH; i++)
		for (int byte = 1; byte < 256; byte++) {
			bool fits;

			strcpy(text, whole);
			text[i] = (char)byte;
			fits = hmac_parse(text, code);
			taken += fits;
			assert_true(!fits || strchr(digits, byte) != NULL);
			if (!fits)
				continue;
			hmac_print(code, again);
			assert_string_equal(text, again);
		}
	assert_int_equal(taken, 42 * 64 + 16); /* of the last character two bits are no byte's */
	for (size_t length = 0; length < HMAC_TEXT_LENGTH; length++) {
		snprintf(text, sizeof(text), "%.*s", (int)length, whole);
		assert_false(hmac_parse(text, code));
	}
	snprintf(text, sizeof(text), "%s=", whole);
	assert_false(hmac_parse(text, code));
	snprintf(text, sizeof(text), "%sA", whole);
	assert_false(hmac_parse(text, code));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(codes_are_those_of_rfc_4231),
		cmocka_unit_test(each_bit_counts),
		cmocka_unit_test(codes_are_written_as_base64url),
		cmocka_unit_test(a_code_has_one_spelling),
	};

	return RUN(tests);
}
