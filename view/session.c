/*
 * session.c - who may look: the password, and the cookie that stands for it.
 *
 * The cookie is EXPIRY.CODE, the code being HMAC-SHA256 over the expiry.  Its key is made of link_key and
 * password, so that a stolen cookie tests no guess of the password, and no key of a link signs a
 * session.  It is good until its expiry, at most as long as a session lasts now.  Two of the same
 * second are equal, which harms nobody.  Of several cookies of our name one that is right is
 * enough: a browser sends those of other paths too.
 *
 * Against guessing there is no state either: an attempt takes a lock (flock) on the file that holds the
 * password, and does not wait for it.  Who has it is compared; who is wrong sleeps a second and
 * holds it.  So this host tests one password a second, however many connections ask, and one
 * process at most sleeps.  Who has it not learns nothing: his password is not looked at.  No signal may end a
 * process that sleeps: a web server sends one to a CGI whose client has gone away, and a client that went
 * away at once after each guess would be told by the silence that it was wrong.
 * Over NFS there may be no such lock; then an attempt takes its second without one, and the
 * password's length is what holds.
 *
 * The server's own sign-in (trust_server) counts where it says both who and how: AUTH_TYPE is what
 * no request can set.
 */
#include "view/session.h"

#include <sys/file.h>

#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/base.h"
#include "base/hash.h"
#include "base/hmac.h"
#include "base/text.h"
#include "link.h"
#include "view_config.h"

#define KEY_PURPOSE "msgext-view session key\n"
#define SESSION_PURPOSE "msgext-view session 1\n"
#define EXPIRY_DIGITS_MAX 12
#define ATTEMPT_SECONDS 1

/* the cookie */

/* The code of an expiry's digits, under one of the keys. */
static void
session_code(const struct view_config *config, size_t key, const char *digits, size_t length,
    uint8_t code[HMAC_SIZE])
{
	char text[sizeof(KEY_PURPOSE) + VIEW_SECRET_SIZE_MAX];
	uint8_t made[HMAC_SIZE];
	const char *link_key = config->link_keys.keys[key];
	int count = snprintf(text, sizeof(text), KEY_PURPOSE "%s", config->password);

	hmac_sha256(link_key, strlen(link_key), text, (size_t)count, made);
	count = snprintf(text, sizeof(text), SESSION_PURPOSE "%.*s", (int)length, digits);
	hmac_sha256((const char *)made, sizeof(made), text, (size_t)count, code);
}

/* Is it the value of a session's cookie that is not over? */
static bool
value_is_right(const struct view_config *config, const char *value, size_t length, uint64_t now)
{
	const char *point = memchr(value, '.', length);
	size_t digits = point == NULL ? 0 : (size_t)(point - value);
	uint8_t code[HMAC_SIZE], given[HMAC_SIZE];
	char text[HMAC_TEXT_LENGTH + 1];
	unsigned matches = 0;
	uint64_t expiry;

	if (digits == 0 || digits > EXPIRY_DIGITS_MAX || length != digits + 1 + HMAC_TEXT_LENGTH ||
	    !integer_parse(value, digits, &expiry))
		return false;
	memcpy(text, point + 1, HMAC_TEXT_LENGTH);
	text[HMAC_TEXT_LENGTH] = '\0';
	if (now >= expiry || expiry > now + config->session || !hmac_parse(text, given))
		return false;
	for (size_t i = 0; i < config->link_keys.count; i++) {
		session_code(config, i, value, digits, code);
		matches |= hmac_equal(code, given);
	}
	return matches != 0;
}

bool
session_is_secure(const struct view_config *config, const struct session_client *client)
{
	return config->https == VIEW_HTTPS_YES ||
	    (client->https != NULL &&
		(strcasecmp(client->https, "on") == 0 || strcmp(client->https, "1") == 0));
}

bool
session_is_by_server(const struct view_config *config, const struct session_client *client)
{
	return config->trust_server && client->user != NULL && client->user[0] != '\0' &&
	    client->auth != NULL && client->auth[0] != '\0';
}

/* A browser gives and takes a name that begins so over an encrypted connection only. */
static const char *
cookie_name(const struct view_config *config, const struct session_client *client)
{
	return session_is_secure(config, client) ? "__Secure-msgext-view=" : "msgext-view=";
}

