/* probe.c - would an append work?  Tries it without appending. */
#include "store/probe.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/file.h"
#include "base/time.h"
#include "store/directory.h"
#include "store/log.h"
#include "store/turn.h"

#define PROBE_NAME ".msgext-probe" /* it begins with a dot: no log's name does */

/*
 * Makes a file without a name, so that nothing of it remains whenever a process dies.  Where the
 * file system (NFS) or the kernel has no such files, it makes one whose name no reader takes for a
 * log.  That file stays: a process under Landlock can make files but cannot remove them.
 */
static int
probe_open(const struct log *log)
{
	char path[PATH_MAX];
	int length, fd;

	fd = openat(AT_FDCWD, log->options->data_dir, O_TMPFILE | O_RDWR | O_APPEND | O_CLOEXEC,
	    log->options->file_mode);
	if (fd >= 0)
		return fd;
	if ((errno != EOPNOTSUPP && errno != EISDIR) ||
	    directory_may(log->options->data_dir, W_OK | X_OK) != 0)
		return log_fault(log, FAULT_DATA_DIR, "make a file");
	length = snprintf(path, sizeof(path), "%s/" PROBE_NAME, log->options->data_dir);
	if (length < 0 || (size_t)length >= sizeof(path))
		return fault_set(log->fault, FAULT_DATA_DIR, "data_dir: the path is too long");
	return log_open_file(log, path);
}

/*
 * Opens, locks, writes and truncates, as an append does.  Nothing is synced, since anyone may ask.
 */
static int
probe_file(const struct log *log, int64_t until)
{
	struct stat status;
	int result;

	if (fstat(log->fd, &status) != 0)
		return log_fault(log, FAULT_OPEN_FAILED, "examine a file");
	if (log_check_file(log, &status) != 0)
		return -1;
	result = turn_lock(log, until);
	if (result == LOG_RETRY)
		return log_fault(log, FAULT_LOCK_FAILED, "lock a file");
	if (result != 0)
		return -1;
	if (file_write(log->fd, "\n", 1) != 0 || ftruncate(log->fd, 0) != 0)
		return log_fault(log, FAULT_WRITE_FAILED, "write a file");
	return 0;
}

int
store_probe(const struct store_options *options, int64_t deadline, struct fault *fault)
{
	struct log log = { .options = options, .fault = fault, .name = "data_dir", .fd = -1 };
	int64_t until = clock_milliseconds() + options->lock_timeout;
	int directory, result = -1;

	if (store_check(options, fault) != 0)
		return -1;
	directory = openat(AT_FDCWD, options->data_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (directory < 0)
		return log_fault(&log, FAULT_DATA_DIR, "open");
	close(directory);
	log.fd = probe_open(&log);
	if (log.fd < 0)
		return -1;
	result = probe_file(&log, until < deadline ? until : deadline);
	if (log_close(&log) != 0 && result == 0)
		result = log_fault(&log, FAULT_SYNC_FAILED, "close a file");
	return result;
}
