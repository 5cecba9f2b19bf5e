/*
 * config.c - the configuration file.
 *
 * key = value, a line each; a line whose first character is '#' is a comment.
 * That rule makes a file that begins "#!/path/to/msgext" both a configuration
 * and a program that a web server can run.  A '#' further along a line is part
 * of the value, since a token may hold one.
 *
 * Anything doubtful is refused with file and line: an unknown key, a value out
 * of range, a key given twice, a token that others may read, a file that others
 * may write.  A receiver that guesses what its owner meant cannot be trusted with data.
 *
 * The error for a wrong line shows the line's number, and its key where it is one of ours,
 * but nothing else of the line: a slip of the pen puts the token anywhere, and mode = check
 * shows errors to the world.
 *
 * The files' texts are kept and cut up in place: nothing is allocated a line,
 * for under CGI this runs once a request.
 */
#include <sys/stat.h>

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config.h"
#include "base/fault.h"
#include "base/text.h"
#include "wait.h"

#ifndef SYSCONFDIR
#define SYSCONFDIR "/etc"
#endif

#define CONFIG_FILES_MAX 8
#define CONFIG_SIZE_MAX 65536
#define TOKEN_SIZE_MAX 256

/* A file's text, cut up into strings. */
struct config_text {
	struct config_text *next;
	char bytes[];
};

struct reader {
	struct config *config;
	struct fault *fault;
	uint64_t seen;    /* bit i: key i was given */
	const char *path; /* the file and line being read */
	unsigned line;
	unsigned files;    /* read so far */
	bool private_file; /* others may not read it */
	bool control_file; /* the first, and it begins "#!" */
	uid_t owner;
};

static int file_read(struct reader *reader, const char *path);

static int
malformed(const struct reader *reader, const char *key, const char *reason)
{
	return fault_set(reader->fault, FAULT_CONFIG_MALFORMED, "%s:%u: %s: %s", reader->path,
	    reader->line, key, reason);
}

struct range {
	uint64_t low, high;
};

static int
integer_set(const struct reader *reader, const char *key, const char *value, struct range range,
    uint64_t *to)
{
	char reason[80];

	if (integer_parse(value, strlen(value), to) && *to >= range.low && *to <= range.high)
		return 0;
	snprintf(reason, sizeof(reason), "must be an integer from %llu to %llu",
	    (unsigned long long)range.low, (unsigned long long)range.high);
	return malformed(reader, key, reason);
}

static int
boolean_set(const struct reader *reader, const char *key, const char *value, bool *to)
{
	*to = strcmp(value, "yes") == 0;
	return *to || strcmp(value, "no") == 0 ? 0 : malformed(reader, key, "must be yes or no");
}

static bool value_holds_setting(const char *value);

/* A path may be shown, so nothing else may stand in it. */
static int
path_check(const struct reader *reader, const char *key, const char *value)
{
	if (value_holds_setting(value))
		return malformed(reader, key,
		    "holds a further setting or a comment (put it on a line of its own)");
	return 0;
}

static int
data_dir_set(struct reader *reader, const char *key, char *value)
{
	if (path_check(reader, key, value) != 0)
		return -1;
	if (value[0] != '/')
		return malformed(reader, key, "must be an absolute path");
	reader->config->store.data_dir = value;
	return 0;
}

static int
sdk_app_id_set(struct reader *reader, const char *key, char *value)
{
	reader->config->any_app = strcmp(value, "any") == 0;
	if (reader->config->any_app)
		return 0;
	if (!integer_parse(value, strlen(value), &reader->config->sdk_app_id))
		return malformed(reader, key, "must be a number, or any");
	return 0;
}

