/*
 * ship.c - msgext-ship: the lines of a data directory into PostgreSQL, for ever.
 *
 * The receiver knows nothing of it: it appends, syncs and answers, and this
 * reads behind it.  What is committed there is whatever stands in the logs,
 * each line once:
 *
 *  - A file is known by what cannot be used again: the directory's incarnation, a random
 *    number that is kept in it, the inode, and when that was born.  A rotated
 *    log keeps them under its new name; a compacted one is a new file.
 *  - The table of files says up to where each is shipped.  A batch of lines and
 *    these positions are one transaction, and the positions must be what we
 *    believe them to be: so a line comes neither twice nor never, whoever was
 *    killed when.  Nothing is remembered here; what a failover lost is lost with
 *    its positions, and comes again from the logs.
 *  - Only what no writer can take back is shipped: a log's size is taken while
 *    no writer is at work, and a last line that the next writer would set aside
 *    waits for another behind it.
 *
 * It sleeps in inotify, and looks at the positions again every minute in which there is
 * nothing to do, and at each connect.  Being killed is a clean end.
 */
#include <sys/inotify.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "msgext.h"

#define SCHEMA_VERSION "1"
#define IDENTITY_NAME "msgext-ship.id"
#define IDENTITY_SIZE 32 /* hexadecimal digits */
#define BATCH_BYTES (4 << 20)
#define BATCH_FILES 4096
#define SETTLE_MILLISECONDS 20
#define AGAIN_MILLISECONDS 50 /* until a log is looked at that a writer had */
#define IDLE_MILLISECONDS 60000
#define BACK_OFF_MAX 30 /* seconds */
#define WATCHED                                                                                    \
	(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | IN_DELETE_SELF |        \
	    IN_MOVE_SELF)

/* One inode. */
struct file {
	struct file *next_in_slot, *next_dirty;
	uint64_t inode;
	int64_t born;   /* nanoseconds since 1970; 0: the file system does not say */
	int64_t id;     /* of its row; 0: not known yet */
	off_t position; /* shipped and committed up to here */
	off_t batched;  /* what the batch brings it to */
	bool dirty;     /* there may be more */
	char name[STORE_NAME_SIZE + 32];
};

struct ship {
	const char *conninfo;
	const char *data_dir;
	struct config config;
	char identity[IDENTITY_SIZE + 1];
	int directory; /* holds the lock */
	int notify;
	PGconn *connection;
	char node[24]; /* the directory's number in the engine */
	struct file **slots;
	size_t slot_count, file_count;
	struct file *dirty;
	/* the batch */
	char *bytes;
	size_t length, size;
	size_t rows;
	struct file *touched[BATCH_FILES];
	size_t touched_count;
	bool conflicts; /* some rows were there already: positions were lost */
	struct shape shape;
	struct fault fault;
};

static const char schema[] =
    "CREATE TABLE IF NOT EXISTS msgext_schema (version integer NOT NULL);"
    "INSERT INTO msgext_schema SELECT " SCHEMA_VERSION
    " WHERE NOT EXISTS (SELECT FROM msgext_schema);"
    "CREATE TABLE IF NOT EXISTS msgext_node (id bigserial PRIMARY KEY,"
    " incarnation text NOT NULL UNIQUE, since timestamptz NOT NULL DEFAULT now());"
    "CREATE TABLE IF NOT EXISTS msgext_file (id bigserial PRIMARY KEY,"
    " node bigint NOT NULL REFERENCES msgext_node, inode bigint NOT NULL, born bigint NOT NULL,"
    " name text NOT NULL, position bigint NOT NULL DEFAULT 0, UNIQUE (node, inode, born));"
    "CREATE TABLE IF NOT EXISTS msgext_line (file bigint NOT NULL,"
    " start bigint NOT NULL, sdk_app_id bigint, group_id text, msg_seq bigint, seq bigint,"
    " time timestamptz, line bytea NOT NULL, PRIMARY KEY (file, start));"
    "CREATE INDEX IF NOT EXISTS msgext_line_message ON msgext_line (group_id, msg_seq);";

