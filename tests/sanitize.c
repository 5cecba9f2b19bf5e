/*
 * sanitize.c - linked into a sanitized build: its options, which tests that
 * empty the environment would lose.  A process that has given up all but its
 * data directory cannot look for leaks, and memory that is kept from being
 * used again looks like growth.
 */
const char *__asan_default_options(void);

const char *
__asan_default_options(void)
{
	return "detect_leaks=0:quarantine_size_mb=0:thread_local_quarantine_size_kb=0";
}
