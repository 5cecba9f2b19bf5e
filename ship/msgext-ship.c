/*
 * msgext-ship.c - brings the lines of a data directory into PostgreSQL, for ever.
 *
 * The receiver does not know this program: it appends, syncs and answers, and this program reads
 * after it.  It commits whatever the logs hold, each line once. ship/files.c says what a file is,
 * and ship/engine.c why a line comes exactly once.  Nothing is remembered here, so it can be killed
 * at any time.
 *
 * It ships only what no writer can take back: a log's size is taken while no writer is at work
 * [settle], and a last line that the next writer would set aside waits until another line follows
 * it [look].  After a power cut the next writer can move lines.  So it asks after that whether the
 * log has what is shipped of it [mark], and at the end whether what it read has not been moved
 * [hold].
 *
 * The words in brackets are steps of tests/model/reader.pml, which tries all that can happen to
 * them.
 *
 * It sleeps in poll(2).  Three things wake it: inotify; an engine that goes away; and receivers
 * that ask whether their line is shipped (wait.c).  It looks at the whole directory, and asks the
 * engine how far each file is shipped, at each connect, after a minute in which there was nothing
 * to do, and every ten minutes: a failover may have lost what was committed.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "base/base.h"
#include "base/character.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/text.h"
#include "base/time.h"
#include "config.h"
#include "log/erase.h"
#include "log/line.h"
#include "log/scan.h"
#include "log/source.h"
#include "parse.h"
#include "ship/engine.h"
#include "ship/files.h"
#include "store/tail.h"
#include "wait.h"

#define BATCH_BYTES (16 << 20)
#define BATCH_FILES 4096
#define SETTLE_MILLISECONDS 200 /* for all logs of a batch */
#define AGAIN_MILLISECONDS 200  /* until it looks again at a log that a writer kept busy */
#define IDLE_MILLISECONDS 60000
#define DONE_MILLISECONDS 30000
#define LOOK_MILLISECONDS 600000 /* however busy it is */
#define ONCE_MILLISECONDS 5000   /* how long --once waits for a writer */
#define BACK_OFF_MAX 30000       /* milliseconds */
#define STOP_SECONDS 5

/* What --erase is given. */
struct erasing {
	const char *key;
	bool dry_run;
	bool any; /* was told of */
};

struct ship {
	const char *data_dir;
	const char *config_path; /* NULL: the one that was compiled in, or the environment's */
	struct config config;
	struct engine *engine;
	struct ship_files files;
	struct wait_queue queue;
	struct scan scan; /* one buffer for all files */
	struct line_reader reader;
	struct ship_file *batch[BATCH_FILES];
	struct fault fault;
	int patience;       /* milliseconds that writers may still delay this batch */
	int64_t looked;     /* when the whole directory was last looked at */
	int64_t done_noted; /* when it was noted last that all is shipped; 0: never */
	bool once;
	bool passed;    /* a file could not be read */
	bool committed; /* on this connection */
};

static volatile sig_atomic_t stopping;
static int stopped_status = EX_OK; /* for --once: not all may be shipped */
static timer_t stop_timer;

/* Ends after the current batch, or after some seconds where the engine does not take it. */
static void
stop_handle(int signal_number)
{
	const struct itimerspec patience = { .it_value.tv_sec = STOP_SECONDS };

	(void)signal_number;
	stopping = 1;
	timer_settime(stop_timer, 0, &patience, NULL);
}

static void
stop_now(int signal_number)
{
	(void)signal_number;
	_exit(stopped_status);
}

static int
signals_set(void)
{
	struct sigevent late = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct sigaction stop = { .sa_handler = stop_handle }, now = { .sa_handler = stop_now };

	if (timer_create(CLOCK_MONOTONIC, &late, &stop_timer) != 0)
		return -1;
	sigemptyset(&stop.sa_mask);
	sigemptyset(&now.sa_mask);
	sigaction(SIGUSR1, &now, NULL);
	sigaction(SIGTERM, &stop, NULL);
	sigaction(SIGINT, &stop, NULL);
	return 0;
}

static void
tell(const struct fault *fault)
{
	fprintf(stderr, "msgext-ship: %s: %s\n", fault_slug(fault->code), fault->detail);
}

/* Reports what only the owner can repair.  Returns the exit status. */
static int
fail(const struct fault *fault)
{
	tell(fault);
	return fault_exit_status(fault->code);
}

/* lines */

static int
line_ship(struct ship *ship, const struct ship_file *file, const struct line *line)
{
	struct record record;
	int known = line_record(&ship->reader, line, &record, &ship->fault);

	if (known < 0)
		return -1;
	return engine_row(ship->engine, file->row, line, known == 1 ? &record : NULL, &ship->fault);
}

