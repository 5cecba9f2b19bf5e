#!/bin/sh
# changelog.sh - prints debian/changelog, made from CHANGES and debian/control;
# tests/debian.t compares it with the one that is kept.
set -eu
cd "$(dirname "$0")/.."

maintainer=$(sed -n 's/^Maintainer: //p' debian/control)
# "VERSION (DATE)" and an empty line begin an entry, "- " a point; what is indented goes on with it,
# and an empty line ends the entry.
while IFS= read -r line; do
	case $line in
	[0-9]*)
		version=${line%% *}
		date=${line#*\(}
		printf 'msgext (%s) unstable; urgency=medium\n\n' "$version"
		read -r _
		;;
	'- '*) printf '  * %s\n' "${line#- }" ;;
	'  '*) printf '    %s\n' "${line#  }" ;;
	'') printf '\n -- %s  %s\n\n' "$maintainer" "$(LC_ALL=C date -u -R -d "${date%\)}")" ;;
	esac
done <<END
$(cat CHANGES)

END
