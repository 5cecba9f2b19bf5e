#!/bin/sh
# What users wrote comes back out of the pages that show it, and is never markup.
# MSGEXT_SEED=N gives the same texts again.
. "$(dirname "$0")/lib.sh"
made tests

python=/usr/bin/python3 # Debian's, which knows python3-lxml
"$python" -c 'import lxml' 2>/dev/null || lacks python3-lxml
seed_make
ok "a reader of HTML finds every text again, and no markup but ours" \
	"$python" "$top/tests/pages.py" "$top/build/tests/pages" "$seed" 100000
done_testing