/* As store_settle, as long as this batch may be delayed. */
static int
settle(struct ship *ship, struct store_settled *settled)
{
	int64_t began = clock_milliseconds();
	int result = store_settle(ship->scan.fd, began + ship->patience, settled, &ship->fault);

	ship->patience -= (int)(clock_milliseconds() - began);
	if (ship->patience < 0)
		ship->patience = 0;
	return result;
}

/* Reports a file that cannot be shipped; the others go on. */
static void
file_skipped(void *context, const struct fault *fault)
{
	struct ship *ship = context;

	tell(fault);
	ship->passed = true;
}

/*
 * Ships an open file's lines up to where they are settled, as long as *room is above 0.  0, -1: the
 * batch must be begun again.
 */
static int
lines_ship(struct ship *ship, struct ship_file *file, const struct store_settled *settled,
    off_t *room)
{
	struct scan *scan = &ship->scan;
	struct line line;
	off_t end = file->shipped.offset;
	int result = 0;

	scan_seek(scan, end, 0);
	while (*room > 0 && end < settled->end &&
	    (result = scan_next(scan, &line, &ship->fault)) == 1) {
		off_t after = scan_offset(scan);

		if (after > settled->end)
			break;
		if (line.overlong)
			fprintf(stderr,
			    "msgext-ship: %s: the line at %lld is not an event of ours; only "
			    "its end is shipped\n",
			    file->name, (long long)line.offset);
		if (line_ship(ship, file, &line) != 0)
			return -1;
		*room -= after - end;
		end = after;
	}
	if (result < 0) {
		fault_name(&ship->fault, file->name);
		file_skipped(ship, &ship->fault);
	}
	if (end == file->shipped.offset)
		return 0;
	ship_file_batched(file, scan->fd, end);
	if (fingerprint_holds(&settled->last, scan->fd) == 1)
		return 0;
	return fault_set(&ship->fault, FAULT_ENGINE,
	    "%s: was repaired or rewritten while it was read; the batch is begun again",
	    file->name);
}

/*
 * Puts what is new in the open file into the batch. 1; 0: a writer was at work on it all the time;
 * -1: fault.
 */
static int
open_file_ship(struct ship *ship, struct ship_file *file, off_t *room)
{
	struct store_settled settled;

	if (settle(ship, &settled) != 0) {
		if (ship->fault.code == FAULT_LOCK_TIMEOUT)
			return 0;
		fault_name(&ship->fault, file->name);
		file_skipped(ship, &ship->fault);
		return 1;
	}
	if (ship_file_verify(&ship->files, file, ship->scan.fd, &ship->fault) == 0)
		return lines_ship(ship, file, &settled, room) == 0 ? 1 : -1;
	if (ship->fault.code == FAULT_NONE)
		fprintf(stderr, "msgext-ship: %s: was rewritten; it is shipped again\n",
		    file->name);
	else if (ship->fault.code == FAULT_OPEN_FAILED)
		file_skipped(ship, &ship->fault);
	else
		return -1;
	return 1;
}

/*
 * Puts what is new in a file into the batch. 1; 0: a writer was at work on it all the time, and it
 * must be looked at again; -1: fault.
 */
static int
file_ship(struct ship *ship, struct ship_file *file, off_t *room)
{
	int result;

	file->batched = file->shipped;
	if (*room <= 0) {
		ship_files_requeue(&ship->files, file);
		return 1;
	}
	ship->scan.fd = ship_file_open(&ship->files, file, &ship->fault);
	if (ship->scan.fd < 0) {
		if (ship->fault.code == FAULT_OPEN_FAILED)
			file_skipped(ship, &ship->fault);
		else if (ship->fault.code != FAULT_NONE)
			return -1;
		return 1; /* gone: if it has another name now, inotify reports that */
	}
	result = open_file_ship(ship, file, room);
	close(ship->scan.fd);
	ship->scan.fd = -1;
	if (result == 1 && *room <= 0)
		ship_files_requeue(&ship->files, file);
	return result;
}

/* the engine */

static off_t
shipped(const void *context, ino_t inode)
{
	return ship_files_shipped(context, inode);
}

/*
 * One transaction. 1; 0: there was nothing to look at; -1: fault.  Files with a writer go to *busy.
 */