/* Ends the program; for what only its owner can mend. */
static void
give_up(int status, const char *what, const char *why)
{
	fprintf(stderr, "msgext-ship: %s: %s\n", what, why);
	exit(status);
}

static void *
must_have(void *memory)
{
	if (memory == NULL)
		give_up(EX_OSERR, "memory", "none is left");
	return memory;
}

/* files */

static struct file **
file_slot(const struct ship *ship, uint64_t inode, int64_t born)
{
	uint64_t hash = (inode ^ (uint64_t)born) * UINT64_C(0x9e3779b97f4a7c15);
	struct file **at = &ship->slots[(hash >> 32) & (ship->slot_count - 1)];

	while (*at != NULL && ((*at)->inode != inode || (*at)->born != born))
		at = &(*at)->next_in_slot;
	return at;
}

static void
slots_grow(struct ship *ship)
{
	struct file **old = ship->slots, *file;
	size_t count = ship->slot_count;

	ship->slot_count = count == 0 ? 1024 : 2 * count;
	ship->slots = must_have(calloc(ship->slot_count, sizeof(struct file *)));
	for (size_t i = 0; i < count; i++)
		while ((file = old[i]) != NULL) {
			struct file **to = file_slot(ship, file->inode, file->born);

			old[i] = file->next_in_slot;
			file->next_in_slot = NULL;
			*to = file;
		}
	free(old);
}

static void
file_touch(struct ship *ship, struct file *file)
{
	if (file->dirty)
		return;
	file->dirty = true;
	file->next_dirty = ship->dirty;
	ship->dirty = file;
}

/* A log, or one that was renamed: NAME.jsonl and whatever stands behind it, but not compressed. */
static bool
name_is_ours(const char *name)
{
	const char *ending = strstr(name, ".jsonl");
	size_t length = strlen(name);

	return ending != NULL && ending != name && name[0] != '.' &&
	    (length < 3 || strcmp(name + length - 3, ".gz") != 0);
}

/* Looks at what stands under a name; where it is longer than what is shipped, it is dirty. */
static void
name_look(struct ship *ship, const char *name)
{
	struct statx status;
	struct file **slot, *file;
	int64_t born;

	if (!name_is_ours(name) || strlen(name) >= sizeof(file->name) ||
	    statx(ship->directory, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME,
		&status) != 0 ||
	    !S_ISREG(status.stx_mode))
		return;
	/* An inode is used again: a log that was rewritten could pass for the one before. */
	if ((status.stx_mask & STATX_BTIME) == 0)
		give_up(EX_CONFIG, ship->data_dir,
		    "this file system does not say when files were born");
	born = (int64_t)status.stx_btime.tv_sec * 1000000000 + status.stx_btime.tv_nsec;
	if (ship->file_count >= ship->slot_count)
		slots_grow(ship);
	slot = file_slot(ship, status.stx_ino, born);
	if (*slot == NULL) {
		*slot = must_have(calloc(1, sizeof(**slot)));
		(*slot)->inode = status.stx_ino;
		(*slot)->born = born;
		ship->file_count++;
	}
	file = *slot;
	strcpy(file->name, name);
	if ((off_t)status.stx_size > file->position)
		file_touch(ship, file);
}

static void
directory_look(struct ship *ship)
{
	DIR *directory = opendir(ship->data_dir);
	const struct dirent *entry;

	if (directory == NULL)
		give_up(EX_NOINPUT, ship->data_dir, strerror(errno));
	while ((entry = readdir(directory)) != NULL)
		name_look(ship, entry->d_name);
	closedir(directory);
}

