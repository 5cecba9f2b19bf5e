/* What msgextctl alarm tells, and when it tells it again; on clocks of the test's own. */
#include <sys/time.h>
#include <sys/wait.h>

#include <utime.h>

#include "base/fault.h"
#include "base/space.h"
#include "base/time.h"
#include "log/alarm.h"
#include "store/refused.h"
#include "unit.h"

#define HOUR INT64_C(3600000)
#define DAY (24 * HOUR)
#define THEN INT64_C(1764687600000) /* a full hour */

static struct store_options store;
static struct alarm alarm_now;

/* What the system says of the space: the linker's --wrap puts this before base/space.c. */
static struct space space_told;

void __wrap_space_look(struct space *space, int directory);
void
__wrap_space_look(struct space *space, int directory)
{
	(void)directory;
	*space = space_told;
}
static char told[ALARM_LINES_MAX * ALARM_LINE_SIZE];

static int
setup(void **state)
{
	char command[160];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'/.[a-z]* '%s'/*", scratch, scratch);
	assert_int_equal(system(command), 0);
	space_told = (struct space){ .disk = { 0, 1000000000 } };
	store =
	    (struct store_options){ .data_dir = scratch, .owner = geteuid(), .file_mode = 0600 };
	return 0;
}

static void
append(const char *name, const char *text)
{
	FILE *file = fopen(file_path(name), "a");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

/* An event of a group, message 1, that arrived at that time. */
static void
event(const char *group, unsigned seq, int64_t time)
{
	char line[600], name[64], text[TIME_SIZE];

	time_print(time, text);
	snprintf(line, sizeof(line),
	    "{\"time\":\"%s\",\"SdkAppid\":1400000000,\"CallbackCommand\":"
	    "\"Group.CallbackAfterGroupMsgExtension\",\"GroupId\":\"%s\",\"MsgSeq\":1,"
	    "\"OperateType\":1,\"ExtensionList\":[{\"Key\":\"k%u\",\"Value\":\"v\",\"Seq\":%u}],"
	    "\"Seq\":%u,\"EventTime\":1}\n",
	    text, group, seq, seq, seq);
	snprintf(name, sizeof(name), "%s.jsonl", group);
	append(name, line);
}

/* Runs it at that time: what it tells.  kept: its caller lives to say that it was told. */
static const char *
run_as(int64_t now, bool all, bool kept)
{
	struct fault fault = { 0 };

	alarm_now = (struct alarm){ .store = &store, .all = all, .now = now, .lock = -1 };
	if (alarm_run(&alarm_now, &fault) != 0 || (kept && alarm_keep(&alarm_now, &fault) != 0))
		fail_msg("%s: %s", fault_slug(fault.code), fault.detail);
	told[0] = '\0';
	for (size_t i = 0; i < alarm_now.line_count; i++) {
		strcat(told, alarm_now.lines[i]);
		strcat(told, "\n");
	}
	alarm_end(&alarm_now);
	return told;
}

static const char *
run(int64_t now)
{
	return run_as(now, false, true);
}

static void
assert_tells(const char *said, const char *part)
{
	if (strstr(said, part) == NULL)
		fail_msg("'%s' is not in '%s'", part, said);
}

static void
a_gap_is_told_once(void **state)
{
	(void)state;
	assert_string_equal(run(THEN), "");
	event("g", 1, THEN);
	event("g", 2, THEN);
	assert_string_equal(run(THEN), "");
	event("g", 5, THEN);
	assert_tells(run(THEN + 1), "lost: 2 versions never arrived, in g.jsonl, 2 since");
	assert_string_equal(run(THEN + 2), "");
	assert_tells(run_as(THEN + 2, true, true), "lost: 2 versions");
	assert_tells(run_as(THEN + 2, true, true), "lost: 2 versions");
	/* It is closed, and another one as large is there: nobody may take it for the old one. */
	event("g", 3, THEN);
	event("g", 4, THEN);
	event("g", 8, THEN);
	assert_tells(run(THEN + 3), "lost: 2 versions never arrived, in g.jsonl, 2 since");
	event("g", 7, THEN);
	event("g", 6, THEN);
	assert_string_equal(run(THEN + 4), "");
	event("other", 1, THEN);
	event("other", 3, THEN);
	assert_tells(run(THEN + 5), "lost: 1 version never arrived, in other.jsonl");
}

/* What is lost before the oldest version that was known shows once a still older one has arrived. */
static void
a_gap_before_all_that_was_known_is_told(void **state)
{
	(void)state;
	event("g", 10, THEN);
	event("g", 12, THEN);
	assert_tells(run(THEN), "lost: 1 version");
	event("g", 4, THEN + 1);
	event("g", 2, THEN + 1);
	assert_tells(run(THEN + 1), "lost: 7 versions never arrived, in g.jsonl, 6 since");
	assert_string_equal(run(THEN + 2), "");
	event("g", 6, THEN + 3);
	assert_string_equal(run(THEN + 3), "");
	assert_tells(run_as(THEN + 4, true, true), "lost: 6 versions");
}

static void
growth_is_told_but_not_for_ever(void **state)
{
	unsigned seq = 1, mails = 0;

	(void)state;
	event("g", seq, THEN);
	/* Two hours of a fault that takes every second event, looked at every five minutes. */
	for (int i = 0; i < 24; i++) {
		event("g", seq += 2, THEN);
		mails += run(THEN + i * 5 * HOUR / 60)[0] != '\0';
	}
	assert_true(mails >= 3 && mails <= 7);
	/* What was not told is told after a day. */
	event("g", seq += 2, THEN);
	assert_string_equal(run(THEN + 3 * HOUR), "");
	assert_tells(run(THEN + 2 * DAY), "lost: 25 versions");
}

static void
what_lasts_is_told_again(void **state)
{
	static const int days[] = { 0, 1, 3, 7, 14, 21, 28 };
	size_t next = 0;

	(void)state;
	event("g", 1, THEN);
	event("g", 3, THEN);
	for (int day = 0; day < 30; day++) {
		bool expected = next < sizeof(days) / sizeof(days[0]) && day == days[next];

		if ((run(THEN + day * DAY)[0] != '\0') != expected)
			fail_msg("day %d: '%s'", day, told);
		next += expected;
		assert_string_equal(run(THEN + day * DAY + HOUR), "");
	}
	/* A clock that was set back for years keeps nothing from being told. */
	assert_tells(run(THEN - 1000 * DAY), "lost: 1 version");
}

static void
what_was_not_heard_is_told_again(void **state)
{
	(void)state;
	event("g", 1, THEN);
	event("g", 3, THEN);
	append("g.jsonl", "nonsense\n");
	assert_tells(run_as(THEN, false, false), "lost: 1 version");
	assert_tells(run(THEN), "lost: 1 version");
	assert_string_equal(run(THEN + 1), "");
}

/* Compactions and rotations put another file there. */
static void
another_file_is_not_news(void **state)
{
	char command[300];

	(void)state;
	for (unsigned seq = 1; seq < 100; seq += 2)
		event("g", seq, THEN);
	append("g.jsonl", "nonsense\n");
	assert_tells(run(THEN), "lost: 49");
	snprintf(command, sizeof(command), "cd '%s' && grep -v nonsense g.jsonl >n && mv n g.jsonl",
	    scratch);
	assert_int_equal(system(command), 0);
	assert_string_equal(run(THEN + 1), "");
	event("g", 103, THEN);
	assert_tells(run(THEN + 2), "lost: 52 versions never arrived, in g.jsonl, 3 since");
	unlink(file_path("g.jsonl"));
	assert_string_equal(run(THEN + 3), "");
}

static void
damage_is_told(void **state)
{
	char command[600];

	(void)state;
	event("g", 1, THEN);
	assert_string_equal(run(THEN), "");
	append("g.jsonl", "{\"time\":\"2025-\n");
	assert_tells(run(THEN + 1),
	    "damaged: 1 line that no reader takes, or logs that were cut, in g.jsonl");
	assert_string_equal(run(THEN + 2), "");
	event("other", 1, THEN);
	append("third.jsonl", "{\"half");
	assert_string_equal(run(THEN + 3), "");
	append("g.torn", "{\"half");
	assert_tells(run(THEN + 4), "torn: 6 bytes of torn lines were set aside in g.torn");
	assert_string_equal(run(THEN + 5), "");
	append("g.torn", "{\"half");
	assert_tells(run(THEN + 6), "torn: 6 bytes");
	/* What an erasure leaves of it is another file. */
	append("erased", "{\"half{\"h");
	snprintf(command, sizeof(command), "cd '%s' && mv erased g.torn", scratch);
	assert_int_equal(system(command), 0);
	assert_string_equal(run(THEN + 6), "");
	assert_int_equal(truncate(file_path("g.jsonl"), 20), 0);
	assert_tells(run(THEN + 7), "damaged: 1 line");
	assert_int_equal(mkdir(file_path("dir.jsonl"), 0700), 0);
	assert_tells(run(THEN + 8), "closed: 1 log cannot be read, dir.jsonl");
	assert_string_equal(run(THEN + 9), "");
	rmdir(file_path("dir.jsonl"));
	assert_string_equal(run(THEN + 10), "");
	assert_tells(run_as(THEN + 11, true, true), "damaged: 2 lines");
}

static void
what_fills_up_is_told_as_it_gets_worse(void **state)
{
	(void)state;
	space_told.disk.used = 799999999;
	assert_string_equal(run(THEN), "");
	space_told.disk.used = 800000000;
	assert_tells(run(THEN),
	    "space: 200 MB of 1.0 GB are left, 80 % are used; the logs did not "
	    "grow in the last week (msgextctl archive --all --before 90d makes "
	    "logs smaller); noticed at 2025-12-02T15:00:00Z");
	assert_string_equal(run(THEN + 1), "");
	space_told.quota = (struct space_part){ 95, 100 };
	assert_tells(run(THEN + 2), "space: 5 B of 100 B are left, 95 % are used");
	assert_int_equal(alarm_now.facts.space.free, 5);
	space_told.disk_files = (struct space_part){ 97, 100 };
	assert_tells(run(THEN + 3), "space: 3 further files fit (inodes), 97 % are used");
	space_told = (struct space){ .disk = { 0, 1000000000 } };
	assert_string_equal(run(THEN + 4), "");
	space_told.disk.used = 900000000;
	assert_tells(run(THEN + 5), "90 % are used");
}

static void
the_first_of_many_logs_are_named(void **state)
{
	char group[8];

	(void)state;
	for (char name = 'a'; name < 'h'; name++) {
		snprintf(group, sizeof(group), "%c", name);
		event(group, 1, THEN);
		event(group, 3, THEN);
	}
	/* In the directory's order, which is the file system's. */
	assert_tells(run(THEN), "lost: 7 versions never arrived, in ");
	assert_tells(told, " and 4 others, 7 since the last run");
}

static void
silence_is_told_where_it_is_unusual(void **state)
{
	unsigned seq = 0;

	(void)state;
	/* Ten days of work, with nights of 13 hours. */
	for (int day = 0; day < 10; day++)
		for (int hour = 8; hour < 20; hour++)
			event("g", ++seq, THEN + day * DAY + hour * HOUR);
	assert_string_equal(run(THEN + 10 * DAY), "");
	/* The limit is 26 hours. */
	assert_string_equal(run(THEN + 9 * DAY + 19 * HOUR + 26 * HOUR), "");
	assert_tells(run(THEN + 9 * DAY + 19 * HOUR + 27 * HOUR),
	    "silence: nothing has arrived since 2025-12-12T10:00:00Z, which is 27 hours; the "
	    "longest pause of four weeks was 13;");
	assert_string_equal(run(THEN + 11 * DAY), "");
	assert_tells(run(THEN + 13 * DAY), "silence: ");
	event("g", ++seq, THEN + 13 * DAY);
	assert_string_equal(run(THEN + 13 * DAY), "");
	/* Now three days are usual. */
	assert_string_equal(run(THEN + 18 * DAY), "");
	assert_tells(run(THEN + 20 * DAY), "silence: ");
}

static void
quiet_groups_do_not_cry(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++)
		event("g", (unsigned)i + 1, THEN + i * 6 * DAY);
	event("g", 6, THEN + 5000 * DAY); /* a wrong clock's */
	assert_string_equal(run(THEN + 24 * DAY), "");
	assert_string_equal(run(THEN + 300 * DAY), "");
	/* Nor does a young one, however much came at once. */
	setup(NULL);
	for (int i = 0; i < 48; i++)
		event("g", (unsigned)i + 1, THEN + i * HOUR);
	assert_string_equal(run(THEN + 30 * DAY), "");
}

