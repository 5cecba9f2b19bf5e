/*
 * ship_engine.c - the rows in PostgreSQL; the only code that knows libpq.
 *
 * What is shipped stands in the engine alone: a table of lines, each once, and a table of
 * files, which says up to where each has been committed.  A batch of lines and the new
 * positions are one transaction, and the positions must be what we believe them to be:
 * so a line comes neither twice nor never, whoever was killed when.  What a
 * failover lost is lost with its positions, and comes again from the logs.
 *
 * A batch goes by COPY while its lines are still being read, so that both ends work
 * at once, and no more than a block of it is in memory.  COPY ends at the
 * first row that is there already, which happens only where positions were lost and rows were
 * not; then batches go through a temporary table, at half the speed, until all is shipped.
 *
 * A line is bytea: a log may hold any bytes, and one that is no text must not
 * block those behind it.  No foreign key binds lines to files, which would cost half the speed.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <libpq-fe.h>

#include "msgext.h"

#define SCHEMA_VERSION "1"
#define BLOCK (64 << 10) /* bytes of COPY that are sent at once */
#define GROUPS_AT_ONCE 1000
#define CONNECT_SECONDS "10" /* for each host, where neither service nor environment says */

struct engine {
	const char *conninfo;
	PGconn *connection;
	char node[24]; /* the directory's number */
	bool staged;   /* some rows are there already */
	bool copying;  /* a batch has begun */
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

/* libpq's message, which ends in a newline and may have others. */
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
	return fault_set(fault, FAULT_ENGINE, "%s", message);
}

/* Takes a result that is as it should be; NULL: it was not, and is freed. */
static PGresult *
result_check(const struct engine *engine, PGresult *result, struct fault *fault)
{
	ExecStatusType status = PQresultStatus(result);

	if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK || status == PGRES_COPY_IN)
		return result;
	PQclear(result);
	engine_fault(engine, fault);
	return NULL;
}

/* Runs a command with parameters as text; NULL: fault. */
static PGresult *
query(const struct engine *engine, const char *command, int count, const char *const *values,
    struct fault *fault)
{
	return result_check(engine,
	    PQexecParams(engine->connection, command, count, NULL, values, NULL, NULL, 0), fault);
}

/* Runs commands without an answer. */
static int
run(const struct engine *engine, const char *commands, struct fault *fault)
{
	PGresult *result = result_check(engine, PQexec(engine->connection, commands), fault);

	PQclear(result);
	return result == NULL ? -1 : 0;
}

