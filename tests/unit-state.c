/* P4: parts of a log, in any order, give the same state; and many or large records.  histories.t has what they say. */
#include "log/state.h"
#include "record.h"
#include "unit.h"

#define HISTORIES 10000
#define STEPS_MAX 40
#define KEYS 6

/* One record with room for what it points to. */
struct step {
	struct record record;
	struct event_pair pairs[KEYS];
	struct seq_range missing[STEPS_MAX];
};

static const char *const keys[KEYS] = { "a", "b", "user_1", "\xe6\x8a\x95", "", "A" };
static const char *const values[] = { "", "x", "yes", "no", "\xc3\xa9" };

/* What the vendor would hold: the truth. */
struct truth {
	const char *value[KEYS]; /* NULL: no such key */
	uint64_t seq[KEYS];
	uint64_t latest, clear;
};

static uint64_t seed;

static unsigned
pick(unsigned below)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (unsigned)(seed >> 33) % below;
}

static void
truth_snapshot(const struct truth *truth, struct step *step)
{
	step->record.is_snapshot = true;
	step->record.event.seq = truth->latest;
	step->record.complete_up_to = truth->latest;
	step->record.clear_seq = truth->clear;
	for (int key = 0; key < KEYS; key++)
		if (truth->value[key] != NULL)
			step->pairs[step->record.event.pair_count++] =
			    (struct event_pair){ keys[key], truth->value[key], truth->seq[key] };
}

/* Makes the vendor's next change, or takes a snapshot of what it holds. */
static void
truth_step(struct truth *truth, struct step *step)
{
	struct event *event = &step->record.event;
	int first = (int)pick(KEYS), count = 1 + (int)pick(3);

	*step = (struct step){ 0 };
	event->pairs = step->pairs;
	event->msg_seq = 10;
	step->record.time = pick(1000);
	if (truth->latest > 0 && pick(12) == 0) {
		truth_snapshot(truth, step);
		return;
	}
	event->seq = ++truth->latest;
	event->operate_type = pick(15) == 0 ? OPERATE_CLEAR
	    : pick(3) == 0                  ? OPERATE_DELETE
					    : OPERATE_SET;
	if (event->operate_type == OPERATE_CLEAR) {
		step->record.clear_seq = truth->clear = event->seq;
		memset(truth->value, 0, sizeof(truth->value));
		return;
	}
	for (int i = 0; i < count; i++) {
		int key = (first + i) % KEYS;
		const char *value = values[pick(5)];

		if (event->operate_type == OPERATE_DELETE)
			value = "";
		step->pairs[event->pair_count++] =
		    (struct event_pair){ keys[key], value, event->seq };
		truth->value[key] = event->operate_type == OPERATE_DELETE ? NULL : value;
		truth->seq[key] = event->seq;
	}
}

static struct message *
message_settled(struct state *state, uint64_t msg_seq)
{
	assert_int_equal(state_flush(state), 0);
	return state_message(state, msg_seq);
}

/* All gaps at once are the gaps one by one, and what is missing is in them. */
static void
gaps_are_the_same(const struct message *message)
{
	size_t count;
	struct seq_range gap, *gaps = message_gaps(message, &count);
	uint64_t missing = 0;

	assert_non_null(gaps);
	assert_int_equal(count, message_gap_count(message));
	for (size_t i = 0; i < count; i++) {
		assert_true(message_gap(message, i, &gap));
		assert_memory_equal(&gap, &gaps[i], sizeof(gap));
		missing += gap.last - gap.first + 1;
	}
	assert_int_equal(message_missing(message), missing);
	free(gaps);
}

static void
gaps_are_named_exactly(void **state)
{
	(void)state;
	for (int history = 0; history < HISTORIES; history++) {
		bool seen[64] = { false };
		struct state *folded = state_new();
		const struct message *message;
		struct seq_range gap;
		uint64_t low = 64, high = 0, snapshot = pick(4) == 0 ? pick(64) : 0;
		size_t index = 0;

		for (unsigned i = 1 + pick(60); i > 0; i--) {
			struct record record = { .event = { .msg_seq = 10, .seq = 1 + pick(62) } };

			seen[record.event.seq] = true;
			assert_int_equal(state_fold(folded, &record), 0);
		}
		if (snapshot > 0) {
			struct record record = { .is_snapshot = true,
				.complete_up_to = snapshot,
				.event = { .msg_seq = 10, .seq = snapshot } };

			memset(seen, true, (size_t)snapshot + 1);
			assert_int_equal(state_fold(folded, &record), 0);
		}
		for (uint64_t seq = 0; seq < 64; seq++) {
			if (!seen[seq])
				continue;
			low = seq < low ? seq : low;
			high = seq;
		}
		message = message_settled(folded, 10);
		assert_int_equal(message_first_seq(message), low);
		for (uint64_t seq = 0; seq < 64; seq++)
			assert_int_equal(message_knows(message, seq), seen[seq]);
		for (uint64_t seq = low; seq < high; seq++) {
			if (seen[seq])
				continue;
			assert_true(message_gap(message, index++, &gap));
			assert_int_equal(gap.first, seq);
			while (!seen[seq + 1])
				seq++;
			assert_int_equal(gap.last, seq);
		}
		assert_false(message_gap(message, index, &gap));
		gaps_are_the_same(message);
		state_free(folded);
	}
}

