/*
 * remembering.c - what a machine of a network file system sees: a FUSE file system with the files
 * of one directory, whose names the kernel remembers.
 *
 *     remembering BACKING SECONDS MOUNTPOINT
 *
 * Several of them on one BACKING are several machines.  A name that was looked up leads to the
 * file that it led to then for SECONDS, though another machine has renamed it: to
 * the look-up and to open.  Files themselves are not remembered: reads, sizes and locks, which
 * all machines share, are those of BACKING.  That is what NFS promises to whoever has a lock.
 */
#define FUSE_USE_VERSION 34

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fuse_lowlevel.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define WAIT_MICROSECONDS 2000

/* A file that was looked up; it is kept for ever. */
struct node {
	struct node *next;
	int fd; /* O_PATH */
	dev_t device;
	ino_t inode;
};

static struct node root, *nodes;
static pthread_mutex_t nodes_lock = PTHREAD_MUTEX_INITIALIZER;
static double seconds;

static struct node *
node_of(fuse_ino_t number)
{
	return number == FUSE_ROOT_ID ? &root : (struct node *)number;
}

/* The node of what stands under a name; 0, or errno. */
static int
node_find(const char *name, struct fuse_entry_param *entry)
{
	int fd = openat(root.fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct node *node;

	*entry = (struct fuse_entry_param){ .entry_timeout = seconds };
	if (fd < 0)
		return errno;
	if (fstat(fd, &entry->attr) != 0)
		return errno;
	pthread_mutex_lock(&nodes_lock);
	for (node = nodes; node != NULL; node = node->next)
		if (node->inode == entry->attr.st_ino && node->device == entry->attr.st_dev)
			break;
	if (node == NULL && (node = calloc(1, sizeof(*node))) != NULL) {
		*node = (struct node){ nodes, fd, entry->attr.st_dev, entry->attr.st_ino };
		nodes = node;
	} else {
		close(fd);
	}
	pthread_mutex_unlock(&nodes_lock);
	entry->ino = (fuse_ino_t)node;
	return node == NULL ? ENOMEM : 0;
}

/* Opens the very file, whatever it is called. */
static int
node_open(const struct node *node, int flags)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", node->fd);
	return open(path, (flags & ~(O_NOFOLLOW | O_CREAT | O_EXCL)) | O_CLOEXEC);
}

static void
do_init(void *context, struct fuse_conn_info *connection)
{
	(void)context;
	connection->want |= FUSE_CAP_POSIX_LOCKS;
}

static void
do_lookup(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	struct fuse_entry_param entry;
	int error = node_find(name, &entry);

	(void)parent;
	if (error != 0)
		fuse_reply_err(request, error);
	else
		fuse_reply_entry(request, &entry);
}