static int64_t
value_number(const PGresult *result, int row, int column)
{
	return strtoll(PQgetvalue(result, row, column), NULL, 10);
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

/* Text that is valid UTF-8. */
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
 * A machine that has gone without a word is given up after some 15 seconds, where the owner says
 * nothing else.  libpq takes a parameter of ours before one of a service file, so they are set
 * only when it is known which were left out.
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

static int
engine_dial(struct engine *engine, struct fault *fault)
{
	static const char *const keywords[] = { "fallback_application_name", "client_encoding",
		"dbname", NULL };
	const char *const values[] = { "msgext-ship", "UTF8", engine->conninfo, NULL };

	PQfinish(engine->connection);
	engine->copying = false;
	setenv("PGCONNECT_TIMEOUT", CONNECT_SECONDS, 0);
	engine->connection = PQconnectdbParams(keywords, values, 1);
	if (PQstatus(engine->connection) != CONNECTION_OK)
		return engine_fault(engine, fault);
	socket_be_impatient(engine->connection);
	/* Others could not hold each group's id, and the first that they could not would block all. */
	if (strcmp(PQparameterStatus(engine->connection, "server_encoding"), "UTF8") != 0)
		return fault_set(fault, FAULT_ENGINE, "the database is not of encoding UTF8");
	return 0;
}

int
engine_connect(struct engine *engine, struct fault *fault)
{
	PGresult *result;
	bool right;

	if (engine_dial(engine, fault) != 0)
		return -1;
	result = query(engine, "SELECT version FROM msgext_schema", 0, NULL, fault);
	if (result == NULL)
		return -1;
	right = PQntuples(result) == 1 && strcmp(PQgetvalue(result, 0, 0), SCHEMA_VERSION) == 0;
	PQclear(result);
	return right ? 0 : fault_set(fault, FAULT_ENGINE, "the tables are of another version");
}

int
engine_init(const char *conninfo, struct fault *fault)
{
	struct engine engine = { .conninfo = conninfo };
	int result = engine_dial(&engine, fault);

	if (result == 0)
		result = run(&engine, schema, fault);
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
	PGresult *result = query(engine,
	    "INSERT INTO msgext_node (incarnation) VALUES ($1) ON CONFLICT (incarnation)"
	    " DO UPDATE SET incarnation = excluded.incarnation RETURNING id",
	    1, &identity, fault);

	if (result == NULL)
		return -1;
	snprintf(engine->node, sizeof(engine->node), "%s", PQgetvalue(result, 0, 0));
	PQclear(result);
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

/* Asks of the files in the arrays, and adds those that are new. */
static PGresult *
files_ask(const struct engine *engine, const struct array arrays[4], struct fault *fault)
{
	const char *values[] = { engine->node, arrays[0].text, arrays[1].text, arrays[2].text,
		arrays[3].text };
	PGresult *result = query(engine,
	    "INSERT INTO msgext_file (node, inode, born, generation, name) SELECT $1, * FROM"
	    " unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::text[])"
	    " w (inode, born, generation, name) WHERE NOT EXISTS (SELECT FROM msgext_file f WHERE"
	    " (f.node, f.inode, f.born, f.generation) = ($1, w.inode, w.born, w.generation))"
	    " ON CONFLICT (node, inode, born, generation) DO NOTHING",
	    5, values, fault);

	if (result == NULL)
		return NULL;
	PQclear(result);
	return query(engine,
	    "SELECT f.id, f.generation, f.position, f.mark"
	    " FROM unnest($2::bigint[], $3::bigint[]) WITH ORDINALITY w (inode, born, number),"
	    " LATERAL (SELECT * FROM msgext_file f WHERE (f.node, f.inode, f.born) ="
	    " ($1, w.inode, w.born) ORDER BY f.generation DESC LIMIT 1) f ORDER BY w.number",
	    3, values, fault);
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
		fault_set(fault, FAULT_MEMORY, "no memory to ask for the files");
	else
		answer = files_ask(engine, arrays, fault);
	if (answer == NULL)
		goto out;
	if (PQntuples(answer) != asked) {
		fault_set(fault, FAULT_ENGINE,
		    "the engine does not know the files that it was given");
		goto out;
	}
	for (size_t i = 0; i < count; i++) {
		struct ship_file *file = files[i];

		if (file->row != 0)
			continue;
		file->row = value_number(answer, row, 0);
		file->generation = value_number(answer, row, 1);
		file->shipped.offset = value_number(answer, row, 2);
		file->shipped.mark = (uint64_t)value_number(answer, row, 3);
		row++;
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
		fault) != 0)
		return -1;
	engine->copying = true;
	engine->length = 0;
	put(engine, head, 11 + 8);
	return 0;
}

int
engine_row(struct engine *engine, int64_t file_row, const struct line *line,
    const struct record *record, int64_t sdk_app_id, struct fault *fault)
{
	if (!engine->copying && batch_begin(engine, fault) != 0)
		return -1;
	put(engine, "\0\10", 2); /* fields */
	put_number(engine, file_row);
	put_number(engine, line->offset);
	put_number(engine, sdk_app_id);
	if (record != NULL)
		put_field(engine, record->event.group_id, strlen(record->event.group_id));
	else
		put_null(engine);
	put_number(engine, record == NULL ? -1 : (int64_t)record->event.msg_seq);
	put_number(engine, record == NULL ? -1 : (int64_t)record->event.seq);
	put_time(engine, record == NULL ? -1 : record->time);
	put_field(engine, line->bytes, line->length);
	if (engine->no_memory)
		return fault_set(fault, FAULT_MEMORY, "no memory for a line");
	return engine->length < BLOCK ? 0 : block_send(engine, fault);
}

/* Ends the COPY; where it met a row that was there, the next batch looks out for them. */
static int
batch_end(struct engine *engine, struct fault *fault)
{
	PGresult *result;
	int ended = 0;

	engine->copying = false;
	put(engine, "\xff\xff", 2);
	if (block_send(engine, fault) != 0 || PQputCopyEnd(engine->connection, NULL) != 1)
		return engine_fault(engine, fault);
	while ((result = PQgetResult(engine->connection)) != NULL) {
		const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);

		if (state != NULL && strcmp(state, "23505") == 0)
			engine->staged = true;
		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			ended = engine_fault(engine, fault);
		PQclear(result);
	}
	return ended;
}