/* The directory's random number, made where there is none. */
static void
identity_get(struct ship *ship)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	unsigned char random[IDENTITY_SIZE / 2];
	int fd =
	    openat(ship->directory, IDENTITY_NAME, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		give_up(EX_CANTCREAT, ship->data_dir, strerror(errno));
	if (fcntl(fd, F_SETLK, &lock) != 0)
		give_up(EX_TEMPFAIL, ship->data_dir, "another msgext-ship is at work here");
	if (read(fd, ship->identity, IDENTITY_SIZE) == IDENTITY_SIZE &&
	    strspn(ship->identity, "0123456789abcdef") == IDENTITY_SIZE)
		return; /* the descriptor stays, for the lock */
	if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
		give_up(EX_OSERR, "random numbers", strerror(errno));
	for (size_t i = 0; i < sizeof(random); i++)
		sprintf(ship->identity + 2 * i, "%02x", random[i]);
	if (pwrite(fd, ship->identity, IDENTITY_SIZE, 0) != IDENTITY_SIZE || fsync(fd) != 0 ||
	    fsync(ship->directory) != 0)
		give_up(EX_IOERR, IDENTITY_NAME, strerror(errno));
}

/* the batch, in PostgreSQL's binary format of COPY */

static void
put(struct ship *ship, const void *bytes, size_t length)
{
	if (length > ship->size - ship->length) {
		ship->size = 2 * (ship->length + length);
		ship->bytes = must_have(realloc(ship->bytes, ship->size));
	}
	memcpy(ship->bytes + ship->length, bytes, length);
	ship->length += length;
}

static void
put_field(struct ship *ship, const void *bytes, size_t length)
{
	uint32_t size = htobe32((uint32_t)length);

	put(ship, &size, sizeof(size));
	put(ship, bytes, length);
}

static void
put_number(struct ship *ship, int64_t number)
{
	uint64_t bytes = htobe64((uint64_t)number);

	put_field(ship, &bytes, sizeof(bytes));
}

static void
put_null(struct ship *ship)
{
	put(ship, "\xff\xff\xff\xff", 4);
}

static void
batch_begin(struct ship *ship)
{
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

	ship->length = ship->rows = ship->touched_count = 0;
	put(ship, head, 11 + 8);
}

/* The app that the envelope names, or -1. */
static int64_t
line_app(const struct line *line)
{
	static const char name[] = "\"SdkAppid\":";
	size_t head = line->length < 100 ? line->length : 100;
	const char *at = memmem(line->bytes, head, name, sizeof(name) - 1);
	size_t length = 0;
	uint64_t number;

	if (at == NULL)
		return -1;
	at += sizeof(name) - 1;
	while (at + length < line->bytes + line->length && at[length] >= '0' && at[length] <= '9')
		length++;
	return integer_parse(at, length, &number) ? (int64_t)number : -1;
}

static void
row_put(struct ship *ship, const struct file *file, const struct line *line)
{
	static const int64_t year_2000 = INT64_C(946684800000);
	struct fault unreadable = { FAULT_NONE, "" };
	struct document *document = NULL;
	struct record record;
	int64_t app = line_app(line);
	bool known = shape_read(&ship->shape, line->bytes, line->length, &record);

	if (!known) {
		document = document_parse(line->bytes, line->length, &unreadable);
		known = document != NULL && document_record(document, &record, &unreadable) == 0;
	}
	put(ship, "\0\10", 2); /* fields */
	put_number(ship, file->id);
	put_number(ship, file->batched); /* where the line before ended */
	app < 0 ? put_null(ship) : put_number(ship, app);
	if (known) {
		put_field(ship, record.event.group_id, strlen(record.event.group_id));
		put_number(ship, (int64_t)record.event.msg_seq);
		put_number(ship, (int64_t)record.event.seq);
	} else {
		for (int i = 0; i < 3; i++)
			put_null(ship);
	}
	if (known && record.time >= 0)
		put_number(ship, (record.time - year_2000) * 1000);
	else
		put_null(ship);
	put_field(ship, line->bytes, line->length);
	document_free(document);
	ship->rows++;
}

