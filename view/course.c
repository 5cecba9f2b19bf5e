/*
 * course.c - how a message's answers came: when each did, and how many there were at some versions.
 *
 * Of each key the newest change is held, as in log/state.c but without its text: a 64-bit hash
 * with a seed of its own stands for the key.  So memory is as the keys, however long the log.
 *
 * A sample is the number of answers that the message has at a version: what a fold of all records
 * up to that version gives, whichever order they came in.  One is taken after each record; when
 * there are too many, every second is dropped and from then on half as many are taken.  As
 * records mostly come in the order of their versions, a sample is right when it is taken.  A record
 * that is late may concern samples of its version and above.  Those are put right where that can be
 * done with what is held, and dropped where it cannot:
 *
 *   the key's newest change has come with a record of at most the sample's version: then the
 *              sample counted that one, and counts what the two give together
 *   it has come with a later one: what the key had at the sample's version is not held
 *   the record clears, or says which keys there are, or which versions were erased: it may
 *              concern all keys
 *   versions were erased: which were at the sample's version is not held
 *
 * The number of answers is kept while changes come.  A clear or snapshot is mostly newer than
 * all keys, and then none is left but those that it lists; where it is not, they are counted anew
 * for the next sample.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "view/course.h"
#include "base/hash.h"
#include "log/ranges.h"
#include "record.h"
#include "view/result.h"

/* A key's newest change. */
struct known {
	uint64_t hash;      /* of the key; 0: the slot is free */
	uint64_t rank;      /* twice its version, and 1 where its line names that as erased */
	uint64_t confirmed; /* the highest snapshot that lists the key */
	uint64_t at;        /* the highest version of the records that said so */
	int64_t time;       /* when an event of that version came first; -1: none did */
	bool deleted;
};

/* What was cleared, and up to where the keys listed are all. */
struct bounds {
	uint64_t clear, complete;
};

struct sample {
	struct result_moment moment;
	struct bounds bounds;
	bool dropped;
};

struct course {
	struct hash_seed seed;
	struct known *keys;
	size_t size; /* a power of two, or 0 */
	size_t count;
	uint64_t newest; /* the highest version of any key */
	uint64_t latest;
	int64_t time;
	struct bounds bounds;
	struct ranges erased; /* versions, as in log/state.c */
	uint64_t answers;
	bool stale; /* they have to be counted anew */
	struct sample samples[RESULT_LINE_MAX];
	size_t sample_count;
	uint64_t stride, left; /* records between two samples, and until the next */
};

struct course *
course_new(void)
{
	struct course *course = calloc(1, sizeof(*course));

	if (course == NULL)
		return NULL;
	hash_seed_make(&course->seed);
	course->time = -1;
	course->stride = course->left = 1;
	return course;
}

void
course_free(struct course *course)
{
	if (course == NULL)
		return;
	free(course->keys);
	ranges_free(&course->erased);
	free(course);
}

/* keys */

static uint64_t
key_hash(const struct course *course, const char *key)
{
	uint64_t hash = hash_text(&course->seed, key, strlen(key));

	return hash == 0 ? 1 : hash;
}

/* In a table that is not full. */
static struct known *
key_slot(struct known *keys, size_t size, uint64_t hash)
{
	size_t at = (size_t)hash & (size - 1);

	while (keys[at].hash != 0 && keys[at].hash != hash)
		at = (at + 1) & (size - 1);
	return &keys[at];
}

static int
keys_grow(struct course *course)
{
	size_t size = course->size == 0 ? 64 : 2 * course->size;
	struct known *keys = calloc(size, sizeof(*keys));

	if (keys == NULL)
		return -1;
	for (size_t i = 0; i < course->size; i++)
		if (course->keys[i].hash != 0)
			*key_slot(keys, size, course->keys[i].hash) = course->keys[i];
	free(course->keys);
	course->keys = keys;
	course->size = size;
	return 0;
}

