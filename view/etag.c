/*
 * etag.c - has a page changed since the browser got it?
 *
 * An ETag is a hash of all that a page depends on: this program, what the configuration has pages
 * show, the address as it is printed anew, language, who asks, and how the logs look from outside.
 * One log is its device, inode, size and times; a page of all groups or of the latest events has
 * the same of each log.
 *
 * The minute is in it, because "As of 16:42" is on the page: else an unchanged page would seem to
 * be of long ago.  A page of the past says nothing of now but which day is today, and a download not even
 * that.
 *
 * What looks at more than logs (the self-test) or is to be kept nowhere (a link that is made) has none.
 *
 * Whoever compares must bear what stands between: servers that compress mark the tag ("-gzip"), or
 * make it weak.
 */
#include "view/etag.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <sha2.h>

#include "base/base.h"
#include "base/hmac.h"
#include "base/text.h"
#include "names.h"
#include "view/address.h"
#include "view/view.h"

#define ETAG_BYTES 16
#define MINUTE_MILLISECONDS 60000
#define MINUTES_A_DAY 1440

static void
number_add(SHA2_CTX *hash, int64_t number)
{
	SHA256Update(hash, (const uint8_t *)&number, sizeof(number));
}

/* Its length first, so that no two lists of texts are the same bytes. */
static void
text_add(SHA2_CTX *hash, const char *text)
{
	size_t length = text == NULL ? 0 : strlen(text);

	number_add(hash, text == NULL ? -1 : (int64_t)length);
	if (length > 0)
		SHA256Update(hash, (const uint8_t *)text, length);
}

static void
status_add(SHA2_CTX *hash, const struct stat *status)
{
	number_add(hash, (int64_t)status->st_dev);
	number_add(hash, (int64_t)status->st_ino);
	number_add(hash, status->st_size);
	number_add(hash, status->st_mtim.tv_sec);
	number_add(hash, status->st_mtim.tv_nsec);
	number_add(hash, status->st_ctim.tv_sec); /* a time of change that was set back counts */
	number_add(hash, status->st_ctim.tv_nsec);
}

/* This program: its version, and its file, which stays the same as long as it runs; without /proc zeros. */
static void
program_add(SHA2_CTX *hash)
{
	static struct stat status;
	static bool known;

	text_add(hash, MSGEXT_VERSION);
	if (!known)
		(void)fstatat(AT_FDCWD, "/proc/self/exe", &status, 0);
	known = true;
	status_add(hash, &status);
}

static void
config_add(SHA2_CTX *hash, const struct view_config *config)
{
	text_add(hash, config->data_dir);
	text_add(hash, config->title);
	text_add(hash, config->link_embed);
	number_add(hash, (int64_t)config->link_days);
	number_add(hash, config->timezone);
	number_add(hash, config->https);
	number_add(hash, config->trust_server);
}

static void
reader_add(SHA2_CTX *hash, const struct view *view)
{
	char query[ADDRESS_SIZE];

	address_print(view->address, query);
	text_add(hash, query);
	number_add(hash, view->language);
	number_add(hash, view->signed_in);
	number_add(hash, view->by_server);
	number_add(hash, view->secure);
}

static void
time_add(SHA2_CTX *hash, const struct view *view)
{
	int64_t minute = view->now / MINUTE_MILLISECONDS;

	if (view->address->download != DOWNLOAD_NONE)
		return;
	if (view->address->version > 0)
		minute = (minute + view->config->timezone) / MINUTES_A_DAY;
	number_add(hash, minute);
}

static bool
log_add(SHA2_CTX *hash, const struct view *view)
{
	const char *group = view->link == NULL ? view->address->group : view->link->group;
	char name[STORE_NAME_SIZE], path[PATH_MAX];
	struct stat status;
	int length;

	store_name_find(view->config->data_dir, group, name);
	length = snprintf(path, sizeof(path), "%s/%s", view->config->data_dir, name);
	if (length < 0 || (size_t)length >= sizeof(path) ||
	    fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode))
		return false;
	status_add(hash, &status);
	return true;
}

/* The order in which a directory tells its names is the same as long as they are. */
static bool
logs_add(SHA2_CTX *hash, const struct view *view)
{
	DIR *directory = opendir(view->config->data_dir);
	const struct dirent *entry;
	struct stat status;
	bool whole = directory != NULL;

	while (whole && (errno = 0, entry = readdir(directory)) != NULL) {
		if (!scan_name_is_log(entry->d_name))
			continue;
		whole = fstatat(dirfd(directory), entry->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0;
		text_add(hash, entry->d_name);
		status_add(hash, &status);
	}
	whole = whole && errno == 0;
	if (directory != NULL)
		closedir(directory);
	return whole;
}

static bool
files_add(SHA2_CTX *hash, const struct view *view)
{
	switch (view->address->page) {
	case PAGE_GROUPS:
	case PAGE_EVENTS:
		return logs_add(hash, view);
	case PAGE_GROUP:
	case PAGE_MESSAGE:
	case PAGE_SHARED:
		return log_add(hash, view);
	default:
		return false;
	}
}

bool
etag_make(const struct view *view, char etag[ETAG_SIZE])
{
	uint8_t digest[SHA256_DIGEST_LENGTH];
	SHA2_CTX hash;
	char *at = etag;

	SHA256Init(&hash);
	program_add(&hash);
	config_add(&hash, view->config);
	reader_add(&hash, view);
	time_add(&hash, view);
	if (!files_add(&hash, view))
		return false;
	SHA256Final(digest, &hash);
	*at++ = '"';
	for (size_t i = 0; i < ETAG_BYTES; i++) {
		*at++ = hex_digits[digest[i] >> 4];
		*at++ = hex_digits[digest[i] & 15];
	}
	*at++ = '"';
	*at = '\0';
	return true;
}

/* The length of an entity tag without W/, with its quotes; 0: it is none. */
static size_t
tag_length(const char *text)
{
	const char *end = text[0] == '"' ? strchr(text + 1, '"') : NULL;

	return end == NULL ? 0 : (size_t)(end - text) + 1;
}

/* Is it the tag, or the tag with the mark of a server that compresses? */
static bool
tag_is(const char *tag, size_t length, const char etag[ETAG_SIZE])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz";
	size_t ours = strlen(etag) - 1, mark; /* up to its last quote */

	if (length <= ours || strncmp(tag, etag, ours) != 0)
		return false;
	if (tag[ours] == '"')
		return true;
	mark = strspn(tag + ours + 1, letters);
	return (tag[ours] == '-' || tag[ours] == ';') && mark > 0 && tag[ours + 1 + mark] == '"';
}

bool
etag_matches(const char *list, const char etag[ETAG_SIZE])
{
	if (list == NULL)
		return false;
	for (;;) {
		size_t length;

		list += strspn(list, " \t,");
		if (strncmp(list, "W/", 2) == 0)
			list += 2;
		length = tag_length(list);
		if (length == 0)
			return false;
		if (tag_is(list, length, etag))
			return true;
		list += length;
	}
}
