#!/bin/sh
# cross.sh MACHINE DIR - musl for another kind of machine, for which Debian has a compiler but no musl:
# DIR/musl-gcc compiles for it.  The packages of musl's headers and library and of the kernel's headers,
# for that machine, are unpacked below DIR, which takes dpkg no knowledge of a further architecture;
# root is not needed.
set -eu
cd "$(dirname "$0")/.."
machine=$1 dir=$2
case $machine in
aarch64) architecture=arm64 ;;
*)
	echo "cross.sh: $machine: only aarch64 is known" >&2
	exit 64
	;;
esac
command -v "$machine-linux-gnu-gcc" >/dev/null || {
	echo "cross.sh: $machine-linux-gnu-gcc is missing: apt install gcc-$machine-linux-gnu" >&2
	exit 69
}
packages=build/packages-$architecture
. tools/apt.sh

# What is there already is taken as it is; make clean drops it.
if [ ! -d "$packages" ]; then
	mkdir -p "$packages.new"
	apt_begin deb "$architecture"
	apt_run update
	(cd "$packages.new" && apt_run download "musl-dev:$architecture" "linux-libc-dev:$architecture")
	apt_end
	mv "$packages.new" "$packages"
fi
rm -rf "$dir/root"
mkdir -p "$dir/root"
for package in "$packages"/*.deb; do
	dpkg-deb -x "$package" "$dir/root"
done
root=$PWD/$dir/root
sed "s|/usr/|$root/usr/|g" "$dir/root/usr/lib/$machine-linux-musl/musl-gcc.specs" >"$dir/musl-gcc.specs"
printf '%s\n' '#!/bin/sh' "exec $machine-linux-gnu-gcc \"\$@\" -specs $PWD/$dir/musl-gcc.specs" >"$dir/musl-gcc"
chmod 755 "$dir/musl-gcc"
