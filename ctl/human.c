/*
 * human.c - sizes, times and colours for people at a terminal.
 *
 * A time ago is in whole units, rounded down, as people count their age.  Colours are the
 * terminal's own sixteen, which its owner chose to be readable, and each stands beside a word that
 * says the same.
 */
#include "ctl/human.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/time.h"

void
human_ago(int64_t time, int64_t now, char text[HUMAN_SIZE])
{
	static const struct {
		int64_t seconds; /* of one */
		const char *name;
		int64_t most; /* seconds that are counted so */
	} units[] = { { 1, "second", 60 }, { 60, "minute", 3600 }, { 3600, "hour", 172800 },
		{ 86400, "day", INT64_MAX } };
	int64_t ago = (now - time) / 1000, count;
	size_t unit = 0;

	if (now < time - 1000) {
		strcpy(text, "in the future");
		return;
	}
	if (ago < 10) {
		strcpy(text, "just now");
		return;
	}
	while (ago >= units[unit].most)
		unit++;
	count = ago / units[unit].seconds;
	snprintf(text, HUMAN_SIZE, "%lld %s%s ago", (long long)count, units[unit].name,
	    count == 1 ? "" : "s");
}

void
human_local(int64_t time, char text[HUMAN_SIZE])
{
	time_t seconds = (time_t)(time / 1000);
	char whole[TIME_SIZE], zone[8];
	struct tm tm;

	if (localtime_r(&seconds, &tm) == NULL || strftime(zone, sizeof(zone), "%z", &tm) != 5) {
		time_print(time, whole);
		snprintf(text, HUMAN_SIZE, "%.30s", whole);
		return;
	}
	strftime(whole, sizeof(whole), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text, HUMAN_SIZE, "%.20s.%03d%.3s:%.2s", whole, (int)(time % 1000), zone,
	    zone + 3);
}

static bool
is_able(int fd)
{
	const char *terminal = getenv("TERM");

	return terminal != NULL && terminal[0] != '\0' && strcmp(terminal, "dumb") != 0 &&
	    isatty(fd) == 1;
}

bool
colours_wanted(enum colours colours, int fd)
{
	const char *without = getenv("NO_COLOR");

	if (colours != COLOURS_AUTO)
		return colours == COLOURS_ALWAYS;
	return (without == NULL || without[0] == '\0') && is_able(fd);
}

bool
terminal_moves(void)
{
	return is_able(STDOUT_FILENO);
}

const char *
style(bool wanted, enum style which)
{
	static const char *const sequences[] = { [STYLE_PLAIN] = "\033[0m",
		[STYLE_BOLD] = "\033[1m",
		[STYLE_DIM] = "\033[2m",
		[STYLE_LOST] = "\033[33m",
		[STYLE_ERROR] = "\033[31m" };

	return wanted ? sequences[which] : "";
}
