/* page.h - the check as a page, where there is no shell */
#ifndef CTL_PAGE_H
#define CTL_PAGE_H

#include <stdbool.h>

/* Is the process's first argument (or NULL) the script that was executed? */
bool page_is_asked_for(const char *argument);

/* Answers a CGI request by what the script's configuration says: the exit status. */
int page_serve(const char *script);

#endif
