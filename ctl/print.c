/*
 * print.c - what msgextctl prints: aligned tables, CSV, JSON.
 *
 * Keys, values and group ids come from strangers.  Where a person looks, in a
 * table or on a terminal, whatever could move the cursor or turn the direction
 * of writing is shown as an escape; so a value cannot pose as something else.
 * A pipe gets JSON and CSV as they are.
 *
 * What takes no room, or is blank, is harmless alone: emoji and Persian need it.
 * But two cells of one column that would look alike without it are shown with it
 * as escapes on a terminal.  There a table is held to its end, to be compared;
 * one of more than TABLE_BYTES is not, and shows all of it as escapes.
 *
 * Elsewhere tables are aligned by their first TABLE_ROWS rows and then flow, so
 * memory does not grow with the number of groups.  A cell wider than WIDTH_MAX
 * counts for no column: else one of 200,000 columns would pad all others.  Widths are
 * those of wcwidth(3) in a UTF-8 locale, whatever the user's own is; what a terminal
 * without UTF-8 cannot show is escaped too.
 *
 * A person at a terminal gets a table that fits it.  Columns that matter least are left out, then
 * the widest texts are cut, but for those that would look alike then.
 *
 * CSV is base/csv.c's.
 */
#include <sys/ioctl.h>

#include <langinfo.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "ctl/print.h"
#include "base/alike.h"
#include "base/character.h"
#include "base/csv.h"
#include "base/text.h"
#include "base/time.h"
#include "ctl/human.h"

#define TABLE_ROWS 1000
#define TABLE_BYTES ((size_t)16 << 20)
#define WIDTH_MAX 120
#define CELL_GAP 2
#define COLUMNS_DEFAULT 80
#define NARROW_MIN 8 /* no text is cut to less */

unsigned
terminal_columns(void)
{
	struct winsize size;
	const char *columns = getenv("COLUMNS");
	uint64_t number;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		return size.ws_col;
	if (columns != NULL && integer_parse(columns, strlen(columns), &number) && number >= 20 &&
	    number <= 10000)
		return (unsigned)number;
	return COLUMNS_DEFAULT;
}

void
printer_open(struct printer *printer, enum print_format format, bool spreadsheet)
{
	setlocale(LC_CTYPE, "");
	*printer = (struct printer){
		.format = format,
		.spreadsheet = spreadsheet,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.columns = terminal_columns(),
		.now = time_now(),
	};
	printer->human = printer->terminal && format == PRINT_TABLE;
	setlocale(LC_CTYPE, "C.UTF-8");
}

int
printer_close(struct printer *printer)
{
	free(printer->cells);
	printer->cells = NULL;
	return fflush(stdout) == 0 && !ferror(stdout) && !printer->failed ? 0 : -1;
}

/* text */

/* Is it shown as it is, in one column? */
static bool
byte_is_plain(char byte)
{
	return byte >= ' ' && byte <= '~';
}

/* The character at text: its bytes; none is valid there: 1 and WEOF. */
static size_t
character_read(const char *text, size_t length, wint_t *character)
{
	mbstate_t shift = { 0 };
	wchar_t wide;
	size_t count;

	if ((unsigned char)*text < 0x80) {
		*character = (unsigned char)*text;
		return 1;
	}
	count = mbrtowc(&wide, text, length, &shift);
	if (count == 0 || count > length) {
		*character = WEOF;
		return 1;
	}
	*character = (wint_t)wide;
	return count;
}

static bool
character_is_harmful(wint_t character)
{
	return character_kind(character) == CHARACTER_HARMFUL;
}

/* The columns that a character takes. */
static size_t
character_width(wint_t character)
{
	int columns = character == WEOF ? 1 : wcwidth((wchar_t)character);

	return columns < 0 ? 1 : (size_t)columns;
}

/* Puts a character as people may see it; the bytes put, at most 10. */
static size_t
character_show(const struct printer *printer, char *to, const char *from, size_t bytes,
    wint_t character)
{
	if (character == WEOF)
		return (size_t)sprintf(to, "\\x%02X", (unsigned char)*from);
	if (character == '\n' || character == '\t' || character == '\\')
		return (size_t)sprintf(to, "\\%c",
		    character == '\n'       ? 'n'
			: character == '\t' ? 't'
					    : '\\');
	if (character_is_harmful(character) ||
	    (character >= 0x80 && printer->terminal && !printer->utf8))
		return character_escape(to, character);
	memcpy(to, from, bytes);
	return bytes;
}

/* Is it shown as it is? */
static bool
text_is_shown_so(const char *text)
{
	while (byte_is_plain(*text) && *text != '\\')
		text++;
	return *text == '\0';
}

