#!/bin/sh
# axe.sh - the rules of accessibility that the browser's tests apply: axe-core, one file, of one version
# whose bytes are known.  Prints its path.  It is fetched once, by npm, into build/; a machine without
# network takes a copy that is put there.
set -eu
version=4.14.1
checksum=29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c
build=$(cd "$(dirname "$0")/../.." && pwd)/build
file=$build/axe-core-$version.js

sound() {
	echo "$checksum  $file" | sha256sum -c --status 2>/dev/null
}
if ! sound; then
	mkdir -p "$build"
	scratch=$(mktemp -d "$build/axe.XXXXXX")
	trap 'rm -rf "$scratch"' EXIT
	{
		(cd "$scratch" && npm pack --silent --no-update-notifier "axe-core@$version" 2>&1) &&
			tar -xOf "$scratch/axe-core-$version.tgz" package/axe.min.js >"$scratch/axe.js"
	} >"$scratch/said" 2>&1 || {
		cat "$scratch/said" >&2
		echo "axe.sh: npm did not fetch axe-core $version; put its axe.min.js at $file" >&2
		exit 1
	}
	mv "$scratch/axe.js" "$file"
	sound || {
		echo "axe.sh: $file is not axe-core $version: its SHA-256 is not $checksum" >&2
		exit 1
	}
fi
echo "$file"
