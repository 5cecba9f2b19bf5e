#!/bin/sh
# The manuals are sound, and tell what the sources hold.
. "$(dirname "$0")/lib.sh"

is "$(mandoc -T lint "$top"/man/* 2>&1 | grep -v 'manual not found\|outdated mandoc.db')" '' \
	'mandoc finds nothing'
# What a diagnostic begins with; "none" is none.
sed -n 's/^\t\[FAULT_[A-Z_]*\] = { "\([a-z-]*\)",.*/\1/p' "$top/base/fault.c" | grep -vx none | sort >"$scratch/source"
sed -n '/^.Sh DIAGNOSTICS/,/^.Sh SEE/s/^.It Li //p' "$top/man/msgext.8" | sed 's/ , /\n/g' |
	sort >"$scratch/manual"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'msgext(8) explains each diagnostic'
ok 'of which there are some' test "$(wc -l <"$scratch/source")" -gt 30
is "$(grep -c '^.It P[1-7]$' "$top/man/msgext.8"),$(grep -c '^- \*\*P[1-7] ' "$top/README.md")" 7,7 \
	'README and manual number the same promises'

# Each key of the configuration stands in its manual and in the example, with one default.
sed -n '/^} keys/,/^};/s/^\t{ "\([a-z_]*\)".*/\1/p' "$top/config.c" | sort >"$scratch/source"
sed -n 's/^.It Li \([a-z_]*\) = .*/\1/p' "$top/man/msgext.conf.5" | sort >"$scratch/manual"
sed -n 's/^\(# \)\{0,1\}\([a-z_]*\) = .*/\2/p' "$top/msgext-example.conf" | sort >"$scratch/example"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'msgext.conf(5) explains each key'
is "$(diff "$scratch/source" "$scratch/example")" '' 'and so does the example'
awk '/^.It Li [a-z_]+ = / { key = $3 } sub(/^Default: /, "") { sub(/\.$/, ""); print key " = " $0 }' \
	"$top/man/msgext.conf.5" >"$scratch/manual"
grep -E '^# [a-z_]+ = ' "$top/msgext-example.conf" | sed '/^# \(token\|include\)/d; s/^# //' >"$scratch/example"
is "$(sort "$scratch/manual")" "$(sort "$scratch/example")" 'with the same defaults'
ok 'of which there are some' test "$(wc -l <"$scratch/manual")" -ge 7

# How workers are started: one command, and one number of them.
spawn_words() {
	awk '/spawn-fcgi -s/ { inside = 1 } inside { print } /msgext.conf$/ { inside = 0 }' "$1" |
		sed 's/^# *//; s/\\e*$//' | tr -s '[:space:]' ' ' | sed 's/^ //'
}
example=$(spawn_words "$top/nginx-example.conf")
workers=$(echo "$example" | sed -n 's/.* -f \([0-9]*\) .*/\1/p')
for file in README.md man/msgext.8; do
	is "$(spawn_words "$top/$file")" "$example" "$file starts workers as nginx-example.conf does"
done
is "$(sed -n 's/.*"m[axin]*-procs" => \([0-9]*\),/\1/p; s/^ *Fcgid[A-Za-z]*ProcessesPerClass //p; s/.*msgext@{2..\([0-9]*\)}.*/\1/p' \
	"$top/lighttpd-example.conf" "$top/apache-example.conf" "$top/dist/systemd/msgext@.service" "$top/README.md" \
	"$top/debian/README.Debian" | sort | uniq -c | tr -s ' ')" " 7 $workers" 'as many of them as the other examples'
is "$(sh "$top/tools/picture.sh")" "$(cat "$top/tools/tally.svg")" "the README's picture is what msgextctl shows"
done_testing
