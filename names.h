/* names.h - which file holds which group's log */
#ifndef NAMES_H
#define NAMES_H

#include <stdbool.h>
#include <stddef.h>

#define LOG_ENDING ".jsonl"
#define STORE_NAME_SIZE 208 /* a log's file name with its ending and NUL */

/*
 * The file name that keeps a group's log: its stem has no '/', no '.', at most 200 bytes.
 * store_name_short: where the file system holds no such name, one of at most 143 bytes, beside
 * which the longest ending fits as well; the same where that is no longer.
 */
void store_name(const char *group_id, char name[STORE_NAME_SIZE]);
void store_name_short(const char *group_id, char name[STORE_NAME_SIZE]);

/* Which of both the group's log has in that directory, or would get; a directory may have come from elsewhere. */
void store_name_find(const char *data_dir, const char *group_id, char name[STORE_NAME_SIZE]);

/*
 * The stem of a file beside the group's log, whose ending has so many bytes; its length.  One that would
 * be too long for some homes is cut and hashed.
 */
size_t name_sibling(const char *group_id, const char *log_name, size_t ending_length,
    char stem[STORE_NAME_SIZE]);

/* Could it be the name of a log? */
bool scan_name_is_log(const char *name);

#endif
