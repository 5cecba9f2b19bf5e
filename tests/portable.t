#!/bin/sh
# A system with less: no open file description locks, no Landlock, no batches.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kinds.sh"

kind posix
done_testing
