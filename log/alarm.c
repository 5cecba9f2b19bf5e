/*
 * alarm.c - is anything wrong that the owner should hear of?
 *
 * Whoever gets a mail every five minutes reads none.  So each thing is told once, when it appears.
 * That there is more of it is told at once the first three times, and from then on when there is
 * twice as much as was told, or after a day.  What lasts, and can be ended, is told again after a
 * day, then after two, four, and every seven days: silence for ever would be worse.
 *
 * A run keeps in mind what it has told only after its caller has told it (alarm_keep).  A run that
 * dies before tells it once more.
 *
 * What others leave is judged, and nobody is asked or waited for: the receiver's counter, the file
 * of msgext-repair, the mark of msgext-ship, the logs.  The app's master key is not needed: when a
 * UserSig ends, msgext-repair writes down.
 */
#include "log/alarm.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/space.h"
#include "base/time.h"
#include "log/growth.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define SHIP_LATE (2 * HOUR)
#define SHIP_DONE_NAME "msgext-ship.done"
#define REPAIR_LATE (2 * DAY)
#define REPAIR_FAILS (1 * HOUR) /* a net that is away for a moment is no alarm */
#define GROWTHS 3               /* that are told at once */
#define PAUSE_MOST 7            /* days between two times that what lasts is told */

/* What there is of one kind now. */
struct sign {
	uint64_t new;   /* so much more than at the last run */
	uint64_t level; /* or, of what has degrees, how bad it is; 0: as new says */
	bool stands;    /* it lasts, */
	bool lasts;     /* as this kind can, and end */
	int64_t since;
};

/* facts */