bool
session_is_open(const struct view_config *config, const struct session_client *client, uint64_t now)
{
	const char *name = cookie_name(config, client), *at = client->cookie;
	size_t name_length = strlen(name);

	if (config->password == NULL || at == NULL)
		return false;
	while (*at != '\0') {
		size_t length;

		at += strspn(at, " \t;");
		length = strcspn(at, "; \t");
		if (length > name_length && strncmp(at, name, name_length) == 0 &&
		    value_is_right(config, at + name_length, length - name_length, now))
			return true;
		at += length;
	}
	return false;
}

/* Who may send the cookie back: the program alone, where its path is one that a header can say. */
static void
path_print(const struct session_client *client, char path[SESSION_PATH_MAX + 1])
{
	static const char plain[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789/._~-";
	const char *script = client->script == NULL ? "" : client->script;
	size_t length = strlen(script);

	strcpy(path, "/");
	if (script[0] != '/' || length > SESSION_PATH_MAX || strspn(script, plain) != length)
		return;
	/* A server may call the program under another name than the one the browser asks for. */
	if (client->request != NULL &&
	    (strncmp(client->request, script, length) != 0 ||
		strchr("/?", client->request[length]) == NULL))
		return;
	strcpy(path, script);
}

/* Adds a header line. */
static void
header_add(const struct view_config *config, const struct session_client *client, const char *value,
    const char *path, char header[SESSION_HEADER_SIZE])
{
	size_t used = strlen(header);

	snprintf(header + used, SESSION_HEADER_SIZE - used,
	    "Set-Cookie: %s%s; HttpOnly; SameSite=Strict; Path=%s%s; Max-Age=%" PRIu64 "\r\n",
	    cookie_name(config, client), value, path,
	    session_is_secure(config, client) ? "; Secure" : "",
	    value[0] == '\0' ? 0 : config->session);
}

void
session_begin(const struct view_config *config, const struct session_client *client, uint64_t now,
    char header[SESSION_HEADER_SIZE])
{
	char value[EXPIRY_DIGITS_MAX + 12 + HMAC_TEXT_LENGTH], text[HMAC_TEXT_LENGTH + 1];
	char path[SESSION_PATH_MAX + 1];
	uint8_t code[HMAC_SIZE];
	int digits = snprintf(value, sizeof(value), "%" PRIu64, now + config->session);

	session_code(config, 0, value, (size_t)digits, code);
	hmac_print(code, text);
	snprintf(value + digits, sizeof(value) - (size_t)digits, ".%s", text);
	path_print(client, path);
	header[0] = '\0';
	header_add(config, client, value, path, header);
}

void
session_end(const struct view_config *config, const struct session_client *client,
    char header[SESSION_HEADER_SIZE])
{
	char path[SESSION_PATH_MAX + 1];

	path_print(client, path);
	header[0] = '\0';
	/*
	 * It may have begun under another name of the program, for which path_print had none.  That comes
	 * first: a client that has no cookie of a line's path can take the line before it for undone (curl 7).
	 */
	if (strcmp(path, "/") != 0)
		header_add(config, client, "", "/", header);
	header_add(config, client, "", path, header);
}

/* the password */

/* How near the two are is not told by the time that this takes: their codes are compared. */
static bool
password_is_right(const char *password, const char *given)
{
	uint8_t wanted[HMAC_SIZE], got[HMAC_SIZE];
	struct hash_seed key;

	hash_seed_make(&key);
	hmac_sha256((const char *)&key, sizeof(key), password, strlen(password), wanted);
	hmac_sha256((const char *)&key, sizeof(key), given, strlen(given), got);
	return hmac_equal(wanted, got);
}

/* Signals are held back. */
static void
second_wait(void)
{
	const struct timespec second = { ATTEMPT_SECONDS, 0 };

	nanosleep(&second, NULL);
}

enum session_attempt
session_attempt(const struct view_config *config, const char *password)
{
	enum session_attempt attempt = SESSION_BUSY;
	sigset_t all, before;

	if (config->password == NULL)
		return SESSION_WRONG;
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	if (flock(config->guard, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) {
		attempt = SESSION_RIGHT;
		if (!password_is_right(config->password, password)) {
			attempt = SESSION_WRONG;
			second_wait();
		}
		(void)flock(config->guard, LOCK_UN);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	return attempt;
}
