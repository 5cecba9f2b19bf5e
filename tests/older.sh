# older.sh - an older version of msgext, built from the history, once; needs lib.sh.
# shellcheck shell=sh
# shellcheck disable=SC2154 # top and scratch are lib.sh's

# The last version that knew no batches; it is built from the history, once.
commit=771d99b21d67c4f560f9c7b404a078ea055cfc32
older=$top/build/older-$commit

# A jobserver and variables of the make that runs this are none of its.
older_make() {
	git_dir=$(git -C "$top" rev-parse --absolute-git-dir) &&
		git --git-dir="$git_dir" cat-file -e "$commit^{commit}" &&
		mkdir "$scratch/older" &&
		git --git-dir="$git_dir" archive "$commit" | tar -x -C "$scratch/older" &&
		env -u MAKEFLAGS -u MFLAGS -u MAKELEVEL make -s -j2 -C "$scratch/older" CFLAGS=-O1 \
			build/msgext build/msgextctl &&
		mkdir -p "$older" &&
		cp "$scratch/older/build/msgext" "$scratch/older/build/msgextctl" "$older"
}
# Is it there, or can it be built?  One test builds it; another waits.  What became of that is in $scratch/build.
older_build() {
	mkdir -p "$top/build"
	(
		flock 9
		[ -x "$older/msgextctl" ] || older_make >"$scratch/build" 2>&1
	) 9>"$top/build/older.lock"
}
# The same, where any user may run it; else says why there is none.
older_for_all() {
	if ! older_build; then
		echo "# without an older version: $(tail -n 1 "$scratch/build")"
		return 1
	fi
	cp -r "$older" "$scratch/for-all"
	chmod 755 "$scratch/for-all"
	older=$scratch/for-all
}