static int
batch_ship(struct ship *ship, struct ship_file **busy)
{
	struct ship_file *file;
	off_t room = BATCH_BYTES;
	size_t count = 0;

	ship->patience = SETTLE_MILLISECONDS;
	while (count < BATCH_FILES && (file = ship_files_dequeue(&ship->files)) != NULL)
		ship->batch[count++] = file;
	if (engine_identify(ship->engine, ship->batch, count, &ship->fault) != 0)
		return -1;
	for (size_t i = 0; i < count; i++) {
		int result = file_ship(ship, ship->batch[i], &room);

		if (result < 0)
			return -1;
		if (result == 0) {
			ship->batch[i]->next_dirty = *busy;
			*busy = ship->batch[i];
		}
	}
	if (engine_commit(ship->engine, ship->batch, count, &ship->fault) != 0)
		return -1;
	if (room < BATCH_BYTES)
		ship->committed = true;
	/* A question can come before inotify reports its line: by now the line was looked at. */
	wait_answer(&ship->queue, shipped, &ship->files);
	return count > 0;
}

/* Ships all that is new. 0; 1: some files must be looked at again soon; -1: fault. */
static int
files_ship(struct ship *ship)
{
	struct ship_file *busy = NULL, *file;
	int result;

	do
		result = batch_ship(ship, &busy);
	while (result == 1 && !stopping);
	if (result == 0 && busy != NULL)
		result = 1;
	while ((file = busy) != NULL) {
		busy = file->next_dirty;
		ship_files_requeue(&ship->files, file);
	}
	return result;
}

/* Connects, and asks how far each file is shipped. */
static int
engine_begin(struct ship *ship)
{
	struct fault fault;

	if (engine_connect(ship->engine, &ship->fault) != 0 ||
	    engine_node(ship->engine, ship->files.identity, &ship->fault) != 0)
		return -1;
	if (wait_listen(&ship->queue, ship->data_dir, &fault) != 0)
		tell(&fault);
	return 0;
}

/* Looks at the whole directory, and asks the engine again. */
static int
directory_look(struct ship *ship)
{
	ship->looked = clock_milliseconds();
	return ship_files_look(&ship->files, &ship->fault);
}

/*
 * Sleeps until something happens, or for that time. 1; 0: nothing happened; -1: fault.  engine: the
 * engine's socket, or -1.
 */
static int
events_await(struct ship *ship, int engine, int64_t milliseconds)
{
	struct pollfd polls[WAIT_QUEUE_MAX + 3];
	int ready;

	polls[0] = (struct pollfd){ .fd = engine, .events = POLLIN };
	polls[1] = (struct pollfd){ .fd = ship->files.notify, .events = POLLIN };
	memcpy(polls + 2, ship->queue.polls, sizeof(ship->queue.polls));
	ready = poll(polls, sizeof(polls) / sizeof(polls[0]), (int)milliseconds);
	if (ready < 0 && errno == EINTR)
		return 1;
	if (ready < 0)
		return fault_set(&ship->fault, FAULT_OPEN_FAILED,
		    "poll: %s (%zu descriptors, see ulimit -n)", strerror(errno),
		    sizeof(polls) / sizeof(polls[0]));
	if (polls[0].revents != 0)
		return fault_set(&ship->fault, FAULT_ENGINE,
		    "the engine has closed the connection");
	/* Questions first: inotify reported their lines before they were asked. */
	wait_accept(&ship->queue);
	if (ship_files_events(&ship->files, &ship->fault) != 0)
		return -1;
	wait_answer(&ship->queue, shipped, &ship->files);
	return ready > 0;
}

/* All is shipped: says so where msgextctl alarm looks, but not after each event. */
static void
done_note(struct ship *ship)
{
	int64_t now = clock_milliseconds();

	if (ship->done_noted > 0 && now - ship->done_noted < DONE_MILLISECONDS)
		return;
	ship->done_noted = now;
	ship_files_done(&ship->files);
}

/* Ships until the engine fails, -1; or until it must end, 0. */
static int
engine_serve(struct ship *ship)
{
	int64_t busy_since = 0;

	if (engine_begin(ship) != 0 || directory_look(ship) != 0)
		return -1;
	for (;;) {
		int again = files_ship(ship), happened;

		if (again < 0)
			return -1;
		if (again == 0)
			done_note(ship);
		if (stopping || (ship->once && again == 0))
			return 0;
		if (again == 0 || busy_since == 0)
			busy_since = clock_milliseconds();
		if (ship->once && clock_milliseconds() - busy_since > ONCE_MILLISECONDS)
			return fault_set(&ship->fault, FAULT_LOCK_TIMEOUT,
			    "a writer kept a log locked all the time");
		happened = events_await(ship, engine_socket(ship->engine),
		    again > 0 ? AGAIN_MILLISECONDS : IDLE_MILLISECONDS);
		if (happened < 0)
			return -1;
		if ((happened > 0 || again > 0) &&
		    clock_milliseconds() - ship->looked < LOOK_MILLISECONDS)
			continue;
		engine_expect_new_rows(ship->engine);
		if (directory_look(ship) != 0)
			return -1;
	}
}

