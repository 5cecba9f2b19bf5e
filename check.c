/*
 * check.c - is this installation right?
 *
 * It does what the receiver would do, as the user the receiver runs as, and
 * says of each point OK, a warning with its remedy, or an error.  It does not
 * deduce from modes what would work: it enters each directory of a path, and
 * appends a line to a log of its own in a directory of its own.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/timex.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "msgext.h"

#define SLOW_MILLISECONDS 500
#define SPACE_LOW (100ULL << 20)
#define SPACE_NONE (1ULL << 20)
#define INODES_LOW 1000
#define YEAR_2025 1735689600

enum verdict { VERDICT_OK, VERDICT_WARNING, VERDICT_ERROR };

static void say(struct check *check, enum verdict verdict, const char *point, const char *format,
    ...) PRINTF_LIKE(4, 5);

static void
say(struct check *check, enum verdict verdict, const char *point, const char *format, ...)
{
	static const char *const words[] = { "OK", "WARNING", "ERROR" };
	char line[PATH_MAX + 256];
	int used = snprintf(line, sizeof(line), "%-8s %-14s ", words[verdict], point);
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(line + used, sizeof(line) - (size_t)used, format, arguments);
	va_end(arguments);
	check->warnings += verdict == VERDICT_WARNING;
	check->errors += verdict == VERDICT_ERROR;
	check->tell(check->context, line);
}

static const char *
user_name(uid_t uid)
{
	const struct passwd *user = getpwuid(uid);

	return user == NULL ? "this user" : user->pw_name;
}

/* Can each directory above path be entered?  Says which cannot. */
static bool
path_check(struct check *check, const char *point, const char *path)
{
	char part[PATH_MAX];

	for (const char *slash = strchr(path + 1, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		snprintf(part, sizeof(part), "%.*s", (int)(slash - path), path);
		if (faccessat(AT_FDCWD, part, X_OK, AT_EACCESS) == 0)
			continue;
		say(check, VERDICT_ERROR, point, "%s: %s cannot enter it: %s (chmod +x it for %s)",
		    part, user_name(geteuid()), strerror(errno), user_name(geteuid()));
		return false;
	}
	return true;
}

/* the configuration */

/* The two-line script of shared hosting: what web servers and kernels refuse. */
static void
script_check(struct check *check, const char *path, const struct stat *status)
{
	char line[PATH_MAX], directory[PATH_MAX];
	const char *slash = strrchr(path, '/');
	struct stat above;
	FILE *file = fopen(path, "r");
	char *interpreter;

	if (file == NULL || fgets(line, sizeof(line), file) == NULL || strncmp(line, "#!", 2) != 0)
		goto out;
	interpreter = line + 2 + strspn(line + 2, " \t");
	interpreter[strcspn(interpreter, " \t\n")] = '\0';
	snprintf(directory, sizeof(directory), "%.*s", slash == NULL ? 1 : (int)(slash - path),
	    slash == NULL ? "." : path);
	if (strchr(interpreter, '\r') != NULL)
		say(check, VERDICT_ERROR, "script",
		    "its first line ends in CR LF, so the kernel looks for a program whose name "
		    "ends in CR (upload it in ASCII mode, or with Unix line ends)");
	else if (access(interpreter, X_OK) != 0)
		say(check, VERDICT_ERROR, "script", "%s: %s (the first line must name msgext)",
		    interpreter, strerror(errno));
	else if ((status->st_mode & S_IXUSR) == 0)
		say(check, VERDICT_ERROR, "script", "is not executable (chmod 755)");
	else if (stat(directory, &above) == 0 && (above.st_mode & (S_IWGRP | S_IWOTH)) != 0)
		say(check, VERDICT_WARNING, "script",
		    "others may write its directory: suEXEC refuses that (chmod 755)");
	else
		say(check, VERDICT_OK, "script", "runs %s", interpreter);
out:
	if (file != NULL)
		fclose(file);
}

static bool
config_check(struct check *check)
{
	struct config *config = check->config;
	struct stat status;

	if (check->config_path == NULL) {
		say(check, VERDICT_WARNING, "configuration",
		    "not read: -d was given (use -c to check it)");
		return true;
	}
	if (!path_check(check, "configuration", check->config_path))
		return false;
	/* Again, for now we are the user that counts. */
	config_free(config);
	if (config_load(config, check->config_path, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "configuration", "%s", check->fault.detail);
		return false;
	}
	say(check, VERDICT_OK, "configuration", "%s (found by %s)", check->config_path,
	    check->config_source);
	if (stat(check->config_path, &status) == 0) {
		if ((status.st_mode & (S_IWGRP | S_IWOTH)) != 0)
			say(check, VERDICT_WARNING, "configuration",
			    "others than its owner may write it (chmod go-w)");
		script_check(check, check->config_path, &status);
	}
	if (config->token_count == 0)
		say(check, VERDICT_WARNING, "token",
		    "is not set: anyone who knows the URL can post events (switch "
		    "authentication on in the vendor's console)");
	else
		say(check, VERDICT_OK, "token", "%zu, requests must be signed",
		    config->token_count);
	if (config->any_app)
		say(check, VERDICT_WARNING, "sdk_app_id", "any: other apps' events are taken too");
	if (!config->store.sync)
		say(check, VERDICT_WARNING, "sync", "no: a power cut loses acknowledged events");
	check->store = config->store;
	if (check->data_dir != NULL)
		check->store.data_dir = check->data_dir;
	return true;
}

/* the data directory */

/* Does a part of the path bear a name that web servers serve from? */
static void
root_check(struct check *check, const char *data_dir)
{
	static const char *const served[] = { "public_html", "htdocs", "httpdocs", "www", "html",
		"public", "web" };
	char path[PATH_MAX];

	if (config_check_root(data_dir, check->document_root, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "data_dir", "%s", check->fault.detail);
		return;
	}
	if (realpath(data_dir, path) == NULL)
		return;
	for (char *part = strtok(path, "/"); part != NULL; part = strtok(NULL, "/"))
		for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
			if (strcmp(part, served[i]) == 0) {
				say(check, VERDICT_WARNING, "data_dir",
				    "lies below a directory %s: make sure that no web server "
				    "serves "
				    "it",
				    part);
				return;
			}
}

static bool
data_dir_check(struct check *check)
{
	const char *data_dir = check->store.data_dir;
	struct stat status;

	if (!path_check(check, "data_dir", data_dir))
		return false;
	if (store_check_access(&check->store, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "data_dir", "%s, as %s", check->fault.detail,
		    user_name(geteuid()));
		return false;
	}
	say(check, VERDICT_OK, "data_dir", "%s: %s can write it", data_dir, user_name(geteuid()));
	if (stat(data_dir, &status) != 0)
		return true;
	if (status.st_uid != geteuid())
		say(check, VERDICT_WARNING, "data_dir",
		    "belongs to %s, not to %s: check it as the web server's user (--as USER)",
		    user_name(status.st_uid), user_name(geteuid()));
	if ((status.st_mode & (S_IROTH | S_IXOTH)) != 0)
		say(check, VERDICT_WARNING, "data_dir", "others may enter it (chmod o= it)");
	root_check(check, data_dir);
	return true;
}

/* Would the receiver refuse any of the logs? */
static void
logs_check(struct check *check)
{
	struct scan_names names;
	struct stat status;
	char path[PATH_MAX];
	size_t refused = 0;

	if (scan_list(check->store.data_dir, &names, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "logs", "%s", check->fault.detail);
		return;
	}
	for (size_t i = 0; i < names.count; i++) {
		const char *reason = NULL;
		int length =
		    snprintf(path, sizeof(path), "%s/%s", check->store.data_dir, names.names[i]);

		if (length < 0 || (size_t)length >= sizeof(path) || lstat(path, &status) != 0)
			continue;
		if (!S_ISREG(status.st_mode))
			reason = "is no regular file";
		else if (status.st_uid != geteuid())
			reason = "belongs to another user";
		else if (status.st_nlink > 1)
			reason = "has more than one name";
		else if (faccessat(AT_FDCWD, path, R_OK | W_OK, AT_EACCESS) != 0)
			reason = "is not to be read and written";
		if (reason != NULL && refused++ < 10)
			say(check, VERDICT_ERROR, "logs", "%s: %s: %s cannot append to it",
			    check->names_logs ? path : "one of them", reason, user_name(geteuid()));
	}
	if (check->store.max_groups > 0 && names.count >= check->store.max_groups)
		say(check, VERDICT_ERROR, "logs",
		    "%zu: as many as max_groups: new groups are refused", names.count);
	else if (check->store.max_groups > 0 && names.count >= check->store.max_groups / 5 * 4)
		say(check, VERDICT_WARNING, "logs", "%zu of max_groups = %llu", names.count,
		    (unsigned long long)check->store.max_groups);
	else if (refused == 0)
		say(check, VERDICT_OK, "logs", "%zu", names.count);
	if (refused > 10)
		say(check, VERDICT_ERROR, "logs", "and %zu more", refused - 10);
	scan_names_free(&names);
}

/* Locks the file, then from a second process again: must that wait? */
static void
lock_check(struct check *check, const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC), status = 1;
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	bool locked = fd >= 0 && fcntl(fd, F_SETLK, &lock) == 0;
	pid_t child = locked ? fork() : 0;

	if (locked && child == 0)
		_exit(fcntl(fd, F_SETLK, &lock) != 0 ? 0 : 1);
	if (child > 0)
		waitpid(child, &status, 0);
	if (child < 0)
		say(check, VERDICT_WARNING, "lock",
		    "is not tried: a second process cannot be started: %s", strerror(errno));
	else if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		say(check, VERDICT_OK, "lock", "excludes a second process");
	else
		say(check, VERDICT_ERROR, "lock",
		    "does not exclude a second process: the file system must support "
		    "fcntl locks (NFS: mount without nolock)");
	if (fd >= 0)
		close(fd);
}

