/*
 * rights.c - what this program and its children may open.
 *
 * curl reads certificates, the resolver's files and libraries; msgext-ship, with --from, also what
 * libpq reads.  msgext-repair(8) lists them all.  What is not there is left out.
 *
 * A file that is put in another's place is a new one, which the rule of the old one does not cover.
 * So of files that are renewed the directory may be read, and of a symbolic link that where it
 * leads, too; and who goes on for ever reads all of
 * /etc, where any network that comes or goes renews the resolver's files.
 */
#include "repair/rights.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/harden.h"
#include "repair/repair_config.h"

#define PATHS_MAX 48
#define HOME_FILES 3

/* What curl and the C library read, and what programs are made of. */
static const char *const always[] = { "/usr", "/lib", "/lib64", "/bin", "/nix/store", "/etc/ssl",
	"/etc/pki", "/etc/ca-certificates", "/etc/crypto-policies", "/run/systemd/resolve",
	"/run/resolvconf", "/run/NetworkManager", "/etc/hosts", "/etc/host.conf", "/etc/gai.conf",
	"/etc/nsswitch.conf", "/etc/resolv.conf", "/etc/services", "/etc/ld.so.cache",
	"/etc/passwd", "/dev/null", "/dev/urandom" };

/* What libpq reads: these, what variables name, and files of the home. */
static const char *const of_libpq[] = { "/etc/postgresql-common", "/etc/krb5.conf" };
static const char *const variables[] = { "PGPASSFILE", "PGSERVICEFILE", "PGSYSCONFDIR",
	"PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL" };
static const char *const of_home[HOME_FILES] = { ".pgpass", ".pg_service.conf", ".postgresql" };

/* The directories of an absolute path, and of where it leads. */
struct directories {
	char named[PATH_MAX], real[PATH_MAX];
};

static void
last_cut(char *path)
{
	char *slash = strrchr(path, '/');

	slash[slash == path] = '\0';
}

/* Adds both to the paths: how many there are. */
static size_t
directories_add(const char *path, struct directories *directories, const char **paths, size_t count)
{
	snprintf(directories->named, sizeof(directories->named), "%s", path);
	last_cut(directories->named);
	paths[count++] = directories->named;
	if (realpath(path, directories->real) != NULL) {
		last_cut(directories->real);
		paths[count++] = directories->real;
	}
	return count;
}

void
rights_drop(const struct repair_config *config, const char *data_dir, const char *curl,
    bool with_engine, bool for_ever)
{
	const char *paths[PATHS_MAX], *home = getenv("HOME");
	char ship[PATH_MAX], homes[HOME_FILES][PATH_MAX];
	struct directories signature, ca;
	size_t count = sizeof(always) / sizeof(always[0]);

	memcpy(paths, always, sizeof(always));
	paths[count++] = curl;
	if (for_ever)
		paths[count++] = "/etc";
	if (config->ca_file != NULL)
		count = directories_add(config->ca_file, &ca, paths, count);
	if (config->rest_usersig_file != NULL)
		count = directories_add(config->rest_usersig_file, &signature, paths, count);
	if (with_engine) {
		for (size_t i = 0; i < sizeof(of_libpq) / sizeof(of_libpq[0]); i++)
			paths[count++] = of_libpq[i];
		for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++)
			if (getenv(variables[i]) != NULL)
				paths[count++] = getenv(variables[i]);
		if (program_find("msgext-ship", ship))
			paths[count++] = ship;
	}
	for (size_t i = 0; with_engine && home != NULL && i < HOME_FILES; i++) {
		snprintf(homes[i], sizeof(homes[i]), "%s/%s", home, of_home[i]);
		paths[count++] = homes[i];
	}
	paths[count] = NULL;
	harden_with(data_dir, HARDEN_REPLACE, paths);
}
