/*
 * settings.c - files of settings.
 *
 * key = value, a line each; a line whose first character is '#' is a comment.
 * That rule makes a file that begins "#!/path/to/msgext" both a configuration
 * and a program that a web server can run.  A '#' further along a line is part
 * of the value, since a secret may hold one.
 *
 * Anything doubtful is refused with file and line: an unknown key, a value out
 * of range, a key given twice, a secret that others may read, a file that others
 * may write.  A program that guesses what its owner meant cannot be trusted with data.
 *
 * The error for a wrong line shows the line's number, and its key where it is one that is known,
 * but nothing else of the line: a slip of the pen puts a secret anywhere, and errors may be
 * shown to the world.
 *
 * A key that is another program's is refused with the file where it belongs: no program
 * has use for the other's secrets.
 *
 * The files' texts are kept and cut up in place: nothing is allocated a line,
 * for under CGI this runs once a request.
 */
#include "settings.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/text.h"

#define SETTINGS_FILES_MAX 8
#define SETTINGS_SIZE_MAX 65536

/* What a slip must not show, whichever file it is in. */
static const char *const secrets[] = { "token", "password", "link_key", "rest_key",
	"rest_usersig" };

static const char *const receiver_keys[] = { "token", "sdk_app_id", "max_skew", "max_body",
	"max_groups", "lock_timeout", "sync", "file_mode", "log_client_ip", "wait_for_ship", "mode",
	NULL };
const struct settings_place settings_receiver = { receiver_keys,
	"belongs in msgext.conf, the receiver's own file (msgext.conf(5))" };

static const char *const viewer_keys[] = { "password", "link_key", "link_epoch", "link_days",
	"link_embed", "session", "timezone", "title", "https", "trust_server", NULL };
const struct settings_place settings_viewer = { viewer_keys,
	"belongs in view.conf, the viewer's own file (view.conf(5))" };

/* rest_*: what follows may be the secret itself. */
static const char *const repairer_keys[] = { "rest_domain", "rest_admin", "rest_key_file",
	"rest_usersig_file", "rest_key", "rest_usersig", "rate", "ca_file", "rest_*", NULL };
const struct settings_place settings_repairer = { repairer_keys,
	"belongs in repair.conf, msgext-repair's own file (repair.conf(5))" };

struct settings_text {
	struct settings_text *next;
	char *path;         /* of the file, */
	struct stat status; /* as it was when it was read */
	char bytes[];
};

static int file_read(struct settings *settings, const char *path);

int
settings_malformed(const struct settings *settings, const char *key, const char *reason)
{
	return fault_set(settings->fault, FAULT_CONFIG_MALFORMED, "%s:%u: %s: %s", settings->path,
	    settings->line, key, reason);
}

int
settings_integer(const struct settings *settings, const char *key, const char *value,
    struct settings_range range, uint64_t *to)
{
	char reason[80];

	if (integer_parse(value, strlen(value), to) && *to >= range.low && *to <= range.high)
		return 0;
	snprintf(reason, sizeof(reason), "must be an integer from %llu to %llu",
	    (unsigned long long)range.low, (unsigned long long)range.high);
	return settings_malformed(settings, key, reason);
}

int
settings_boolean(const struct settings *settings, const char *key, const char *value, bool *to)
{
	*to = strcmp(value, "yes") == 0;
	return *to || strcmp(value, "no") == 0
	    ? 0
	    : settings_malformed(settings, key, "must be yes or no");
}

static bool
name_is_secret(const char *name)
{
	size_t i = 0, count = sizeof(secrets) / sizeof(secrets[0]);

	while (i < count && strcmp(secrets[i], name) != 0)
		i++;
	return i < count;
}

/* Is the name there, followed by a sign that ends it, whatever its case and quotes? */
static bool
name_is_at(const char *at, const char *name, bool blank)
{
	size_t length = strlen(name);
	const char *end = at + length;

	if (strncasecmp(at, name, length) != 0)
		return false;
	if (blank && (*end == ' ' || *end == '\t') && name_is_secret(name))
		return true;
	end += strspn(end, " \t\"'");
	return *end == '=' || *end == ':';
}

/* Does a known key stand there, of whichever program? */
static bool
key_is_at(const struct settings_keys *keys, const char *at, bool blank)
{
	for (size_t i = 0; i < keys->count; i++)
		if (name_is_at(at, keys->rows[i].name, blank))
			return true;
	for (size_t i = 0; keys->elsewhere[i] != NULL; i++)
		for (const char *const *known = keys->elsewhere[i]->names; *known != NULL; known++)
			if (name_is_at(at, *known, blank))
				return true;
	return false;
}

/* Is it that name, or does it begin as a name that ends with a star? */
static bool
name_matches(const char *name, const char *known)
{
	size_t length = strcspn(known, "*");

	return known[length] == '*' ? strncmp(name, known, length) == 0 : strcmp(name, known) == 0;
}

/*
 * Whose key is it?  The sentence that says so; NULL: nobody's.  known: receives its name, as far as
 * it is known.
 */
