/*
 * usersig.c - the signature that says who calls the vendor's interface (UserSig, TLSSigAPIv2).
 *
 * A text of four lines is signed with HMAC-SHA256 under the app's key.  Account, app, times and
 * code then stand in a JSON object, which is deflated (zlib) and written as base64, with other
 * characters where a URL would need escapes.
 *
 * The key is used as its text, not as the bytes that its digits would mean.
 *
 * Deflaters differ, so two programs make two texts of one signature: what counts is what comes out
 * when they are inflated.
 */
#include "repair/usersig.h"

#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "base/base.h"
#include "base/fault.h"
#include "base/hmac.h"
#include "base/text.h"
#include "json.h"

#define JSON_SIZE 2400 /* 6 bytes for each of an identifier's, and all else */
#define BASE64_SIZE(bytes) (((bytes) + 2) / 3 * 4 + 1)

/* The last three are the marks of 62, 63 and of what is filled up. */
static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789*-_";

/* Writes the bytes as base64 with those digits, and a NUL. */
static void
base64_print(const char *digits, const uint8_t *bytes, size_t length, char *text)
{
	for (size_t i = 0; i < length; i += 3) {
		size_t count = length - i < 3 ? length - i : 3;
		uint32_t bits = (uint32_t)bytes[i] << 16;

		if (count > 1)
			bits |= (uint32_t)bytes[i + 1] << 8;
		if (count > 2)
			bits |= bytes[i + 2];
		*text++ = digits[bits >> 18];
		*text++ = digits[bits >> 12 & 63];
		*text++ = digits[count > 1 ? bits >> 6 & 63 : 64];
		*text++ = digits[count > 2 ? bits & 63 : 64];
	}
	*text = '\0';
}

/* Reads what base64_print writes with for_urls: how many bytes; 0: it is none. */
static size_t
base64_parse(const char *text, uint8_t *bytes)
{
	size_t length = strlen(text), used = 0;

	if (length == 0 || length % 4 != 0)
		return 0;
	for (size_t i = 0; i < length; i += 4) {
		uint32_t bits = 0;
		size_t filled = 0;

		for (size_t j = i; j < i + 4; j++) {
			const char *digit = strchr(for_urls, text[j]);
			bool fills = digit == for_urls + 64;

			if (digit == NULL || (filled > 0 && !fills))
				return 0;
			filled += fills;
			bits = bits << 6 | (fills ? 0 : (uint32_t)(digit - for_urls));
		}
		if (filled > 2 || (filled > 0 && i + 4 < length))
			return 0;
		bytes[used++] = (uint8_t)(bits >> 16);
		if (filled < 2)
			bytes[used++] = (uint8_t)(bits >> 8);
		if (filled < 1)
			bytes[used++] = (uint8_t)bits;
	}
	return used;
}

/* The JSON object; its length. */
static size_t
json_make(const struct usersig *usersig, const char *key, size_t key_length, char json[JSON_SIZE])
{
	char text[USERSIG_ADMIN_MAX + 160], code[BASE64_SIZE(HMAC_SIZE)];
	char quoted[6 * USERSIG_ADMIN_MAX + 3];
	unsigned long long app = usersig->sdk_app_id, time = usersig->time,
			   expire = usersig->expire;
	uint8_t hash[HMAC_SIZE];
	int length = snprintf(text, sizeof(text),
	    "TLS.identifier:%s\nTLS.sdkappid:%llu\nTLS.time:%llu\nTLS.expire:%llu\n",
	    usersig->identifier, app, time, expire);

	hmac_sha256(key, key_length, text, (size_t)length, hash);
	base64_print(standard, hash, sizeof(hash), code);
	quoted[json_quote(quoted, usersig->identifier, strlen(usersig->identifier))] = '\0';
	return (size_t)snprintf(json, JSON_SIZE,
	    "{\"TLS.ver\":\"2.0\",\"TLS.identifier\":%s,\"TLS.sdkappid\":%llu,\"TLS.time\":%llu,"
	    "\"TLS.expire\":%llu,\"TLS.sig\":\"%s\"}",
	    quoted, app, time, expire, code);
}

