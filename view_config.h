/* view_config.h - the viewer's configuration, view.conf */
#ifndef VIEW_CONFIG_H
#define VIEW_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "link.h"

struct fault;
struct settings_text;

enum view_https {
	VIEW_HTTPS_AUTO,    /* as the server says */
	VIEW_HTTPS_YES,     /* after a proxy that removes the encryption */
	VIEW_HTTPS_REQUIRED /* nobody signs in without */
};

#define VIEW_SECRET_SIZE_MAX 256 /* bytes of password and link_key */

struct view_config {
	const char *data_dir;
	const char *password; /* NULL: the web server alone says who may look (trust_server) */
	int guard;            /* the file that holds it, open to be locked; -1: there is none */
	struct link_keys link_keys;
	uint64_t link_days; /* the longest life of a link */
	const char
	    *link_embed; /* origins that may frame a link's page, separated by blanks; NULL: none */
	uint64_t session; /* seconds */
	int timezone;     /* minutes east of UTC */
	const char *title;
	enum view_https https;
	bool trust_server;
	const char *script;          /* its first line, "#!...", where it is a program; else NULL */
	struct settings_text *texts; /* which the strings point into */
};

/* The configuration that MSGEXT_VIEW_CONFIG names, or the compiled-in one; source: receives which, or NULL. */
const char *view_config_path_default(const char **source);

/*
 * Reads the file at path, and the files it includes.  Fails as settings_read does, with
 * CONFIG_UNSAFE where others may read a secret, and with CONFIG_MALFORMED where what must be
 * there is missing.  No detail shows a value, but for paths.  view_config_free releases it either
 * way.
 */
int view_config_load(struct view_config *config, const char *path, struct fault *fault);
void view_config_free(struct view_config *config);

#endif