/* Appends as the receiver does, in a directory of its own inside the data directory. */
static void
append_check(struct check *check)
{
	static const char line[] = "{\"time\":\"2025-01-01T00:00:00.000Z\"}\n";
	struct store_options options = check->store;
	char directory[PATH_MAX], path[PATH_MAX + 16];
	int64_t start = clock_milliseconds();
	int length = snprintf(directory, sizeof(directory), "%s/.check-XXXXXX", options.data_dir);

	/* The umask is made for files. */
	if (length < 0 || (size_t)length >= sizeof(directory) || mkdtemp(directory) == NULL ||
	    chmod(directory, 0700) != 0) {
		say(check, VERDICT_ERROR, "append", "%s: cannot make a file: %s", options.data_dir,
		    strerror(errno));
		return;
	}
	snprintf(path, sizeof(path), "%s/check.jsonl", directory);
	options.data_dir = directory;
	if (store_append(&options, "check", line, sizeof(line) - 1, INT64_MAX, NULL,
		&check->fault) != 0) {
		say(check, VERDICT_ERROR, "append", "%s: %s", fault_slug(check->fault.code),
		    check->fault.detail);
	} else {
		int64_t took = clock_milliseconds() - start;

		say(check, took > SLOW_MILLISECONDS ? VERDICT_WARNING : VERDICT_OK, "append",
		    "a line was written%s in %lld ms%s", options.sync ? " and synced" : "",
		    (long long)took,
		    took > SLOW_MILLISECONDS ? ": the vendor waits for 2 s only" : "");
		lock_check(check, path);
	}
	unlink(path);
	rmdir(directory);
}

