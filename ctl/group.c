/*
 * group.c - the groups and messages that people name, and those that they mean.
 *
 * Whoever looks into the data directory sees file names, and gives one of them.  A group is what it
 * says first, and only where it has no log may it be a file's name: so no group is ever taken for
 * another.  Which group's log a file is, its first record says.
 */
#include "ctl/group.h"

#include <sys/stat.h>

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fault.h"
#include "base/text.h"
#include "ctl/ctl.h"
#include "ctl/guess.h"
#include "ctl/print.h"
#include "ctl/read.h"
#include "log/scan.h"
#include "log/source.h"
#include "log/state.h"
#include "names.h"
#include "record.h"

#define MESSAGES_NAMED 8 /* more are counted */

bool
ctl_group_is_missing(const struct ctl *ctl)
{
	char name[STORE_NAME_SIZE], path[PATH_MAX];
	struct stat status;
	int length;

	if (ctl->from != NULL || ctl->store.data_dir == NULL || ctl->selection.group == NULL)
		return false;
	store_name_find(ctl->store.data_dir, ctl->selection.group, name);
	length = snprintf(path, sizeof(path), "%s/%s", ctl->store.data_dir, name);
	return length > 0 && (size_t)length < sizeof(path) && lstat(path, &status) != 0 &&
	    errno == ENOENT;
}

int
ctl_log_group(struct ctl *ctl, const char *name, char group_id[GROUP_ID_MAX + 1])
{
	uint64_t unreadable = ctl->unreadable, lines = 0;
	struct record record;
	struct scan scan;
	struct line line;
	int result = scan_open(&scan, ctl->store.data_dir, name, &ctl->fault);

	group_id[0] = '\0';
	if (result != 1)
		return result;
	while (group_id[0] == '\0' && (result = scan_next(&scan, &line, &ctl->fault)) == 1) {
		result = ctl_record(ctl, name, &line, &record);
		lines++;
		if (result < 0)
			break;
		if (result == 1)
			strcpy(group_id, record.event.group_id);
	}
	scan_close(&scan);
	ctl->unreadable = unreadable;
	if (result == 0 && lines > 0)
		return fault_set(&ctl->fault, FAULT_LOG_UNSAFE,
		    "%s: none of its lines is of a group whose log has that name", name);
	return result;
}

void
ctl_group_find(struct ctl *ctl)
{
	const char *text = ctl->selection.group, *slash;
	char name[STORE_NAME_SIZE];
	size_t length;

	if (!ctl_group_is_missing(ctl))
		return;
	slash = strrchr(text, '/');
	if (slash != NULL)
		text = slash + 1;
	length = strlen(text);
	if (length > strlen(LOG_ENDING) &&
	    strcmp(text + length - strlen(LOG_ENDING), LOG_ENDING) == 0)
		length -= strlen(LOG_ENDING);
	if (length + sizeof(LOG_ENDING) > sizeof(name))
		return;
	sprintf(name, "%.*s%s", (int)length, text, LOG_ENDING);
	if (!scan_name_is_log(name))
		return;
	if (ctl_log_group(ctl, name, ctl->group_found) == 1)
		ctl->selection.group = ctl->group_found;
	ctl->fault.code = FAULT_NONE; /* the command says what is wrong */
}

/* Folds all that there is of the group.  -1: ctl->fault, or there is nothing. */
static int
messages_read(struct ctl *ctl, struct state *state)
{
	struct source source;
	struct item item;
	int more = -1;

	if (ctl_open(ctl, &source) != 0)
		return -1;
	if (source_log(&source, &ctl->fault) == 1)
		while ((more = ctl_next(ctl, &source, &item)) == 1)
			if (ctl_fold_versions(ctl, state, &item.record) != 0)
				break;
	source_close(&source);
	return more == 0 ? 0 : -1;
}

