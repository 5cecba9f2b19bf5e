/*
 * msgextctl.c - the reader's command line.
 *
 * One table says what each command takes; everything is parsed and checked
 * here, once, before a command runs.  Each command is in a file of its name; compact
 * and archive are in write.c and keep.c, sample is in check.c.
 *
 * Exit status: 0; 1 where nothing was found, or where problems were; else one
 * of sysexits(3).
 */
#include <sys/stat.h>

#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "config.h"
#include "ctl/ctl.h"
#include "ctl/parts.h"
#include "ctl/group.h"
#include "ctl/guess.h"
#include "ctl/page.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/line.h"
#include "parse.h"
#include "store/options.h"

enum {
	OPTION_ALL = 1 << 0,
	OPTION_FOLLOW = 1 << 1,
	OPTION_MSG = 1 << 2,
	OPTION_SINCE = 1 << 3,
	OPTION_UNTIL = 1 << 4,
	OPTION_AT = 1 << 5,
	OPTION_AS_OF = 1 << 6,
	OPTION_NEWEST = 1 << 7,
	OPTION_BY = 1 << 8,
	OPTION_REST = 1 << 9,
	OPTION_DISCARD = 1 << 10,
	OPTION_AS = 1 << 11,
	OPTION_URL = 1 << 12,
	OPTION_JSON = 1 << 13,
	OPTION_CSV = 1 << 14,
	OPTION_BEFORE = 1 << 15,
	OPTION_FORCE = 1 << 16,
	OPTION_DRY_RUN = 1 << 17,
	OPTION_UNDO = 1 << 18,
	OPTION_DAYS = 1 << 19,
	OPTION_TITLE = 1 << 20,
	OPTION_NAMES = 1 << 21,
	OPTION_VERIFY = 1 << 22,
	OPTION_SORT = 1 << 23,
	OPTION_KEY = 1 << 24,
	OPTION_LAST = 1 << 25,
	OPTION_LOCAL = 1 << 26,
	OPTION_KEEP = 1 << 27,
	OPTION_STATE = 1 << 28,
	OPTION_TEXTFILE = 1 << 29,
	OPTION_THREADS = 1 << 30,
};

#define FORMATS (OPTION_JSON | OPTION_CSV)
#define LINK_OPTIONS (OPTION_DAYS | OPTION_TITLE | OPTION_NAMES | OPTION_URL | OPTION_VERIFY)

/* What getopt_long returns for an option of the table below: its bit's number and this. */
#define OPTION_BASE 0x1000

#define GIVEN_TWICE "is given twice, and takes one value"

#define MEMBER(name) offsetof(struct ctl, name)

/* How an option's word is taken. */
enum option_kind {
	TAKE_FLAG,
	TAKE_TEXT,
	TAKE_NUMBER,
	TAKE_TIME,
	TAKE_AGE,
	TAKE_BY,
	TAKE_JSON,
	TAKE_CSV
};