static void
what_programs_leave_is_judged(void **state)
{
	struct repairs repairs = { .ended = THEN, .signature_ends = THEN + 8 * DAY };
	struct repair repair = { .code = 10015, .asked = THEN, .reason = "gone" };
	struct utimbuf times = { THEN / 1000, THEN / 1000 };
	struct fault fault;

	(void)state;
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	event("g", 1, THEN);
	utime(file_path("g.jsonl"), &times);
	assert_string_equal(run(THEN + HOUR), "");
	assert_tells(run(THEN + 2 * DAY),
	    "signature: the UserSig of msgext-repair ends at 2025-12-10T15:00:00Z");
	assert_tells(run(THEN + 2 * DAY + HOUR),
	    "repair: msgext-repair ran last at 2025-12-02T15:00:00Z");
	repairs.ended = THEN + 8 * DAY;
	strcpy(repairs.failed, "rest-failed");
	repairs.failed_since = repairs.ended;
	assert_int_equal(repairs_add(&repairs, "g", 1, &repair), 0);
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	assert_tells(run(THEN + 8 * DAY), "signature: the UserSig of msgext-repair has ended at");
	assert_tells(told, "given-up: msgext-repair cannot repair 1 message");
	assert_null(strstr(told, "repair: "));
	assert_tells(run(THEN + 8 * DAY + 2 * HOUR),
	    "repair: msgext-repair fails since 2025-12-10T15:00:00Z, rest-failed");
	repairs_free(&repairs);
	unlink(file_path(REPAIRS_NAME));
	assert_string_equal(run(THEN + 9 * DAY), "");
	append("msgext-ship.done", "");
	utime(file_path("msgext-ship.done"), &times);
	assert_string_equal(run(THEN + 9 * DAY), "");
	times.modtime += 60;
	utime(file_path("g.jsonl"), &times);
	assert_tells(run(THEN + 9 * DAY),
	    "ship: msgext-ship had brought all into PostgreSQL at 2025-12-02T15:00:00Z");
}