/* Values that outgrow their place, or shrink, beside others of all sizes. */
static void
values_change_their_size(void **state)
{
	enum { MANY = 40, TURNS = 200, LONGEST = 20000 };
	struct state *folded = state_new();
	static char held[MANY][LONGEST + 1];
	char key[MANY][8];
	size_t count;
	struct event_pair *pairs;

	(void)state;
	for (uint64_t seq = 1; seq <= TURNS * MANY; seq++) {
		unsigned at = pick(MANY);
		size_t length = pick(4) == 0 ? pick(LONGEST) : pick(30);
		struct event_pair pair = { key[at], held[at], seq };
		struct record record = { .event = { .msg_seq = 10,
					     .operate_type = OPERATE_SET,
					     .seq = seq,
					     .pairs = &pair,
					     .pair_count = 1 } };

		snprintf(key[at], sizeof(key[at]), "k%u", at);
		memset(held[at], 'a' + (int)pick(26), length);
		held[at][length] = '\0';
		assert_int_equal(state_fold(folded, &record), 0);
	}
	pairs = message_pairs(message_settled(folded, 10), &count);
	assert_int_equal(count, MANY);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(pairs[i].value, held[atoi(pairs[i].key + 1)]);
	free(pairs);
	state_free(folded);
}

/* Everything that a state tells of all its messages, as text. */
static void
state_print_all(struct state *folded, char *text, size_t size)
{
	size_t count, used = 0;
	struct message **messages = state_messages(folded, &count);

	assert_non_null(messages);
	for (size_t i = 0; i < count; i++) {
		const struct message *message = messages[i];
		struct event_pair *(*const lists[])(const struct message *,
		    size_t *) = { message_pairs, message_listed, message_deleted,
			message_unlisted };
		struct seq_range range, *erased;
		size_t erased_count;

		used += (size_t)snprintf(text + used, size - used,
		    "\n%llu: latest %llu clear %llu whole %llu first %llu time %lld records %zu",
		    (unsigned long long)message->msg_seq, (unsigned long long)message->latest_seq,
		    (unsigned long long)message->clear_seq,
		    (unsigned long long)message->complete_up_to,
		    (unsigned long long)message_first_seq(message), (long long)message->time,
		    message->record_count);
		for (size_t list = 0; list < sizeof(lists) / sizeof(lists[0]); list++) {
			size_t pair_count;
			struct event_pair *pairs = lists[list](message, &pair_count);

			assert_non_null(pairs);
			for (size_t at = 0; at < pair_count; at++)
				used += (size_t)snprintf(text + used, size - used, " %zu%s=%s@%llu",
				    list, pairs[at].key,
				    pairs[at].value == NULL ? "-" : pairs[at].value,
				    (unsigned long long)pairs[at].seq);
			free(pairs);
		}
		for (size_t gap = 0; message_gap(message, gap, &range); gap++)
			used += (size_t)snprintf(text + used, size - used, " gap %llu-%llu",
			    (unsigned long long)range.first, (unsigned long long)range.last);
		erased = message_erasures(message, &erased_count);
		assert_non_null(erased);
		for (size_t at = 0; at < erased_count; at++)
			used += (size_t)snprintf(text + used, size - used, " erased %llu-%llu",
			    (unsigned long long)erased[at].first,
			    (unsigned long long)erased[at].last);
		free(erased);
		assert_true(used < size);
	}
}

/* A history of several messages; some lines name versions as erased, some snapshots claim what is not so. */
static size_t
messages_history(struct step *steps, size_t count, unsigned messages)
{
	struct truth truths[4] = { 0 };

	for (size_t i = 0; i < count; i++) {
		unsigned message = pick(messages);
		struct step *step = &steps[i];
		struct record *record = &step->record;

		truth_step(&truths[message], step);
		record->event.msg_seq = 10 + message;
		if (record->is_snapshot && pick(2) == 0 && record->complete_up_to > 2)
			record->complete_up_to -= pick(3);
		if (record->is_snapshot)
			record->first_seq = 1 + pick((unsigned)record->event.seq);
		if (pick(10) == 0) {
			step->missing[0].first =
			    record->event.seq > 3 ? record->event.seq - pick(3) : 1;
			step->missing[0].last = step->missing[0].first + pick(3);
			record->erased = step->missing;
			record->erased_count = 1;
		}
	}
	return count;
}