static int
token_set(struct reader *reader, const char *key, char *value)
{
	struct config *config = reader->config;

	if (config->token_count == CONFIG_TOKENS_MAX)
		return malformed(reader, key, "is given more than 8 times");
	if (strlen(value) > TOKEN_SIZE_MAX)
		return malformed(reader, key, "is longer than 256 bytes");
	if (!reader->private_file)
		return fault_set(reader->fault, FAULT_CONFIG_UNSAFE,
		    "%s: holds a token and others may read it (chmod o= helps)", reader->path);
	config->tokens[config->token_count++] = value;
	return 0;
}

static int
max_skew_set(struct reader *reader, const char *key, char *value)
{
	return integer_set(reader, key, value, (struct range){ 1, UINT64_C(9999999999) },
	    &reader->config->max_skew);
}

static int
max_body_set(struct reader *reader, const char *key, char *value)
{
	uint64_t number;

	/* A Content-Length has at most 7 digits. */
	if (integer_set(reader, key, value, (struct range){ 1024, 9999999 }, &number) != 0)
		return -1;
	reader->config->max_body = (size_t)number;
	return 0;
}

static int
max_groups_set(struct reader *reader, const char *key, char *value)
{
	return integer_set(reader, key, value, (struct range){ 0, UINT64_C(1000000000) },
	    &reader->config->store.max_groups);
}

/* Seconds with up to three decimals, up to 1.5: a reply must be out in 1.8 s. */
static int
seconds_set(const struct reader *reader, const char *key, char *value, int low, int *milliseconds)
{
	uint64_t seconds, fraction = 0;
	char *point = strchr(value, '.');
	size_t digits = 0, whole = point == NULL ? strlen(value) : (size_t)(point - value);
	char reason[64];

	if (point != NULL) {
		digits = strlen(point + 1);
		if (digits < 1 || digits > 3 || strspn(point + 1, "0123456789") != digits)
			goto fail;
		for (size_t i = 0; i < 3; i++)
			fraction =
			    fraction * 10 + (i < digits ? (uint64_t)(point[1 + i] - '0') : 0);
	}
	if (!integer_parse(value, whole, &seconds) || seconds > 1)
		goto fail;
	*milliseconds = (int)(seconds * 1000 + fraction);
	if (*milliseconds >= low && *milliseconds <= 1500)
		return 0;
fail:
	snprintf(reason, sizeof(reason), "must be seconds from %s to 1.5",
	    low == 0 ? "0" : "0.001");
	return malformed(reader, key, reason);
}

static int
lock_timeout_set(struct reader *reader, const char *key, char *value)
{
	return seconds_set(reader, key, value, 1, &reader->config->store.lock_timeout);
}

static int
wait_for_ship_set(struct reader *reader, const char *key, char *value)
{
	return seconds_set(reader, key, value, 0, &reader->config->wait_for_ship);
}

static int
sync_set(struct reader *reader, const char *key, char *value)
{
	return boolean_set(reader, key, value, &reader->config->store.sync);
}

static int
file_mode_set(struct reader *reader, const char *key, char *value)
{
	size_t length = strspn(value, "01234567");
	unsigned long mode = strtoul(value, NULL, 8);

	if (value[length] != '\0' || length < 3 || length > 4 || (mode & 0600) != 0600 ||
	    (mode & ~0664UL) != 0)
		return malformed(reader, key,
		    "must be 0600, with group read or write and others' "
		    "read at most");
	reader->config->store.file_mode = (mode_t)mode;
	return 0;
}

static int
log_client_ip_set(struct reader *reader, const char *key, char *value)
{
	return boolean_set(reader, key, value, &reader->config->log_client_ip);
}

/* The page that check makes shows paths: whose they are must have asked for it. */
static int
mode_set(struct reader *reader, const char *key, char *value)
{
	if (strcmp(value, "receive") == 0)
		return 0;
	if (strcmp(value, "check") != 0)
		return malformed(reader, key, "must be receive or check");
	if (!reader->control_file)
		return malformed(reader, key,
		    "check may stand in a script only, behind its #! line");
	if (reader->owner != geteuid())
		return fault_set(reader->fault, FAULT_CONFIG_UNSAFE,
		    "%s: mode = check, and the file belongs to another user than runs it",
		    reader->path);
	reader->config->check = true;
	return 0;
}

