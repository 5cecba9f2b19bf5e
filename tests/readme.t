#!/bin/sh
# README.md is short, what it and doc/ name is there, and the READMEs in other languages say the same:
# the same commands, the same words of the product, the same links and parts.
. "$(dirname "$0")/lib.sh"

cd "$top" || exit 1
others=$(echo README.*.md)

# Columns on the screen: characters of East Asia take two.
wide() {
	perl -CSDA -ne 'chomp; my $two = () = /[\p{Ea=W}\p{Ea=F}]/g;
		print "$ARGV:$.\n" if length($_) + $two > 100; close ARGV if eof' "$@"
}
# shellcheck disable=SC2086
is "$(wide README.md $others doc/*.md CONTRIBUTING.md SECURITY.md)" '' 'no line has over 100 columns'
ok 'README.md is short' test "$(wc -l <README.md)" -le 176
is "$(sed -n '1,12s/^!\[.*\](\(.*\))$/\1/p' README.md | wc -l)" 1 'whose first screen has a picture'

# commands README: its blocks of code, without what a comment says.
commands() {
	sed -n 's/^    //p' "$1" | sed 's/  *# .*//'
}
# terms README: what it has as code within its sentences, each once.
terms() {
	# shellcheck disable=SC2016
	grep -v '^    ' "$1" | tr '\n' ' ' | grep -o '`[^`]*`' | sort -u
}
# linked FILE: where its links and pictures lead.
linked() {
	tr '\n' ' ' <"$1" | grep -o ']([^)]*)' | sed 's/](\(.*\))/\1/'
}
# links README: those, but for itself in other languages.
links() {
	linked "$1" | grep -v '^README' | sort
}
# parts README: its headings' levels, and the promises.
parts() {
	sed -n 's/^\(##*\) .*/\1/p; s/^\(- \*\*P[1-8]\) .*/\1/p' "$1"
}
ok 'README.md has commands' test "$(commands README.md | wc -l)" -ge 12
for file in $others; do
	for what in commands terms links parts; do
		$what README.md >"$scratch/english"
		$what "$file" >"$scratch/other"
		is "$(diff "$scratch/english" "$scratch/other")" '' "$file has the $what of README.md"
	done
done
is "$(sed -n 3p README.md | grep -o 'README[^)]*' | sort | xargs)" "$others" 'README.md leads to each'

# What is linked, from the directory of who links.
for file in README*.md doc/*.md; do
	directory=$(dirname "$file")
	linked "$file" | while read -r link; do
		[ -e "$directory/$link" ] || echo "$file: $link"
	done
done >"$scratch/missing"
is "$(cat "$scratch/missing")" '' 'each link leads to a file'
is "$(for file in doc/*.md; do grep -qF "($file)" README.md || echo "$file"; done)" '' 'README.md leads to each file of doc'
is "$(cat README.md doc/*.md | sed -n 's/^    \(sudo \)\{0,1\}msgextctl \([a-z]*\) .*/\2/p' | sort -u |
	while read -r command; do "$msgextctl" "$command" --help >/dev/null 2>&1 || echo "$command"; done)" '' \
	'msgextctl has each command that they show'

installed=$scratch/root/usr/local/share/doc/msgext
make -s install DESTDIR="$scratch/root" >"$scratch/log" 2>&1 || sed 's/^/# /' "$scratch/log"
is "$(cd "$installed" && echo README*.md doc/*.md)" "$(echo README*.md doc/*.md)" 'all of them are installed'
make -s uninstall DESTDIR="$scratch/root" >/dev/null
ok 'and removed' test ! -e "$installed"
done_testing