static const char *
key_where(const struct settings_keys *keys, const char *name, const char **known)
{
	for (size_t i = 0; keys->elsewhere[i] != NULL; i++)
		for (const char *const *names = keys->elsewhere[i]->names; *names != NULL; names++)
			if (name_matches(name, *names)) {
				*known = *names;
				return keys->elsewhere[i]->where;
			}
	return NULL;
}

/*
 * Does a key of any program and a sign that ends one occur in it, as in "/data token = x"?
 * Or a comment, or the name of a secret before something?
 */
static bool
value_holds_setting(const struct settings *settings, const char *value)
{
	/* Nothing of that is without one of these; most values have none, and keys are many. */
	if (strpbrk(value, "=: \t") == NULL)
		return false;
	for (const char *at = value; *at != '\0'; at++) {
		char before = '\0';
		bool blank;

		if (at > value)
			before = at[-1];
		blank = before == ' ' || before == '\t';
		if (blank && *at == '#')
			return true;
		if (before == '_' || isalnum((unsigned char)before))
			continue;
		if (key_is_at(settings->keys, at, blank))
			return true;
	}
	return false;
}

/* A path may be shown, so it may hold nothing else. */
static int
path_check(const struct settings *settings, const char *key, const char *value)
{
	if (value_holds_setting(settings, value))
		return settings_malformed(settings, key,
		    "has another setting or a comment after it (put that on a line of its own)");
	return 0;
}

int
settings_path_set(const struct settings *settings, const char *key, char *value, const char **to)
{
	if (path_check(settings, key, value) != 0)
		return -1;
	if (value[0] != '/')
		return settings_malformed(settings, key, "must be an absolute path");
	*to = value;
	return 0;
}

int
settings_private(const struct settings *settings, const char *key)
{
	if (settings->private_file)
		return 0;
	return fault_set(settings->fault, FAULT_CONFIG_UNSAFE,
	    "%s: holds a %s and others can read it (chmod o= helps)", settings->path, key);
}

/* A relative path is taken from the directory of the file that names it. */
int
settings_include(struct settings *settings, const char *key, char *value)
{
	struct settings saved = *settings;
	const char *slash = strrchr(settings->path, '/');
	char path[PATH_MAX];
	int directory = value[0] == '/' || slash == NULL ? 0 : (int)(slash - settings->path) + 1;
	int length = snprintf(path, sizeof(path), "%.*s%s", directory, settings->path, value);

	if (path_check(settings, key, value) != 0)
		return -1;
	if (length < 0 || (size_t)length >= sizeof(path))
		return settings_malformed(settings, key, "the path is too long");
	if (file_read(settings, path) != 0)
		return -1;
	saved.seen = settings->seen;
	saved.files = settings->files;
	saved.texts = settings->texts;
	saved.script = settings->script;
	*settings = saved;
	return 0;
}

bool
settings_given(const struct settings *settings, const char *name)
{
	size_t i = 0;

	while (strcmp(settings->keys->rows[i].name, name) != 0)
		i++;
	return (settings->seen >> i & 1) != 0;
}

/* Cuts white space, and the CR of an upload from Windows, off both ends. */
static char *
trim(char *text)
{
	size_t length;

	text += strspn(text, " \t");
	length = strlen(text);
	while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
		length--;
	text[length] = '\0';
	return text;
}

static int
line_read(struct settings *settings, char *line)
{
	const struct settings_keys *keys = settings->keys;
	const char *where, *known = NULL;
	char *equals, *name, *value, reason[80];

	line = trim(line);
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	if (strchr(line, '\r') != NULL)
		return settings_malformed(settings, "line",
		    "has a carriage return inside (line ends must be those of Unix or Windows)");
	equals = strchr(line, '=');
	if (equals == NULL)
		return settings_malformed(settings, "line", "must be key = value");
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	for (size_t i = 0; i < keys->count; i++) {
		if (strcmp(keys->rows[i].name, name) != 0)
			continue;
		if (value[0] == '\0')
			return settings_malformed(settings, name, "has no value");
		if (!keys->rows[i].repeatable && (settings->seen >> i & 1) != 0)
			return settings_malformed(settings, name, "is given twice");
		settings->seen |= UINT64_C(1) << i;
		return keys->rows[i].set(settings, name, value);
	}
	where = key_where(keys, name, &known);
	if (where != NULL)
		return settings_malformed(settings, known, where);
	snprintf(reason, sizeof(reason), "unknown key (%s lists all keys)", keys->manual);
	return settings_malformed(settings, "line", reason);
}

/* Who may write the file decides where events go and who may send them. */
int
settings_writers_check(const char *path, const struct stat *status, struct fault *fault)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: belongs to another user than the one that runs it (user %lu, not %lu: run "
		    "it as that user, or chown it to root)",
		    path, (unsigned long)status->st_uid, (unsigned long)geteuid());
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: group or others can write to it%s (chmod go-w helps)", path,
		    (status->st_mode & S_IROTH) == 0 ? "" : ", and others can read it");
	return 0;
}