/* Moves the positions of the files in the batch, which must be where we believe them to be. */
static int
positions_move(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault)
{
	struct array arrays[4] = { { NULL, 0, 0 } };
	const char *values[4];
	PGresult *answer = NULL;
	uint64_t moved = 0;
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
		fault_set(fault, FAULT_MEMORY, "no memory to move positions");
	else
		answer = query(engine,
		    "UPDATE msgext_file f SET position = v.position, mark = v.mark FROM"
		    " unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])"
		    " v (id, before, position, mark) WHERE f.id = v.id AND f.position = v.before",
		    4, values, fault);
	arrays_free(arrays, 4);
	if (answer == NULL)
		return -1;
	moved -= strtoull(PQcmdTuples(answer), NULL, 10);
	PQclear(answer);
	if (moved != 0)
		return fault_set(fault, FAULT_ENGINE, "the engine is not where it was");
	return 0;
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
		    fault) != 0) ||
	    positions_move(engine, files, count, fault) != 0 || run(engine, "COMMIT", fault) != 0)
		return -1;
	for (size_t i = 0; i < count; i++)
		files[i]->shipped = files[i]->batched;
	return 0;
}

void
engine_rest(struct engine *engine)
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

/* That group, or where it is NULL all of them, in the order of their logs' names; NULL: fault. */
static struct group *
groups_list(const struct engine *engine, const char *group, size_t *count, struct fault *fault)
{
	/* From one group to the next by the index: there are many lines in each. */
	static const char all[] =
	    "WITH RECURSIVE g (id) AS (SELECT min(group_id) FROM msgext_line UNION ALL SELECT"
	    " (SELECT min(group_id) FROM msgext_line WHERE group_id > g.id) FROM g"
	    " WHERE g.id IS NOT NULL) SELECT id FROM g WHERE id IS NOT NULL";
	PGresult *result = group == NULL ? query(engine, all, 0, NULL, fault)
					 : query(engine, "SELECT $1::text", 1, &group, fault);
	struct group *groups;
	bool copied;

	*count = 0;
	if (result == NULL)
		return NULL;
	groups = calloc((size_t)PQntuples(result) + 1, sizeof(*groups));
	copied = groups != NULL;
	for (int row = 0; copied && row < PQntuples(result); row++) {
		groups[row].id = strdup(PQgetvalue(result, row, 0));
		copied = groups[row].id != NULL;
		if (copied)
			store_name(groups[row].id, groups[row].log);
		*count += copied;
	}
	PQclear(result);
	if (!copied) {
		groups_free(groups, *count);
		fault_set(fault, FAULT_MEMORY, "no memory for the groups");
		return NULL;
	}
	qsort(groups, *count, sizeof(*groups), group_compare);
	return groups;
}

struct reading {
	struct engine *engine;
	const char *message; /* NULL: all */
	bool by_time;
	engine_take *take;
	void *context;
	struct fault *fault;
};

