/* The viewer's configuration: what each key takes, and what is refused. */
#include <sys/stat.h>

#include "base/fault.h"
#include "config.h"
#include "view_config.h"
#include "unit.h"

#define KEY "0123456789abcdef0123456789abcdef"
#define PASSWORD "correct horse"
#define REQUIRED "data_dir = /d\npassword = " PASSWORD "\nlink_key = " KEY "\n"

#define LONG_64 "https://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.example "

static int
load(struct view_config *config, const char *text, mode_t mode, struct fault *fault)
{
	const char *path = file_write("view.conf", text, strlen(text));

	assert_int_equal(chmod(path, mode), 0);
	*fault = (struct fault){ 0 };
	return view_config_load(config, path, fault);
}

static void
defaults_and_values(void **state)
{
	struct view_config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&config, REQUIRED, 0600, &fault), 0);
	assert_string_equal(config.data_dir, "/d");
	assert_string_equal(config.password, PASSWORD);
	assert_int_equal(config.link_keys.count, 1);
	assert_string_equal(config.link_keys.keys[0], KEY);
	assert_int_equal(config.link_keys.epoch, 0);
	assert_int_equal(config.link_days, 30);
	assert_null(config.link_embed);
	assert_int_equal(config.session, 43200);
	assert_int_equal(config.timezone, 0);
	assert_string_equal(config.title, "msgext");
	assert_int_equal(config.https, VIEW_HTTPS_AUTO);
	assert_false(config.trust_server);
	assert_null(config.script);
	view_config_free(&config);

	assert_int_equal(load(&config,
			     "#!/home/user/msgext/msgext-view\n" REQUIRED "link_key = another " KEY
			     "\nlink_epoch = 9007199254740992\nlink_days = 366\n"
			     "link_embed = https://app.example https://*.example.com:8443\n"
			     "session = 60\ntimezone = -03:30\ntitle = \xe6\x8a\x95\xe7\xa5\xa8\n"
			     "https = required\ntrust_server = yes\n",
			     0640, &fault),
	    0);
	assert_int_equal(config.link_keys.count, 2);
	assert_string_equal(config.link_keys.keys[1], "another " KEY);
	assert_true(config.link_keys.epoch == INTEGER_MAX);
	assert_int_equal(config.link_days, 366);
	assert_string_equal(config.link_embed, "https://app.example https://*.example.com:8443");
	assert_int_equal(config.session, 60);
	assert_int_equal(config.timezone, -210);
	assert_string_equal(config.title, "\xe6\x8a\x95\xe7\xa5\xa8");
	assert_int_equal(config.https, VIEW_HTTPS_REQUIRED);
	assert_true(config.trust_server);
	assert_memory_equal(config.script, "#!/home", 7);
	view_config_free(&config);
	/* The web server says who may look. */
	assert_int_equal(load(&config, "data_dir = /d\nlink_key = " KEY "\ntrust_server = yes\n",
			     0600, &fault),
	    0);
	assert_null(config.password);
	view_config_free(&config);
	/* Characters, not bytes. */
	assert_int_equal(load(&config,
			     REQUIRED "link_key = \xe6\x8a\x95" KEY "\nhttps = yes\n"
				      "link_embed = none\ntimezone = +14:00\n",
			     0600, &fault),
	    0);
	assert_int_equal(config.https, VIEW_HTTPS_YES);
	assert_null(config.link_embed);
	assert_int_equal(config.timezone, 840);
	view_config_free(&config);
}

