/* changes.h - how a message came to be as it is, and what never arrived */
#ifndef VIEW_CHANGES_H
#define VIEW_CHANGES_H

#include <stddef.h>

struct result;
struct view;

/* What changed, newest first: the rows that result holds.  Returns how many there was room for. */
size_t changes_print(struct view *view, const struct result *result);
/* Answers over time: a line, some moments of it, and a form that leads to any version. */
void moments_print(struct view *view, const struct result *result);
/* "4 updates never arrived" */
void lost_count_print(struct view *view, const struct result *result);
/* Which versions never arrived, and what to do about it. */
void lost_print(struct view *view, const struct result *result);

#endif
