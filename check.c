/*
 * check.c - is this installation right?
 *
 * It does what the receiver would do, as the user the receiver runs as, and
 * says of each point OK, a warning with its remedy, or an error; a note is what it
 * cannot look at.  It does not
 * deduce from modes what would work: it enters each directory of a path, opens
 * each log, and appends a line to a log of its own in a directory of its own;
 * the next check removes one that a killed check left.  What it did not
 * look at it does not call OK.
 *
 * The directory may be a hostile user's, and root may look.  So it is opened once, and all
 * that is made, opened or removed in it goes by descriptors, follows no link and waits for
 * nobody; and as root nothing is made where others may write.
 */
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <sys/wait.h>

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "base/base.h"
#include "base/fault.h"
#include "base/time.h"
#include "batch.h"
#include "config.h"
#include "log/growth.h"
#include "log/repairs.h"
#include "log/scan.h"
#include "mount.h"
#include "names.h"
#include "parse.h"
#include "store/directory.h"
#include "store/options.h"
#include "store.h"
#include "wait.h"

#define SLOW_MILLISECONDS 500
#define YEAR_2025 1735689600

#define TRIAL_LOG "check.jsonl"
#define TRIAL_PREFIX ".check-"
#define TRIAL_TRIES 100
#define TRIAL_SECONDS 60 /* no check takes so long */
#define OTHERS_WRITE (S_IWGRP | S_IWOTH)
#define USER_SIZE 64

/* The data directory, once it could be opened, and what holds it. */
struct place {
	int directory; /* or -1 */
	struct mount mount;
};

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

/* What is so, and was not looked at. */
static void
note(struct check *check, const char *point, const char *text)
{
	char line[512];

	snprintf(line, sizeof(line), "%-8s %-14s %s", "NOTE", point, text);
	check->tell(check->context, line);
}

static const char *
user_name(uid_t uid, char text[USER_SIZE])
{
	const struct passwd *user = getpwuid(uid);

	if (user == NULL)
		snprintf(text, USER_SIZE, "user %lu", (unsigned long)uid);
	else
		snprintf(text, USER_SIZE, "%s", user->pw_name);
	return text;
}

/* Can each directory above path be entered?  Says which cannot. */
static bool
path_check(struct check *check, const char *point, const char *path)
{
	char part[PATH_MAX], user[USER_SIZE];
	struct stat status;

	for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
		int length = (int)(slash - path), error;

		/* To look "." up in a directory is to enter it. */
		if (snprintf(part, sizeof(part), "%.*s/.", length, path) >= (int)sizeof(part) ||
		    stat(part, &status) == 0)
			continue;
		error = errno;
		user_name(geteuid(), user);
		if (error == EACCES)
			say(check, VERDICT_ERROR, point,
			    "%.*s: %s cannot enter it (chmod +x it for %s)", length, path, user,
			    user);
		else
			say(check, VERDICT_ERROR, point, "%.*s: %s", length, path, strerror(error));
		return false;
	}
	return true;
}

int
check_parents(const char *directory, char parent[PATH_MAX], struct stat *status)
{
	char *slash;

	if (realpath(directory, parent) == NULL)
		return -1;
	while ((slash = strrchr(parent, '/')) != NULL && parent[1] != '\0') {
		slash[slash == parent] = '\0';
		if (stat(parent, status) != 0)
			return -1;
		if ((status->st_uid != 0 && status->st_uid != geteuid()) ||
		    ((status->st_mode & OTHERS_WRITE) != 0 && (status->st_mode & S_ISVTX) == 0))
			return 1;
	}
	return 0;
}

static void
parents_check(struct check *check, const char *data_dir)
{
	char parent[PATH_MAX], user[USER_SIZE];
	struct stat status;
	int found = check_parents(data_dir, parent, &status);

	if (found < 0)
		say(check, VERDICT_WARNING, "data_dir", "cannot find out who can replace it: %s",
		    strerror(errno));
	else if (found > 0 && status.st_uid != 0 && status.st_uid != geteuid())
		say(check, VERDICT_WARNING, "data_dir",
		    "%s belongs to %s, who can put another directory in its place", parent,
		    user_name(status.st_uid, user));
	else if (found > 0)
		say(check, VERDICT_WARNING, "data_dir",
		    "others can write to %s, and put another directory in its place (chmod go-w "
		    "it)",
		    parent);
}

