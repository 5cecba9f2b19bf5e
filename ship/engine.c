/*
 * engine.c - the rows in PostgreSQL; the only code that knows libpq.
 *
 * Only the engine knows what is shipped.  It has a table of lines, each once, and a table of files,
 * which says up to where each file has been committed.  A batch of lines and the new positions are
 * one transaction, and the old positions must be what we believe they are.  So no line comes twice
 * and none is left out, whatever is killed at any moment.  If a failover loses lines, it loses
 * their positions with them, and the lines come again from the logs.
 *
 * A batch goes by COPY while its lines are still being read, so that both ends work at the same
 * time, and at most one block of it is in memory.  COPY ends at the first row that is in the table
 * already.  That happens only where positions were lost and rows were not.  Then batches go through
 * a temporary table, at half the speed, until all is shipped.
 *
 * A line is bytea: a log may hold any bytes, and a line that is not text must not block the lines
 * after it.  No foreign key binds lines to files: it would cost half the speed.
 *
 * An engine is another machine's program and may not be a real one.  So each answer is checked
 * before it is used: its kind, rows, columns and format, and the range of each value.  An answer
 * that makes no sense is a fault of the engine's, like a connection that ended.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "ship/engine.h"
#include "base/fault.h"
#include "base/text.h"
#include "log/erase.h"
#include "log/scan.h"
#include "log/source.h"
#include "names.h"
#include "record.h"
#include "ship/files.h"
#include "store/options.h"

#define SCHEMA_VERSION "1"
#define BLOCK (64 << 10) /* bytes of COPY that are sent at once */
#define GROUPS_AT_ONCE 1000
/* For each host, unless the service or the environment says otherwise. */
#define CONNECT_SECONDS "10"

struct engine {
	const char *conninfo;
	PGconn *connection;
	char node[24]; /* the directory's number */
	bool staged;   /* some rows are there already */
	bool copying;  /* a batch has begun */
	uint64_t rows; /* of it */
	bool no_memory;
	char *bytes; /* of it, not sent yet */
	size_t length, size;
};

static const char schema[] =
    "SET client_min_messages = warning;"
    "SELECT pg_advisory_xact_lock(hashtext('msgext'));" /* one at a time */
    "CREATE TABLE IF NOT EXISTS msgext_schema (version integer NOT NULL);"
    "INSERT INTO msgext_schema SELECT " SCHEMA_VERSION
    " WHERE NOT EXISTS (SELECT FROM msgext_schema);"
    "CREATE TABLE IF NOT EXISTS msgext_node (id bigserial PRIMARY KEY,"
    " incarnation text NOT NULL UNIQUE, since timestamptz NOT NULL DEFAULT now());"
    "CREATE TABLE IF NOT EXISTS msgext_file (id bigserial PRIMARY KEY,"
    " node bigint NOT NULL REFERENCES msgext_node, inode bigint NOT NULL, born bigint NOT NULL,"
    " generation bigint NOT NULL, name text NOT NULL, position bigint NOT NULL DEFAULT 0,"
    " mark bigint NOT NULL DEFAULT 0, UNIQUE (node, inode, born, generation));"
    "CREATE TABLE IF NOT EXISTS msgext_line (file bigint NOT NULL,"
    " start bigint NOT NULL, sdk_app_id bigint, group_id text COLLATE \"C\", msg_seq bigint,"
    " seq bigint, time timestamptz, line bytea NOT NULL, PRIMARY KEY (file, start));"
    "CREATE INDEX IF NOT EXISTS msgext_line_message ON msgext_line (group_id, msg_seq);";

/* faults */

/* The engine's answer is none of the answers that the question has. */
static int
answer_fault(struct fault *fault, const char *what)
{
	return fault_set(fault, FAULT_ENGINE, "the engine's answer makes no sense: %s", what);
}

