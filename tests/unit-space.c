/*
 * How full disk and quota are, by what a kernel says: of today, of before Linux 5.14, and without quotas.
 *
 * The linker's --wrap puts the functions below between the module and the C library.
 */
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/syscall.h>

#include <errno.h>

#include "base/space.h"
#include "unit.h"

#define MIB UINT64_C(1048576)

/* As the kernel has it. */
struct quota {
	uint64_t hard, soft, bytes;
	uint64_t files_hard, files_soft, files;
	uint64_t times[2];
	uint32_t valid;
};

/* What the kernel says. */
static struct {
	int disk_error, stat_error;
	struct statvfs disk;
	mode_t mode;
	int by_descriptor, by_device; /* errno of these calls; 0: they know the quotas */
	struct quota user, group;
	const char *mounts;    /* NULL: nobody may read them */
	unsigned asked[2];     /* for which user and group */
	char device[64];       /* by which device */
	unsigned long unknown; /* another call */
} kernel;

static struct space space;

int __wrap_fstatvfs64(int fd, struct statvfs *status);
int
__wrap_fstatvfs64(int fd, struct statvfs *status)
{
	(void)fd;
	errno = kernel.disk_error;
	*status = kernel.disk;
	return kernel.disk_error == 0 ? 0 : -1;
}

int __wrap_fstat64(int fd, struct stat *status);
int
__wrap_fstat64(int fd, struct stat *status)
{
	(void)fd;
	errno = kernel.stat_error;
	*status = (struct stat){ .st_dev = makedev(8, 17),
		.st_uid = 4000000000U,
		.st_gid = 77,
		.st_mode = S_IFDIR | kernel.mode };
	return kernel.stat_error == 0 ? 0 : -1;
}

/* quotactl_fd(2) and quotactl(2). */
long __wrap_syscall(long number, unsigned long first, unsigned long second, unsigned long id,
    struct quota *quota);
long
__wrap_syscall(long number, unsigned long first, unsigned long second, unsigned long id,
    struct quota *quota)
{
	bool by_device = number == SYS_quotactl;
	unsigned long command = by_device ? first : second;

	if (!by_device && number != 443)
		kernel.unknown = (unsigned long)number;
	if ((unsigned)command >> 8 != 0x800007U)
		kernel.unknown = command;
	errno = by_device ? kernel.by_device : kernel.by_descriptor;
	if (errno != 0)
		return -1;
	if (by_device)
		snprintf(kernel.device, sizeof(kernel.device), "%s", (const char *)second);
	kernel.asked[command & 1] = (unsigned)id;
	*quota = (command & 1) == 0 ? kernel.user : kernel.group;
	return 0;
}

FILE *__wrap_fopen64(const char *path, const char *mode);
FILE *
__wrap_fopen64(const char *path, const char *mode)
{
	(void)mode;
	assert_string_equal(path, "/proc/self/mountinfo");
	if (kernel.mounts == NULL)
		return NULL;
	return fmemopen((void *)(uintptr_t)kernel.mounts, strlen(kernel.mounts), "r");
}

/* A disk of 100 MiB and 1000 files, without quotas. */
static int
setup(void **state)
{
	(void)state;
	memset(&kernel, 0, sizeof(kernel));
	kernel.disk = (struct statvfs){ .f_frsize = 4096,
		.f_blocks = 30000,
		.f_bfree = 20480,
		.f_bavail = 15360,
		.f_files = 1000,
		.f_ffree = 900,
		.f_favail = 800 };
	kernel.by_descriptor = ESRCH;
	return 0;
}

static void
look(void)
{
	space_look(&space, 0);
	assert_int_equal(kernel.unknown, 0);
}

static void
part_is(const struct space_part *part, uint64_t used, uint64_t most)
{
	assert_int_equal(part->used, used);
	assert_int_equal(part->most, most);
}

static void
what_root_alone_may_use_is_not_free(void **state)
{
	(void)state;
	look();
	part_is(&space.disk, UINT64_C(9520) * 4096, UINT64_C(24880) * 4096);
	part_is(&space.disk_files, 100, 900);
	assert_false(space.quota_known);
	assert_int_equal(space_left(&space.disk), 60 * MIB);
	assert_int_equal(space_percent(&space.disk), 38);
	assert_false(space_is_low(&space.disk));
}

