/* What check knows of file systems, and how it finds the one that holds a directory. */
#include <sys/stat.h>

#include "check.h"
#include "config.h"
#include "mount.h"
#include "unit.h"

static const char list[] =
    "21 1 254:0 / / rw,relatime - ext4 /dev/vda rw\n"
    "22 21 0:20 / /proc rw,nosuid shared:5 - proc proc rw\n"
    "30 21 0:41 /@home /home rw,relatime shared:7 master:2 - btrfs /dev/sdb1 "
    "rw,nobarrier,subvol=/@home\n"
    "31 21 0:42 / /mnt/a\\040-\\040b rw - ext4 /dev/sdc1 rw,barrier=0\n"
    "32 21 0:43 / /mnt/a rw - nfs server:/a rw,vers=3,nolock,local_lock=all\n"
    "33 32 0:44 / /mnt/a rw - xfs /dev/sdd1 rw\n"
    "34 21 0:45 / /none rw - tmpfs  rw,size=1k\n"
    "35 21 0:46 / /short rw\n"
    "320 21 0:47 / /long ro,noexec - ext4 /dev/sde1 rw,nobarrier\n";

static void
a_mount_is_found_by_its_number(void **state)
{
	static const struct {
		unsigned long number;
		const char *type, *options;
	} cases[] = {
		{ 21, "ext4", ",rw,relatime,rw," },
		{ 30, "btrfs", ",rw,relatime,rw,nobarrier,subvol=/@home," },
		{ 31, "ext4", ",rw,rw,barrier=0," },
		{ 32, "nfs", ",rw,rw,vers=3,nolock,local_lock=all," },
		{ 33, "xfs", ",rw,rw," },
		{ 34, "tmpfs", ",rw,rw,size=1k," },
		{ 320, "ext4", ",ro,noexec,rw,nobarrier," },
		{ 35, "", NULL },
		{ 36, "", NULL },
		{ 3, "", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		FILE *file = fmemopen((void *)(uintptr_t)list, sizeof(list) - 1, "r");
		struct mount mount = { .magic = 0 };

		assert_non_null(file);
		mount_read(&mount, file, cases[i].number);
		assert_string_equal(mount.type, cases[i].type);
		if (cases[i].options == NULL)
			assert_null(mount.options);
		else
			assert_string_equal(mount.options, cases[i].options);
		mount_free(&mount);
		fclose(file);
	}
}

static const struct {
	unsigned long magic;
	const char *type;
	const char *options;
	enum verdict verdict;
	const char *text;
	bool local;
} judged_mounts[] = {
	{ 0xef53, "ext4", ",rw,relatime,rw,", VERDICT_OK, "ext4, with barriers", true },
	{ 0xef53, "ext4", ",rw,rw,nobarrier,", VERDICT_WARNING, "mounted with nobarrier", true },
	{ 0xef53, "ext4", ",rw,rw,barrier=0,", VERDICT_WARNING, "mounted with barrier=0", true },
	{ 0xef53, "ext4", ",rw,rw,barrier=01,xnobarrier,", VERDICT_OK, "no known problem", true },
	{ 0xef53, "ext4", ",rw,rw,fast_commit,", VERDICT_WARNING, "ext4 with fast_commit: on",
	    true },
	{ 0xef53, "ext2", ",rw,rw,no_journal,", VERDICT_WARNING, "ext2 without a journal:", true },
	{ 0xef53, "", NULL, VERDICT_WARNING, "cannot find out how it is mounted", true },
	{ 0x9123683e, "btrfs", ",rw,rw,nobarrier,subvol=/@,", VERDICT_WARNING, "a power cut loses",
	    true },
	{ 0xf2f52010, "f2fs", ",rw,rw,fsync_mode=nobarrier,", VERDICT_WARNING, "a power cut loses",
	    true },
	{ 0x6969, "nfs4", ",rw,rw,vers=4.1,local_lock=none,", VERDICT_WARNING,
	    "NFS, version 4.1: is slower", false },
	{ 0x6969, "nfs4", ",rw,rw,vers=4.0,local_lock=flock,", VERDICT_WARNING,
	    "NFS, version 4.0: is slower", false },
	{ 0x6969, "nfs", ",rw,rw,vers=3,local_lock=none,", VERDICT_WARNING,
	    "NFS, version 3: only one machine", false },
	{ 0x6969, "", NULL, VERDICT_WARNING, "not known: only one machine", false },
	{ 0x6969, "nfs", ",rw,rw,vers=3,nolock,local_lock=all,", VERDICT_ERROR,
	    "mounted with nolock", false },
	{ 0x6969, "nfs", ",rw,rw,vers=3,local_lock=posix,", VERDICT_ERROR,
	    "mounted with local_lock=posix", false },
	{ 0x6969, "nfs4", ",rw,rw,vers=4.2,local_lock=all,", VERDICT_ERROR,
	    "mounted with local_lock=all", false },
	{ 0x01021994, "tmpfs", ",rw,rw,", VERDICT_WARNING, "gone after a restart", true },
	{ 0x794c7630, "overlay", ",rw,rw,volatile,", VERDICT_WARNING, "loses", true },
	{ 0x794c7630, "overlay", ",rw,rw,", VERDICT_WARNING, "mount a volume", true },
	{ 0x01021997, "9p", ",rw,rw,", VERDICT_WARNING, "9p: ", false },
	{ 0x00c36400, "ceph", ",rw,rw,", VERDICT_WARNING, "Ceph: ", false },
	{ 0x65735546, "fuse.sshfs", ",rw,rw,", VERDICT_WARNING, "FUSE: ", false },
	{ 0xff534d42, "cifs", ",rw,rw,nobrl,", VERDICT_WARNING, "CIFS: ", false },
	{ 0x12345678, "newfs", ",rw,rw,", VERDICT_WARNING, "newfs (type 12345678)", false },
	{ 0, "", NULL, VERDICT_WARNING, "a kind that is not known", false },
};

static void
a_mount_is_judged_by_kind_and_options(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(judged_mounts) / sizeof(judged_mounts[0]); i++) {
		struct mount mount = { .magic = judged_mounts[i].magic };
		char options[64], text[MOUNT_TEXT_SIZE];

		strcpy(mount.type, judged_mounts[i].type);
		if (judged_mounts[i].options != NULL)
			mount.options = strcpy(options, judged_mounts[i].options);
		assert_int_equal(mount_judge(&mount, text), judged_mounts[i].verdict);
		if (strstr(text, judged_mounts[i].text) == NULL || strlen(text) + 1 >= sizeof(text))
			fail_msg("%s is judged: %s", judged_mounts[i].type, text);
		assert_int_equal(mount_is_local(&mount), judged_mounts[i].local);
	}
}

