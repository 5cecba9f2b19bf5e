/* scan.h - log file -> lines, without a lock */
#ifndef LOG_SCAN_H
#define LOG_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct fault;
struct fingerprint;

/* A whole line of a log.  Its bytes are valid until the next call. */
struct line {
	const char *bytes; /* a newline is after them, no NUL; of an overlong line, its end alone */
	size_t length;     /* without the newline */
	off_t offset;      /* of its first byte in the file */
	uint64_t number;   /* from 1; scan_find does not count the lines that it skips */
	bool overlong;     /* longer than any line of ours */
};

/*
 * The lines of a log from its beginning:
 *
 *     if (scan_open(&scan, data_dir, name, &fault) == 1) {
 *         while ((result = scan_next(&scan, &line, &fault)) == 1)
 *             use(&line);                           until the next call
 *         scan_close(&scan);                        result: 0 at the end, -1: fault
 *     }
 */
struct scan {
	int fd; /* -1: not open; else the caller may read it, by offset */
	dev_t device;
	ino_t inode;
	off_t file_size; /* bytes, when it was opened; of a pipe INT64_MAX */
	uint64_t number; /* of the last line that was handed out */
	off_t
	    limit; /* the caller may set it: the scan ends there, where a line begins; 0: at the file's end */
	/* private */
	char *buffer;
	size_t size, start, end, searched, skipped;
	size_t lines_end; /* after the buffer's last newline; 0: not looked for yet */
	off_t offset;
	bool overlong, at_end;
	bool shares; /* another scan's descriptor */
};

struct scan_names {
	char **names;
	size_t count;
	size_t size; /* private: how many there is room for */
};

/* 1: open, for scan_close; 0: there is no such file; -1: DATA_DIR, OPEN_FAILED, LOG_UNSAFE, MEMORY. */
int scan_open(struct scan *scan, const char *data_dir, const char *name, struct fault *fault);
/*
 * The same in two steps, for a log whose turn comes later: scan_open_ahead opens
 * it, scan_fetch has its beginning read meanwhile, scan_begin makes it ready.
 */
int scan_open_ahead(struct scan *scan, const char *data_dir, const char *name, struct fault *fault);
void scan_fetch(const struct scan *scan);
int scan_begin(struct scan *scan, struct fault *fault);
/* A scan without a file: the caller sets fd, of one file after the other, and calls scan_seek.  -1: MEMORY. */
int scan_prepare(struct scan *scan, struct fault *fault);
/*
 * After scan_next has returned 0: what stands behind the last newline, as the scan's last line.  1; 0:
 * nothing; -1: MEMORY.  It was never acknowledged, and may be in the middle of being written.
 */
int scan_rest(struct scan *scan, struct line *line, struct fault *fault);
void scan_close(struct scan *scan);
/* 1: the next line; 0: no whole line any more, or not yet: ask again when the file has grown; -1: OPEN_FAILED, MEMORY. */
int scan_next(struct scan *scan, struct line *line, struct fault *fault);
/* Likewise the next line with the needle, of two bytes or more, where no digit follows it. */
int scan_find(struct scan *scan, const char *needle, struct line *line, struct fault *fault);
/* The fingerprint of a line whose newline ends at that offset: the scan's, once the line was handed out. */
void line_fingerprint(const struct line *line, off_t end, struct fingerprint *print);
/* For tests: scan_find does without what only some processors have. */
extern bool scan_plain;
/* At the end: the bytes of a line without its newline. */
size_t scan_unfinished(const struct scan *scan);
/* Continues at an offset where a line begins; number: of the line before it. */
void scan_seek(struct scan *scan, off_t offset, uint64_t number);
/* Where the next line begins. */
off_t scan_offset(const struct scan *scan);

/*
 * A log in parts, for threads: where the first line begins at or after an offset, which is not 0; 0: none does.
 * And a scan of the lines that begin from first up to limit (0: to the end), beside the scan that the file was
 * opened with, which must live as long.  -1: OPEN_FAILED, MEMORY.
 */
off_t scan_line_begin(const struct scan *scan, off_t offset, struct fault *fault);
int scan_part(const struct scan *scan, off_t first, off_t limit, struct scan *part,
    struct fault *fault);

/* A log's size in bytes; 0 where there is none. */
off_t scan_size(const char *data_dir, const char *name);

/* The file names of all logs in a directory, sorted; scan_names_free frees them.  -1: DATA_DIR, MEMORY. */
int scan_list(const char *data_dir, struct scan_names *names, struct fault *fault);
void scan_names_free(struct scan_names *names);
/* Names of other files: takes one in, its first length bytes (-1: no memory); and sorts them. */
int scan_names_add(struct scan_names *names, const char *name, size_t length);
void scan_names_sort(struct scan_names *names);

#endif
