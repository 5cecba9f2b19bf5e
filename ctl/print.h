/*
 * print.h - what msgextctl prints: tables, CSV or JSON
 *
 * A row is printed in the same way whatever the format is:
 *
 *	static const struct column layout[] = { { .name = "Key" }, { .name = "Seq", .right = true } };
 *
 *	table_open(printer, layout, 2);
 *	while (there is a row) {
 *		table_text(printer, key);
 *		table_number(printer, seq);
 *	}
 *	table_close(printer);
 *
 * A person at a terminal gets columns that fit it: those of the lowest drop are left out first, then
 * texts are cut.  In JSON a row is an object.  What stands in no array or object ends with a newline.
 */
#ifndef CTL_PRINT_H
#define CTL_PRINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/time.h"

enum print_format { PRINT_TABLE, PRINT_CSV, PRINT_JSON };

#define PRINT_COLUMNS_MAX 12

struct column {
	const char *name;
	bool right;      /* aligned */
	bool table_only; /* JSON leaves it out */
	bool cuts;       /* texts, which may be cut where a person looks */
	bool lost;       /* what is not 0 in it is what was lost: in its colour */
	bool seconds;    /* a person gets its times without milliseconds */
	unsigned drop;   /* where columns do not fit, 1 goes first; 0: stays */
};

struct printer {
	enum print_format format;
	bool terminal;    /* standard output is one, */
	bool utf8;        /* which shows UTF-8 */
	bool human;       /* a person looks: a table on a terminal */
	bool colours;     /* are wanted */
	bool local;       /* times in the local zone; the caller sets it after printer_open */
	int64_t now;      /* milliseconds since 1970, as of printer_open */
	unsigned columns; /* its width */
	bool spreadsheet; /* PRINT_CSV is for one */
	/* private */
	bool failed, comma, widths_known, named;
	bool dropped[PRINT_COLUMNS_MAX];
	size_t depth; /* of open brackets */
	const struct column *layout;
	size_t column_count, cell_count;
	size_t widths[PRINT_COLUMNS_MAX];
	char *cells; /* each with its NUL */
	size_t cells_used, cells_size;
};

/*
 * Sets the locale to one of UTF-8, so that widths are right.  spreadsheet: PRINT_CSV is for one.
 * Without colours; whoever wants them sets them.
 */
void printer_open(struct printer *printer, enum print_format format, bool spreadsheet);
/* -1: something could not be written. */
int printer_close(struct printer *printer);

/* The text with everything harmful escaped; the caller frees it.  NULL: no memory. */
char *text_show(const struct printer *printer, const char *text, size_t length);
/* The columns that a text takes on a terminal. */
size_t text_width(const char *text);
/* The bytes of the text's longest beginning that fits into so many columns. */
size_t text_fit(const char *text, size_t width);
/* A text, as text_show gives it, with what takes no room or is an odd blank as escapes; the caller frees it.  NULL: no memory. */
char *text_reveal(const char *shown);
void print_spaces(size_t count);
/* A text, as text_show gives it, cut to so many columns, with a mark where it was; the caller frees it.  NULL: no memory. */
char *text_cut(const struct printer *printer, const char *shown, size_t width);
/* How a time is printed: UTC or local. */
void printer_time(const struct printer *printer, int64_t time, char text[TIME_SIZE]);
/* The terminal's width as it is now. */
unsigned terminal_columns(void);

/* Begins a table; the layout must live until table_close.  CSV and PRINT_TABLE name the columns first. */
void table_open(struct printer *printer, const struct column *layout, size_t count);
/* The next cell.  A time below 0 is not known: an empty cell, null in JSON. */
void table_text(struct printer *printer, const char *text);
void table_number(struct printer *printer, uint64_t number);
void table_time(struct printer *printer, int64_t time);
/* Bytes: for a person "1.2 KB", else their number. */
void table_bytes(struct printer *printer, uint64_t bytes);
/* How long ago a time was. */
void table_ago(struct printer *printer, int64_t time);
/* Likewise; text is JSON where JSON is printed. */
void table_value(struct printer *printer, const char *text);
/* Prints the rows that are held.  Without it a table of no rows prints nothing. */
void table_close(struct printer *printer);

/* JSON, with its commas.  name: NULL in an array; json: is printed as it is. */
void print_open(struct printer *printer, const char *name, char bracket);
void print_close(struct printer *printer, char bracket);
void print_text(struct printer *printer, const char *name, const char *text);
void print_number(struct printer *printer, const char *name, uint64_t number);
void print_value(struct printer *printer, const char *name, const char *json);
/* JSON of any length, without a newline; what would harm a terminal is escaped. */
void print_json(struct printer *printer, const char *json, size_t length);

#endif