/* Whoever removes what msgext-repair remembers wants it to ask again: until it has, all is lost as before. */
static void
what_is_no_longer_given_up_is_told(void **state)
{
	struct repairs repairs = { .ended = THEN }, more = { .ended = THEN };
	struct repair repair = { .code = 10015, .asked = THEN, .reason = "gone" };
	struct fault fault;

	(void)state;
	assert_int_equal(repairs_add(&repairs, "g", 1, &repair), 0);
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	event("g", 1, THEN);
	event("g", 3, THEN);
	assert_null(strstr(run(THEN), "lost: "));
	assert_tells(run_as(THEN, true, true), "given-up: msgext-repair cannot repair 1 message,");
	/* One more comes and goes. */
	assert_int_equal(repairs_add(&more, "g", 1, &repair), 0);
	assert_int_equal(repairs_add(&more, "h", 1, &repair), 0);
	assert_int_equal(repairs_write(&more, &store, &fault), 0);
	repairs_free(&more);
	assert_tells(run(THEN), "given-up: msgext-repair cannot repair 1 message,");
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	repairs_free(&repairs);
	assert_tells(run_as(THEN, true, true), "given-up: msgext-repair cannot repair 1 message,");
	unlink(file_path(REPAIRS_NAME));
	event("g", 4, THEN + 1);
	assert_tells(run(THEN + 1), "lost: 1 version never arrived, in g.jsonl, 0 since");
	assert_tells(run_as(THEN + 1, true, true), "lost: 1 version");
	assert_null(strstr(told, "given-up: "));
	assert_string_equal(run(THEN + 2), "");
}

