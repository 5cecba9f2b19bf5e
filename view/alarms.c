/*
 * alarms.c - what msgextctl alarm would tell, on the first page.
 *
 * The page must stay quick, so no log is read for it: it shows what the receiver, msgext-repair,
 * msgext-ship and the last run of msgextctl alarm have left, judged by the same code (log/alarm.c).
 * What those did not look at is not shown.  What has happened is shown for a week; what lasts, as
 * long as it does.
 */
#include "view/alarms.h"

#include <limits.h>
#include <stdio.h>

#include "base/fault.h"
#include "log/alarm.h"
#include "view/html.h"
#include "view/layout.h"
#include "view/strings.h"
#include "view/view.h"

#define DAY INT64_C(86400000)
#define SHOWN (7 * DAY)
#define RUN_LATE (2 * DAY)

static void
line_begin(struct view *view)
{
	html_markup(&view->html, "<p class=\"note\">");
}

static void
line_end(struct view *view)
{
	html_markup(&view->html, "</p>");
}

/* A text with a time in it. */
static void
time_print_line(struct view *view, enum string string, int64_t time)
{
	line_begin(view);
	say_with(view, string, PART_TIME(time));
	line_end(view);
}

static void
refused_print(struct view *view, const struct alarm_facts *facts)
{
	uint64_t count = 0;
	int64_t last = 0;

	for (int i = 0; i < facts->refused_count; i++) {
		count += facts->refused[i].count;
		if (facts->refused[i].last > last)
			last = facts->refused[i].last;
	}
	if (count == 0 || view->now - last > SHOWN)
		return;
	line_begin(view);
	say_with(view, STRING_ALARM_REFUSED, PART_NUMBER(count), PART_TIME(last));
	line_end(view);
}

/* What msgextctl alarm has found in the logs. */
static void
found_print(struct view *view, const struct alarm_state *state, int64_t newest)
{
	const struct alarm_record *lost = &state->records[ALARM_LOST];
	const struct alarm_record *damaged = &state->records[ALARM_DAMAGED];
	int64_t last = newest > state->arrivals.last ? newest : state->arrivals.last;

	if (lost->stands)
		time_print_line(view, STRING_ALARM_LOST, lost->since);
	if (damaged->seen > 0 && view->now - damaged->told <= SHOWN)
		time_print_line(view, STRING_ALARM_DAMAGED, damaged->told);
	if (last > 0 && view->now - last > arrivals_limit(&state->arrivals))
		time_print_line(view, STRING_ALARM_SILENCE, last);
	if (state->ended > 0 && view->now - state->ended > RUN_LATE)
		time_print_line(view, STRING_ALARM_LATE, state->ended);
}

static void
programs_print(struct view *view, const struct alarm_facts *facts, int64_t newest)
{
	if (alarm_ship_stands_still(facts, newest, view->now))
		time_print_line(view, STRING_ALARM_SHIP, facts->ship_done);
	if (alarm_repair_stands_still(facts, view->now))
		time_print_line(view, STRING_ALARM_REPAIR, facts->repairs.ended);
	else if (alarm_repair_fails(facts, view->now))
		time_print_line(view, STRING_ALARM_REPAIR_FAILS, facts->repairs.failed_since);
	if (alarm_signature_level(facts, view->now) > 0)
		time_print_line(view, STRING_ALARM_SIGNATURE, facts->repairs.signature_ends);
	if (alarm_space_level(&facts->space) == 0)
		return;
	line_begin(view);
	say_with(view, STRING_ALARM_SPACE, PART_NUMBER(facts->space.percent));
	line_end(view);
}

void
alarms_print(struct view *view, int64_t newest)
{
	const char *data_dir = view->config->data_dir;
	enum alarm_state_found found;
	struct alarm_state state;
	struct alarm_facts facts;
	struct fault ignored; /* what cannot be read is not known */
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" ALARM_STATE_NAME, data_dir);

	if (!view->signed_in)
		return;
	alarm_facts_read(&facts, data_dir);
	refused_print(view, &facts);
	if (length > 0 && (size_t)length < sizeof(path) &&
	    alarm_state_glance(&state, path, &found, &ignored) == 0) {
		if (found == ALARM_STATE_READ)
			found_print(view, &state, newest);
		alarm_state_free(&state);
	}
	programs_print(view, &facts, newest);
	alarm_facts_free(&facts);
}