/* Only what is not there is missing. */
int
settings_open_fault(struct fault *fault, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		return fault_set(fault, FAULT_CONFIG_MISSING, "%s: %s", path, strerror(errno));
	if (errno == EACCES)
		return fault_set(fault, FAULT_CONFIG_UNREADABLE,
		    "%s: Permission denied: user %lu may not read it (use sudo, or chgrp it to "
		    "a group of that user and chmod 640)",
		    path, (unsigned long)geteuid());
	return fault_set(fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path, strerror(errno));
}

/* Opens the file, for the caller to close, and judges it; -1: fault. */
static int
text_open(struct settings *settings, const char *path, struct stat *status)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, status) != 0)
		settings_open_fault(settings->fault, path);
	else if (!S_ISREG(status->st_mode) || status->st_size > SETTINGS_SIZE_MAX)
		fault_set(settings->fault, FAULT_CONFIG_MALFORMED,
		    "%s: must be a file of at most 64 KiB", path);
	else if (settings_writers_check(path, status, settings->fault) != 0)
		; /* fault */
	else if (settings->files == SETTINGS_FILES_MAX)
		fault_set(settings->fault, FAULT_CONFIG_MALFORMED,
		    "%s: too many files are included (8 at most)", path);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads the file into a new text of the settings'; NULL: fault. */
static char *
text_load(struct settings *settings, const char *path, size_t *length)
{
	struct settings_text *text = NULL;
	struct stat status;
	ssize_t count = -1;
	int fd = text_open(settings, path, &status);

	if (fd < 0)
		return NULL;
	text = malloc(sizeof(*text) + (size_t)status.st_size + 1 + strlen(path) + 1);
	if (text == NULL) {
		fault_memory(settings->fault);
		goto out;
	}
	text->status = status;
	text->path = strcpy(text->bytes + status.st_size + 1, path);
	text->next = settings->texts; /* settings_free releases it */
	settings->texts = text;
	count = read(fd, text->bytes, (size_t)status.st_size);
	if (count != (ssize_t)status.st_size) {
		fault_set(settings->fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path,
		    count < 0 ? strerror(errno) : "is changing");
		count = -1;
		goto out;
	}
	text->bytes[count] = '\0';
	*length = (size_t)count;
	settings->private_file = (status.st_mode & S_IROTH) == 0;
	settings->control_file = settings->files == 0 && strncmp(text->bytes, "#!", 2) == 0;
	settings->owner = status.st_uid;
	if (settings->control_file)
		settings->script = text->bytes;
	settings->files++;
out:
	close(fd);
	return count < 0 ? NULL : text->bytes;
}

static int
file_read(struct settings *settings, const char *path)
{
	size_t length = 0;
	char *line = text_load(settings, path, &length);

	if (line == NULL)
		return -1;
	settings->path = path;
	settings->line = 0;
	if (strlen(line) != length)
		return settings_malformed(settings, "file", "holds a NUL byte");
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3; /* editors on Windows put this before UTF-8 */
	while (line != NULL) {
		char *newline = strchr(line, '\n');

		if (newline != NULL)
			*newline = '\0';
		settings->line++;
		if (line_read(settings, line) != 0)
			return -1;
		line = newline == NULL ? NULL : newline + 1;
	}
	return 0;
}

int
settings_read(struct settings *settings, const char *path)
{
	return file_read(settings, path);
}

bool
settings_changed(const struct settings_text *texts)
{
	struct stat now;

	for (; texts != NULL; texts = texts->next) {
		const struct stat *then = &texts->status;

		if (fstatat(AT_FDCWD, texts->path, &now, 0) != 0 || now.st_dev != then->st_dev ||
		    now.st_ino != then->st_ino || now.st_size != then->st_size ||
		    now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
		    now.st_mtim.tv_nsec != then->st_mtim.tv_nsec)
			return true;
	}
	return false;
}

void
settings_free(struct settings_text **texts)
{
	while (*texts != NULL) {
		struct settings_text *next = (*texts)->next;

		free(*texts);
		*texts = next;
	}
}

/*
 * Apache hands the words of a query without '=' to a CGI as arguments.  So an
 * argument counts only if the kernel confirms that it is what was executed:
 * that cannot come from a client.
 */
int
settings_control_file(const char *path, const char *executed, struct fault *fault)
{
	struct stat status;
	char magic[2] = { 0 };
	int fd, result = 0;

	if (path == NULL || executed == NULL || strcmp(path, executed) != 0)
		return 0;
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 && errno == ENOENT)
		return 0;
	if (fd < 0) { /* the kernel executes what we may not read; no other one is meant */
		return settings_open_fault(fault, path);
	}
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic))
		result = magic[0] == '#' && magic[1] == '!';
	close(fd);
	if (result != 0 && settings_writers_check(path, &status, fault) != 0)
		return -1;
	return result;
}

const char *
settings_path(const char *variable, const char *otherwise, const char **source)
{
	const char *path = getenv(variable);
	bool given = path != NULL && path[0] != '\0';

	if (source != NULL)
		*source = given ? variable : "the compiled-in default";
	return given ? path : otherwise;
}