/* Records dealt out to several states, which are then merged in any order, as threads do it. */
static void
p4_parts_give_the_same_state(void **state)
{
	enum { MANY = 300, PARTS = 5 };
	static struct step steps[MANY];
	static char expected[65536], got[65536];

	(void)state;
	for (int history = 0; history < HISTORIES / 10; history++) {
		size_t count =
		    messages_history(steps, 1 + pick(pick(8) == 0 ? MANY : STEPS_MAX), 1 + pick(4));
		struct state *one = state_new(), *whole = state_new(), *parts[PARTS];
		unsigned part_count = 1 + pick(PARTS), runs = 1 + pick(20), part = 0;

		assert_non_null(one);
		assert_non_null(whole);
		for (unsigned i = 0; i < part_count; i++) {
			parts[i] = state_part(whole);
			assert_non_null(parts[i]);
		}
		for (size_t i = 0; i < count; i++) {
			steps[i].record.event.pairs = steps[i].pairs;
			assert_int_equal(state_fold(one, &steps[i].record), 0);
			if (pick(runs) == 0)
				part = pick(part_count + 1);
			assert_int_equal(state_fold(part == part_count ? whole : parts[part],
					     &steps[i].record),
			    0);
		}
		while (part_count > 0) {
			struct state *into =
			    pick(3) == 0 && part_count > 1 ? parts[part_count - 2] : whole;
			unsigned which = into == whole ? pick(part_count) : part_count - 1;

			assert_int_equal(state_merge(into, parts[which]), 0);
			state_free(parts[which]);
			parts[which] = parts[--part_count];
		}
		state_print_all(one, expected, sizeof(expected));
		state_print_all(whole, got, sizeof(got));
		assert_string_equal(got, expected);
		/* What is merged can be folded on. */
		for (size_t i = 0; i < count; i++) {
			steps[i].record.event.seq += 3;
			assert_int_equal(state_fold(one, &steps[i].record), 0);
			assert_int_equal(state_fold(whole, &steps[i].record), 0);
		}
		state_print_all(one, expected, sizeof(expected));
		state_print_all(whole, got, sizeof(got));
		assert_string_equal(got, expected);
		state_free(one);
		state_free(whole);
	}
}

/* What arrives without being pending is as what is folded, and known once it has; parts with a version in common overlap. */
static void
arrivals_are_folded(void **state)
{
	(void)state;
	for (int history = 0; history < 300; history++) {
		struct state *one = state_new(), *whole = state_new(), *part = state_part(whole);
		char expected[8192], got[8192];
		bool has[2][3][65] = { 0 }, overlap = false;
		uint64_t split = pick(64);

		for (int i = 0; i < 40; i++) {
			struct record record = { .time = (int64_t)pick(100),
				.event = { .msg_seq = pick(3),
				    .operate_type = OPERATE_SET,
				    .seq = 1 + pick(64) } };
			const struct message *message = state_message(one, record.event.msg_seq);
			bool known = message != NULL && message_knows(message, record.event.seq);
			struct state *at = record.event.seq < split ? whole : part;

			if (history % 2 == 1 && pick(20) == 0)
				at = at == whole ? part : whole;
			has[at == part][record.event.msg_seq][record.event.seq] = true;
			assert_int_equal(state_fold(one, &record), 0);
			assert_int_equal(state_flush(one), 0);
			if (history % 2 == 0)
				assert_int_equal(state_arrive(at, &record), known);
			else
				assert_true(state_arrive(at, &record) >= 0);
		}
		for (int seq = 0; seq < 3 * 65; seq++)
			overlap =
			    overlap || (has[0][seq / 65][seq % 65] && has[1][seq / 65][seq % 65]);
		assert_int_equal(state_overlaps(whole, part), overlap);
		state_print_all(one, expected, sizeof(expected));
		assert_int_equal(state_merge(whole, part), 0);
		state_print_all(whole, got, sizeof(got));
		assert_string_equal(got, expected);
		state_free(one);
		state_free(whole);
		state_free(part);
	}
}

static void
many_messages_are_kept_apart(void **state)
{
	struct state *folded = state_new();
	struct message **messages;
	size_t count;

	(void)state;
	for (uint64_t i = 0; i < 50000; i++) {
		char key[64];
		struct event_pair pair = { key, "v", i + 1 };
		struct record record = { .event = { .msg_seq = (i * 7919) % 5000,
					     .operate_type = OPERATE_SET,
					     .seq = i,
					     .pairs = &pair,
					     .pair_count = 1 } };

		snprintf(key, sizeof(key), "k%050llu", (unsigned long long)i);
		assert_int_equal(state_fold(folded, &record), 0);
	}
	messages = state_messages(folded, &count);
	assert_int_equal(count, 5000);
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(messages[i]->msg_seq, i);
		assert_int_equal(message_pair_count(messages[i]), 10);
	}
	assert_null(state_message(folded, 5000));
	state_free(folded);
}