char *
text_show(const struct printer *printer, const char *text, size_t length)
{
	char *shown = malloc(10 * length + 1), *at = shown;
	wint_t character;

	if (shown == NULL)
		return NULL;
	while (length > 0) {
		size_t bytes;

		if (byte_is_plain(*text) && *text != '\\') {
			*at++ = *text++;
			length--;
			continue;
		}
		bytes = character_read(text, length, &character);
		at += character_show(printer, at, text, bytes, character);
		text += bytes;
		length -= bytes;
	}
	*at = '\0';
	return shown;
}

size_t
text_width(const char *text)
{
	size_t width = 0, length = strlen(text);
	wint_t character;

	while (length > 0) {
		size_t bytes;

		if (byte_is_plain(*text)) {
			width++;
			text++;
			length--;
			continue;
		}
		bytes = character_read(text, length, &character);
		width += character_width(character);
		text += bytes;
		length -= bytes;
	}
	return width;
}

size_t
text_fit(const char *text, size_t width)
{
	size_t used = 0, rest = strlen(text), length = 0;
	wint_t character;

	while (rest > 0) {
		size_t bytes = character_read(text + length, rest, &character);

		used += character_width(character);
		if (used > width)
			break;
		length += bytes;
		rest -= bytes;
	}
	return length;
}

char *
text_cut(const struct printer *printer, const char *shown, size_t width)
{
	const char *mark = printer->terminal && !printer->utf8 ? "..." : "\xe2\x80\xa6";
	size_t mark_width = text_width(mark), kept;
	char *cut;

	if (text_width(shown) <= width)
		return strdup(shown);
	kept = text_fit(shown, width > mark_width ? width - mark_width : 0);
	cut = malloc(kept + strlen(mark) + 1);
	if (cut != NULL)
		sprintf(cut, "%.*s%s", (int)kept, shown, mark);
	return cut;
}

void
print_spaces(size_t count)
{
	static const char spaces[] =
	    "                                                                ";

	while (count > 0) {
		size_t some = count < sizeof(spaces) - 1 ? count : sizeof(spaces) - 1;

		fwrite(spaces, 1, some, stdout);
		count -= some;
	}
}

char *
text_reveal(const char *shown)
{
	size_t rest = strlen(shown), spaces = 0;
	char *text = malloc(10 * rest + 1), *at = text;
	wint_t character;

	if (text == NULL)
		return NULL;
	while (spaces < rest && shown[rest - spaces - 1] == ' ')
		spaces++;
	rest -= spaces;
	while (rest > 0) {
		size_t bytes = character_read(shown, rest, &character);

		if (character_kind(character) == CHARACTER_SHOWN) {
			memcpy(at, shown, bytes);
			at += bytes;
		} else {
			at += character_escape(at, character);
		}
		shown += bytes;
		rest -= bytes;
	}
	while (spaces-- > 0)
		at += character_escape(at, ' ');
	*at = '\0';
	return text;
}

/* tables and CSV */

static void
cell_put(struct printer *printer, const char *text)
{
	size_t length = strlen(text) + 1;

	if (printer->cells_used + length > printer->cells_size) {
		size_t size = 2 * (printer->cells_size + length);
		char *cells = realloc(printer->cells, size);

		if (cells == NULL) {
			printer->failed = true;
			return;
		}
		printer->cells = cells;
		printer->cells_size = size;
	}
	memcpy(printer->cells + printer->cells_used, text, length);
	printer->cells_used += length;
	printer->cell_count++;
}

/* Says of each held cell, in a column at a time, whether it looks as another one; -1: no memory. */
static int
cells_compare(const struct printer *printer, bool *alike)
{
	size_t columns = printer->column_count, rows = printer->cell_count / columns;
	const char **texts = calloc(rows + 1, sizeof(*texts));
	bool *column_alike = calloc(rows + 1, sizeof(*column_alike));
	int result = texts == NULL || column_alike == NULL ? -1 : 0;

	for (size_t column = 0; result == 0 && column < columns; column++) {
		const char *cell = printer->cells;

		for (size_t row = 0; row < rows; row++) {
			for (size_t before = 0; before < column; before++)
				cell += strlen(cell) + 1;
			texts[row] = cell;
			for (size_t behind = column; behind < columns; behind++)
				cell += strlen(cell) + 1;
		}
		result = texts_alike(texts, texts, rows, column_alike);
		for (size_t row = 0; result == 0 && row < rows; row++)
			alike[row * columns + column] = column_alike[row];
	}
	free(texts);
	free(column_alike);
	return result;
}