/* Answers wait for a shipper that should be there. */
static void
ship_check(struct check *check)
{
	if (check->config_path == NULL || check->config->wait_for_ship == 0)
		return;
	if (wait_shipper_is_there(check->store.data_dir))
		say(check, VERDICT_OK, "wait_for_ship", "msgext-ship is at work");
	else
		say(check, VERDICT_WARNING, "wait_for_ship",
		    "no msgext-ship is at work here with an engine: answers do not wait");
}

/* the machine */

static void
space_check(struct check *check)
{
	struct statvfs space;
	unsigned long long bytes;

	if (statvfs(check->store.data_dir, &space) != 0) {
		say(check, VERDICT_WARNING, "space", "is not known: %s", strerror(errno));
		return;
	}
	bytes = (unsigned long long)space.f_bavail * space.f_frsize;
	say(check,
	    bytes < SPACE_NONE      ? VERDICT_ERROR
		: bytes < SPACE_LOW ? VERDICT_WARNING
				    : VERDICT_OK,
	    "space", "%llu MB are free", bytes >> 20);
	if (space.f_files > 0 && space.f_favail < INODES_LOW)
		say(check, VERDICT_WARNING, "space", "only %llu further files fit (inodes)",
		    (unsigned long long)space.f_favail);
}

/* The options of the mount that holds the directory, from /proc/self/mountinfo. */
static bool
mount_has(const char *path, const char *option)
{
	char line[4096], device[32];
	struct stat status;
	bool found = false;
	FILE *file = fopen("/proc/self/mountinfo", "r");

	if (file == NULL)
		return false;
	if (stat(path, &status) == 0) {
		snprintf(device, sizeof(device), " %u:%u ", major(status.st_dev),
		    minor(status.st_dev));
		while (!found && fgets(line, sizeof(line), file) != NULL)
			found = strstr(line, device) != NULL && strstr(line, option) != NULL;
	}
	fclose(file);
	return found;
}

