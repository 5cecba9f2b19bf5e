/*
 * recorder.c - a disk that remembers: a FUSE file system with one file, "disk".
 *
 *     recorder BACKING RECORD FAIL MOUNTPOINT [FLUSH [SCATTER]]
 *
 * Reads and writes go to the file BACKING.  Each write and each flush is
 * appended to the file RECORD before it is answered: three native 64-bit
 * numbers (kind, offset, length), and a write's bytes.  So whoever has heard
 * of a finished flush finds it in RECORD, and the size of RECORD is a point in
 * the disk's history.  A flush's offset is the size that RECORD had when it
 * began: what was written later need not be durable by it.  A loop device on
 * "disk" sends its flushes as fsync.
 *
 * FAIL: after SIGUSR1 the write of that number, counted from 1, fails with EIO
 * and is recorded as failed, without bytes; 0: none does.
 *
 * FLUSH is what a flush takes at least, in milliseconds, as on a slow disk.  RECORD can be /dev/null.
 *
 * It serves one request at a time, in the order in which they come; with SCATTER several at once,
 * and one write in two takes up to so many milliseconds, by chance, so that they end in any order.
 */
#define FUSE_USE_VERSION 31

#include <errno.h>
#include <fcntl.h>
#include <fuse.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define DISK "disk"

enum kind { KIND_WRITE = 1, KIND_FLUSH = 2, KIND_FAILED = 3 };

static int backing, record;
static unsigned long fail_number, writes, flush_milliseconds, scatter_milliseconds;
static pthread_mutex_t record_lock = PTHREAD_MUTEX_INITIALIZER;
static volatile sig_atomic_t armed;

static void
arm(int signal_number)
{
	(void)signal_number;
	armed = 1;
}

static int
write_all(int fd, const char *bytes, size_t length, off_t offset)
{
	while (length > 0) {
		ssize_t count =
		    fd == record ? write(fd, bytes, length) : pwrite(fd, bytes, length, offset);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			return count < 0 ? -errno : -EIO;
		bytes += count;
		offset += count;
		length -= (size_t)count;
	}
	return 0;
}

static int
record_append(enum kind kind, off_t offset, size_t length)
{
	const uint64_t header[] = { kind, (uint64_t)offset, length };

	return write_all(record, (const char *)header, sizeof(header), 0);
}

static bool
path_is_disk(const char *path)
{
	return strcmp(path, "/" DISK) == 0;
}

static void *
disk_init(struct fuse_conn_info *connection, struct fuse_config *config)
{
	(void)connection;
	/* Nothing of the kernel's between the loop device and us. */
	config->direct_io = 1;
	return NULL;
}

static int
disk_getattr(const char *path, struct stat *status, struct fuse_file_info *file)
{
	*status = (struct stat){ .st_mode = S_IFDIR | 0700, .st_nlink = 2 };
	if (path != NULL && strcmp(path, "/") == 0)
		return 0;
	if (file == NULL && !path_is_disk(path))
		return -ENOENT;
	if (fstat(backing, status) != 0)
		return -errno;
	status->st_mode = S_IFREG | 0600;
	return 0;
}

static int
disk_readdir(const char *path, void *buffer, fuse_fill_dir_t fill, off_t offset,
    struct fuse_file_info *file, enum fuse_readdir_flags flags)
{
	(void)path;
	(void)offset;
	(void)file;
	(void)flags;
	fill(buffer, ".", NULL, 0, 0);
	fill(buffer, "..", NULL, 0, 0);
	fill(buffer, DISK, NULL, 0, 0);
	return 0;
}

static int
disk_open(const char *path, struct fuse_file_info *file)
{
	(void)file;
	return path_is_disk(path) ? 0 : -ENOENT;
}

static int
disk_read(const char *path, char *bytes, size_t length, off_t offset, struct fuse_file_info *file)
{
	size_t done = 0;

	(void)path;
	(void)file;
	while (done < length) {
		ssize_t count = pread(backing, bytes + done, length - done, offset + (off_t)done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	return (int)done;
}

static void
nap(unsigned long microseconds)
{
	const struct timespec time = { (time_t)(microseconds / 1000000),
		(long)(microseconds % 1000000) * 1000 };

	nanosleep(&time, NULL);
}

static int
write_record(const char *bytes, size_t length, off_t offset)
{
	int result;

	if (armed && ++writes == fail_number) {
		result = record_append(KIND_FAILED, offset, 0);
		return result != 0 ? result : -EIO;
	}
	result = write_all(backing, bytes, length, offset);
	if (result == 0)
		result = record_append(KIND_WRITE, offset, length);
	if (result == 0)
		result = write_all(record, bytes, length, 0);
	return result == 0 ? (int)length : result;
}

static int
disk_write(const char *path, const char *bytes, size_t length, off_t offset,
    struct fuse_file_info *file)
{
	int result;

	(void)path;
	(void)file;
	if (scatter_milliseconds > 0 && random() % 2 == 0)
		nap((unsigned long)random() % (scatter_milliseconds * 1000));
	pthread_mutex_lock(&record_lock);
	result = write_record(bytes, length, offset);
	pthread_mutex_unlock(&record_lock);
	return result;
}

static int
disk_fsync(const char *path, int data_only, struct fuse_file_info *file)
{
	struct stat status;
	int result;

	(void)path;
	(void)data_only;
	(void)file;
	pthread_mutex_lock(&record_lock);
	result = fstat(record, &status) == 0 ? 0 : -errno;
	pthread_mutex_unlock(&record_lock);
	nap(flush_milliseconds * 1000);
	if (result != 0)
		return result;
	pthread_mutex_lock(&record_lock);
	result = record_append(KIND_FLUSH, status.st_size, 0);
	pthread_mutex_unlock(&record_lock);
	return result;
}

static const struct fuse_operations operations = {
	.init = disk_init,
	.getattr = disk_getattr,
	.readdir = disk_readdir,
	.open = disk_open,
	.read = disk_read,
	.write = disk_write,
	.fsync = disk_fsync,
};

int
main(int argc, char **argv)
{
	struct sigaction action = { .sa_handler = arm };
	char foreground[] = "-f", single[] = "-s", several[] = "-omax_idle_threads=16";

	if (argc < 5 || argc > 7) {
		fprintf(stderr,
		    "usage: recorder BACKING RECORD FAIL MOUNTPOINT [FLUSH [SCATTER]]\n");
		return 64;
	}
	backing = open(argv[1], O_RDWR | O_CLOEXEC);
	record = open(argv[2], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (backing < 0 || record < 0) {
		perror(backing < 0 ? argv[1] : argv[2]);
		return 66;
	}
	fail_number = strtoul(argv[3], NULL, 10);
	flush_milliseconds = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
	scatter_milliseconds = argc > 6 ? strtoul(argv[6], NULL, 10) : 0;
	sigaction(SIGUSR1, &action, NULL);
	return fuse_main(4,
	    ((char *[]){ argv[0], foreground, scatter_milliseconds > 0 ? several : single, argv[4],
		NULL }),
	    &operations, NULL);
}