/* The log's size while no writer is at work; -1: one was all the time. */
static off_t
size_settled(int fd)
{
	struct stat status;
	off_t size = -1;

	if (store_settle(fd, SETTLE_MILLISECONDS) != 0)
		return -1;
	if (fstat(fd, &status) == 0)
		size = status.st_size;
	store_settle_end(fd);
	return size;
}

/* Puts a file's lines into the batch: true where it may have more, or could not be judged. */
static bool
file_batch(struct ship *ship, struct file *file)
{
	struct scan scan;
	struct line line;
	off_t size;
	bool more = true;

	file->batched = file->position;
	if (scan_open(&scan, ship->data_dir, file->name, &ship->fault) <= 0)
		return false; /* it is gone; under another name inotify tells of it */
	if (scan.inode != file->inode) {
		scan_close(&scan);
		return false;
	}
	size = size_settled(scan.fd);
	scan_seek(&scan, file->position, 0);
	while (size > file->batched && ship->length < BATCH_BYTES) {
		off_t end;

		if (scan_next(&scan, &line, &ship->fault) != 1)
			break;
		end = scan_offset(&scan);
		if (line.overlong)
			fprintf(stderr,
			    "msgext-ship: %s: the line at %lld is no event of ours, and its end "
			    "alone is shipped\n",
			    file->name, (long long)file->batched);
		if (end > size || (end == size && !store_line_is_whole(line.bytes, line.length)))
			break;
		row_put(ship, file, &line);
		file->batched = end;
	}
	more = size < 0 || ship->length >= BATCH_BYTES;
	scan_close(&scan);
	return more;
}

/* the engine */

/* Runs a command; NULL where it failed, after telling why. */
static PGresult *
query(struct ship *ship, const char *command, int count, const char *const *values)
{
	PGresult *result =
	    PQexecParams(ship->connection, command, count, NULL, values, NULL, NULL, 0);
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return result;
	fprintf(stderr, "msgext-ship: %s", PQerrorMessage(ship->connection));
	PQclear(result);
	return NULL;
}

static bool
run(struct ship *ship, const char *command)
{
	PGresult *result = query(ship, command, 0, NULL);

	PQclear(result);
	return result != NULL;
}

/* A file's row, made where there is none. */
static bool
file_identify(struct ship *ship, struct file *file)
{
	char inode[24], born[24];
	const char *values[] = { ship->node, inode, born, file->name };
	PGresult *result;

	if (file->id != 0)
		return true;
	snprintf(inode, sizeof(inode), "%lld", (long long)file->inode);
	snprintf(born, sizeof(born), "%lld", (long long)file->born);
	result = query(ship,
	    "INSERT INTO msgext_file (node, inode, born, name) VALUES ($1, $2, $3, $4)"
	    " ON CONFLICT (node, inode, born) DO UPDATE SET name = excluded.name"
	    " RETURNING id, position",
	    4, values);
	if (result == NULL)
		return false;
	file->id = strtoll(PQgetvalue(result, 0, 0), NULL, 10);
	file->position = strtoll(PQgetvalue(result, 0, 1), NULL, 10);
	PQclear(result);
	return true;
}

