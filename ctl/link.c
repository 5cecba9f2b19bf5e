/*
 * link.c - msgextctl link: makes and reads signed links, as the viewer does.
 *
 * It needs view.conf alone, which has the keys, and reads no log. It only looks whether the group
 * has one: a link to a group that is spelt wrong leads nowhere, and whoever gets it would find out
 * first.
 */
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "base/fault.h"
#include "base/time.h"
#include "ctl/ctl.h"
#include "ctl/group.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "link.h"
#include "names.h"
#include "view_config.h"

#define DAYS_DEFAULT 7
#define SECONDS_A_DAY 86400

/* Can a query follow it, and is it one word in a text? */
static bool
url_is_right(const char *url)
{
	if (strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
		return false;
	for (const char *at = url; *at != '\0'; at++)
		if (*at <= ' ' || *at > '~' || strchr("?#\"<>\\", *at) != NULL)
			return false;
	return true;
}

static void
group_look(const struct ctl *ctl, const struct view_config *config)
{
	char name[STORE_NAME_SIZE], path[PATH_MAX];
	struct stat status;
	int length;

	store_name_find(config->data_dir, ctl->selection.group, name);
	length = snprintf(path, sizeof(path), "%s/%s", config->data_dir, name);
	if (length > 0 && (size_t)length < sizeof(path) &&
	    fstatat(AT_FDCWD, path, &status, 0) != 0 && errno == ENOENT)
		fputs("msgextctl: no events of that group yet: compare its name with msgextctl "
		      "groups\n",
		    stderr);
}

static int
link_make(const struct ctl *ctl, const struct view_config *config)
{
	struct link link = { .msg_seq = ctl->selection.message, .names = ctl->names };
	uint64_t days = ctl->days, most = config->link_days;
	char query[LINK_QUERY_SIZE], time[TIME_SIZE], why[80];
	const char *title = ctl->title == NULL ? "" : ctl->title;
	struct fault fault;

	if (days == UINT64_MAX)
		days = most < DAYS_DEFAULT ? most : DAYS_DEFAULT;
	if (days < 1 || days > most) {
		snprintf(why, sizeof(why),
		    "must be 1 to %" PRIu64 ", which is link_days of view.conf", most);
		return ctl_usage(ctl, "--days", why);
	}
	if (strlen(title) > LINK_TITLE_MAX)
		return ctl_usage(ctl, "--title", "must have at most 100 bytes");
	if (ctl->url != NULL && !url_is_right(ctl->url))
		return ctl_usage(ctl, "--url",
		    "must be like https://your.host/view, without blanks, ? and #");
	strcpy(link.group, ctl->selection.group);
	strcpy(link.title, title);
	link.expiry = (uint64_t)time_now() / 1000 + days * SECONDS_A_DAY;
	if (link_sign(&config->link_keys, &link, query, &fault) != 0) {
		fprintf(stderr, "msgextctl: %s (see msgextctl link --help)\n", fault.detail);
		return EX_USAGE;
	}
	printf("%s?%s\n", ctl->url == NULL ? "" : ctl->url, query);
	fflush(stdout);
	group_look(ctl, config);
	time_print((int64_t)link.expiry * 1000, time);
	fprintf(stderr,
	    "msgextctl: everyone who has this link sees the result, with names %s, until %s\n",
	    link.names ? "shown" : "hidden", time);
	if (ctl->url == NULL)
		fputs("msgextctl: put the viewer's address before it, or use --url URL\n", stderr);
	return EX_OK;
}

static void
member_print(struct ctl *ctl, const char *name, const char *value)
{
	char *shown = text_show(&ctl->printer, value, strlen(value));

	printf("%-8s %s\n", name, shown == NULL ? "" : shown);
	free(shown);
}

static int
link_verify(struct ctl *ctl, const struct view_config *config)
{
	const char *mark = strchr(ctl->verify, '?');
	char query[PARAMETERS_LENGTH_MAX + 2], decoded[PARAMETERS_LENGTH_MAX + 1], text[TIME_SIZE];
	struct link_values values;
	enum link_result result;
	struct link link;

	if (mark == NULL)
		return ctl_usage(ctl, "--verify", "has no ?: give the whole link, in quotes");
	snprintf(query, sizeof(query), "%.*s", (int)strcspn(mark + 1, "#"), mark + 1);
	if (link_read(query, decoded, &values, &ctl->fault) != 0) {
		fprintf(stderr, "msgextctl: %s: %s\n", fault_slug(ctl->fault.code),
		    ctl->fault.detail);
		return EX_DATAERR;
	}
	result = link_check(&config->link_keys, &values, (uint64_t)time_now() / 1000, &link);
	if (result == LINK_WRONG) {
		fputs("msgextctl: the link is not complete, or was changed, or was made with "
		      "another link_key or link_epoch: copy the whole link, or make a new one\n",
		    stderr);
		return CTL_NOTHING;
	}
	puts(result == LINK_SOUND ? "sound" : "expired");
	member_print(ctl, "group", link.group);
	printf("%-8s %" PRIu64 "\n", "message", link.msg_seq);
	if (link.title[0] != '\0')
		member_print(ctl, "title", link.title);
	member_print(ctl, "names", link.names ? "shown" : "hidden");
	time_print((int64_t)link.expiry * 1000, text);
	member_print(ctl, "until", text);
	return result == LINK_SOUND ? EX_OK : CTL_NOTHING;
}

int
ctl_link(struct ctl *ctl)
{
	const char *path =
	    ctl->config_path == NULL ? view_config_path_default(NULL) : ctl->config_path;
	struct view_config config;
	int status;

	if (view_config_load(&config, path, &ctl->fault) != 0) {
		status = ctl_fail(ctl);
		if (ctl->fault.code == FAULT_CONFIG_MISSING)
			fputs("msgextctl: links need the viewer's configuration, view.conf(5): "
			      "name it with -c FILE or MSGEXT_VIEW_CONFIG\n",
			    stderr);
	} else if (ctl->verify != NULL) {
		status = link_verify(ctl, &config);
	} else {
		ctl->store.data_dir = config.data_dir;
		ctl_group_find(ctl);
		status = link_make(ctl, &config);
	}
	view_config_free(&config);
	return status;
}
