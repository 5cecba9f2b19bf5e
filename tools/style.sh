#!/bin/sh
# style.sh STYLE - writes the C header that holds the pages' style and its hash.
#
# The bytes stand there as characters, for C promises literals of 4,095 bytes only.  The hash is
# that of the header's bytes, read back, so it is that of what pages are sent; a header whose
# bytes are not the style's is none.
set -eu
export LC_ALL=C

characters=$(od -An -v -tx1 "$1" | sed "s/ \([0-9a-f][0-9a-f]\)/'\\\\x\1',/g")
digits=$(printf '%s\n' "$characters" | tr -d "x'\\\\,\n" | tr a-f A-F)
[ "$(printf '%s' "$digits" | basenc --base16 -d | sha256sum)" = "$(sha256sum <"$1")" ] || {
	echo "style.sh: $1: the header's bytes are others" >&2
	exit 1
}
cat <<END
/* $1, by tools/style.sh */
static const char style[] = {
$characters
};
#define STYLE_SOURCE "'sha256-$(sha256sum <"$1" | cut -d' ' -f1 | tr a-f A-F | basenc --base16 -d | base64)'"
END
