#!/bin/sh
# The manuals are sound, and tell what the sources hold.
. "$(dirname "$0")/lib.sh"

# One at a time: what it writes to its two outputs would be mixed where a buffer is full.
is "$(for file in "$top"/man/*; do mandoc -T lint "$file" 2>&1; done | grep -v 'manual not found\|outdated mandoc.db')" '' \
	'mandoc -T lint finds nothing in the manuals'
# What a diagnostic begins with; "none" is none.
sed -n 's/^\t\[FAULT_[A-Z_]*\] = { "\([a-z-]*\)",.*/\1/p' "$top/base/fault.c" | grep -vx none | sort >"$scratch/source"
sed -n '/^.Sh DIAGNOSTICS/,/^.Sh SEE/s/^.It Li //p' "$top/man/msgext.8" | sed 's/ , /\n/g' |
	sort >"$scratch/manual"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'msgext(8) explains each diagnostic'
is "$(sed -n 's/^\t\(FAULT_[A-Z_]*\),.*/\1/p' "$top/base/fault.h")" \
	"$(sed -n 's/^\t\[\(FAULT_[A-Z_]*\)\] = { "[a-z-]*",.*/\1/p' "$top/base/fault.c")" 'each fault has a row in the table, in order'
cp "$scratch/source" "$scratch/slugs"
ok 'there are more than 30 diagnostics' test "$(wc -l <"$scratch/source")" -gt 30
is "$(grep -c '^.It P[1-8]$' "$top/man/msgext.8"),$(grep -c '^- \*\*P[1-8] ' "$top/README.md")" 8,8 \
	'README and manual number the same promises'

# Each key of the configuration stands in its manual and in the example, with one default.
sed -n '/struct setting keys/,/^};/s/^\t{ "\([a-z_]*\)".*/\1/p' "$top/config.c" | sort >"$scratch/source"
sed -n 's/^.It Li \([a-z_]*\) = .*/\1/p' "$top/man/msgext.conf.5" | sort >"$scratch/manual"
sed -n 's/^\(# \)\{0,1\}\([a-z_]*\) = .*/\2/p' "$top/msgext-example.conf" | sort >"$scratch/example"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'msgext.conf(5) explains each key of the source'
is "$(diff "$scratch/source" "$scratch/example")" '' 'msgext-example.conf has each key'
awk '/^.It Li [a-z_]+ = / { key = $3 } sub(/^Default: /, "") { sub(/\.$/, ""); print key " = " $0 }' \
	"$top/man/msgext.conf.5" >"$scratch/manual"
grep -E '^# [a-z_]+ = ' "$top/msgext-example.conf" | sed '/^# \(token\|include\)/d; s/^# //' >"$scratch/example"
is "$(sort "$scratch/manual")" "$(sort "$scratch/example")" 'msgext.conf(5) and msgext-example.conf have the same defaults'
ok 'seven keys or more have a default' test "$(wc -l <"$scratch/manual")" -ge 7

# Each program: what its help and its sources have is what its manual has.
ship=$top/build/msgext-ship
# section FILE FROM TO: what stands in a manual between these headings.
section() {
	sed -n "/^\.Sh $2/,/^\.Sh $3/p" "$top/man/$1"
}
# words PATTERN: what matches it, each once, in one line.
words() {
	grep -oE -- "$1" | sort -u | tr '\n' ' '
}
# Long options of a manual's lines.
manual_options() {
	sed -n 's/^\.It Fl/Fl/p; s/^\.\(Fl .*\)/\1/p; s/^\.Op Fl/Fl/p' | sed 's/| -/Fl -/g' | grep -oE 'Fl -[a-z][a-z-]*' | sed 's/Fl /-/' |
		sort -u | tr '\n' ' '
}
commands=$("$msgextctl" --help | sed -n '/^$/,/^$/s/^  \([a-z]*\) .*/\1/p')
is "$(section msgextctl.1 COMMANDS ENVIRONMENT | sed -n 's/^\.It Cm \([a-z]*\).*/\1/p' | sort -u)" "$(echo "$commands" | sort)" \
	'msgextctl(1) explains the commands that msgextctl --help names'
is "$(section msgextctl.1 DESCRIPTION COMMANDS | sed -n '/^\.It Fl/p' | manual_options)" \
	"$({ "$msgextctl" --help && "$msgextctl" verify --help | grep -v -e --threads; } | grep '^  -' | words '--[a-z][a-z-]*')" \
	'msgextctl(1) explains the options that all commands have'
for command in $commands; do
	is "$(section msgextctl.1 COMMANDS ENVIRONMENT | grep "^\.It Cm $command\b" | sed 's/Fl f$/Fl -follow/; s/Fl f /Fl -follow /' |
		grep -oE 'Fl -[a-z-]+' | sed 's/Fl /-/' | sort -u | tr '\n' ' ')" \
		"$("$msgextctl" "$command" --help | grep -v '^  --\(json\|csv\|from\)' | words '^ +--[a-z-]+' | tr -s ' ' | sed 's/^ //')" \
		"msgextctl(1) has the options of msgextctl $command --help"