/* With whose eyes? */
static void
user_check(struct check *check)
{
	char user[USER_SIZE];

	user_name(geteuid(), user);
	if (check->user_source != NULL)
		say(check, VERDICT_OK, "user", "%s does the check (%s)", user, check->user_source);
	else if (geteuid() == 0)
		say(check, VERDICT_WARNING, "user",
		    "root does the check, so it does not show what the web server's user can do "
		    "(use --as USER)");
	else
		say(check, VERDICT_OK, "user", "%s does the check", user);
}

/* the configuration */

/* Is it on a file system that is mounted so that nothing there can be run? */
static bool
path_is_noexec(const char *path)
{
	struct statvfs status;

	return statvfs(path, &status) == 0 && (status.f_flag & ST_NOEXEC) != 0;
}

/* The interpreter that the first line of an open script names, or NULL. */
static char *
interpreter_find(FILE *file, char line[PATH_MAX])
{
	char *interpreter;

	if (fgets(line, PATH_MAX, file) == NULL || strncmp(line, "#!", 2) != 0)
		return NULL;
	interpreter = line + 2 + strspn(line + 2, " \t");
	interpreter[strcspn(interpreter, " \t\n")] = '\0';
	return interpreter;
}

static const char *
program_of_mode(bool mode_is_check)
{
	return mode_is_check ? "msgextctl" : "msgext";
}

/* Does the script name the program that serves the other mode?  Then check->fault says so. */
static bool
program_differs(struct check *check, const char *path, const char *interpreter)
{
	const struct config *config = check->config;
	const char *slash = strrchr(interpreter, '/');

	if (strcmp(slash == NULL ? interpreter : slash + 1, program_of_mode(!config->check)) != 0)
		return false;
	config_program_fault(config, path, program_of_mode(config->check), &check->fault);
	return true;
}

/* The two-line script of shared hosting: what web servers and kernels refuse. */
static void
script_check(struct check *check, const char *path)
{
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
	char line[PATH_MAX], directory[PATH_MAX];
	const char *slash = strrchr(path, '/'), *interpreter;
	struct stat status, above;

	interpreter = file == NULL ? NULL : interpreter_find(file, line);
	if (interpreter == NULL)
		goto out;
	snprintf(directory, sizeof(directory), "%.*s", slash == NULL ? 1 : (int)(slash - path) + 1,
	    slash == NULL ? "." : path);
	if (strchr(interpreter, '\r') != NULL)
		say(check, VERDICT_ERROR, "script",
		    "its first line ends in CR LF, so it does not start (upload it in ASCII mode, "
		    "or save it with Unix line ends)");
	else if (path_is_noexec(path) || path_is_noexec(interpreter))
		say(check, VERDICT_ERROR, "script",
		    "%s: is mounted noexec, so no program can run there (put it in another place)",
		    path_is_noexec(path) ? path : interpreter);
	else if (access(interpreter, X_OK) != 0)
		say(check, VERDICT_ERROR, "script", "%s: %s (the first line must name %s)",
		    interpreter, strerror(errno), program_of_mode(check->config->check));
	else if (program_differs(check, path, interpreter))
		say(check, VERDICT_ERROR, "script", "%s", check->fault.detail);
	else if (fstat(fd, &status) != 0 || (status.st_mode & S_IXUSR) == 0)
		say(check, VERDICT_ERROR, "script", "is not executable (chmod 755)");
	else if (stat(directory, &above) != 0)
		say(check, VERDICT_WARNING, "script", "cannot look at its directory: %s",
		    strerror(errno));
	else if ((above.st_mode & OTHERS_WRITE) != 0)
		say(check, VERDICT_WARNING, "script",
		    "others can write to its directory, and suEXEC refuses that (chmod 755 the "
		    "directory)");
	else
		say(check, VERDICT_OK, "script", "names %s, which can run", interpreter);
out:
	if (file != NULL)
		fclose(file);
	else if (fd >= 0)
		close(fd);
}

