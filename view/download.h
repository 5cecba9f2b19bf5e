/* download.h - a message's pairs as a file */
#ifndef VIEW_DOWNLOAD_H
#define VIEW_DOWNLOAD_H

#include <stddef.h>

struct view;

#define DOWNLOAD_HEADERS_SIZE 256

/* A file: what `msgextctl show GROUP MSGSEQ` prints with --csv=excel, --csv or --json, byte for byte. */
struct download {
	char *bytes; /* for free() */
	size_t length;
	const char *type;                    /* Content-Type */
	char headers[DOWNLOAD_HEADERS_SIZE]; /* Content-Disposition, with its CRLF */
};

/*
 * Makes the file that view's address asks for, or view's link: 200; 404: there is no such message;
 * 403: the link hides who answered, and the file would show it; else view->fault says why.
 */
int download_make(struct view *view, struct download *download);

#endif