done
is "$(sed -n '/^\.It Fl -from/,/^\.It/p' "$top/man/msgextctl.1" | sed -n '/for$/,/^Lines/p' | words '\b[a-z]+\b' |
	tr ' ' '\n' | grep -xF "$commands" | xargs)" \
	"$(for command in $commands; do ! "$msgextctl" "$command" --help | grep -q '^  --from' || echo "$command"; done | sort | xargs)" \
	'msgextctl(1) names the commands that take --from'
# What the program says of itself stands in its manual, in the same words.
manual=$(mandoc -T utf8 -O width=1000 "$top/man/msgextctl.1" | perl -CSD -0777 -pe 's/.\x08//g; s/[\x{2010}\x{2212}]/-/g; s/\x{2019}/\x27/g; s/\s+/ /g')
said() {
	"$msgextctl" --help | sed -n '/^usage/d; s/^  [a-z]* .*  \([^ ].*\)/\1/p; s/^  -.*  \([^ ].*\)/\1/p'
	"$msgextctl" --help | sed -n '/^Exit status: /,$p' | tr '\n' ' ' | sed 's/^Exit status: //; s/ $//'
}
is "$(said | perl -CSAD -e 'my $manual = lc shift; while (<STDIN>) { chomp; print "$_\n" if index($manual, lc) < 0 }' "$manual")" '' \
	'msgextctl(1) and msgextctl --help say the same'
ok 'of each command, option and exit status' test "$(said | wc -l)" -ge 20
is "$(section msgext.8 SYNOPSIS EXAMPLES | sed -n '/^\.Ss Answers/q;p' | grep -oE '^\.(It|Op)? ?Fl .*|\| h$' | sed 's/Fl //g' | words '\b[a-zA-Z]\b')" \
	"$("$msgext" -h 2>&1 | grep -oE -- '-[a-zA-Z]\b' | tr -d - | sort -u | tr '\n' ' ')" 'msgext(8) explains the options of msgext -h'
if [ -x "$ship" ]; then
	is "$({ section msgext-ship.8 SYNOPSIS DESCRIPTION && grep '^\.It Fl' "$top/man/msgext-ship.8"; } | manual_options)" "$("$ship" --help 2>&1 | sed 's/msgextctl --from//' | words '--[a-z][a-z-]*')" \
		'msgext-ship(8) has the options of msgext-ship --help'
fi

is "$({ section msgext-repair.8 SYNOPSIS DESCRIPTION && sed -n '/^\.It Fl/{s/ , \(Fl \)*-/\n.It Fl -/g;p}' "$top/man/msgext-repair.8"; } | manual_options)" \
	"$("$top/build/msgext-repair" --help 2>&1 | words '--[a-z][a-z-]*')" 'msgext-repair(8) has the options of msgext-repair --help'

# statuses FILE...: the exit statuses of sysexits.h that sources name.
statuses() {
	grep -ohE '\bEX_[A-Z]+\b' "$@" | sort -u | while read -r name; do
		sed -n "s/^#define ${name}[[:blank:]]\{1,\}\([1-9][0-9]*\).*/\1/p" /usr/include/sysexits.h
	done | sort -u | xargs
}
# told FILE: those that a manual explains.
told() {
	section "$1" 'EXIT STATUS' '[^E]' | words '\b(6[4-9]|7[0-8])\b' | xargs
}
is "$(told msgextctl.1)" "$(statuses "$top"/ctl/*.c "$top/base/fault.c" "$top/base/file.c")" 'msgextctl(1) explains each exit status'
is "$(told msgext.8)" "$(statuses "$top/service.c" "$top/front.c" "$top/base/file.c")" 'msgext(8) explains each exit status'
is "$(for status in $(statuses "$top"/ship/*.c "$top/base/file.c"); do told msgext-ship.8 | grep -qw "$status" || echo "$status"; done)" '' \
	'msgext-ship(8) explains each exit status that its sources name'

# What is wrong with one answer ends no run.
is "$(for status in $(statuses "$top"/repair/*.c "$top/base/fault.c" "$top/base/file.c"); do [ "$status" = 65 ] || told msgext-repair.8 | grep -qw "$status" || echo "$status"; done)" '' \
	'msgext-repair(8) explains each exit status'

# The viewer's, and each program's file refuses the other's keys (settings.c).
# names FILE VARIABLE: what stands between the braces of it.
names() {
	sed -n "/ $2\[\] = {/,/};/p" "$top/$1" | grep -o '"[a-z_]*",' | cut -d'"' -f2 | sort
}
names view_config.c keys | sort >"$scratch/source"
sed -n 's/^.It Li \([a-z_]*\) = .*/\1/p' "$top/man/view.conf.5" | sort >"$scratch/manual"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'view.conf(5) explains each key'
both='^data_dir$\|^include$'
is "$(names settings.c viewer_keys)" "$(grep -v "$both" "$scratch/source")" "other files refuse each of the viewer's keys"
is "$(names settings.c receiver_keys)" "$(names config.c keys | grep -v "$both")" "other files refuse each of the receiver's keys"
sed -n 's/^\(# \)\{0,1\}\([a-z_]*\) = .*/\2/p' "$top/view-example.conf" | sort >"$scratch/example"
is "$(diff "$scratch/source" "$scratch/example")" '' 'view-example.conf has each key'
awk '/^.It Li [a-z_]+ = / { key = $3 } sub(/^Default: /, "") { sub(/\.$/, ""); print key " = " $0 }' \
	"$top/man/view.conf.5" >"$scratch/manual"
