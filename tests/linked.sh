#!/bin/sh
# linked.sh DIRECTORY - makes it a tree of links to this one, to be built there.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$1"
for file in "$top"/*; do
	[ "${file##*/}" = build ] || ln -sfn "$file" "$1/"
done
