/* How fast logs grow, by what they hold: in whatever order, and whatever else is there. */
#include <time.h>

#include "base/fault.h"
#include "base/space.h"
#include "base/time.h"
#include "log/growth.h"
#include "unit.h"

#define DAY INT64_C(86400000)
#define NOW INT64_C(1800000000000)
#define LINE_LENGTH 100

static struct growth growth;

/* What the system says of the space: the linker's --wrap puts this before base/space.c. */
static struct space told;

void __wrap_space_look(struct space *space, int directory);
void
__wrap_space_look(struct space *space, int directory)
{
	(void)directory;
	*space = told;
}

static void
directory_empty(void)
{
	char command[256];

	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir -m 700 '%s'", scratch, scratch);
	assert_int_equal(system(command), 0);
}

/* A line of that time, LINE_LENGTH bytes with its newline. */
static void
line_put(FILE *file, int64_t time)
{
	char text[TIME_SIZE];

	time_print(time, text);
	fprintf(file, "{\"time\":\"%s\",\"x\":\"%*s\"}\n", text, LINE_LENGTH - 43, "");
}

/* A log whose lines have these times; changed so many days before NOW. */
static void
log_make(const char *name, const int64_t *times, size_t count, int days)
{
	FILE *file = fopen(file_path(name), "w");
	struct timespec changed[2] = { { (NOW - days * DAY) / 1000, 0 },
		{ (NOW - days * DAY) / 1000, 0 } };

	assert_non_null(file);
	for (size_t i = 0; i < count; i++)
		line_put(file, times[i]);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(utimensat(AT_FDCWD, file_path(name), changed, 0), 0);
}

static void
measure(uint64_t lines, int64_t milliseconds)
{
	struct fault fault;

	assert_int_equal(growth_measure(&growth, scratch, NOW, &fault), 0);
	assert_int_equal(growth.bytes, lines * LINE_LENGTH);
	assert_int_equal(growth.milliseconds, milliseconds);
}

static void
lines_of_the_week_count(void **state)
{
	const int64_t times[] = { NOW - 30 * DAY, NOW - 8 * DAY, NOW - 7 * DAY, NOW - DAY, NOW };
	const int64_t shuffled[] = { NOW - DAY, NOW - 8 * DAY, NOW, NOW - 30 * DAY, NOW - 7 * DAY };

	(void)state;
	measure(0, 7 * DAY);
	log_make("one.jsonl", times, 5, 0);
	measure(3, 7 * DAY);
	log_make("one.jsonl", shuffled, 5, 0);
	measure(3, 7 * DAY);
	/* What was not touched in the week has no line of it. */
	log_make("two.jsonl", times, 5, 8);
	measure(3, 7 * DAY);
	log_make("two.jsonl", times, 5, -100);
	measure(6, 7 * DAY);
	file_write("three.jsonl", "", 0);
	file_write("no.log", "{\"time\":\"2027-01-15T08:00:00.000Z\"}\n", 37);
	assert_int_equal(symlink("one.jsonl", file_path("link.jsonl")), 0);
	assert_int_equal(mkfifo(file_path("fifo.jsonl"), 0600), 0);
	assert_int_equal(mkdir(file_path("directory.jsonl"), 0700), 0);
	measure(6, 7 * DAY);
	directory_empty();
}

static void
what_began_within_the_week_has_not_had_one(void **state)
{
	const int64_t times[] = { NOW - 2 * DAY, NOW - DAY, NOW };
	const int64_t old[] = { NOW - 100 * DAY };

	(void)state;
	log_make("one.jsonl", times, 3, 0);
	measure(3, 2 * DAY);
	log_make("one.jsonl", times + 2, 1, 0);
	measure(1, DAY); /* a day at least, or the first minutes would count for too much */
	log_make("one.jsonl", times, 3, 0);
	log_make("old.jsonl", old, 1, 100);
	measure(3, 7 * DAY);
	directory_empty();
}

/* A large log is not read whole: 400 kB, of which so many lines are of the week. */
static void
large_logs_are_halved(void **state)
{
	static int64_t times[4000];
	static const size_t counts[] = { 0, 1, 2, 1000, 3999, 4000 };

	(void)state;
	for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
		for (size_t j = 0; j < 4000; j++)
			times[j] =
			    j < 4000 - counts[i] ? NOW - 8 * DAY : NOW - 3 * DAY + (int64_t)j;
		log_make("one.jsonl", times, 4000, 0);
		measure(counts[i], counts[i] == 4000 ? 3 * DAY : 7 * DAY);
	}
	/* A clock that stepped an hour back and forth moves little. */
	for (size_t j = 0; j < 4000; j++)
		times[j] = NOW - 14 * DAY + (int64_t)j * (14 * DAY / 4000) -
		    (j % 100 < 5 ? INT64_C(3600000) : 0);
	log_make("one.jsonl", times, 4000, 0);
	{
		struct fault fault;

		assert_int_equal(growth_measure(&growth, scratch, NOW, &fault), 0);
		assert_in_range(growth.bytes, 1900 * LINE_LENGTH, 2100 * LINE_LENGTH);
	}
	directory_empty();
}

