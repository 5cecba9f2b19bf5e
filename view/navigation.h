/* navigation.h - the ways from page to page */
#ifndef VIEW_NAVIGATION_H
#define VIEW_NAVIGATION_H

#include <stdint.h>

#include "record.h"
#include "view/address.h"

struct view;

/* The address of the message's page, in the version that is looked at. */
struct address message_address(const struct view *view);
/* ` href="?..."` of a group's page, and of a message's. */
void group_href(struct view *view, const char *group);
void message_href(struct view *view, const char *group, uint64_t message);

#define MESSAGE_TITLE_SIZE (GROUP_ID_MAX + 128)

/* "Message 10", and the group where that is no secret: for <title>. */
void message_title(const struct view *view, char title[MESSAGE_TITLE_SIZE]);

/* The links above a page's title: to the groups; the group; the message. */
enum up { UP_GROUPS, UP_GROUP, UP_MESSAGE };
void up_print(struct view *view, enum up to);

/* <input type="hidden"> */
void form_hidden(struct view *view, const char *name, const char *value);
/* Those that keep a form's page at the address's group and message, and in its language. */
void form_keep(struct view *view);

/* Ends a page that cannot be made: found is 0, nothing is there, or -1, view->fault.  Its status. */
int page_failed(struct view *view, int found);

#endif
