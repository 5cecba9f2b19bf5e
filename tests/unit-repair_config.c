/* The repairer's configuration: what each key takes, and what is refused. */
#include <sys/stat.h>

#include "base/fault.h"
#include "repair/repair_config.h"
#include "unit.h"

#define APP "sdk_app_id = 1400000000\n"
#define DOMAIN "rest_domain = console.tim.qq.com\n"
#define FILES "rest_key_file = /etc/key\n"
#define REQUIRED "data_dir = /d\n" APP DOMAIN FILES

static int
load(struct repair_config *config, const char *text, mode_t mode, struct fault *fault)
{
	const char *path = file_write("repair.conf", text, strlen(text));

	assert_int_equal(chmod(path, mode), 0);
	*fault = (struct fault){ 0 };
	return repair_config_load(config, path, fault);
}

static void
defaults_and_values(void **state)
{
	struct repair_config config;
	struct fault fault;

	(void)state;
	assert_int_equal(load(&config, REQUIRED, 0600, &fault), 0);
	assert_string_equal(config.data_dir, "/d");
	assert_int_equal(config.sdk_app_id, 1400000000);
	assert_string_equal(config.rest_domain, "console.tim.qq.com");
	assert_string_equal(config.rest_admin, "administrator");
	assert_string_equal(config.rest_key_file, "/etc/key");
	assert_null(config.rest_usersig_file);
	assert_null(config.ca_file);
	assert_int_equal(config.rate, 5);
	repair_config_free(&config);

	/* -d can name the directory. */
	assert_int_equal(load(&config,
			     APP "rest_domain = localhost:65535\nrest_usersig_file = /s\n"
				 "rest_admin = \xe4\xb8\xad\nrate = 200\nca_file = /c.pem\n",
			     0640, &fault),
	    0);
	assert_null(config.data_dir);
	assert_string_equal(config.rest_domain, "localhost:65535");
	assert_string_equal(config.rest_admin, "\xe4\xb8\xad");
	assert_null(config.rest_key_file);
	assert_string_equal(config.rest_usersig_file, "/s");
	assert_string_equal(config.ca_file, "/c.pem");
	assert_int_equal(config.rate, 200);
	repair_config_free(&config);
}

static void
what_is_refused(void **state)
{
	static const struct {
		const char *text, *detail;
	} cases[] = {
		{ "", "sdk_app_id is missing (the app's number, in the vendor's console)" },
		{ APP FILES, "rest_domain is missing" },
		{ APP DOMAIN, "rest_key_file or rest_usersig_file is missing" },
		{ APP DOMAIN FILES "rest_usersig_file = /s\n", "are both given" },
		{ "sdk_app_id = any\n", ":1: sdk_app_id: must be an integer from 1" },
		{ "sdk_app_id = 0\n", ":1: sdk_app_id: must be an integer from 1" },
		{ "rate = 0\n", ":1: rate: must be an integer from 1 to 200" },
		{ "rate = 201\n", ":1: rate: must be an integer from 1 to 200" },
		{ "rest_domain = https://a.example\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = .example\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = -a.example\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = :443\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a.example:443x\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a.example/\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a.example?x\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a@b\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a\"b\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = -a\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a:\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a:65536\n", ":1: rest_domain: must be a host's name" },
		{ "rest_domain = a:1:2\n", ":1: rest_domain: must be a host's name" },
		{ "rest_admin = a\tb\n", ":1: rest_admin: must be 1 to 100 bytes" },
		{ "rest_admin = \xff\n", ":1: rest_admin: must be 1 to 100 bytes" },
		{ "rest_key_file = key\n", ":1: rest_key_file: must be an absolute path" },
		{ "ca_file = /c rest_key s3cr3t\n", ":1: ca_file: has another setting" },
		{ "rest_key = s3cr3t\n", ":1: rest_key: belongs in a file of its own" },
		{ "rest_usersig = s3cr3t\n", ":1: rest_usersig: belongs in a file of its own" },
		{ "token = s3cr3t\n", ":1: token: belongs in msgext.conf" },
		{ "password = s3cr3t\n", ":1: password: belongs in view.conf" },
		{ "s3cr3t = 1\n", ":1: line: unknown key (repair.conf(5) lists all keys)" },
	};
	struct repair_config config;
	struct fault fault;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(load(&config, cases[i].text, 0600, &fault), -1);
		assert_int_equal(fault.code, FAULT_CONFIG_MALFORMED);
		if (strstr(fault.detail, cases[i].detail) == NULL)
			assert_string_equal(fault.detail, cases[i].detail);
		assert_null(strstr(fault.detail, "s3cr3t"));
		repair_config_free(&config);
	}
	assert_int_equal(load(&config, REQUIRED, 0604, &fault), -1);
	assert_int_equal(fault.code, FAULT_CONFIG_UNSAFE);
	repair_config_free(&config);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults_and_values),
		cmocka_unit_test(what_is_refused),
	};

	return RUN(tests);
}