/* What the engine has of this directory; what it has less than we thought comes again. */
static bool
positions_load(struct ship *ship)
{
	const char *values[] = { ship->identity };
	PGresult *result = query(ship,
	    "INSERT INTO msgext_node (incarnation) VALUES ($1) ON CONFLICT (incarnation)"
	    " DO UPDATE SET incarnation = excluded.incarnation RETURNING id",
	    1, values);

	if (result == NULL)
		return false;
	snprintf(ship->node, sizeof(ship->node), "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
	values[0] = ship->node;
	result = query(ship, "SELECT inode, born, id, position FROM msgext_file WHERE node = $1", 1,
	    values);
	if (result == NULL)
		return false;
	for (size_t i = 0; i < ship->slot_count; i++)
		for (struct file *file = ship->slots[i]; file != NULL; file = file->next_in_slot)
			file->id = file->position = 0;
	for (int row = 0; row < PQntuples(result) && ship->slot_count > 0; row++) {
		struct file *file =
		    *file_slot(ship, (uint64_t)strtoll(PQgetvalue(result, row, 0), NULL, 10),
			strtoll(PQgetvalue(result, row, 1), NULL, 10));

		if (file == NULL)
			continue; /* of a file that is gone */
		file->id = strtoll(PQgetvalue(result, row, 2), NULL, 10);
		file->position = strtoll(PQgetvalue(result, row, 3), NULL, 10);
	}
	PQclear(result);
	return true;
}

/* Moves the positions of the files in the batch, which must be where we believe them to be. */
static bool
positions_move(struct ship *ship)
{
	size_t room = 24 * ship->touched_count + 3, used[3] = { 1, 1, 1 };
	char *lists[3];
	PGresult *result;
	bool moved;

	for (int list = 0; list < 3; list++) {
		lists[list] = must_have(malloc(room));
		lists[list][0] = '{';
	}
	for (size_t i = 0; i < ship->touched_count; i++) {
		const struct file *file = ship->touched[i];
		const int64_t numbers[] = { file->id, file->batched, file->position };

		for (int list = 0; list < 3; list++)
			used[list] += (size_t)sprintf(lists[list] + used[list], "%s%lld",
			    i > 0 ? "," : "", (long long)numbers[list]);
	}
	for (int list = 0; list < 3; list++)
		strcpy(lists[list] + used[list], "}");
	result = query(ship,
	    "UPDATE msgext_file f SET position = v.position FROM"
	    " unnest($1::bigint[], $2::bigint[], $3::bigint[]) v (id, position, before)"
	    " WHERE f.id = v.id AND f.position = v.before",
	    3, (const char *const *)lists);
	moved = result != NULL && strtoull(PQcmdTuples(result), NULL, 10) == ship->touched_count;
	if (result != NULL && !moved)
		fputs("msgext-ship: the engine is not where it was; reading its positions again\n",
		    stderr);
	PQclear(result);
	for (int list = 0; list < 3; list++)
		free(lists[list]);
	return moved;
}

/* Sends the rows into a table. */
static bool
rows_copy(struct ship *ship, const char *command)
{
	PGresult *result = query(ship, command, 0, NULL);
	bool copied;

	PQclear(result);
	if (result == NULL)
		return false;
	put(ship, "\xff\xff", 2); /* the end */
	copied = PQputCopyData(ship->connection, ship->bytes, (int)ship->length) == 1 &&
	    PQputCopyEnd(ship->connection, NULL) == 1;
	while ((result = PQgetResult(ship->connection)) != NULL) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

		if (state != NULL && strcmp(state, "23505") == 0)
			ship->conflicts = true;
		copied = copied && PQresultStatus(result) == PGRES_COMMAND_OK;
		PQclear(result);
	}
	if (!copied)
		fprintf(stderr, "msgext-ship: %s", PQerrorMessage(ship->connection));
	return copied;
}

/* One transaction: all of the batch, or nothing. */
static bool
batch_commit(struct ship *ship)
{
	bool sent;

	if (!run(ship, "BEGIN"))
		return false;
	if (ship->conflicts)
		sent =
		    run(ship,
			"CREATE TEMPORARY TABLE msgext_staged (LIKE msgext_line) ON COMMIT DROP") &&
		    rows_copy(ship, "COPY msgext_staged FROM STDIN (FORMAT binary)") &&
		    run(ship,
			"INSERT INTO msgext_line SELECT * FROM msgext_staged ON CONFLICT DO "
			"NOTHING");
	else
		sent = rows_copy(ship, "COPY msgext_line FROM STDIN (FORMAT binary)");
	if (!sent || !positions_move(ship)) {
		run(ship, "ROLLBACK");
		return false;
	}
	if (!run(ship, "COMMIT"))
		return false;
	for (size_t i = 0; i < ship->touched_count; i++)
		ship->touched[i]->position = ship->touched[i]->batched;
	return true;
}