/* A file system of its own kind, which every machine has. */
static void
a_mount_is_found_by_what_is_open(void **state)
{
	int fd = open("/proc", O_RDONLY | O_DIRECTORY);
	struct mount mount;

	(void)state;
	assert_true(fd >= 0);
	mount_find(&mount, fd);
	assert_int_equal(mount.magic, 0x9fa0);
	assert_string_equal(mount.type, "proc");
	assert_non_null(mount.options);
	mount_free(&mount);
	close(fd);
}

/* Such a directory finds one file by both spellings, as here by two links. */
static void
folded_case_is_noticed(void **state)
{
	char from[192], to[192];
	int fd = open(scratch, O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_true(fd >= 0);
	strcpy(from, file_write("check-1", "", 0));
	assert_false(check_folds_case(fd, "check-1"));
	assert_false(check_folds_case(fd, "none"));
	strcpy(to, file_write("CHECK-1", "", 0));
	assert_false(check_folds_case(fd, "check-1"));
	assert_int_equal(unlink(to), 0);
	assert_int_equal(link(from, to), 0);
	assert_true(check_folds_case(fd, "check-1"));
	file_write("1-2", "", 0);
	assert_false(check_folds_case(fd, "1-2"));
	close(fd);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mount_is_found_by_its_number),
		cmocka_unit_test(a_mount_is_judged_by_kind_and_options),
		cmocka_unit_test(a_mount_is_found_by_what_is_open),
		cmocka_unit_test(folded_case_is_noticed),
	};

	return RUN(tests);
}
