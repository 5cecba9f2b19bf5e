/* engine.h - the rows in PostgreSQL */
#ifndef SHIP_ENGINE_H
#define SHIP_ENGINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct line;
struct record;
struct selection;
struct ship_file;

struct engine;

/* conninfo: as libpq takes it; stays the caller's.  NULL: no memory. */
struct engine *engine_new(const char *conninfo);
void engine_free(struct engine *engine);

/*
 * All of these fail with ENGINE, and what libpq says, or MEMORY; then the connection is of no use
 * any more, and what was not committed is undone.
 *
 * engine_init makes the tables.  engine_connect connects anew, to tables of our version.
 */
int engine_init(const char *conninfo, struct fault *fault);
int engine_connect(struct engine *engine, struct fault *fault);

/* To poll: readable where the connection has ended. */
int engine_socket(const struct engine *engine);

/* Says whose files are shipped: the directory's identity. */
int engine_node(struct engine *engine, const char *identity, struct fault *fault);

/* Fills in what the engine has of those files that have no row yet: row, generation, shipped. */
int engine_identify(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/* Adds a line to the batch.  file_row: its file's number; record: what the line says, or NULL. */
int engine_row(struct engine *engine, int64_t file_row, const struct line *line,
    const struct record *record, struct fault *fault);

/*
 * Commits the batch and what it brings the files to, from where they are believed to be:
 * all of it, or nothing.
 */
int engine_commit(struct engine *engine, struct ship_file *const *files, size_t count,
    struct fault *fault);

/* Rows that are there already were met, and are looked out for; this ends it. */
void engine_expect_new_rows(struct engine *engine);

/* Takes a line; log: the name of its log where it is the first of it, else NULL.  False: no more. */
typedef bool engine_take(void *context, const char *log, const char *bytes, size_t length);

/*
 * Gives the selected lines of all nodes to take, group by group in the order in which a directory
 * has its logs.  Where not by_time, the lines of a group come in any order.
 */
int engine_read(struct engine *engine, const struct selection *selection, engine_take *take,
    void *context, struct fault *fault);

#endif
