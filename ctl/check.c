/*
 * check.c - msgextctl check, sample: is this installation right?
 */
#include <sys/stat.h>

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include <sha2.h>

#include "check.h"
#include "config.h"
#include "ctl/ctl.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "ctl/sample.h"

/* Becomes the user for good: 0, or the exit status; name: NULL where it has none. */
static int
user_become(const char *name, uid_t uid, gid_t gid)
{
	if ((name == NULL ? setgroups(0, NULL) : initgroups(name, gid)) == 0 && setgid(gid) == 0 &&
	    setuid(uid) == 0)
		return EX_OK;
	fprintf(stderr, "msgextctl: check as %s (user %lu): %s (run this as root)\n",
	    name == NULL ? "a user without a name" : name, (unsigned long)uid, strerror(errno));
	return EX_NOPERM;
}

/* With whose eyes?  Becomes that user for good; source: says why.  0, or the exit status. */
static int
user_choose(const struct ctl *ctl, const char **source)
{
	const struct passwd *user;
	struct stat status;

	if (ctl->as_user != NULL) {
		user = getpwnam(ctl->as_user);
		if (user == NULL) {
			fprintf(stderr, "msgextctl: --as: there is no user %s\n", ctl->as_user);
			return EX_NOUSER;
		}
		*source = "because of --as";
		return user_become(user->pw_name, user->pw_uid, user->pw_gid);
	}
	/*
	 * Root in another's directory looks as that one, who alone can be the receiver's user; and
	 * could be led astray there.
	 */
	if (geteuid() != 0 || ctl->store.data_dir == NULL ||
	    stat(ctl->store.data_dir, &status) != 0 || status.st_uid == 0)
		return EX_OK;
	*source = "the owner of the data directory; --as USER checks as another";
	user = getpwuid(status.st_uid);
	return user == NULL ? user_become(NULL, status.st_uid, status.st_gid)
			    : user_become(user->pw_name, user->pw_uid, user->pw_gid);
}

static void
line_tell(void *context, const char *line)
{
	struct ctl *ctl = context;
	char *shown = text_show(&ctl->printer, line, strlen(line));
	int word = (int)strcspn(line, " ");
	enum style which = strncmp(line, "ERROR ", 6) == 0 ? STYLE_ERROR
	    : strncmp(line, "WARNING ", 8) == 0            ? STYLE_LOST
							   : STYLE_PLAIN;
	bool styled = ctl->printer.colours && which != STYLE_PLAIN;

	if (shown == NULL)
		word = 0;
	printf("%s%.*s%s%s\n", style(styled, which), word, line, style(styled, STYLE_PLAIN),
	    shown == NULL ? "" : shown + word);
	fflush(stdout); /* the check forks */
	free(shown);
}

int
ctl_check(struct ctl *ctl)
{
	const char *user_source = NULL;
	int status = user_choose(ctl, &user_source);
	struct check check = {
		.config = &ctl->config,
		.config_path = ctl->config_path,
		.config_source = ctl->config_source,
		.data_dir = ctl->data_dir,
		.document_root = getenv("DOCUMENT_ROOT"),
		.user_source = user_source,
		.names_logs = true,
		.tell = line_tell,
		.context = ctl,
		.store = ctl->store,
	};

	if (status != EX_OK)
		return status;
	check.store.owner = geteuid();
	check_run(&check);
	printf("%u errors, %u warnings\n", check.errors, check.warnings);
	return check.errors > 0 ? CTL_NOTHING : EX_OK;
}

/* sample */

/* Prints two texts as one word for a shell. */
static void
word_print(const char *first, const char *second)
{
	const char *const texts[] = { first, second };

	putchar('\'');
	for (size_t i = 0; i < 2; i++)
		for (const char *text = texts[i]; *text != '\0'; text++)
			if (*text == '\'')
				fputs("'\\''", stdout);
			else
				putchar(*text);
	putchar('\'');
}

int
ctl_sample(struct ctl *ctl)
{
	const struct config *config = &ctl->config;
	unsigned long long now = (unsigned long long)time(NULL);
	char body[SAMPLE_SIZE], query[SAMPLE_SIZE], signed_query[SAMPLE_SIZE + 256],
	    signature[256] = "";

	if (!ctl->configured && ctl->config_path != NULL)
		return ctl_fail(ctl);
	if (config->token_count > 0) {
		char secret[512], sign[SHA256_DIGEST_STRING_LENGTH];
		int length = snprintf(secret, sizeof(secret), "%s%llu", config->tokens[0], now);

		SHA256Data((const uint8_t *)secret, (size_t)length, sign);
		snprintf(signature, sizeof(signature), "&Sign=%s&RequestTime=%llu", sign, now);
	}
	sample_query(query, config);
	snprintf(signed_query, sizeof(signed_query), "%s%s", query, signature);
	sample_body(body, now);
	fputs("curl -sS --data-binary ", stdout);
	word_print(body, "");
	fputs(" \\\n    ", stdout);
	word_print(ctl->url == NULL ? "https://your.host/msgext" : ctl->url, signed_query);
	putchar('\n');
	if (config->token_count > 0)
		fprintf(stderr, "msgextctl: the signature is good for %llu s\n",
		    (unsigned long long)config->max_skew);
	return EX_OK;
}
