#!/bin/sh
# The viewer's numbers are msgextctl's, in every page and file, whatever the logs hold.
# SEED=N gives the same histories again.  MSGEXT_TORTURE=1: 1,000.
. "$(dirname "$0")/lib.sh"
made tests
. "$top/tests/view.sh"

view_config_make
export MSGEXT_VIEW_CONFIG="$view_config"
histories=15
[ -z "${MSGEXT_TORTURE-}" ] || histories=1000
seed=${SEED-${MSGEXT_SEED-$(od -An -N4 -tu4 /dev/urandom | tr -d ' ')}}
echo "# SEED=$seed"
ok "each page and file of generated histories says what msgextctl says" \
	python3 "$top/tests/view-numbers.py" "$view" "$top/build/msgextctl" "$data" \
	"$(cookie_of "$link_key" "$password" "$(in_seconds 3600)")" "$seed" "$histories"
done_testing