/* Puts escapes in held cells: in those that look alike, or in all where others may have gone before. */
static void
cells_reveal(struct printer *printer, bool whole)
{
	size_t count = printer->cell_count;
	char *cells = printer->cells, *cell = cells;
	bool *alike = calloc(count + 1, sizeof(*alike));

	if (alike == NULL || (whole && cells_compare(printer, alike) != 0)) {
		printer->failed = true;
		printer->cell_count = 0; /* rather than what may mislead */
		free(alike);
		return;
	}
	printer->cells = NULL;
	printer->cells_used = printer->cells_size = printer->cell_count = 0;
	for (size_t i = 0; i < count && !printer->failed; i++) {
		char *revealed = whole && !alike[i] ? NULL : text_reveal(cell);

		if (revealed == NULL && (!whole || alike[i]))
			printer->failed = true;
		else
			cell_put(printer, revealed == NULL ? cell : revealed);
		free(revealed);
		cell += strlen(cell) + 1;
	}
	if (printer->failed)
		printer->cell_count = 0;
	free(cells);
	free(alike);
}

/* The widths of what is held, where a person looks without a limit: it is cut instead. */
static void
widths_measure(struct printer *printer, bool whole)
{
	const char *cell = printer->cells;

	for (size_t i = 0; i < printer->cell_count; i++) {
		size_t width = text_width(cell),
		       *held = &printer->widths[i % printer->column_count];

		if (whole && width > printer->columns)
			width = printer->columns;
		if (width > *held && width <= (whole ? printer->columns : WIDTH_MAX))
			*held = width;
		cell += strlen(cell) + 1;
	}
}

/* The columns of a row, without those that are left out; limit: for more of it, no text counts. */
static size_t
row_width(const struct printer *printer, size_t limit)
{
	size_t width = 0;

	for (size_t i = 0; i < printer->column_count; i++) {
		size_t own = printer->widths[i];

		if (printer->dropped[i])
			continue;
		width += width > 0 ? CELL_GAP : 0;
		width += printer->layout[i].cuts && own > limit ? limit : own;
	}
	return width;
}

/*
 * Makes a row fit the terminal: leaves columns out, though not for a text that takes more than
 * half of it, then narrows the widest texts.
 */
static void
widths_fit(struct printer *printer)
{
	size_t columns = printer->columns;

	for (unsigned drop = 1;
	     drop <= PRINT_COLUMNS_MAX && row_width(printer, columns / 2) > columns; drop++)
		for (size_t i = 0; i < printer->column_count; i++)
			printer->dropped[i] |= printer->layout[i].drop == drop;
	while (row_width(printer, columns) > columns) {
		size_t *widest = NULL;

		for (size_t i = 0; i < printer->column_count; i++)
			if (!printer->dropped[i] && printer->layout[i].cuts &&
			    printer->widths[i] > (widest == NULL ? NARROW_MIN : *widest))
				widest = &printer->widths[i];
		if (widest == NULL)
			break;
		(*widest)--;
	}
}

/*
 * Cuts one column's held cells to its width, but for those that would look alike then.  cuts: of
 * all cells, NULL where a cell stays whole.  -1: no memory.
 */
static int
column_cut(const struct printer *printer, size_t column, char **cuts)
{
	size_t columns = printer->column_count, rows = printer->cell_count / columns;
	const char **whole = calloc(rows + 1, sizeof(*whole)),
		   **shown = calloc(rows + 1, sizeof(*shown));
	bool *alike = calloc(rows + 1, sizeof(*alike));
	const char *cell = printer->cells;
	int result = whole == NULL || shown == NULL || alike == NULL ? -1 : 0;

	for (size_t i = 0; result == 0 && i < rows * columns; i++, cell += strlen(cell) + 1) {
		if (i % columns != column)
			continue;
		whole[i / columns] = cell;
		cuts[i] = text_cut(printer, cell, printer->widths[column]);
		shown[i / columns] = cuts[i];
		if (cuts[i] == NULL)
			result = -1;
	}
	if (result == 0)
		result = texts_alike(shown, whole, rows, alike);
	for (size_t row = 0; result == 0 && row < rows; row++) {
		if (!alike[row])
			continue;
		free(cuts[row * columns + column]);
		cuts[row * columns + column] = NULL;
	}
	free(whole);
	free(shown);
	free(alike);
	return result;
}

