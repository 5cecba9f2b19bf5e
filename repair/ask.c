/*
 * ask.c - what is asked for one message, and what its answers lead to.
 *
 * Only an answer that begins at version 0 is imported: one that begins later cannot tell a key that
 * was never touched from one that was deleted.  A page can end inside a version, so the next one
 * begins with the last page's last version.  If the message changed from one page to the next, it
 * is asked for again from 0, for what is known whole ends where the first page does.
 *
 * A message without a gap is probed: one page from the version after the last one known says
 * whether there is a later one.
 *
 * Every failure of the vendor's is HTTP 200 with a code.  One table says what each code leads to.
 * Nothing is asked for ever: trouble is met with one more call, and the caller limits the calls
 * that are refused because they are too many.
 */
#include "repair/ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "base/text.h"
#include "base/time.h"
#include "parse.h"
#include "record.h"
#include "repair/repair_config.h"
#include "repair/curl.h"
#include "repair/find.h"

#define PAGES_MAX 20 /* 300 pairs are two */
#define RESTARTS_MAX 3
#define WORD_MAX 40 /* a longer one in what the vendor says may be a signature */

/* What helps where a code stops all. */
enum setting { SETTING_NONE, SETTING_ADMIN, SETTING_DOMAIN, SETTING_SIGNATURE, SETTING_CLOCK };

static const struct code {
	uint64_t code;
	enum ask_next next;
	enum setting setting;
} codes[] = {
	{ 60007, ASK_SLOWER, SETTING_NONE },
	{ 60011, ASK_SLOWER, SETTING_NONE },
	{ 60018, ASK_SLOWER, SETTING_NONE },
	{ 60019, ASK_SLOWER, SETTING_NONE },
	{ 60008, ASK_AGAIN, SETTING_NONE },
	{ 10002, ASK_AGAIN, SETTING_NONE },
	{ 60010, ASK_STOP, SETTING_ADMIN },
	{ 60020, ASK_STOP, SETTING_NONE },
	{ 60021, ASK_STOP, SETTING_NONE },
	{ 70001, ASK_STOP, SETTING_CLOCK },
	{ 70003, ASK_STOP, SETTING_SIGNATURE },
	{ 70009, ASK_STOP, SETTING_SIGNATURE },
	{ 70013, ASK_STOP, SETTING_SIGNATURE },
	{ 70014, ASK_STOP, SETTING_SIGNATURE },
	{ 70016, ASK_STOP, SETTING_DOMAIN },
	{ 70020, ASK_STOP, SETTING_DOMAIN },
	{ 70050, ASK_STOP, SETTING_SIGNATURE },
	{ 10010, ASK_REFUSED, SETTING_NONE },
	{ 10015, ASK_REFUSED, SETTING_NONE },
};

static const struct code unknown_code = { 0, ASK_REFUSED, SETTING_NONE };

#define CODE_SIGNATURES_LIMITED 70050

static const struct code *
code_find(uint64_t code)
{
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
		if (codes[i].code == code)
			return &codes[i];
	return &unknown_code;
}

void
ask_begin(struct ask *ask, struct task *task)
{
	*ask = (struct ask){ .task = task, .probing = task->kind == TASK_END };
	ask->start_seq = ask->probing ? task->latest_seq + 1 : 0;
}

void
ask_end(struct ask *ask)
{
	free(ask->pages);
	*ask = (struct ask){ .task = NULL };
}

/* Begins with version 0 again. */
static void
ask_from_zero(struct ask *ask)
{
	ask->probing = false;
	ask->start_seq = 0;
	ask->page_count = 0;
	ask->length = 0;
}

char *
ask_body(const struct ask *ask)
{
	const char *group_id = ask->task->group_id;
	size_t length = strlen(group_id);
	char *body = malloc(6 * length + 100), *at = body;

	if (body == NULL)
		return NULL;
	at += sprintf(at, "{\"GroupId\":");
	at += json_quote(at, group_id, length);
	sprintf(at, ",\"MsgSeq\":%llu,\"StartSeq\":%llu}", (unsigned long long)ask->task->msg_seq,
	    (unsigned long long)ask->start_seq);
	return body;
}

/* Nothing is asked for ever. */
static enum ask_next
once_more(struct ask *ask)
{
	return ask->troubles++ == 0 ? ASK_AGAIN : ASK_LEFT;
}

/* Trouble that may pass, of all messages. */
static enum ask_next
trouble(struct ask *ask)
{
	ask->is_trouble = true;
	return once_more(ask);
}

enum ask_next
ask_doubt(struct ask *ask)
{
	ask_from_zero(ask);
	return once_more(ask);
}

/*
 * What came is no answer.  From the vendor it is of this message alone: any member of a group can
 * have written what we refuse, and must not keep others from being asked for.
 */
static enum ask_next
nonsense_take(struct ask *ask, const struct curl_done *done)
{
	static const char member[] = "\"ActionStatus\"";

	if (memmem(done->body, done->length, member, strlen(member)) != NULL)
		return ask_doubt(ask);
	ask_from_zero(ask);
	return trouble(ask);
}

/* The vendor's answer has what we refuse: next time it will, too. */
static enum ask_next
answer_refuse(struct ask *ask, const struct curl_done *done, const struct fault *fault)
{
	enum ask_next next = nonsense_take(ask, done);
	struct repair *repair = &ask->repair;

	if (next != ASK_LEFT || ask->is_trouble)
		return next;
	repair->code = 0;
	snprintf(repair->reason, sizeof(repair->reason), "%s", fault->detail);
	return ASK_REFUSED;
}

/* codes */