/* Reports libpq's message, which ends in a newline and may contain others. */
static int
engine_fault(const struct engine *engine, struct fault *fault)
{
	char message[FAULT_DETAIL_SIZE];
	size_t length;

	snprintf(message, sizeof(message), "%s", PQerrorMessage(engine->connection));
	for (char *at = message; *at != '\0'; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	length = strlen(message);
	while (length > 0 && message[length - 1] == ' ')
		message[--length] = '\0';
	if (length == 0) /* libpq found nothing wrong with it */
		return answer_fault(fault, "it is not an answer to the question");
	return fault_set(fault, FAULT_ENGINE, "%s", message);
}

/* Returns a result of the kind that is wanted.  NULL: it is of another kind, and is freed. */
static PGresult *
result_check(const struct engine *engine, PGresult *result, ExecStatusType wanted,
    struct fault *fault)
{
	if (PQresultStatus(result) == wanted)
		return result;
	engine_fault(engine, fault);
	PQclear(result);
	return NULL;
}

#define AS_TEXT 0
#define AS_BYTES 1

/* Has a result this number of columns, all of them in that format? */
static bool
columns_are(const PGresult *result, int columns, int format)
{
	bool right = PQnfields(result) == columns;

	for (int i = 0; right && i < columns; i++)
		right = PQfformat(result, i) == format;
	return right;
}

struct question {
	const char *command;
	const char *const *values; /* of its parameters, as text */
	int value_count;
	int columns; /* of the answer's rows; 0: there are none */
};

/* Asks, and returns the answer as text.  The caller frees it with PQclear.  NULL: fault. */
static PGresult *
ask(const struct engine *engine, const struct question *question, struct fault *fault)
{
	PGresult *result = PQexecParams(engine->connection, question->command,
	    question->value_count, NULL, question->values, NULL, NULL, AS_TEXT);

	result = result_check(engine, result,
	    question->columns > 0 ? PGRES_TUPLES_OK : PGRES_COMMAND_OK, fault);
	if (result == NULL || columns_are(result, question->columns, AS_TEXT))
		return result;
	answer_fault(fault, "its columns are not those that were asked for");
	PQclear(result);
	return NULL;
}

/* Runs commands.  The last one must end with that status. */
static int
run(const struct engine *engine, const char *commands, ExecStatusType end, struct fault *fault)
{
	PGresult *result = result_check(engine, PQexec(engine->connection, commands), end, fault);

	PQclear(result);
	return result == NULL ? -1 : 0;
}

/* A value that is text without a NUL.  NULL: it is not, or there is no value. */
static const char *
value_text(const PGresult *result, int row, int column)
{
	const char *text = PQgetvalue(result, row, column);

	if (PQgetisnull(result, row, column) ||
	    strlen(text) != (size_t)PQgetlength(result, row, column))
		return NULL;
	return text;
}

/* A value that is a number, at least that large. */
static bool
value_number(const PGresult *result, int row, int column, int64_t least, int64_t *number)
{
	const char *text = value_text(result, row, column);
	size_t sign = text != NULL && text[0] == '-', digits;

	if (text == NULL)
		return false;
	digits = strspn(text + sign, "0123456789");
	if (digits == 0 || text[sign + digits] != '\0')
		return false;
	errno = 0;
	*number = strtoll(text, NULL, 10);
	return errno == 0 && *number >= least;
}

/* arrays of one element and more, as PostgreSQL reads them: {1,2}, {"a","b"} */

struct array {
	char *text;
	size_t length, size;
};

/* Adds text; false: no memory. */
static bool
array_add(struct array *array, const char *bytes, size_t length)
{
	if (array->text == NULL || length >= array->size - array->length) {
		size_t size = 2 * (array->length + length) + 64;
		char *larger = realloc(array->text, size);

		if (larger == NULL)
			return false;
		array->text = larger;
		array->size = size;
	}
	memcpy(array->text + array->length, bytes, length);
	array->length += length;
	array->text[array->length] = '\0';
	return true;
}

static bool
array_number(struct array *array, int64_t number)
{
	char text[32];
	int length = snprintf(text, sizeof(text), "%c%lld", array->length == 0 ? '{' : ',',
	    (long long)number);

	return array_add(array, text, (size_t)length);
}

/* Adds text that is valid UTF-8. */
static bool
array_text(struct array *array, const char *text)
{
	bool added = array_add(array, array->length == 0 ? "{\"" : ",\"", 2);

	for (; added && *text != '\0'; text++)
		added = ((*text != '"' && *text != '\\') || array_add(array, "\\", 1)) &&
		    array_add(array, text, 1);
	return added && array_add(array, "\"", 1);
}

static bool
array_end(struct array *array)
{
	return array_add(array, "}", 1);
}

static void
arrays_free(struct array *arrays, size_t count)
{
	for (size_t i = 0; i < count; i++)
		free(arrays[i].text);
}

/* connecting */

struct engine *
engine_new(const char *conninfo)
{
	struct engine *engine = calloc(1, sizeof(*engine));

	if (engine != NULL)
		engine->conninfo = conninfo;
	return engine;
}

void
engine_free(struct engine *engine)
{
	if (engine == NULL)
		return;
	PQfinish(engine->connection);
	free(engine->bytes);
	free(engine);
}

/*
 * A machine that vanished without a word is given up after about 15 seconds, unless the owner says
 * otherwise. libpq prefers a parameter of ours to one of a service file, so they are set only when
 * it is known which ones were left out.
 */
static void
socket_be_impatient(const PGconn *connection)
{
	static const struct {
		const char *keyword;
		int option, value;
	} patience[] = { { "keepalives_idle", TCP_KEEPIDLE, 5 },
		{ "keepalives_interval", TCP_KEEPINTVL, 5 }, { "keepalives_count", TCP_KEEPCNT, 3 },
		{ "tcp_user_timeout", TCP_USER_TIMEOUT, 15000 } };
	PQconninfoOption *options = PQconninfo((PGconn *)connection);

	for (const PQconninfoOption *at = options; at != NULL && at->keyword != NULL; at++)
		for (size_t i = 0; i < sizeof(patience) / sizeof(patience[0]); i++)
			if (strcmp(at->keyword, patience[i].keyword) == 0 && at->val == NULL)
				(void)setsockopt(PQsocket(connection), IPPROTO_TCP,
				    patience[i].option, &patience[i].value,
				    sizeof(patience[i].value)); /* a Unix socket has none */
	PQconninfoFree(options);
}

/* The text of notices is the engine's, and a terminal would obey it. */
static void
notice_drop(void *context, const PGresult *notice)
{
	(void)context;
	(void)notice;
}

static int
engine_dial(struct engine *engine, struct fault *fault)
{
	static const char *const keywords[] = { "fallback_application_name", "client_encoding",
		"dbname", NULL };
	const char *const values[] = { "msgext-ship", "UTF8", engine->conninfo, NULL };
	const char *encoding;

	PQfinish(engine->connection);
	engine->copying = false;
	setenv("PGCONNECT_TIMEOUT", CONNECT_SECONDS, 0);
	engine->connection = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(engine->connection) != CONNECTION_OK)
		return engine_fault(engine, fault);
	PQsetNoticeReceiver(engine->connection, notice_drop, NULL);
	socket_be_impatient(engine->connection);
	/*
	 * Another encoding cannot hold every group's id, and the first id that it cannot hold would
	 * block all lines.
	 */
	encoding = PQparameterStatus(engine->connection, "server_encoding");
	if (encoding == NULL)
		return answer_fault(fault, "it does not say which encoding the database has");
	if (strcmp(encoding, "UTF8") != 0)
		return fault_set(fault, FAULT_ENGINE, "the encoding of the database is not UTF8");
	return 0;
}