static const struct ctl_option {
	const char *name;
	const char *argument; /* NULL: takes none; "[=...]": need not be given */
	const char *help;
	size_t member; /* of struct ctl, which receives it */
	int bit;
	enum option_kind kind;
} options[] = {
	{ "all", NULL, "every group; of alarm, all that there is", MEMBER(all), OPTION_ALL,
	    TAKE_FLAG },
	{ "follow", NULL, "keep showing what arrives (also -f)", MEMBER(follow), OPTION_FOLLOW,
	    TAKE_FLAG },
	{ "msg", "MSGSEQ", "only this message", MEMBER(selection.message), OPTION_MSG,
	    TAKE_NUMBER },
	{ "key", "KEY", "only events of this key", MEMBER(key), OPTION_KEY, TAKE_TEXT },
	{ "last", "N", "only the last N (also -n N)", MEMBER(last), OPTION_LAST, TAKE_NUMBER },
	{ "since", "TIME", "from this time on", MEMBER(since), OPTION_SINCE, TAKE_TIME },
	{ "until", "TIME", "before this time", MEMBER(until), OPTION_UNTIL, TAKE_TIME },
	{ "at", "TIME", "as it was known at this time", MEMBER(at), OPTION_AT, TAKE_TIME },
	{ "as-of", "SEQ", "as it was at this version", MEMBER(as_of), OPTION_AS_OF, TAKE_NUMBER },
	{ "newest", NULL, "the newest change first", MEMBER(newest), OPTION_NEWEST, TAKE_FLAG },
	{ "by", "key-prefix SEP", "count keys up to SEP instead of values", MEMBER(separator),
	    OPTION_BY, TAKE_BY },
	{ "rest", NULL, "print the REST requests that fetch what is missing", MEMBER(rest),
	    OPTION_REST, TAKE_FLAG },
	{ "discard", NULL, "keep no .jsonl.gz of the original", MEMBER(discard), OPTION_DISCARD,
	    TAKE_FLAG },
	{ "before", "TIME", "messages that have not changed since", MEMBER(before), OPTION_BEFORE,
	    TAKE_TIME },
	{ "keep", "AGE", "remove archives that were made longer ago", MEMBER(keep), OPTION_KEEP,
	    TAKE_AGE },
	{ "force", NULL, "even if the log disagrees", MEMBER(force), OPTION_FORCE, TAKE_FLAG },
	{ "dry-run", NULL, "only show what would change", MEMBER(dry_run), OPTION_DRY_RUN,
	    TAKE_FLAG },
	{ "undo", NULL, "remove the message's last import", MEMBER(undo), OPTION_UNDO, TAKE_FLAG },
	{ "as", "USER", "check as this user (needs root)", MEMBER(as_user), OPTION_AS, TAKE_TEXT },
	{ "days", "N", "days until the link expires: 7, or link_days if less", MEMBER(days),
	    OPTION_DAYS, TAKE_NUMBER },
	{ "title", "T", "the page's heading, at most 100 bytes", MEMBER(title), OPTION_TITLE,
	    TAKE_TEXT },
	{ "names", NULL, "show who chose what, not the counts alone", MEMBER(names), OPTION_NAMES,
	    TAKE_FLAG },
	{ "url", "URL", "where the receiver, or the viewer, is", MEMBER(url), OPTION_URL,
	    TAKE_TEXT },
	{ "verify", "URL", "say what a link shows, and until when", MEMBER(verify), OPTION_VERIFY,
	    TAKE_TEXT },
	{ "local", NULL, "times in the local zone, not in UTC", MEMBER(local), OPTION_LOCAL,
	    TAKE_FLAG },
	{ "sort", "HOW", "by name, newest, size or events; the most comes last", MEMBER(sort),
	    OPTION_SORT, TAKE_TEXT },
	{ "state", "PATH", "keep what was told in this file", MEMBER(state), OPTION_STATE,
	    TAKE_TEXT },
	{ "textfile", "PATH", "write metrics there, for node_exporter", MEMBER(textfile),
	    OPTION_TEXTFILE, TAKE_TEXT },
	{ "threads", "N", "read a log by so many threads", MEMBER(threads), OPTION_THREADS,
	    TAKE_NUMBER },
	{ "json", NULL, "one JSON object a line", MEMBER(format), OPTION_JSON, TAKE_JSON },
	{ "csv", "[=excel]", "CSV as in RFC 4180, or for a spreadsheet", MEMBER(format), OPTION_CSV,
	    TAKE_CSV },
};

#define OPTION_COUNT (sizeof(options) / sizeof(options[0]))

