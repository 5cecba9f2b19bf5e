/* The configuration file: what each key takes, and what is refused. */
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>

#include "base/fault.h"
#include "config.h"
#include "settings.h"
#include "store/directory.h"
#include "unit.h"

#define REQUIRED "data_dir = /d\nsdk_app_id = 1\n"

static int
load(struct config *config, const char *text, mode_t mode, struct fault *fault)
{
	const char *path = file_write("c.conf", text, strlen(text));

	assert_int_equal(chmod(path, mode), 0);
	*fault = (struct fault){ 0 };
	return config_load(config, path, fault);
}

static void
defaults_and_values(void **state)
{
	struct config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&config, REQUIRED, 0644, &fault), 0);
	assert_string_equal(config.store.data_dir, "/d");
	assert_int_equal(config.sdk_app_id, 1);
	assert_false(config.any_app);
	assert_int_equal(config.token_count, 0);
	assert_int_equal(config.max_skew, 60);
	assert_int_equal(config.max_body, 262144);
	assert_int_equal(config.store.max_groups, 100000);
	assert_int_equal(config.store.lock_timeout, 1200);
	assert_true(config.store.sync);
	assert_int_equal(config.store.file_mode, 0600);
	assert_true(config.log_client_ip);
	assert_int_equal(config.wait_for_ship, 0);
	config_free(&config);

	assert_int_equal(load(&config, REQUIRED "log_client_ip = yes\n", 0644, &fault), 0);
	assert_true(config.log_client_ip && config.client_ip_age == 0);
	config_free(&config);
	assert_int_equal(load(&config, REQUIRED "log_client_ip = 30d\n", 0644, &fault), 0);
	assert_true(config.client_ip_age == INT64_C(30) * 86400000);
	config_free(&config);

	assert_int_equal(load(&config,
			     "#!/usr/bin/msgext\r\n\n  # x\n data_dir=/a b/#c \r\nsdk_app_id = "
			     "any\n"
			     "token = one # 1\ntoken = two=2\nmax_skew = 5\nmax_body = "
			     "1024\nmax_groups = 0\n"
			     "lock_timeout = 0.05\nsync = no\nfile_mode = 0640\nlog_client_ip = "
			     "no\n"
			     "wait_for_ship = 1.5",
			     0600, &fault),
	    0);
	assert_string_equal(config.store.data_dir, "/a b/#c");
	assert_true(config.any_app);
	assert_int_equal(config.token_count, 2);
	assert_string_equal(config.tokens[0], "one # 1");
	assert_string_equal(config.tokens[1], "two=2");
	assert_int_equal(config.max_skew, 5);
	assert_int_equal(config.max_body, 1024);
	assert_int_equal(config.store.max_groups, 0);
	assert_int_equal(config.store.lock_timeout, 50);
	assert_false(config.store.sync);
	assert_int_equal(config.store.file_mode, 0640);
	assert_false(config.log_client_ip);
	assert_int_equal(config.client_ip_age, 0);
	assert_int_equal(config.wait_for_ship, 1500);
	config_free(&config);

	assert_int_equal(load(&config, REQUIRED "log_client_ip = 36h\n", 0600, &fault), 0);
	assert_true(config.log_client_ip);
	assert_int_equal(config.client_ip_age, 36 * 3600000);
	config_free(&config);
}

