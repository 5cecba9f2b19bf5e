/* engine.h - the rows in PostgreSQL */
#ifndef SHIP_ENGINE_H
#define SHIP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct erased_count;
struct fault;
struct line;
struct record;
struct selection;
struct ship_file;

struct engine;

/* conninfo: as libpq takes it; the caller keeps it.  NULL: no memory. */
struct engine *engine_new(const char *conninfo);
void engine_free(struct engine *engine);

/*
 * All functions below fail with ENGINE, and what libpq says, or with MEMORY.  After that the
 * connection cannot be used any more, and what was not committed is undone.
 *
 * engine_init makes the tables.  engine_connect makes a new connection, to tables of our version.
 */
int engine_init(const char *conninfo, struct fault *fault);
int engine_connect(struct engine *engine, struct fault *fault);

/* For poll(2): readable when the connection has ended. */
int engine_socket(const struct engine *engine);

/* Tells the engine which directory is shipped, by the directory's identity. */
int engine_node(struct engine *engine, const char *identity, struct fault *fault);

/* Fills in what the engine knows of the files that have no row yet: row, generation, shipped. */
int engine_identify(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/* Adds a line to the batch.  file_row: the row of its file; record: what the line says, or NULL. */
int engine_row(struct engine *engine, int64_t file_row, const struct line *line,
    const struct record *record, struct fault *fault);

/*
 * Commits the batch and the new positions of its files, provided that each file was where we
 * believe it was: all of it, or nothing.
 */
int engine_commit(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/*
 * When a row was in the table already, batches go a slower way that expects such rows.  Call this
 * when all is shipped: it ends that.
 */
void engine_expect_new_rows(struct engine *engine);

/*
 * Takes a line.  log: the name of its log if this is the log's first line, else NULL.  False:
 * enough.
 */
typedef bool engine_take(void *context, const char *log, const char *bytes, size_t length);

/*
 * Gives the selected lines of all nodes to take, group by group, in the order that the logs have in
 * a directory.  Unless by_time is set, the lines of one group come in any order.
 */
int engine_read(struct engine *engine, const struct selection *selection, engine_take *take,
    void *context, struct fault *fault);

/* What is erased from the rows. */
struct engine_erasing {
	const char *key;
	bool dry_run; /* only counts */
	/* Is told of each group that had the key; id "" is of lines that are no group's. */
	void (
	    *told)(void *context, const char *id, const struct erased_count *count, uint64_t files);
	void *context;
};

/*
 * Takes all pairs of a key out of the rows of all nodes, of a group or of all, as log/erase.h says
 * for a file: each group in a transaction of its own.  Fails as all, and as erasure_line.
 */
int engine_erase(struct engine *engine, const char *group, const struct engine_erasing *erasing,
    struct fault *fault);

#endif
