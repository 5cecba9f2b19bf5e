/*
 * settings.h - files of settings, key = value
 *
 *	static const struct setting keys[] = { { "sync", sync_set, false }, ... };
 *	static const struct settings_keys table = { keys, ... };
 *	struct settings settings = { .keys = &table, .values = config, .fault = fault };
 *
 *	if (settings_read(&settings, path) != 0)
 *		...
 *	config->texts = settings.texts;
 *	settings_free(&config->texts);
 *
 * Each program has a table of its own, and setters that put a value where it belongs, or return
 * settings_malformed.
 */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct fault;
struct settings;

/* A file's text, cut up into strings. */
struct settings_text;

struct setting {
	const char *name;
	/* Takes a value that is not empty and lives as long as the text; -1: fault. */
	int (*set)(struct settings *settings, const char *key, char *value);
	bool repeatable;
};

/* Keys that belong in one place. */
struct settings_place {
	const char *const *names; /* ending with NULL; "rest_*" is all that begin so */
	const char *where;        /* the sentence that says which */
};

/* The programs' files, and what may stand in them. */
extern const struct settings_place settings_receiver, settings_viewer, settings_repairer;

/* What a program's files may say; 64 keys at most. */
struct settings_keys {
	const struct setting *rows;
	size_t count;
	const char *manual; /* that has them all */
	/* Where keys belong that are none of these; ending with NULL. */
	const struct settings_place *const *elsewhere;
};

/* Files while they are read.  The caller sets the first three members. */
struct settings {
	const struct settings_keys *keys;
	void *values; /* what the setters fill */
	struct fault *fault;
	struct settings_text *texts; /* of all files, for settings_free, whatever the result */
	const char
	    *script;   /* the first file's first line, "#!...", where it is a program; else NULL */
	uint64_t seen; /* bit i: key i was given */
	const char *path; /* the file and line being read */
	unsigned line;
	unsigned files;    /* read so far */
	bool private_file; /* others may not read it */
	bool control_file; /* the first, and it begins "#!" */
	uid_t owner;
};

struct settings_range {
	uint64_t low, high; /* both included */
};

/*
 * Reads the file at path, and the files it includes.  Fails with
 * CONFIG_MISSING, CONFIG_UNREADABLE, CONFIG_UNSAFE (any file that group or others may write,
 * or that is neither root's nor ours) or CONFIG_MALFORMED, naming file and line, and with what
 * setters fail with.  No detail shows a value, but for paths.
 */
int settings_read(struct settings *settings, const char *path);
void settings_free(struct settings_text **texts);

/* Is one of the files gone, another one, or written since it was read? */
bool settings_changed(const struct settings_text *texts);

/* Was that key given? */
bool settings_given(const struct settings *settings, const char *name);

/* The file that the variable of the environment names, or the other; source: receives which, or NULL. */
const char *settings_path(const char *variable, const char *otherwise, const char **source);

/*
 * 1: path is a configuration that was executed through its "#!" line and may be
 * trusted for that: a regular file of root's or our own that neither group nor
 * world may write; 0: it was not executed so; -1: it was, and is not to be
 * trusted, CONFIG_UNSAFE, or to be read, CONFIG_UNREADABLE.  executed: what the kernel says
 * was executed.
 */
int settings_control_file(const char *path, const char *executed, struct fault *fault);

/* For setters: each returns 0, or -1 and a fault that does not show the value. */
int settings_malformed(const struct settings *settings, const char *key, const char *reason);
int settings_integer(const struct settings *settings, const char *key, const char *value,
    struct settings_range range, uint64_t *to);
int settings_boolean(const struct settings *settings, const char *key, const char *value, bool *to);
/* An absolute path, which later faults may show. */
int settings_path_set(const struct settings *settings, const char *key, char *value,
    const char **to);
/* Fails with CONFIG_UNSAFE where others may read the file. */
int settings_private(const struct settings *settings, const char *key);
/* The setter of include. */
int settings_include(struct settings *settings, const char *key, char *value);

/* Fails with CONFIG_UNSAFE where others may write the file, or own it. */
int settings_writers_check(const char *path, const struct stat *status, struct fault *fault);
/* Fills fault from errno after an open of path; returns -1. */
int settings_open_fault(struct fault *fault, const char *path);

#endif