/* Lines without a time, and what is no line, are not waited for. */
static void
what_is_no_log_is_looked_at_shortly(void **state)
{
	FILE *file = fopen(file_path("junk.jsonl"), "w");
	clock_t start = clock(); /* of the processor: others may be at work */
	struct fault fault;

	(void)state;
	assert_non_null(file);
	for (int i = 0; i < 300000; i++)
		fputs("\n{}\n", file);
	assert_int_equal(fclose(file), 0);
	file = fopen(file_path("holes.jsonl"), "w");
	assert_non_null(file);
	assert_int_equal(ftruncate(fileno(file), (off_t)1 << 40), 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(growth_measure(&growth, scratch, time_now(), &fault), 0);
	assert_int_equal(growth.bytes, 0);
	assert_true(clock() - start < (clock_t)20 * CLOCKS_PER_SEC * slowness());
	assert_int_equal(growth_measure(&growth, "/nowhere", NOW, &fault), -1);
	assert_int_equal(fault.code, FAULT_DATA_DIR);
	directory_empty();
}

/* Of many logs only the largest are looked at; the others are taken to have grown like them. */
static void
the_others_grow_like_the_largest(void **state)
{
	const int64_t two[] = { NOW - 8 * DAY, NOW - DAY }, one[] = { NOW - 8 * DAY };
	struct fault fault;
	char name[32];

	(void)state;
	for (int i = 0; i < 1020; i++) {
		snprintf(name, sizeof(name), "g%d.jsonl", i);
		log_make(name, i < 1000 ? two : one, i < 1000 ? 2 : 1, 0);
	}
	assert_int_equal(growth_measure(&growth, scratch, NOW, &fault), 0);
	assert_int_equal(growth.bytes, (1000 + 10) * LINE_LENGTH);
	directory_empty();
}

/* The point of that name must have that verdict, and end so. */
static void
point_is(const char *name, enum verdict verdict, const char *end)
{
	struct space_point points[SPACE_POINTS_MAX];
	size_t count = space_points(points, 0, scratch, NOW);

	for (size_t i = 0; i < count; i++) {
		size_t length = strlen(points[i].text);

		if (strcmp(points[i].name, name) != 0 || points[i].verdict != verdict)
			continue;
		if (length >= strlen(end) &&
		    strcmp(points[i].text + length - strlen(end), end) == 0)
			return;
		print_message("# %s: %s\n", points[i].name, points[i].text);
	}
	fail_msg("no point %s that ends in %s", name, end);
}

#define ADVICE " (msgextctl archive --all --before 90d makes logs smaller)"

static void
how_long_it_lasts_is_said(void **state)
{
	static const struct {
		uint64_t left; /* of what takes LINE_LENGTH bytes a day */
		const char *text;
	} cases[] = {
		{ UINT64_C(36500000) * LINE_LENGTH, "it lasts for more than 10 years" ADVICE },
		{ UINT64_C(800) * LINE_LENGTH, "it lasts for 2 years" ADVICE },
		{ UINT64_C(729) * LINE_LENGTH, "it lasts for 729 days" ADVICE },
		{ UINT64_C(2) * LINE_LENGTH, "it lasts for 2 days" ADVICE },
		{ UINT64_C(1) * LINE_LENGTH, "it lasts for 24 hours" ADVICE },
	};
	const int64_t times[] = { NOW - 2 * DAY, NOW - DAY };

	(void)state;
	told = (struct space){ .disk = { 0, 0 } };
	point_is("space", VERDICT_WARNING, "is not known: the file system does not tell");
	told.disk = (struct space_part){ 10, 100000000 };
	point_is("space", VERDICT_OK, "of 100 MB are left (a quota may allow less)");
	told.quota_known = true;
	point_is("space", VERDICT_OK, "of 100 MB are left");
	told.quota = (struct space_part){ 90, 100 };
	point_is("quota", VERDICT_ERROR, "; the logs did not grow in the last week" ADVICE);
	told.disk_files = told.quota_files = (struct space_part){ 90, 100 };
	point_is("space", VERDICT_WARNING,
	    "10 further files fit (inodes), 90 % are used: each new group needs one");
	point_is("quota", VERDICT_WARNING,
	    "10 further files fit (inodes), 90 % are used: each new group needs one");
	log_make("one.jsonl", times, 2, 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		told = (struct space){ .disk = { 99 * cases[i].left, 100 * cases[i].left } };
		point_is("space", cases[i].left < 1000000 ? VERDICT_ERROR : VERDICT_WARNING,
		    cases[i].text);
	}
	assert_int_equal(space_points((struct space_point[SPACE_POINTS_MAX]){ { 0 } }, 0,
			     "/nowhere", NOW),
	    1);
	directory_empty();
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_of_the_week_count),
		cmocka_unit_test(what_began_within_the_week_has_not_had_one),
		cmocka_unit_test(large_logs_are_halved),
		cmocka_unit_test(what_is_no_log_is_looked_at_shortly),
		cmocka_unit_test(the_others_grow_like_the_largest),
		cmocka_unit_test(how_long_it_lasts_is_said),
	};

	return RUN(tests);
}