/* Serves for ever, connection after connection.  Returns the exit status. */
static int
serve(struct ship *ship)
{
	int64_t back_off = 0, until, left;

	for (;;) {
		int result;

		ship->committed = false;
		result = engine_serve(ship);
		wait_end(&ship->queue);
		if (stopping)
			return stopped_status;
		if (result == 0)
			return ship->passed ? EX_IOERR : EX_OK;
		if (ship->committed)
			back_off = 0; /* it has worked */
		/* Tries once more: by now it is known that some rows are there already. */
		if (ship->fault.code != FAULT_ENGINE || (ship->once && back_off > 0))
			return fail(&ship->fault);
		tell(&ship->fault);
		until = clock_milliseconds() + back_off;
		while (!stopping && (left = until - clock_milliseconds()) > 0)
			if (events_await(ship, -1, left) < 0)
				return fail(&ship->fault);
		back_off = back_off == 0          ? 1000
		    : 2 * back_off < BACK_OFF_MAX ? 2 * back_off
						  : BACK_OFF_MAX;
	}
}

/* the command line */

static int
usage(FILE *out)
{
	fputs("usage: msgext-ship [-c FILE | -d DIR] [--once] CONNINFO\n"
	      "       msgext-ship --init CONNINFO\n"
	      "       msgext-ship --lines | --lines-by-time CONNINFO [GROUP [MSGSEQ]]\n"
	      "       msgext-ship --erase --key KEY [--dry-run] CONNINFO [GROUP]\n"
	      "       msgext-ship -V | -h\n"
	      "\n"
	      "  -c, --config FILE    the receiver's configuration, which names the logs\n"
	      "  -d, --data-dir DIR   the logs\n"
	      "  --once               ship what is there, and end\n"
	      "  --init               make the tables\n"
	      "  --lines              print what all nodes have shipped, for msgextctl --from\n"
	      "  --erase              take all pairs of a key out of what was shipped\n"
	      "  --key KEY            that key\n"
	      "  --dry-run            only tell what would be erased\n"
	      "  CONNINFO             as libpq takes it: service=msgext, "
	      "postgresql://host/database\n",
	    out);
	return out == stderr ? EX_USAGE : output_end("msgext-ship");
}

static bool
line_print(void *context, const char *log, const char *bytes, size_t length)
{
	(void)context;
	if (log != NULL && printf("=%s\n", log) < 0)
		return false;
	return fwrite(bytes, 1, length, stdout) == length && putchar('\n') != EOF;
}

/* --lines CONNINFO [GROUP [MSGSEQ]] */
static int
lines_print(struct ship *ship, bool by_time, int count, char **words)
{
	struct selection selection = { .group = count > 1 ? words[1] : NULL,
		.has_message = count > 2,
		.by_time = by_time };

	if (count > 3 ||
	    (count == 3 && !integer_parse(words[2], strlen(words[2]), &selection.message)))
		return usage(stderr);
	if (engine_connect(ship->engine, &ship->fault) != 0 ||
	    engine_read(ship->engine, &selection, line_print, NULL, &ship->fault) != 0)
		return fail(&ship->fault);
	return output_end("msgext-ship");
}

/* A group's id as people may see it: anybody can choose one that would move what stands beside it. */
static void
id_print(const char *id)
{
	const char *end = id + strlen(id);

	while (id < end) {
		uint32_t character;
		size_t bytes = utf8_read(id, end, &character);
		char shown[CHARACTER_ESCAPE_SIZE];

		if (bytes == 0) {
			fprintf(stderr, "\\x%02X", (unsigned)(unsigned char)*id++);
			continue;
		}
		if (character_kind(character) == CHARACTER_HARMFUL) {
			character_escape(shown, character);
			fputs(shown, stderr);
		} else {
			fwrite(id, 1, bytes, stderr);
		}
		id += bytes;
	}
}

static void
erased_tell(void *context, const char *id, const struct erased_count *count, uint64_t files)
{
	struct erasing *erasing = context;
	char text[ERASED_TEXT_SIZE];

	erasing->any = true;
	erased_text(count, files, erasing->dry_run, text);
	fputs("msgext-ship: ", stderr);
	id_print(id[0] == '\0' ? "no group's lines" : id);
	fprintf(stderr, ": %s\n", text);
	if (count->fragments > 0)
		fprintf(stderr,
		    "msgext-ship: in %llu lines that cannot be read the key itself %s emptied\n",
		    (unsigned long long)count->fragments, erasing->dry_run ? "would be" : "is");
}