static bool
config_check(struct check *check)
{
	struct config *config = check->config;

	if (check->config_path == NULL) {
		say(check, VERDICT_WARNING, "configuration",
		    "not checked, because -d was given (use -c to check it)");
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
	script_check(check, check->config_path);
	if (config->token_count == 0)
		say(check, VERDICT_WARNING, "token",
		    "is not set: anyone who knows the URL can post events (switch authentication "
		    "on in the vendor's console, and copy the token)");
	else
		say(check, VERDICT_OK, "token", "%zu, requests must be signed",
		    config->token_count);
	note(check, "callbacks",
	    "all others at this URL are answered OK and not stored; an action that a \"before\" "
	    "callback asks about is allowed (README, Install). A FastCGI process writes "
	    "command-other to the error log, once a minute at most; CGI writes nothing");
	if (config->any_app)
		say(check, VERDICT_WARNING, "sdk_app_id",
		    "any: events of every app are stored (set your app's number)");
	if (!config->store.sync)
		say(check, VERDICT_WARNING, "sync",
		    "no: a power cut can lose acknowledged events (set sync = yes)");
	if (config->store.file_mode != 0600)
		say(check, VERDICT_WARNING, "file_mode",
		    "%04o: others who can read a log can lock it, and so stop its events (0600 "
		    "prevents this)",
		    (unsigned)config->store.file_mode);
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

	if (directory_check_root(data_dir, check->document_root, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "data_dir", "%s", check->fault.detail);
		return;
	}
	if (realpath(data_dir, path) == NULL)
		return;
	for (char *part = strtok(path, "/"); part != NULL; part = strtok(NULL, "/"))
		for (size_t i = 0; i < sizeof(served) / sizeof(served[0]); i++)
			if (strcmp(part, served[i]) == 0) {
				say(check, VERDICT_WARNING, "data_dir",
				    "is in a directory %s: make sure that no web server serves it",
				    part);
				return;
			}
}

/* What its owner and its mode let others do. */
static void
mode_check(struct check *check, const struct stat *status)
{
	char owner[USER_SIZE], user[USER_SIZE];

	if (status->st_uid != geteuid())
		say(check, VERDICT_WARNING, "data_dir",
		    "belongs to %s, not to %s: check it as the web server's user (--as USER)",
		    user_name(status->st_uid, owner), user_name(geteuid(), user));
	if ((status->st_mode & S_IWGRP) != 0)
		say(check, VERDICT_WARNING, "data_dir",
		    "its group can write to it: members can replace logs and delay every answer "
		    "(chmod g-w it)");
	if ((status->st_mode & (S_IROTH | S_IXOTH)) != 0)
		say(check, VERDICT_WARNING, "data_dir", "others can enter it (chmod o= it)");
}

static bool
data_dir_check(struct check *check, struct place *place)
{
	const char *data_dir = check->store.data_dir;
	char user[USER_SIZE], owner[USER_SIZE];
	struct stat status;

	user_name(geteuid(), user);
	if (!path_check(check, "data_dir", data_dir))
		return false;
	if (store_check_access(&check->store, &check->fault) != 0) {
		if (stat(data_dir, &status) == 0 && status.st_uid != geteuid())
			say(check, VERDICT_ERROR, "data_dir",
			    "%s, as %s (it belongs to %s; use sudo msgextctl check)",
			    check->fault.detail, user, user_name(status.st_uid, owner));
		else
			say(check, VERDICT_ERROR, "data_dir", "%s, as %s", check->fault.detail,
			    user);
		return false;
	}
	place->directory = open(data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (place->directory < 0 || fstat(place->directory, &status) != 0) {
		say(check, VERDICT_ERROR, "data_dir", "%s: %s, as %s", data_dir, strerror(errno),
		    user);
		return false;
	}
	mount_find(&place->mount, place->directory);
	say(check, VERDICT_OK, "data_dir", "%s: %s can write to it", data_dir, user);
	mode_check(check, &status);
	parents_check(check, data_dir);
	root_check(check, data_dir);
	return true;
}

/* Why the receiver would refuse the log of that name, or NULL. */
static const char *
log_judge(const struct check *check, int directory, const char *name, bool *readable)
{
	const int flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	struct stat status;
	int fd;

	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
		return errno == ENOENT ? NULL : strerror(errno);
	*readable = (status.st_mode & 077 & ~check->store.file_mode) != 0;
	if (!S_ISREG(status.st_mode))
		return "is not a regular file";
	if (status.st_uid != geteuid())
		return "belongs to another user";
	if (status.st_nlink > 1)
		return "has more than one name";
	fd = openat(directory, name, flags);
	if (fd < 0)
		return errno == ENOENT ? NULL
		    : errno == EACCES  ? "cannot be read and written"
				       : strerror(errno);
	close(fd);
	return NULL;
}

/* How many logs there are, or may be. */
static void
count_check(struct check *check, size_t count, bool sound)
{
	uint64_t most = check->store.max_groups;

	if (most > 0 && count >= most)
		say(check, VERDICT_ERROR, "logs",
		    "%zu, as many as max_groups: new groups are refused (raise max_groups)", count);
	else if (most > 0 && count >= most / 5 * 4)
		say(check, VERDICT_WARNING, "logs", "%zu of max_groups = %llu", count,
		    (unsigned long long)most);
	else if (sound)
		say(check, VERDICT_OK, "logs", "%zu", count);
}

/* Would the receiver refuse any of the logs? */
static void
logs_check(struct check *check, int directory)
{
	size_t refused = 0, open_to_others = 0, taken = 0;
	struct scan_names names;
	char user[USER_SIZE];

	if (scan_list(check->store.data_dir, &names, &check->fault) != 0) {
		say(check, VERDICT_ERROR, "logs", "%s", check->fault.detail);
		return;
	}
	user_name(geteuid(), user);
	for (size_t i = 0; i < names.count; i++) {
		bool readable = false;
		const char *reason = log_judge(check, directory, names.names[i], &readable);

		open_to_others += readable;
		taken += batch_address_is_taken(
		    &(struct batch_log){ check->store.data_dir, names.names[i], -1 });
		if (reason != NULL && refused++ < 10)
			say(check, VERDICT_ERROR, "logs", "%s%s%s: %s: %s cannot append to it",
			    check->names_logs ? check->store.data_dir : "one of them",
			    check->names_logs ? "/" : "", check->names_logs ? names.names[i] : "",
			    reason, user);
	}
	count_check(check, names.count, refused == 0);
	if (refused > 10)
		say(check, VERDICT_ERROR, "logs", "and %zu more", refused - 10);
	if (open_to_others > 0)
		say(check, VERDICT_WARNING, "logs",
		    "%zu can be read by more users than file_mode allows: who can read a log can "
		    "lock it, and so stop its events (chmod %04o)",
		    open_to_others, (unsigned)check->store.file_mode);
	if (taken > 0)
		say(check, VERDICT_WARNING, "logs",
		    "another user has taken the sockets of %zu: events that come at once wait for "
		    "each other (ss -xlp shows who has @msgext-...)",
		    taken);
	scan_names_free(&names);
}

/* the trial: a log in a directory of its own inside the data directory */

/* As the receiver locks: a lock of the open file where the kernel has such, else of the process. */
static int
lock_set(int fd)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

#if defined(F_OFD_SETLK) && !defined(MSGEXT_WITHOUT_OFD_LOCKS)
	if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
		return 0;
	if (errno != EINVAL)
		return -1;
#endif
	return fcntl(fd, F_SETLK, &lock);
}

static int
trial_log_open(int trial)
{
	return openat(trial, TRIAL_LOG, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

/* What a second process gets of the log's lock: 0: it would have to wait; 1: it has it too; 2: an error. */
static int
lock_again(int trial)
{
	int fd = trial_log_open(trial);

	if (fd < 0)
		return 2;
	if (lock_set(fd) == 0)
		return 1;
	return errno == EAGAIN || errno == EACCES ? 0 : 2;
}

/* Locks the log, then from a second process again: must that wait? */
static void
lock_check(struct check *check, int trial, const struct mount *mount)
{
	int fd = trial_log_open(trial), status = 0, result = 2;
	bool locked = fd >= 0 && lock_set(fd) == 0;
	pid_t child;

	if (!locked) {
		say(check, VERDICT_ERROR, "lock",
		    "cannot lock: %s (the file system must support fcntl locks)", strerror(errno));
		goto out;
	}
	child = fork();
	if (child == 0)
		_exit(lock_again(trial));
	if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status))
		result = WEXITSTATUS(status);
	if (child < 0)
		say(check, VERDICT_WARNING, "lock", "not tested: cannot start a second process: %s",
		    strerror(errno));
	else if (result == 1)
		say(check, VERDICT_ERROR, "lock",
		    "does not keep a second process out: the file system must support fcntl locks");
	else if (result != 0)
		say(check, VERDICT_WARNING, "lock", "not tested: the second process failed");
	else if (mount_is_local(mount))
		say(check, VERDICT_OK, "lock", "keeps a second process out");
	else
		say(check, VERDICT_WARNING, "lock",
		    "tested on this machine only: another machine may not respect it");
out:
	if (fd >= 0)
		close(fd);
}

bool
check_folds_case(int directory, const char *name)
{
	struct stat status, folded;
	char other[NAME_MAX + 1];
	size_t length = strlen(name);

	if (length >= sizeof(other))
		return false;
	for (size_t i = 0; i <= length; i++)
		other[i] = (char)toupper((unsigned char)name[i]);
	return strcmp(name, other) != 0 &&
	    fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) == 0 &&
	    fstatat(directory, other, &folded, AT_SYMLINK_NOFOLLOW) == 0 &&
	    status.st_dev == folded.st_dev && status.st_ino == folded.st_ino;
}