/* A record of so many pairs that they are not pending at once is one record. */
static void
many_pairs_are_one_record(void **state)
{
	enum { MANY = 3000 };
	static struct event_pair pairs[MANY];
	static char text[MANY][16];
	struct record record = { .time = 7,
		.event = { .msg_seq = 10,
		    .operate_type = OPERATE_SET,
		    .seq = 5,
		    .pairs = pairs,
		    .pair_count = MANY } };
	struct state *folded = state_new();
	const struct message *message;

	(void)state;
	for (unsigned i = 0; i < MANY; i++) {
		snprintf(text[i], sizeof(text[i]), "k%u", i);
		pairs[i] = (struct event_pair){ text[i], "v", 5 };
	}
	assert_int_equal(state_fold(folded, &record), 0);
	message = message_settled(folded, 10);
	assert_int_equal(message->record_count, 1);
	assert_int_equal(message->time, 7);
	assert_int_equal(message_pair_count(message), MANY);
	state_free(folded);
}

/* One that a hash without a seed, which log/state.c had, sends to the place of all others; see its inverse. */
static uint64_t
number_chosen(uint64_t i)
{
	const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
	uint64_t inverse = factor, number = i << 20;

	for (int bits = 3; bits < 64; bits *= 2)
		inverse *= 2 - factor * inverse;
	number ^= number >> 29 ^ number >> 58;
	number *= inverse;
	return number ^ number >> 31 ^ number >> 62;
}

/* In quadratic time this would take minutes, and the alarm ends it. */
static void
chosen_messages_are_no_slower(void **state)
{
	enum { MANY = 300000 };
	struct state *folded = state_new();
	size_t count;

	(void)state;
	alarm(120);
	for (uint64_t i = 0; i < MANY; i++) {
		struct record record = { .event = { .msg_seq = number_chosen(i),
					     .operate_type = OPERATE_CLEAR } };

		assert_int_equal(state_fold(folded, &record), 0);
	}
	alarm(0);
	assert_non_null(state_messages(folded, &count));
	assert_int_equal(count, MANY);
	state_free(folded);
}

/*
 * Among so many keys some have equal hashes, of 32 bits: about 18 pairs of them.  They are told apart by
 * their text, be it longer or not.
 */
static void
keys_of_equal_hashes_are_told_apart(void **state)
{
	enum { KEYS_MANY = 400000, AT_ONCE = 200 };
	static char texts[AT_ONCE][40];
	static struct event_pair pairs[AT_ONCE];
	struct state *folded = state_new();
	struct event_pair *listed;
	size_t count = 0;
	uint64_t sum = 0;

	(void)state;
	assert_non_null(folded);
	for (int first = 0; first < KEYS_MANY; first += AT_ONCE) {
		struct record record = { .event = { .msg_seq = 1,
					     .operate_type = OPERATE_SET,
					     .seq = 1 + (uint64_t)first,
					     .pairs = pairs,
					     .pair_count = AT_ONCE } };

		for (int i = 0; i < AT_ONCE; i++) {
			snprintf(texts[i], sizeof(texts[i]), "%.*skey %d", i % 16,
			    "0123456789abcdef", first + i);
			pairs[i] = (struct event_pair){ texts[i], "v", 1 + (uint64_t)first };
		}
		assert_int_equal(state_fold(folded, &record), 0);
	}
	assert_int_equal(state_flush(folded), 0);
	listed = message_pairs(state_message(folded, 1), &count);
	assert_non_null(listed);
	assert_int_equal(count, KEYS_MANY);
	/* Each key has the version that it came with. */
	for (size_t i = 0; i < count; i++) {
		uint64_t number = strtoull(strstr(listed[i].key, "key ") + 4, NULL, 10);

		assert_int_equal(listed[i].seq, 1 + number / AT_ONCE * AT_ONCE);
		sum += number;
	}
	assert_int_equal(sum, (uint64_t)KEYS_MANY * (KEYS_MANY - 1) / 2);
	free(listed);
	state_free(folded);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(gaps_are_named_exactly),
		cmocka_unit_test(values_change_their_size),
		cmocka_unit_test(arrivals_are_folded),
		cmocka_unit_test(many_messages_are_kept_apart),
		cmocka_unit_test(p4_parts_give_the_same_state),
		cmocka_unit_test(many_pairs_are_one_record),
		cmocka_unit_test(keys_of_equal_hashes_are_told_apart),
		cmocka_unit_test(chosen_messages_are_no_slower),
	};

	seed = seed_make();
	return RUN(tests);
}