/* What the vendor says may repeat a signature: long words are taken out. */
static void
words_cut(char *text)
{
	char *to = text;

	for (const char *at = text; *at != '\0';) {
		size_t length = strcspn(at, " ");

		if (length > WORD_MAX) {
			memcpy(to, "...", 3);
			to += 3;
		} else {
			memmove(to, at, length);
			to += length;
		}
		at += length;
		if (*at == ' ')
			*to++ = *at++;
	}
	*to = '\0';
}

/* Adds to the fault what setting is to be looked at. */
static void
setting_tell(const struct repair_config *config, enum setting setting, const char *date,
    struct fault *fault)
{
	const char *file =
	    config->rest_key_file != NULL ? config->rest_key_file : config->rest_usersig_file;
	const struct fault bare = *fault;
	char now[TIME_SIZE];

	time_print(time_now(), now);
	if (setting == SETTING_ADMIN)
		fault_set(fault, bare.code, "%.120s (rest_admin = %.100s)", bare.detail,
		    config->rest_admin);
	else if (setting == SETTING_DOMAIN)
		fault_set(fault, bare.code, "%.120s (rest_domain = %.100s)", bare.detail,
		    config->rest_domain);
	else if (setting == SETTING_SIGNATURE)
		fault_set(fault, bare.code, "%.120s (sdk_app_id, rest_admin, %.80s)", bare.detail,
		    file);
	else if (setting == SETTING_CLOCK)
		fault_set(fault, bare.code, "%.120s (it is %s here, %s there)", bare.detail, now,
		    date[0] == '\0' ? "and no time" : date);
}

/* The vendor refuses.  document_answer says what its code means. */
static enum ask_next
code_take(struct ask *ask, const struct repair_config *config, uint64_t number,
    const struct curl_done *done, struct fault *fault)
{
	const struct code *code = code_find(number);
	struct repair *repair = &ask->repair;

	words_cut(fault->detail);
	if (code->next == ASK_AGAIN)
		return trouble(ask);
	if (code->next == ASK_REFUSED) {
		repair->code = number;
		snprintf(repair->reason, sizeof(repair->reason), "%s",
		    code == &unknown_code ? fault->detail : "the group is gone");
	}
	if (code->next == ASK_STOP) {
		fault->code =
		    number == CODE_SIGNATURES_LIMITED ? FAULT_REST_LIMITED : FAULT_REST_REFUSED;
		setting_tell(config, code->setting, done->date, fault);
	}
	return code->next;
}

/* answers */

/* Keeps the page with those before it. */
static int
page_keep(struct ask *ask, const struct document *document, struct fault *fault)
{
	size_t length;
	const char *text = document_text(document, &length);
	char *larger = realloc(ask->pages, ask->length + length + 1);

	if (larger == NULL)
		return fault_memory(fault);
	ask->pages = larger;
	memcpy(larger + ask->length, text, length);
	larger[ask->length + length] = '\n';
	ask->length += length + 1;
	ask->page_count++;
	return 0;
}

/* The highest version of the page's pairs. */
static uint64_t
page_last(const struct record *record)
{
	uint64_t last = 0;

	for (size_t i = 0; i < record->event.pair_count; i++)
		if (record->event.pairs[i].seq > last)
			last = record->event.pairs[i].seq;
	return last;
}

/* The vendor answers. */
static enum ask_next
page_take(struct ask *ask, const struct document *document, const struct record *record,
    bool complete, struct fault *fault)
{
	uint64_t latest = record->event.seq, last = page_last(record);

	if (ask->probing) {
		if (latest <= ask->task->latest_seq)
			return ASK_KNOWN;
		ask_from_zero(ask);
		return ASK_MORE;
	}
	/* Such a page would lead to the same one for ever. */
	if (!complete && (last <= ask->start_seq || ask->page_count == PAGES_MAX)) {
		fault_set(fault, FAULT_FIELD_RANGE, "CompleteFlag: there is no last page");
		return once_more(ask);
	}
	if (ask->page_count == 0)
		ask->first_latest = latest;
	if (page_keep(ask, document, fault) != 0)
		return ASK_STOP;
	if (!complete) {
		ask->start_seq = last;
		return ASK_MORE;
	}
	if (latest != ask->first_latest && ask->restarts++ < RESTARTS_MAX) {
		ask_from_zero(ask);
		return ASK_MORE;
	}
	return ASK_DONE;
}

enum ask_next
ask_take(struct ask *ask, const struct repair_config *config, const struct curl_done *done,
    struct fault *fault)
{
	enum ask_next next;
	struct document *document;
	struct record record;
	uint64_t code = 0;
	bool complete;

	ask->is_trouble = false;
	if (done->result == CURL_FAILED || done->status != 200) {
		if (done->result == CURL_FAILED)
			fault_set(fault, FAULT_REST_FAILED, "%s", done->reason);
		else
			fault_set(fault, FAULT_REST_FAILED, "answers with HTTP status %ld",
			    done->status);
		return trouble(ask);
	}
	document = document_parse(done->body, done->length, fault);
	if (document == NULL)
		return fault->code == FAULT_MEMORY ? ASK_STOP : nonsense_take(ask, done);
	if (document_answer(document, &record, &complete, fault) == 0)
		next = page_take(ask, document, &record, complete, fault);
	else if (fault->code == FAULT_MEMORY)
		next = ASK_STOP;
	else if (document_answer_code(document, &code, &(struct fault){ 0 }) == 0 && code != 0)
		next = code_take(ask, config, code, done, fault);
	else
		next = answer_refuse(ask, done, fault);
	document_free(document);
	return next;
}
