/*
 * null-read.c - null-read FILE: reads the file, and does with each byte the least that a reader must
 * that looks at every one: a step of a hash.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

int
main(int argc, char **argv)
{
	static unsigned char block[1 << 17];
	uint64_t hash = UINT64_C(14695981039346656037);
	int fd = argc == 2 ? open(argv[1], O_RDONLY) : -1;
	ssize_t count;

	while ((count = read(fd, block, sizeof(block))) > 0)
		for (ssize_t i = 0; i < count; i++)
			hash = (hash ^ block[i]) * UINT64_C(1099511628211);
	printf("%llx\n", (unsigned long long)hash);
	return count == 0 ? 0 : 1;
}