/*
 * Do names mean here what they mean to the receiver?  Whether case counts is a matter of each
 * directory: so it is asked of the data directory itself, by the name of what was made in it.
 */
static void
names_check(struct check *check, int directory, const char *trial_name)
{
	char longest[GROUP_ID_MAX + 1], name[STORE_NAME_SIZE];
	struct stat status;

	if (check_folds_case(directory, trial_name))
		say(check, VERDICT_ERROR, "names",
		    "this directory ignores case: groups \"Test\" and \"test\" share a log, and "
		    "one of them is not read (use a directory without casefold)");
	memset(longest, '@', 66); /* three bytes each */
	longest[66] = '\0';
	store_name_short(longest, name);
	if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0 && errno == ENAMETOOLONG)
		say(check, VERDICT_WARNING, "names",
		    "are too short here: a group id with many signs other than letters and digits "
		    "is refused, with open-failed (put data_dir in another place)");
}

/* Is it the name of a trial's directory, .check-PID-N? */
static bool
trial_name_is(const char *name)
{
	const char *at = name + strlen(TRIAL_PREFIX);
	size_t digits;

	if (strncmp(name, TRIAL_PREFIX, strlen(TRIAL_PREFIX)) != 0)
		return false;
	digits = strspn(at, "0123456789");
	return digits > 0 && at[digits] == '-' && at[digits + 1] != '\0' &&
	    at[digits + 1 + strspn(at + digits + 1, "0123456789")] == '\0';
}

