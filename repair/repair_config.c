/*
 * repair_config.c - msgext-repair's configuration: its keys, what each takes, and what holds without it.
 *
 * It is a file of its own, closed to others, as the key that it leads to is: with that key one is
 * any user of the app.  Nothing in it is guessed: a wrong host would be shown signatures.
 *
 * Neither the key nor a signature stands in it.  Each has a file of its own, with rules of its own
 * (repair/secret.c).
 *
 * How such a file is read, and what is told of a wrong line, is in settings.c.
 */
#include "repair/repair_config.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/text.h"
#include "settings.h"

#define ADMIN_SIZE_MAX 100
#define HOST_SIZE_MAX 253 /* of a name in the DNS */

static int
data_dir_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_path_set(settings, key, value, &config->data_dir);
}

static int
sdk_app_id_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_integer(settings, key, value, (struct settings_range){ 1, INTEGER_MAX },
	    &config->sdk_app_id);
}

/* HOST or HOST:PORT.  It goes into a URL, so nothing else may be there. */
static bool
host_is_right(const char *text)
{
	static const char letters[] =
	    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-.";
	size_t host = strspn(text, letters), digits;

	if (host == 0 || host > HOST_SIZE_MAX || text[0] == '.' || text[0] == '-')
		return false;
	if (text[host] == '\0')
		return true;
	digits = strspn(text + host + 1, "0123456789");
	return text[host] == ':' && digits >= 1 && digits <= 5 && text[host + 1 + digits] == '\0' &&
	    strtoul(text + host + 1, NULL, 10) <= 65535;
}

static int
rest_domain_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	if (!host_is_right(value))
		return settings_malformed(settings, key,
		    "must be a host's name alone, as in console.tim.qq.com");
	config->rest_domain = value;
	return 0;
}

static int
rest_admin_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	if (strlen(value) > ADMIN_SIZE_MAX || !text_is_plain(value, strlen(value)))
		return settings_malformed(settings, key,
		    "must be 1 to 100 bytes of UTF-8 without control characters");
	config->rest_admin = value;
	return 0;
}

static int
rest_key_file_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_path_set(settings, key, value, &config->rest_key_file);
}

static int
rest_usersig_file_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_path_set(settings, key, value, &config->rest_usersig_file);
}

static int
rate_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_integer(settings, key, value, (struct settings_range){ 1, RATE_MAX },
	    &config->rate);
}

static int
ca_file_set(struct settings *settings, const char *key, char *value)
{
	struct repair_config *config = settings->values;

	return settings_path_set(settings, key, value, &config->ca_file);
}

static const struct setting keys[] = {
	{ "data_dir", data_dir_set, false },
	{ "sdk_app_id", sdk_app_id_set, false },
	{ "rest_domain", rest_domain_set, false },
	{ "rest_admin", rest_admin_set, false },
	{ "rest_key_file", rest_key_file_set, false },
	{ "rest_usersig_file", rest_usersig_file_set, false },
	{ "rate", rate_set, false },
	{ "ca_file", ca_file_set, false },
	{ "include", settings_include, true },
};

static const char *const secrets[] = { "rest_key", "rest_usersig", NULL };
static const struct settings_place slips = { secrets,
	"belongs in a file of its own, which rest_key_file or rest_usersig_file names" };

static const struct settings_place *const elsewhere[] = { &settings_receiver, &settings_viewer,
	&slips, NULL };

static const struct settings_keys table = { keys, sizeof(keys) / sizeof(keys[0]), "repair.conf(5)",
	elsewhere };

/* Is all there that must be? */
static int
config_check(const struct repair_config *config, const char *path, struct fault *fault)
{
	if (config->sdk_app_id == 0)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: sdk_app_id is missing (the app's number, in the vendor's console)", path);
	if (config->rest_domain == NULL)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: rest_domain is missing (the host of the app's region, see "
		    "msgext-repair(8))",
		    path);
	if (config->rest_key_file == NULL && config->rest_usersig_file == NULL)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: rest_key_file or rest_usersig_file is missing", path);
	if (config->rest_key_file != NULL && config->rest_usersig_file != NULL)
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: rest_key_file and rest_usersig_file are both given (remove one)", path);
	return 0;
}

int
repair_config_load(struct repair_config *config, const char *path, struct fault *fault)
{
	struct settings settings = { .keys = &table, .values = config, .fault = fault };
	int result;

	*config = (struct repair_config){ .rest_admin = "administrator", .rate = 5 };
	result = settings_read(&settings, path);
	config->texts = settings.texts;
	if (result != 0)
		return -1;
	if (!settings.private_file)
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: others can read it (chmod 600 helps)", path);
	return config_check(config, path, fault);
}

void
repair_config_free(struct repair_config *config)
{
	settings_free(&config->texts);
	*config = (struct repair_config){ 0 };
}
