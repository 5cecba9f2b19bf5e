/* records.h - FastCGI's records: a small request's, read where they are, and an answer's, written */
#ifndef RECORDS_H
#define RECORDS_H

#include <stdbool.h>
#include <stddef.h>

#define RECORDS_SIZE 4096         /* of a small request, in bytes; usual ones have less */
#define RECORDS_PARAMETERS_MAX 96 /* web servers send some 30 */
#define RECORD_HEADER_SIZE 8      /* FastCGI 1.0, section 3.3 */
#define RECORD_CONTENT_MAX 65535

enum record_type {
	RECORD_BEGIN = 1,
	RECORD_END = 3,
	RECORD_PARAMETERS = 4,
	RECORD_BODY = 5,
	RECORD_OUTPUT = 6,
	RECORD_ERROR = 7,
	RECORD_GET_VALUES = 9,
	RECORD_GET_VALUES_RESULT = 10,
	RECORD_UNKNOWN_TYPE = 11
};

/* A request in one block.  Places and lengths are in bytes, from the block's begin. */
struct records {
	unsigned char
	    bytes[RECORDS_SIZE]; /* as they came; records_split moves and ends texts in it */
	size_t length;           /* of what came */
	/* What records_split found: */
	int id;
	size_t body, body_length;
	size_t parameter_count;
	struct {
		unsigned short name, name_length, value, value_length;
	} parameters[RECORDS_PARAMETERS_MAX];
};

/*
 * Takes apart a request that is whole, from its first record to the empty one that ends its body, in the
 * usual order.  False: it is not, or has more than fits; the bytes are of no more use then.
 */
bool records_split(struct records *records);

/* The value of a parameter, the first where there are several; NULL: there is none. */
const char *records_parameter(const struct records *records, const char *name);

/* A length of one byte, or of four where the first bit is set; false: it is cut off. */
bool records_take_length(const unsigned char **at, const unsigned char *end, size_t *length);

/* Writes the header of a record without padding. */
void records_put_header(unsigned char header[RECORD_HEADER_SIZE], enum record_type type, int id,
    size_t length);

/* An answer that is written to a connection, in as many records as it takes. */
struct records_answer {
	int connection;
	int id;    /* of the request */
	bool told; /* something was written to the error log before */
	const char *head;
	size_t head_length; /* RECORD_CONTENT_MAX at most */
	const char *body;
	size_t body_length;
};

/* Writes it with the end of the request.  Where the peer has gone, nobody listens. */
void records_write_answer(const struct records_answer *answer);

/* Writes a line to the web server's error log, RECORD_CONTENT_MAX bytes at most. */
void records_write_error(int connection, int id, const char *line, size_t length);

#endif