int
usersig_make(const struct usersig *usersig, const char *key, size_t key_length,
    char text[USERSIG_SIZE], struct fault *fault)
{
	char json[JSON_SIZE];
	uint8_t packed[JSON_SIZE + 256]; /* what cannot be made smaller takes little more */
	z_stream stream = { .next_in = (uint8_t *)json,
		.next_out = packed,
		.avail_out = sizeof(packed) };
	int result;

	_Static_assert(BASE64_SIZE(sizeof(packed)) <= USERSIG_SIZE, "it fits");
	if (strlen(usersig->identifier) > USERSIG_ADMIN_MAX)
		return fault_set(fault, FAULT_FIELD_RANGE, "identifier: is too long");
	stream.avail_in = (unsigned)json_make(usersig, key, key_length, json);
	if (deflateInit(&stream, Z_DEFAULT_COMPRESSION) != Z_OK)
		return fault_memory(fault);
	result = deflate(&stream, Z_FINISH);
	deflateEnd(&stream);
	if (result != Z_STREAM_END)
		return fault_memory(fault);
	base64_print(for_urls, packed, sizeof(packed) - stream.avail_out, text);
	return 0;
}

/* Inflates a signature, with a NUL: its length; -1: fault. */
static int
json_inflate(const char *text, char json[JSON_SIZE], struct fault *fault)
{
	uint8_t packed[USERSIG_SIZE];
	z_stream stream = { .next_in = packed,
		.next_out = (uint8_t *)json,
		.avail_out = JSON_SIZE - 1 };
	int result;

	if (strlen(text) < USERSIG_SIZE)
		stream.avail_in = (unsigned)base64_parse(text, packed);
	if (stream.avail_in == 0)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "is not a UserSig (letters, digits, '*', '-' and '_', as the vendor's tools "
		    "make it)");
	if (inflateInit(&stream) != Z_OK)
		return fault_memory(fault);
	result = inflate(&stream, Z_FINISH);
	inflateEnd(&stream);
	if (result == Z_MEM_ERROR)
		return fault_memory(fault);
	if (result != Z_STREAM_END || stream.avail_in != 0)
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "is not a whole UserSig (copy all of it)");
	json[JSON_SIZE - 1 - stream.avail_out] = '\0';
	return 0;
}

/* Where the value of that member begins; NULL: there is none.  An account may be named as a member is. */
static const char *
member_find(const char *json, const char *name)
{
	const char *at = json;

	while ((at = strstr(at, name)) != NULL) {
		at += strlen(name);
		at += strspn(at, " \t\r\n");
		if (*at == ':')
			return at + 1 + strspn(at + 1, " \t\r\n");
	}
	return NULL;
}

static bool
number_read(const char *json, const char *name, uint64_t *number)
{
	const char *at = member_find(json, name);

	return at != NULL && integer_parse(at, strspn(at, "0123456789"), number);
}

/* Reads a JSON string, however it is spelt. */
static bool
string_read(const char *json, const char *name, char *to, size_t size)
{
	const char *at = member_find(json, name), *end = json + strlen(json);
	size_t used = 0;

	if (at == NULL || *at++ != '"')
		return false;
	while (*at != '"' && *at != '\0' && used + 4 < size) {
		int32_t character;
		size_t length;

		if (*at != '\\') {
			to[used++] = *at++;
			continue;
		}
		length = json_escape(at, end, &character);
		if (length == 0 || character <= 0)
			return false;
		used += utf8_put(to + used, (uint32_t)character);
		at += length;
	}
	to[used] = '\0';
	return *at == '"';
}

int
usersig_read(const char *text, struct usersig_says *says, struct fault *fault)
{
	char json[JSON_SIZE];

	*says = (struct usersig_says){ .sdk_app_id = 0 };
	if (json_inflate(text, json, fault) != 0)
		return -1;
	if (!string_read(json, "\"TLS.identifier\"", says->identifier, sizeof(says->identifier)) ||
	    !number_read(json, "\"TLS.sdkappid\"", &says->sdk_app_id) ||
	    !number_read(json, "\"TLS.time\"", &says->time) ||
	    !number_read(json, "\"TLS.expire\"", &says->expire))
		return fault_set(fault, FAULT_FIELD_RANGE,
		    "is a UserSig without account, app or times");
	return 0;
}

bool
usersig_is_of(const struct usersig_says *says, const char *identifier, uint64_t sdk_app_id)
{
	return says->sdk_app_id == sdk_app_id && strcmp(says->identifier, identifier) == 0;
}
