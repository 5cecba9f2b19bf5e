/*
 * Any bytes as .alarm-state, the byte 1 standing for the hash that is right there: what is taken is
 * in range, is written as the same, and its first part is what a glance says.
 */
#include "log/alarm_state.h"
#include "fuzz.h"

/* The input with its hashes; the caller frees it. */
static char *
hashes_expand(const uint8_t *data, size_t size, size_t *length)
{
	char *bytes = malloc(17 * size + 1);
	size_t begin = 0, line = 0;

	CHECK(bytes != NULL);
	*length = 0;
	for (size_t i = 0; i < size; i++) {
		struct fingerprint print;

		if (data[i] == '\n')
			line = *length + 1;
		if (data[i] != 1) {
			bytes[(*length)++] = (char)data[i];
			continue;
		}
		if (line < begin)
			line = begin;
		fingerprint_set(&print, bytes + begin, line - begin, (off_t)(line - begin));
		*length +=
		    (size_t)sprintf(bytes + *length, "%016llx", (unsigned long long)print.hash);
		begin = *length + 1;
	}
	return bytes;
}

static void
state_verify(const struct alarm_state *state)
{
	CHECK(state->ended >= 0 && state->arrivals.last >= 0 && state->arrivals.hour >= 0);
	for (size_t i = 0; i < ALARM_KINDS; i++)
		CHECK(state->records[i].since >= 0 && state->records[i].told >= 0);
	CHECK(arrivals_limit(&state->arrivals) > 0);
	CHECK(arrivals_pause(&state->arrivals) >= 0);
	(void)alarm_state_log(state, "test.jsonl");
}

static bool
heads_equal(const struct alarm_state *one, const struct alarm_state *other)
{
	return one->ended == other->ended && one->refused == other->refused &&
	    one->given_up == other->given_up &&
	    memcmp(&one->seed, &other->seed, sizeof(one->seed)) == 0 &&
	    memcmp(&one->arrivals, &other->arrivals, sizeof(one->arrivals)) == 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct alarm_state state, glanced, again;
	enum alarm_state_found found, glance;
	struct fault fault = { 0 };
	char path[PATH_MAX], *bytes;
	size_t length;
	int lock;

	bytes = hashes_expand(data, size, &length);
	scratch_make();
	scratch_clear();
	scratch_path(path, ALARM_STATE_NAME);
	scratch_write(ALARM_STATE_NAME, "w", bytes, length);
	free(bytes);
	CHECK(alarm_state_read(&state, path, &found, &fault) == 0);
	CHECK(alarm_state_glance(&glanced, path, &glance, &fault) == 0);
	CHECK(found != ALARM_STATE_NONE && (found == glance || found == ALARM_STATE_DAMAGED));
	state_verify(&state);
	state_verify(&glanced);
	if (found == ALARM_STATE_READ) {
		CHECK(heads_equal(&state, &glanced));
		lock = alarm_state_lock(path, &fault);
		CHECK(lock >= 0);
		CHECK(alarm_state_write(&state, path, lock, false, &fault) == 0);
		close(lock);
		CHECK(alarm_state_read(&again, path, &found, &fault) == 0);
		CHECK(found == ALARM_STATE_READ && heads_equal(&state, &again));
		CHECK(memcmp(state.records, again.records, sizeof(state.records)) == 0);
		alarm_state_free(&again);
	}
	alarm_state_free(&glanced);
	alarm_state_free(&state);
	return 0;
}