/* Removes a trial's directory that a killed check left, if it is ours and no check's at work. */
static void
trial_remove_stale(int directory, const char *name)
{
	int trial =
	    openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat status;

	if (trial < 0)
		return;
	if (fstat(trial, &status) == 0 && status.st_uid == geteuid() &&
	    time(NULL) - status.st_mtime > TRIAL_SECONDS) {
		unlinkat(trial, TRIAL_LOG, 0);
		unlinkat(directory, name,
		    AT_REMOVEDIR); /* where anything else is in it, it stays */
	}
	close(trial);
}

static void
trials_clean(int directory)
{
	int fd = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;

	while (entries != NULL && (entry = readdir(entries)) != NULL)
		if (trial_name_is(entry->d_name))
			trial_remove_stale(directory, entry->d_name);
	if (entries != NULL)
		closedir(entries);
	else if (fd >= 0)
		close(fd);
}

/* Makes the trial's directory: a descriptor, or -1 and errno; name: "" where none was made. */
static int
trial_make(int directory, char name[32])
{
	mode_t before = umask(077); /* the process's own is made for files */
	struct stat status;
	int result = -1, fd;

	for (int i = 0; i < TRIAL_TRIES && result != 0; i++) {
		snprintf(name, 32, TRIAL_PREFIX "%ld-%d", (long)getpid(), i);
		result = mkdirat(directory, name, 0700);
		if (result != 0 && errno != EEXIST)
			break;
	}
	umask(before);
	if (result != 0) {
		name[0] = '\0';
		return -1;
	}
	fd = openat(directory, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || (fstat(fd, &status) == 0 && status.st_uid == geteuid()))
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

/* Appends as the receiver does: milliseconds, or -1: check->fault, or not tried. */
static int64_t
trial_append(struct check *check, int trial)
{
	static const char line[] = "{\"time\":\"2025-01-01T00:00:00.000Z\"}\n";
	int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC), result = -1;
	struct store_options options = check->store;
	int64_t start = clock_milliseconds();

	/* store.c is given a path; this one is nobody's to put anything else at. */
	options.data_dir = ".";
	if (fchdir(trial) != 0)
		fault_set(&check->fault, FAULT_DATA_DIR, "%s", strerror(errno));
	else
		result = store_append(&options,
		    &(struct store_entry){ "check", line, sizeof(line) - 1, INT64_MAX }, NULL,
		    &check->fault);
	if (here < 0 || fchdir(here) != 0)
		(void)!chdir("/"); /* where we were is closed to this user */
	if (here >= 0)
		close(here);
	return result == 0 ? clock_milliseconds() - start : -1;
}