static void
what_was_given_up_is_not_told_again(void **state)
{
	struct repairs repairs = { .ended = THEN + HOUR };
	struct repair repair = { .code = 10015, .asked = THEN, .reason = "gone" };
	struct fault fault;

	(void)state;
	event("g", 1, THEN);
	event("g", 3, THEN);
	assert_tells(run(THEN), "lost: 1 version");
	assert_int_equal(repairs_add(&repairs, "g", 1, &repair), 0);
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	assert_tells(run(THEN + 2 * HOUR), "given-up: msgext-repair cannot repair 1 message");
	assert_null(strstr(told, "lost: "));
	repairs.ended = THEN + 20 * DAY;
	assert_int_equal(repairs_write(&repairs, &store, &fault), 0);
	assert_string_equal(run(THEN + 20 * DAY), "");
	repairs_free(&repairs);
}

static void
refusals_are_told(void **state)
{
	(void)state;
	assert_string_equal(run(THEN), "");
	for (int i = 0; i < 3; i++)
		refused_count(&store, FAULT_DISK_FULL, THEN + i);
	refused_count(&store, FAULT_LOCK_TIMEOUT, THEN);
	assert_tells(run(THEN + HOUR),
	    "refused: 4 events could not be stored since 2025-12-02T15:00:00Z, the last one at "
	    "2025-12-02T15:00:00Z (in all: lock-timeout 1, disk-full 3)");
	assert_string_equal(run(THEN + 30 * DAY), "");
	refused_count(&store, FAULT_DISK_FULL, THEN + 30 * DAY);
	assert_tells(run(THEN + 30 * DAY),
	    "refused: 1 event could not be stored since 2025-12-02T16:00:00Z");
	assert_tells(run_as(THEN + 31 * DAY, true, true),
	    "refused: 5 events could not be stored since 2025-12-02T15:00:00Z");
	/* The file was removed, and counts again. */
	unlink(file_path(REFUSED_NAME));
	assert_string_equal(run(THEN + 32 * DAY), "");
	assert_string_equal(run_as(THEN + 32 * DAY, true, true), "");
	refused_count(&store, FAULT_DISK_FULL, THEN + 32 * DAY);
	assert_tells(run(THEN + 33 * DAY), "refused: 1 event");
}

