/* names.h - which file holds which group's log */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_ENDING ".jsonl"
#define STORE_NAME_SIZE 208 /* a log's file name with its ending and NUL */

/*
 * The name of the file that keeps a group's log.  The part before the ending has no '/', no '.',
 * and at most 200 bytes.
 *
 * store_name_short: the name to use where the file system cannot hold such a name.  It has at most
 * 143 bytes even when the longest ending takes the place of LOG_ENDING.  A name that is short
 * already is the same in both.
 */
void store_name(const char *group_id, char name[STORE_NAME_SIZE]);
void store_name_short(const char *group_id, char name[STORE_NAME_SIZE]);

/*
 * Which of the two names the group's log has in that directory, or would get there.  It looks for
 * both, since a directory may have been copied from another file system.
 */
void store_name_find(const char *data_dir, const char *group_id, char name[STORE_NAME_SIZE]);

/*
 * Writes the stem of a sibling of the group's log: a file in the same directory that belongs to the
 * log.  ending_length: the bytes that will follow the stem.  Returns the stem's length.  A stem
 * that would be too long for some file systems is cut and hashed.
 */
size_t name_sibling(const char *group_id, const char *log_name, size_t ending_length,
    char stem[STORE_NAME_SIZE]);

/* Can this be the name of a log? */
bool scan_name_is_log(const char *name);

#endif