static void
append_check(struct check *check, const struct place *place)
{
	struct stat status;
	int trial = -1;
	int64_t took;
	char name[32] = "";

	if (geteuid() == 0 && fstat(place->directory, &status) == 0 &&
	    (status.st_uid != 0 || (status.st_mode & OTHERS_WRITE) != 0)) {
		say(check, VERDICT_WARNING, "append",
		    "not tested: others can write to the directory, so root makes no files there "
		    "(use --as USER)");
		return;
	}
	trials_clean(place->directory);
	trial = trial_make(place->directory, name);
	if (trial < 0) {
		say(check, VERDICT_ERROR, "append", "%s: cannot make a file: %s",
		    check->store.data_dir, strerror(errno));
		goto out;
	}
	took = trial_append(check, trial);
	if (took < 0) {
		say(check, VERDICT_ERROR, "append", "%s: %s", fault_slug(check->fault.code),
		    check->fault.detail);
		goto out;
	}
	say(check, took > SLOW_MILLISECONDS ? VERDICT_WARNING : VERDICT_OK, "append",
	    "a line was written%s in %lld ms%s", check->store.sync ? " and synced" : "",
	    (long long)took, took > SLOW_MILLISECONDS ? ": the vendor waits only 2 s" : "");
	lock_check(check, trial, &place->mount);
	names_check(check, place->directory, name);
out:
	if (trial >= 0) {
		unlinkat(trial, TRIAL_LOG, 0);
		close(trial);
	}
	if (name[0] != '\0' && unlinkat(place->directory, name, AT_REMOVEDIR) != 0)
		say(check, VERDICT_WARNING, "append",
		    "cannot remove %s from the data directory: %s", name, strerror(errno));
}