/* Any damage of the state is noticed, said once, and costs nothing but a repetition. */
static void
any_state_is_read(void **state)
{
	struct alarm_state found;
	enum alarm_state_found what;
	struct fault fault;
	size_t length = 0;
	char *whole, path[512];

	(void)state;
	srand((unsigned)seed_make());
	event("g", 1, THEN);
	event("g", 3, THEN);
	event("h", 1, THEN);
	run(THEN);
	whole = file_load(ALARM_STATE_NAME, &length);
	snprintf(path, sizeof(path), "%s", file_path(ALARM_STATE_NAME));
	for (int i = 0; i < 3000; i++) {
		size_t at = (size_t)rand() % length, size = i % 3 == 0 ? at : length;
		char was = whole[at];

		if (i % 3 != 0)
			whole[at] = (char)rand();
		file_write(ALARM_STATE_NAME, whole, size);
		assert_int_equal(alarm_state_read(&found, path, &what, &fault), 0);
		if (size == length && whole[at] == was)
			assert_int_equal(what, ALARM_STATE_READ);
		else if (what != ALARM_STATE_DAMAGED && what != ALARM_STATE_NEWER)
			fail_msg("byte %zu of %zu, %d", at, size, whole[at]);
		alarm_state_free(&found);
		whole[at] = was;
	}
	file_write(ALARM_STATE_NAME, whole, length - 1);
	assert_tells(run(THEN + 1), "state: ");
	assert_tells(told, "is damaged; all that there is is told again");
	assert_tells(told, "lost: 1 version");
	assert_string_equal(run(THEN + 2), "");
	file_write(ALARM_STATE_NAME, "msgext-alarm 2\nwhatever\n", 24);
	assert_tells(run(THEN + 3), "is of a newer version of msgextctl");
	assert_string_equal(run(THEN + 4), "");
	free(whole);
}

/* In the place of the state, or of the file that will take it, is what none of ours is. */
static void
what_is_no_state_is_named(void **state)
{
	struct alarm_state found;
	enum alarm_state_found what;
	struct fault fault;
	char path[512], new[520];

	(void)state;
	snprintf(path, sizeof(path), "%s", file_path(ALARM_STATE_NAME));
	snprintf(new, sizeof(new), "%s.new", path);
	unlink(path);
	unlink(new);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(alarm_state_read(&found, path, &what, &fault), -1);
	assert_string_equal(fault_slug(fault.code), "open-failed");
	assert_int_equal(rmdir(path), 0);
	file_write(ALARM_STATE_NAME, "msgext-alarm 1\n", 15);
	assert_int_equal(truncate(path, (64 << 20) + 1), 0);
	assert_int_equal(alarm_state_read(&found, path, &what, &fault), -1);
	assert_tells(fault.detail, "is not a file of at most 64 MiB (remove it)");
	/* Numbers that would not fit into one with a sign. */
	file_write(ALARM_STATE_NAME, "msgext-alarm 1\nended 9223372036854775807\n", 41);
	assert_int_equal(alarm_state_read(&found, path, &what, &fault), 0);
	assert_int_equal(what, ALARM_STATE_DAMAGED);
	unlink(path);

	assert_int_equal(mkfifo(new, 0600), 0);
	assert_int_equal(alarm_state_lock(path, &fault), -1);
	assert_tells(fault.detail, ".new: is no file of ours (remove it)");
	unlink(new);
	file_write("elsewhere", "", 0);
	assert_int_equal(link(file_path("elsewhere"), new), 0);
	assert_int_equal(alarm_state_lock(path, &fault), -1);
	assert_string_equal(fault_slug(fault.code), "log-unsafe");
	unlink(new);
	unlink(file_path("elsewhere"));
}

