/*
 * Any bytes as a log's lines: what shape.c takes the parser takes, as the same
 * record, and verify has nothing to say of it.  The bytes 1 to 27 stand for pieces of such a line, so that the
 * fuzzer need not find them.
 */
#include "base/fault.h"
#include "shape.h"
#include "parse.h"
#include "fuzz.h"

static const char *const pieces[] = {
	"{\"time\":\"2025-12-02T15:11:34.395Z\",\"SdkAppid\":1400000000",
	",\"ClientIP\":\"203.0.113.7\"",
	",\"OptPlatform\":\"Android\"",
	",\"CallbackCommand\":\"Group.CallbackAfterGroupMsgExtension\"",
	",\"GroupId\":\"test\"",
	",\"GroupId\":\"",
	",\"MsgSeq\":10,\"OperateType\":1",
	",\"MsgSeq\":10,\"OperateType\":2",
	",\"ExtensionList\":[",
	NULL, /* the newline that ends a line */
	"{\"Key\":\"key2\",\"Value\":\"value2\",\"Seq\":56}",
	"{\"Key\":\"",
	"\",\"Value\":\"",
	"\",\"Seq\":56}",
	"],\"Seq\":56,\"EventTime\":1764688294360}",
	",\"Seq\":56",
	",\"MsgSeq\":10",
	",\"OperateType\":3",
	",\"EventTime\":\"1764688294360\"",
	",\"ExtensionList\":null",
	",\"x\":",
	"{\"x\":[",
	"]}",
	"{\"Seq\":56,\"Key\":\"",
	"\\ud83d\\ude00",
	"\\ud83d",
	"\"\\u0078\":[1,-0.5e+9,true,{}],",
};

#define PIECE_COUNT (sizeof(pieces) / sizeof(pieces[0]))
#define PIECE_MAX 64

/* The input with its pieces; the caller frees it. */
static char *
pieces_expand(const uint8_t *data, size_t size, size_t *length)
{
	char *bytes = malloc(size * PIECE_MAX + 1);

	CHECK(bytes != NULL);
	*length = 0;
	for (size_t i = 0; i < size; i++) {
		const char *piece =
		    data[i] >= 1 && data[i] <= PIECE_COUNT ? pieces[data[i] - 1] : NULL;
		size_t piece_length = piece == NULL ? 1 : strlen(piece);

		CHECK(piece_length <= PIECE_MAX);
		memcpy(bytes + *length, piece == NULL ? (const char *)&data[i] : piece,
		    piece_length);
		*length += piece_length;
	}
	return bytes;
}

static void
line_verify(struct shape *shape, const char *line, size_t length)
{
	struct record record, parsed;
	struct document *document;
	struct fault fault;
	enum callback command;
	const char *text;
	size_t text_length;

	memset(&record, 0xa5, sizeof(record));
	if (!shape_read(shape, line, length, &record))
		return;
	document = document_parse_line(line, length, &fault);
	CHECK(document != NULL);
	CHECK(document_record(document, &parsed, &fault) == 0);
	event_verify(&record.event);
	CHECK(event_equal(&record.event, &parsed.event));
	CHECK(record.time == parsed.time && record.clear_seq == parsed.clear_seq);
	CHECK(!parsed.is_snapshot && !record.is_snapshot && record.kind == NULL);
	CHECK(record.complete_up_to == 0 && record.first_seq == 0 && record.replaces == 0);
	CHECK(record.deleted_count == 0 && record.missing_count == 0);
	text = document_text(document, &text_length);
	CHECK(text_length == length && memcmp(text, line, length) == 0);
	CHECK(document_names_check(document, &fault) == 0);
	CHECK(shape->body <= length && line[shape->body] != ':');
	CHECK(document_command(document, &command, &fault) == 0);
	CHECK(command == CALLBACK_OURS);
	document_free(document);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct shape shape = { 0 };
	size_t length, line_length;
	char *bytes = pieces_expand(data, size, &length);

	for (size_t at = 0; at <= length; at += line_length + 1) {
		const char *newline = memchr(bytes + at, '\n', length - at);
		char *line;

		line_length = newline == NULL ? length - at : (size_t)(newline - bytes) - at;
		line = malloc(line_length + 1); /* its own, so that reading behind it shows */
		CHECK(line != NULL);
		memcpy(line + 1, bytes + at, line_length);
		line_verify(&shape, line + 1, line_length);
		free(line);
	}
	shape_free(&shape);
	free(bytes);
	return 0;
}