/* Is it an answer? */
static bool
known_shows(const struct course *course, const struct known *known, const struct bounds *bounds)
{
	uint64_t seq = known->rank / 2;

	return known->hash != 0 && !known->deleted && seq > bounds->clear &&
	    (seq > bounds->complete || known->confirmed == bounds->complete) &&
	    (known->rank % 2 == 1 || !ranges_have(&course->erased, seq));
}

/* What is known of a key once a change is known, too. */
static struct known
known_join(const struct known *held, const struct known *change)
{
	struct known joined = *held;

	if (held->hash == 0)
		return *change;
	if (change->rank > held->rank) {
		joined.rank = change->rank;
		joined.deleted = change->deleted;
		joined.time = change->time;
	} else if (change->rank == held->rank) {
		joined.deleted = held->deleted || change->deleted;
		if (held->time < 0 || (change->time >= 0 && change->time < held->time))
			joined.time = change->time;
	}
	if (change->confirmed > held->confirmed)
		joined.confirmed = change->confirmed;
	if (joined.rank != held->rank || joined.deleted != held->deleted ||
	    joined.confirmed != held->confirmed)
		joined.at = change->at > held->at ? change->at : held->at;
	return joined;
}

static uint64_t
answers_count(struct course *course)
{
	if (course->stale) {
		course->answers = 0;
		for (size_t i = 0; i < course->size; i++)
			course->answers += known_shows(course, &course->keys[i], &course->bounds);
		course->stale = false;
	}
	return course->answers;
}

/* samples */

/* The first sample that a record of that version concerns. */
static size_t
samples_from(const struct course *course, uint64_t version)
{
	size_t from = course->sample_count;

	while (from > 0 && course->samples[from - 1].moment.version >= version)
		from--;
	return from;
}

/* A late record's change comes to what the key has. */
static void
samples_correct(struct course *course, size_t from, const struct known *held,
    const struct known *change)
{
	struct known joined;

	if (from == course->sample_count)
		return;
	joined = known_join(held, change);
	for (size_t i = from; i < course->sample_count; i++) {
		struct sample *sample = &course->samples[i];
		bool before = known_shows(course, held, &sample->bounds);
		bool after = known_shows(course, &joined, &sample->bounds);

		if ((held->hash != 0 && held->at > sample->moment.version) ||
		    ranges_count(&course->erased) > 0)
			sample->dropped = true;
		else if (before != after)
			sample->moment.answers += after ? 1 : (uint64_t)-1;
	}
}

/* Of the samples from there on, those are dropped for which the record's bounds are news. */
static void
samples_bound(struct course *course, size_t from, const struct record *record)
{
	for (size_t i = from; i < course->sample_count; i++) {
		struct sample *sample = &course->samples[i];

		if (record->clear_seq > sample->bounds.clear ||
		    record->complete_up_to > sample->bounds.complete)
			sample->dropped = true;
	}
}

static void
samples_close_up(struct course *course)
{
	size_t used = 0;

	for (size_t i = 0; i < course->sample_count; i++)
		if (!course->samples[i].dropped)
			course->samples[used++] = course->samples[i];
	course->sample_count = used;
}

static void
sample_take(struct course *course)
{
	size_t count = course->sample_count;

	if (count > 0 && course->samples[count - 1].moment.version == course->latest)
		course->sample_count--;
	if (course->sample_count == RESULT_LINE_MAX) {
		for (size_t i = 1; i < count; i += 2)
			course->samples[i].dropped = true;
		samples_close_up(course);
		course->stride *= 2;
	}
	course->samples[course->sample_count++] = (struct sample){
		.moment = { course->latest, course->time, answers_count(course) },
		.bounds = course->bounds,
	};
	course->left = course->stride;
}

/* the fold */