/* Answers wait for a shipper that should be there. */
static void
ship_check(struct check *check)
{
	if (check->config_path == NULL || check->config->wait_for_ship == 0)
		return;
	if (wait_shipper_is_there(check->store.data_dir))
		say(check, VERDICT_OK, "wait_for_ship", "msgext-ship is running");
	else
		say(check, VERDICT_WARNING, "wait_for_ship",
		    "no msgext-ship is running here with an engine, so answers do not wait (start "
		    "it)");
}

/* What can be said of msgext-repair without its secrets: is it set up, and what did it do? */
static void
repair_check(struct check *check)
{
	const char *path = repair_config_path_default();
	struct repairs repairs;
	struct stat status;
	char time[TIME_SIZE];

	if (repairs_read(&repairs, check->store.data_dir, &check->fault) != 0) {
		say(check, VERDICT_WARNING, "repair", "%s", check->fault.detail);
		return;
	}
	if (repairs.ended >= 0) {
		time_print(repairs.ended, time);
		say(check, repairs.left > 0 ? VERDICT_WARNING : VERDICT_OK, "repair",
		    "msgext-repair ran last at %s: %llu messages repaired, %llu left%s", time,
		    (unsigned long long)repairs.repaired, (unsigned long long)repairs.left,
		    repairs.left > 0 ? " (msgextctl gaps names them)" : "");
	} else if (fstatat(AT_FDCWD, path, &status, 0) == 0) {
		say(check, VERDICT_WARNING, "repair",
		    "%s is there, but msgext-repair never ran here (enable msgext-repair.timer)",
		    path);
	}
	repairs_free(&repairs);
}

/* the machine */

static void
space_check(struct check *check, int directory)
{
	struct space_point points[SPACE_POINTS_MAX];
	size_t count = space_points(points, directory, check->store.data_dir, time_now());

	for (size_t i = 0; i < count; i++)
		say(check, points[i].verdict, points[i].name, "%s", points[i].text);
}

static void
file_system_check(struct check *check, struct place *place)
{
	char text[MOUNT_TEXT_SIZE];
	enum verdict verdict;

	mount_look(&place->mount, place->directory); /* the trial has synced */
	verdict = mount_judge(&place->mount, text);
	say(check, verdict, "file system", "%s", text);
}

static void
machine_check(struct check *check)
{
	struct timex clock = { 0 };
	struct rlimit limit;
	int state = adjtimex(&clock);

	if (time(NULL) < YEAR_2025)
		say(check, VERDICT_ERROR, "clock",
		    "is wrong: every request will be refused as stale (set the clock)");
	else if (check->config->token_count > 0 && (state < 0 || state == TIME_ERROR))
		say(check, VERDICT_WARNING, "clock",
		    "may not be synchronised: when it is more than %llu s wrong, every request is "
		    "refused as stale (use NTP)",
		    (unsigned long long)check->config->max_skew);
	else if (check->config->token_count > 0)
		say(check, VERDICT_OK, "clock", "is synchronised");
	else
		say(check, VERDICT_OK, "clock", "is set; without a token it need not be exact");
	if (getrlimit(RLIMIT_FSIZE, &limit) == 0 && limit.rlim_cur != RLIM_INFINITY)
		say(check, VERDICT_WARNING, "limits",
		    "no file can grow over %llu bytes here (raise ulimit -f)",
		    (unsigned long long)limit.rlim_cur);
#ifndef MSGEXT_PATCHED_LIBFCGI
	say(check, VERDICT_WARNING, "FastCGI",
	    "libfcgi, up to 2.4.2 at least, lets anyone who can write to a worker's socket end the "
	    "worker: let only the web server write to it, or use the static programs (msgext(8), "
	    "SECURITY)");
#endif
}

void
check_run(struct check *check)
{
	struct place place = { .directory = -1 };

	user_check(check);
	if (config_check(check) && data_dir_check(check, &place)) {
		logs_check(check, place.directory);
		append_check(check, &place);
		ship_check(check);
		repair_check(check);
		space_check(check, place.directory);
		file_system_check(check, &place);
	}
	machine_check(check);
	mount_free(&place.mount);
	if (place.directory >= 0)
		close(place.directory);
}
