/*
 * The alarms on the viewer's first page: which sentence stands there for what was found, and none other.
 *
 * The linker's --wrap gives the page what the test says has been found.
 */
#include "base/fault.h"
#include "log/alarm.h"
#include "unit.h"
#include "view/alarms.h"
#include "view/layout.h"
#include "view/page.h"
#include "view/strings.h"

#define NOW INT64_C(1795682520000)
#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)

static struct view_config config = { .data_dir = "/nowhere", .timezone = 480 };
static struct address address = { .language = LANGUAGE_NONE };
static struct view view;

static struct alarm_facts facts;
static struct alarm_state state;
static enum alarm_state_found found;
static int glanced; /* what alarm_state_glance returns */

void __wrap_alarm_facts_read(struct alarm_facts *read, const char *data_dir);
void
__wrap_alarm_facts_read(struct alarm_facts *read, const char *data_dir)
{
	assert_string_equal(data_dir, config.data_dir);
	*read = facts;
}

int __wrap_alarm_state_glance(struct alarm_state *read, const char *path,
    enum alarm_state_found *what, struct fault *fault);
int
__wrap_alarm_state_glance(struct alarm_state *read, const char *path, enum alarm_state_found *what,
    struct fault *fault)
{
	(void)fault;
	assert_string_equal(path, "/nowhere/" ALARM_STATE_NAME);
	*read = state;
	*what = found;
	return glanced;
}

/* Nothing is wrong. */
static int
setup(void **unused)
{
	(void)unused;
	facts = (struct alarm_facts){ .repairs = { .ended = -1 }, .space = { .percent = 79 } };
	state = (struct alarm_state){ .ended = NOW - HOUR };
	found = ALARM_STATE_READ;
	glanced = 0;
	return 0;
}

static void
alarms_make(bool signed_in, int64_t newest)
{
	view = (struct view){ .config = &config,
		.address = &address,
		.language = LANGUAGE_EN,
		.now = NOW,
		.signed_in = signed_in,
		.html = { .limit = HTML_LIMIT } };
	alarms_print(&view, newest);
	assert_false(view.html.failed);
}

/* Nothing is said. */
static void
says_nothing(int64_t newest)
{
	alarms_make(true, newest);
	assert_int_equal(view.html.length, 0);
	html_free(&view.html);
}

/* That sentence is said, and no other; to nobody who has not signed in. */
static void
says(int64_t newest, enum string string)
{
	const char *text = string_get(LANGUAGE_EN, string);
	char part[128]; /* the words between two values, or an apostrophe, which is escaped */

	text += strncmp(text, "%s", 2) == 0 ? 2 : 0;
	snprintf(part, sizeof(part), "%.*s", (int)strcspn(text, "%'"), text);
	assert_true(strlen(part) > 10);
	alarms_make(true, newest);
	assert_int_not_equal(view.html.length, 0);
	html_markup(&view.html, "</html>");
	html_put(&view.html, "", 1);
	if (strstr(view.html.bytes, part) == NULL)
		fail_msg("no \"%s\" in %s", part, view.html.bytes);
	assert_null(strstr(strstr(view.html.bytes, "<p") + 1, "<p"));
	html_free(&view.html);
	alarms_make(false, newest);
	assert_int_equal(view.html.length, 0);
	html_free(&view.html);
}

static void
refused_events_are_told_for_a_week(void **unused)
{
	(void)unused;
	says_nothing(NOW);
	facts.refused[0] = (struct refused){ .count = 3, .last = NOW - 7 * DAY };
	facts.refused[1] = (struct refused){ .count = 1, .last = NOW - 8 * DAY };
	facts.refused_count = 2;
	says(NOW, STRING_ALARM_REFUSED);
	facts.refused[0].last--;
	says_nothing(NOW);
	facts.refused_count = -1; /* the file is not ours */
	says_nothing(NOW);
}

