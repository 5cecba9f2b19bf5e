#!/bin/sh
# screenshots.sh DIRECTORY - the pictures of the viewer's pages that the README shows: a message, the groups and a
# shared result, light, dark, and on a phone, as Debian's Chromium draws them; each in as few bytes as 16 colours
# take.  Needs chromium chromium-driver python3-selenium fonts-noto-core fonts-noto-cjk pngquant optipng.
set -eu
top=$(cd "$(dirname "$0")/.." && pwd)
directory=$1
scratch=$(mktemp -d "${TMPDIR:-/tmp}/msgext-screenshots.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

for python in python3 /usr/bin/python3; do
	! "$python" -c 'import selenium' 2>/dev/null || break
done
PYTHONDONTWRITEBYTECODE=1 "$python" "$top/tests/browser/shots.py" "$scratch" "$directory"
pngquant --force --ext .png --speed 1 --nofs --strip 16 "$directory"/view-*.png
optipng -quiet -o5 -strip all "$directory"/view-*.png