static const struct command {
	const char *name;
	const char *arguments;
	int arguments_min, arguments_max; /* of GROUP, MSGSEQ, FILE */
	int options;
	bool without_data; /* finds out itself what works */
	bool from;         /* also from an engine */
	int (*run)(struct ctl *ctl);
	const char *help;
} commands[] = {
	{ "groups", "", 0, 0, FORMATS | OPTION_SORT | OPTION_LOCAL | OPTION_THREADS, false, true,
	    ctl_groups, "every group: events, messages, bytes, first and last time" },
	{ "log", "GROUP | --all", 0, 1,
	    FORMATS | OPTION_ALL | OPTION_FOLLOW | OPTION_MSG | OPTION_KEY | OPTION_LAST |
		OPTION_SINCE | OPTION_UNTIL | OPTION_LOCAL,
	    false, true, ctl_log, "the events of a group, in the order of their arrival" },
	{ "show", "GROUP [MSGSEQ]", 1, 2,
	    FORMATS | OPTION_AT | OPTION_AS_OF | OPTION_NEWEST | OPTION_LOCAL | OPTION_THREADS,
	    false, true, ctl_show, "a message's pairs, or all messages of a group" },
	{ "tally", "GROUP MSGSEQ", 2, 2,
	    FORMATS | OPTION_AT | OPTION_AS_OF | OPTION_BY | OPTION_FOLLOW | OPTION_THREADS, false,
	    true, ctl_tally, "a message's pairs counted by value: a poll's result" },
	{ "gaps", "[GROUP]", 0, 1, FORMATS | OPTION_REST | OPTION_THREADS, false, true, ctl_gaps,
	    "the versions that never arrived; exits with 1 if there are any" },
	{ "import", "GROUP MSGSEQ [FILE]", 2, 3, OPTION_FORCE | OPTION_DRY_RUN | OPTION_UNDO, false,
	    false, ctl_import, "closes gaps: adds the answer of group_get_key_values, all pages" },
	{ "verify", "[GROUP]", 0, 1, FORMATS | OPTION_THREADS, false, false, ctl_verify,
	    "checks every line and file; exits with 1 if anything is wrong" },
	{ "compact", "GROUP | --all", 0, 1, OPTION_ALL | OPTION_DISCARD | OPTION_KEEP, false, false,
	    ctl_compact, "rewrites a log so that each message takes one line" },
	{ "archive", "GROUP | --all", 0, 1, OPTION_ALL | OPTION_BEFORE | OPTION_KEEP, false, false,
	    ctl_compact, "moves old messages out of a log, into a .jsonl.gz" },
	{ "erase", "--key KEY [GROUP]", 0, 1, OPTION_KEY | OPTION_DRY_RUN, false, false, ctl_erase,
	    "takes all pairs of a key out of logs, archives and .torn files" },
	{ "export", "--key KEY [GROUP]", 0, 1, OPTION_KEY, false, false, ctl_export,
	    "prints all that is stored of a key, as JSON" },
	{ "link", "GROUP MSGSEQ", 0, 2, LINK_OPTIONS, true, false, ctl_link,
	    "prints a signed link to a poll's result, for people without a password" },
	{ "check", "", 0, 0, OPTION_AS, true, false, ctl_check,
	    "checks this installation; exits with 1 if anything is wrong" },
	{ "alarm", "", 0, 0, OPTION_ALL | OPTION_STATE | OPTION_TEXTFILE, false, false, ctl_alarm,
	    "for cron: prints what is wrong and was not told yet, else nothing" },
	{ "sample", "", 0, 0, OPTION_URL, true, false, ctl_sample,
	    "prints a signed request, as a curl command" },
	{ "help", "[COMMAND]", 0, 1, 0, true, false, NULL, "this, or a command's help" },
	{ "version", "", 0, 0, 0, true, false, NULL, "the version" },
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

/* NULL: there is none of that name. */
static const struct command *
command_find(const char *name)
{
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(name, commands[i].name) == 0)
			return &commands[i];
	return NULL;
}

/* help */

static int
usage(FILE *out)
{
	fputs("usage: msgextctl [-c FILE | -d DIR | --from CONNINFO] COMMAND [ARGUMENT...] "
	      "[OPTION...]\n\n",
	    out);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(out, "  %-7s %-20s %s\n", commands[i].name, commands[i].arguments,
		    commands[i].help);
	fputs("\n"
	      "  -c, --config FILE       the receiver's configuration\n"
	      "  -d, --data-dir DIR      the data directory; no configuration is read\n"
	      "  --from CONNINFO         read PostgreSQL, where msgext-ship(8) has put the logs of "
	      "all "
	      "nodes\n"
	      "  --color[=WHEN]          colours: auto, always or never\n"
	      "  -h, --help              this, or a command's help\n"
	      "  -V, --version           the version\n"
	      "\n"
	      "Exit status: 0; 1 if nothing was found, or if gaps, verify, check, alarm or link\n"
	      "--verify found something wrong, or --all had failures; else one of sysexits(3): 64 "
	      "for a\n"
	      "wrong command line, 65 for wrong input, 66 if a file or directory is not there, 67 "
	      "if\n"
	      "there is no such user, 69 if an engine does not answer, 71 if there is no memory, "
	      "74\n"
	      "if reading or writing failed, 75 if the lock was not free in time or the log was\n"
	      "replaced meanwhile, 77 if the logs belong to another user, 78 for a wrong\n"
	      "configuration.\n",
	    out);
	return out == stderr ? EX_USAGE : output_end("msgextctl");
}

