/*
 * print.c - what msgextctl prints: aligned tables, CSV, JSON.
 *
 * Keys, values and group ids come from strangers.  Where a person looks, in a
 * table or on a terminal, whatever could move the cursor or turn the direction
 * of writing is shown as an escape; so a value cannot pose as something else.
 * A pipe gets JSON and CSV as they are.
 *
 * Tables are aligned by their first TABLE_ROWS rows and then flow, so memory
 * does not grow with the number of groups.  Widths are those of wcwidth(3) in
 * a UTF-8 locale, whatever the user's own is; what a terminal without UTF-8
 * cannot show is escaped too.
 */
#include <sys/ioctl.h>

#include <langinfo.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "msgext.h"

#define TABLE_ROWS 1000
#define CELL_GAP 2
#define COLUMNS_DEFAULT 80

static unsigned
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
printer_open(struct printer *printer, enum print_format format)
{
	setlocale(LC_CTYPE, "");
	*printer = (struct printer){
		.format = format,
		.terminal = isatty(STDOUT_FILENO) == 1,
		.utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0,
		.columns = terminal_columns(),
	};
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

/* Controls, line separators, and what changes the direction of writing. */
static bool
character_is_harmful(wint_t character)
{
	static const struct {
		wint_t first, last;
	} ranges[] = { { 0x00, 0x1f }, { 0x7f, 0x9f }, { 0x61c, 0x61c }, { 0x200e, 0x200f },
		{ 0x2028, 0x202e }, { 0x2060, 0x206f }, { 0xfeff, 0xfeff }, { 0xfff9, 0xfffb },
		{ 0xe0000, 0xe007f } };

	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++)
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	return false;
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
		return (size_t)sprintf(to, character > 0xffff ? "\\U%08X" : "\\u%04X",
		    (unsigned)character);
	memcpy(to, from, bytes);
	return bytes;
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
		int columns;

		if (byte_is_plain(*text)) {
			width++;
			text++;
			length--;
			continue;
		}
		bytes = character_read(text, length, &character);
		columns = character == WEOF ? 1 : wcwidth((wchar_t)character);
		width += columns < 0 ? 1 : (size_t)columns;
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
		int columns = character == WEOF ? 1 : wcwidth((wchar_t)character);

		used += columns < 0 ? 1 : (size_t)columns;
		if (used > width)
			break;
		length += bytes;
		rest -= bytes;
	}
	return length;
}

void
print_spaces(size_t count)
{
	while (count-- > 0)
		putchar(' ');
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

/* Prints the rows that are held. */
static void
table_flush(struct printer *printer)
{
	const char *cell = printer->cells;

	for (size_t i = 0; !printer->widths_known && i < printer->cell_count; i++) {
		size_t width = text_width(cell),
		       *held = &printer->widths[i % printer->column_count];

		if (width > *held)
			*held = width;
		cell += strlen(cell) + 1;
	}
	printer->widths_known = true;
	cell = printer->cells;
	for (size_t i = 0; i < printer->cell_count; i++) {
		size_t column = i % printer->column_count, width = text_width(cell);
		bool last = column + 1 == printer->column_count;
		size_t pad = width < printer->widths[column] ? printer->widths[column] - width : 0;

		if (printer->layout[column].right)
			print_spaces(pad);
		fputs(cell, stdout);
		if (!printer->layout[column].right && !last)
			print_spaces(pad);
		if (last)
			putchar('\n');
		else
			print_spaces(CELL_GAP);
		cell += strlen(cell) + 1;
	}
	printer->cells_used = printer->cell_count = 0;
}

/* RFC 4180: quotes where there is need, and CRLF. */
static void
csv_put(struct printer *printer, const char *text)
{
	bool quote = strpbrk(text, ",\"\r\n") != NULL;

	if (quote)
		putchar('"');
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putchar('"');
		putchar(*text);
	}
	if (quote)
		putchar('"');
	printer->cell_count++;
	fputs(printer->cell_count % printer->column_count == 0 ? "\r\n" : ",", stdout);
}

void
table_open(struct printer *printer, const struct column *layout, size_t count)
{
	printer->layout = layout;
	printer->column_count = count;
	printer->cell_count = printer->cells_used = 0;
	printer->widths_known = false;
	memset(printer->widths, 0, sizeof(printer->widths));
	for (size_t i = 0; i < count; i++) {
		if (printer->format == PRINT_CSV)
			csv_put(printer, layout[i].name);
		else
			cell_put(printer, layout[i].name);
	}
}

void
table_text(struct printer *printer, const char *text)
{
	char *shown = NULL;

	if (printer->format != PRINT_CSV || printer->terminal) {
		shown = text_show(printer, text, strlen(text));
		if (shown == NULL) {
			printer->failed = true;
			return;
		}
	}
	if (printer->format == PRINT_CSV)
		csv_put(printer, shown == NULL ? text : shown);
	else
		cell_put(printer, shown);
	free(shown);
	if (printer->format != PRINT_CSV &&
	    printer->cell_count == TABLE_ROWS * printer->column_count)
		table_flush(printer);
}

void
table_number(struct printer *printer, uint64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%llu", (unsigned long long)number);
	table_text(printer, text);
}

void
table_time(struct printer *printer, int64_t time)
{
	char text[TIME_SIZE];

	time_print(time < 0 ? 0 : time, text);
	table_text(printer, time < 0 ? "" : text);
}

void
table_close(struct printer *printer)
{
	if (printer->format != PRINT_CSV)
		table_flush(printer);
}

/* JSON */

/* The comma behind what came before, and a member's name. */
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
}

void
print_close(struct printer *printer, char bracket)
{
	putchar(bracket);
	printer->comma = true;
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
print_number(struct printer *printer, const char *name, uint64_t number)
{
	name_put(printer, name);
	printf("%llu", (unsigned long long)number);
}

void
print_time(struct printer *printer, const char *name, int64_t time)
{
	char text[TIME_SIZE];

	time_print(time < 0 ? 0 : time, text);
	name_put(printer, name);
	if (time < 0)
		fputs("null", stdout);
	else
		printf("\"%s\"", text);
}

void
print_line(struct printer *printer)
{
	putchar('\n');
	printer->comma = false;
}

/* progress */

#define PROGRESS_AFTER 1000
#define PROGRESS_EVERY 200

void
progress_show(struct progress *progress, off_t done, off_t total)
{
	int64_t now;
	double seconds, rate;

	if (++progress->calls % 256 != 0 || (!progress->started && isatty(STDERR_FILENO) != 1))
		return;
	now = clock_milliseconds();
	if (!progress->started) {
		progress->started = true;
		progress->start = now;
		progress->next = now + PROGRESS_AFTER;
	}
	if (now < progress->next)
		return;
	progress->next = now + PROGRESS_EVERY;
	progress->shown = true;
	seconds = (double)(now - progress->start) / 1000;
	rate = (double)done / seconds;
	fprintf(stderr, "\r%3.0f%%  %.0f of %.0f MB  %.0f MB/s  %.0f s left \033[K",
	    total > 0 && done <= total ? 100.0 * (double)done / (double)total : 100.0,
	    (double)done / 1e6, (double)total / 1e6, rate / 1e6,
	    rate > 0 && total > done ? (double)(total - done) / rate : 0.0);
	fflush(stderr);
}

void
progress_clear(struct progress *progress)
{
	if (progress->shown)
		fputs("\r\033[K", stderr);
	progress->shown = false;
}
