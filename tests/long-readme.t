#!/bin/sh
# What README.md and doc/install.md tell people to type, typed in fresh Debian machines.  The commands come out of the
# documents, and each command that README.md shows must have been run here: nothing can be written there that
# was never tried.  INSTALL's steps are suexec.t's.
#
# setup.sh runs in a minimal Debian, in a mount namespace of its own.  The packages and the sources are
# installed in machines that systemd-nspawn boots; what is typed there is in readme-machine.sh.  The web servers
# listen on free ports, since the machines have this one's network.
#
# MSGEXT_README names what is run, of: package source run test.
. "$(dirname "$0")/lib.sh"

if [ "$(id -u)" -ne 0 ] || ! command -v debootstrap >/dev/null || ! command -v systemd-nspawn >/dev/null; then
	echo '1..0 # SKIP this takes root, debootstrap and systemd-container'
	exit 0
fi
wanted=" ${MSGEXT_README-package source run test} "
# is_wanted PART
is_wanted() {
	case $wanted in
	*" $1 "*) ;;
	*)
		passed "$1 # SKIP it is not in MSGEXT_README"
		return 1
		;;
	esac
}
readme=$top/README.md
install=$top/doc/install.md
mkdir "$scratch/steps" "$scratch/ran"

# what the documents say

# block FILE HEADING NUMBER: that block of code below a heading, without its indentation.
block() {
	awk -v heading="$2" -v number="$3" '
		/^#/ { here = substr($0, index($0, " ") + 1) == heading; count = 0 }
		!/^    / { inside = 0; next }
		here && !inside { inside = 1; count++ }
		here && count == number { print substr($0, 5) }' "$1"
}
# step NAME FILE HEADING [NUMBER]: makes the block a step for a machine.
step() {
	block "$2" "$3" "${4-1}" >"$scratch/steps/$1"
	ok "${2#"$top/"} has the step $1" test -s "$scratch/steps/$1"
	[ "$2" != "$readme" ] || cat "$scratch/steps/$1" >>"$scratch/ran/blocks"
}
# spans FILE: what stands in its sentences as code.
# shellcheck disable=SC2016
spans() {
	sed '/^```/,/^```$/d; /^    /d' "$1" | tr '\n' ' ' | grep -o '`[^`]*`' | tr -d '`'
}
# span NAME FILE BEGINNING: likewise what stands in a sentence, and begins so.
span() {
	spans "$2" | grep -m 1 "^$3" >"$scratch/steps/$1"
	ok "${2#"$top/"} has the step $1" test -s "$scratch/steps/$1"
	[ "$2" != "$readme" ] || cat "$scratch/steps/$1" >>"$scratch/ran/spans"
}

step package-build "$readme" 'Debian package' 1
step package-install "$readme" 'Debian package' 2
span package-lighttpd "$readme" 'sudo lighty-enable-mod'
step check "$readme" 'The check, and the console'
step view-configuration "$readme" 'See the result' 1
step view-script "$readme" 'See the result' 2
step terminal "$readme" 'See the result' 3
step keep "$readme" 'First questions'
step see-it-work "$readme" 'See it work'
span see-it-elsewhere "$readme" 'PORT=8081'
span see-it-tested "$readme" 'sh setup.sh test'
# shellcheck disable=SC2016
sed -n '/^```console$/,/^```$/p' "$readme" | sed '/^```/d' >"$scratch/steps/repair"
sed -n 's/^Debian packages: \(.*\)\. .*/\1/p' "$install" >"$scratch/steps/source-packages"
span source "$readme" 'make && sudo make install'
step source-apache "$install" 'From source, with Apache'
step source-lighttpd "$install" 'From source, with lighttpd'
step source-socket "$install" 'From source, with nginx and systemd' 1
step source-nginx "$install" 'From source, with nginx and systemd' 2
step source-spawned "$install" 'From source, with nginx and systemd' 3
span source-workers "$install" 'sudo systemctl enable --now msgext@'

