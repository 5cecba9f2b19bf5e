/* human.h - sizes, times and colours for people at a terminal */
#ifndef CTL_HUMAN_H
#define CTL_HUMAN_H

#include <stdbool.h>
#include <stdint.h>

#define HUMAN_SIZE 40

/* "just now", "1 minute ago", "3 days ago", of milliseconds since 1970; "in the future" where now is before it. */
void human_ago(int64_t time, int64_t now, char text[HUMAN_SIZE]);
/* Like time_print, in the zone of TZ: "2025-12-02T16:11:34.395+01:00". */
void human_local(int64_t time, char text[HUMAN_SIZE]);

enum colours { COLOURS_AUTO, COLOURS_ALWAYS, COLOURS_NEVER };

/*
 * May a descriptor have colours?  COLOURS_AUTO: where it is a terminal that knows them, and
 * NO_COLOR is not set or empty.
 */
bool colours_wanted(enum colours colours, int fd);

/* Is standard output a terminal on which a line can be written again? */
bool terminal_moves(void);

enum style { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_LOST, STYLE_ERROR };

/* What begins a style on a terminal; STYLE_PLAIN ends each.  "" where no colours are wanted. */
const char *style(bool wanted, enum style which);

#endif