int
engine_connect(struct engine *engine, struct fault *fault)
{
	const struct question question = { .command = "SELECT version FROM msgext_schema",
		.columns = 1 };
	PGresult *result;
	const char *version;
	bool right;

	if (engine_dial(engine, fault) != 0)
		return -1;
	result = ask(engine, &question, fault);
	if (result == NULL)
		return -1;
	version = PQntuples(result) == 1 ? value_text(result, 0, 0) : NULL;
	right = version != NULL && strcmp(version, SCHEMA_VERSION) == 0;
	PQclear(result);
	return right ? 0 : fault_set(fault, FAULT_ENGINE, "the tables are of another version");
}

int
engine_init(const char *conninfo, struct fault *fault)
{
	struct engine engine = { .conninfo = conninfo };
	int result = engine_dial(&engine, fault);

	if (result == 0)
		result = run(&engine, schema, PGRES_COMMAND_OK, fault);
	PQfinish(engine.connection);
	return result;
}

int
engine_socket(const struct engine *engine)
{
	return PQsocket(engine->connection);
}

/* files */

int
engine_node(struct engine *engine, const char *identity, struct fault *fault)
{
	const struct question question = {
		.command =
		    "INSERT INTO msgext_node (incarnation) VALUES ($1) ON CONFLICT (incarnation)"
		    " DO UPDATE SET incarnation = excluded.incarnation RETURNING id",
		.values = &identity,
		.value_count = 1,
		.columns = 1
	};
	PGresult *result = ask(engine, &question, fault);
	int64_t node;
	bool right;

	if (result == NULL)
		return -1;
	right = PQntuples(result) == 1 && value_number(result, 0, 0, 1, &node);
	PQclear(result);
	if (!right)
		return answer_fault(fault, "the directory has no number");
	snprintf(engine->node, sizeof(engine->node), "%lld", (long long)node);
	return 0;
}

/* A file's name for people, in plain ASCII. */
static bool
array_name(struct array *array, const char *name)
{
	char plain[256];
	size_t length = 0;

	for (; *name != '\0' && length + 1 < sizeof(plain); name++)
		plain[length++] = (char)(*name >= 0x20 && *name < 0x7f ? *name : '?');
	plain[length] = '\0';
	return array_text(array, plain);
}

/* Asks for the files in the arrays, and adds those that are new. */
static PGresult *
files_ask(const struct engine *engine, const struct array arrays[4], struct fault *fault)
{
	const char *values[] = { engine->node, arrays[0].text, arrays[1].text, arrays[2].text,
		arrays[3].text };
	const struct question add = {
		"INSERT INTO msgext_file (node, inode, born, generation, name) SELECT $1, * FROM"
		" unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[])"
		" w (inode, born, generation, name)"
		" WHERE NOT EXISTS (SELECT FROM msgext_file f WHERE"
		" (f.node, f.inode, f.born, f.generation) = ($1, w.inode, w.born, w.generation))"
		" ON CONFLICT (node, inode, born, generation) DO NOTHING",
		values, 5, 0
	};
	const struct question find = {
		"SELECT f.id, f.generation, f.position, f.mark"
		" FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY w (inode, born, number),"
		" LATERAL (SELECT * FROM msgext_file f WHERE (f.node, f.inode, f.born) ="
		" ($1, w.inode, w.born) ORDER BY f.generation DESC LIMIT 1) f ORDER BY w.number",
		values, 3, 4
	};
	PGresult *result = ask(engine, &add, fault);

	if (result == NULL)
		return NULL;
	PQclear(result);
	return ask(engine, &find, fault);
}

