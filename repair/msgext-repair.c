/*
 * msgext-repair.c - fetches and closes what never arrived.
 *
 * The vendor sends an event once.  This program finds the versions that are missing in the logs,
 * asks the vendor's REST interface for the state of their messages, and imports it.
 *
 * It holds the app's master key, so it is a program of its own, never part of the receiver, the
 * reader or the viewer.  Root opens what is root's and then becomes the owner of the data
 * directory for good (repair/secret.c); from then on the process can open that directory, and what
 * curl(1) must read, and nothing else (repair/rights.c).
 *
 * A lock on a file of the data directory keeps a second one away.
 */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/lock.h"
#include "base/text.h"
#include "base/time.h"
#include "config.h"
#include "repair/repair_config.h"
#include "repair/curl.h"
#include "repair/rights.h"
#include "repair/secret.h"
#include "repair/work.h"
#include "store/directory.h"

#define LOCK_NAME ".repair-lock"
#define AGE_DAYS_MAX 36600

struct repairer {
	struct repair_config config;
	const char *config_path, *data_dir;
	struct work work;
	int64_t every; /* milliseconds; 0: once */
	bool once, dry_run;
	struct fault fault;
	int lock;
};

static volatile sig_atomic_t stopping;

static void
stop_handle(int signal_number)
{
	(void)signal_number;
	stopping = 1;
}

/*
 * No SA_RESTART: whatever waits is to look.  Of a child, where whoever started this ignores how
 * children end, it would not be known how it ended.
 */
static void
signals_set(void)
{
	struct sigaction stop = { .sa_handler = stop_handle }, ignore = { .sa_handler = SIG_IGN };
	struct sigaction usual = { .sa_handler = SIG_DFL };

	sigemptyset(&stop.sa_mask);
	sigemptyset(&ignore.sa_mask);
	sigemptyset(&usual.sa_mask);
	sigaction(SIGCHLD, &usual, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
}

static int
usage(FILE *out)
{
	fputs("usage: msgext-repair [-c FILE] [-d DIR] [--from CONNINFO] [--recent AGE] "
	      "[--dry-run]\n"
	      "                     [--once | --every AGE]\n"
	      "       msgext-repair -V | -h\n"
	      "\n"
	      "  -c, --config FILE    the configuration, repair.conf\n"
	      "  -d, --data-dir DIR   the logs\n"
	      "  --from CONNINFO      look at what all nodes have shipped, too\n"
	      "  --recent AGE         ask about what changed in this time, too: 12h, 7d\n"
	      "  --dry-run            print how many calls it would make, and make none\n"
	      "  --once               run once, then end; this is the default\n"
	      "  --every AGE          run again and again, with this pause: 15m\n"
	      "  -V, --version        print the version\n"
	      "  -h, --help           print this\n",
	    out);
	return out == stderr ? EX_USAGE : output_end("msgext-repair");
}

/* "15m" to milliseconds.  False: it is no age. */
static bool
age_parse(const char *text, int64_t *age)
{
	static const char units[] = "smhd";
	static const int64_t seconds[] = { 1, 60, 3600, 86400 };
	size_t length = strlen(text);
	const char *unit = length < 2 ? NULL : strchr(units, text[length - 1]);
	uint64_t number;

	if (unit == NULL || !integer_parse(text, length - 1, &number) || number == 0 ||
	    number > (uint64_t)(AGE_DAYS_MAX * INT64_C(86400) / seconds[unit - units]))
		return false;
	*age = (int64_t)number * seconds[unit - units] * 1000;
	return true;
}

/* Reads the command line: 0; -1: it is wrong, or all is said: status. */
static int
options_read(struct repairer *repairer, int argc, char **argv, int *status)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
		{ "data-dir", required_argument, NULL, 'd' },
		{ "from", required_argument, NULL, 'f' },
		{ "recent", required_argument, NULL, 'r' }, { "dry-run", no_argument, NULL, 'n' },
		{ "once", no_argument, NULL, 'o' }, { "every", required_argument, NULL, 'e' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 } };
	bool right = true;
	int option;

	while (right && (option = getopt_long(argc, argv, "c:d:hV", options, NULL)) != -1) {
		if (option == 'c')
			repairer->config_path = optarg;
		else if (option == 'd')
			repairer->data_dir = optarg;
		else if (option == 'f')
			repairer->work.from = optarg;
		else if (option == 'n')
			repairer->dry_run = true;
		else if (option == 'o')
			repairer->once = true;
		else if (option == 'r')
			right = age_parse(optarg, &repairer->work.recent);
		else if (option == 'e')
			right = age_parse(optarg, &repairer->every);
		else if (option == 'V')
			printf("msgext-repair %s\n", MSGEXT_VERSION);
		else
			right = false;
		if (option == 'V' || option == 'h') {
			*status = option == 'V' ? output_end("msgext-repair") : usage(stdout);
			return -1;
		}
	}
	if (right && optind == argc && !(repairer->once && repairer->every > 0))
		return 0;
	*status = usage(stderr);
	return -1;
}

