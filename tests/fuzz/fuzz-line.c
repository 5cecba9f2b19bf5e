/*
 * Any bytes as a log's line: what is accepted is in range, and a snapshot
 * that is written anew says the same.
 */
#include "base/base.h"
#include "base/fault.h"
#include "base/time.h"
#include "parse.h"
#include "fuzz.h"

static void
record_verify(const struct record *record)
{
	uint64_t after = record->first_seq;

	event_verify(&record->event);
	CHECK(record->clear_seq <= INTEGER_MAX && record->complete_up_to <= INTEGER_MAX);
	CHECK(record->is_snapshot == (record->kind != NULL));
	for (size_t i = 0; i < record->deleted_count; i++)
		CHECK(record->deleted[i].value == NULL && record->deleted[i].seq <= INTEGER_MAX);
	for (size_t i = 0; i < record->missing_count; i++) {
		CHECK(record->missing[i].first > after);
		CHECK(record->missing[i].first <= record->missing[i].last);
		CHECK(record->missing[i].last < record->event.seq);
		after = record->missing[i].last;
	}
}

static bool
record_equal(const struct record *a, const struct record *b)
{
	if (a->is_snapshot != b->is_snapshot || strcmp(a->kind, b->kind) != 0 ||
	    !event_equal(&a->event, &b->event) || a->clear_seq != b->clear_seq ||
	    a->complete_up_to != b->complete_up_to || a->first_seq != b->first_seq ||
	    a->deleted_count != b->deleted_count || a->missing_count != b->missing_count ||
	    !pairs_equal(a->deleted, b->deleted, a->deleted_count))
		return false;
	if (a->erased_count != b->erased_count)
		return false;
	for (size_t i = 0; i < a->erased_count; i++)
		if (a->erased[i].first != b->erased[i].first ||
		    a->erased[i].last != b->erased[i].last)
			return false;
	for (size_t i = 0; i < a->missing_count; i++)
		if (a->missing[i].first != b->missing[i].first ||
		    a->missing[i].last != b->missing[i].last)
			return false;
	return true;
}

static void
snapshot_verify(const struct record *record)
{
	struct document *document;
	struct record again;
	struct fault fault;
	size_t length;
	char *line = record_line(record, &length);

	CHECK(line != NULL);
	CHECK(memchr(line, '\n', length) == line + length - 1);
	document = document_parse_line(line, length, &fault);
	CHECK(document != NULL);
	CHECK(document_record(document, &again, &fault) == 0);
	CHECK(record_equal(record, &again));
	CHECK(record->time == again.time);
	document_free(document);
	free(line);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fault fault = { 0 };
	struct document *document = document_parse_line((const char *)data, size, &fault);
	struct record record;
	bool complete;

	if (document == NULL) {
		fault_verify(&fault);
		return 0;
	}
	if (document_record(document, &record, &fault) != 0) {
		fault_verify(&fault);
	} else {
		char text[TIME_SIZE];

		record_verify(&record);
		CHECK(record.time >= -1);
		/* A time that was understood is one that can be written. */
		if (record.time >= 0) {
			time_print(record.time, text);
			CHECK(time_parse(text) == record.time);
		}
		if (record.is_snapshot)
			snapshot_verify(&record);
	}
	if (document_answer(document, &record, &complete, &fault) == 0) {
		CHECK(record.is_snapshot && record.complete_up_to == record.event.seq);
		record.event.group_id = "test";
		record.time = 0;
		snapshot_verify(&record);
	}
	document_free(document);
	return 0;
}