static int
command_help(const struct command *command)
{
	printf("usage: msgextctl %s %s%s%s\n\n%s\n", command->name, command->arguments,
	    command->arguments[0] == '\0' ? "" : " ", command->run == NULL ? "" : "[OPTION...]",
	    command->help);
	if (command->run == NULL)
		return output_end("msgextctl");
	putchar('\n');
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const char *argument = options[i].argument;
		char name[64];

		if ((command->options & options[i].bit) == 0)
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", options[i].name,
		    argument == NULL || argument[0] == '[' ? "" : " ",
		    argument == NULL ? "" : argument);
		printf("  %-24s %s\n", name, options[i].help);
	}
	if (command->run == ctl_link)
		printf("  %-24s %s\n", "-c FILE", "the viewer's configuration, view.conf");
	else
		printf("  %-24s %s\n", "-c FILE, -d DIR", "the configuration; the data directory");
	if (command->from)
		printf("  %-24s %s\n", "--from CONNINFO",
		    "read PostgreSQL, where msgext-ship(8) has put the logs of all nodes");
	if ((command->options & (OPTION_SINCE | OPTION_AT | OPTION_BEFORE)) != 0)
		puts("\nTIME is UTC: 2025-12-02, 2025-12-02T15:11, 2025-12-02T15:11:34Z; with its "
		     "zone\n2025-12-02T16:11+01:00; or 90s, 15m, 2h, 3d ago.");
	if ((command->options & OPTION_KEEP) != 0)
		puts("\nAGE is 400d, 36h, 15m or 90s.");
	return output_end("msgextctl");
}

int
ctl_usage(const struct ctl *ctl, const char *what, const char *why)
{
	bool known = ctl->command != NULL;

	ctl_error(ctl);
	fprintf(stderr, "%s: %s (see msgextctl %s%s--help)\n", what, why, known ? ctl->command : "",
	    known ? " " : "");
	return EX_USAGE;
}

/* No command has that name: says which one was meant. */
static int
command_unknown(const struct ctl *ctl, const char *name)
{
	char why[64] = "is not a command";
	struct guess guess;

	guess_begin(&guess, name);
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		guess_offer(&guess, commands[i].name);
	if (guess.nearest[0] != '\0')
		snprintf(why, sizeof(why), "is not a command; did you mean `%.16s`?",
		    guess.nearest);
	return ctl_usage(ctl, name, why);
}

/* values */

/* Takes "+01:00" off the end of a time: its milliseconds, 0 where there is no zone. */
static int64_t
zone_take(const char *text, size_t *length)
{
	const char *zone = *length > 16 ? text + *length - 6 : "";
	int hours, minutes;

	if ((zone[0] != '+' && zone[0] != '-') || zone[3] != ':' ||
	    strspn(zone + 1, "0123456789") != 2 || strspn(zone + 4, "0123456789") != 2)
		return 0;
	hours = (zone[1] - '0') * 10 + zone[2] - '0';
	minutes = (zone[4] - '0') * 10 + zone[5] - '0';
	if (hours > 23 || minutes > 59)
		return 0;
	*length -= 6;
	return (zone[0] == '-' ? -60000 : 60000) * ((int64_t)hours * 60 + minutes);
}

/* "15m": that long ago.  Of all that are given the same time is now. */
static bool
age_argument(const char *text, int64_t *time)
{
	static const char units[] = "smhd";
	static const int64_t milliseconds[] = { 1000, 60000, 3600000, 86400000 };
	static int64_t now;
	size_t length = strlen(text);
	const char *unit = length < 2 ? NULL : strchr(units, text[length - 1]);
	uint64_t number;

	if (unit == NULL || !integer_parse(text, length - 1, &number) || number >= 1000000000)
		return false;
	if (now == 0)
		now = time_now();
	*time = now - (int64_t)number * milliseconds[unit - units];
	return true;
}

/* "400d", and neither nothing nor longer than clocks count: what was made before then is too old. */
static int
option_age(const struct ctl *ctl, const char *name, int64_t *time)
{
	if (!age_argument(optarg, time) || *time <= 0)
		return ctl_usage(ctl, name, "must be an age like 400d, 36h, 15m or 90s");
	if (optarg[0] == '0')
		return ctl_usage(ctl, name, "must be longer than no time at all");
	return EX_OK;
}

