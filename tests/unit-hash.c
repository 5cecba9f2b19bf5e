/* Places in tables: SipHash-1-3 as others compute it, and spread evenly whatever the keys are. */
#include "base/hash.h"
#include "unit.h"

#define KEYS 8192
#define PLACES (2 * KEYS)

/* Of Python, whose own tables use it, with the key 0: PYTHONHASHSEED=0, hash(b"a") & (1 << 64) - 1. */
static void
values_are_known(void **state)
{
	static const struct hash_seed none = { 0, 0 };
	static const char bytes[] =
	    "\xff\x80\xff\x80\xff\x80\xff\x80\xff\x80\xff\x80\xff\x80\xff\x80\xff\x80";

	(void)state;
	assert_true(hash_text(&none, "a", 1) == UINT64_C(0x407448d2b89b1813));
	assert_true(hash_text(&none, "user_100", 8) == UINT64_C(0x606935fe783f670e));
	assert_true(hash_text(&none, "0123456789abcde", 15) == UINT64_C(0x26f4d862282d8fcb));
	assert_true(hash_text(&none, bytes, 18) == UINT64_C(0x0f0e33b753dbcbe2));
	assert_true(
	    hash_number(&none, UINT64_C(0x0102030405060708)) == UINT64_C(0x69b536ee4108fb12));
}

static void
seeds_differ(void **state)
{
	struct hash_seed a, b;

	(void)state;
	hash_seed_make(&a);
	hash_seed_make(&b);
	assert_true(a.low != b.low && a.high != b.high);
	assert_true(hash_text(&a, "key", 3) != hash_text(&b, "key", 3));
	assert_true(hash_number(&a, 1) != hash_number(&b, 1));
	b = a;
	b.high ^= 1;
	assert_true(hash_number(&a, 1) != hash_number(&b, 1));
}

/* How many of the places are taken; of KEYS in PLACES that lie anywhere, 6,447 or nearly. */
static void
places_check(const uint64_t hashes[KEYS], const char *which)
{
	static bool taken[PLACES];
	size_t low = 0, high = 0;

	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < KEYS; i++) {
		low += !taken[hashes[i] % PLACES];
		taken[hashes[i] % PLACES] = true;
	}
	memset(taken, 0, sizeof(taken));
	for (size_t i = 0; i < KEYS; i++) {
		high += !taken[(hashes[i] >> 32) % PLACES];
		taken[(hashes[i] >> 32) % PLACES] = true;
	}
	if (low < 6200 || low > 6700 || high < 6200 || high > 6700)
		fail_msg("%s: %zu, %zu places", which, low, high);
}

/* FNV-1a, which log/state.c had: keys were looked for that meet in it. */
static uint64_t
fnv(const char *text)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return hash;
}

static void
keys_are_spread(void **state)
{
	static uint64_t counted[KEYS], stepped[KEYS], chosen[KEYS], similar[KEYS];
	struct hash_seed seed;
	char key[100];
	size_t found = 0;

	(void)state;
	hash_seed_make(&seed);
	for (size_t i = 0; i < KEYS; i++) {
		counted[i] = hash_number(&seed, i);
		stepped[i] = hash_number(&seed, (uint64_t)i << 40);
		memset(key, 'k', sizeof(key));
		for (size_t bit = 0; bit < 13; bit++)
			key[7 * bit] = (i >> bit & 1) == 0 ? 'a' : (char)0xe1;
		similar[i] = hash_text(&seed, key, sizeof(key));
	}
	for (uint64_t i = 0; found < KEYS; i++) {
		snprintf(key, sizeof(key), "%llx", (unsigned long long)i);
		if ((fnv(key) & 0xff) == 0)
			chosen[found++] = hash_text(&seed, key, strlen(key));
	}
	places_check(counted, "counted");
	places_check(stepped, "stepped");
	places_check(similar, "similar");
	places_check(chosen, "chosen");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_known),
		cmocka_unit_test(seeds_differ),
		cmocka_unit_test(keys_are_spread),
	};

	return RUN(tests);
}
