#!/bin/sh
# The release for aarch64: built here by a compiler for it, to the same bytes anywhere, and right by
# the same tests, as qemu runs it.  Scripts are left out: their "#!" is the kernel's, which knows
# no program of that machine here.
. "$(dirname "$0")/lib.sh"

for package in aarch64-linux-gnu-gcc:gcc-aarch64-linux-gnu qemu-aarch64:qemu-user musl-gcc:musl-tools; do
	command -v "${package%:*}" >/dev/null || lacks "${package#*:}"
done
# release_of DIRECTORY: the archive that is built there.
release_of() {
	make -s -C "$1" release MACHINE=aarch64 2>"$scratch/make" | sed -n '$p'
	sed 's/^/# /' "$scratch/make" >&2
}
architectures=$(dpkg --print-foreign-architectures)
archive=$(release_of "$top")
version=$(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")
is "$archive" "build/msgext-$version-linux-aarch64.tar.gz" 'the name of the release has version and machine'
is "$(dpkg --print-foreign-architectures)" "$architectures" 'dpkg knows of no further architecture'
mkdir -p "$scratch/second/build"
for file in "$top"/*; do
	case ${file##*/} in
	build | static) ;;
	*) cp -R "$file" "$scratch/second" ;;
	esac
done
cp -R "$top/build/sources" "$top/build/packages-arm64" "$scratch/second/build"
ok 'another directory gives the same bytes' cmp "$top/$archive" "$scratch/second/$(umask 077 && release_of "$scratch/second")"
rm -rf "$scratch/second"

tar -xpzf "$top/$archive" -C "$scratch"
place=$scratch/$(basename "$archive" .tar.gz)
chmod 755 "$place/msgext" # Apache runs its programs as another user
ok 'the sums of the release are right' sh -c "cd '$place' && sha256sum --quiet -c SHA256SUMS"
for program in msgext msgextctl msgext-view msgext-repair; do
	is "$(readelf -h "$place/msgext/$program" | sed -n 's/^ *Machine: *//p'),$(readelf -lW "$place/msgext/$program" |
		grep -c 'INTERP\|DYNAMIC\| RWE ')" AArch64,0 "$program is for that machine, and needs neither loader nor library"
	mkdir -p "$scratch/bin"
	printf '%s\n' '#!/bin/sh' "exec qemu-aarch64 $place/msgext/$program \"\$@\"" >"$scratch/bin/$program"
	chmod 755 "$scratch/bin/$program"
	is "$("$scratch/bin/$program" -V)" "$program $version" "$program runs"
done
# passes FILE: does that test pass with these programs?
passes() {
	MSGEXT_EMULATED=1 MSGEXT=$scratch/bin/msgext MSGEXTCTL=$scratch/bin/msgextctl MSGEXT_VIEW=$scratch/bin/msgext-view \
		prove "$1" >"$scratch/prove" 2>&1 && return
	sed 's/^/# /' "$scratch/prove" >&2
	return 1
}
for name in corpus fastcgi ctl-show ctl-tally ctl-groups ctl-log ctl-gaps ctl-import ctl-compact ctl-link ctl-sample; do
	ok "$name.t with the programs for aarch64" passes "$top/tests/$name.t"
done
done_testing