/* Takes a record's bounds in. */
static void
bounds_take(struct course *course, const struct record *record)
{
	struct bounds *bounds = &course->bounds;
	bool clears = record->clear_seq > bounds->clear;
	bool completes = record->complete_up_to > bounds->complete;

	if (clears)
		bounds->clear = record->clear_seq;
	if (completes)
		bounds->complete = record->complete_up_to;
	if ((clears && course->newest <= bounds->clear) ||
	    (completes && course->newest <= bounds->complete)) {
		/* Nothing held is left; what the record itself lists is yet to come. */
		course->answers = 0;
		course->stale = false;
	} else if (clears || completes) {
		course->stale = true;
	}
}

static int
change_take(struct course *course, size_t from, const struct known *change)
{
	struct known *held, joined;
	bool before, after;

	if (4 * (course->count + 1) > 3 * course->size && keys_grow(course) != 0)
		return -1;
	held = key_slot(course->keys, course->size, change->hash);
	samples_correct(course, from, held, change);
	joined = known_join(held, change);
	before = known_shows(course, held, &course->bounds);
	after = known_shows(course, &joined, &course->bounds);
	course->count += held->hash == 0;
	*held = joined;
	if (before != after)
		course->answers += after ? 1 : (uint64_t)-1;
	if (joined.rank / 2 > course->newest)
		course->newest = joined.rank / 2;
	return 0;
}

/* like: what the changes have in common; deletes: whether all of them are. */
static int
changes_take(struct course *course, const struct record *record, const struct event_pair *pairs,
    size_t count, struct known like)
{
	size_t from = samples_from(course, record->event.seq);
	bool deletes = like.deleted;

	for (size_t i = 0; i < count; i++) {
		like.hash = key_hash(course, pairs[i].key);
		like.rank = record_rank(record, pairs[i].seq);
		like.deleted = deletes || pairs[i].value == NULL;
		if (change_take(course, from, &like) != 0)
			return -1;
	}
	return 0;
}

/* Takes in which versions were erased; the samples from there on are of less.  -1: no memory. */
static int
erased_take(struct course *course, size_t from, const struct record *record)
{
	for (size_t i = 0; i < record->erased_count; i++) {
		if (ranges_add(&course->erased, record->erased[i].first, record->erased[i].last) !=
		    0)
			return -1;
		course->stale = true;
	}
	for (size_t i = from; record->erased_count > 0 && i < course->sample_count; i++)
		course->samples[i].dropped = true;
	return 0;
}

int
course_fold(struct course *course, const struct record *record)
{
	const struct event *event = &record->event;
	size_t from = samples_from(course, event->seq);
	struct known like = { .at = event->seq, .time = record->is_snapshot ? -1 : record->time };

	samples_bound(course, from, record);
	bounds_take(course, record);
	if (erased_take(course, from, record) != 0)
		return -1;
	if (event->seq > course->latest)
		course->latest = event->seq;
	if (record->time > course->time)
		course->time = record->time;
	like.deleted = !record->is_snapshot && event->operate_type == OPERATE_DELETE;
	like.confirmed = record->is_snapshot ? record->complete_up_to : 0;
	if (changes_take(course, record, event->pairs, event->pair_count, like) != 0)
		return -1;
	like.confirmed = 0;
	if (changes_take(course, record, record->unlisted, record->unlisted_count, like) != 0)
		return -1;
	like.deleted = true;
	if (changes_take(course, record, record->deleted, record->deleted_count, like) != 0)
		return -1;
	if (from < course->sample_count)
		samples_close_up(course);
	if (--course->left == 0)
		sample_take(course);
	return 0;
}

/* what it has found */

int64_t
course_time(const struct course *course, const char *key, uint64_t seq)
{
	const struct known *known;

	if (course->size == 0)
		return -1;
	known = key_slot(course->keys, course->size, key_hash(course, key));
	return known->hash != 0 && known->rank / 2 == seq ? known->time : -1;
}

size_t
course_line(struct course *course, struct result_moment *line)
{
	sample_take(course);
	for (size_t i = 0; i < course->sample_count; i++)
		line[i] = course->samples[i].moment;
	return course->sample_count;
}
