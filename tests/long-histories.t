#!/bin/sh
# The random histories of histories.t at length (P4).
MSGEXT_HISTORIES=10000
export MSGEXT_HISTORIES
exec "$(dirname "$0")/histories.t"