/* A relative path is taken from the directory of the file that names it. */
static int
include_set(struct reader *reader, const char *key, char *value)
{
	struct reader saved = *reader;
	const char *slash = strrchr(reader->path, '/');
	char path[PATH_MAX];
	int directory = value[0] == '/' || slash == NULL ? 0 : (int)(slash - reader->path) + 1;
	int length = snprintf(path, sizeof(path), "%.*s%s", directory, reader->path, value);

	if (path_check(reader, key, value) != 0)
		return -1;
	if (length < 0 || (size_t)length >= sizeof(path))
		return malformed(reader, key, "the path is too long");
	if (file_read(reader, path) != 0)
		return -1;
	saved.seen = reader->seen;
	saved.files = reader->files;
	*reader = saved;
	return 0;
}

static const struct key {
	const char *name;
	int (*set)(struct reader *reader, const char *key, char *value);
	bool repeatable;
} keys[] = {
	{ "data_dir", data_dir_set, false },
	{ "sdk_app_id", sdk_app_id_set, false },
	{ "token", token_set, true },
	{ "max_skew", max_skew_set, false },
	{ "max_body", max_body_set, false },
	{ "max_groups", max_groups_set, false },
	{ "lock_timeout", lock_timeout_set, false },
	{ "sync", sync_set, false },
	{ "file_mode", file_mode_set, false },
	{ "log_client_ip", log_client_ip_set, false },
	{ "wait_for_ship", wait_for_ship_set, false },
	{ "mode", mode_set, false },
	{ "include", include_set, true },
};

/*
 * Does a key of ours and a sign that ends one stand in it, as in "/data token = x", whatever its
 * case and quotes?  Or a comment, or the word token before something?
 */
static bool
value_holds_setting(const char *value)
{
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
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
			size_t length = strlen(keys[i].name);
			const char *end;

			if (strncasecmp(at, keys[i].name, length) != 0)
				continue;
			end = at + length;
			if (blank && keys[i].set == token_set && (*end == ' ' || *end == '\t'))
				return true;
			end += strspn(end, " \t\"'");
			if (*end == '=' || *end == ':')
				return true;
		}
	}
	return false;
}

static bool
key_given(const struct reader *reader, const char *name)
{
	size_t i = 0;

	while (strcmp(keys[i].name, name) != 0)
		i++;
	return (reader->seen >> i & 1) != 0;
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
line_read(struct reader *reader, char *line)
{
	char *equals, *name, *value;

	line = trim(line);
	if (line[0] == '#' || line[0] == '\0')
		return 0;
	if (strchr(line, '\r') != NULL)
		return malformed(reader, "line",
		    "holds a carriage return (line ends must be those of Unix or Windows)");
	equals = strchr(line, '=');
	if (equals == NULL)
		return malformed(reader, "line", "must read key = value");
	*equals = '\0';
	name = trim(line);
	value = trim(equals + 1);
	for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
		if (strcmp(keys[i].name, name) != 0)
			continue;
		if (value[0] == '\0')
			return malformed(reader, name, "has no value");
		if (!keys[i].repeatable && (reader->seen >> i & 1) != 0)
			return malformed(reader, name, "is given twice");
		reader->seen |= UINT64_C(1) << i;
		return keys[i].set(reader, name, value);
	}
	return malformed(reader, "line", "unknown key (msgext.conf(5) has them all)");
}

/* Who may write the file decides where events go and who may send them. */
static int
writers_check(const char *path, const struct stat *status, struct fault *fault)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: belongs to another user than runs it (user %lu, this is %lu: run it as "
		    "that user, or chown it to root)",
		    path, (unsigned long)status->st_uid, (unsigned long)geteuid());
	if ((status->st_mode & (S_IWGRP | S_IWOTH)) != 0)
		return fault_set(fault, FAULT_CONFIG_UNSAFE,
		    "%s: group or others may write it%s (chmod go-w helps)", path,
		    (status->st_mode & S_IROTH) == 0 ? "" : ", and others may read it");
	return 0;
}

