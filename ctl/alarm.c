/*
 * alarm.c - msgextctl alarm: what is wrong and was not told yet, for cron.
 *
 * What is found, and when it is told again, is in log/alarm.c.  Here it is printed, and only then
 * kept in mind: a mail that could not be written is written by the next run.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "log/alarm.h"
#include "base/fault.h"
#include "base/file.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/read.h"
#include "store/directory.h"
#include "store/refused.h"

/* May a file take that path?  What is there and is no file, as a device, must stay.  -1: ctl->fault. */
static int
textfile_check(struct ctl *ctl)
{
	struct stat status;

	if (lstat(ctl->textfile, &status) != 0)
		return errno == ENOENT ? 0
				       : fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s",
					     ctl->textfile, strerror(errno));
	if (!S_ISREG(status.st_mode))
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED,
		    "%s: is not a regular file; name one, or a new one", ctl->textfile);
	return 0;
}

/* Puts the metrics into a file, in one step; others may read it.  -1: ctl->fault. */
static int
textfile_write(struct ctl *ctl, const struct alarm *alarm)
{
	char path[PATH_MAX], *text;
	size_t length;
	int name = snprintf(path, sizeof(path), "%s.new", ctl->textfile), fd = -1, result = -1;

	if (name < 0 || (size_t)name >= sizeof(path))
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: the path is too long",
		    ctl->textfile);
	if (textfile_check(ctl) != 0)
		return -1;
	text = alarm_metrics(alarm, &length);
	if (text == NULL)
		return fault_memory(&ctl->fault);
	fd = openat(AT_FDCWD, path,
	    O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0644);
	if (fd < 0)
		fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", path, strerror(errno));
	else if (fchmod(fd, 0644) != 0 || file_write(fd, text, length) != 0 ||
	    rename(path, ctl->textfile) != 0)
		fault_set(&ctl->fault, FAULT_WRITE_FAILED, "%s: %s", ctl->textfile,
		    strerror(errno));
	else
		result = 0;
	if (fd >= 0)
		close(fd);
	free(text);
	return result;
}

/*
 * Is what has that path one of ours, which begins so, or nothing?  What a power cut left, empty or
 * beginning with NUL, is.  It is to be replaced, and must be no log.  -1: ctl->fault.
 */
static int
target_check(struct ctl *ctl, const char *path, const char *begin)
{
	char bytes[32] = "";
	size_t length = strlen(begin);
	struct stat status;
	int fd, result = 0;

	if (path[0] == '\0' || path[strlen(path) - 1] == '/')
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED, "\"%s\": is no file's path", path);
	if (lstat(path, &status) != 0)
		return 0; /* who makes it says why that fails */
	if (!S_ISREG(status.st_mode))
		return fault_set(&ctl->fault, FAULT_OPEN_FAILED,
		    "%s: is not a regular file, and is not replaced (name another path)", path);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || read(fd, bytes, length) < 0)
		result = fault_set(&ctl->fault, FAULT_OPEN_FAILED, "%s: %s", path, strerror(errno));
	else if (bytes[0] != '\0' && strncmp(bytes, begin, length) != 0)
		result = fault_set(&ctl->fault, FAULT_OPEN_FAILED,
		    "%s: was not written by msgextctl alarm, and is not replaced (name another "
		    "path)",
		    path);
	if (fd >= 0)
		close(fd);
	return result;
}

/* May the state be written?  Whoever names another file needs only to read the logs. */
static int
alarm_check(struct ctl *ctl)
{
	if (ctl->all || ctl->state != NULL)
		return store_check(&ctl->store, &ctl->fault);
	if (ctl_owner_check(ctl) != 0) {
		fputs("msgextctl: alarm keeps what it has told in the data directory; --state PATH "
		      "keeps it elsewhere\n",
		    stderr);
		return -1;
	}
	ctl->store.owner = geteuid();
	/* From now on there is something to be read here. */
	refused_prepare(&ctl->store);
	return 0;
}

/* Prints, and keeps in mind: the exit status. */
static int
alarm_tell(struct ctl *ctl, struct alarm *alarm)
{
	for (size_t i = 0; i < alarm->line_count; i++)
		puts(alarm->lines[i]);
	if (fflush(stdout) != 0)
		return EX_IOERR; /* msgextctl.c says why */
	if (alarm_keep(alarm, &ctl->fault) != 0 ||
	    (ctl->textfile != NULL && textfile_write(ctl, alarm) != 0))
		return ctl_fail(ctl);
	return alarm->line_count > 0 ? CTL_NOTHING : EX_OK;
}

int
ctl_alarm(struct ctl *ctl)
{
	static struct alarm alarm;
	int status;

	alarm = (struct alarm){ .store = &ctl->store,
		.state_path = ctl->state,
		.all = ctl->all,
		.now = time_now(),
		.lock = -1 };
	if (alarm_check(ctl) != 0 ||
	    (ctl->state != NULL && target_check(ctl, ctl->state, "msgext-alarm ") != 0) ||
	    (ctl->textfile != NULL && target_check(ctl, ctl->textfile, "# HELP msgext_") != 0))
		return ctl_fail(ctl);
	status = alarm_run(&alarm, &ctl->fault) == 0 ? alarm_tell(ctl, &alarm) : ctl_fail(ctl);
	alarm_end(&alarm);
	return status;
}
