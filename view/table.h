/* table.h - tables, and the texts of users in them */
#ifndef VIEW_TABLE_H
#define VIEW_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "view/strings.h"

struct view;

/*
 * A table and its caption, for who cannot see the heading above it, up to its first row's head; then
 * its columns; number: what is aligned as numbers.
 */
void table_begin(struct view *view, const char *kind, enum string caption);
void table_column(struct view *view, enum string name, bool number);
/* The table's end.  Where the page is full, a line says that rows are missing. */
void table_end(struct view *view);

/* A text of a user: folded where it is long; where it is empty, that is said. */
void user_text(struct view *view, const char *text, bool revealed);
/* A text of a user that is short by its nature. */
void user_name(struct view *view, const char *text, bool revealed);
/* The same where nothing can be folded: a long one is cut. */
void user_text_short(struct view *view, const char *text, bool revealed);

/*
 * Which of the texts look as another one that differs from them: those are to be revealed.  For
 * free().  NULL: no memory, and the page has failed.
 */
bool *texts_reveal(struct view *view, const char *const *texts, size_t count);
/* The same of count texts that text_of finds in a table's rows; NULL of it is "". */
bool *rows_reveal(struct view *view, const void *rows,
    const char *(*text_of)(const void *rows, size_t index), size_t count);

/* "31 %": rounded, but something is never 0. */
void percent_print(struct view *view, uint64_t part, uint64_t whole);

/* "221 answers" */
void answers_print(struct view *view, uint64_t count);

/* A word beside the texts of users, less loud than they are. */
void word_print(struct view *view, enum string string);

/* A number; where it is not known (UINT64_MAX) a dash. */
void number_or_dash(struct view *view, uint64_t number);

/* "4 lost", as a mark in a row; of none nothing, nor where it is not known (UINT64_MAX). */
void lost_mark(struct view *view, uint64_t lost);

/* Says that lines could not be read, where there are any. */
void unreadable_print(struct view *view, uint64_t count);

#endif
