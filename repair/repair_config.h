/* repair_config.h - msgext-repair's configuration, repair.conf */
#ifndef REPAIR_CONFIG_H
#define REPAIR_CONFIG_H

#include <stdint.h>

struct fault;
struct settings_text;

#define RATE_MAX 200 /* calls a second that the vendor takes of an app */

struct repair_config {
	const char *data_dir; /* NULL: -d must name it */
	uint64_t sdk_app_id;
	const char *rest_domain;       /* HOST or HOST:PORT, of letters, digits, '-' and '.' */
	const char *rest_admin;        /* UTF-8 without control characters */
	const char *rest_key_file;     /* this one, or */
	const char *rest_usersig_file; /* this one; the other is NULL */
	const char *ca_file;           /* NULL: the system's */
	uint64_t rate;                 /* calls a second */
	struct settings_text *texts;   /* which the strings point into */
};

/*
 * Reads the file at path, and the files it includes.  Fails as settings_read does, with
 * CONFIG_UNSAFE where others may read it, and with CONFIG_MALFORMED where what must be there is
 * missing.  No detail shows a value, but for paths.  repair_config_free releases it either way.
 */
int repair_config_load(struct repair_config *config, const char *path, struct fault *fault);
void repair_config_free(struct repair_config *config);

#endif
