/*
 * All small changes: the fast reader of lines against the parser, on every line that differs in one
 * byte from one of 200 lines; and sets of versions against a bitmap, in every order.
 */
#include "base/fault.h"
#include "log/ranges.h"
#include "parse.h"
#include "samples.h"
#include "shape.h"
#include "short.h"
#include "unit.h"

#define LINES_MAX 400

static char *lines[LINES_MAX];
static size_t lengths[LINES_MAX], line_count;
static struct shape shape;

static void
line_keep(char *line, size_t length)
{
	assert_non_null(line);
	assert_true(line_count < LINES_MAX);
	lines[line_count] = line;
	lengths[line_count++] = length;
}

/* The lines that the receiver makes of a body: with both members of the envelope, one and none. */
static void
body_keep(struct sample *body)
{
	struct envelope envelope = { .time = { 1764688294, 395000000 },
		.sdk_app_id = 1400000000,
		.client_ip = "203.0.113.7",
		.client_ip_length = 11,
		.platform = "Android",
		.platform_length = 7 };
	struct fault fault;
	struct event event;
	struct document *document = document_parse(body->bytes, body->length, &fault);

	if (document != NULL && document_event(document, &event, &fault) == 0)
		for (int i = 0; i < 3; i++) {
			size_t size;
			char *line = document_line(document, &envelope, &size);

			line_keep(line, size - 1);
			if (i == 0)
				envelope.client_ip = NULL;
			else
				envelope.platform = NULL;
		}
	document_free(document);
}

static void
stored_keep(struct sample *stored)
{
	line_keep(strndup(stored->bytes, stored->length - 1), stored->length - 1);
}

static bool
pairs_are_equal(const struct event *a, const struct event *b)
{
	if (a->pair_count != b->pair_count)
		return false;
	for (size_t i = 0; i < a->pair_count; i++)
		if (strcmp(a->pairs[i].key, b->pairs[i].key) != 0 ||
		    strcmp(a->pairs[i].value, b->pairs[i].value) != 0 ||
		    a->pairs[i].seq != b->pairs[i].seq)
			return false;
	return true;
}

/* Is it what the parser reads, and has verify nothing to say of it? */
static bool
record_is_right(struct document *document, const struct record *record)
{
	const struct event *event = &record->event, *other;
	struct record parsed;
	struct fault fault;
	enum callback command;

	if (document == NULL || document_record(document, &parsed, &fault) != 0 ||
	    document_names_check(document, &fault) != 0 ||
	    document_command(document, &command, &fault) != 0)
		return false;
	other = &parsed.event;
	return command == CALLBACK_OURS && !parsed.is_snapshot && !record->is_snapshot &&
	    record->time == parsed.time && record->clear_seq == parsed.clear_seq &&
	    strcmp(event->group_id, other->group_id) == 0 && event->msg_seq == other->msg_seq &&
	    event->operate_type == other->operate_type && event->seq == other->seq &&
	    event->event_time == other->event_time && pairs_are_equal(event, other);
}

static size_t tried, taken;

static void
line_verify(const char *line, size_t length)
{
	struct record record;
	struct document *document;
	struct fault fault;

	tried++;
	if (!shape_read(&shape, line, length, &record))
		return; /* the parser decides */
	taken++;
	document = document_parse_line(line, length, &fault);
	if (!record_is_right(document, &record))
		short_fail(line, length, "is read in two ways");
	document_free(document);
}

/* Those that any rule knows, and one of each kind that none does. */
static const char decisive[] = "\"\\{}[]:,01-.eu tZk/\x1f\n\x7f\x80\xc3\xff";