static const struct {
	const char *text, *detail;
} doubtful_files[] = {
	{ "", "data_dir is missing (the directory of the logs)" },
	{ "data_dir = /d\n", "sdk_app_id is missing (the app's number, in the vendor's console)" },
	{ "sdk_app_id = 1\n", "data_dir is missing (the directory of the logs)" },
	{ REQUIRED "datadir = /e\n", ":3: line: unknown key" },
	{ REQUIRED "Sync = no\n", ":3: line: unknown key" },
	{ REQUIRED "nonsense\n", ":3: line: must be key = value" },
	{ REQUIRED "sync =\n", ":3: sync: has no value" },
	{ REQUIRED "sync = maybe\n", ":3: sync: must be yes or no" },
	{ REQUIRED "log_client_ip = 0d\n",
	    ":3: log_client_ip: must be yes, no, or how long it is kept" },
	{ REQUIRED "log_client_ip = d\n", ":3: log_client_ip: must be yes, no" },
	{ REQUIRED "log_client_ip = 30\n", ":3: log_client_ip: must be yes, no" },
	{ REQUIRED "log_client_ip = 100001d\n", ":3: log_client_ip: must be yes, no" },
	{ REQUIRED "mode = Check\n", ":3: mode: must be receive or check" },
	{ REQUIRED "sync = yes\nsync = yes\n", ":4: sync: is given twice" },
	{ REQUIRED "data_dir = /e\n", ":3: data_dir: is given twice" },
	{ "data_dir = d\n", ":1: data_dir: must be an absolute path" },
	{ "sdk_app_id = 01\n", ":1: sdk_app_id: must be a number, or any" },
	{ "sdk_app_id = all\n", ":1: sdk_app_id: must be a number, or any" },
	{ "max_skew = 0\n", ":1: max_skew: must be an integer from 1 to 9999999999" },
	{ "max_groups = -1\n", ":1: max_groups: must be an integer from 0 to 1000000000" },
	{ "max_body = 1023\n", ":1: max_body: must be an integer from 1024 to 9999999" },
	{ "max_body = 10000000\n", ":1: max_body: must be an integer from" },
	{ "lock_timeout = 1.501\n", ":1: lock_timeout: must be seconds from 0.001 to 1.5" },
	{ "lock_timeout = 0\n", ":1: lock_timeout: must be seconds" },
	{ "lock_timeout = 1.\n", ":1: lock_timeout: must be seconds" },
	{ "lock_timeout = .5\n", ":1: lock_timeout: must be seconds" },
	{ "lock_timeout = 1.2345\n", ":1: lock_timeout: must be seconds" },
	{ "lock_timeout = 1.2s\n", ":1: lock_timeout: must be seconds" },
	{ "lock_timeout = 2\n", ":1: lock_timeout: must be seconds" },
	{ "wait_for_ship = 1.6\n", ":1: wait_for_ship: must be seconds from 0 to 1.5" },
	{ "wait_for_ship = yes\n", ":1: wait_for_ship: must be seconds" },
	{ "data_dir = /12345678901234567890123456789012345678901234567890123456789012"
	  "34567890123456789012345678901234567890\nsdk_app_id = 1\nwait_for_ship = 1\n",
	    ": wait_for_ship: the path of data_dir is too long" },
	{ "lock_timeout = 99999999999999999999.5\n", ":1: lock_timeout: must be seconds" },
	{ "file_mode = 60\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 00600\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 060\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 0400\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 0666\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 0700\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 4600\n", ":1: file_mode: must be 0600" },
	{ "file_mode = 0x600\n", ":1: file_mode: must be 0600" },
	{ REQUIRED "password = x\n",
	    ":3: password: belongs in view.conf, the viewer's own file (view.conf(5))" },
	{ REQUIRED "trust_server =\n", ":3: trust_server: belongs in view.conf" },
	{ REQUIRED "rest_key = 5bd2850fff3e\n",
	    ":3: rest_key: belongs in repair.conf, msgext-repair's own file "
	    "(repair.conf(5))" },
	{ REQUIRED "rest_domain =\n", ":3: rest_domain: belongs in repair.conf" },
	{ REQUIRED "rest_s3cr3t = x\n", ":3: rest_*: belongs in repair.conf" },
	{ REQUIRED "rest = x\n", ":3: line: unknown key" },
	{ REQUIRED "rate = 5\n", ":3: rate: belongs in repair.conf" },
	{ "data_dir = /d rest_key 5bd2850fff3e\n", ":1: data_dir: has another setting" },
	{ "include = none.conf\n", "none.conf: No such file" },
	{ "include = c.conf\n", "too many files are included (8 at most)" },
	{ "include = .\n", "must be a file of at most 64 KiB" },
	{ "token = a\ntoken = a\ntoken = a\ntoken = a\ntoken = a\ntoken = a\ntoken = a\n"
	  "token = a\ntoken = a\n",
	    ":9: token: is given more than 8 times" },
};

