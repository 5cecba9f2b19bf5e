/* Sets of versions: what is in them, and that no order of adding takes quadratic time. */
#include "log/ranges.h"
#include "record.h"
#include "unit.h"

#define UNIVERSE 96

static uint64_t random_state;

static uint64_t
pick(uint64_t below)
{
	random_state = random_state * UINT64_C(6364136223846793005) + 1;
	return (random_state >> 33) % below;
}

static void
same_verify(const struct ranges *ranges, const bool *has)
{
	size_t index = 0;

	for (uint64_t seq = 0; seq < UNIVERSE; seq++)
		if (ranges_have(ranges, seq) != has[seq])
			fail_msg("%d", (int)seq);
	for (uint64_t seq = 0; seq < UNIVERSE; seq++) {
		struct seq_range range;

		if (!has[seq])
			continue;
		range = ranges_get(ranges, index++);
		assert_int_equal(range.first, seq);
		while (seq + 1 < UNIVERSE && has[seq + 1])
			seq++;
		assert_int_equal(range.last, seq);
	}
	assert_int_equal(ranges_count(ranges), index);
}

/* A naive set holds the same; widths from one version to all. */
static void
ranges_are_a_union(void **state)
{
	(void)state;
	random_state = seed_make();
	for (int history = 0; history < 3000; history++) {
		struct ranges ranges = { 0 };
		bool has[UNIVERSE] = { false };

		for (uint64_t i = 1 + pick(40); i > 0; i--) {
			uint64_t first = pick(UNIVERSE),
				 width = 1 + pick(1 + pick(UNIVERSE - first));

			memset(has + first, true, (size_t)width);
			assert_int_equal(ranges_add(&ranges, first, first + width - 1), 0);
			same_verify(&ranges, has);
		}
		ranges_free(&ranges);
		assert_int_equal(ranges_count(&ranges), 0);
	}
}

enum order { ASCENDING, DESCENDING, SHUFFLED, INWARD, ORDERS };

/* In quadratic time this would take hours, and the alarm ends it. */
static void
any_order_is_quick(void **state)
{
	const uint64_t many = 1000000 / (uint64_t)slowness();
	uint64_t *seqs = malloc((size_t)many * sizeof(*seqs));

	(void)state;
	assert_non_null(seqs);
	alarm(900);
	for (enum order order = 0; order < ORDERS; order++) {
		struct ranges ranges = { 0 };

		for (uint64_t i = 0; i < many; i++)
			seqs[i] = 2 *
			    (order == DESCENDING      ? many - 1 - i
				    : order == INWARD ? (i % 2 == 0 ? i / 2 : many - 1 - i / 2)
						      : i);
		for (uint64_t i = many - 1; order == SHUFFLED && i > 0; i--) {
			uint64_t other = pick(i + 1), seq = seqs[i];

			seqs[i] = seqs[other];
			seqs[other] = seq;
		}
		for (uint64_t i = 0; i < many; i++)
			assert_int_equal(ranges_add(&ranges, seqs[i], seqs[i]), 0);
		if (ranges_count(&ranges) != many)
			fail_msg("%zu ranges", ranges_count(&ranges));
		for (uint64_t i = 0; i < many; i++)
			if (ranges_get(&ranges, (size_t)i).first != 2 * i ||
			    ranges_have(&ranges, 2 * i + 1))
				fail_msg("%d", (int)i);
		/* What was missing arrives. */
		for (uint64_t i = 0; i < many; i++)
			assert_int_equal(ranges_add(&ranges, seqs[i] + 1, seqs[i] + 1), 0);
		assert_int_equal(ranges_count(&ranges), 1);
		assert_int_equal(ranges_get(&ranges, 0).last, 2 * many - 1);
		ranges_free(&ranges);
	}
	alarm(0);
	free(seqs);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges_are_a_union),
		cmocka_unit_test(any_order_is_quick),
	};

	return RUN(tests);
}