static void
line_change(const char *line, size_t length, bool every)
{
	char *changed = malloc(length + 2);

	assert_non_null(changed);
	for (size_t place = 0; place < length; place++) {
		memcpy(changed, line, length);
		for (size_t i = 0; i < (every ? 256 : sizeof(decisive)); i++) {
			changed[place] = every ? (char)i : decisive[i];
			line_verify(changed, length);
		}
		memcpy(changed, line, length);
		memmove(changed + place, changed + place + 1, length - place - 1);
		line_verify(changed, length - 1);
		memcpy(changed, line, place + 1);
		memcpy(changed + place + 1, line + place, length - place);
		line_verify(changed, length + 1);
	}
	free(changed);
}

static void
all_changed_lines(void **state)
{
	bool every = getenv("MSGEXT_TORTURE") != NULL;

	(void)state;
	samples_each("tests/lines", 3, stored_keep);
	samples_each("tests/corpus", 2, body_keep);
	assert_true(line_count >= 200);
	for (size_t i = 0; i < line_count; i++) {
		/* Nobody changes the twentieth pair otherwise than the second. */
		if (lengths[i] < 1000)
			line_change(lines[i], lengths[i], every);
		free(lines[i]);
	}
	shape_free(&shape);
	print_message("# %zu lines, %zu changes, %zu of the shape\n", line_count, tried, taken);
}

/* sets of versions */

#define NUMBERS 10
#define RANGES (NUMBERS * (NUMBERS + 1) / 2)

static struct seq_range all_ranges[RANGES];

static void
set_verify(const struct ranges *set, unsigned bitmap)
{
	size_t count = 0;
	uint64_t next = 0;

	for (uint64_t i = 0; i <= NUMBERS; i++) {
		bool has = (bitmap >> i & 1) != 0,
		     begins = has && (i == 0 || !(bitmap >> (i - 1) & 1));

		assert_true(ranges_have(set, i) == has);
		if (begins) {
			struct seq_range range = ranges_get(set, count++);

			for (next = i; (bitmap >> next & 1) != 0; next++)
				;
			assert_true(range.first == i && range.last == next - 1);
		}
	}
	assert_int_equal(ranges_count(set), count);
}

/* Adds the ranges in that order, and looks after each. */
static void
order_verify(const int *order, int count, uint64_t chance)
{
	struct ranges set = { .chance = chance };
	unsigned bitmap = 0;

	for (int i = 0; i < count; i++) {
		const struct seq_range *range = &all_ranges[order[i]];

		assert_int_equal(ranges_add(&set, range->first, range->last), 0);
		bitmap |= (2U << range->last) - (1U << range->first);
		set_verify(&set, bitmap);
	}
	ranges_free(&set);
}

/* All orders of order[from..count). */
static void
orders_verify(int *order, int from, int count, uint64_t chance)
{
	if (from == count)
		order_verify(order, count, chance);
	for (int i = from; i < count; i++) {
		int swapped = order[from];

		order[from] = order[i];
		order[i] = swapped;
		orders_verify(order, from + 1, count, chance);
		order[i] = order[from];
		order[from] = swapped;
	}
}

static void
all_short_sets(void **state)
{
	int length = short_length(3), order[4] = { 0 }, at = 0;

	(void)state;
	for (uint64_t first = 0; first < NUMBERS; first++)
		for (uint64_t last = first; last < NUMBERS; last++)
			all_ranges[at++] = (struct seq_range){ first, last };
	do {
		order_verify(order, length, 1);
		for (at = length - 1; at >= 0 && ++order[at] == RANGES; at--)
			order[at] = 0;
	} while (at >= 0);
}

/* Seven ranges, by chance, in all 5,040 orders. */
static void
all_orders_of_seven(void **state)
{
	(void)state;
	srandom((unsigned)seed_make());
	for (int round = 0; round < (getenv("MSGEXT_TORTURE") == NULL ? 60 : 2000); round++) {
		int order[7];

		for (int i = 0; i < 7; i++)
			order[i] = (int)(random() % RANGES);
		orders_verify(order, 0, 7, (uint64_t)random());
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_changed_lines),
		cmocka_unit_test(all_short_sets),
		cmocka_unit_test(all_orders_of_seven),
	};

	return RUN(tests);
}
