/* sha2.h - what proofs take for granted of libmd */
#include <stddef.h>
#include <stdint.h>

#define SHA256_DIGEST_STRING_LENGTH 65

/*@
  requires \valid_read(data + (0 .. length - 1)) && \valid(digest + (0 .. 64));
  assigns  digest[0 .. 64], \result \from data[0 .. length - 1], digest;
  ensures  \forall integer k; 0 <= k < 64 ==> '0' <= digest[k] <= '9' || 'a' <= digest[k] <= 'f';
  ensures  digest[64] == 0;
*/
char *SHA256Data(const uint8_t *data, size_t length, char *digest);
