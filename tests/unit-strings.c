/* The pages' texts are there in every language, and a reader gets the one he likes best. */
#include "base/text.h"
#include "unit.h"
#include "view/strings.h"

/* How many parts a text takes; -1: it has a % that is none. */
static int
parts_count(const char *text)
{
	int count = 0;

	for (const char *at = text; (at = strchr(at, '%')) != NULL; at += 2) {
		if (at[1] != 's')
			return -1;
		count++;
	}
	return count;
}

static void
every_text_is_there_in_every_language(void **state)
{
	(void)state;
	for (int string = 0; string < STRING_COUNT; string++) {
		const char *english = string_get(LANGUAGE_EN, (enum string)string);

		assert_non_null(english);
		assert_true(parts_count(english) >= 0);
		for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++) {
			const char *text = string_get((enum language)language, (enum string)string);

			if (text == NULL || text[0] == '\0' || !text_is_plain(text, strlen(text)) ||
			    parts_count(text) != parts_count(english))
				fail_msg("\"%s\" in %s: %s", english,
				    language_tag((enum language)language),
				    text == NULL ? "is missing" : text);
		}
	}
}

/* A text that nobody translated would be the English one. */
static void
texts_are_translated(void **state)
{
	int same = 0;

	(void)state;
	for (int string = 0; string < STRING_COUNT; string++)
		for (int language = LANGUAGE_ZH_CN; language < LANGUAGE_COUNT; language++)
			same += strcmp(string_get((enum language)language, (enum string)string),
				    string_get(LANGUAGE_EN, (enum string)string)) == 0;
	assert_int_equal(same, 3); /* JSON, in three */
}

static void
languages_have_names(void **state)
{
	static const char *const not_there[] = { "", "EN", "zh", "zh-cn", "zh-TW", "de", "en-US",
		"enn" };

	(void)state;
	for (int language = LANGUAGE_EN; language < LANGUAGE_COUNT; language++)
		assert_int_equal(language_read(language_tag((enum language)language)), language);
	for (size_t i = 0; i < sizeof(not_there) / sizeof(not_there[0]); i++)
		assert_int_equal(language_read(not_there[i]), LANGUAGE_NONE);
}

static const struct {
	const char *header;
	enum language language;
} headers[] = {
	{ NULL, LANGUAGE_EN },
	{ "", LANGUAGE_EN },
	{ "en", LANGUAGE_EN },
	{ "en-US,en;q=0.9", LANGUAGE_EN },
	{ "de-DE,de;q=0.9", LANGUAGE_EN },
	{ "zh-CN,zh;q=0.9,en;q=0.8", LANGUAGE_ZH_CN },
	{ "ZH-cn", LANGUAGE_ZH_CN },
	{ "zh", LANGUAGE_ZH_CN },
	{ "zh-TW,zh;q=0.9,en-US;q=0.8,en;q=0.7", LANGUAGE_ZH_CN },
	{ "zh-Hant-HK", LANGUAGE_ZH_CN },
	{ "zh-Hans-CN;q=0.9,en;q=0.5", LANGUAGE_ZH_CN },
	{ "zh-CN-x-private", LANGUAGE_ZH_CN },
	{ "ja", LANGUAGE_JA },
	{ "ja-JP,en;q=0.9", LANGUAGE_JA },
	{ "ko-KR,ko;q=0.9,en-US;q=0.8", LANGUAGE_KO },
	{ "de,ko;q=0.2", LANGUAGE_KO },
	/* The best one, wherever it is; of equals the first. */
	{ "en;q=0.2,ja;q=0.3,ko;q=0.25", LANGUAGE_JA },
	{ "ko;q=0.001,ja;q=0.002", LANGUAGE_JA },
	{ "ko;q=0.5, ja;q=0.5", LANGUAGE_KO },
	{ "ja;q=0.5, ko;q=0.5", LANGUAGE_JA },
	{ "ja;q=1.000, ko;q=1", LANGUAGE_JA },
	/* The longest prefix says how much. */
	{ "zh;q=0.9,zh-CN;q=0.1,ja;q=0.5", LANGUAGE_JA },
	{ "zh-TW;q=0.9,zh;q=0.1,ja;q=0.5", LANGUAGE_JA },
	{ "zh-TW;q=0.2,zh-HK;q=0.9,ja;q=0.5", LANGUAGE_ZH_CN },
	{ "*;q=0.1,ja;q=0", LANGUAGE_EN },
	{ "*,en;q=0.1,zh;q=0.1,ko;q=0.1", LANGUAGE_JA },
	{ "*", LANGUAGE_EN },
	{ "en;q=0,*;q=0.5", LANGUAGE_ZH_CN },
	{ "de,*;q=0.5", LANGUAGE_EN },
	{ "ko, *", LANGUAGE_KO },
	/* Never, which is not "a little". */
	{ "ja;q=0,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=0", LANGUAGE_EN },
	{ "en;q=0", LANGUAGE_EN },
	{ "en;q=0,ja;q=0.000", LANGUAGE_EN },
	/* Spaces, and elements that are empty. */
	{ "  ja  ,en;q=0.1", LANGUAGE_JA },
	{ ",,ja,", LANGUAGE_JA },
	{ "\tja ; q=0.9 , ko;q=0.95", LANGUAGE_KO },
	{ "ja;Q=0.9,ko;q=0.8", LANGUAGE_JA },
	/* What is no element says nothing. */
	{ "ja;q=,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=2,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=1.001,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=0.1234,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=-1,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=0.x,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=0./,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=1x,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=0,5,ko;q=0.1", LANGUAGE_KO },
	{ "ja;q=.5,ko;q=0.1", LANGUAGE_KO },
	{ "ja;v=1,ko;q=0.1", LANGUAGE_KO },
	{ "ja;", LANGUAGE_EN },
	{ ";q=1", LANGUAGE_EN },
	{ "jap,kor;q=0.1", LANGUAGE_EN },
	{ "j,k,z,e", LANGUAGE_EN },
	{ "zh_CN", LANGUAGE_EN },
	{ "ja\x80,ko;q=0.1", LANGUAGE_KO },
};

static void
the_best_language_is_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(headers) / sizeof(headers[0]); i++)
		if (language_accept(headers[i].header) != headers[i].language)
			fail_msg("\"%s\": %s", headers[i].header,
			    language_tag(language_accept(headers[i].header)));
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_text_is_there_in_every_language),
		cmocka_unit_test(texts_are_translated),
		cmocka_unit_test(languages_have_names),
		cmocka_unit_test(the_best_language_is_taken),
	};

	return RUN(tests);
}
