#!/bin/sh
# The viewer's numbers are those of tests/truth.py, in every page and file, whatever the logs hold.
# MSGEXT_SEED=N gives the same histories again.  MSGEXT_TORTURE=1: 1,000.
. "$(dirname "$0")/lib.sh"
made tests
. "$top/tests/view.sh"

view_config_make
export MSGEXT_VIEW_CONFIG="$view_config"
histories=15
[ -z "${MSGEXT_TORTURE-}" ] || histories=1000
seed_make
ok "each page and file of generated histories says what the model says" \
	python3 "$top/tests/view-numbers.py" "$view" "$data" \
	"$(cookie_of "$link_key" "$password" "$(in_seconds 3600)")" "$seed" "$histories"
done_testing
