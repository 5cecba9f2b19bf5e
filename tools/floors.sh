#!/bin/sh
# floors.sh - who may know whom?  Used by make lint.
#
# A file includes headers of its own floor and of those below it, and no header of another
# program.  A library is known to one file.
set -eu
cd "$(dirname "$0")/.."
export LC_ALL=C

# floor_of FILE: the number of its floor; 0: it has none.
floor_of() {
	case $1 in
	base/*) echo 1 ;;
	json.? | record.? | parse.? | parameters.? | names.? | shape.? | store/* | store.? | batch.? | wait.?) echo 2 ;;
	settings.? | config.? | view_config.? | link.? | log/*) echo 3 ;;
	receive.? | request.? | body.? | service.? | front.? | cgi.? | records.? | management.? | mount.? | check.?) echo 4 ;;
	msgext.c | ctl/* | ship/* | view/* | repair/*) echo 5 ;;
	*) echo 0 ;;
	esac
}

sources() {
	for file in *.[ch] base/*.[ch] store/*.[ch] log/*.[ch] ctl/*.[ch] ship/*.[ch] view/*.[ch] repair/*.[ch]; do
		echo "$file"
	done
}

complaints() {
	sources | while read -r file; do
		floor=$(floor_of "$file")
		[ "$floor" -gt 0 ] || echo "$file: is on no floor; tools/floors.sh lists them"
		sed -n 's/^#include "\(.*\)"/\1/p' "$file" | while read -r header; do
			other=$(floor_of "$header")
			if [ "$other" -gt "$floor" ]; then
				echo "$file: must not know $header, which is on a higher floor"
			elif [ "$other" -eq 5 ] && [ "${header%/*}" != "${file%/*}" ]; then
				echo "$file: must not know $header of another program"
			fi
		done
	done
	for rule in cjson/cJSON.h=parse.c fcgiapp.h=front.c libpq-fe.h=ship/engine.c \
		zlib.h='log/zip.c\|repair/usersig.c'; do
		sources | xargs grep -l "<${rule%=*}>" | grep -vx "${rule#*=}" |
			sed "s|\$|: must not know <${rule%=*}>, which is ${rule#*=}'s|"
	done
}

wrong=$(complaints)
[ -z "$wrong" ] || {
	echo "$wrong" >&2
	exit 1
}