/* Cuts the held cells to the widths of their columns. */
static void
cells_cut(struct printer *printer)
{
	size_t count = printer->cell_count;
	char **cuts = calloc(count + 1, sizeof(*cuts));
	char *cells = printer->cells, *cell = cells;

	printer->failed |= cuts == NULL;
	for (size_t i = 0; !printer->failed && i < printer->column_count; i++)
		if (printer->layout[i].cuts && !printer->dropped[i] &&
		    column_cut(printer, i, cuts) != 0)
			printer->failed = true;
	printer->cells = NULL;
	printer->cells_used = printer->cells_size = printer->cell_count = 0;
	for (size_t i = 0; i < count && !printer->failed; i++) {
		cell_put(printer, cuts[i] == NULL ? cell : cuts[i]);
		cell += strlen(cell) + 1;
	}
	for (size_t i = 0; cuts != NULL && i < count; i++)
		free(cuts[i]);
	if (printer->failed)
		printer->cell_count = 0;
	free(cuts);
	free(cells);
}

static enum style
cell_style(const struct printer *printer, size_t column, const char *cell)
{
	if (!printer->named)
		return STYLE_DIM;
	return printer->layout[column].lost && cell[0] != '\0' && strcmp(cell, "0") != 0
	    ? STYLE_LOST
	    : STYLE_PLAIN;
}

/* Prints a cell; last: of its row. */
static void
table_put(struct printer *printer, size_t column, const char *cell, bool last)
{
	size_t width = text_width(cell);
	size_t pad = width < printer->widths[column] ? printer->widths[column] - width : 0;
	enum style which = cell_style(printer, column, cell);
	bool styled = printer->colours && which != STYLE_PLAIN;

	if (printer->layout[column].right)
		print_spaces(pad);
	if (styled)
		fputs(style(styled, which), stdout);
	fputs(cell, stdout);
	if (styled)
		fputs(style(styled, STYLE_PLAIN), stdout);
	if (last) {
		putchar('\n');
		return;
	}
	if (!printer->layout[column].right)
		print_spaces(pad);
	print_spaces(CELL_GAP);
}

/* Prints the rows that are held; last: no others come. */
static void
table_flush(struct printer *printer, bool last_rows)
{
	bool whole = last_rows && !printer->widths_known && printer->human;
	size_t last_column = printer->column_count - 1;
	const char *cell;

	if (printer->terminal)
		cells_reveal(printer, last_rows && !printer->widths_known);
	if (!printer->widths_known)
		widths_measure(printer, whole);
	if (whole) {
		widths_fit(printer);
		cells_cut(printer);
	}
	printer->widths_known = true;
	while (last_column > 0 && printer->dropped[last_column])
		last_column--;
	cell = printer->cells;
	for (size_t i = 0; i < printer->cell_count; i++) {
		size_t column = i % printer->column_count;

		if (!printer->dropped[column])
			table_put(printer, column, cell, column == last_column);
		if (column + 1 == printer->column_count)
			printer->named = true;
		cell += strlen(cell) + 1;
	}
	printer->cells_used = printer->cell_count = 0;
}

/* A cell, and what comes after it. */
static void
csv_put(struct printer *printer, const char *text)
{
	char *cell = malloc(CSV_CELL_SIZE(strlen(text)));

	if (cell == NULL) {
		printer->failed = true;
		return;
	}
	fwrite(cell, 1, csv_cell(cell, text, printer->spreadsheet), stdout);
	free(cell);
	printer->cell_count++;
	fputs(printer->cell_count % printer->column_count == 0 ? CSV_LINE_END : ",", stdout);
}

/* JSON */

/* The comma after what came before, and a member's name. */
static void
name_put(struct printer *printer, const char *name)
{
	if (printer->comma)
		putchar(',');
	printer->comma = true;
	if (name != NULL)
		printf("\"%s\":", name);
}

void
print_open(struct printer *printer, const char *name, char bracket)
{
	name_put(printer, name);
	putchar(bracket);
	printer->comma = false;
	printer->depth++;
}

void
print_close(struct printer *printer, char bracket)
{
	putchar(bracket);
	printer->comma = --printer->depth > 0;
	if (printer->depth == 0)
		putchar('\n');
}

/* JSON with what would harm a terminal escaped; outside its strings nothing does. */
void
print_json(struct printer *printer, const char *json, size_t length)
{
	wint_t character;

	if (!printer->terminal) {
		fwrite(json, 1, length, stdout);
		return;
	}
	while (length > 0) {
		size_t bytes = character_read(json, length, &character);

		if (character == WEOF)
			fputs("\\ufffd", stdout);
		else if (!character_is_harmful(character) && (printer->utf8 || character < 0x80))
			fwrite(json, 1, bytes, stdout);
		else if (character > 0xffff)
			printf("\\u%04x\\u%04x", (unsigned)(0xd7c0 + (character >> 10)),
			    (unsigned)(0xdc00 + (character & 0x3ff)));
		else
			printf("\\u%04x", (unsigned)character);
		json += bytes;
		length -= bytes;
	}
}

