/*
 * session.h - who may look: the password, and the cookie that stands for it
 *
 *	if (session_is_open(config, &client, now))
 *		...			somebody who has signed in
 *
 *	switch (session_attempt(config, password)) {
 *	case SESSION_RIGHT:
 *		session_begin(config, &client, now, header);	a Set-Cookie for the answer
 *
 * No state is kept: a cookie says until when it is good, under a key that link_key and password make.
 * So another password ends all sessions, and one alone cannot be ended before its time.
 */
#ifndef VIEW_SESSION_H
#define VIEW_SESSION_H

#include <stdbool.h>
#include <stdint.h>

struct view_config;

/* What a request says of its sender: CGI variables, each NULL where the server gave none. */
struct session_client {
	const char *cookie;  /* HTTP_COOKIE */
	const char *https;   /* HTTPS */
	const char *user;    /* REMOTE_USER */
	const char *auth;    /* AUTH_TYPE */
	const char *script;  /* SCRIPT_NAME */
	const char *request; /* REQUEST_URI */
};

#define SESSION_PATH_MAX 255
/* Two Set-Cookie lines with their CRLF and NUL. */
#define SESSION_HEADER_SIZE (SESSION_PATH_MAX + 448)

/* Does the request come encrypted, as the server or the configuration says? */
bool session_is_secure(const struct view_config *config, const struct session_client *client);

/* Has the web server itself asked who it is, and is it to be believed? */
bool session_is_by_server(const struct view_config *config, const struct session_client *client);

/* Is there a cookie of a session that is not over at now (seconds since 1970)? */
bool session_is_open(const struct view_config *config, const struct session_client *client,
    uint64_t now);

enum session_attempt {
	SESSION_RIGHT,
	SESSION_WRONG, /* after a second, in which nobody else's attempt counts */
	SESSION_BUSY   /* such a second: the password was not looked at */
};

/* Is that the password?  Of all processes together, one a second is told that it is not. */
enum session_attempt session_attempt(const struct view_config *config, const char *password);

/*
 * Writes the header line that begins a session at now (seconds since 1970), or the lines that end
 * the one that is open, by whichever of its addresses the viewer was called when it began.
 */
void session_begin(const struct view_config *config, const struct session_client *client,
    uint64_t now, char header[SESSION_HEADER_SIZE]);
void session_end(const struct view_config *config, const struct session_client *client,
    char header[SESSION_HEADER_SIZE]);

#endif
