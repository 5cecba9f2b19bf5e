/*
 * alarm_metrics.c - what an alarm's run has found as metrics, in Prometheus's text format.
 *
 * node_exporter's textfile collector reads such a file.  The names of metrics are for ever, as a
 * manual's slugs are.  A group's name is personal data and stands nowhere in it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "log/alarm.h"

static void
metric_begin(FILE *file, const char *name, const char *type, const char *help)
{
	fprintf(file, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
gauge(FILE *file, const char *name, const char *help, uint64_t value)
{
	metric_begin(file, name, "gauge", help);
	fprintf(file, "%s %" PRIu64 "\n", name, value);
}

/* A time, where it is known. */
static void
gauge_time(FILE *file, const char *name, const char *help, int64_t milliseconds)
{
	if (milliseconds > 0)
		gauge(file, name, help, (uint64_t)milliseconds / 1000);
}

static void
refused_print(FILE *file, const struct alarm_facts *facts)
{
	static const char name[] = "msgext_refused_events_total";

	metric_begin(file, name, "counter", "Genuine events that the receiver refused.");
	for (int i = 0; i < facts->refused_count; i++)
		fprintf(file, "%s{reason=\"%s\"} %" PRIu64 "\n", name, facts->refused[i].reason,
		    facts->refused[i].count);
	if (facts->refused_count <= 0)
		fprintf(file, "%s{reason=\"other\"} 0\n", name);
}

static void
alarms_print(FILE *file, const struct alarm *alarm)
{
	static const char name[] = "msgext_alarm";

	metric_begin(file, name, "gauge", "1 where there is something of this kind to tell.");
	for (size_t i = 0; i < ALARM_KINDS; i++)
		fprintf(file, "%s{kind=\"%s\"} %d\n", name, alarm_names[i], alarm->stands[i]);
}

char *
alarm_metrics(const struct alarm *alarm, size_t *length)
{
	const struct alarm_facts *facts = &alarm->facts;
	const struct watch *watch = &alarm->watch;
	char *text = NULL;
	FILE *file = open_memstream(&text, length);

	if (file == NULL)
		return NULL;
	alarms_print(file, alarm);
	refused_print(file, facts);
	gauge(file, "msgext_logs", "Logs in the data directory.", watch->logs);
	gauge(file, "msgext_log_bytes", "Bytes of all logs.", watch->bytes);
	gauge(file, "msgext_lost_versions", "Versions that never arrived, but for those given up.",
	    watch->lost);
	gauge(file, "msgext_given_up_messages", "Messages that msgext-repair cannot repair.",
	    alarm->after.given_up);
	metric_begin(file, "msgext_damaged_lines_total", "counter",
	    "Lines that no reader takes, since the first run.");
	fprintf(file, "msgext_damaged_lines_total %" PRIu64 "\n",
	    alarm->after.records[ALARM_DAMAGED].seen);
	gauge(file, "msgext_torn_bytes", "Bytes of torn lines that were set aside.", watch->torn);
	gauge(file, "msgext_closed_logs", "Logs that cannot be read.", watch->closed_in.count);
	gauge_time(file, "msgext_last_event_timestamp_seconds", "When the last event arrived.",
	    alarm->after.arrivals.last);
	gauge_time(file, "msgext_alarm_run_timestamp_seconds", "When this was found.", alarm->now);
	gauge_time(file, "msgext_ship_done_timestamp_seconds",
	    "When msgext-ship had shipped all for the last time.", facts->ship_done);
	gauge_time(file, "msgext_repair_run_timestamp_seconds", "When msgext-repair ran last.",
	    facts->repairs.ended);
	gauge_time(file, "msgext_usersig_end_timestamp_seconds",
	    "When the UserSig of msgext-repair ends.", facts->repairs.signature_ends);
	gauge(file, "msgext_space_used_percent", "Of the data directory's file system.",
	    facts->space.percent);
	gauge(file, "msgext_space_free_bytes", "Of the data directory's file system.",
	    facts->space.free);
	if (fclose(file) != 0) {
		free(text);
		return NULL;
	}
	return text;
}
