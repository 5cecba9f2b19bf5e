#!/bin/sh
# The pages' style: the header that is built of it has its bytes and their hash, or there is none.  And
# each text of the pages is said by one of them.
. "$(dirname "$0")/lib.sh"

# header_bytes HEADER: what a program that includes it would send.
header_bytes() {
	{
		cat "$1"
		echo '#include <stdio.h>'
		echo 'int main(void) { return fwrite(style, 1, sizeof(style), stdout) != sizeof(style); }'
	} >"$scratch/bytes.c"
	cc -o "$scratch/bytes" "$scratch/bytes.c" && "$scratch/bytes"
}

# header_hash HEADER
header_hash() {
	sed -n "s/^#define STYLE_SOURCE \"'sha256-\(.*\)'\"$/\1/p" "$1"
}

# header_make STYLE [DIRECTORY]: the header, by tools of which those in DIRECTORY come first.
header_make() {
	PATH=${2-/nowhere}:$PATH sh "$top/tools/style.sh" "$1" >"$scratch/style.h"
}
header_refused() {
	! header_make "$@"
}

perl -e 'print map(chr, 0 .. 255), "\\x41\x27,\n" x 1000' >"$scratch/all.css"
for style in "$top/view/style.css" "$scratch/all.css"; do
	ok "${style##*/} becomes a header" header_make "$style"
	header_bytes "$scratch/style.h" >"$scratch/sent"
	ok 'with its bytes' cmp "$style" "$scratch/sent"
	is "$(header_hash "$scratch/style.h")" "$(openssl dgst -sha256 -binary "$style" | base64)" 'and its hash'
done
is "$(header_hash "$top/build/view/style.h")" "$(openssl dgst -sha256 -binary "$top/view/style.css" | base64)" \
	'which is what is built'

# Tools that change a byte, or fail.
mkdir "$scratch/bin"
printf '#!/bin/sh\n%s "$@" | sed 1s/72/73/\n' "$(command -v od)" >"$scratch/bin/od"
chmod 755 "$scratch/bin/od"
ok 'another byte makes none' header_refused "$top/view/style.css" "$scratch/bin"
printf '#!/bin/sh\nexit 1\n' >"$scratch/bin/od"
ok 'nor do no bytes' header_refused "$top/view/style.css" "$scratch/bin"
ok 'nor does no file' header_refused "$scratch/none.css"

find "$top/view" -name '*.c' ! -name strings.c -exec cat {} + >"$scratch/sources"
unsaid=$(sed -n 's/^	\(STRING_[A-Z0-9_]*\),$/\1/p' "$top/view/strings.h" | while read -r string; do
	grep -qw "$string" "$scratch/sources" || echo "$string"
done)
is "$unsaid" '' 'every text is said by a page'
done_testing
