/* Who may look: cookies by their code and time, passwords under the lock, forms. */
#include <sys/file.h>

#include <time.h>

#include "base/fault.h"
#include "request.h"
#include "unit.h"
#include "view/form.h"
#include "view/session.h"
#include "view_config.h"

#define KEY_1 "0123456789abcdef0123456789abcdef"
#define KEY_2 "a second key, of 32 bytes or more"
#define PASSWORD "correct horse battery"
#define NOW UINT64_C(1764688293)

static struct view_config config;

static int
config_make(void **state)
{
	(void)state;
	config = (struct view_config){ .password = PASSWORD,
		.guard = -1,
		.link_keys = { { KEY_1 }, 1, 0 },
		.session = 43200 };
	return 0;
}

/* The cookie that a sign-in at that time gives, in text: "name=value". */
static const char *
cookie_of(uint64_t now, const char *https, char text[SESSION_HEADER_SIZE])
{
	const struct session_client client = { .https = https };
	char header[SESSION_HEADER_SIZE];

	session_begin(&config, &client, now, header);
	snprintf(text, SESSION_HEADER_SIZE, "%.*s", (int)strcspn(header + 12, ";"), header + 12);
	return text;
}

static bool
opens(const char *cookie, const char *https, uint64_t now)
{
	const struct session_client client = { .cookie = cookie, .https = https };

	return session_is_open(&config, &client, now);
}

/*
 * Python: base64.urlsafe_b64encode(hmac.new(hmac.new(KEY_1, b"msgext-view session key\n" + PASSWORD,
 * "sha256").digest(), b"msgext-view session 1\n" + b"1764731493", "sha256").digest()).
 */
static void
a_cookie_is_signed_as_python_signs_it(void **state)
{
	char cookie[SESSION_HEADER_SIZE];

	(void)state;
	assert_string_equal(cookie_of(NOW, NULL, cookie),
	    "msgext-view=1764731493.6LGqF4jOCejwzmobGekNs5P1h06rw57qeWyMd0OJclU");
}

static void
a_cookie_is_good_until_its_time(void **state)
{
	char cookie[SESSION_HEADER_SIZE];

	(void)state;
	cookie_of(NOW, NULL, cookie);
	assert_true(opens(cookie, NULL, NOW));
	assert_true(opens(cookie, NULL, NOW + 43199));
	assert_false(opens(cookie, NULL, NOW + 43200));
	/* One that is good for longer than sessions are now was never given. */
	assert_false(opens(cookie, NULL, NOW - 1));
	config.session = 3600;
	assert_false(opens(cookie, NULL, NOW));
	assert_true(opens(cookie, NULL, NOW + 43200 - 3600));
}

/* Each bit of it: of the name too. */
static void
no_other_cookie_is_good(void **state)
{
	char cookie[SESSION_HEADER_SIZE], other[2 * SESSION_HEADER_SIZE];
	size_t length;

	(void)state;
	length = strlen(cookie_of(NOW, NULL, cookie));
	for (size_t i = 0; i < length * 8; i++) {
		cookie[i / 8] = (char)(cookie[i / 8] ^ 1 << i % 8);
		assert_false(opens(cookie, NULL, NOW));
		cookie[i / 8] = (char)(cookie[i / 8] ^ 1 << i % 8);
	}
	assert_true(opens(cookie, NULL, NOW));
	for (size_t i = 0; i < length; i++) {
		snprintf(other, sizeof(other), "%.*s", (int)i, cookie);
		assert_false(opens(other, NULL, NOW));
	}
	snprintf(other, sizeof(other), "%sA", cookie);
	assert_false(opens(other, NULL, NOW));
	snprintf(other, sizeof(other), "msgext-view=0%s", cookie + 12);
	assert_false(opens(other, NULL, NOW));
	assert_false(opens("", NULL, NOW));
	assert_false(opens("msgext-view=", NULL, NOW));
	assert_false(opens("msgext-view=.", NULL, NOW));
	assert_false(opens("msgext-view=1764731493.", NULL, NOW));
	assert_false(opens(NULL, NULL, NOW));
}

static void
one_of_several_cookies_is_enough(void **state)
{
	char cookie[SESSION_HEADER_SIZE], list[3 * SESSION_HEADER_SIZE];

	(void)state;
	cookie_of(NOW, NULL, cookie);
	snprintf(list, sizeof(list), "a=b; msgext-view=old;%s ; c=\"d", cookie);
	assert_true(opens(list, NULL, NOW));
	snprintf(list, sizeof(list), "x%s; a=%s; ;;=; msgext-view", cookie, cookie);
	assert_false(opens(list, NULL, NOW));
}

