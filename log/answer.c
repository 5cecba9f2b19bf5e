/*
 * answer.c - the vendor's answer to group_get_key_values, all its pages -> one snapshot.
 *
 * An answer names neither its group nor its message, and its pages do not say
 * which of them they are.  So everything that can be judged without the log is
 * judged here, and what cannot be is refused for good:
 *
 *  - each page by itself (parse.c);
 *  - that the pages are in order and of one message: versions only grow, each
 *    page begins where the one before ends or after that, the last alone says that
 *    it is the last.  A page that comes twice is the same page;
 *  - that no key has two values in one version.
 *
 * The message may have changed from page to page.  What is known whole ends
 * where the oldest page, the first, does; newer pairs count as such.  A clear that
 * came meanwhile took all before it away, so that up to it all is known.
 */
#include <stdlib.h>
#include <string.h>

#include "log/answer.h"
#include "base/fault.h"
#include "parse.h"

/* A page, and what the next one is held against. */
struct page {
	struct record record;
	uint64_t lowest, highest; /* of its pairs' versions */
	bool complete;
};

/*
 * Where the JSON object that begins at bytes[0] ends: pages follow each other
 * in one file.  Without an end: length; the strict check says what is wrong.
 */
static size_t
object_length(const char *bytes, size_t length)
{
	bool string = false;
	size_t depth = 0;

	for (size_t i = 0; i < length; i++) {
		if (string && bytes[i] == '\\')
			i++;
		else if (bytes[i] == '"')
			string = !string;
		else if (!string && (bytes[i] == '{' || bytes[i] == '['))
			depth++;
		else if (!string && (bytes[i] == '}' || bytes[i] == ']') && depth > 0 &&
		    --depth == 0)
			return i + 1;
	}
	return length;
}

/* The white space and the byte order marks, which editors leave behind, before a page. */
static size_t
space_length(const char *bytes, size_t length)
{
	size_t at = 0;

	for (;;) {
		if (at < length && strchr(" \t\r\n", bytes[at]) != NULL && bytes[at] != '\0')
			at++;
		else if (length - at >= 3 && memcmp(bytes + at, "\xef\xbb\xbf", 3) == 0)
			at += 3;
		else
			return at;
	}
}

static void
page_measure(struct page *page)
{
	const struct event *event = &page->record.event;

	page->lowest = UINT64_MAX;
	page->highest = 0;
	for (size_t i = 0; i < event->pair_count; i++) {
		uint64_t seq = event->pairs[i].seq;

		if (seq < page->lowest)
			page->lowest = seq;
		if (seq > page->highest)
			page->highest = seq;
	}
}

/* Can the page follow that one? */
static int
page_follows(const struct page *page, const struct page *before, struct fault *fault)
{
	const char *what = NULL;

	if (before->complete)
		what = "CompleteFlag: there is a page after the last one";
	else if (page->record.event.seq < before->record.event.seq)
		what = "LatestSeq: is below that of the page before";
	else if (page->record.clear_seq < before->record.clear_seq)
		what = "ClearSeq: is below that of the page before";
	else if (page->lowest < before->highest)
		what = "ExtensionList: begins before the end of the page before";
	if (what == NULL)
		return 0;
	return fault_set(fault, FAULT_FIELD_RANGE,
	    "%s; give all pages of one answer, of one message, in their order", what);
}

/* Adds the page's pairs to the record. */
static int
page_merge(struct answer *answer, const struct page *page, struct fault *fault)
{
	struct record *record = &answer->record;
	size_t held = record->event.pair_count, count = page->record.event.pair_count;
	struct event_pair *pairs = realloc(answer->pairs, (held + count + 1) * sizeof(*pairs));

	if (pairs == NULL)
		return fault_memory(fault);
	answer->pairs = pairs;
	if (count > 0)
		memcpy(pairs + held, page->record.event.pairs, count * sizeof(*pairs));
	if (answer->page_count == 1)
		*record = page->record;
	record->clear_seq = page->record.clear_seq;
	if (record->clear_seq > record->event.seq)
		record->event.seq = record->complete_up_to = record->clear_seq;
	record->event.pairs = pairs;
	record->event.pair_count = held + count;
	return 0;
}

