/* The vendor's answer: what of several pages is one, and what is not. */
#include "base/fault.h"
#include "log/answer.h"
#include "record.h"
#include "unit.h"

#define PAGE(complete, latest, clear, pairs)                                                       \
	"{\"ActionStatus\":\"OK\",\"ErrorInfo\":\"\",\"ErrorCode\":0,\"CompleteFlag\":" #complete  \
	",\"LatestSeq\":" #latest ",\"ClearSeq\":" #clear ",\"ExtensionList\":[" pairs "]}"
#define PAIR(key, value, seq) "{\"Key\":\"" key "\",\"Value\":\"" value "\",\"Seq\":" #seq "}"

static void
pages_are_judged(void **state)
{
	static const char first[] = PAGE(0, 9, 0, PAIR("a", "1", 1) "," PAIR("b", "2", 4));
	static const char last[] = PAGE(1, 9, 0, PAIR("b", "2", 4) "," PAIR("c", "3", 9));
	static const char newer[] = PAGE(1, 12, 0, PAIR("a", "4", 12));
	static const char cleared[] = PAGE(1, 12, 11, PAIR("a", "4", 12));
	static const struct {
		const char *pages[4];
		enum fault_code code;
		size_t pairs;
		uint64_t latest, clear;
	} cases[] = {
		{ { first, last }, FAULT_NONE, 4, 9, 0 },
		{ { last }, FAULT_NONE, 2, 9, 0 },
		{ { PAGE(1, 0, 0, "") }, FAULT_NONE, 0, 0, 0 },
		{ { PAGE(1, 9, 9, "") }, FAULT_NONE, 0, 9, 9 },
		{ { "\xef\xbb\xbf", first, "\r\n\xef\xbb\xbf ", last }, FAULT_NONE, 4, 9, 0 },
		{ { first, first, last }, FAULT_NONE, 4, 9, 0 },
		{ { first, last, "\n", last }, FAULT_NONE, 4, 9, 0 },
		/* The message changed from page to page. */
		{ { first, newer }, FAULT_NONE, 3, 9, 0 },
		{ { first, cleared }, FAULT_NONE, 3, 11, 11 },
		{ { "" }, FAULT_JSON_MALFORMED, 0, 0, 0 },
		{ { first }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { last, first }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { last, newer }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { PAGE(0, 9, 0, PAIR("b", "2", 5)), first, last }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { PAGE(0, 12, 0, ""), last }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { PAGE(0, 9, 2, ""), last }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { first, PAGE(1, 9, 0, PAIR("b", "x", 4)) }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { PAGE(1, 9, 10, "") }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { PAGE(1, 9, 0, PAIR("b", "x", 10)) }, FAULT_FIELD_RANGE, 0, 0, 0 },
		{ { last, "x" }, FAULT_JSON_MALFORMED, 0, 0, 0 },
		{ { "\xff\xfe{" }, FAULT_JSON_ENCODING, 0, 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault = { FAULT_NONE, "" };
		struct answer answer;
		char bytes[2048] = "";
		int result;

		for (size_t j = 0; j < 4 && cases[i].pages[j] != NULL; j++)
			strcat(bytes, cases[i].pages[j]);
		result = answer_read(&answer, bytes, strlen(bytes), &fault);
		if (fault.code != cases[i].code)
			fail_msg("case %zu: %s %s", i, fault_slug(fault.code), fault.detail);
		assert_int_equal(result, cases[i].code == FAULT_NONE ? 0 : -1);
		if (result == 0) {
			assert_int_equal(answer.record.event.pair_count, cases[i].pairs);
			assert_int_equal(answer.record.event.seq, cases[i].latest);
			assert_int_equal(answer.record.complete_up_to, cases[i].latest);
			assert_int_equal(answer.record.clear_seq, cases[i].clear);
		}
		answer_free(&answer);
	}
}

/* A thousand pages are an answer, one more is none. */
static void
pages_are_counted(void **state)
{
	static const char page[] = PAGE(0, 9, 0, PAIR("a", "1", 1)), last[] = PAGE(1, 9, 0, "");
	static char bytes[ANSWER_PAGES_MAX * sizeof(page) + sizeof(last)];
	struct fault fault;
	struct answer answer;
	char *at = bytes;

	(void)state;
	for (int i = 1; i < ANSWER_PAGES_MAX; i++)
		at = stpcpy(at, page);
	strcpy(at, last);
	assert_int_equal(answer_read(&answer, bytes, strlen(bytes), &fault), 0);
	assert_int_equal(answer.record.event.pair_count, 1);
	answer_free(&answer);
	strcpy(stpcpy(at, page), last);
	assert_int_equal(answer_read(&answer, bytes, strlen(bytes), &fault), -1);
	assert_int_equal(fault.code, FAULT_FIELD_RANGE);
	assert_string_equal(fault.detail, "answer: has over 1000 pages");
	answer_free(&answer);
}

static void
pairs_are_found(void **state)
{
	static const char bytes[] =
	    PAGE(1, 9, 0, PAIR("b", "2", 4) "," PAIR("a", "1", 1) "," PAIR("a", "", 9));
	static const struct {
		struct event_pair pair;
		enum answer_holds holds;
	} cases[] = {
		{ { "a", "1", 1 }, ANSWER_HOLDS },
		{ { "a", "2", 1 }, ANSWER_DENIES },
		{ { "a", NULL, 1 }, ANSWER_DENIES },
		{ { "a", NULL, 9 }, ANSWER_HOLDS },
		{ { "a", "", 9 }, ANSWER_HOLDS },
		{ { "a", "1", 4 }, ANSWER_HOLDS_NOT },
		{ { "b", "2", 4 }, ANSWER_HOLDS },
		{ { "c", "2", 4 }, ANSWER_HOLDS_NOT },
	};
	struct fault fault;
	struct answer answer;

	(void)state;
	assert_int_equal(answer_read(&answer, bytes, strlen(bytes), &fault), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(answer_holds(&answer, &cases[i].pair), cases[i].holds);
	answer_free(&answer);
}

static void
errors_are_told(void **state)
{
	static const struct {
		const char *bytes, *told;
	} cases[] = {
		{ "{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"x\",\"ErrorCode\":70001}",
		    "ErrorCode: is 70001, the UserSig has expired: make a new one; if it is new, "
		    "set this machine's clock; it says: x" },
		{ "{\"ErrorCode\":60018}",
		    "ErrorCode: is 60018, too many calls: ask again, more slowly" },
		{ "{\"ErrorCode\":10015,\"ErrorInfo\":7}",
		    "ErrorCode: is 10015, the group is gone: nothing can be fetched" },
		{ "{\"ErrorCode\":4,\"ErrorInfo\":\"why\"}",
		    "ErrorCode: is 4, the vendor refuses; it says: why" },
		{ "{\"ErrorCode\":0,\"ActionStatus\":\"FAIL\"}",
		    "ActionStatus: is FAIL, the vendor refuses" },
		{ "{\"ErrorCode\":0}", "ActionStatus: must be a string" },
		{ "{}", "ErrorCode: is missing" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fault fault;
		struct answer answer;

		assert_int_equal(answer_read(&answer, cases[i].bytes, strlen(cases[i].bytes),
				     &fault),
		    -1);
		assert_string_equal(fault.detail, cases[i].told);
		answer_free(&answer);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_judged),
		cmocka_unit_test(pages_are_counted),
		cmocka_unit_test(pairs_are_found),
		cmocka_unit_test(errors_are_told),
	};

	return RUN(tests);
}