static void
what_the_last_run_found_is_told(void **unused)
{
	(void)unused;
	state.records[ALARM_LOST] = (struct alarm_record){ .stands = true, .since = NOW - DAY };
	says(NOW, STRING_ALARM_LOST);
	found = ALARM_STATE_DAMAGED;
	says_nothing(NOW);
	found = ALARM_STATE_READ;
	glanced = -1;
	says_nothing(NOW);
	setup(NULL);
	state.records[ALARM_DAMAGED] = (struct alarm_record){ .seen = 1, .told = NOW - 7 * DAY };
	says(NOW, STRING_ALARM_DAMAGED);
	state.records[ALARM_DAMAGED].told--;
	says_nothing(NOW);
	state.ended = NOW - 2 * DAY;
	says_nothing(NOW);
	state.ended--;
	says(NOW, STRING_ALARM_LATE);
	state.ended = 0; /* there was no run */
	says_nothing(NOW);
}

/* Events came in every hour of two weeks: a day and more without one is a silence. */
static void
a_silence_is_told(void **unused)
{
	(void)unused;
	for (int64_t hour = 14 * 24; hour >= 0; hour--)
		arrivals_take(&state.arrivals, NOW - 2 * DAY - hour * HOUR, NOW - 2 * DAY);
	says(NOW - 2 * DAY, STRING_ALARM_SILENCE);
	says_nothing(NOW); /* one came that the last run did not know of */
	says_nothing(NOW - DAY + 1);
	says(-1, STRING_ALARM_SILENCE); /* no log is listed */
}

static void
programs_that_stand_still_are_told(void **unused)
{
	(void)unused;
	facts.ship_is_known = true;
	facts.ship_done = NOW - 2 * HOUR - 1;
	says(NOW, STRING_ALARM_SHIP);
	says_nothing(facts.ship_done); /* there is nothing to ship */
	facts.ship_done++;
	says_nothing(NOW);
	setup(NULL);
	facts.repairs.ended = NOW - 2 * DAY - 1;
	facts.repairs.failed_since = NOW - 3 * DAY;
	strcpy(facts.repairs.failed, "rest-failed");
	says(NOW, STRING_ALARM_REPAIR);
	facts.repairs.ended = NOW;
	says(NOW, STRING_ALARM_REPAIR_FAILS);
	facts.repairs.failed_since = NOW - HOUR;
	says_nothing(NOW);
}

static void
what_ends_soon_is_told(void **unused)
{
	(void)unused;
	facts.repairs.signature_ends = NOW + 7 * DAY;
	says_nothing(NOW);
	facts.repairs.signature_ends--;
	says(NOW, STRING_ALARM_SIGNATURE);
	facts.repairs.signature_ends = 0;
	facts.space.percent = 80;
	says(NOW, STRING_ALARM_SPACE);
}

/* The degrees, of which each is told anew. */
static void
levels_rise(void **unused)
{
	static const struct {
		unsigned percent, level;
	} spaces[] = { { 0, 0 }, { 79, 0 }, { 80, 1 }, { 89, 1 }, { 90, 2 }, { 96, 2 }, { 97, 4 },
		{ 100, 4 } };
	static const struct {
		int64_t left;
		unsigned level;
	} signatures[] = { { 7 * DAY, 0 }, { 7 * DAY - 1, 1 }, { DAY, 1 }, { DAY - 1, 2 }, { 1, 2 },
		{ 0, 4 }, { -DAY, 4 } };

	(void)unused;
	for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++) {
		facts.space.percent = spaces[i].percent;
		assert_int_equal(alarm_space_level(&facts.space), spaces[i].level);
	}
	for (size_t i = 0; i < sizeof(signatures) / sizeof(signatures[0]); i++) {
		facts.repairs.signature_ends = NOW + signatures[i].left;
		assert_int_equal(alarm_signature_level(&facts, NOW), signatures[i].level);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(refused_events_are_told_for_a_week, setup),
		cmocka_unit_test_setup(what_the_last_run_found_is_told, setup),
		cmocka_unit_test_setup(a_silence_is_told, setup),
		cmocka_unit_test_setup(programs_that_stand_still_are_told, setup),
		cmocka_unit_test_setup(what_ends_soon_is_told, setup),
		cmocka_unit_test_setup(levels_rise, setup),
	};

	return RUN(tests);
}