/* Reads what the engine has of a file: one row of the answer. */
static int
file_identify(struct ship_file *file, const PGresult *answer, int row, struct fault *fault)
{
	int64_t number, generation, offset, mark;

	/* The answer has the generation that was asked for, or a later one. */
	if (!value_number(answer, row, 0, 1, &number) ||
	    !value_number(answer, row, 1, file->generation, &generation) ||
	    !value_number(answer, row, 2, 0, &offset) ||
	    !value_number(answer, row, 3, INT64_MIN, &mark))
		return answer_fault(fault, "what it has of a file is impossible");
	file->row = number;
	file->generation = generation;
	file->shipped = (struct ship_point){ offset, (uint64_t)mark };
	return 0;
}

int
engine_identify(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault)
{
	struct array arrays[4] = { { NULL, 0, 0 } };
	PGresult *answer = NULL;
	bool built = true;
	int asked = 0, row = 0, result = -1;

	for (size_t i = 0; i < count && built; i++) {
		if (files[i]->row != 0)
			continue;
		asked++;
		built = array_number(&arrays[0], (int64_t)files[i]->inode) &&
		    array_number(&arrays[1], files[i]->born) &&
		    array_number(&arrays[2], files[i]->generation) &&
		    array_name(&arrays[3], files[i]->name);
	}
	if (asked == 0)
		return 0;
	for (size_t i = 0; i < 4 && built; i++)
		built = array_end(&arrays[i]);
	if (!built)
		fault_memory(fault);
	else
		answer = files_ask(engine, arrays, fault);
	if (answer == NULL)
		goto out;
	if (PQntuples(answer) != asked) {
		answer_fault(fault, "it does not know the files that it was given");
		goto out;
	}
	for (size_t i = 0; i < count; i++) {
		if (files[i]->row != 0)
			continue;
		if (file_identify(files[i], answer, row++, fault) != 0)
			goto out;
	}
	result = 0;
out:
	PQclear(answer);
	arrays_free(arrays, 4);
	return result;
}

/* the batch, in PostgreSQL's binary format of COPY */

static void
put(struct engine *engine, const void *bytes, size_t length)
{
	if (length > engine->size - engine->length) {
		size_t size = 2 * (engine->length + length);
		char *larger = realloc(engine->bytes, size);

		if (larger == NULL) {
			engine->no_memory = true; /* told by engine_row */
			return;
		}
		engine->bytes = larger;
		engine->size = size;
	}
	memcpy(engine->bytes + engine->length, bytes, length);
	engine->length += length;
}

static void
put_field(struct engine *engine, const void *bytes, size_t length)
{
	uint32_t size = htobe32((uint32_t)length);

	put(engine, &size, sizeof(size));
	put(engine, bytes, length);
}

static void
put_null(struct engine *engine)
{
	put(engine, "\xff\xff\xff\xff", 4);
}

/* Below 0: NULL. */
static void
put_number(struct engine *engine, int64_t number)
{
	uint64_t bytes = htobe64((uint64_t)number);

	if (number < 0)
		put_null(engine);
	else
		put_field(engine, &bytes, sizeof(bytes));
}

/* Milliseconds since 1970 as microseconds since 2000; below 0: NULL. */
static void
put_time(struct engine *engine, int64_t time)
{
	uint64_t bytes = htobe64((uint64_t)((time - INT64_C(946684800000)) * 1000));

	if (time < 0)
		put_null(engine);
	else
		put_field(engine, &bytes, sizeof(bytes));
}

static int
block_send(struct engine *engine, struct fault *fault)
{
	int sent = PQputCopyData(engine->connection, engine->bytes, (int)engine->length);

	engine->length = 0;
	return sent == 1 ? 0 : engine_fault(engine, fault);
}