grep -E '^# [a-z_]+ = ' "$top/view-example.conf" | sed '/^# \(password\|link_key\|include\)/d; s/^# //' >"$scratch/example"
is "$(sort "$scratch/manual")" "$(sort "$scratch/example")" 'view.conf(5) and view-example.conf have the same defaults'
# The repairer's likewise; two names are slips, of which no file says anything else.
names repair/repair_config.c keys >"$scratch/source"
sed -n 's/^.It Li \([a-z_]*\) = .*/\1/p' "$top/man/repair.conf.5" | sort >"$scratch/manual"
is "$(diff "$scratch/source" "$scratch/manual")" '' 'repair.conf(5) explains each key'
own=$({ grep -v "$both\|^sdk_app_id$" "$scratch/source" && names repair/repair_config.c secrets; } | sort)
is "$(names settings.c repairer_keys)" "$own" "other files refuse each of the repairer's keys"
ok 'of which there are some' test "$(names settings.c receiver_keys | wc -l)" -ge 11

# The viewer: its options, its exit statuses, what it can say.
view=$top/build/msgext-view
is "$(section msgext-view.8 SYNOPSIS 'THE PROMISE' | sed -n '/^\.Ss Three/q;p' | grep -oE '^\.(It|Op)? ?Fl .*|\| h$' |
	sed 's/Fl //g' | words '\b[a-zA-Z]\b')" \
	"$("$view" -h 2>&1 | grep -oE -- '-[a-zA-Z]\b' | tr -d - | sort -u | tr '\n' ' ')" 'msgext-view(8) explains the options of msgext-view -h'
sed -n '/^.Sh DIAGNOSTICS/,/^.Sh SEE/s/^.It Li //p' "$top/man/msgext-view.8" | sed 's/ , /\n/g' | sort >"$scratch/told"
is "$(sort "$scratch/told" | uniq -d; comm -13 "$scratch/slugs" "$scratch/told")" '' \
	"msgext-view(8) explains diagnostics that there are"
is "$(grep -ohE 'FAULT_(SIGN|CONFIG|DATA|LOG|OPEN|MEMORY)[A-Z_]*' "$top"/view/*.c "$top/service.c" "$top/settings.c" \
	"$top/view_config.c" "$top/log/scan.c" "$top/store/directory.c" | sed 's/^FAULT_//' | tr 'A-Z_' 'a-z-' | sort -u |
	comm -23 - "$scratch/told")" '' 'and each that the viewer can say'
is "$(told msgext-view.8)" "$(statuses "$top"/view/*.c "$top/service.c" "$top/front.c" "$top/base/file.c")" 'msgext-view(8) explains each exit status'

# How workers are started: one command, and one number of them.
spawn_words() {
	awk '/spawn-fcgi -s/ { inside = 1 } inside { print } /msgext.conf$/ { inside = 0 }' "$1" |
		sed 's/^# *//; s/\\e*$//' | tr -s '[:space:]' ' ' | sed 's/^ //'
}
# The receiver's part of a file; the viewer's, with fewer workers, is its last.
receivers_part() {
	sed '/^# The viewer, msgext-view(8):/,$d' "$top/$1" >"$scratch/$1"
}
for file in apache-example.conf lighttpd-example.conf nginx-example.conf; do
	receivers_part $file
	ok "$file has a part for the viewer" test -n "$(diff "$scratch/$file" "$top/$file")"
done
example=$(spawn_words "$scratch/nginx-example.conf")
workers=$(echo "$example" | sed -n 's/.* -f \([0-9]*\) .*/\1/p')
for file in doc/install.md man/msgext.8; do
	is "$(spawn_words "$top/$file")" "$example" "$file starts workers as nginx-example.conf does"
done
is "$(sed -n 's/.*"m[axin]*-procs" => \([0-9]*\),/\1/p; s/^ *Fcgid[A-Za-z]*ProcessesPerClass //p; s/.*msgext@{2..\([0-9]*\)}.*/\1/p' \
	"$scratch/lighttpd-example.conf" "$scratch/apache-example.conf" "$top/dist/systemd/msgext@.service" "$top/doc/install.md" \
	"$top/debian/README.Debian" | sort | uniq -c | tr -s ' ')" " 7 $workers" 'doc/install.md and examples start as many workers as nginx-example.conf'
is "$(sh "$top/tools/picture.sh")" "$(cat "$top/tools/tally.svg")" "the README's picture is what msgextctl shows"
done_testing