static void
file_system_check(struct check *check)
{
	static const struct {
		unsigned long magic;
		const char *warning;
	} systems[] = { { 0x6969, "NFS: needs its lock service, and is slower than a disk" },
		{ 0x01021994, "tmpfs: what it holds is gone after a restart" },
		{ 0x858458f6, "ramfs: what it holds is gone after a restart" },
		{ 0x4d44, "FAT: no owners, no modes, no journal" },
		{ 0x517b, "SMB: locks and modes depend on the server" },
		{ 0xff534d42, "CIFS: locks and modes depend on the server" },
		{ 0xfe534d42, "SMB: locks and modes depend on the server" },
		{ 0x65735546, "FUSE: what a sync means depends on the file system behind it" } };
	const char *data_dir = check->store.data_dir, *warning = NULL;
	struct statfs status;

	if (statfs(data_dir, &status) != 0)
		return;
	for (size_t i = 0; i < sizeof(systems) / sizeof(systems[0]); i++)
		if (systems[i].magic == (unsigned long)status.f_type)
			warning = systems[i].warning;
	if (warning == NULL &&
	    (mount_has(data_dir, "nobarrier") || mount_has(data_dir, "barrier=0")))
		warning = "is mounted without barriers: a power cut loses acknowledged events";
	if (warning != NULL)
		say(check, VERDICT_WARNING, "file system", "%s", warning);
	else
		say(check, VERDICT_OK, "file system", "no known trouble");
}

static void
machine_check(struct check *check)
{
	struct timex clock = { 0 };
	struct rlimit limit;
	int state = adjtimex(&clock);

	if (time(NULL) < YEAR_2025)
		say(check, VERDICT_ERROR, "clock", "is wrong: every signature would be stale");
	else if (check->config->token_count > 0 && (state < 0 || state == TIME_ERROR))
		say(check, VERDICT_WARNING, "clock",
		    "is not known to be synchronised: once it is more than %llu s off, "
		    "every request is refused as stale",
		    (unsigned long long)check->config->max_skew);
	else
		say(check, VERDICT_OK, "clock", "is set");
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		say(check, VERDICT_WARNING, "limits", "no file may grow over %llu bytes here",
		    (unsigned long long)limit.rlim_cur);
}

void
check_run(struct check *check)
{
	if (config_check(check) && data_dir_check(check)) {
		logs_check(check);
		append_check(check);
		ship_check(check);
		space_check(check);
		file_system_check(check);
	}
	machine_check(check);
}
