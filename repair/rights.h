/* rights.h - what this program and its children may open */
#ifndef REPAIR_RIGHTS_H
#define REPAIR_RIGHTS_H

#include <stdbool.h>

struct repair_config;

/*
 * Gives up all else, where the kernel has Landlock.  curl: where it is.  with_engine: msgext-ship
 * is started, too.  for_ever: files may be put in others' places meanwhile.
 */
void rights_drop(const struct repair_config *config, const char *data_dir, const char *curl,
    bool with_engine, bool for_ever);

#endif
