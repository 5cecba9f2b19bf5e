/*
 * sound.c - the beginning of a log of which verify has nothing to say, read by several threads.
 *
 * What verify prints depends on the order of lines, and most logs are without any fault.  So the parts of a log
 * (parts.c) are only asked whether there is anything to say, each by a thread that ends at its first line for which
 * there might be; and parts in a row that are sound to their ends, with no version in common, are sound together.
 * verify itself looks at all that comes behind, line after line, as if it had read what is before: it has
 * the state of that.
 */
#include <stdlib.h>
#include <string.h>

#include "base/fault.h"
#include "ctl/ctl.h"
#include "ctl/parts.h"
#include "ctl/progress.h"
#include "ctl/read.h"
#include "ctl/recent.h"
#include "ctl/sound.h"
#include "log/line.h"
#include "log/source.h"
#include "log/state.h"
#include "shape.h"

/* What a thread has found of its part. */
struct look {
	const struct sound *sound;
	struct state *state;
	struct recents *recents;
	bool whole;      /* the part is sound to its end */
	off_t end;       /* of the sound lines, */
	uint64_t number; /* the number of the last one, from 1 in each part, */
	uint64_t lines;  /* and how many they are */
};

/* Is there nothing to say of the line?  If so, its version is in the state. */
static bool
line_is_sound(struct part *part, const struct line *line)
{
	struct look *look = part->context;
	struct ctl *ctl = part->ctl;
	struct record record;
	size_t body;
	int known;

	if (line->overlong || !shape_read(&ctl->reader.shape, line->bytes, line->length, &record) ||
	    !ctl_group_has(ctl, record.event.group_id, part->source->name))
		return false;
	body = ctl->reader.shape.body;
	known = state_arrive(look->state, &record);
	if (known < 0)
		fault_memory(&ctl->fault);
	else if (known == 0)
		recents_keep(look->recents, line, body, &record.event);
	else
		return record.erased_count > 0 ||
		    recents_have(look->recents, part->source->scan.fd, line, body, &record.event);
	return known == 0;
}

/* A thread's work. */
static void
part_look(struct part *part)
{
	struct look *look = part->context;
	const struct sound *sound = look->sound;
	const struct scan *scan = &part->source->scan;
	struct line line;
	int more;

	look->end = scan_offset(scan);
	while ((more = source_line(part->source, &line, &part->ctl->fault)) == 1) {
		if (sound != NULL)
			progress_show(sound->progress, sound->done + line.offset, sound->total);
		if (!line_is_sound(part, &line))
			return;
		look->end = scan_offset(scan);
		look->number = scan->number;
		look->lines++;
	}
	/* verify meets what cannot be read once more, and says where. */
	if (more < 0 && part->ctl->fault.code == FAULT_OPEN_FAILED)
		part->ctl->fault.code = FAULT_NONE;
	look->whole = more == 0;
	if (look->whole) { /* with a mark that was skipped */
		look->end = scan_offset(scan);
		look->number = scan->number;
	}
}

/* Gives each part what it looks with.  -1: no memory. */
static int
looks_make(struct parts *parts, struct look *looks, const struct sound *sound)
{
	for (size_t i = 0; i < parts->count; i++) {
		looks[i] = (struct look){ .sound = i == 0 ? sound : NULL,
			.state = i == 0 ? sound->state : state_part(sound->state),
			.recents = calloc(1, sizeof(*looks[i].recents)) };
		parts->list[i].context = &looks[i];
		if (looks[i].state == NULL || looks[i].recents == NULL)
			return -1;
	}
	return 0;
}

/* Adds up what is sound from the log's beginning, and lets the scan go on behind it.  -1: no memory. */
static int
looks_add(struct look *looks, size_t count, struct scan *scan, struct sound *sound)
{
	off_t end = looks[0].end;
	uint64_t number = looks[0].number;

	sound->lines = looks[0].lines;
	for (size_t i = 1; i < count && looks[i - 1].whole; i++) {
		if (state_overlaps(sound->state, looks[i].state))
			break;
		if (state_merge(sound->state, looks[i].state) != 0)
			return -1;
		end = looks[i].end;
		number += looks[i].number;
		sound->lines += looks[i].lines;
	}
	scan_seek(scan, end, number);
	return 0;
}

int
sound_read(struct ctl *ctl, const char *name, struct scan *scan, struct sound *sound)
{
	struct source source = { .scan = *scan,
		.size = scan->file_size,
		.data_dir = ctl->store.data_dir };
	size_t wanted = parts_wanted(ctl, source.size);
	struct look looks[PARTS_MAX] = { 0 };
	struct parts parts;
	int result = -1;

	sound->lines = 0;
	sound->state = state_new();
	if (sound->state == NULL)
		return fault_memory(&ctl->fault);
	if (wanted == 1)
		return 0;
	strcpy(source.name, name);
	if (parts_make(&parts, ctl, &source, wanted) != 0) {
		if (ctl->fault.code != FAULT_OPEN_FAILED)
			return -1;
		ctl->fault.code = FAULT_NONE; /* verify meets it, too */
		return 0;
	}
	if (looks_make(&parts, looks, sound) != 0)
		fault_memory(&ctl->fault);
	else
		parts_run(&parts, part_look);
	result = parts_end(&parts);
	*scan = source.scan;
	scan->limit = 0;
	if (result == 0 && looks_add(looks, parts.count, scan, sound) != 0)
		result = fault_memory(&ctl->fault);
	for (size_t i = 0; i < parts.count; i++) {
		if (i > 0)
			state_free(looks[i].state);
		free(looks[i].recents);
	}
	return result;
}
