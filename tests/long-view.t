#!/bin/sh
# The viewer under 20 seconds of guessing; view-safety.t has 3.
MSGEXT_FLOOD_SECONDS=20 exec sh "$(dirname "$0")/view-safety.t"