is "$(sort "$scratch/ran/blocks")" "$(sed -n 's/^    //p' "$readme" | sort)" 'no block of README.md is left out'
# Not run in this way: release.t and long-downloads.t run the first and the last, ctl-*.t the others.
is "$(spans "$readme" | grep ' ' | grep -v '^man ' | grep -vxF -f "$scratch/ran/spans" | sort)" \
	'make release
msgextctl alarm
msgextctl check
msgextctl gaps
sha256sum -c --ignore-missing SHA256SUMS' 'no command in its sentences is left out'
is "$(cat "$scratch/steps/see-it-work"),$(head -n 1 "$scratch/steps/source-apache")" "sh setup.sh run,$(cat "$scratch/steps/source")" \
	'README.md and doc/install.md say the same'
[ "$tests_failed" -eq 0 ] || done_testing

# machines

suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
# shellcheck disable=SC2016
mirror=$(apt-get indextargets --format '$(SITE) $(CODENAME)' 'Created-By: Packages' |
	awk -v suite="$suite" '$2 == suite { print $1; exit }')
minimal() {
	debootstrap --variant=minbase "$suite" "$scratch/minimal" "$mirror" >"$scratch/log"
}
ok 'there is a minimal Debian' minimal
cp -L /etc/resolv.conf /etc/hosts "$scratch/minimal/etc/"
cp /etc/apt/apt.conf.d/* "$scratch/minimal/etc/apt/apt.conf.d/"

# sources ROOT OWNER: puts the sources there, with their history where they have one.
sources() {
	mkdir -p "$1/srv/msgext"
	tar -C "$top" --exclude=./build --exclude=./static -cf - . | tar -C "$1/srv/msgext" -xf -
	rm -f "$1/srv/msgext/.git/index.lock"
	chown -R "$2" "$1/srv/msgext"
}
# within ROOT COMMAND: runs it there, in place of this process.  What is mounted is gone with it.
within() {
	# shellcheck disable=SC2016
	exec unshare -m --propagation private sh -c 'mount --rbind /dev "$1/dev" && mount --rbind /sys "$1/sys" &&
		mount -t proc proc "$1/proc" && mount -t tmpfs tmpfs "$1/run" &&
		exec env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
		chroot "$1" sh -c "$2"' sh "$1" "$2"
}

# boot PART STEPS: what readme-machine.sh does of that part, in a machine where three web servers are, and
# a person who may become root.
boot() {
	is_wanted "$1" || return 0
	root=$scratch/$1
	cp -a "$scratch/machine" "$root"
	sources "$root" 1000:1000
	chown 1000:1000 "$root/srv" # packages are put beside the sources
	cp -r "$scratch/steps" "$top/tests/readme-machine.sh" "$root/srv"
	cat >"$root/etc/systemd/system/readme.service" <<-EOT
		[Unit]
		After=multi-user.target
		[Service]
		Type=oneshot
		ExecStart=/bin/sh -c 'sh /srv/readme-machine.sh $1 $ports >/srv/log 2>&1; echo \$? >/srv/status; systemctl poweroff --no-block'
		[Install]
		WantedBy=default.target
	EOT
	mkdir -p "$root/etc/systemd/system/default.target.wants"
	ln -s ../readme.service "$root/etc/systemd/system/default.target.wants/readme.service"
	timeout 1500 systemd-nspawn -q -b --system-call-filter=@memlock -D "$root" --register=no --keep-unit \
		--resolv-conf=off >/dev/null 2>&1 </dev/null
	is "$(cat "$root/srv/status" 2>/dev/null)" 0 "the machine of $1 ends well"
	[ "$(cat "$root/srv/status" 2>/dev/null)" = 0 ] || tail -n 40 "$root/srv/log" | sed 's/^/# /' >&2
	# shellcheck disable=SC2086
	is "$(cat "$root/srv/done")" "$(printf '%s\n' $2)" "and has run each step: $2"
	rm -rf --one-file-system "$root"
}
cp -a "$scratch/minimal" "$scratch/machine"
(within "$scratch/machine" 'export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
	apt-get update -qq && apt-get install -y -qq --no-install-recommends systemd systemd-sysv dbus sudo curl \
	apache2 lighttpd nginx-light spawn-fcgi multiwatch python3 openssl ca-certificates &&
	useradd -m -s /bin/bash person') >"$scratch/log" 2>&1 || tail -n 20 "$scratch/log" >&2
echo 'person ALL=(ALL) NOPASSWD: ALL' >"$scratch/machine/etc/sudoers.d/person"
echo 'APT::Get::Assume-Yes "true";' >"$scratch/machine/etc/apt/apt.conf.d/yes"
apache=$(free_port) lighttpd=$(free_port) nginx=$(free_port)
ports="$apache $lighttpd $nginx"
sed -i "s/^Listen 80$/Listen 127.0.0.1:$apache/" "$scratch/machine/etc/apache2/ports.conf"
sed -i "s/^server.port .*/server.port = $lighttpd/" "$scratch/machine/etc/lighttpd/lighttpd.conf"
rm -f "$scratch/machine/etc/nginx/sites-enabled/default"
boot package 'package-build package-install check terminal view-configuration view-script keep package-lighttpd repair'
boot source 'source-packages source-apache source-lighttpd source-socket source-nginx source-workers source-spawned'
rm -rf --one-file-system "$scratch/machine"