/* Takes a page in.  latest: the one before, which it replaces. */
static int
page_take(struct answer *answer, struct document *document, struct page *latest,
    struct fault *fault)
{
	struct page page;

	if (document_answer(document, &page.record, &page.complete, fault) != 0)
		return -1;
	page_measure(&page);
	if (answer->page_count > 1) {
		size_t length, length_before;
		const char *text = document_text(document, &length);
		const char *before =
		    document_text(answer->pages[answer->page_count - 2], &length_before);

		if (length == length_before && memcmp(text, before, length) == 0)
			return 0;
		if (page_follows(&page, latest, fault) != 0)
			return -1;
	}
	*latest = page;
	return page_merge(answer, &page, fault);
}

int
pair_compare_key(const void *a, const void *b)
{
	const struct event_pair *left = a, *right = b;
	int order = strcmp(left->key, right->key);

	return order != 0 ? order : (left->seq > right->seq) - (left->seq < right->seq);
}

/* Makes the pairs that are found by key and version. */
static int
pairs_sort(struct answer *answer, struct fault *fault)
{
	size_t count = answer->record.event.pair_count;
	struct event_pair *sorted = calloc(count + 1, sizeof(*sorted));

	if (sorted == NULL)
		return fault_memory(fault);
	answer->sorted = sorted;
	if (count == 0)
		return 0;
	memcpy(sorted, answer->pairs, count * sizeof(*sorted));
	qsort(sorted, count, sizeof(*sorted), pair_compare_key);
	for (size_t i = 1; i < count; i++)
		if (pair_compare_key(&sorted[i - 1], &sorted[i]) == 0 &&
		    strcmp(sorted[i - 1].value, sorted[i].value) != 0)
			return fault_set(fault, FAULT_FIELD_RANGE,
			    "ExtensionList: Key %.100s has two values in Seq %llu; give the pages "
			    "of one message",
			    sorted[i].key, (unsigned long long)sorted[i].seq);
	return 0;
}

int
answer_read(struct answer *answer, const char *bytes, size_t length, struct fault *fault)
{
	struct page latest = { .complete = false };

	*answer = (struct answer){ .page_count = 0 };
	if (length >= 2 && (memcmp(bytes, "\xff\xfe", 2) == 0 || memcmp(bytes, "\xfe\xff", 2) == 0))
		return fault_set(fault, FAULT_JSON_ENCODING, "answer: is UTF-16; save it as UTF-8");
	for (;;) {
		size_t space = space_length(bytes, length), object;
		struct document *document;

		bytes += space;
		length -= space;
		if (length == 0)
			break;
		if (answer->page_count == ANSWER_PAGES_MAX)
			return fault_set(fault, FAULT_FIELD_RANGE, "answer: has over %d pages",
			    ANSWER_PAGES_MAX);
		object = object_length(bytes, length);
		document = document_parse(bytes, object, fault);
		if (document == NULL)
			return -1;
		answer->pages[answer->page_count++] = document;
		if (page_take(answer, document, &latest, fault) != 0)
			return -1;
		bytes += object;
		length -= object;
	}
	if (answer->page_count == 0)
		return fault_set(fault, FAULT_JSON_MALFORMED, "answer: is empty");
	if (!latest.complete)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "CompleteFlag: more pages follow; fetch them with StartSeq, and give all pages "
		    "in their order");
	return pairs_sort(answer, fault);
}

enum answer_holds
answer_holds(const struct answer *answer, const struct event_pair *pair)
{
	const struct event_pair *found = answer->record.event.pair_count == 0
	    ? NULL
	    : bsearch(pair, answer->sorted, answer->record.event.pair_count,
		  sizeof(*answer->sorted), pair_compare_key);

	if (found == NULL)
		return ANSWER_HOLDS_NOT;
	/* Whether the vendor lists a deleted key, as "", is not known: it says the same. */
	return strcmp(found->value, pair->value == NULL ? "" : pair->value) == 0 ? ANSWER_HOLDS
										 : ANSWER_DENIES;
}

void
answer_free(struct answer *answer)
{
	for (size_t i = 0; i < answer->page_count; i++)
		document_free(answer->pages[i]);
	free(answer->pairs);
	free(answer->sorted);
	*answer = (struct answer){ .page_count = 0 };
}