/* Killed at any moment, it leaves the state of before or of after. */
static void
killed_runs_leave_a_state(void **state)
{
	(void)state;
	for (unsigned i = 0; i < 60; i++) {
		char group[16];

		snprintf(group, sizeof(group), "g%u", i);
		event(group, 1, THEN);
	}
	run(THEN);
	for (int i = 0; i < 30; i++) {
		pid_t child = fork();

		if (child == 0)
			for (int64_t now = THEN;; now++)
				run(now);
		usleep((unsigned)(i * 137 % 3000));
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		assert_string_equal(run(THEN + DAY), "");
	}
}

/* Looks at a directory with one log, from what the look before has left. */
static struct watch
look(struct alarm_state *known, int64_t now)
{
	const struct repairs none = { .ended = -1 };
	struct alarm_state after = { .seed = known->seed, .arrivals = known->arrivals };
	struct watch watch = { .data_dir = scratch,
		.before = known,
		.after = &after,
		.repairs = &none,
		.now = now,
		.whole = 1 };
	struct fault fault;

	assert_int_equal(watch_run(&watch, &fault), 0);
	alarm_state_free(known);
	*known = after;
	return watch;
}

/* What is broken there is known at once, what is lost after an hour: and then nothing is left out. */
static void
large_logs_are_read_whole_once_an_hour(void **state)
{
	struct alarm_state known = { .ended = 0 };
	struct watch found;

	(void)state;
	for (unsigned seq = 1; seq < 50; seq++)
		event("g", seq, THEN);
	found = look(&known, THEN);
	assert_true(found.lost == 0 && found.new_damaged == 0);
	event("g", 52, THEN + 1);
	append("g.jsonl", "nonsense\n");
	found = look(&known, THEN + 1);
	assert_true(found.lost == 0 && found.new_damaged == 1);
	assert_true(known.arrivals.last == THEN + 1);
	event("g", 54, THEN + 2);
	found = look(&known, THEN + HOUR / 2);
	assert_true(found.lost == 0 && found.new_damaged == 0);
	/* Nothing has changed since, but an hour is over. */
	found = look(&known, THEN + HOUR);
	assert_true(found.lost == 3 && found.new_lost == 3 && found.new_damaged == 0);
	event("g", 56, THEN + HOUR);
	found = look(&known, THEN + 2 * HOUR);
	assert_true(found.lost == 4 && found.new_lost == 1 && found.new_damaged == 0);
	alarm_state_free(&known);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_gap_is_told_once, setup),
		cmocka_unit_test_setup(a_gap_before_all_that_was_known_is_told, setup),
		cmocka_unit_test_setup(growth_is_told_but_not_for_ever, setup),
		cmocka_unit_test_setup(what_lasts_is_told_again, setup),
		cmocka_unit_test_setup(what_was_not_heard_is_told_again, setup),
		cmocka_unit_test_setup(another_file_is_not_news, setup),
		cmocka_unit_test_setup(damage_is_told, setup),
		cmocka_unit_test_setup(what_fills_up_is_told_as_it_gets_worse, setup),
		cmocka_unit_test_setup(the_first_of_many_logs_are_named, setup),
		cmocka_unit_test_setup(silence_is_told_where_it_is_unusual, setup),
		cmocka_unit_test_setup(quiet_groups_do_not_cry, setup),
		cmocka_unit_test_setup(what_programs_leave_is_judged, setup),
		cmocka_unit_test_setup(what_is_no_longer_given_up_is_told, setup),
		cmocka_unit_test_setup(what_was_given_up_is_not_told_again, setup),
		cmocka_unit_test_setup(refusals_are_told, setup),
		cmocka_unit_test_setup(any_state_is_read, setup),
		cmocka_unit_test_setup(large_logs_are_read_whole_once_an_hour, setup),
		cmocka_unit_test_setup(what_is_no_state_is_named, setup),
		cmocka_unit_test_setup(killed_runs_leave_a_state, setup),
	};

	return RUN(tests);
}