/* Only what is not there is missing. */
static void
open_fault(struct fault *fault, const char *path)
{
	if (errno == ENOENT || errno == ENOTDIR)
		fault_set(fault, FAULT_CONFIG_MISSING, "%s: %s", path, strerror(errno));
	else if (errno == EACCES)
		fault_set(fault, FAULT_CONFIG_UNREADABLE,
		    "%s: Permission denied: user %lu may not read it (use sudo, or chgrp it to "
		    "a group of that user and chmod 640)",
		    path, (unsigned long)geteuid());
	else
		fault_set(fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path, strerror(errno));
}

/* Opens the file, for the caller to close, and judges it; -1: fault. */
static int
text_open(struct reader *reader, const char *path, struct stat *status)
{
	int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);

	if (fd < 0 || fstat(fd, status) != 0)
		open_fault(reader->fault, path);
	else if (!S_ISREG(status->st_mode) || status->st_size > CONFIG_SIZE_MAX)
		fault_set(reader->fault, FAULT_CONFIG_MALFORMED, "%s: is no file of at most 64 KiB",
		    path);
	else if (writers_check(path, status, reader->fault) != 0)
		; /* fault */
	else if (reader->files == CONFIG_FILES_MAX)
		fault_set(reader->fault, FAULT_CONFIG_MALFORMED, "%s: is included after 8 files",
		    path);
	else
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* Reads the file into a new text of the config's; NULL: fault. */
static char *
text_load(struct reader *reader, const char *path, size_t *length)
{
	struct config *config = reader->config;
	struct config_text *text = NULL;
	struct stat status;
	ssize_t count = -1;
	int fd = text_open(reader, path, &status);

	if (fd < 0)
		return NULL;
	text = malloc(sizeof(*text) + (size_t)status.st_size + 1);
	if (text == NULL) {
		fault_memory(reader->fault);
		goto out;
	}
	text->next = config->texts; /* config_free releases it */
	config->texts = text;
	count = read(fd, text->bytes, (size_t)status.st_size);
	if (count != (ssize_t)status.st_size) {
		fault_set(reader->fault, FAULT_CONFIG_UNREADABLE, "%s: %s", path,
		    count < 0 ? strerror(errno) : "is changing");
		count = -1;
		goto out;
	}
	text->bytes[count] = '\0';
	*length = (size_t)count;
	reader->private_file = (status.st_mode & S_IROTH) == 0;
	reader->control_file = reader->files == 0 && strncmp(text->bytes, "#!", 2) == 0;
	reader->owner = status.st_uid;
	if (reader->control_file)
		config->script = text->bytes;
	reader->files++;
out:
	close(fd);
	return count < 0 ? NULL : text->bytes;
}

static int
file_read(struct reader *reader, const char *path)
{
	size_t length = 0;
	char *line = text_load(reader, path, &length);

	if (line == NULL)
		return -1;
	reader->path = path;
	reader->line = 0;
	if (strlen(line) != length)
		return malformed(reader, "file", "holds a NUL byte");
	if (strncmp(line, "\xef\xbb\xbf", 3) == 0)
		line += 3; /* editors on Windows put this before UTF-8 */
	while (line != NULL) {
		char *newline = strchr(line, '\n');

		if (newline != NULL)
			*newline = '\0';
		reader->line++;
		if (line_read(reader, line) != 0)
			return -1;
		line = newline == NULL ? NULL : newline + 1;
	}
	return 0;
}

const char *
config_path_default(const char **source)
{
	const char *path = getenv("MSGEXT_CONFIG");
	bool given = path != NULL && path[0] != '\0';

	if (source != NULL)
		*source = given ? "MSGEXT_CONFIG" : "the compiled-in default";
	return given ? path : SYSCONFDIR "/msgext/msgext.conf";
}