static int
batch_begin(struct engine *engine, struct fault *fault)
{
	static const char head[] = "PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0";

	if (run(engine,
		engine->staged ? "BEGIN; CREATE TEMPORARY TABLE msgext_staged (LIKE msgext_line)"
				 " ON COMMIT DROP; COPY msgext_staged FROM STDIN (FORMAT binary)"
			       : "BEGIN; COPY msgext_line FROM STDIN (FORMAT binary)",
		PGRES_COPY_IN, fault) != 0)
		return -1;
	engine->copying = true;
	engine->rows = 0;
	engine->length = 0;
	put(engine, head, 11 + 8);
	return 0;
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

int
engine_row(struct engine *engine, int64_t file_row, const struct line *line,
    const struct record *record, struct fault *fault)
{
	if (!engine->copying && batch_begin(engine, fault) != 0)
		return -1;
	engine->rows++;
	put(engine, "\0\10", 2); /* fields */
	put_number(engine, file_row);
	put_number(engine, line->offset);
	put_number(engine, line_app(line));
	if (record != NULL)
		put_field(engine, record->event.group_id, strlen(record->event.group_id));
	else
		put_null(engine);
	put_number(engine, record == NULL ? -1 : (int64_t)record->event.msg_seq);
	put_number(engine, record == NULL ? -1 : (int64_t)record->event.seq);
	put_time(engine, record == NULL ? -1 : record->time);
	put_field(engine, line->bytes, line->length);
	if (engine->no_memory)
		return fault_memory(fault);
	return engine->length < BLOCK ? 0 : block_send(engine, fault);
}

/* How many rows does it say that a command has touched? */
static uint64_t
rows_touched(PGresult *result)
{
	uint64_t rows;
	const char *text = PQcmdTuples(result);

	return integer_parse(text, strlen(text), &rows) ? rows : UINT64_MAX;
}

/* Ends the COPY.  If it met a row that was there, the next batch expects such rows. */
static int
batch_end(struct engine *engine, struct fault *fault)
{
	PGresult *result;
	const char *state;
	uint64_t rows;

	engine->copying = false;
	put(engine, "\xff\xff", 2);
	if (block_send(engine, fault) != 0 || PQputCopyEnd(engine->connection, NULL) != 1)
		return engine_fault(engine, fault);
	result = PQgetResult(engine->connection);
	state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	if (state != NULL && strcmp(state, "23505") == 0)
		engine->staged = true;
	result = result_check(engine, result, PGRES_COMMAND_OK, fault);
	if (result == NULL)
		return -1;
	rows = rows_touched(result);
	PQclear(result);
	if (rows != engine->rows)
		return answer_fault(fault, "it has taken more or fewer lines than were sent");
	result = PQgetResult(engine->connection);
	PQclear(result);
	return result == NULL ? 0 : answer_fault(fault, "it answers the lines twice");
}

/* Moves the positions of the files in the batch.  The old ones must be what we believe they are. */
static int
positions_move(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault)
{
	struct array arrays[4] = { { NULL, 0, 0 } };
	const char *values[4];
	PGresult *answer = NULL;
	uint64_t moved = 0, touched;
	bool built = true;

	for (size_t i = 0; i < count && built; i++) {
		const struct ship_file *file = files[i];

		if (file->batched.offset <= file->shipped.offset)
			continue;
		moved++;
		built = array_number(&arrays[0], file->row) &&
		    array_number(&arrays[1], file->shipped.offset) &&
		    array_number(&arrays[2], file->batched.offset) &&
		    array_number(&arrays[3], (int64_t)file->batched.mark);
	}
	for (size_t i = 0; i < 4 && built; i++) {
		built = array_end(&arrays[i]);
		values[i] = arrays[i].text;
	}
	if (!built)
		fault_memory(fault);
	else
		answer = ask(engine,
		    &(struct question){
			"UPDATE msgext_file f SET position = v.position, mark = v.mark FROM"
			" unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])"
			" v (id, before, position, mark)"
			" WHERE f.id = v.id AND f.position = v.before",
			values, 4, 0 },
		    fault);
	arrays_free(arrays, 4);
	if (answer == NULL)
		return -1;
	touched = rows_touched(answer);
	PQclear(answer);
	if (touched != moved)
		return fault_set(fault, FAULT_ENGINE,
		    "the positions in the engine are not what they were");
	return 0;
}

/* A failed transaction ends without an error, but by another command's name. */
static int
commit(const struct engine *engine, struct fault *fault)
{
	PGresult *result =
	    result_check(engine, PQexec(engine->connection, "COMMIT"), PGRES_COMMAND_OK, fault);
	bool committed;

	if (result == NULL)
		return -1;
	committed = strcmp(PQcmdStatus(result), "COMMIT") == 0;
	PQclear(result);
	return committed ? 0 : fault_set(fault, FAULT_ENGINE, "the engine has not committed");
}

int
engine_commit(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault)
{
	bool staged = engine->staged;

	if (!engine->copying)
		return 0;
	if (batch_end(engine, fault) != 0 ||
	    (staged &&
		run(engine,
		    "INSERT INTO msgext_line SELECT * FROM msgext_staged ON CONFLICT DO NOTHING",
		    PGRES_COMMAND_OK, fault) != 0) ||
	    positions_move(engine, files, count, fault) != 0 || commit(engine, fault) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		files[i]->shipped = files[i]->batched;
	return 0;
}

void
engine_expect_new_rows(struct engine *engine)
{
	engine->staged = false;
}

/* reading */

struct group {
	char *id;
	char log[STORE_NAME_SIZE];
};

static int
group_compare(const void *a, const void *b)
{
	const struct group *left = a, *right = b;

	return strcmp(left->log, right->log);
}

static void
groups_free(struct group *groups, size_t count)
{
	for (size_t i = 0; groups != NULL && i < count; i++)
		free(groups[i].id);
	free(groups);
}

static bool
group_set(struct group *group, const char *id)
{
	group->id = strdup(id);
	if (group->id != NULL)
		store_name(id, group->log);
	return group->id != NULL;
}

/* Can a record name it?  C1 controls are accepted, too. */
static bool
group_can_be(const char *id)
{
	size_t length = strlen(id);

	for (const char *at = id; *at != '\0'; at++)
		if ((unsigned char)*at < 0x20 || *at == 0x7f)
			return false;
	return length >= 1 && length <= GROUP_ID_MAX && text_is_utf8(id);
}

/* Reads the groups' ids from an answer. 0, or -1: fault. */
static int
groups_take(struct group *groups, const PGresult *answer, size_t *count, struct fault *fault)
{
	size_t rows = (size_t)PQntuples(answer);

	for (*count = 0; *count < rows; ++*count) {
		const char *id = value_text(answer, (int)*count, 0);

		if (id == NULL || !group_can_be(id))
			return answer_fault(fault, "no group can have that id");
		if (!group_set(&groups[*count], id))
			return fault_memory(fault);
	}
	qsort(groups, rows, sizeof(*groups), group_compare);
	for (size_t i = 1; i < rows; i++)
		if (strcmp(groups[i - 1].log, groups[i].log) == 0)
			return answer_fault(fault, "a group is there twice");
	return 0;
}

/*
 * Returns that group or, where it is NULL, all groups, in the order of their logs' names.  NULL:
 * fault.
 */
static struct group *
groups_list(const struct engine *engine, const char *group, size_t *count, struct fault *fault)
{
	/* From one group to the next by the index: there are many lines in each. */
	static const struct question all = {
		.command = "WITH RECURSIVE g (id) AS (SELECT min(group_id) FROM msgext_line"
			   " UNION ALL SELECT (SELECT min(group_id) FROM msgext_line WHERE "
			   "group_id > g.id) FROM g"
			   " WHERE g.id IS NOT NULL) SELECT id FROM g WHERE id IS NOT NULL",
		.columns = 1
	};
	PGresult *answer = group != NULL ? NULL : ask(engine, &all, fault);
	struct group *groups = NULL;
	int result = -1;

	*count = 0;
	if (group == NULL && answer == NULL)
		return NULL;
	groups = calloc((size_t)PQntuples(answer) + 1, sizeof(*groups));
	if (groups == NULL || (group != NULL && !group_set(groups, group))) {
		fault_memory(fault);
		goto out;
	}
	if (group != NULL) {
		*count = 1;
		result = 0;
	} else {
		result = groups_take(groups, answer, count, fault);
	}
out:
	PQclear(answer);
	if (result == 0)
		return groups;
	groups_free(groups, *count);
	return NULL;
}

struct reading {
	struct engine *engine;
	const struct selection *selection;
	engine_take *take;
	void *context;
	struct fault *fault;
	size_t group_count; /* of those that are asked for */
};

/*
 * Can it be a record's line?  A line with a newline in it, or one that begins as a log's name does
 * in this output, would pass for lines of another group.
 */
static bool
line_can_be(const char *bytes, size_t length)
{
	size_t blanks = 0;

	while (blanks < length && strchr(" \t\r", bytes[blanks]) != NULL && bytes[blanks] != '\0')
		blanks++;
	return blanks < length && bytes[blanks] == '{' && length < LINE_SIZE_MAX &&
	    memchr(bytes, '\n', length) == NULL && memchr(bytes, '\0', length) == NULL;
}

/*
 * Gives a row to take: the number of its group, and a line. 1; 0: take has enough; -1: fault.  The
 * groups come one after another.  *before: the number of the row before.
 */
static int
row_take(const struct reading *reading, const PGresult *row, const struct group *groups,
    uint64_t *before)
{
	const char *line;
	uint64_t number;
	size_t length;
	bool begins;

	if (!columns_are(row, 2, AS_BYTES) || PQntuples(row) != 1 || PQgetisnull(row, 0, 0) ||
	    PQgetlength(row, 0, 0) != sizeof(number) || PQgetisnull(row, 0, 1))
		return answer_fault(reading->fault,
		    "its columns are not those that were asked for");
	memcpy(&number, PQgetvalue(row, 0, 0), sizeof(number));
	number = be64toh(number);
	if (number < 1 || number > reading->group_count || number < *before)
		return answer_fault(reading->fault, "a line of a group that was not asked for");
	line = PQgetvalue(row, 0, 1);
	length = (size_t)PQgetlength(row, 0, 1);
	if (!line_can_be(line, length))
		return answer_fault(reading->fault, "no group's log can hold such a line");
	begins = number != *before;
	*before = number;
	return reading->take(reading->context, begins ? groups[number - 1].log : NULL, line,
	    length);
}

/* Gives the rows of a query to take as they come. 1; 0: take has enough; -1: fault. */
static int
rows_take(const struct reading *reading, const struct group *groups)
{
	PGconn *connection = reading->engine->connection;
	uint64_t before = 0;
	bool ended = false;
	int state = 1;

	/* If this does not return 1, the connection cannot be used any more. */
	while (state == 1) {
		PGresult *result = PQgetResult(connection);
		ExecStatusType status = PQresultStatus(result);

		if (result == NULL && ended)
			break;
		if (status == PGRES_SINGLE_TUPLE && !ended)
			state = row_take(reading, result, groups, &before);
		else if (status == PGRES_TUPLES_OK && PQntuples(result) == 0 && !ended)
			ended = true;
		else
			state = engine_fault(reading->engine, reading->fault);
		PQclear(result);
	}
	return state;
}

#define LINES_OF_GROUPS                                                                            \
	" FROM unnest($1::text[]) WITH ORDINALITY g (id, number)"                                  \
	" JOIN msgext_line l ON l.group_id = g.id WHERE $2::bigint IS NULL OR l.msg_seq = $2"

/*
 * The lines of some groups.  By time: the lines of all files by time, but those of one file in the
 * file's order, which can differ a little from the order of time.
 */
static int
groups_read(const struct reading *reading, const struct group *groups)
{
	static const char by_time[] =
	    "SELECT number, line FROM (SELECT g.number, l.line, l.file, l.start,"
	    " max(l.time) OVER (PARTITION BY g.number, l.file ORDER BY l.start) AS "
	    "time" LINES_OF_GROUPS ") l ORDER BY number, time NULLS FIRST, file, start";
	static const char as_they_stand[] =
	    "SELECT g.number, l.line" LINES_OF_GROUPS " ORDER BY g.number";
	PGconn *connection = reading->engine->connection;
	struct array ids = { NULL, 0, 0 };
	const struct selection *selection = reading->selection;
	char message[24];
	const char *values[2] = { NULL, selection->has_message ? message : NULL };
	bool built = true;
	int result;

	for (size_t i = 0; i < reading->group_count && built; i++)
		built = array_text(&ids, groups[i].id);
	if (!built || !array_end(&ids)) {
		free(ids.text);
		return fault_memory(reading->fault);
	}
	values[0] = ids.text;
	snprintf(message, sizeof(message), "%llu", (unsigned long long)selection->message);
	result = PQsendQueryParams(connection, selection->by_time ? by_time : as_they_stand, 2,
	    NULL, values, NULL, NULL, AS_BYTES);
	free(ids.text);
	if (result != 1 || PQsetSingleRowMode(connection) != 1)
		return engine_fault(reading->engine, reading->fault);
	return rows_take(reading, groups);
}

int
engine_read(struct engine *engine, const struct selection *selection, engine_take *take,
    void *context, struct fault *fault)
{
	struct reading reading = { engine, selection, take, context, fault, 0 };
	const char *group = selection->group;
	struct group *groups;
	size_t count;
	int result = 1;

	if (group != NULL && !text_is_utf8(group))
		return 0; /* no group has that name */
	/* The rows of one moment, whatever is shipped meanwhile. */
	if (run(engine, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", PGRES_COMMAND_OK,
		fault) != 0)
		return -1;
	groups = groups_list(engine, group, &count, fault);
	if (groups == NULL)
		return -1;
	for (size_t i = 0; i < count && result == 1; i += GROUPS_AT_ONCE) {
		reading.group_count = count - i < GROUPS_AT_ONCE ? count - i : GROUPS_AT_ONCE;
		result = groups_read(&reading, groups + i);
	}
	groups_free(groups, count);
	return result < 0 ? -1 : 0;
}

/* erasing */

#define ROWS_AT_ONCE "FETCH 1000 FROM msgext_rows"

/* The rows of a group, in which a key is looked for. */
struct rows {
	struct engine *engine;
	const struct engine_erasing *erasing;
	struct erasure erasure;
	struct fault *fault;
	uint64_t file; /* of the row before */
	uint64_t files;
	uint64_t counted; /* pairs and fragments, at the row before */
};

/* A row: its file and start as the engine sends them, and its line. */
struct row {
	const char *place[2];
	uint64_t file;
	struct line line;
	char *copy; /* of the line, with a newline after it */
};

#define PLACE_SIZE 8

/* Reads a row of an answer; the caller frees the copy. */
static int
row_read(const PGresult *answer, int number, struct row *row, struct fault *fault)
{
	size_t length = (size_t)PQgetlength(answer, number, 2);
	bool right = !PQgetisnull(answer, number, 2) && length < LINE_SIZE_MAX;

	*row = (struct row){ .file = 0 };
	for (int i = 0; i < 2; i++) {
		right = right && PQgetlength(answer, number, i) == PLACE_SIZE;
		row->place[i] = PQgetvalue(answer, number, i);
	}
	if (!right)
		return answer_fault(fault, "no log can have such a line");
	memcpy(&row->file, row->place[0], PLACE_SIZE);
	row->copy = malloc(length + 1);
	if (row->copy == NULL)
		return fault_memory(fault);
	memcpy(row->copy, PQgetvalue(answer, number, 2), length);
	row->copy[length] = '\n';
	row->line = (struct line){ .bytes = row->copy, .length = length };
	return 0;
}

static int
row_look(struct rows *rows, const struct row *row)
{
	const struct erased_count *count = &rows->erasure.count;

	if (erasure_look(&rows->erasure, &row->line, rows->fault) != 0)
		return -1;
	if (count->pairs + count->fragments > rows->counted &&
	    (rows->files == 0 || row->file != rows->file)) {
		rows->files++;
		rows->file = row->file;
	}
	rows->counted = count->pairs + count->fragments;
	return 0;
}

static int
row_gather(struct rows *rows, const struct row *row)
{
	return erasure_gather(&rows->erasure, &row->line, rows->fault);
}

static int
row_write(struct rows *rows, const struct row *row)
{
	static const int formats[] = { AS_BYTES, AS_BYTES, AS_BYTES };
	const char *values[3] = { row->place[0], row->place[1], NULL };
	int lengths[3] = { PLACE_SIZE, PLACE_SIZE, 0 };
	PGresult *result;
	size_t length = 0;
	uint64_t touched;
	int changed = erasure_line(&rows->erasure, &row->line, &values[2], &length, rows->fault);

	if (changed <= 0)
		return changed;
	lengths[2] = (int)length;
	result = PQexecParams(rows->engine->connection,
	    "UPDATE msgext_line SET line = $3::bytea WHERE (file, start) = ($1::bigint, "
	    "$2::bigint)",
	    3, NULL, values, lengths, formats, AS_TEXT);
	result = result_check(rows->engine, result, PGRES_COMMAND_OK, rows->fault);
	if (result == NULL)
		return -1;
	touched = rows_touched(result);
	PQclear(result);
	return touched == 1 ? 0 : answer_fault(rows->fault, "a line is not there any more");
}

/* Gives each row of the cursor to take, from the first one. */
static int
rows_each(struct rows *rows, int (*take)(struct rows *, const struct row *))
{
	int result =
	    run(rows->engine, "MOVE ABSOLUTE 0 IN msgext_rows", PGRES_COMMAND_OK, rows->fault);

	while (result == 0) {
		PGresult *answer = PQexecParams(rows->engine->connection, ROWS_AT_ONCE, 0, NULL,
		    NULL, NULL, NULL, AS_BYTES);
		int count;

		answer = result_check(rows->engine, answer, PGRES_TUPLES_OK, rows->fault);
		if (answer == NULL)
			return -1;
		count = PQntuples(answer);
		if (!columns_are(answer, 3, AS_BYTES))
			result = answer_fault(rows->fault,
			    "its columns are not those that were asked for");
		for (int i = 0; result == 0 && i < count; i++) {
			struct row row;

			result = row_read(answer, i, &row, rows->fault);
			if (result == 0)
				result = take(rows, &row);
			free(row.copy);
		}
		PQclear(answer);
		if (count == 0)
			break;
	}
	return result;
}

/* The rows of a group, or those that are no group's where it is NULL. */
static int
rows_open(struct rows *rows, const char *group)
{
	const struct question question = { .command = group == NULL
		    ? "DECLARE msgext_rows SCROLL CURSOR FOR SELECT file, start, line FROM"
		      " msgext_line WHERE group_id IS NULL ORDER BY file, start"
		    : "DECLARE msgext_rows SCROLL CURSOR FOR SELECT file, start, line FROM"
		      " msgext_line WHERE group_id = $1 ORDER BY file, start",
		.values = &group,
		.value_count = group != NULL };
	PGresult *result;

	if (run(rows->engine, "BEGIN ISOLATION LEVEL REPEATABLE READ", PGRES_COMMAND_OK,
		rows->fault) != 0)
		return -1;
	result = ask(rows->engine, &question, rows->fault);
	PQclear(result);
	return result == NULL ? -1 : 0;
}

/* One group, in a transaction. */
static int
rows_erase(struct rows *rows, const char *group)
{
	struct erasure *erasure = &rows->erasure;

	erasure->group_id = group == NULL ? "" : group;
	erasure->count = (struct erased_count){ 0 };
	rows->files = rows->counted = 0;
	if (erasure_begin(erasure, rows->fault) != 0 || rows_open(rows, group) != 0 ||
	    rows_each(rows, row_look) != 0)
		return -1;
	if (erasure->found && !rows->erasing->dry_run &&
	    ((erasure_gathers(erasure) && rows_each(rows, row_gather) != 0) ||
		rows_each(rows, row_write) != 0))
		return -1;
	if (commit(rows->engine, rows->fault) != 0)
		return -1;
	if (erasure->found)
		rows->erasing->told(rows->erasing->context, erasure->group_id, &erasure->count,
		    rows->files);
	return 0;
}

int
engine_erase(struct engine *engine, const char *group, const struct engine_erasing *erasing,
    struct fault *fault)
{
	struct rows rows = { .engine = engine,
		.erasing = erasing,
		.erasure.key = erasing->key,
		.fault = fault };
	struct group *groups;
	size_t count = 0;
	int result = 0;

	if (group != NULL && !text_is_utf8(group))
		return 0; /* no group has that name */
	groups = groups_list(engine, group, &count, fault);
	if (groups == NULL)
		return -1;
	for (size_t i = 0; result == 0 && i < count; i++)
		result = rows_erase(&rows, groups[i].id);
	if (result == 0 && group == NULL)
		result = rows_erase(&rows, NULL);
	erasure_end(&rows.erasure);
	groups_free(groups, count);
	return result;
}