/* Another password ends all sessions; a second link_key none. */
static void
keys_and_password_make_the_code(void **state)
{
	char cookie[SESSION_HEADER_SIZE];

	(void)state;
	cookie_of(NOW, NULL, cookie);
	config.link_keys = (struct link_keys){ { KEY_2, KEY_1 }, 2, 0 };
	assert_true(opens(cookie, NULL, NOW));
	config.link_keys.epoch = 1;
	assert_true(opens(cookie, NULL, NOW));
	config.link_keys.count = 1;
	assert_false(opens(cookie, NULL, NOW));
	config.link_keys = (struct link_keys){ { KEY_1 }, 1, 0 };
	assert_true(opens(cookie, NULL, NOW));
	config.password = PASSWORD "!";
	assert_false(opens(cookie, NULL, NOW));
	config.password = NULL;
	assert_false(opens(cookie, NULL, NOW));
}

static void
an_encrypted_connection_has_a_cookie_of_its_own(void **state)
{
	static const char *const not_on[] = { NULL, "", "off", "0", "no", "ON-ish" };
	char plain[SESSION_HEADER_SIZE], secure[SESSION_HEADER_SIZE];
	struct session_client client = { .https = NULL };

	(void)state;
	cookie_of(NOW, NULL, plain);
	cookie_of(NOW, "on", secure);
	assert_int_equal(strncmp(secure, "__Secure-msgext-view=", 21), 0);
	assert_true(
	    opens(secure, "on", NOW) && opens(secure, "ON", NOW) && opens(secure, "1", NOW));
	assert_false(opens(secure, NULL, NOW) || opens(plain, "on", NOW));
	for (size_t i = 0; i < sizeof(not_on) / sizeof(not_on[0]); i++) {
		client.https = not_on[i];
		assert_false(session_is_secure(&config, &client));
	}
	config.https = VIEW_HTTPS_REQUIRED;
	assert_false(session_is_secure(&config, &client));
	config.https = VIEW_HTTPS_YES;
	assert_true(session_is_secure(&config, &client));
}

static void
header_is(const struct session_client *client, const char *end)
{
	char header[SESSION_HEADER_SIZE], wanted[SESSION_HEADER_SIZE];

	session_end(&config, client, header);
	snprintf(wanted, sizeof(wanted), "Set-Cookie: %s\r\n", end);
	assert_string_equal(header, wanted);
}

