#!/bin/sh
# run.sh SECONDS TARGET... - fuzzes each target for so long, from its corpus; what it
# finds of new behaviour goes to build/fuzz/NAME.corpus, what it finds wrong to
# build/fuzz/NAME-crash-*.  With the word "merge" for SECONDS, the least set of
# inputs that reaches as much becomes the corpus, beside those named edge-*.
set -eu
cd "$(dirname "$0")/../.."

seconds=$1
shift
scratch=$(mktemp -d /dev/shm/msgext-fuzz.XXXXXX 2>/dev/null || mktemp -d)
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' HUP INT TERM
failed=0

# The requests and lines of the tests, as inputs; the rest begins from its own corpus.
seeds() {
	case $1 in
	erase)
		for file in tests/lines/*; do
			{
				printf '\0'
				sed 1,3d "$file"
			} >"$scratch/seeds/${file##*/}"
		done
		;;
	body | line | compact)
		for file in tests/corpus/*; do
			tail -n +3 "$file" >"$scratch/seeds/${file##*/}"
		done
		;;
	records)
		for file in tests/fuzz/corpus/fastcgi/*; do
			tail -c +2 "$file" >"$scratch/seeds/${file##*/}"
		done
		;;
	query)
		for file in tests/corpus/*; do
			sed -n '1s/^[0-9]* [A-Z]* //p' "$file" | tr -d '\n' >"$scratch/seeds/${file##*/}"
		done
		;;
	esac
}

# fuzz NAME OPTION...
fuzz() {
	name=$1
	shift
	words=tests/fuzz/$name.dict
	[ "$name" != records ] || words=tests/fuzz/fastcgi.dict
	[ ! -e "$words" ] || set -- "-dict=$words" "$@"
	TMPDIR=$scratch "build/fuzz/$name" -artifact_prefix="build/fuzz/$name-" -timeout=10 \
		-rss_limit_mb=2048 "$@"
}

for name in "$@"; do
	rm -rf "$scratch/seeds" "$scratch/merged"
	mkdir -p "$scratch/seeds" "$scratch/merged" "build/fuzz/$name.corpus" "tests/fuzz/corpus/$name"
	seeds "$name"
	if [ "$seconds" = merge ]; then
		fuzz "$name" -merge=1 -use_counters=0 "$scratch/merged" "tests/fuzz/corpus/$name" \
			"$scratch/seeds" "build/fuzz/$name.corpus" >/dev/null 2>&1
		find "tests/fuzz/corpus/$name" -type f ! -name 'edge-*' -delete
		# The smallest ones, 90 at most, beside those that were made by hand.
		find "$scratch/merged" -type f -printf '%s %p\n' | sort -n | head -n 90 | cut -d' ' -f2 |
			xargs -r cp -t "tests/fuzz/corpus/$name"
		echo "$name: $(find "tests/fuzz/corpus/$name" -type f | wc -l) inputs"
		continue
	fi
	fuzz "$name" -max_total_time="$seconds" -print_final_stats=1 "build/fuzz/$name.corpus" \
		"tests/fuzz/corpus/$name" "$scratch/seeds" >"build/fuzz/$name.log" 2>&1 || failed=1
	echo "$name: $(grep -E 'DONE|violated|SUMMARY|runtime error' "build/fuzz/$name.log" |
		tail -n 2 | tr '\n\t' '  ')"
done
exit "$failed"
