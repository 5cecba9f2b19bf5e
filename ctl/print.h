/* print.h - what msgextctl prints */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum print_format { PRINT_TABLE, PRINT_CSV, PRINT_JSON };

#define PRINT_COLUMNS_MAX 12

struct column {
	const char *name;
	bool right; /* aligned */
};

struct printer {
	enum print_format format;
	bool terminal;    /* standard output is one, */
	bool utf8;        /* which shows UTF-8 */
	unsigned columns; /* its width */
	bool spreadsheet; /* PRINT_CSV is for one */
	/* private */
	bool failed, comma, widths_known;
	const struct column *layout;
	size_t column_count, cell_count;
	size_t widths[PRINT_COLUMNS_MAX];
	char *cells; /* each with its NUL */
	size_t cells_used, cells_size;
};

/* Sets the locale to one of UTF-8, so that widths are right. */
void printer_open(struct printer *printer, enum print_format format);
/* -1: something could not be written. */
int printer_close(struct printer *printer);

/* The text with everything harmful escaped, for free; NULL: no memory. */
char *text_show(const struct printer *printer, const char *text, size_t length);
/* The columns that a text takes on a terminal. */
size_t text_width(const char *text);
/* The bytes of the text's longest beginning that fits into so many columns. */
size_t text_fit(const char *text, size_t width);
/*
 * Says of each text whether another one that differs looks as it does: but for characters that
 * take no room, odd blanks, and blanks at the end.  shown: the texts as text_show gives them, or cut.
 * -1: no memory.
 */
int texts_alike(const char *const *shown, const char *const *texts, size_t count, bool *alike);
/* A text, as text_show gives it, with those characters as escapes, for free; NULL: no memory. */
char *text_reveal(const char *shown);
void print_spaces(size_t count);

/* A table's rows, a cell a call, as PRINT_TABLE or PRINT_CSV. */
void table_open(struct printer *printer, const struct column *layout, size_t count);
void table_text(struct printer *printer, const char *text);
void table_number(struct printer *printer, uint64_t number);
void table_time(struct printer *printer, int64_t time);
void table_close(struct printer *printer);

/* JSON, with its commas: '{' values '}' line.  name: NULL in an array. */
void print_open(struct printer *printer, const char *name, char bracket);
void print_close(struct printer *printer, char bracket);
void print_text(struct printer *printer, const char *name, const char *text);
void print_number(struct printer *printer, const char *name, uint64_t number);
void print_time(struct printer *printer, const char *name, int64_t time);
void print_line(struct printer *printer);
/* JSON that is printed already; escapes what would harm a terminal. */
void print_json(struct printer *printer, const char *json, size_t length);

#endif