/* Ships what is dirty; false: the engine did not take it.  waits: some must be looked at again. */
static bool
dirty_ship(struct ship *ship, bool *waits)
{
	struct file *left = NULL;

	*waits = false;
	while (ship->dirty != NULL) {
		batch_begin(ship);
		while (ship->dirty != NULL && ship->length < BATCH_BYTES &&
		    ship->touched_count < BATCH_FILES) {
			struct file *file = ship->dirty;

			if (!file_identify(ship, file))
				return false;
			ship->dirty = file->next_dirty;
			file->dirty = false;
			if (file_batch(ship, file) && file->batched == file->position) {
				file->next_dirty = left;
				left = file;
			} else if (ship->length >= BATCH_BYTES) {
				file_touch(ship, file);
			}
			if (file->batched > file->position)
				ship->touched[ship->touched_count++] = file;
			else
				continue;
			if (ship->length >= BATCH_BYTES)
				break;
		}
		if (ship->touched_count > 0 && !batch_commit(ship))
			return false;
	}
	*waits = left != NULL;
	while (left != NULL) {
		struct file *file = left;

		left = file->next_dirty;
		file_touch(ship, file);
	}
	return true;
}

/* connecting, waiting */

static bool
connect_engine(struct ship *ship)
{
	static const char *const keywords[] = { "fallback_application_name", "connect_timeout",
		"keepalives_idle", "tcp_user_timeout", "client_encoding", "dbname", NULL };
	const char *const values[] = { "msgext-ship", "10", "5", "15000", "UTF8", ship->conninfo,
		NULL };
	PGresult *result;
	bool right = false;

	PQfinish(ship->connection);
	ship->connection = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(ship->connection) != CONNECTION_OK) {
		fprintf(stderr, "msgext-ship: %s", PQerrorMessage(ship->connection));
		return false;
	}
	result = query(ship, "SELECT version FROM msgext_schema", 0, NULL);
	if (result != NULL) {
		right =
		    PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), SCHEMA_VERSION) == 0;
		if (!right)
			fputs("msgext-ship: the schema is of another version\n", stderr);
	}
	PQclear(result);
	return right;
}

/* Takes in what inotify has to tell. */
static void
events_take(struct ship *ship)
{
	union {
		struct inotify_event align;
		char bytes[65536];
	} block;
	ssize_t length = read(ship->notify, block.bytes, sizeof(block.bytes));

	for (ssize_t at = 0; at < length;) {
		const struct inotify_event *event = (const void *)(block.bytes + at);

		if ((event->mask & (IN_DELETE_SELF | IN_MOVE_SELF)) != 0 ||
		    ((event->mask & (IN_DELETE | IN_MOVED_FROM)) != 0 &&
			strcmp(event->name, IDENTITY_NAME) == 0))
			give_up(EX_TEMPFAIL, ship->data_dir,
			    "has gone, or begins anew; start again");
		if ((event->mask & IN_Q_OVERFLOW) != 0)
			directory_look(ship);
		else if (event->len > 0)
			name_look(ship, event->name);
		at += (ssize_t)(sizeof(*event) + event->len);
	}
}

/* Ships until the engine fails; true: once was asked for, and all is shipped. */
static bool
engine_serve(struct ship *ship, bool once)
{
	if (!connect_engine(ship) || !positions_load(ship))
		return false;
	directory_look(ship);
	for (;;) {
		struct pollfd events = { .fd = ship->notify, .events = POLLIN };
		bool waits;
		int ready;

		if (!dirty_ship(ship, &waits))
			return false;
		if (once && !waits)
			return true;
		ready = poll(&events, 1, waits ? AGAIN_MILLISECONDS : IDLE_MILLISECONDS);
		if (ready > 0)
			events_take(ship);
		if (ready != 0 || waits)
			continue;
		ship->conflicts = false;
		if (!positions_load(ship))
			return false;
		directory_look(ship);
	}
}

