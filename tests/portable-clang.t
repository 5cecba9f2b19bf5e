#!/bin/sh
# The other compiler.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kinds.sh"

kind clang
done_testing