void
print_text(struct printer *printer, const char *name, const char *text)
{
	size_t length = strlen(text);
	char *quoted = malloc(6 * length + 2);

	name_put(printer, name);
	if (quoted == NULL) {
		printer->failed = true;
		return;
	}
	print_json(printer, quoted, json_quote(quoted, text, length));
	free(quoted);
}

void
print_value(struct printer *printer, const char *name, const char *json)
{
	name_put(printer, name);
	fputs(json, stdout);
}

void
print_number(struct printer *printer, const char *name, uint64_t number)
{
	name_put(printer, name);
	printf("%llu", (unsigned long long)number);
}

/* rows */

void
table_open(struct printer *printer, const struct column *layout, size_t count)
{
	printer->layout = layout;
	printer->column_count = count;
	printer->cell_count = printer->cells_used = 0;
	printer->widths_known = printer->named = false;
	memset(printer->dropped, 0, sizeof(printer->dropped));
	memset(printer->widths, 0, sizeof(printer->widths));
	if (printer->format == PRINT_CSV && printer->spreadsheet)
		fputs(CSV_MARK, stdout);
	for (size_t i = 0; i < count; i++) {
		if (printer->format == PRINT_CSV)
			csv_put(printer, layout[i].name);
		else if (printer->format == PRINT_TABLE)
			cell_put(printer, layout[i].name);
	}
}

/* A cell as a member of its row's object. */
static void
cell_print_json(struct printer *printer, const char *text, bool is_json)
{
	size_t at = printer->cell_count++ % printer->column_count;
	const struct column *column = &printer->layout[at];

	if (at == 0)
		print_open(printer, NULL, '{');
	if (!column->table_only && is_json)
		print_value(printer, column->name, text);
	else if (!column->table_only)
		print_text(printer, column->name, text);
	if (at + 1 == printer->column_count)
		print_close(printer, '}');
}

/* is_json: the text is JSON where JSON is printed. */
static void
cell_print(struct printer *printer, const char *text, bool is_json)
{
	char *shown = NULL;

	if (printer->format == PRINT_JSON) {
		cell_print_json(printer, text, is_json);
		return;
	}
	if ((printer->format != PRINT_CSV || printer->terminal) && !text_is_shown_so(text)) {
		shown = text_show(printer, text, strlen(text));
		if (shown == NULL) {
			printer->failed = true;
			return;
		}
	}
	if (printer->format == PRINT_CSV)
		csv_put(printer, shown == NULL ? text : shown);
	else
		cell_put(printer, shown == NULL ? text : shown);
	free(shown);
	if (printer->format == PRINT_TABLE && printer->cell_count % printer->column_count == 0 &&
	    (printer->cells_used >= TABLE_BYTES ||
		(!printer->terminal && printer->cell_count == TABLE_ROWS * printer->column_count)))
		table_flush(printer, false);
}

void
table_text(struct printer *printer, const char *text)
{
	cell_print(printer, text, false);
}

void
table_value(struct printer *printer, const char *text)
{
	cell_print(printer, text, true);
}

void
table_number(struct printer *printer, uint64_t number)
{
	char text[INTEGER_SIZE];

	integer_put(text, number);
	table_value(printer, text);
}

void
printer_time(const struct printer *printer, int64_t time, char text[TIME_SIZE])
{
	if (printer->local)
		human_local(time, text);
	else
		time_print(time, text);
}

void
table_time(struct printer *printer, int64_t time)
{
	const struct column *column = &printer->layout[printer->cell_count % printer->column_count];
	char text[TIME_SIZE], *fraction;

	if (time < 0) {
		table_value(printer, printer->format == PRINT_JSON ? "null" : "");
		return;
	}
	printer_time(printer, time, text);
	fraction = strchr(text, '.');
	if (printer->human && column->seconds && fraction != NULL)
		memmove(fraction, fraction + 4, strlen(fraction + 4) + 1);
	table_text(printer, text);
}

void
table_bytes(struct printer *printer, uint64_t bytes)
{
	char text[BYTES_SIZE];

	if (!printer->human) {
		table_number(printer, bytes);
		return;
	}
	bytes_print(bytes, text);
	table_text(printer, text);
}

void
table_ago(struct printer *printer, int64_t time)
{
	char text[HUMAN_SIZE] = "";

	if (time >= 0)
		human_ago(time, printer->now, text);
	table_text(printer, text);
}

void
table_close(struct printer *printer)
{
	if (printer->format == PRINT_TABLE)
		table_flush(printer, true);
}
