#!/bin/sh
# Another size of words, another C library.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/kinds.sh"

kind m32
kind musl
done_testing