static void
a_cookie_is_for_the_program_alone(void **state)
{
	static const char *const odd[] = { "view", "/a b", "/a;b", "/a%20", "/a\r\nX", "/\xc3\xa4",
		"/a,b" };
	struct session_client client = { .script = "/cgi-bin/view.cgi" };
	char header[SESSION_HEADER_SIZE], path[SESSION_PATH_MAX + 2];

	(void)state;
	session_begin(&config, &client, NOW, header);
	assert_non_null(strstr(header,
	    "; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; Max-Age=43200\r\n"));
	client.https = "on";
	session_begin(&config, &client, NOW, header);
	assert_non_null(strstr(header,
	    "; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; Secure; Max-Age=43200\r\n"));
	client.https = NULL;
	header_is(&client,
	    "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0\r\n"
	    "Set-Cookie: msgext-view=; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; "
	    "Max-Age=0");
	client.request = "/cgi-bin/view.cgi?g=a";
	header_is(&client,
	    "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0\r\n"
	    "Set-Cookie: msgext-view=; HttpOnly; SameSite=Strict; Path=/cgi-bin/view.cgi; "
	    "Max-Age=0");
	client.request = "/poll?g=a"; /* the server rewrites that */
	header_is(&client, "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
	client.request = "/cgi-bin/view.cgi2";
	header_is(&client, "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
	client.request = NULL;
	for (size_t i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		client.script = odd[i];
		header_is(&client, "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
	}
	memset(path, 'a', sizeof(path) - 1);
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	client.script = path;
	header_is(&client, "msgext-view=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0");
	path[SESSION_PATH_MAX] = '\0';
	session_end(&config, &client, header);
	assert_non_null(strstr(header, "aaaaaa; Max-Age=0\r\n"));
}

static void
the_server_is_believed_where_that_was_said(void **state)
{
	struct session_client client = { .user = "alice", .auth = "Basic" };

	(void)state;
	assert_false(session_is_by_server(&config, &client));
	config.trust_server = true;
	assert_true(session_is_by_server(&config, &client));
	client.auth = "";
	assert_false(session_is_by_server(&config, &client));
	client.auth = NULL;
	assert_false(session_is_by_server(&config, &client));
	client = (struct session_client){ .user = "", .auth = "Basic" };
	assert_false(session_is_by_server(&config, &client));
}

static int64_t
milliseconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* The lock of another process is a file description's: one of this process will do. */
static void
a_wrong_password_takes_a_second_under_the_lock(void **state)
{
	const char *path = file_write("view.conf", "x", 1);
	int other = open(path, O_RDONLY);
	int64_t began = milliseconds();

	(void)state;
	config.guard = open(path, O_RDONLY);
	assert_int_equal(session_attempt(&config, PASSWORD), SESSION_RIGHT);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(session_attempt(&config, PASSWORD), SESSION_BUSY);
	assert_int_equal(session_attempt(&config, "no"), SESSION_BUSY);
	assert_int_equal(flock(other, LOCK_UN), 0);
	assert_true(milliseconds() - began < 900);
	began = milliseconds();
	assert_int_equal(session_attempt(&config, PASSWORD "!"), SESSION_WRONG);
	assert_true(milliseconds() - began >= 990);
	assert_int_equal(flock(other, LOCK_EX | LOCK_NB), 0);
	close(other);
	/* Where there is no lock, the second is all there is. */
	close(config.guard);
	assert_int_equal(session_attempt(&config, PASSWORD), SESSION_RIGHT);
	config.password = NULL;
	assert_int_equal(session_attempt(&config, ""), SESSION_WRONG);
}

/* A server ends a CGI whose client has gone away: the lock is held all the same. */
static void
a_signal_does_not_end_the_second(void **state)
{
	const char *path = file_write("other.conf", "x", 1);
	int other = open(path, O_RDONLY), status, ready[2];
	int64_t began;
	pid_t child;

	(void)state;
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		config.guard = open(path, O_RDONLY);
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		while (session_attempt(&config, "no") == SESSION_BUSY)
			; /* the other one looks whether it is held */
		_exit(0);
	}
	began = milliseconds();
	close(ready[1]);
	assert_int_equal(read(ready[0], (char[1]){ 0 }, 1), 1);
	while (flock(other, LOCK_EX | LOCK_NB) == 0 && milliseconds() - began < 5000)
		assert_int_equal(flock(other, LOCK_UN), 0);
	kill(child, SIGTERM);
	while (flock(other, LOCK_EX | LOCK_NB) != 0 && milliseconds() - began < 5000)
		usleep(1000);
	assert_true(milliseconds() - began >= 990);
	close(other);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
}

/* forms */

static int
parse(struct form *form, const char *text)
{
	struct fault fault = { .detail = "" };

	return form_parse(form, text, strlen(text), &fault);
}

static void
goes_to(const char *text, const char *wanted)
{
	struct form form;
	char query[ADDRESS_SIZE];

	assert_int_equal(parse(&form, text), 0);
	address_print(&form.to, query);
	assert_string_equal(query, wanted);
}

static void
a_form_leads_to_no_other_place(void **state)
{
	struct form form;
	struct fault fault;

	(void)state;
	assert_int_equal(parse(&form, "p=in&password=a+b%26c&from=x"), 0);
	assert_int_equal(form.kind, FORM_SIGN_IN);
	assert_string_equal(form.password, "a b&c");
	assert_int_equal(parse(&form, "p=out&password=x"), 0);
	assert_int_equal(form.kind, FORM_SIGN_OUT);
	goes_to("p=in&password=x", "?");
	goes_to("p=in&password=x&to=", "?");
	goes_to("p=in&password=x&to=g%3Da%26m%3D5", "?g=a&m=5");
	goes_to("p=in&password=x&to=%3Fg%3D%2540x%26lang%3Dja", "?g=%40x&lang=ja");
	goes_to("p=in&password=x&to=https%3A%2F%2Fevil.example%2F", "?");
	goes_to("p=in&password=x&to=%2F%2Fevil.example%3Fg%3Da", "?");
	goes_to("p=in&password=x&to=g%3Da%0D%0ASet-Cookie:%20a%3Db",
	    "?g=a%0D%0ASet-Cookie%3A%20a%3Db");
	goes_to("p=in&password=x&to=g%3Da%26m%3Dx", "?");
	goes_to("p=in&password=x&to=javascript:alert(1)", "?");
	assert_int_equal(parse(&form, ""), -1);
	assert_string_equal(form.to.wrong, "p");
	assert_int_equal(parse(&form, "p=share"), -1);
	assert_string_equal(form.to.wrong_value, "share");
	assert_int_equal(parse(&form, "p=in"), -1);
	assert_string_equal(form.to.wrong, "password");
	assert_null(form.to.wrong_value);
	assert_int_equal(parse(&form, "p=in&password=x&password=y"), -1);
	assert_int_equal(parse(&form, "p=in&password=%zz"), -1);
	assert_int_equal(form_parse(&form, "p=in\0&password=x", 17, &fault), -1);
}

int
main(void)
{
#define WITH_CONFIG(test) cmocka_unit_test_setup(test, config_make)
	static const struct CMUnitTest tests[] = {
		WITH_CONFIG(a_cookie_is_signed_as_python_signs_it),
		WITH_CONFIG(a_cookie_is_good_until_its_time),
		WITH_CONFIG(no_other_cookie_is_good),
		WITH_CONFIG(one_of_several_cookies_is_enough),
		WITH_CONFIG(keys_and_password_make_the_code),
		WITH_CONFIG(an_encrypted_connection_has_a_cookie_of_its_own),
		WITH_CONFIG(a_cookie_is_for_the_program_alone),
		WITH_CONFIG(the_server_is_believed_where_that_was_said),
		WITH_CONFIG(a_wrong_password_takes_a_second_under_the_lock),
		WITH_CONFIG(a_signal_does_not_end_the_second),
		WITH_CONFIG(a_form_leads_to_no_other_place),
	};

	return RUN(tests);
}