static void
space_read(struct alarm_space *space, const char *data_dir)
{
	int directory = openat(AT_FDCWD, data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct space found;
	const struct space_part *const parts[] = { &found.disk, &found.disk_files, &found.quota,
		&found.quota_files };

	if (directory < 0)
		return;
	space_look(&found, directory);
	close(directory);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		if (space_percent(parts[i]) > space->percent)
			space->percent = space_percent(parts[i]);
	space->free = space_left(&found.disk);
	if (found.quota.most > 0 && space_left(&found.quota) < space->free)
		space->free = space_left(&found.quota);
}

void
alarm_facts_read(struct alarm_facts *facts, const char *data_dir)
{
	struct fault ignored; /* what cannot be read is not known */
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/" SHIP_DONE_NAME, data_dir);

	*facts = (struct alarm_facts){ 0 };
	facts->refused_count = refused_read(facts->refused, data_dir, &ignored);
	for (int i = 0; i < facts->refused_count; i++)
		facts->refused_events += facts->refused[i].count;
	if (repairs_read(&facts->repairs, data_dir, &ignored) != 0)
		facts->repairs = (struct repairs){ .ended = -1 };
	if (length > 0 && (size_t)length < sizeof(path) && lstat(path, &status) == 0 &&
	    S_ISREG(status.st_mode)) {
		facts->ship_is_known = true;
		facts->ship_done = (int64_t)status.st_mtim.tv_sec * 1000;
	}
	space_read(&facts->space, data_dir);
}

void
alarm_facts_free(struct alarm_facts *facts)
{
	repairs_free(&facts->repairs);
}

bool
alarm_ship_stands_still(const struct alarm_facts *facts, int64_t logs_changed, int64_t now)
{
	return facts->ship_is_known && logs_changed > facts->ship_done &&
	    now - facts->ship_done > SHIP_LATE;
}

bool
alarm_repair_stands_still(const struct alarm_facts *facts, int64_t now)
{
	return facts->repairs.ended >= 0 && now - facts->repairs.ended > REPAIR_LATE;
}

bool
alarm_repair_fails(const struct alarm_facts *facts, int64_t now)
{
	return facts->repairs.failed[0] != '\0' && now - facts->repairs.failed_since > REPAIR_FAILS;
}

unsigned
alarm_signature_level(const struct alarm_facts *facts, int64_t now)
{
	int64_t left = facts->repairs.signature_ends - now;

	if (facts->repairs.signature_ends == 0 || left >= 7 * DAY)
		return 0;
	return left <= 0 ? 4 : left < DAY ? 2 : 1;
}

unsigned
alarm_space_level(const struct alarm_space *space)
{
	return space->percent < SPACE_LOW_PERCENT ? 0
	    : space->percent < 90                 ? 1
	    : space->percent < 97                 ? 2
						  : 4;
}

/* what is told, and when */

/* How long after it was told so often what lasts is told again. */
static int64_t
pause_after(uint64_t times)
{
	int64_t days = times > 3 ? PAUSE_MOST : INT64_C(1) << (times - 1);

	return (days < PAUSE_MOST ? days : PAUSE_MOST) * DAY;
}

/* Takes a sign into the record; true: it is to be told now. */
static bool
record_take(struct alarm_record *record, const struct sign *sign, int64_t now)
{
	int64_t ago = now - record->told;
	bool grown, again;

	if (sign->lasts && !sign->stands) {
		*record = (struct alarm_record){ 0 };
		return false;
	}
	record->stands = sign->stands;
	if (sign->level > record->seen)
		record->seen = sign->level;
	else if (sign->level == 0)
		record->seen += sign->new;
	if (record->seen == 0)
		return false;
	if (record->times == 0)
		record->since = sign->since;
	/* A clock that was set back must not keep us silent. */
	grown = record->seen > record->said &&
	    (record->growths < GROWTHS || record->seen / 2 >= record->said || ago >= DAY ||
		ago < 0);
	again = sign->stands && record->times > 0 && (ago >= pause_after(record->times) || ago < 0);
	if (!grown && !again)
		return false;
	record->times = grown ? 1 : record->times + 1;
	if (grown)
		record->growths = ago >= DAY ? 1 : record->growths + 1;
	record->told = now;
	return true;
}

static void line_add(struct alarm *alarm, const char *format, ...) PRINTF_LIKE(2, 3);

static void
line_add(struct alarm *alarm, const char *format, ...)
{
	char *line = alarm->lines[alarm->line_count];
	va_list arguments;

	if (alarm->line_count == ALARM_LINES_MAX)
		return;
	alarm->line_count++;
	va_start(arguments, format);
	vsnprintf(line, ALARM_LINE_SIZE, format, arguments);
	va_end(arguments);
	for (; *line != '\0'; line++)
		if (*line < ' ' || *line > '~')
			*line = '?';
}

/* "a.jsonl, b.jsonl and 4 others" */
static const char *
where_print(const struct watch_where *where, char text[4 * STORE_NAME_SIZE])
{
	size_t used = 0, named = where->count < WATCH_NAMES ? (size_t)where->count : WATCH_NAMES;

	strcpy(text, "the logs");
	for (size_t i = 0; i < named; i++)
		used += (size_t)sprintf(text + used, "%s%s", i == 0 ? "" : ", ", where->names[i]);
	if (where->count > WATCH_NAMES)
		sprintf(text + used, " and %llu others",
		    (unsigned long long)(where->count - WATCH_NAMES));
	return text;
}

static const char *
time_text(int64_t time, char text[TIME_SIZE])
{
	time_print(time / 1000 * 1000, text);
	strcpy(text + 19, "Z");
	return text;
}

static const char *
plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

/* How much of it was not told yet; with --all, how much of it there is. */
static uint64_t
untold(const struct alarm *alarm, enum alarm_kind kind)
{
	const struct alarm_record *record = &alarm->after.records[kind];

	if (alarm->all && kind == ALARM_GIVEN_UP) /* there can be fewer than there were */
		return alarm->after.given_up;
	return alarm->all || record->seen == record->said ? record->seen
							  : record->seen - record->said;
}

/* the kinds: each says what there is, and tells it */

static bool
take(struct alarm *alarm, enum alarm_kind kind, struct sign sign)
{
	struct alarm_record *record = &alarm->after.records[kind];
	bool told = record_take(record, &sign, alarm->now);

	alarm->stands[kind] = sign.stands || (!sign.lasts && record->seen > record->said);
	return alarm->all ? record->seen > 0 : told;
}

static void
refused_tell(struct alarm *alarm)
{
	const struct alarm_facts *facts = &alarm->facts;
	uint64_t total = facts->refused_events, before = alarm->before.refused;
	char reasons[600] = "", first[TIME_SIZE], last[TIME_SIZE];
	int64_t begin = INT64_MAX, end = 0;
	size_t used = 0;

	for (int i = 0; i < facts->refused_count; i++) {
		const struct refused *refused = &facts->refused[i];

		if (refused->first < begin)
			begin = refused->first;
		if (refused->last > end)
			end = refused->last;
		if (used < sizeof(reasons) - 60)
			used += (size_t)snprintf(reasons + used, sizeof(reasons) - used,
			    "%s%s %llu", used == 0 ? "" : ", ", refused->reason,
			    (unsigned long long)refused->count);
	}
	/* A file that began again has fewer. */
	alarm->after.refused = total;
	if (facts->refused_count <= 0) /* it was removed: nothing is known of what was told */
		return;
	if (!take(alarm, ALARM_REFUSED,
		(struct sign){ .new = total >= before ? total - before : total, .since = begin }))
		return;
	if (!alarm->all && alarm->before.records[ALARM_REFUSED].told > begin)
		begin = alarm->before.records[ALARM_REFUSED].told;
	line_add(alarm,
	    "refused: %llu event%s could not be stored since %s, the last one at %s (in all: %s); "
	    "look at msgextctl check and the web server's error log; msgext-repair can fetch them",
	    (unsigned long long)untold(alarm, ALARM_REFUSED), plural(untold(alarm, ALARM_REFUSED)),
	    time_text(begin, first), time_text(end, last), reasons);
}

static void
lost_tell(struct alarm *alarm)
{
	const struct watch *watch = &alarm->watch;
	char where[4 * STORE_NAME_SIZE], since[TIME_SIZE];
	uint64_t given_up = repairs_count(&alarm->facts.repairs);
	uint64_t before = alarm->before.given_up;
	bool known = alarm->before.records[ALARM_LOST].seen > 0;

	/* What was given up when it was new, and no longer is, was not told as lost. */
	if (take(alarm, ALARM_LOST,
		(struct sign){ .new = known ? watch->new_lost : watch->lost,
		    .stands = watch->lost > 0,
		    .lasts = true,
		    .since = alarm->now }))
		line_add(alarm,
		    "lost: %llu version%s never arrived, in %s, %llu since the last run; the first "
		    "was noticed at %s; msgextctl gaps names them, msgext-repair or msgextctl "
		    "import fetches them",
		    (unsigned long long)watch->lost, plural(watch->lost),
		    where_print(watch->lost_in.count > 0 ? &watch->lost_in : &watch->gaps_in,
			where),
		    (unsigned long long)watch->new_lost,
		    time_text(alarm->after.records[ALARM_LOST].since, since));
	alarm->after.given_up = given_up;
	if (given_up > 0 &&
	    take(alarm, ALARM_GIVEN_UP,
		(struct sign){ .new = given_up > before ? given_up - before : 0,
		    .since = alarm->facts.repairs.ended }))
		line_add(alarm,
		    "given-up: msgext-repair cannot repair %llu message%s, as of its run at %s; "
		    "msgextctl gaps says why",
		    (unsigned long long)untold(alarm, ALARM_GIVEN_UP),
		    plural(untold(alarm, ALARM_GIVEN_UP)),
		    time_text(alarm->facts.repairs.ended, since));
}

static void
damaged_tell(struct alarm *alarm)
{
	const struct watch *watch = &alarm->watch;
	char where[4 * STORE_NAME_SIZE], since[TIME_SIZE];
	int64_t from = alarm->before.ended > 0 ? alarm->before.ended : alarm->now;

	if (take(alarm, ALARM_DAMAGED, (struct sign){ .new = watch->new_damaged, .since = from }))
		line_add(alarm,
		    "damaged: %llu line%s that no reader takes, or logs that were cut, in %s, "
		    "since %s; msgextctl verify names them",
		    (unsigned long long)untold(alarm, ALARM_DAMAGED),
		    plural(untold(alarm, ALARM_DAMAGED)), where_print(&watch->damaged_in, where),
		    time_text(alarm->after.records[ALARM_DAMAGED].since, since));
	if (take(alarm, ALARM_TORN, (struct sign){ .new = watch->new_torn, .since = from }))
		line_add(alarm,
		    "torn: %llu byte%s of torn lines were set aside in %s, since %s; they were "
		    "never acknowledged: look for a crash, a kill or a full disk at that time",
		    (unsigned long long)untold(alarm, ALARM_TORN),
		    plural(untold(alarm, ALARM_TORN)), where_print(&watch->torn_in, where),
		    time_text(alarm->after.records[ALARM_TORN].since, since));
	if (take(alarm, ALARM_CLOSED,
		(struct sign){ .level = watch->closed_in.count,
		    .stands = watch->closed_in.count > 0,
		    .lasts = true,
		    .since = alarm->now }))
		line_add(alarm,
		    "closed: %llu log%s cannot be read, %s, since %s; msgextctl check says why",
		    (unsigned long long)watch->closed_in.count, plural(watch->closed_in.count),
		    where_print(&watch->closed_in, where),
		    time_text(alarm->after.records[ALARM_CLOSED].since, since));
}

static void
silence_tell(struct alarm *alarm)
{
	const struct arrivals *arrivals = &alarm->after.arrivals;
	int64_t limit = arrivals_limit(arrivals);
	bool silent = arrivals->last > 0 && alarm->now - arrivals->last > limit;
	char since[TIME_SIZE];

	if (take(alarm, ALARM_SILENCE,
		(struct sign){ .level = silent ? 1 : 0,
		    .stands = silent,
		    .lasts = true,
		    .since = arrivals->last }))
		line_add(alarm,
		    "silence: nothing has arrived since %s, which is %lld hours; the longest pause "
		    "of four weeks was %lld; send a test event (msgextctl sample), and look at the "
		    "callback's URL and state in the vendor's console",
		    time_text(arrivals->last, since),
		    (long long)((alarm->now - arrivals->last) / HOUR),
		    (long long)arrivals_pause(arrivals));
}

static void
programs_tell(struct alarm *alarm)
{
	const struct alarm_facts *facts = &alarm->facts;
	bool still = alarm_ship_stands_still(facts, alarm->watch.changed, alarm->now);
	bool late = alarm_repair_stands_still(facts, alarm->now);
	bool fails = alarm_repair_fails(facts, alarm->now);
	char since[TIME_SIZE];

	if (take(alarm, ALARM_SHIP,
		(struct sign){ .level = still ? 1 : 0,
		    .stands = still,
		    .lasts = true,
		    .since = facts->ship_done }))
		line_add(alarm,
		    "ship: msgext-ship had brought all into PostgreSQL at %s for the last time, "
		    "and logs have changed since; look whether it runs, and at its error log",
		    time_text(facts->ship_done, since));
	if (!take(alarm, ALARM_REPAIR,
		(struct sign){ .level = late || fails ? 1 : 0,
		    .stands = late || fails,
		    .lasts = true,
		    .since = late ? facts->repairs.ended : facts->repairs.failed_since }))
		return;
	if (late)
		line_add(alarm,
		    "repair: msgext-repair ran last at %s; look whether its timer or its cron line "
		    "is there, and at its error log",
		    time_text(facts->repairs.ended, since));
	else
		line_add(alarm,
		    "repair: msgext-repair fails since %s, %s; run it by hand, it says why",
		    time_text(facts->repairs.failed_since, since), facts->repairs.failed);
}

/* Says how full it is, in the words of a check, and how long it lasts. */
static void
space_tell(struct alarm *alarm)
{
	struct space_point points[SPACE_POINTS_MAX];
	const char *data_dir = alarm->store->data_dir;
	int directory = openat(AT_FDCWD, data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	size_t count = 0;
	char since[TIME_SIZE];

	if (directory >= 0) {
		count = space_points(points, directory, data_dir, alarm->now);
		close(directory);
	}
	for (size_t i = 0; i < count; i++)
		if (points[i].verdict != VERDICT_OK)
			line_add(alarm, "space: %s; noticed at %s", points[i].text,
			    time_text(alarm->after.records[ALARM_SPACE].since, since));
}

static void
ends_tell(struct alarm *alarm)
{
	const struct alarm_facts *facts = &alarm->facts;
	unsigned signature = alarm_signature_level(facts, alarm->now);
	unsigned space = alarm_space_level(&facts->space);
	bool over = facts->repairs.signature_ends <= alarm->now;
	char end[TIME_SIZE];

	if (take(alarm, ALARM_SIGNATURE,
		(struct sign){ .level = signature,
		    .stands = signature > 0,
		    .lasts = true,
		    .since = alarm->now }))
		line_add(alarm,
		    "signature: the UserSig of msgext-repair %s at %s; put a new one into "
		    "rest_usersig_file (repair.conf)",
		    over ? "has ended" : "ends", time_text(facts->repairs.signature_ends, end));
	if (take(alarm, ALARM_SPACE,
		(struct sign){ .level = space,
		    .stands = space > 0,
		    .lasts = true,
		    .since = alarm->now }))
		space_tell(alarm);
}

/* a run */

static int
state_path(struct alarm *alarm, struct fault *fault)
{
	int length = alarm->state_path != NULL
	    ? snprintf(alarm->path, sizeof(alarm->path), "%s", alarm->state_path)
	    : snprintf(alarm->path, sizeof(alarm->path), "%s/" ALARM_STATE_NAME,
		  alarm->store->data_dir);

	if (length < 0 || (size_t)length >= sizeof(alarm->path))
		return fault_set(fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	return 0;
}

/* Reads what was known, and begins the new state from it. */
static int
state_begin(struct alarm *alarm, struct fault *fault)
{
	enum alarm_state_found found;

	if (alarm_state_read(&alarm->before, alarm->path, &found, fault) != 0)
		return -1;
	if (found != ALARM_STATE_READ)
		hash_seed_make(&alarm->before.seed);
	if (found == ALARM_STATE_DAMAGED || found == ALARM_STATE_NEWER)
		line_add(alarm, "state: %s %s; all that there is is told again", alarm->path,
		    found == ALARM_STATE_NEWER ? "is of a newer version of msgextctl"
					       : "is damaged");
	alarm->after = alarm->before;
	alarm->after.logs = NULL;
	alarm->after.count = alarm->after.size = 0;
	return 0;
}

int
alarm_run(struct alarm *alarm, struct fault *fault)
{
	alarm->lock = -1;
	if (state_path(alarm, fault) != 0)
		return -1;
	if (!alarm->all) {
		alarm->lock = alarm_state_lock(alarm->path, fault);
		if (alarm->lock < 0)
			return -1;
	}
	if (state_begin(alarm, fault) != 0)
		return -1;
	alarm_facts_read(&alarm->facts, alarm->store->data_dir);
	alarm->watch = (struct watch){ .data_dir = alarm->store->data_dir,
		.before = &alarm->before,
		.after = &alarm->after,
		.repairs = &alarm->facts.repairs,
		.now = alarm->now };
	if (watch_run(&alarm->watch, fault) != 0)
		return -1;
	refused_tell(alarm);
	lost_tell(alarm);
	damaged_tell(alarm);
	silence_tell(alarm);
	programs_tell(alarm);
	ends_tell(alarm);
	return 0;
}

int
alarm_keep(struct alarm *alarm, struct fault *fault)
{
	if (alarm->all)
		return 0;
	for (size_t i = 0; i < ALARM_KINDS; i++)
		if (alarm->after.records[i].told == alarm->now)
			alarm->after.records[i].said = alarm->after.records[i].seen;
	alarm->after.ended = alarm->now;
	return alarm_state_write(&alarm->after, alarm->path, alarm->lock, alarm->store->sync,
	    fault);
}

void
alarm_end(struct alarm *alarm)
{
	if (alarm->lock >= 0)
		close(alarm->lock);
	alarm->lock = -1;
	alarm_facts_free(&alarm->facts);
	alarm_state_free(&alarm->before);
	alarm_state_free(&alarm->after);
}