/* Gives out the rows of a query as they come: 1; 0: take had enough; -1: fault. */
static int
rows_take(const struct reading *reading, const struct group *groups)
{
	PGconn *connection = reading->engine->connection;
	PGresult *result;
	uint64_t before = 0;
	int state = 1;

	while ((result = PQgetResult(connection)) != NULL) {
		ExecStatusType status = PQresultStatus(result);

		if (state == 1 && status == PGRES_SINGLE_TUPLE) {
			uint64_t number;

			memcpy(&number, PQgetvalue(result, 0, 0), sizeof(number));
			number = be64toh(number);
			state = reading->take(reading->context,
			    number != before ? groups[number - 1].log : NULL,
			    PQgetvalue(result, 0, 1), (size_t)PQgetlength(result, 0, 1));
			before = number;
		} else if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK) {
			state = engine_fault(reading->engine, reading->fault);
		}
		PQclear(result);
		if (state == 0)
			return 0; /* the connection is of no use any more */
	}
	return state;
}

#define LINES_OF_GROUPS                                                                            \
	" FROM unnest($1::text[]) WITH ORDINALITY g (id, number)"                                  \
	" JOIN msgext_line l ON l.group_id = g.id WHERE $2::bigint IS NULL OR l.msg_seq = $2"

/*
 * The lines of some groups.  By time: those of all files by time, and those of one file in its
 * order, which need not be quite that of time.
 */
static int
groups_read(const struct reading *reading, const struct group *groups, size_t count)
{
	static const char by_time[] =
	    "SELECT number, line FROM (SELECT g.number, l.line, l.file, l.start,"
	    " max(l.time) OVER (PARTITION BY g.number, l.file ORDER BY l.start) AS "
	    "time" LINES_OF_GROUPS ") l ORDER BY number, time NULLS FIRST, file, start";
	static const char as_they_stand[] =
	    "SELECT g.number, l.line" LINES_OF_GROUPS " ORDER BY g.number";
	PGconn *connection = reading->engine->connection;
	struct array ids = { NULL, 0, 0 };
	const char *values[2] = { NULL, reading->message };
	bool built = true;
	int result;

	for (size_t i = 0; i < count && built; i++)
		built = array_text(&ids, groups[i].id);
	if (!built || !array_end(&ids)) {
		free(ids.text);
		return fault_set(reading->fault, FAULT_MEMORY, "no memory to ask for the groups");
	}
	values[0] = ids.text;
	result = PQsendQueryParams(connection, reading->by_time ? by_time : as_they_stand, 2, NULL,
	    values, NULL, NULL, 1);
	free(ids.text);
	if (result != 1 || PQsetSingleRowMode(connection) != 1)
		return engine_fault(reading->engine, reading->fault);
	return rows_take(reading, groups);
}

/* Is it text that the engine can be asked for? */
static bool
text_is_utf8(const char *text)
{
	const char *end = text + strlen(text);

	while (text < end) {
		size_t length = utf8_length(text, end);

		if (length == 0)
			return false;
		text += length;
	}
	return true;
}

int
engine_read(struct engine *engine, const char *group, const uint64_t *message, bool by_time,
    engine_take *take, void *context, struct fault *fault)
{
	struct reading reading = { engine, NULL, by_time, take, context, fault };
	struct group *groups;
	char number[24];
	size_t count;
	int result = 1;

	if (message != NULL) {
		snprintf(number, sizeof(number), "%llu", (unsigned long long)*message);
		reading.message = number;
	}
	if (group != NULL && !text_is_utf8(group))
		return 0; /* no group is called that */
	/* One moment's rows, whatever is being shipped. */
	if (run(engine, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", fault) != 0)
		return -1;
	groups = groups_list(engine, group, &count, fault);
	if (groups == NULL)
		return -1;
	for (size_t i = 0; i < count && result == 1; i += GROUPS_AT_ONCE)
		result = groups_read(&reading, groups + i,
		    count - i < GROUPS_AT_ONCE ? count - i : GROUPS_AT_ONCE);
	groups_free(groups, count);
	return result < 0 ? -1 : 0;
}