static void
doubtful_files_are_refused(void **state)
{
	struct config config;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(doubtful_files) / sizeof(doubtful_files[0]); i++) {
		assert_int_equal(load(&config, doubtful_files[i].text, 0600, &fault), -1);
		if (strstr(fault.detail, doubtful_files[i].detail) == NULL)
			fail_msg("%s: %s", doubtful_files[i].detail, fault.detail);
		config_free(&config);
	}
}

static void
odd_files_are_refused(void **state)
{
	struct config config;
	struct fault fault;
	char *large = malloc(65537);

	(void)state;
	assert_non_null(large);
	memset(large, '#', 65537);
	assert_int_equal(config_load(&config, file_write("large", large, 65537), &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_MALFORMED);
	config_free(&config);
	free(large);
	assert_int_equal(config_load(&config, file_write("nul", REQUIRED "\0", 31), &fault), -1);
	assert_non_null(strstr(fault.detail, "holds a NUL byte"));
	config_free(&config);
	assert_int_equal(config_load(&config, "/nonexistent/c.conf", &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_MISSING);
	config_free(&config);
}

static void
p7_a_token_must_be_private(void **state)
{
	struct config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&config, REQUIRED "token = topsecret\n", 0644, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	assert_null(strstr(fault.detail, "topsecret"));
	config_free(&config);
	assert_int_equal(load(&config, REQUIRED "token topsecret\n", 0600, &fault), -1);
	assert_null(strstr(fault.detail, "topsecret"));
	config_free(&config);
	assert_int_equal(load(&config, REQUIRED "token = topsecret\n", 0640, &fault), 0);
	config_free(&config);
}

/* Whatever slip put it there, what may be a token's part is not shown. */
static void
p7_a_wrong_line_is_not_shown(void **state)
{
	static const char *const lines[] = { "token: S3cret=x", "token S3cret", "tok en = S3cret",
		"S3cret=", "S3cret = x", "S3cret==", "token\xc2\xa0= S3cret",
		"token\xef\xbc\x9dS3cret", "Token = S3cret", "sync = S3cret", "max_skew = S3cret",
		"sdk_app_id = S3cret", "data_dir = S3cret", "mode = S3cret", "file_mode = S3cret",
		"lock_timeout = S3cret", "data_dir = /d token = S3cret",
		"data_dir = /d #token=S3cret", "data_dir = /d token: S3cret",
		"data_dir = /d\rtoken = S3cret", "data_dir = /d TOKEN=S3cret",
		"data_dir = /d # token S3cret", "data_dir = /d\ttoken S3cret",
		"data_dir = /d|token=S3cret", "data_dir = /d/Token => S3cret",
		"data_dir = /d 'token' = S3cret", "include = token = S3cret",
		"include = t.conf token = S3cret", "include = S3cret.key", "include = ./S3cret.key",
		"export S3cret=1", "\xffS3cret=\x01", "= S3cret", "token = S3cret\rsync = x",
		"password = S3cret", "link_key = S3cret", "Password = S3cret", "title = S3cret",
		"data_dir = /d password = S3cret", "data_dir = /d link_key S3cret",
		"include = t.conf password S3cret" };
	struct config config;
	struct fault fault;
	char text[512];

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		bool path = strstr(lines[i], ".key") != NULL;

		assert_int_equal(chmod(file_write("S3cret.key", "MIIS3cretKey\nS3cret==\n", 23),
				     0600),
		    0);
		snprintf(text, sizeof(text), "%s\nsdk_app_id = 1\n", lines[i]);
		assert_int_equal(load(&config, text, 0600, &fault), -1);
		config_free(&config);
		/* A file's name may be shown, but nothing that stands in it. */
		if (strstr(path ? strstr(fault.detail, ".key") : fault.detail, "S3cret") != NULL)
			fail_msg("%s shows it: %s", lines[i], fault.detail);
	}
	/* What only looks like another setting is a path. */
	assert_int_equal(load(&config, "data_dir = /d_token=x sync x\nsdk_app_id = 1\n", 0600,
			     &fault),
	    0);
	assert_string_equal(config.store.data_dir, "/d_token=x sync x");
	config_free(&config);
	/* A token may hold anything. */
	assert_int_equal(load(&config, REQUIRED "token = a sync = no\n", 0600, &fault), 0);
	assert_string_equal(config.tokens[0], "a sync = no");
	config_free(&config);
}

/* Whoever may write it decides where events go. */
static void
only_its_owner_may_write_it(void **state)
{
	static const mode_t modes[] = { 0602, 0620, 0666, 0622 };
	struct config config;
	struct fault fault;
	const char *path;

	(void)state;
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		assert_int_equal(load(&config, REQUIRED, modes[i], &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
		assert_non_null(strstr(fault.detail, "c.conf: group or others can write to it"));
		config_free(&config);
		path = file_write("w.conf", "max_skew = 7\n", 13);
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_int_equal(load(&config, REQUIRED "include = w.conf\n", 0600, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
		assert_non_null(strstr(fault.detail, "w.conf: group or others can write to it"));
		config_free(&config);
	}
	if (geteuid() != 0)
		LEAVE("this takes root");
	path = file_write("theirs.conf", REQUIRED, sizeof(REQUIRED) - 1);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(chown(path, 65534, 65534), 0);
	assert_int_equal(config_load(&config, path, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	assert_non_null(strstr(fault.detail, "theirs.conf: belongs to another user"));
	config_free(&config);
	assert_int_equal(load(&config, "include = theirs.conf\n", 0600, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	config_free(&config);
	/* root:www-data, as Debian has it. */
	path = file_write("roots.conf", REQUIRED "token = x\n", sizeof(REQUIRED) + 9);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(chown(path, 0, 65534), 0);
	assert_int_equal(config_load(&config, path, &fault), 0);
	config_free(&config);
}

/* Only what is not there is missing. */
static void
what_cannot_be_read_is_not_missing(void **state)
{
	const char *path = file_write("closed.conf", REQUIRED, sizeof(REQUIRED) - 1);
	struct config config;
	struct fault fault;
	char loop[192];

	(void)state;
	snprintf(loop, sizeof(loop), "%s/loop.conf", scratch);
	assert_int_equal(symlink("loop.conf", loop), 0);
	assert_int_equal(config_load(&config, loop, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNREADABLE);
	config_free(&config);
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(scratch, 0755), 0);
	if (geteuid() == 0)
		assert_int_equal(seteuid(65534), 0);
	assert_int_equal(config_load(&config, path, &fault), -1);
	if (getuid() == 0)
		assert_int_equal(seteuid(0), 0);
	assert_int_equal(fault.code, FAULT_CONFIG_UNREADABLE);
	assert_non_null(strstr(fault.detail, "closed.conf: Permission denied"));
	assert_non_null(strstr(fault.detail, "chmod 640"));
	config_free(&config);
}

static void
includes_are_relative_and_judged_apart(void **state)
{
	struct config config;
	struct fault fault;
	char absolute[192];

	(void)state;
	assert_int_equal(chmod(file_write("t.conf", "token = x\n", 10), 0600), 0);
	snprintf(absolute, sizeof(absolute), "include = %s/t.conf\n" REQUIRED, scratch);
	assert_int_equal(load(&config, absolute, 0644, &fault), 0);
	config_free(&config);
	assert_int_equal(load(&config, "include = t.conf\n" REQUIRED "max_skew = 7\n", 0644,
			     &fault),
	    0);
	assert_string_equal(config.tokens[0], "x");
	assert_int_equal(config.max_skew, 7);
	config_free(&config);
	/* The included file's mode does not excuse a token behind the include. */
	assert_int_equal(load(&config, REQUIRED "include = t.conf\ntoken = y\n", 0644, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	config_free(&config);
	file_write("t.conf", REQUIRED, sizeof(REQUIRED) - 1);
	assert_int_equal(load(&config, "data_dir = /e\ninclude = t.conf\n", 0644, &fault), -1);
	assert_non_null(strstr(fault.detail, "t.conf:1: data_dir: is given twice"));
	config_free(&config);
}

static void
control_files_are_told_from_queries(void **state)
{
	static const char script[] = "#!/usr/bin/msgext\n" REQUIRED;
	const char *path = file_write("x.cgi", script, sizeof(script) - 1);
	char plain[192];
	struct fault fault;

	(void)state;
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(settings_control_file(path, path, &fault), 1);
	assert_int_equal(settings_control_file(path, "/usr/lib/cgi-bin/msgext", &fault), 0);
	assert_int_equal(settings_control_file(NULL, path, &fault), 0);
	assert_int_equal(settings_control_file(path, NULL, &fault), 0);
	assert_int_equal(settings_control_file("/nonexistent", "/nonexistent", &fault), 0);
	assert_int_equal(settings_control_file(scratch, scratch, &fault), 0);
	/* What was executed, and cannot be read. */
	snprintf(plain, sizeof(plain), "%s/loop.cgi", scratch);
	assert_int_equal(symlink("loop.cgi", plain), 0);
	assert_int_equal(settings_control_file(plain, plain, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNREADABLE);
	assert_int_equal(chmod(path, 0775), 0);
	assert_int_equal(settings_control_file(path, path, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	assert_non_null(strstr(fault.detail, "x.cgi: group or others can write to it"));
	assert_int_equal(chmod(path, 0757), 0);
	assert_int_equal(settings_control_file(path, path, &fault), -1);
	strcpy(plain, file_write("plain.conf", REQUIRED, sizeof(REQUIRED) - 1));
	assert_int_equal(chmod(plain, 0644), 0);
	assert_int_equal(settings_control_file(plain, plain, &fault), 0);
	strcpy(plain, file_write("plain.conf", "#", 1));
	assert_int_equal(settings_control_file(plain, plain, &fault), 0);
	strcpy(plain, file_write("plain.conf", "# no script", 11));
	assert_int_equal(settings_control_file(plain, plain, &fault), 0);
	if (geteuid() == 0) {
		strcpy(plain, file_write("theirs.cgi", script, sizeof(script) - 1));
		assert_int_equal(chown(plain, 65534, 65534), 0);
		assert_int_equal(chmod(plain, 0755), 0);
		assert_int_equal(settings_control_file(plain, plain, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
		assert_non_null(strstr(fault.detail, "belongs to another user"));
	}
}

static void
only_its_owners_script_asks_for_the_check(void **state)
{
	static const char script[] = "#!/usr/bin/msgext\nmode = check\nbad\n";
	struct config config;
	struct fault fault;
	const char *path;

	(void)state;
	assert_int_equal(load(&config, "#!/m\nmode = check\n" REQUIRED, 0644, &fault), 0);
	assert_true(config.check);
	config_free(&config);
	assert_int_equal(load(&config, "#!/m\nmode = receive\n" REQUIRED, 0644, &fault), 0);
	assert_false(config.check);
	config_free(&config);
	/* What is wrong is what it is there to tell. */
	assert_int_equal(load(&config, script, 0644, &fault), -1);
	assert_true(config.check);
	config_free(&config);
	assert_int_equal(load(&config, "mode = check\n" REQUIRED, 0644, &fault), -1);
	assert_non_null(strstr(fault.detail, ":1: mode: check is only for a script"));
	assert_false(config.check);
	config_free(&config);
	file_write("s.cgi", script, sizeof(script) - 1);
	assert_int_equal(load(&config, "#!/m\ninclude = s.cgi\n" REQUIRED, 0644, &fault), -1);
	assert_non_null(strstr(fault.detail, "s.cgi:2: mode: check is only for a script"));
	assert_false(config.check);
	config_free(&config);
	if (geteuid() == 0) {
		path = file_write("theirs.cgi", script, sizeof(script) - 1);
		assert_int_equal(chown(path, 65534, 65534), 0);
		assert_int_equal(config_load(&config, path, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
		assert_non_null(strstr(fault.detail, "belongs to another user"));
		assert_false(config.check);
		config_free(&config);
		/* Root's may be read by others, but has not asked for their page. */
		path = file_write("roots.cgi", script, sizeof(script) - 1);
		assert_int_equal(chmod(scratch, 0755), 0);
		assert_int_equal(seteuid(65534), 0);
		assert_int_equal(config_load(&config, path, &fault), -1);
		assert_int_equal(seteuid(0), 0);
		assert_non_null(strstr(fault.detail, "has mode = check, but belongs to another"));
		assert_false(config.check);
		config_free(&config);
	}
}

/* A file that an editor on Windows saved. */
static void
windows_files_are_taken(void **state)
{
	struct config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&config,
			     "\xef\xbb\xbf"
			     "data_dir = /d\r\n\r\n# x\r\nsdk_app_id = 1\r\ntoken = one\r\n",
			     0600, &fault),
	    0);
	assert_string_equal(config.store.data_dir, "/d");
	assert_string_equal(config.tokens[0], "one");
	config_free(&config);
	assert_int_equal(load(&config, REQUIRED "\xef\xbb\xbfsync = no\n", 0600, &fault), -1);
	config_free(&config);
}

static void
long_values_are_refused(void **state)
{
	static char text[PATH_MAX + 100];
	struct config config;
	struct fault fault;
	const char *path;

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	memcpy(text, "token = ", 8);
	path = file_write("long.conf", text, 8 + 256);
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(config_load(&config, path, &fault), -1);
	assert_non_null(strstr(fault.detail,
	    "data_dir is missing (the directory of the logs)")); /* 256 bytes are not too long */
	config_free(&config);
	assert_int_equal(config_load(&config, file_write("long.conf", text, 8 + 257), &fault), -1);
	assert_non_null(strstr(fault.detail, "token: is longer than 256 bytes"));
	config_free(&config);
	memcpy(text, "include = ", 10);
	assert_int_equal(config_load(&config, file_write("long.conf", text, sizeof(text) - 1),
			     &fault),
	    -1);
	assert_non_null(strstr(fault.detail, "include: the path is too long"));
	config_free(&config);
}

static void
p7_data_stays_out_of_the_document_root(void **state)
{
	struct config config = { 0 };
	struct fault fault;
	static char far[PATH_MAX + 1];
	char inside[192], link[192], root[192];

	(void)state;
	snprintf(root, sizeof(root), "%s/www", scratch);
	snprintf(inside, sizeof(inside), "%s/www/data", scratch);
	snprintf(link, sizeof(link), "%s/elsewhere", scratch);
	assert_int_equal(mkdir(root, 0700), 0);
	assert_int_equal(mkdir(inside, 0700), 0);
	assert_int_equal(symlink(inside, link), 0);

	config.store.data_dir = inside;
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	assert_int_equal(directory_check_root(config.store.data_dir, inside, &fault), -1);
	assert_int_equal(directory_check_root(config.store.data_dir, "/", &fault), -1);
	config.store.data_dir = link; /* another spelling of it */
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), -1);
	config.store.data_dir = scratch;
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), 0);
	assert_int_equal(directory_check_root(config.store.data_dir, "", &fault), 0);
	assert_int_equal(directory_check_root(config.store.data_dir, NULL, &fault), 0);
	assert_int_equal(directory_check_root(config.store.data_dir, "/nonexistent", &fault), 0);
	config.store.data_dir = "/nonexistent";
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), 0);
	/* A path so long that no ".." fits behind it. */
	memset(far, '/', sizeof(far) - 1);
	config.store.data_dir = far;
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), 0);
	far[sizeof(far) - 3] = '\0';
	config.store.data_dir = far;
	assert_int_equal(directory_check_root(config.store.data_dir, root, &fault), 0);
}

/* Which first line a CGI program needs that was named in another's place. */
static void
what_serves_the_mode_is_named(void **state)
{
	static const struct {
		const char *script, *said;
	} cases[] = { { "#!/home/a/msgext-view", "#!/home/a/msgext, which serves mode = receive" },
		{ "#! \tbin/msgext-view -x /y\r", "#!bin/msgext, which serves mode = receive" },
		{ "#!msgext-view", "#!msgext, which serves mode = receive" },
		{ NULL, "#!msgext, which serves mode = receive" } };
	struct config config = { 0 };
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		config.script = cases[i].script;
		assert_int_equal(config_program_fault(&config, "/c.cgi", "msgext", &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_CHECK);
		assert_non_null(strstr(fault.detail, cases[i].said));
		assert_non_null(strstr(fault.detail, ": /c.cgi"));
	}
	config.check = true;
	assert_int_equal(config_program_fault(&config, "/c.cgi", "msgext", &fault), -1);
	assert_non_null(strstr(fault.detail, "mode = check"));
}

/* A configuration of several files has changed when one of them has. */
static void
any_change_of_a_file_is_seen(void **state)
{
	struct timespec times[2] = { { .tv_sec = 1000000000 }, { .tv_sec = 1000000000 } };
	struct config config;
	struct fault fault;
	char more[512];

	(void)state;
	for (int change = 0; change < 6; change++) {
		snprintf(more, sizeof(more), "%s", file_write("more.conf", "sync = no\n", 10));
		assert_int_equal(utimensat(AT_FDCWD, more, times, 0), 0);
		assert_int_equal(load(&config, REQUIRED "include = more.conf\n", 0600, &fault), 0);
		assert_false(settings_changed(config.texts));
		times[1].tv_sec += change == 0;
		times[1].tv_nsec += change == 1;
		if (change < 2)
			assert_int_equal(utimensat(AT_FDCWD, more, times, 0), 0);
		else if (change == 2)
			file_write("more.conf", "sync = yes\n", 11);
		else
			assert_int_equal(unlink(more), 0);
		if (change == 4)
			file_write("more.conf", "sync = no\n", 10);
		if (change == 5)
			assert_int_equal(mkdir(more, 0700), 0);
		assert_true(settings_changed(config.texts));
		if (change == 5)
			assert_int_equal(rmdir(more), 0);
		config_free(&config);
	}
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_values),
		cmocka_unit_test(doubtful_files_are_refused),
		cmocka_unit_test(odd_files_are_refused),
		cmocka_unit_test(p7_a_token_must_be_private),
		cmocka_unit_test(p7_a_wrong_line_is_not_shown),
		cmocka_unit_test(only_its_owner_may_write_it),
		cmocka_unit_test(what_cannot_be_read_is_not_missing),
		cmocka_unit_test(includes_are_relative_and_judged_apart),
		cmocka_unit_test(control_files_are_told_from_queries),
		cmocka_unit_test(only_its_owners_script_asks_for_the_check),
		cmocka_unit_test(windows_files_are_taken),
		cmocka_unit_test(long_values_are_refused),
		cmocka_unit_test(p7_data_stays_out_of_the_document_root),
		cmocka_unit_test(what_serves_the_mode_is_named),
		cmocka_unit_test(any_change_of_a_file_is_seen),
	};

	return RUN(tests);
}
