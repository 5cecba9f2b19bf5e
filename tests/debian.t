#!/bin/sh
# The Debian package: built, sound, complete; its units walled in; the shell's completion.
# tests/debian-root.sh lives through its life in a machine of its own.
. "$(dirname "$0")/lib.sh"

is "$(sh "$top/tools/changelog.sh")" "$(cat "$top/debian/changelog")" "debian/changelog is made from CHANGES"
version=$(sed -n 's/^.define MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")
is "$(sed '1s/ .*//;q' "$top/CHANGES")" "$version" 'the first version of CHANGES is that of the programs'

# The unit tests have their own turn.
build() {
	mkdir -p "$scratch/one/source"
	(cd "$top" && cp -a ./*.c ./*.h ./*.conf base store log ctl ship view repair Makefile CHANGES LICENSE README*.md doc man dist \
		debian tests tools "$scratch/one/source")
	(cd "$scratch/one/source" && DEB_BUILD_OPTIONS=nocheck dpkg-buildpackage -us -uc -b) \
		>"$scratch/log" 2>&1 || sed 's/^/# /' "$scratch/log" >&2
}
build
deb=$(echo "$scratch"/one/msgext_*.deb)
ship=$(echo "$scratch"/one/msgext-ship_*.deb)
repair=$(echo "$scratch"/one/msgext-repair_*.deb)
ok 'the Debian package builds' test -s "$deb"
is "$(lintian --pedantic --display-info --allow-root "$scratch"/one/msgext_*.changes 2>&1)" '' 'lintian finds nothing'

dpkg-deb -c "$deb" >"$scratch/contents"
for file in '-rwxr-xr-x root/root ./usr/bin/msgext' '-rwxr-xr-x root/root ./usr/bin/msgextctl' \
	'-rwxr-xr-x root/root ./usr/lib/cgi-bin/msgext' '-rwxr-xr-x root/root ./usr/bin/msgext-view' \
	'-rwxr-xr-x root/root ./usr/lib/cgi-bin/msgext-view' '-rw-r----- root/www-data ./etc/msgext/view.conf' \
	'-rw-r--r-- root/root ./etc/lighttpd/conf-available/50-msgext-view.conf' \
	'-rw-r--r-- root/root ./etc/nginx/snippets/msgext-view.conf' \
	'-rw-r--r-- root/root ./lib/systemd/system/msgext-view.socket' \
	'-rw-r--r-- root/root ./lib/systemd/system/msgext-view@.service' \
	'-rw-r--r-- root/root ./usr/share/man/man8/msgext-view.8.gz' '-rw-r----- root/www-data ./etc/msgext/msgext.conf' \
	'drwxr-x--- www-data/www-data ./var/lib/msgext/' '-rw-r--r-- root/root ./etc/nginx/snippets/msgext.conf' \
	'-rw-r--r-- root/root ./etc/apache2/conf-available/msgext.conf' \
	'-rw-r--r-- root/root ./etc/lighttpd/conf-available/50-msgext.conf' \
	'-rw-r--r-- root/root ./lib/systemd/system/msgext.socket' \
	'-rw-r--r-- root/root ./lib/systemd/system/msgext@.service' \
	'-rw-r--r-- root/root ./usr/share/bash-completion/completions/msgextctl' \
	'-rw-r--r-- root/root ./usr/share/doc/msgext/msgext.lnav.json' \
	'-rw-r--r-- root/root ./usr/share/man/man1/msgextctl.1.gz' '-rw-r--r-- root/root ./usr/share/man/man5/msgext.conf.5.gz' \
	'-rw-r--r-- root/root ./usr/share/man/man5/msgext-log.5.gz' '-rw-r--r-- root/root ./usr/share/man/man5/view.conf.5.gz' \
	'-rw-r--r-- root/root ./usr/share/man/man8/msgext.8.gz'; do
	ok "the package holds $file" grep -q "^${file%% ./*}  *[0-9]* .* \./${file#*./}\$" "$scratch/contents"
done
is "$(dpkg-deb -c "$ship" | grep -c 'usr/bin/msgext-ship$\|msgext-ship.service$\|msgext-ship.8.gz$')" 3 \
	'msgext-ship is a package of its own'
dpkg-deb -x "$deb" "$scratch/root"
dpkg-deb -x "$ship" "$scratch/root"
is "$(dpkg-deb -c "$repair" | grep -c 'usr/bin/msgext-repair$\|msgext-repair.service$\|msgext-repair.timer$\|msgext-repair.8.gz$\|repair.conf.5.gz$')" 5 \
	'msgext-repair is a package of its own'
ok 'which needs curl' test "$(dpkg-deb -f "$repair" Depends | grep -c 'curl (')" = 1
dpkg-deb -x "$repair" "$scratch/root"
ok 'no path is that of another installation' test ! "$(grep -rlI /usr/local "$scratch/root")"
is "$("$scratch/root/usr/bin/msgext" -c "$scratch/root/etc/msgext/msgext.conf" -t 2>&1 | sed 's/.*conf: //; s/ (.*//')" \
	'sdk_app_id is missing' 'nothing is taken until it is configured'
is "$(for file in README README.ko README.zh-CN doc/install doc/logs; do
	zcat -f "$scratch/root/usr/share/doc/msgext/$file.md"* | grep -q /usr/share/doc/msgext || echo "$file: not there"
	zcat -f "$scratch/root/usr/share/doc/msgext/$file.md"* | sed -n "s|.*/usr/local.*|$file: &|p"
done)" '' 'nor in what is compressed'
ok 'no token is in it' test ! "$(grep -r '^token' "$scratch/root/etc")"
is "$("$scratch/root/usr/bin/msgext-view" -c "$scratch/root/etc/msgext/view.conf" -t 2>&1 | sed 's/.*conf: //; s/ (.*//')" \
	'password is missing' 'nothing is shown until there is a password'
is "$(cd "$scratch/root/etc" && grep -l /view apache2/*/* lighttpd/*/* nginx/*/*)" \
	"$(printf '%s\n' apache2/conf-available/msgext.conf \
		lighttpd/conf-available/50-msgext-view.conf nginx/snippets/msgext-view.conf)" 'where the viewer is, which is not enabled'
ok "Apache's is for those who ask for it" grep -q '^<IfDefine MSGEXT_VIEW>' "$scratch/root/etc/apache2/conf-available/msgext.conf"

# Two builds in the same place give the same bytes.
mv "$scratch/one" "$scratch/kept"
build
ok 'the package is reproducible' cmp "$scratch"/kept/msgext_*.deb "$scratch"/one/msgext_*.deb

for unit in msgext@ msgext-view@ msgext-ship msgext-repair; do
	exposure=$(cd "$scratch/root/lib/systemd/system" &&
		systemd-analyze security --offline=true $unit.service 2>&1 | sed -n 's/.*exposure level.*: \([0-9.]*\) .*/\1/p')
	# The repairer begins as root, and gives that up itself.
	[ "$unit" = msgext-repair ] && most=2.5 || most=2
	is "$(awk "BEGIN { print ${exposure:-10} < $most }")" 1 "systemd's measure of what $unit could do: $exposure of 10"
done

# Completion.
config_make
event '@TGS#2J4' 10 1 1 '{"Key":"alice","Value":"yes"}'
event 'a, \"b\"' 10 1 1 '{"Key":"alice","Value":"yes"}'
cat >"$scratch/complete" <<'END'
. /usr/share/bash-completion/bash_completion
. "$1/dist/completion/msgextctl"
shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE} COMPREPLY=()
_msgextctl "$1" "${@: -1}" "${@: -2:1}"
printf '%s\n' "${COMPREPLY[@]}"
END
completed() {
	bash "$scratch/complete" "$top" "$msgextctl" "$@"
}
is "$(completed '')" "$("$msgextctl" --help | sed -n 's/^  \([a-z][a-z]*\) .*/\1/p')" 'the commands are completed'
is "$(completed ta)" tally 'a command that was begun is completed'
is "$(completed -c "$config" tally @)" '@TGS#2J4' 'a group is completed'
is "$(completed -c "$config" tally '' | tail -n 1)" 'a\,\ \"b\"' 'a group that the shell would split is completed with quotes'
event '*' 10 1 1 '{"Key":"alice","Value":"yes"}'
is "$(completed -c "$config" tally '*')" '\*' 'a group is not taken for the names of files'
is "$(completed tally -- | tr '\n' ' ')" '--follow --at --as-of --by --threads --json --csv --csv=excel --from ' "a command's options are"
is "$(completed --con)" --config 'options of all commands are completed'
done_testing