/* --erase --key KEY CONNINFO [GROUP] */
static int
rows_erase(struct ship *ship, struct erasing *erasing, const char *group)
{
	const struct engine_erasing what = { .key = erasing->key,
		.dry_run = erasing->dry_run,
		.told = erased_tell,
		.context = erasing };

	if (erasing->key == NULL || !text_is_utf8(erasing->key)) {
		fputs("msgext-ship: --erase needs --key KEY, in UTF-8: whom it is about\n", stderr);
		return EX_USAGE;
	}
	if (engine_connect(ship->engine, &ship->fault) != 0 ||
	    engine_erase(ship->engine, group, &what, &ship->fault) != 0)
		return fail(&ship->fault);
	if (!erasing->any)
		fputs("msgext-ship: nothing of that key\n", stderr);
	else if (!erasing->dry_run)
		fputs("msgext-ship: backups and standbys' copies of the engine keep what they have "
		      "until they are replaced; logs lose it by msgextctl erase\n",
		    stderr);
	return EX_OK;
}

static int
directory_ship(struct ship *ship, const char *config_path)
{
	if (ship->data_dir == NULL) {
		if (config_path == NULL)
			config_path = config_path_default(NULL);
		if (config_load(&ship->config, config_path, &ship->fault) != 0)
			return fail(&ship->fault);
		ship->data_dir = ship->config.store.data_dir;
	}
	if (ship_files_open(&ship->files, ship->data_dir, &ship->fault) != 0 ||
	    scan_prepare(&ship->scan, &ship->fault) != 0)
		return fail(&ship->fault);
	ship->files.skipped = file_skipped;
	ship->files.context = ship;
	if (signals_set() != 0) {
		perror("msgext-ship: timer");
		return EX_OSERR;
	}
	if (ship->once)
		stopped_status = EX_TEMPFAIL;
	wait_prepare(&ship->queue);
	return serve(ship);
}

/* What needs the engine; words: CONNINFO, and those after it. */
static int
engine_run(struct ship *ship, struct erasing *erasing, int what, int count, char **words)
{
	int status;

	ship->engine = engine_new(words[0]);
	if (ship->engine == NULL) {
		fault_memory(&ship->fault);
		return fail(&ship->fault);
	}
	if (what == 'e')
		status = rows_erase(ship, erasing, words[1]);
	else if (what == 's')
		status = directory_ship(ship, ship->config_path);
	else
		status = lines_print(ship, what == 't', count, words);
	engine_free(ship->engine);
	return status;
}

/* Are there as many words after the options as that takes? */
static bool
words_are_right(int what, int count)
{
	if (what == 'l' || what == 't')
		return count > 0;
	return count == 1 || (what == 'e' && count == 2);
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
		{ "data-dir", required_argument, NULL, 'd' }, { "init", no_argument, NULL, 'i' },
		{ "erase", no_argument, NULL, 'e' }, { "key", required_argument, NULL, 'k' },
		{ "dry-run", no_argument, NULL, 'n' }, { "once", no_argument, NULL, 'o' },
		{ "lines", no_argument, NULL, 'l' }, { "lines-by-time", no_argument, NULL, 't' },
		{ "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'V' },
		{ NULL, 0, NULL, 0 } };
	static struct ship ship;
	struct erasing erasing = { 0 };
	int option, what = 's';

	if (file_standard() != 0)
		return EX_OSERR;
	while ((option = getopt_long(argc, argv, "c:d:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			ship.config_path = optarg;
			break;
		case 'd':
			ship.data_dir = optarg;
			break;
		case 'i':
		case 'l':
		case 't':
		case 'e':
			what = option;
			break;
		case 'k':
			erasing.key = optarg;
			break;
		case 'n':
			erasing.dry_run = true;
			break;
		case 'o':
			ship.once = true;
			break;
		case 'V':
			printf("msgext-ship %s\n", MSGEXT_VERSION);
			return output_end("msgext-ship");
		default:
			return usage(option == 'h' ? stdout : stderr);
		}
	}
	if (!words_are_right(what, argc - optind) ||
	    (what != 'e' && (erasing.key != NULL || erasing.dry_run)))
		return usage(stderr);
	if (what == 'i')
		return engine_init(argv[optind], &ship.fault) == 0 ? EX_OK : fail(&ship.fault);
	return engine_run(&ship, &erasing, what, argc - optind, argv + optind);
}
