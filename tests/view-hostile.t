#!/bin/sh
# Hostile texts, sent to the receiver, on the pages of the viewer.
. "$(dirname "$0")/lib.sh"

python=/usr/bin/python3 # Debian's, which knows python3-lxml
"$python" -c 'import lxml' 2>/dev/null || lacks python3-lxml
PYTHONDONTWRITEBYTECODE=1
export PYTHONDONTWRITEBYTECODE
umask 077
mkdir "$scratch/data"
printf '%s\n' "data_dir = $scratch/data" 'sdk_app_id = 1400000000' 'sync = no' >"$scratch/msgext.conf"
printf '%s\n' "data_dir = $scratch/data" 'trust_server = yes' \
	'link_key = 0123456789abcdef0123456789abcdef' >"$scratch/view.conf"
ok 'every page shows hostile texts as they are, and no markup but ours' \
	"$python" "$top/tests/view-hostile.py" "$msgext" "$top/build/msgext-view" "$scratch"
done_testing
