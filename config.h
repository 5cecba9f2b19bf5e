/* config.h - the configuration file */
#ifndef CONFIG_H
#define CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/options.h"

struct fault;
struct settings_text;

#define CONFIG_TOKENS_MAX 8

struct config {
	struct store_options store;
	bool any_app; /* sdk_app_id = any */
	uint64_t sdk_app_id;
	const char *tokens[CONFIG_TOKENS_MAX]; /* none: requests are not signed */
	size_t token_count;
	uint64_t max_skew; /* seconds */
	size_t max_body;
	bool log_client_ip;
	int64_t client_ip_age;       /* milliseconds; compactions take older ones out; 0: none */
	int wait_for_ship;           /* milliseconds; 0: nothing is waited for */
	bool check;                  /* mode = check: also where a later line is at fault */
	const char *script;          /* its first line, "#!...", where it is a program; else NULL */
	struct settings_text *texts; /* which the strings point into */
};

/* The configuration that MSGEXT_CONFIG names, or the compiled-in one; source: receives which, or NULL. */
const char *config_path_default(const char **source);

/* Likewise the one of msgext-repair. */
const char *repair_config_path_default(void);

/* What holds where nothing is said. */
void config_defaults(struct config *config);

/*
 * Reads the file at path, and the files it includes.  Fails with
 * CONFIG_MISSING, CONFIG_UNREADABLE, CONFIG_UNSAFE (a token in a file that others may
 * read; any file that group or others may write, or that is neither root's nor ours) or
 * CONFIG_MALFORMED, naming file and line.  No detail shows a value, but for paths.
 * config_free releases it either way.
 */
int config_load(struct config *config, const char *path, struct fault *fault);
void config_free(struct config *config);

/*
 * Fails with CONFIG_CHECK, whose detail has the first line that the script at path must have
 * so that it runs the program, of the same directory.
 */
int config_program_fault(const struct config *config, const char *path, const char *program,
    struct fault *fault);

/* What a check says of a point. */
enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_ERROR };

#endif