static const struct {
	const char *text, *detail;
} doubtful_files[] = {
	{ "", ": data_dir is missing (the directory of the logs)" },
	{ "data_dir = /d\n", ": password is missing (12 characters or more)" },
	{ "data_dir = /d\ntrust_server = yes\n", ": link_key is missing (32 random" },
	{ "data_dir = /d\npassword = " PASSWORD "\n", ": link_key is missing (32 random" },
	{ "data_dir = d\n", ":1: data_dir: must be an absolute path" },
	{ "password = 12345678901\n", ":1: password: must have 12 characters or more" },
	{ "password = \xe6\x8a\x95\xe6\x8a\x95\xe6\x8a\x95\xe6\x8a\x95\n",
	    ":1: password: must have 12 characters or more, 256 bytes at most" },
	{ "password = \xff" PASSWORD "\n", ":1: password: must be UTF-8" },
	{ REQUIRED "password = " PASSWORD "\n", ":4: password: is given twice" },
	{ "link_key = 0123456789abcdef0123456789abcde\n",
	    ":1: link_key: must have 32 characters or more" },
	{ REQUIRED "link_key = " KEY "\nlink_key = " KEY "\n",
	    ":5: link_key: is given more than twice" },
	{ REQUIRED "rest_key = " KEY "\n", ":4: rest_key: belongs in repair.conf" },
	{ REQUIRED "ca_file = /c\n", ":4: ca_file: belongs in repair.conf" },
	{ "link_epoch = -1\n", ":1: link_epoch: must be an integer from 0 to" },
	{ "link_epoch = 9007199254740993\n", ":1: link_epoch: must be an integer from 0" },
	{ "link_days = 0\n", ":1: link_days: must be an integer from 1 to 366" },
	{ "link_days = 367\n", ":1: link_days: must be an integer from 1 to 366" },
	{ "session = 59\n", ":1: session: must be an integer from 60 to 2592000" },
	{ "session = 2592001\n", ":1: session: must be an integer from 60 to 2592000" },
	{ "timezone = Asia/Shanghai\n", ":1: timezone: must be like +08:00" },
	{ "timezone = 08:00\n", ":1: timezone: must be like +08:00" },
	{ "timezone = +8:000\n", ":1: timezone: must be like +08:00" },
	{ "timezone = +14:01\n", ":1: timezone: must be like +08:00" },
	{ "timezone = +08:60\n", ":1: timezone: must be like +08:00" },
	{ "timezone = +0a:00\n", ":1: timezone: must be like +08:00" },
	{ "title = a\tb\n", ":1: title: must be 1 to 100 bytes of UTF-8" },
	{ "title = \xff\n", ":1: title: must be 1 to 100 bytes of UTF-8" },
	{ "title = " KEY KEY KEY "12345\n", ":1: title: must be 1 to 100 bytes" },
	{ "https = no\n", ":1: https: must be auto, yes or required" },
	{ "trust_server = 1\n", ":1: trust_server: must be yes or no" },
	{ "link_embed = http://a.example\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://*\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://*.\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://.example\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://-a.example\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://a.example:443x\n", ":1: link_embed: must be none, or origins" },
	{ "link_embed = https://a.example https://b.example https://c.example " LONG_64 LONG_64
		LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 LONG_64 "\n",
	    ":1: link_embed: is longer than 512 bytes" },
	{ "timezone = +15:00\n", ":1: timezone: must be like +08:00" },
	{ "timezone = +08:0a\n", ":1: timezone: must be like +08:00" },
	{ "link_embed = https://a.example/\n", ":1: link_embed: must be none" },
	{ "link_embed = https://a.example;script-src\n", ":1: link_embed: must be none" },
	{ "link_embed = https://a.example:\n", ":1: link_embed: must be none" },
	{ "link_embed = https://a.example:123456\n", ":1: link_embed: must be none" },
	{ "link_embed = https://a.example  https://b.example\n", ":1: link_embed: must be" },
	{ "link_embed = https://a.example none\n", ":1: link_embed: must be none" },
	{ "link_embed = 'none'\n", ":1: link_embed: must be none" },
	{ "token = x\n",
	    ":1: token: belongs in msgext.conf, the receiver's own file (msgext.conf(5))" },
	{ REQUIRED "sdk_app_id = 1\n", ":4: sdk_app_id: belongs in msgext.conf" },
	{ REQUIRED "mode = check\n", ":4: mode: belongs in msgext.conf" },
	{ REQUIRED "Title = x\n", ":4: line: unknown key (view.conf(5) lists all keys)" },
	{ REQUIRED "title =\n", ":4: title: has no value" },
};

static void
doubtful_files_are_refused(void **state)
{
	struct view_config config;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(doubtful_files) / sizeof(doubtful_files[0]); i++) {
		assert_int_equal(load(&config, doubtful_files[i].text, 0600, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_MALFORMED);
		if (strstr(fault.detail, doubtful_files[i].detail) == NULL)
			fail_msg("%s: %s", doubtful_files[i].detail, fault.detail);
		view_config_free(&config);
	}
}

