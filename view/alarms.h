/* alarms.h - what msgextctl alarm would tell, on the first page */
#ifndef VIEW_ALARMS_H
#define VIEW_ALARMS_H

#include <stdint.h>

struct view;

/*
 * Prints a line for each thing that is wrong, by what is cheap to know; nothing where all is well.
 * newest: when the newest log's last event arrived, in milliseconds since 1970; below 0: not known.
 */
void alarms_print(struct view *view, int64_t newest);

#endif
