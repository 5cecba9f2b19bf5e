/* harden.h - what the process could do, given up */
#ifndef BASE_HARDEN_H
#define BASE_HARDEN_H

/*
 * For the rest of the process: no new privileges, and where the kernel has
 * Landlock no file can be opened but in the data directory.
 */
void harden(const char *data_dir);

#endif