/* "2025-12-02", "2025-12-02T15:11[:34[.395]][Z]", also "+01:00" for the Z, or an age. */
static bool
time_argument(const char *text, int64_t *time)
{
	char whole[] = "0000-01-01T00:00:00.000Z", back[TIME_SIZE];
	size_t length = strlen(text);
	int64_t zone;

	if (age_argument(text, time))
		return true;
	zone = zone_take(text, &length);
	if (length > 0 && length == strlen(text) && text[length - 1] == 'Z')
		length--;
	if (length != 10 && length != 16 && length != 19 && length != 23)
		return false;
	memcpy(whole, text, length);
	*time = time_parse(whole);
	if (*time < 0)
		return false;
	time_print(*time, back); /* no 31st of February */
	*time -= zone;
	return strcmp(whole, back) == 0;
}

/* --by key-prefix SEP: two words after one option. */
static int
option_by(struct ctl *ctl, char **argv)
{
	if (strcmp(optarg, "key-prefix") != 0 || argv[optind] == NULL || argv[optind][0] == '\0')
		return ctl_usage(ctl, "--by", "must read --by key-prefix SEP");
	ctl->separator = argv[optind++];
	return EX_OK;
}

/* --csv, or --csv=excel. */
static int
option_csv(struct ctl *ctl)
{
	ctl->format = PRINT_CSV;
	ctl->spreadsheet = optarg != NULL;
	if (optarg != NULL && strcmp(optarg, "excel") != 0)
		return ctl_usage(ctl, "--csv", "must read --csv, or --csv=excel for a spreadsheet");
	return EX_OK;
}

/* --color[=WHEN] */
static int
option_colour(struct ctl *ctl)
{
	static const char *const names[] = { [COLOURS_AUTO] = "auto",
		[COLOURS_ALWAYS] = "always",
		[COLOURS_NEVER] = "never" };

	ctl->colours = COLOURS_ALWAYS;
	for (int i = 0; optarg != NULL && i < 3; i++)
		if (strcmp(optarg, names[i]) == 0) {
			ctl->colours = (enum colours)i;
			return EX_OK;
		}
	return optarg == NULL ? EX_OK : ctl_usage(ctl, "--color", "must be auto, always or never");
}

/* given: bits of the options before this one, to which it is added. */
static int
option_take(struct ctl *ctl, const struct ctl_option *option, int *given, char **argv)
{
	void *member = (char *)ctl + option->member;
	bool again = (*given & option->bit) != 0;
	char name[32];

	snprintf(name, sizeof(name), "--%s", option->name);
	*given |= option->bit;
	/* Nobody must think that both words count. */
	if (again && option->argument != NULL && option->argument[0] != '[')
		return ctl_usage(ctl, name, GIVEN_TWICE);
	switch (option->kind) {
	case TAKE_FLAG:
		*(bool *)member = true;
		return EX_OK;
	case TAKE_TEXT:
		*(const char **)member = optarg;
		return EX_OK;
	case TAKE_NUMBER:
		return integer_parse(optarg, strlen(optarg), member)
		    ? EX_OK
		    : ctl_usage(ctl, name, "must be an integer");
	case TAKE_TIME:
		return time_argument(optarg, member)
		    ? EX_OK
		    : ctl_usage(ctl, name,
			  "must be a time like 2025-12-02T15:11:34Z, or 2h for that ago");
	case TAKE_AGE:
		return option_age(ctl, name, member);
	case TAKE_BY:
		return option_by(ctl, argv);
	case TAKE_JSON:
		ctl->format = PRINT_JSON;
		return EX_OK;
	default:
		return option_csv(ctl);
	}
}

/* the command line */

struct command_line {
	int given; /* bits of the options */
	bool help, version;
	int words; /* those that are no options: argv[1] and on, once parsed */
};

#define OPTION_WORD 1 /* what getopt_long returns for a word, which is in optarg */

/* Those that every command takes. */
static const struct option common[] = { { "config", required_argument, NULL, 'c' },
	{ "data-dir", required_argument, NULL, 'd' }, { "from", required_argument, NULL, 'F' },
	{ "color", optional_argument, NULL, 'C' }, { "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static void
long_options_fill(struct option *list)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const char *argument = options[i].argument;

		list[i] = (struct option){ options[i].name,
			argument == NULL         ? no_argument
			    : argument[0] == '[' ? optional_argument
						 : required_argument,
			NULL, OPTION_BASE + (int)i };
	}
	memcpy(list + OPTION_COUNT, common, sizeof(common));
}

/*
 * The next option or word, in order: C libraries differ in when they move the
 * words after the options, and --by looks at what follows it.  One of them
 * ends at a lone "-", where the other returns it.
 */