# setup.sh

sources "$scratch/minimal" 0:0
serving() {
	grep -q '^Serving' "$1"
}
# shows FILE: the pages that the output in it names answer as it says.
shows() {
	view=$(sed -n 's/^In a browser: //p' "$1")
	curl -s -m 30 "$(sed -n 's/^Serving \([^ ]*\) and .*/\1/p' "$1")" | grep -q '"ActionStatus":"OK"' &&
		[ "$(curl -s -m 30 -o /dev/null -w '%{http_code}' "$view")" = 403 ] &&
		curl -s -m 30 "$(sed -n "s|^\($view?g=test.*\)|\1|p" "$1")" | grep -q Noodles && grep -q 'Noodles .*%' "$1"
}
run() {
	(within "$scratch/minimal" "cd /srv/msgext && $1") >"$2" 2>&1 &
	pids="$! $pids"
}
# waits_for FILE: till it serves or has ended; packages take their time.
waits_for() {
	for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		wait_for serves_or_ends "$1" && return
	done
}
serves_or_ends() {
	serving "$1" || process_gone "${pids%% *}"
}
if is_wanted run; then
	first=$(cat "$scratch/steps/see-it-work")
	if curl -s -m 5 -o /dev/null http://127.0.0.1:8080/; then
		passed "$first # SKIP another server has port 8080"
	else
		run "$first" "$scratch/first"
		waits_for "$scratch/first"
		ok "$first shows what it says" shows "$scratch/first"
	fi
	run "$first" "$scratch/second"
	wait_gone "${pids%% *}"
	other=$(sed -n 's/.*another port: //p' "$scratch/second")
	is "$(echo "$other" | sed 's/PORT=[0-9]*/PORT=8081/')" "$(cat "$scratch/steps/see-it-elsewhere")" 'with its port taken it says what README.md says'
	run "$other" "$scratch/second"
	waits_for "$scratch/second"
	ok "$other shows what it says" shows "$scratch/second"
	# shellcheck disable=SC2086
	stop_processes $pids
	pids=
fi

tested=$(cat "$scratch/steps/see-it-tested")
if [ -n "${CI-}" ]; then
	passed "$tested # SKIP CI runs it by itself"
elif is_wanted test; then
	# Where npm reaches its registry by settings of this machine alone, what axe.sh says helps.
	mkdir -p "$scratch/minimal/srv/msgext/build"
	(cd "$top" && sh tests/browser/axe.sh) >/dev/null 2>&1
	cp "$top"/build/axe-core-*.js "$scratch/minimal/srv/msgext/build" 2>/dev/null
	(within "$scratch/minimal" "cd /srv/msgext && git config --global --add safe.directory /srv/msgext 2>/dev/null
		$tested") >"$scratch/tested" 2>&1
	is "$?" 0 "$tested passes"
	grep -v ' ok$\| ok  *[0-9]* ms\|^ok' "$scratch/tested" | tail -n 40 | sed 's/^/# /' >&2
fi
rm -rf --one-file-system "$scratch/minimal"
done_testing