static int
serve_for_ever(struct ship *ship, bool once)
{
	unsigned back_off = 0;
	int64_t began = clock_milliseconds();

	while (!engine_serve(ship, once)) {
		/* What is not committed is dirty again after the next look at the directory. */
		while (ship->dirty != NULL) {
			ship->dirty->dirty = false;
			ship->dirty = ship->dirty->next_dirty;
		}
		if (clock_milliseconds() - began > IDLE_MILLISECONDS)
			back_off = 0; /* it has worked for long */
		sleep(back_off);
		back_off = back_off == 0          ? 1
		    : back_off < BACK_OFF_MAX / 2 ? 2 * back_off
						  : BACK_OFF_MAX;
		began = clock_milliseconds();
	}
	return EX_OK;
}

static int
schema_make(struct ship *ship)
{
	PGresult *result;
	bool made;

	ship->connection = PQconnectdb(ship->conninfo);
	result = PQexec(ship->connection, schema);
	made = PQresultStatus(result) == PGRES_COMMAND_OK;
	if (!made)
		fprintf(stderr, "msgext-ship: %s", PQerrorMessage(ship->connection));
	PQclear(result);
	PQfinish(ship->connection);
	return made ? EX_OK : EX_UNAVAILABLE;
}

/* the command line */

static int
usage(FILE *out)
{
	fputs("usage: msgext-ship [-c FILE | -d DIR] [--once] CONNINFO\n"
	      "       msgext-ship --init CONNINFO\n"
	      "       msgext-ship -V | -h\n"
	      "\n"
	      "  -c, --config FILE    the receiver's configuration, which names the logs\n"
	      "  -d, --data-dir DIR   the logs\n"
	      "  --once               ship what is there, and end\n"
	      "  --init               make the tables\n"
	      "  CONNINFO             as libpq takes it: service=msgext, "
	      "postgresql://host/database\n",
	    out);
	return out == stderr ? EX_USAGE : EX_OK;
}

static void
directory_open(struct ship *ship, const char *config_path)
{
	const char *environment = getenv("MSGEXT_CONFIG");

	if (ship->data_dir == NULL) {
		if (config_path == NULL)
			config_path = environment != NULL && environment[0] != '\0' ? environment
										    : SYSCONFDIR
			    "/msgext/msgext.conf";
		if (config_load(&ship->config, config_path, &ship->fault) != 0)
			give_up(EX_CONFIG, fault_slug(ship->fault.code), ship->fault.detail);
		ship->data_dir = ship->config.store.data_dir;
	}
	ship->directory = open(ship->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ship->directory < 0)
		give_up(EX_NOINPUT, ship->data_dir, strerror(errno));
	identity_get(ship);
	ship->notify = inotify_init1(IN_CLOEXEC);
	if (ship->notify < 0 || inotify_add_watch(ship->notify, ship->data_dir, WATCHED) < 0)
		give_up(EX_OSERR, "inotify", strerror(errno));
}

int
main(int argc, char **argv)
{
	static const struct option options[] = { { "config", required_argument, NULL, 'c' },
		{ "data-dir", required_argument, NULL, 'd' }, { "init", no_argument, NULL, 'i' },
		{ "once", no_argument, NULL, 'o' }, { "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };
	static struct ship ship;
	const char *config_path = NULL;
	bool init = false, once = false;
	int option;

	while ((option = getopt_long(argc, argv, "c:d:hV", options, NULL)) != -1) {
		switch (option) {
		case 'c':
			config_path = optarg;
			break;
		case 'd':
			ship.data_dir = optarg;
			break;
		case 'i':
			init = true;
			break;
		case 'o':
			once = true;
			break;
		case 'V':
			printf("msgext-ship %s\n", MSGEXT_VERSION);
			return EX_OK;
		default:
			return usage(option == 'h' ? stdout : stderr);
		}
	}
	if (optind != argc - 1)
		return usage(stderr);
	ship.conninfo = argv[optind];
	if (init)
		return schema_make(&ship);
	directory_open(&ship, config_path);
	return serve_for_ever(&ship, once);
}