/* Keeps a second one away. */
static int
lock_take(struct repairer *repairer)
{
	char path[PATH_MAX];
	int length = snprintf(path, sizeof(path), "%s/" LOCK_NAME, repairer->work.store.data_dir);

	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(&repairer->fault, FAULT_DATA_DIR,
		    "data_dir: the path is too long");
	repairer->lock = openat(AT_FDCWD, path,
	    O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0600);
	if (repairer->lock < 0)
		return fault_set(&repairer->fault, FAULT_OPEN_FAILED, LOCK_NAME ": %s",
		    strerror(errno));
	if (lock_try(repairer->lock, F_WRLCK) == 0)
		return 0;
	if (errno == EAGAIN || errno == EACCES)
		return fault_set(&repairer->fault, FAULT_LOCK_TIMEOUT,
		    LOCK_NAME ": another msgext-repair is running here");
	return fault_set(&repairer->fault, FAULT_LOCK_FAILED, LOCK_NAME ": %s", strerror(errno));
}

/* Reads the configuration and the key, and becomes the owner. */
static int
repair_begin(struct repairer *repairer)
{
	struct repair_config *config = &repairer->config;
	struct work *work = &repairer->work;
	struct fault *fault = &repairer->fault;
	bool root = geteuid() == 0;

	if (repairer->config_path == NULL)
		repairer->config_path = repair_config_path_default();
	if (repair_config_load(config, repairer->config_path, fault) != 0)
		return -1;
	if (repairer->data_dir == NULL)
		repairer->data_dir = config->data_dir;
	if (repairer->data_dir == NULL)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: data_dir is missing (the directory of the logs)", repairer->config_path);
	if (config->rest_key_file != NULL &&
	    secret_read(&work->key, config->rest_key_file, fault) != 0)
		return -1;
	if (owner_become(repairer->data_dir, fault) != 0)
		return -1;
	if (!root && config->rest_key_file != NULL)
		fputs("msgext-repair: the receiver's user can read this key; rest_usersig_file is "
		      "safer (repair.conf(5))\n",
		    stderr);
	work->config = config;
	work->store = (struct store_options){ .data_dir = repairer->data_dir,
		.owner = geteuid(),
		.file_mode = 0600,
		.sync = true,
		.lock_timeout = 1200 };
	work->dry_run = repairer->dry_run;
	work->stopping = &stopping;
	work->curl.ca_file = config->ca_file;
	return store_check(&work->store, fault);
}

/* Sleeps until the next run, or until it is told to end. */
static void
pause_make(int64_t milliseconds)
{
	int64_t until = clock_milliseconds() + milliseconds, left;

	while (!stopping && (left = until - clock_milliseconds()) > 0)
		poll(NULL, 0, left > 60000 ? 60000 : (int)left);
}

/* Runs once, or for ever: the exit status. */
static int
repair_serve(struct repairer *repairer)
{
	for (;;) {
		int status = work_run(&repairer->work);

		if (repairer->every == 0)
			return status;
		if (stopping)
			return EX_OK;
		/* What only the owner can change does not pass; but a new signature may be there. */
		if (status == EX_CONFIG && repairer->config.rest_usersig_file == NULL)
			return status;
		if (status == EX_NOPERM)
			return status;
		pause_make(repairer->every);
		if (stopping)
			return EX_OK;
	}
}

int
main(int argc, char **argv)
{
	static struct repairer repairer = { .lock = -1 };
	int status = EX_OK;

	umask(077);
	if (options_read(&repairer, argc, argv, &status) != 0)
		return status;
	signals_set();
	if (process_close(&repairer.fault) != 0 || repair_begin(&repairer) != 0 ||
	    curl_open(&repairer.work.curl, &repairer.fault) != 0)
		goto fail;
	rights_drop(&repairer.config, repairer.data_dir, curl_program(&repairer.work.curl),
	    repairer.work.from != NULL, repairer.every > 0);
	if (!repairer.dry_run && lock_take(&repairer) != 0)
		goto fail;
	status = repair_serve(&repairer);
	goto out;
fail:
	work_tell(&repairer.fault);
	status = fault_exit_status(repairer.fault.code);
out:
	secret_wipe(&repairer.work.key);
	if (repairer.lock >= 0)
		close(repairer.lock);
	repair_config_free(&repairer.config);
	return status;
}
