/*
 * repairs.h - what msgext-repair could not repair, and what its last run did
 *
 *	struct repairs repairs;
 *
 *	if (repairs_read(&repairs, data_dir, fault) == 0)
 *		repair = repairs_find(&repairs, group_id, msg_seq);
 *	repairs_free(&repairs);
 *
 * They stand in a file of the data directory that is no log: its name begins with a dot.
 */
#ifndef LOG_REPAIRS_H
#define LOG_REPAIRS_H

#include <stddef.h>
#include <stdint.h>

struct fault;
struct store_options;

#define REPAIRS_NAME ".repair-state"
#define REPAIR_REASON_SIZE 256
#define REPAIR_SLUG_SIZE 32

/* Why a message cannot be repaired. */
struct repair {
	uint64_t code; /* of the vendor's; 0: it is not his */
	int64_t asked; /* milliseconds since 1970 */
	char reason[REPAIR_REASON_SIZE];
};

struct repairs_entry;

struct repairs {
	/* the last run */
	int64_t ended;                  /* milliseconds since 1970; -1: there was none */
	uint64_t calls, repaired, left; /* left: messages that have gaps still */
	char failed[REPAIR_SLUG_SIZE];  /* the fault that ended it; "": none */
	int64_t failed_since;           /* the first of the runs in a row that failed; or 0 */
	int64_t signature_ends;         /* of rest_usersig_file; 0: not known */
	/* private */
	struct repairs_entry *entries;
	size_t count, size;
};

/*
 * Reads them; where there is no file, there are none.  What is no line of ours is skipped.  Fails
 * with OPEN_FAILED, MEMORY; then there is nothing to free.
 */
int repairs_read(struct repairs *repairs, const char *data_dir, struct fault *fault);
/* Those of the message, as long as none is added; NULL: none. */
const struct repair *repairs_find(const struct repairs *repairs, const char *group_id,
    uint64_t msg_seq);
/* How many messages cannot be repaired. */
uint64_t repairs_count(const struct repairs *repairs);
/* Adds one of a message that has none; repairs may begin as { .ended = -1 }.  -1: no memory. */
int repairs_add(struct repairs *repairs, const char *group_id, uint64_t msg_seq,
    const struct repair *repair);
/*
 * Puts them into the file, in one step.  Fails with OPEN_FAILED, WRITE_FAILED, SYNC_FAILED, MEMORY.
 */
int repairs_write(struct repairs *repairs, const struct store_options *options,
    struct fault *fault);
void repairs_free(struct repairs *repairs);

#endif
