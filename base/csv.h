/* csv.h - cells of CSV, for programs and for spreadsheets */
#ifndef BASE_CSV_H
#define BASE_CSV_H

#include <stdbool.h>
#include <stddef.h>

/* A byte order mark, by which a spreadsheet knows UTF-8: before the first cell. */
#define CSV_MARK "\xef\xbb\xbf"
#define CSV_LINE_END "\r\n"

/* The most bytes that a cell of a text of that length needs. */
#define CSV_CELL_SIZE(length) (2 * (length) + 3)

/*
 * Writes a text as a cell, without what stands between cells.  RFC 4180: quotes where there is
 * need.  spreadsheet: always quotes, and a mark where a spreadsheet would take it for something
 * else than its text.  Returns the bytes written.
 */
size_t csv_cell(char *to, const char *text, bool spreadsheet);

#endif