static int
option_next(int argc, char **argv, const struct option *list)
{
	int option = getopt_long(argc, argv, "-:c:d:fhn:V", list, NULL);

	if (option != -1 || optind >= argc || strcmp(argv[optind], "-") != 0 ||
	    strcmp(argv[optind - 1], "--") == 0)
		return option;
	optarg = argv[optind++];
	return OPTION_WORD;
}

/* Says which option was meant by one that there is not. */
static int
option_unknown(const struct ctl *ctl, const char *word, bool before_group)
{
	const struct command *command = ctl->command == NULL ? NULL : command_find(ctl->command);
	char name[GUESS_MAX + 1], offered[32], why[GUESS_MAX + 80];
	struct guess guess;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(word, "="), word);
	guess_begin(&guess, name);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (command != NULL && (command->options & options[i].bit) == 0)
			continue;
		snprintf(offered, sizeof(offered), "--%s", options[i].name);
		guess_offer(&guess, offered);
	}
	for (size_t i = 0; common[i].name != NULL; i++) {
		snprintf(offered, sizeof(offered), "--%s", common[i].name);
		guess_offer(&guess, offered);
	}
	snprintf(why, sizeof(why), "is not an option%s%s%s%s%s", command == NULL ? "" : " of ",
	    command == NULL ? "" : command->name, guess.nearest[0] == '\0' ? "" : "; did you mean ",
	    guess.nearest, guess.nearest[0] == '\0' ? "" : "?");
	(void)ctl_usage(ctl, word, why);
	if (guess.nearest[0] == '\0' && before_group && command != NULL &&
	    strstr(command->arguments, "GROUP") != NULL)
		fprintf(stderr,
		    "msgextctl: write -- before a GROUP that begins with -: msgextctl %s -- %s "
		    "...\n",
		    command->name, word);
	return EX_USAGE;
}

/* What getopt_long does not take, in the argument word; missing: what should follow it. */
static int
option_fault(const struct ctl *ctl, const char *word, bool missing, bool before_group)
{
	const struct ctl_option *option =
	    optopt >= OPTION_BASE ? &options[optopt - OPTION_BASE] : NULL;
	char why[80];

	if (missing) {
		snprintf(why, sizeof(why), "needs %s after it",
		    option == NULL ? "a value" : option->argument);
		return ctl_usage(ctl, word, why);
	}
	if (strncmp(word, "--", 2) == 0 && optopt != 0)
		return ctl_usage(ctl, word, "takes no value");
	return option_unknown(ctl, word, before_group);
}

static void
word_take(struct ctl *ctl, const char *word, bool first)
{
	if (first && command_find(word) != NULL)
		ctl->command = word;
}

/* What every command takes, and says where to look. */
static int
path_take(const struct ctl *ctl, const char **member, const char *name)
{
	if (*member != NULL)
		return ctl_usage(ctl, name, GIVEN_TWICE);
	*member = optarg;
	return EX_OK;
}

static int
options_parse(struct ctl *ctl, int argc, char **argv, struct command_line *command_line)
{
	struct option list[OPTION_COUNT + sizeof(common) / sizeof(common[0])];
	int option, status = EX_OK, at = optind;

	opterr = 0;
	long_options_fill(list);
	for (; status == EX_OK && (option = option_next(argc, argv, list)) != -1; at = optind) {
		switch (option) {
		case OPTION_WORD:
			word_take(ctl, optarg, command_line->words == 0);
			argv[++command_line->words] = optarg;
			break;
		case 'c':
			status = path_take(ctl, &ctl->config_path, "-c");
			ctl->config_source = "-c";
			break;
		case 'd':
			status = path_take(ctl, &ctl->data_dir, "-d");
			break;
		case 'F':
			status = path_take(ctl, &ctl->from, "--from");
			break;
		case 'f':
			ctl->follow = true;
			command_line->given |= OPTION_FOLLOW;
			break;
		case 'C':
			status = option_colour(ctl);
			break;
		case 'h':
			command_line->help = true;
			break;
		case 'n':
			if ((command_line->given & OPTION_LAST) != 0)
				status = ctl_usage(ctl, "-n", GIVEN_TWICE);
			else if (!integer_parse(optarg, strlen(optarg), &ctl->last))
				status = ctl_usage(ctl, "-n", "must be an integer");
			command_line->given |= OPTION_LAST;
			break;
		case 'V':
			command_line->version = true;
			break;
		case '?':
		case ':':
			return option_fault(ctl, argv[at], option == ':', command_line->words == 1);
		default:
			status = option_take(ctl, &options[option - OPTION_BASE],
			    &command_line->given, argv);
		}
	}
	while (optind < argc)
		argv[++command_line->words] = argv[optind++];
	return status;
}

