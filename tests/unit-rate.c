/* No second has more calls than the rate says, wherever it begins and however long calls take. */
#include "repair/rate.h"
#include "unit.h"

#define CALLS 3000

struct call {
	int64_t start, end, when; /* it reaches the vendor somewhere between */
};

static int
compare(const void *a, const void *b)
{
	const struct call *left = a, *right = b;

	return (left->when > right->when) - (left->when < right->when);
}

/* Makes calls of random length as fast as they may be made, and counts them. */
static int64_t
simulate(uint64_t limit, unsigned seed)
{
	static struct call calls[CALLS];
	struct rate rate;
	size_t made = 0;
	int64_t now = 0, until;

	rate_begin(&rate, limit);
	srandom(seed);
	while (made < CALLS || rate.flying > 0) {
		size_t room = rate_room(&rate, now, &until);

		assert_true(room > 0 || until > now);
		for (; room > 0 && made < CALLS; room--, made++) {
			int64_t length = random() % 4 == 0 ? random() % 3000 : random() % 20;

			calls[made] = (struct call){ now, now + length,
				now + (length > 0 ? random() % (length + 1) : 0) };
			rate_start(&rate, 1);
		}
		now++;
		for (size_t i = 0; i < made; i++)
			if (calls[i].end == now - 1)
				rate_end(&rate, now - 1);
	}
	qsort(calls, CALLS, sizeof(calls[0]), compare);
	for (size_t i = (size_t)limit; i < CALLS; i++)
		assert_true(calls[i].when - calls[i - (size_t)limit].when >= 1000);
	return now;
}

static void
no_second_has_more(void **state)
{
	unsigned seed = (unsigned)seed_make();

	(void)state;
	simulate(RATE_MAX, seed);
	simulate(50, seed + 1);
	/* and not much fewer, where calls are short */
	assert_true(simulate(20, seed + 2) < 2 * 1000 * CALLS / 20);
}

static void
too_many_halve_it(void **state)
{
	struct rate rate;
	int64_t until;

	(void)state;
	rate_begin(&rate, 5);
	assert_int_equal(rate_room(&rate, 10000, &until), 5);
	/* Two calls that were under way together are one refusal. */
	assert_int_equal(rate_halve(&rate, 10000), 0);
	assert_int_equal(rate_halve(&rate, 10500), 0);
	assert_int_equal(rate_room(&rate, 10999, &until), 0);
	assert_int_equal(until, 11000);
	assert_int_equal(rate_room(&rate, 11000, &until), 2);
	assert_int_equal(rate_halve(&rate, 12000), 0);
	assert_int_equal(rate_room(&rate, 13000, &until), 1);
	assert_int_equal(rate_halve(&rate, 14000), 1);
	assert_int_equal(rate_halve(&rate, 15000), 2);
	rate_taken(&rate);
	assert_int_equal(rate_halve(&rate, 16000), 1);
	assert_int_equal(rate_room(&rate, 17000, &until), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_second_has_more),
		cmocka_unit_test(too_many_halve_it),
	};

	return RUN(tests);
}
