/*
 * A request of FastCGI in one block: what is read of it where it came to is what the streams say that
 * are put together from its records one by one, each in a buffer of its own; a request is whole for both
 * or for neither, and what stands behind the bytes that came changes nothing.
 */
#include "records.h"
#include "fuzz.h"

#define BEGIN_SIZE 8
#define RESPONDER 1

struct model {
	const uint8_t *bytes;
	size_t length, at;
	int id;
	uint8_t parameters[RECORDS_SIZE], body[RECORDS_SIZE];
	size_t parameters_length, body_length;
};

/* The record at this place must be of that type and of this request: its content's length, or -1. */
static int
model_record(const struct model *model, int type)
{
	const uint8_t *head = model->bytes + model->at;
	size_t left = model->length - model->at;
	int content;

	if (left < 8 || head[0] != 1 || head[1] != type || head[2] * 256 + head[3] != model->id)
		return -1;
	content = head[4] * 256 + head[5];
	return left < 8 + (size_t)content + head[6] ? -1 : content;
}

/* A stream: records of one type up to an empty one; false: it is not whole. */
static bool
model_stream(struct model *model, int type, uint8_t *stream, size_t *length)
{
	int content;

	for (*length = 0; (content = model_record(model, type)) > 0; *length += (size_t)content) {
		memcpy(stream + *length, model->bytes + model->at + 8, (size_t)content);
		model->at += 8 + (size_t)content + model->bytes[model->at + 6];
	}
	if (content == 0)
		model->at += 8 + (size_t)model->bytes[model->at + 6];
	return content == 0;
}

static bool
model_split(struct model *model)
{
	const uint8_t *bytes = model->bytes;

	if (model->length < 8)
		return false;
	model->id = bytes[2] * 256 + bytes[3];
	if (model_record(model, RECORD_BEGIN) != BEGIN_SIZE || bytes[8] != 0 ||
	    bytes[9] != RESPONDER)
		return false;
	model->at = 8 + BEGIN_SIZE + (size_t)bytes[6];
	return model_stream(model, RECORD_PARAMETERS, model->parameters,
		   &model->parameters_length) &&
	    model_stream(model, RECORD_BODY, model->body, &model->body_length);
}

/* A length of one byte or of four; -1: there is none. */
static int64_t
model_length(const struct model *model, size_t *at)
{
	const uint8_t *from = model->parameters + *at;
	size_t left = model->parameters_length - *at;

	if (left == 0 || (from[0] > 127 && left < 4))
		return -1;
	if (from[0] <= 127) {
		*at += 1;
		return from[0];
	}
	*at += 4;
	return (((from[0] - 128) * INT64_C(256) + from[1]) * 256 + from[2]) * 256 + from[3];
}

/* A text that must be these bytes. */
static bool
text_is(const struct records *records, size_t place, size_t length, const uint8_t *expected)
{
	CHECK(place + length < records->length);
	return memcmp(records->bytes + place, expected, length) == 0;
}

/* The names and values one by one; false: they are malformed, or too many. */
static bool
model_parameters(const struct model *model, const struct records *records)
{
	size_t at = 0, count = 0;

	while (at < model->parameters_length) {
		int64_t name = model_length(model, &at);
		int64_t value = name < 0 ? -1 : model_length(model, &at);

		if (value < 0 || name + value > (int64_t)(model->parameters_length - at) ||
		    count == RECORDS_PARAMETERS_MAX)
			return false;
		if (records != NULL) {
			CHECK(count < records->parameter_count);
			CHECK(records->parameters[count].name_length == name);
			CHECK(records->parameters[count].value_length == value);
			CHECK(text_is(records, records->parameters[count].name, (size_t)name,
			    model->parameters + at));
			CHECK(text_is(records, records->parameters[count].value, (size_t)value,
			    model->parameters + at + name));
			CHECK(records->bytes[records->parameters[count].value + value] == 0);
		}
		at += (size_t)(name + value);
		count++;
	}
	CHECK(records == NULL || records->parameter_count == count);
	return true;
}

/* Of a name that stands several times the first is found, of one that stands nowhere none. */
static void
names_verify(const struct records *records)
{
	for (size_t i = 0; i < records->parameter_count; i++) {
		const char *bytes = (const char *)records->bytes;
		size_t length = records->parameters[i].name_length;
		char *name = strndup(bytes + records->parameters[i].name, length);

		CHECK(name != NULL);
		if (strlen(name) == length) { /* C's strings cannot ask for another */
			size_t first = 0;

			while (records->parameters[first].name_length != length ||
			    memcmp(bytes + records->parameters[first].name, name, length) != 0)
				first++;
			CHECK(records_parameter(records, name) ==
			    bytes + records->parameters[first].value);
		}
		free(name);
	}
	CHECK(records_parameter(records, "\xff\xfe of no server") == NULL);
}

/* Takes the bytes apart where others stand behind them. */
static bool
records_fill(struct records *records, const uint8_t *data, size_t size, int behind)
{
	memset(records, behind, sizeof(*records));
	memcpy(records->bytes, data, size);
	records->length = size;
	return records_split(records);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct records records, again;
	static struct model model;
	bool whole;

	if (size > RECORDS_SIZE)
		return 0;
	memset(&model, 0, sizeof(model));
	model.bytes = data;
	model.length = size;
	whole = records_fill(&records, data, size, 0);
	CHECK(records_fill(&again, data, size, 0xff) == whole);
	CHECK(whole == (model_split(&model) && model_parameters(&model, NULL)));
	if (!whole)
		return 0;
	CHECK(records.id == model.id && records.body_length == model.body_length);
	CHECK(model.body_length == 0 ||
	    text_is(&records, records.body, model.body_length, model.body));
	model_parameters(&model, &records);
	names_verify(&records);
	return 0;
}