static void
secrets_must_be_private(void **state)
{
	static const char *const texts[] = { "data_dir = /d\npassword = " PASSWORD "\n",
		"data_dir = /d\nlink_key = " KEY "\n" };
	struct view_config config;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(load(&config, texts[i], 0644, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
		assert_non_null(strstr(fault.detail, "others can read it (chmod o= helps)"));
		view_config_free(&config);
	}
	assert_int_equal(load(&config, REQUIRED, 0620, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	view_config_free(&config);
	/* A script that others may run includes what they may not read. */
	assert_int_equal(chmod(file_write("secret.conf", REQUIRED, sizeof(REQUIRED) - 1), 0600), 0);
	assert_int_equal(load(&config, "#!/v\ninclude = secret.conf\n", 0755, &fault), 0);
	view_config_free(&config);
}

/* As in the receiver's file: whatever slip put it there. */
/* Two scripts that include one file share it. */
static void
the_file_with_the_password_is_locked(void **state)
{
	struct view_config config;
	struct stat guard, wanted;
	struct fault fault;

	(void)state;
	assert_int_equal(chmod(file_write("secret.conf", REQUIRED, sizeof(REQUIRED) - 1), 0600), 0);
	assert_int_equal(stat(file_path("secret.conf"), &wanted), 0);
	assert_int_equal(load(&config, "#!/v\ninclude = secret.conf\ntitle = T\n", 0755, &fault),
	    0);
	assert_int_equal(fstat(config.guard, &guard), 0);
	assert_true(guard.st_dev == wanted.st_dev && guard.st_ino == wanted.st_ino);
	assert_int_equal(fcntl(config.guard, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(fcntl(config.guard, F_GETFD), FD_CLOEXEC);
	view_config_free(&config);
	assert_int_equal(config.guard, -1);
	assert_int_equal(load(&config, "data_dir = /d\ntrust_server = yes\nlink_key = " KEY "\n",
			     0600, &fault),
	    0);
	assert_int_equal(config.guard, -1);
	view_config_free(&config);
}

static void
a_wrong_line_is_not_shown(void **state)
{
	static const char *const lines[] = { "password: S3cret", "password S3cret", "S3cret",
		"pass word = S3cret", "S3cret = x", "Password = S3cret", "password = S3cret",
		"link_key = S3cret", "link_key = S3cret\rtitle = x", "title = S3cret\x01",
		"link_days = S3cret", "link_epoch = S3cret", "session = S3cret",
		"timezone = S3cret", "https = S3cret", "trust_server = S3cret",
		"link_embed = S3cret", "token = S3cret", "sdk_app_id = S3cret", "data_dir = S3cret",
		"data_dir = /d password = S3cret", "data_dir = /d link_key S3cret",
		"data_dir = /d token S3cret", "data_dir = /d # S3cret",
		"include = x.conf password S3cret", "include = link_key=S3cret" };
	struct view_config config;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		assert_int_equal(load(&config, lines[i], 0600, &fault), -1);
		if (strstr(fault.detail, "S3cret") != NULL)
			fail_msg("%s shows it: %s", lines[i], fault.detail);
		view_config_free(&config);
	}
}

/* Neither program takes the other's file. */
static void
files_are_not_mistaken(void **state)
{
	static const char receivers[] = "data_dir = /d\nsdk_app_id = 1\ntoken = S3cret\n";
	struct view_config view;
	struct config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&view, receivers, 0600, &fault), -1);
	assert_non_null(strstr(fault.detail, ":2: sdk_app_id: belongs in msgext.conf"));
	view_config_free(&view);
	assert_int_equal(config_load(&config,
			     file_write("view.conf", REQUIRED, sizeof(REQUIRED) - 1), &fault),
	    -1);
	assert_non_null(strstr(fault.detail, ":2: password: belongs in view.conf"));
	assert_null(strstr(fault.detail, PASSWORD));
	config_free(&config);
}

static void
the_file_is_found(void **state)
{
	const char *source;

	(void)state;
	unsetenv("MSGEXT_VIEW_CONFIG");
	assert_non_null(strstr(view_config_path_default(&source), "/msgext/view.conf"));
	assert_string_equal(source, "the compiled-in default");
	setenv("MSGEXT_VIEW_CONFIG", "", 1);
	assert_non_null(strstr(view_config_path_default(NULL), "/msgext/view.conf"));
	setenv("MSGEXT_VIEW_CONFIG", "/v", 1);
	assert_string_equal(view_config_path_default(&source), "/v");
	assert_string_equal(source, "MSGEXT_VIEW_CONFIG");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_values),
		cmocka_unit_test(doubtful_files_are_refused),
		cmocka_unit_test(secrets_must_be_private),
		cmocka_unit_test(the_file_with_the_password_is_locked),
		cmocka_unit_test(a_wrong_line_is_not_shown),
		cmocka_unit_test(files_are_not_mistaken),
		cmocka_unit_test(the_file_is_found),
	};

	return RUN(tests);
}