static void
messages_print(struct message *const *messages, size_t count)
{
	unsigned long long newest = messages[count - 1]->msg_seq;

	if (count > MESSAGES_NAMED) {
		fprintf(stderr,
		    "msgextctl: the group has %zu messages, the newest is %llu: msgextctl show "
		    "GROUP lists them\n",
		    count, newest);
		return;
	}
	fprintf(stderr, "msgextctl: the group has message%s ", count == 1 ? "" : "s");
	for (size_t i = 0; i + 1 < count; i++)
		fprintf(stderr, "%llu%s", (unsigned long long)messages[i]->msg_seq,
		    i + 2 < count ? ", " : " and ");
	fprintf(stderr, "%llu\n", newest);
}

/* Tells which messages the group has, where ctl's message is none of them.  False: it told nothing. */
static bool
messages_tell(struct ctl *ctl)
{
	const struct selection selection = ctl->selection;
	uint64_t unreadable = ctl->unreadable;
	struct state *state = state_new();
	struct message **messages = NULL;
	size_t count = 0;

	ctl->selection.has_message = false;
	if (state != NULL && messages_read(ctl, state) == 0)
		messages = state_messages(state, &count);
	if (messages == NULL || state_message(state, selection.message) != NULL)
		count = 0;
	if (count > 0)
		messages_print(messages, count);
	state_free(state);
	ctl->selection = selection;
	ctl->unreadable = unreadable;
	ctl->fault.code = FAULT_NONE;
	return count > 0;
}

/* The group whose log has that name; false: the name is cut, or no log's. */
static bool
name_decode(const char *name, char group_id[GROUP_ID_MAX + 1])
{
	size_t used = 0;

	for (; *name != '.'; name++) {
		int byte = (unsigned char)*name;

		if (byte == '%' && hex_digit(name[1]) >= 0 && hex_digit(name[2]) >= 0) {
			byte = hex_digit(name[1]) * 16 + hex_digit(name[2]);
			name += 2;
		}
		if (byte == '\0' || *name == '~' || used == GROUP_ID_MAX)
			return false;
		group_id[used++] = (char)byte;
	}
	group_id[used] = '\0';
	return used > 0;
}

void
ctl_tell_next(struct ctl *ctl)
{
	char group_id[GROUP_ID_MAX + 1], *shown;
	struct scan_names names;
	struct fault ignored;
	struct guess guess;

	if (ctl->selection.has_message && !ctl_group_is_missing(ctl) && messages_tell(ctl))
		return;
	if (ctl->from != NULL || ctl->store.data_dir == NULL ||
	    scan_list(ctl->store.data_dir, &names, &ignored) != 0)
		return;
	if (names.count == 0)
		fputs("msgextctl: no events yet: is the callback ticked? msgextctl check\n",
		    stderr);
	if (names.count == 0 || !ctl_group_is_missing(ctl))
		goto out;
	guess_begin(&guess, ctl->selection.group);
	for (size_t i = 0; i < names.count; i++)
		if (name_decode(names.names[i], group_id))
			guess_offer(&guess, group_id);
	shown = text_show(&ctl->printer, guess.nearest, strlen(guess.nearest));
	if (shown != NULL && shown[0] != '\0')
		fprintf(stderr, "msgextctl: did you mean `%s`?\n", shown);
	else
		fputs("msgextctl: msgextctl groups lists all groups\n", stderr);
	free(shown);
out:
	scan_names_free(&names);
}

void
ctl_tell_waiting(struct ctl *ctl)
{
	if (isatty(STDERR_FILENO) != 1)
		return;
	if (ctl_group_is_missing(ctl)) {
		fprintf(stderr, "msgextctl: no events of group %s yet; waiting for them\n",
		    ctl->selection.group);
		ctl_tell_next(ctl);
	} else if (ctl->selection.has_message && messages_tell(ctl)) {
		fprintf(stderr, "msgextctl: no events of message %llu yet; waiting for them\n",
		    (unsigned long long)ctl->selection.message);
	}
}