void
config_defaults(struct config *config)
{
	*config = (struct config){
		.store = { .owner = geteuid(),
		    .file_mode = 0600,
		    .sync = true,
		    .lock_timeout = 1200,
		    .max_groups = 100000 },
		.max_skew = 60,
		.max_body = 262144,
		.log_client_ip = true,
	};
}

int
config_load(struct config *config, const char *path, struct fault *fault)
{
	struct reader reader = { .config = config, .fault = fault };

	config_defaults(config);
	if (file_read(&reader, path) != 0)
		return -1;
	if (!key_given(&reader, "data_dir"))
		return fault_set(fault, FAULT_CONFIG_MALFORMED, "%s: data_dir is missing", path);
	if (!key_given(&reader, "sdk_app_id"))
		return fault_set(fault, FAULT_CONFIG_MALFORMED, "%s: sdk_app_id is missing", path);
	if (config->wait_for_ship > 0 && !wait_possible(config->store.data_dir))
		return fault_set(fault, FAULT_CONFIG_MALFORMED,
		    "%s: wait_for_ship: data_dir is too long a path", path);
	return 0;
}

void
config_free(struct config *config)
{
	while (config->texts != NULL) {
		struct config_text *next = config->texts->next;

		free(config->texts);
		config->texts = next;
	}
	*config = (struct config){ 0 };
}

int
config_program_fault(const struct config *config, const char *path, const char *program,
    struct fault *fault)
{
	const char *named = config->script == NULL ? "" : config->script + 2, *slash = named;
	int length;

	named += strspn(named, " \t");
	for (const char *at = named; *at != '\0' && strchr(" \t\r", *at) == NULL; at++)
		if (*at == '/')
			slash = at + 1;
	length = slash > named ? (int)(slash - named) : 0;
	return fault_set(fault, FAULT_CONFIG_CHECK,
	    "line 1 must read #!%.*s%s, which serves mode = %s: %s", length, named, program,
	    config->check ? "check" : "receive", path);
}

/*
 * Apache hands the words of a query without '=' to a CGI as arguments.  So an
 * argument counts only if the kernel confirms that it is what was executed:
 * that cannot come from a client.
 */
int
config_control_file(const char *path, const char *executed, struct fault *fault)
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
		open_fault(fault, path);
		return -1;
	}
	if (fstat(fd, &status) == 0 && S_ISREG(status.st_mode) &&
	    read(fd, magic, sizeof(magic)) == (ssize_t)sizeof(magic))
		result = magic[0] == '#' && magic[1] == '!';
	close(fd);
	if (result != 0 && writers_check(path, &status, fault) != 0)
		return -1;
	return result;
}

/* Compares directories, not spellings: walks from data_dir up to the root. */
int
config_check_root(const char *data_dir, const char *document_root, struct fault *fault)
{
	struct stat root, at, above;
	char path[PATH_MAX];
	size_t length = strlen(data_dir);

	if (document_root == NULL || document_root[0] == '\0' || stat(document_root, &root) != 0)
		return 0; /* nothing is served from there */
	if (length + 1 > sizeof(path) || stat(data_dir, &at) != 0)
		return 0; /* store_check tells */
	memcpy(path, data_dir, length + 1);
	for (;;) {
		if (at.st_dev == root.st_dev && at.st_ino == root.st_ino)
			return fault_set(fault, FAULT_CONFIG_UNSAFE,
			    "data_dir: lies inside the document root %s", document_root);
		if (length + sizeof("/..") > sizeof(path))
			return 0;
		memcpy(path + length, "/..", sizeof("/.."));
		length += sizeof("/..") - 1;
		if (stat(path, &above) != 0 ||
		    (above.st_dev == at.st_dev && above.st_ino == at.st_ino))
			return 0;
		at = above;
	}
}