static void
what_makes_no_sense_is_not_known(void **state)
{
	static const struct statvfs wrong[] = { { .f_blocks = 1, .f_bfree = 2 },
		{ .f_blocks = 2, .f_bfree = 1, .f_bavail = 2 } };

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		kernel.disk = wrong[i];
		look();
		part_is(&space.disk, 0, 0);
		assert_int_equal(space_percent(&space.disk), 0);
	}
	setup(NULL);
	kernel.disk.f_ffree = 1001;
	look();
	assert_int_not_equal(space.disk.most, 0);
	part_is(&space.disk_files, 0, 0);
	kernel.disk.f_ffree = 900;
	kernel.disk.f_favail = 901;
	look();
	part_is(&space.disk_files, 0, 0);
	kernel.disk_error = EIO;
	kernel.stat_error = EIO;
	kernel.by_descriptor = 0;
	look();
	part_is(&space.disk, 0, 0);
	assert_false(space.quota_known);
}

static void
the_quota_that_leaves_less_counts(void **state)
{
	(void)state;
	kernel.by_descriptor = 0;
	kernel.mode = S_ISGID;
	look(); /* it is known that there is no limit */
	assert_true(space.quota_known);
	part_is(&space.quota, 0, 0);
	assert_int_equal(kernel.asked[0], 4000000000U);
	assert_int_equal(kernel.asked[1], 77);
	kernel.user = (struct quota){ .hard = 2048, .bytes = MIB, .files_soft = 10, .files = 3 };
	kernel.group =
	    (struct quota){ .hard = 4096, .soft = 1536, .bytes = MIB, .files_hard = 5, .files = 4 };
	look();
	part_is(&space.quota, MIB, 1536 * 1024);
	part_is(&space.quota_files, 4, 5);
	kernel.group.soft = 5000; /* above the hard one it is none */
	kernel.mode = 0;
	look();
	part_is(&space.quota, MIB, 2 * MIB);
	assert_int_equal(kernel.asked[1], getegid());
	/* Used more than there is. */
	kernel.user.bytes = 3 * MIB;
	look();
	assert_int_equal(space_left(&space.quota), 0);
	assert_int_equal(space_percent(&space.quota), 150);
	kernel.user = (struct quota){ .hard = 1, .bytes = UINT64_MAX / 2 };
	look();
	assert_int_equal(space_percent(&space.quota), 1000000);
}

static void
an_older_kernel_wants_the_device(void **state)
{
	(void)state;
	kernel.by_descriptor = ENOSYS;
	kernel.user.hard = 8;
	look();
	assert_false(space.quota_known);
	kernel.mounts = "1 2 8:1 / / rw - ext4 /dev/wrong rw\n"
			"3 4 0:5 / /8:17 rw - tmpfs 8:17 rw\n"
			"5 6 8:17 / /no-end rw\n"
			"5 6 8:17 / /no-end rw - ext4\n";
	look();
	assert_false(space.quota_known);
	kernel.mounts = "1 2 8:1 / / rw - ext4 /dev/wrong rw\n"
			"10 42 8:17 / /data rw,noatime shared:1 - ext4 /dev/sdb1 rw,usrquota\n";
	look();
	assert_true(space.quota_known);
	assert_string_equal(kernel.device, "/dev/sdb1");
	part_is(&space.quota, 0, 8 * 1024);
	kernel.by_device = EPERM;
	look();
	assert_false(space.quota_known);
}

static void
what_is_low_is_told(void **state)
{
	char text[SPACE_TEXT_SIZE];

	(void)state;
	assert_false(space_tell_low("/nowhere", text));
	assert_false(space_tell_low(scratch, text));
	kernel.disk.f_bavail = 2380;
	assert_true(space_tell_low(scratch, text));
	assert_string_equal(text, "the disk: 80 % are used, 9.7 MB are left");
	kernel.by_descriptor = 0;
	kernel.user = (struct quota){ .hard = 2048, .bytes = 2 * MIB };
	assert_true(space_tell_low(scratch, text));
	assert_string_equal(text, "the quota: 100 % are used, 0 B are left");
	setup(NULL);
	kernel.disk.f_favail = 7;
	assert_true(space_tell_low(scratch, text));
	assert_string_equal(text, "the disk: 93 % of the files are used, 7 are left");
	kernel.by_descriptor = 0;
	kernel.user = (struct quota){ .files_soft = 10, .files = 9 };
	assert_true(space_tell_low(scratch, text));
	assert_string_equal(text, "the quota: 90 % of the files are used, 1 are left");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(what_root_alone_may_use_is_not_free, setup),
		cmocka_unit_test_setup(what_makes_no_sense_is_not_known, setup),
		cmocka_unit_test_setup(the_quota_that_leaves_less_counts, setup),
		cmocka_unit_test_setup(an_older_kernel_wants_the_device, setup),
		cmocka_unit_test_setup(what_is_low_is_told, setup),
	};

	return RUN(tests);
}
