/*
 * view_config.c - the viewer's configuration: its keys, what each takes, and what holds without it.
 *
 * It is a file of its own: a receiver that met a key it does not know would refuse every
 * event, and neither program has use for the other's secrets.  Nothing is open by default:
 * without a password and a link_key there is no viewer.
 *
 * How such a file is read, and what is told of a wrong line, is in settings.c.
 */
#include "view_config.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "settings.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define PASSWORD_MIN 12 /* characters: a second a try makes 3,300 years of eight letters */
#define LINK_KEY_MIN 32
#define TITLE_SIZE_MAX 100
#define EMBED_SIZE_MAX 512

/* Fails unless the text is UTF-8 of at least so many characters, in a file that is private. */
static int
secret_check(const struct settings *settings, const char *key, const char *value, size_t min)
{
	const char *at = value, *end = value + strlen(value);
	size_t characters = 0;
	char reason[64];

	while (at < end) {
		size_t step = utf8_length(at, end);

		if (step == 0)
			return settings_malformed(settings, key, "must be UTF-8");
		at += step;
		characters++;
	}
	if (characters < min || end - value > VIEW_SECRET_SIZE_MAX) {
		snprintf(reason, sizeof(reason),
		    "must have %zu characters or more, 256 bytes at most", min);
		return settings_malformed(settings, key, reason);
	}
	return settings_private(settings, key);
}

static int
data_dir_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	return settings_path_set(settings, key, value, &config->data_dir);
}

static int
password_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	config->password = value;
	config->guard = openat(AT_FDCWD, settings->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (config->guard < 0)
		return settings_open_fault(settings->fault, settings->path);
	return secret_check(settings, key, value, PASSWORD_MIN);
}

static int
link_key_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	if (config->link_keys.count == LINK_KEYS_MAX)
		return settings_malformed(settings, key, "is given more than twice");
	config->link_keys.keys[config->link_keys.count++] = value;
	return secret_check(settings, key, value, LINK_KEY_MIN);
}

static int
link_epoch_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	return settings_integer(settings, key, value, (struct settings_range){ 0, INTEGER_MAX },
	    &config->link_keys.epoch);
}

static int
link_days_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	return settings_integer(settings, key, value, (struct settings_range){ 1, 366 },
	    &config->link_days);
}

/* https://HOST[:PORT], where HOST may begin with "*."; it goes into a header, so nothing else may be there. */
static bool
origin_is_right(const char *text, size_t length)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	static const char scheme[] = "https://";
	const char *at = text + strlen(scheme), *end = text + length;
	size_t host, digits;

	if (length <= strlen(scheme) || strncmp(text, scheme, strlen(scheme)) != 0)
		return false;
	if (end - at > 2 && strncmp(at, "*.", 2) == 0)
		at += 2;
	host = strspn(at, letters);
	if (host == 0 || at[0] == '.' || at[0] == '-')
		return false;
	at += host;
	if (*at != ':')
		return at == end;
	digits = strspn(at + 1, "0123456789");
	return digits >= 1 && digits <= 5 && at + 1 + digits == end;
}

static int
link_embed_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	if (strcmp(value, "none") == 0)
		return 0;
	if (strlen(value) > EMBED_SIZE_MAX)
		return settings_malformed(settings, key, "is longer than 512 bytes");
	for (const char *at = value; *at != '\0';) {
		size_t length = strcspn(at, " ");

		if (!origin_is_right(at, length))
			return settings_malformed(settings, key,
			    "must be none, or origins like https://app.example, with one blank "
			    "between two");
		at += length;
		at += *at == ' ';
	}
	config->link_embed = value;
	return 0;
}

static int
session_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	return settings_integer(settings, key, value, (struct settings_range){ 60, 2592000 },
	    &config->session);
}

static int
timezone_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;
	int hours, minutes;

	if (strlen(value) != 6 || strchr("+-", value[0]) == NULL || value[3] != ':' ||
	    strspn(value + 1, "0123456789") != 2 || strspn(value + 4, "0123456789") != 2)
		goto fail;
	hours = (value[1] - '0') * 10 + value[2] - '0';
	minutes = (value[4] - '0') * 10 + value[5] - '0';
	if (hours > 14 || minutes > 59 || (hours == 14 && minutes > 0))
		goto fail;
	config->timezone = (value[0] == '-' ? -1 : 1) * (hours * 60 + minutes);
	return 0;
fail:
	return settings_malformed(settings, key, "must be like +08:00, from -14:00 to +14:00");
}

static int
title_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	if (strlen(value) > TITLE_SIZE_MAX || !text_is_plain(value, strlen(value)))
		return settings_malformed(settings, key,
		    "must be 1 to 100 bytes of UTF-8 without control characters");
	config->title = value;
	return 0;
}

static int
https_set(struct settings *settings, const char *key, char *value)
{
	static const char *const names[] = { "auto", "yes", "required" };
	struct view_config *config = settings->values;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcmp(value, names[i]) == 0) {
			config->https = (enum view_https)i;
			return 0;
		}
	return settings_malformed(settings, key, "must be auto, yes or required");
}

static int
trust_server_set(struct settings *settings, const char *key, char *value)
{
	struct view_config *config = settings->values;

	return settings_boolean(settings, key, value, &config->trust_server);
}

static const struct setting keys[] = {
	{ "data_dir", data_dir_set, false },
	{ "password", password_set, false },
	{ "link_key", link_key_set, true },
	{ "link_epoch", link_epoch_set, false },
	{ "link_days", link_days_set, false },
	{ "link_embed", link_embed_set, false },
	{ "session", session_set, false },
	{ "timezone", timezone_set, false },
	{ "title", title_set, false },
	{ "https", https_set, false },
	{ "trust_server", trust_server_set, false },
	{ "include", settings_include, true },
};

static const struct settings_place *const elsewhere[] = { &settings_receiver, &settings_repairer,
	NULL };

static const struct settings_keys table = { keys, sizeof(keys) / sizeof(keys[0]), "view.conf(5)",
	elsewhere };

const char *
view_config_path_default(const char **source)
{
	return settings_path("MSGEXT_VIEW_CONFIG", SYSCONFDIR "/msgext/view.conf", source);
}

int
view_config_load(struct view_config *config, const char *path, struct fault *fault)
{
	struct settings settings = { .keys = &table, .values = config, .fault = fault };
	int result;

	*config = (struct view_config){ .guard = -1,
		.link_days = 30,
		.session = 43200,
		.title = "msgext" };
	result = settings_read(&settings, path);
	config->texts = settings.texts;
	config->script = settings.script;
	if (result != 0)
		return -1;
	if (!settings_given(&settings, "data_dir"))
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: data_dir is missing (the directory of the logs)", path);
	if (config->password == NULL && !config->trust_server)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: password is missing (%d characters or more)", path, PASSWORD_MIN);
	if (config->link_keys.count == 0)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: link_key is missing (%d random characters or more, as openssl rand -hex "
		    "32 "
		    "makes them)",
		    path, LINK_KEY_MIN);
	return 0;
}

void
view_config_free(struct view_config *config)
{
	settings_free(&config->texts);
	if (config->guard >= 0)
		close(config->guard);
	*config = (struct view_config){ .guard = -1 };
}
