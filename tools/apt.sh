# apt.sh - apt with a state of its own below build/: it gets and verifies packages from the mirrors that
# this machine is configured for, and changes nothing of the machine's.  Root is not needed.  To be
# sourced; apt_end drops the state.
# shellcheck shell=sh

# apt_begin deb|deb-src [ARCHITECTURE]: lists of such packages.
apt_begin() {
	apt=$PWD/build/apt
	rm -rf "$apt"
	mkdir -p "$apt/parts" "$apt/lists/partial" "$apt/cache/archives/partial"
	eval "$(apt-config shell list Dir::Etc::sourcelist/f parts Dir::Etc::sourceparts/d)"
	# The machine's own lists, in their order and with their keys, as if each asked for these.
	# shellcheck disable=SC2154
	for file in "$list" "$parts"*.list "$parts"*.sources; do
		to=$apt/parts/${file##*/}
		[ "$file" != "$list" ] || to=$apt/sources.list
		case $file in
		*.list) edit="/cdrom:/d; s/(\[.*)arch=[^] ]*/\1/; s/\[ *\]//; s/^[[:space:]]*deb(-src)?[[:space:]]/$1 /p" ;;
		*) edit="/^Architectures:/Id; s/^Types:.*/Types: $1/I; p" ;;
		esac
		[ ! -f "$file" ] || sed -nE "$edit" "$file" | awk '!/^deb/ || !seen[$0]++' >"$to"
	done
	# Hooks of the machine's configuration are meant for its own state.
	cat >"$apt/apt.conf" <<-EOT
		Dir::Etc::sourcelist "$apt/sources.list";
		Dir::Etc::sourceparts "$apt/parts";
		Dir::State::lists "$apt/lists";
		Dir::Cache "$apt/cache";
		#clear APT::Update::Pre-Invoke;
		#clear APT::Update::Post-Invoke;
		#clear APT::Update::Post-Invoke-Success;
	EOT
	[ $# -lt 2 ] || {
		: >"$apt/status" # nothing is installed
		cat >>"$apt/apt.conf" <<-EOT
			Dir::State::status "$apt/status";
			#clear APT::Architectures;
			APT::Architecture "$2";
			APT::Architectures { "$2"; };
		EOT
	}
}

# apt_run WORD...: apt-get.  No sandbox: as root, apt could not let its own user write there.
apt_run() {
	apt-get -qq -c "$apt/apt.conf" -o APT::Sandbox::User=root "$@"
}

apt_end() {
	rm -rf "$apt"
}
