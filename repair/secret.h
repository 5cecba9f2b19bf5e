/*
 * secret.h - the app's key in memory that nobody else sees, and the end of being root
 *
 *	process_close(fault)                              first of all
 *	secret_read(&key, path, fault)                    as root, where root started it
 *	owner_become(data_dir, fault)
 *	...
 *	secret_wipe(&key);
 */
#ifndef REPAIR_SECRET_H
#define REPAIR_SECRET_H

#include <stddef.h>
#include <sys/types.h>

struct fault;

#define SECRET_SIZE 4096

/* Begins as { 0 }. */
struct secret {
	char *bytes; /* length bytes of printable ASCII; NULL: nothing was read */
	size_t length;
	/* private */
	size_t size;
};

/*
 * From now on, no other process of this user can look into this one, and it leaves no core file.
 * Descriptors 0 to 2 lead somewhere.  Fails with LOG_UNSAFE.
 */
int process_close(struct fault *fault);

/*
 * Reads the one line of a file that is this user's and closed to all others, into memory that is
 * locked and that children do not inherit.  secret_wipe follows either way.  Fails with
 * CONFIG_MISSING, CONFIG_UNREADABLE, CONFIG_UNSAFE, CONFIG_MALFORMED, MEMORY; no detail shows any
 * of it.
 */
int secret_read(struct secret *secret, const char *path, struct fault *fault);
void secret_wipe(struct secret *secret);

/*
 * Reads a signature's line likewise into text, of SECRET_SIZE bytes, from a file that is root's or
 * this user's and that others may not read.
 */
int signature_read(const char *path, char *text, struct fault *fault);

/*
 * Root becomes the owner of the data directory, for good; anyone else must be that owner.  Fails
 * with DATA_DIR, CONFIG_UNSAFE where the directory is root's, LOG_UNSAFE where this is another
 * user or the step cannot be made.
 */
int owner_become(const char *data_dir, struct fault *fault);

#endif
