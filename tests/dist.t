#!/bin/sh
# The archive of the sources: the same bytes each time, and enough.
. "$(dirname "$0")/lib.sh"

archive=$top/build/msgext-$(sed -n 's/^.define MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h").tar.gz
if [ ! -e "$top/.git" ]; then
	ok 'made of a repository # SKIP this is no repository' true
	done_testing
fi
make -s -C "$top" dist
cp "$archive" "$scratch/first.tar.gz"
make -s -C "$top" distcheck >"$scratch/log" 2>&1 && echo passed >>"$scratch/log"
is "$(tail -n 1 "$scratch/log")" passed 'builds, passes tests, is installed and removed'
ok 'the same bytes' cmp "$archive" "$scratch/first.tar.gz"
is "$(tar -tzf "$archive" | sed 's,^[^/]*/,,' | grep -v '/$' | sort | sed '/^$/d')" \
	"$(cd "$top" && git ls-tree -r --name-only HEAD | sort)" 'the archive holds all files of the last commit'
done_testing