/* It makes a link, or reads one. */
static int
link_arguments_check(const struct ctl *ctl, int given, int count)
{
	if (ctl->data_dir != NULL)
		return ctl_usage(ctl, "-d",
		    "cannot be used with link, which reads view.conf: name it with -c FILE");
	if ((given & OPTION_VERIFY) != 0)
		return given == OPTION_VERIFY && count == 0
		    ? EX_OK
		    : ctl_usage(ctl, "--verify", "cannot be used with other options or arguments");
	return count == 2 ? EX_OK
			  : ctl_usage(ctl, "link", "needs GROUP and MSGSEQ, or --verify URL");
}

/* An option of other commands. */
static int
option_misplaced(const struct ctl *ctl, const struct ctl_option *option)
{
	char what[32], why[64];

	snprintf(what, sizeof(what), "--%s", option->name);
	snprintf(why, sizeof(why), "is not an option of %s", ctl->command);
	return ctl_usage(ctl, what, why);
}

/* Too few arguments, or too many. */
static int
arguments_fault(const struct command *command, int count)
{
	fprintf(stderr, "usage: msgextctl %s %s [OPTION...]\n", command->name, command->arguments);
	if (count == 1 && command->arguments_min == 2)
		fputs("msgextctl: which message? msgextctl show GROUP lists them\n", stderr);
	return EX_USAGE;
}

static int
arguments_check(struct ctl *ctl, const struct command *command, int given, int count, char **words)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if ((given & options[i].bit & ~command->options) != 0)
			return option_misplaced(ctl, &options[i]);
	if (ctl->from != NULL && (!command->from || ctl->follow))
		return ctl_usage(ctl, "--from",
		    "works with groups, show, gaps, log and tally, without -f");
	if (ctl->from != NULL && (ctl->data_dir != NULL || ctl->config_path != NULL))
		return ctl_usage(ctl, "--from", "cannot be used with -c or -d");
	if ((given & FORMATS) == FORMATS)
		return ctl_usage(ctl, "--json, --csv", "exclude each other");
	if ((given & OPTION_THREADS) != 0 && (ctl->threads < 1 || ctl->threads > PARTS_MAX))
		return ctl_usage(ctl, "--threads", "must be 1 to 16");
	if (ctl->local && ctl->format == PRINT_JSON)
		return ctl_usage(ctl, "--local", "cannot be used with --json, whose times are UTC");
	if (count < command->arguments_min || count > command->arguments_max)
		return arguments_fault(command, count);
	if (command->run == ctl_link && link_arguments_check(ctl, given, count) != EX_OK)
		return EX_USAGE;
	if ((command->options & OPTION_ALL) != 0 && command->arguments_max > 0 &&
	    ctl->all == (count > 0))
		return ctl_usage(ctl, command->name, "needs a GROUP, or --all");
	if ((command->options & OPTION_BEFORE) != 0 && ctl->before <= 0)
		return ctl_usage(ctl, command->name, "needs --before TIME, which is after 1970");
	if (ctl->before > 0 && ctl->keep > ctl->before)
		return ctl_usage(ctl, "--keep",
		    "must not be less than the age in --before: what is archived stays that long");
	if ((command->run == ctl_erase || command->run == ctl_export) && ctl->key == NULL)
		return ctl_usage(ctl, command->name, "needs --key KEY: whom it is about");
	if (ctl->key != NULL && !text_is_utf8(ctl->key))
		return ctl_usage(ctl, "--key", "must be UTF-8");
	if (command->run == ctl_tally && ctl->follow &&
	    (given & (OPTION_AT | OPTION_AS_OF | OPTION_CSV)) != 0)
		return ctl_usage(ctl, "-f", "cannot be used with --at, --as-of or --csv");
	if (ctl->undo && (ctl->force || count > 2))
		return ctl_usage(ctl, "--undo", "cannot be used with --force or a FILE");
	ctl->selection.group = count > 0 ? words[0] : NULL;
	ctl->file = count > 2 ? words[2] : NULL;
	if (ctl->selection.group != NULL &&
	    (ctl->selection.group[0] == '\0' || strlen(ctl->selection.group) > GROUP_ID_MAX))
		return ctl_usage(ctl, "GROUP", "must be 1 to 256 bytes");
	ctl->selection.has_message = count > 1 || (given & OPTION_MSG) != 0;
	if (count > 1 && !integer_parse(words[1], strlen(words[1]), &ctl->selection.message))
		return ctl_usage(ctl, "MSGSEQ", "must be an integer");
	return EX_OK;
}

