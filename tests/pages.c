/*
 * pages ROWS - makes pages of texts, for a reader of HTML that must find each of them again.
 *
 * Standard input: "LENGTH\n", the bytes, for each text.  Standard output: "LENGTH\n", the bytes,
 * for each page: of a table whose rows show a text in all places where pages have any, ROWS
 * of them a page.  Where ROWS is 1 a 400 and a 404 follow each, which show the text too.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "view/layout.h"
#include "view/page.h"

static const struct view_config config = { .title = "msgext", .timezone = 480 };

/* The next text of standard input; NULL: there is none.  The caller frees it. */
static char *
text_read(void)
{
	size_t length;
	char *text;

	if (scanf("%zu", &length) != 1 || getchar() != '\n')
		return NULL;
	text = malloc(length + 1);
	if (text == NULL || fread(text, 1, length, stdin) != length)
		exit(1);
	text[length] = '\0';
	return text;
}

static void
page_print(struct view *view)
{
	if (view->html.failed)
		exit(1);
	printf("%zu\n", view->html.length);
	fwrite(view->html.bytes, 1, view->html.length, stdout);
	html_free(&view->html);
}

/* Of group ids the first 256 bytes; an empty one is "-". */
static void
group_make(const char *text, char group[GROUP_ID_MAX + 1])
{
	snprintf(group, GROUP_ID_MAX + 1, "%s", text[0] == '\0' ? "-" : text);
}

static void
row_put(struct view *view, const char *text)
{
	struct html *html = &view->html;
	char group[GROUP_ID_MAX + 1];
	struct address address = view_page(view, PAGE_GROUP);

	group_make(text, group);
	address.group = group;
	html_markup(html, "<tr><th scope=\"row\">");
	html_user(html, text);
	html_markup(html, "<td>");
	say_with(view, STRING_CHOSE_THIS, PART_USER(text));
	html_markup(html, "<td><a");
	view_href(view, &address);
	html_markup(html, ">");
	html_text(html, text);
	html_markup(html, "</a><td><input type=\"hidden\" name=\"g\"");
	html_attribute(html, "value", text);
	html_markup(html, "><td>");
	html_user_revealed(html, text);
}

static void
errors_print(struct view *view, const char *text)
{
	char group[GROUP_ID_MAX + 1];
	struct address address = { .wrong = "q", .wrong_value = text }, missing = { 0 };

	group_make(text, group);
	missing.group = group;
	missing.has_message = true;
	view->address = &address;
	view->fault.code = FAULT_FIELD_RANGE;
	page_error(view, 400);
	page_print(view);
	view->address = &missing;
	page_error(view, 404);
	page_print(view);
	view->address = NULL;
}

int
main(int argc, char **argv)
{
	long rows = argc == 2 ? strtol(argv[1], NULL, 10) : 0;
	struct view view = {
		.config = &config,
		.language = LANGUAGE_EN,
		.signed_in = true,
	};
	char *text = text_read();

	while (text != NULL && rows > 0) {
		page_begin(&view, text, NAV_GROUPS);
		html_markup(&view.html, "<table><tbody>");
		for (long row = 0; row < rows && text != NULL; row++) {
			row_put(&view, text);
			if (row == rows - 1)
				break;
			free(text);
			text = text_read();
		}
		html_markup(&view.html, "</table>");
		page_end(&view);
		page_print(&view);
		if (rows == 1)
			errors_print(&view, text);
		free(text);
		text = text_read();
	}
	return 0;
}
