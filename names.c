/*
 * names.c - which file holds which group's log.
 *
 * A group's id is whatever its creator chose, with slashes and dots, so it never becomes a path
 * (P7): every byte except letters, digits, '_' and '-' is written as %XX.  A name that would be too
 * long for a file is cut; the id's SHA-256 keeps it apart from others that begin alike.
 */
#include "names.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include <sha2.h>

#define NAME_PLAIN_MAX 200 /* a longer name is cut and hashed */
#define NAME_CUT 128
/*
 * Encrypted homes (eCryptfs) cannot hold a longer name: 49 + 1 + 64 and the longest ending, an
 * archive's.
 */
#define NAME_SHORT_MAX 143
#define NAME_SHORT_STEM 114
#define NAME_SHORT_CUT (NAME_SHORT_STEM - 1 - 64)

/*@
  predicate is_plain(integer c) = 'A' <= c <= 'Z' || 'a' <= c <= 'z' || '0' <= c <= '9' || c == '_';
  // What a name is spelt with: no '/', no '.', no NUL.
  predicate is_spelt(char *name, integer length) =
    \forall integer k; 0 <= k < length ==>
      is_plain(name[k]) || name[k] == '-' || name[k] == '%' || name[k] == '~';
*/

/*@
  assigns \nothing;
  ensures \result <==> is_plain(byte) || (byte == '-' && position > 0);
*/
static bool
name_byte_is_plain(char byte, size_t position)
{
	if (byte == '-')
		return position > 0;
	return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
	    (byte >= '0' && byte <= '9') || byte == '_';
}

/*@
  requires value < 16;
  assigns  \nothing;
  ensures  is_plain(\result);
*/
static char
hex_large(unsigned value)
{
	return (char)(value < 10 ? '0' + value : 'A' + value - 10);
}

/*
 * Writes a name without its ending, and a NUL: at most plain_max bytes; or at most cut_max, and the
 * hash after them.
 */
/*@
  requires valid_read_string(group_id);
  requires 3 <= cut_max <= plain_max <= 200 && cut_max <= 128;
  requires \valid(name + (0 .. STORE_NAME_SIZE - 1));
  requires \separated(name + (0 .. STORE_NAME_SIZE - 1), group_id + (0 .. strlen(group_id)));
  assigns  name[0 .. STORE_NAME_SIZE - 1];
  ensures  \result <= plain_max || \result <= cut_max + 65;
  ensures  \result + sizeof(LOG_ENDING) <= STORE_NAME_SIZE <= 255;
  ensures  group_id[0] != 0 ==> \result > 0 && name[0] != '-';
  ensures  is_spelt(name, \result) && name[\result] == 0;
*/
static size_t
name_spell(const char *group_id, size_t plain_max, size_t cut_max, char *name)
{
	size_t used = 0, cut = 0, length = strlen(group_id);
	bool fits = true;

	/*@
	  loop invariant i <= length && cut <= used <= plain_max && cut <= cut_max;
	  loop invariant i > 0 ==> used > 0 && cut > 0;
	  loop invariant i == 0 ==> used == 0;
	  loop invariant used > 0 ==> name[0] != '-';
	  loop invariant is_spelt(name, used);
	  loop assigns i, used, cut, fits, name[0 .. plain_max - 1];
	  loop variant length - i;
	*/
	for (size_t i = 0; i < length; i++) {
		char byte = group_id[i];
		size_t width = name_byte_is_plain(byte, i) ? 1 : 3;

		if (used + width > plain_max) {
			fits = false;
			break;
		}
		if (width == 1) {
			name[used] = byte;
			/*@ assert is_spelt(name, used + 1); */
		} else {
			name[used] = '%';
			/*@ assert is_spelt(name, used + 1); */
			name[used + 1] = hex_large((unsigned char)byte / 16);
			/*@ assert is_spelt(name, used + 2); */
			name[used + 2] = hex_large((unsigned char)byte % 16);
			/*@ assert is_spelt(name, used + 3); */
		}
		used += width;
		if (used <= cut_max)
			cut = used;
	}
	if (!fits) {
		char hash[SHA256_DIGEST_STRING_LENGTH];

		SHA256Data((const uint8_t *)group_id, length, hash);
		name[cut] = '~';
		used = cut + 1;
		/*@
		  loop invariant i <= 64 && used == cut + 1 + i && name[0] != '-';
		  loop invariant is_spelt(name, used);
		  loop assigns i, used, name[cut + 1 .. cut + 64];
		  loop variant 64 - i;
		*/
		for (size_t i = 0; i < sizeof(hash) - 1; i++)
			name[used++] = hash[i];
	}
	name[used] = '\0';
	return used;
}

void
store_name(const char *group_id, char name[STORE_NAME_SIZE])
{
	size_t used = name_spell(group_id, NAME_PLAIN_MAX, NAME_CUT, name);

	memcpy(name + used, LOG_ENDING, sizeof(LOG_ENDING));
}

void
store_name_short(const char *group_id, char name[STORE_NAME_SIZE])
{
	size_t used =
	    name_spell(group_id, NAME_SHORT_MAX - strlen(LOG_ENDING), NAME_SHORT_CUT, name);

	memcpy(name + used, LOG_ENDING, sizeof(LOG_ENDING));
}

/* 0: something has that name there; else errno. */
static int
name_stands(const char *data_dir, const char *name)
{
	char path[PATH_MAX];
	struct stat status;
	int length = snprintf(path, sizeof(path), "%s/%s", data_dir, name);

	if (length < 0 || (size_t)length >= sizeof(path))
		return ENAMETOOLONG;
	return fstatat(AT_FDCWD, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? 0 : errno;
}

void
store_name_find(const char *data_dir, const char *group_id, char name[STORE_NAME_SIZE])
{
	char other[STORE_NAME_SIZE];
	int error;

	store_name(group_id, name);
	if (strlen(name) <= NAME_SHORT_MAX)
		return;
	error = name_stands(data_dir, name);
	if (error != ENOENT && error != ENAMETOOLONG)
		return;
	store_name_short(group_id, other);
	if (error == ENAMETOOLONG || name_stands(data_dir, other) == 0)
		strcpy(name, other);
}

size_t
name_sibling(const char *group_id, const char *log_name, size_t ending_length,
    char stem[STORE_NAME_SIZE])
{
	size_t length = strlen(log_name) - strlen(LOG_ENDING);

	if (ending_length > strlen(LOG_ENDING) && length > NAME_SHORT_STEM)
		return name_spell(group_id, NAME_SHORT_CUT, NAME_SHORT_CUT, stem);
	strcpy(stem, log_name);
	stem[length] = '\0';
	return length;
}

bool
scan_name_is_log(const char *name)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				    "0123456789_-%~";
	size_t stem = strspn(name, plain);

	return stem > 0 && strlen(name) < STORE_NAME_SIZE && strcmp(name + stem, LOG_ENDING) == 0;
}