static int
ctl_configure(struct ctl *ctl)
{
	config_defaults(&ctl->config);
	ctl->store = ctl->config.store;
	ctl->store.data_dir = ctl->data_dir;
	ctl->store.max_groups = 0; /* without a configuration nobody set a limit */
	if (ctl->from != NULL || (ctl->config_path == NULL && ctl->data_dir != NULL))
		return 0;
	if (ctl->config_path == NULL)
		ctl->config_path = config_path_default(&ctl->config_source);
	if (config_load(&ctl->config, ctl->config_path, &ctl->fault) != 0)
		return -1;
	ctl->configured = true;
	ctl->store = ctl->config.store;
	if (ctl->data_dir != NULL)
		ctl->store.data_dir = ctl->data_dir;
	umask(0777 & ~ctl->store.file_mode);
	return 0;
}

static int
command_run(struct ctl *ctl, const struct command *command)
{
	struct fault notice = { .code = FAULT_NONE };
	int status;

	/* link has a configuration of its own. */
	if (command->run != ctl_link && ctl_configure(ctl) != 0 && !command->without_data)
		return ctl_fail(ctl);
	ctl->store.notice = &notice;
	printer_open(&ctl->printer, ctl->format, ctl->spreadsheet);
	ctl->printer.local = ctl->local;
	ctl->printer.colours = colours_wanted(ctl->colours, STDOUT_FILENO);
	if (!ctl->force) /* of a group without a log */
		ctl_group_find(ctl);
	status = command->run(ctl);
	/* The receiver says it in its error log. */
	if (notice.code != FAULT_NONE)
		fprintf(stderr, "msgextctl: %s: %s\n", fault_slug(notice.code), notice.detail);
	if (printer_close(&ctl->printer) != 0 && status <= 1) {
		fprintf(stderr, "msgextctl: cannot write: %s\n", strerror(errno));
		status = EX_IOERR;
	}
	line_reader_free(&ctl->reader);
	config_free(&ctl->config);
	return status;
}

static int
version_print(void)
{
	printf("msgextctl %s\n", MSGEXT_VERSION);
	return output_end("msgextctl");
}

/* help, help COMMAND, version: what needs no logs. */
static int
word_answer(const struct ctl *ctl, const struct command *command, const char *about)
{
	if (strcmp(command->name, "version") == 0)
		return version_print();
	if (about == NULL)
		return usage(stdout);
	command = command_find(about);
	return command == NULL ? command_unknown(ctl, about) : command_help(command);
}

int
main(int argc, char **argv)
{
	static struct ctl ctl = { .since = INT64_MIN,
		.until = INT64_MAX,
		.at = INT64_MAX,
		.as_of = UINT64_MAX,
		.last = UINT64_MAX,
		.days = UINT64_MAX };
	struct command_line command_line = { 0 };
	const struct command *command;
	int status;

	if (file_standard() != 0)
		return EX_OSERR;
	umask(077);
	signal(SIGXFSZ, SIG_IGN);
	signal(SIGCHLD, SIG_DFL); /* how a child ended must be known */
	if (page_is_asked_for(argc > 1 ? argv[1] : NULL))
		return page_serve(argv[1]);
	status = options_parse(&ctl, argc, argv, &command_line);
	if (status != EX_OK)
		return status;
	if (command_line.version)
		return version_print();
	if (command_line.words == 0)
		return usage(command_line.help ? stdout : stderr);
	command = command_find(argv[1]);
	if (command == NULL)
		return command_unknown(&ctl, argv[1]);
	ctl.command = command->name;
	if (command_line.help)
		return command_help(command);
	status =
	    arguments_check(&ctl, command, command_line.given, command_line.words - 1, argv + 2);
	if (status == EX_OK && command->run == NULL)
		status = word_answer(&ctl, command, ctl.selection.group);
	else if (status == EX_OK)
		status = command_run(&ctl, command);
	return status;
}