static void
do_getattr(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	struct stat status;

	(void)file;
	if (fstat(node_of(number)->fd, &status) != 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_attr(request, &status, 0);
}

static void
do_setattr(fuse_req_t request, fuse_ino_t number, struct stat *wanted, int what,
    struct fuse_file_info *file)
{
	int fd = node_open(node_of(number), O_RDWR), result = fd < 0 ? -1 : 0;

	if (result == 0 && (what & FUSE_SET_ATTR_MODE) != 0)
		result = fchmod(fd, wanted->st_mode);
	if (result == 0 && (what & FUSE_SET_ATTR_SIZE) != 0)
		result = ftruncate(fd, wanted->st_size);
	if (fd >= 0)
		close(fd);
	if (result != 0)
		fuse_reply_err(request, errno);
	else
		do_getattr(request, number, file);
}

static void
do_open(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	int fd = node_open(node_of(number), file->flags);

	if (fd < 0) {
		fuse_reply_err(request, errno);
		return;
	}
	file->fh = (uint64_t)fd;
	file->direct_io = 1;
	fuse_reply_open(request, file);
}

static void
do_create(fuse_req_t request, fuse_ino_t parent, const char *name, mode_t mode,
    struct fuse_file_info *file)
{
	struct fuse_entry_param entry;
	int fd = openat(root.fd, name, file->flags | O_CREAT | O_CLOEXEC, mode), error;

	(void)parent;
	error = fd < 0 ? errno : node_find(name, &entry);
	if (error != 0) {
		if (fd >= 0)
			close(fd);
		fuse_reply_err(request, error);
		return;
	}
	file->fh = (uint64_t)fd;
	file->direct_io = 1;
	fuse_reply_create(request, &entry, file);
}

static void
do_read(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	char *bytes = malloc(size);
	ssize_t count = bytes == NULL ? -1 : pread((int)file->fh, bytes, size, offset);

	(void)number;
	if (count < 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_buf(request, bytes, (size_t)count);
	free(bytes);
}

static void
do_write(fuse_req_t request, fuse_ino_t number, const char *bytes, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	ssize_t count = pwrite((int)file->fh, bytes, size, offset);

	(void)number;
	if (count < 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_write(request, (size_t)count);
}

/* As fcntl(2) of the descriptor behind: with its last close the lock ends. */
static void
do_setlk(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file, struct flock *lock,
    int wait)
{
	int error;

	(void)number;
	lock->l_pid = 0;
	for (;;) {
		error = fcntl((int)file->fh, F_OFD_SETLK, lock) == 0 ? 0 : errno;
		if (wait == 0 || (error != EAGAIN && error != EACCES))
			break;
		if (fuse_req_interrupted(request) != 0) {
			error = EINTR;
			break;
		}
		usleep(WAIT_MICROSECONDS);
	}
	fuse_reply_err(request, error);
}

static void
do_flush(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	(void)number;
	(void)file;
	fuse_reply_err(request, 0);
}

static void
do_release(fuse_req_t request, fuse_ino_t number, struct fuse_file_info *file)
{
	(void)number;
	close((int)file->fh);
	fuse_reply_err(request, 0);
}

static void
do_fsync(fuse_req_t request, fuse_ino_t number, int data_only, struct fuse_file_info *file)
{
	(void)number;
	(void)data_only;
	(void)file;
	fuse_reply_err(request, 0);
}

static void
do_unlink(fuse_req_t request, fuse_ino_t parent, const char *name)
{
	(void)parent;
	fuse_reply_err(request, unlinkat(root.fd, name, 0) == 0 ? 0 : errno);
}

static void
do_rename(fuse_req_t request, fuse_ino_t parent, const char *name, fuse_ino_t new_parent,
    const char *new_name, unsigned flags)
{
	(void)parent;
	(void)new_parent;
	(void)flags;
	fuse_reply_err(request, renameat(root.fd, name, root.fd, new_name) == 0 ? 0 : errno);
}

/* All names fit into one answer: there are a few files. */
static void
do_readdir(fuse_req_t request, fuse_ino_t number, size_t size, off_t offset,
    struct fuse_file_info *file)
{
	char *bytes = calloc(1, size);
	int fd = openat(root.fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *directory = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *entry;
	size_t used = 0;

	(void)number;
	(void)file;
	while (offset == 0 && directory != NULL && (entry = readdir(directory)) != NULL) {
		struct stat status = { .st_ino = entry->d_ino };
		size_t more = fuse_add_direntry(request, bytes + used, size - used, entry->d_name,
		    &status, 1);

		if (more > size - used)
			break;
		used += more;
	}
	if (directory != NULL)
		closedir(directory);
	fuse_reply_buf(request, bytes, used);
	free(bytes);
}

static void
do_statfs(fuse_req_t request, fuse_ino_t number)
{
	struct statvfs status;

	(void)number;
	if (fstatvfs(root.fd, &status) != 0)
		fuse_reply_err(request, errno);
	else
		fuse_reply_statfs(request, &status);
}

static const struct fuse_lowlevel_ops operations = {
	.init = do_init,
	.lookup = do_lookup,
	.getattr = do_getattr,
	.setattr = do_setattr,
	.open = do_open,
	.create = do_create,
	.read = do_read,
	.write = do_write,
	.setlk = do_setlk,
	.flush = do_flush,
	.release = do_release,
	.fsync = do_fsync,
	.fsyncdir = do_fsync,
	.unlink = do_unlink,
	.rename = do_rename,
	.readdir = do_readdir,
	.statfs = do_statfs,
};

int
main(int argc, char **argv)
{
	char *arguments[] = { argv[0], NULL };
	struct fuse_args fuse_arguments = FUSE_ARGS_INIT(1, arguments);
	struct fuse_loop_config config = { .clone_fd = 0, .max_idle_threads = 10 };
	struct fuse_session *session;
	int result = 1;

	if (argc != 4) {
		fprintf(stderr, "usage: remembering BACKING SECONDS MOUNTPOINT\n");
		return 64;
	}
	root.fd = open(argv[1], O_PATH | O_DIRECTORY | O_CLOEXEC);
	seconds = strtod(argv[2], NULL);
	if (root.fd < 0) {
		perror(argv[1]);
		return 66;
	}
	umask(0);
	session = fuse_session_new(&fuse_arguments, &operations, sizeof(operations), NULL);
	if (session == NULL)
		return 1;
	if (fuse_set_signal_handlers(session) == 0 && fuse_session_mount(session, argv[3]) == 0) {
		result = fuse_session_loop_mt(session, &config);
		fuse_session_unmount(session);
	}
	fuse_session_destroy(session);
	return result;
}
