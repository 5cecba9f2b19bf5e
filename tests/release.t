#!/bin/sh
# make release: the same bytes wherever they are built, whole, of the right
# modes, and a receiver once it is unpacked and filled in.
. "$(dirname "$0")/lib.sh"

# release_of DIRECTORY [COMMAND...]: the archive that is built there, by the command.
release_of() {
	directory=$1
	shift
	"$@" make -s -C "$directory" release 2>"$scratch/make" | sed -n '$p'
	sed 's/^/# /' "$scratch/make" >&2
}
version=$(sed -n 's/.*MSGEXT_VERSION "\(.*\)"/\1/p' "$top/base/base.h")
name=msgext-$version-linux-$(uname -m)
archive=$(release_of "$top")
is "$archive" "build/$name.tar.gz" 'the name of the release has version and machine'

# Elsewhere, by another user, with another umask, another date, another language.
mkdir -p "$scratch/second/build"
for file in "$top"/*; do
	case ${file##*/} in
	build | static) ;;
	*) cp -R "$file" "$scratch/second" ;;
	esac
done
cp -R "$top/build/sources" "$scratch/second/build"
find "$scratch/second" -type f -exec touch -d '2001-01-01' {} +
as=
if [ "$(id -u)" -eq 0 ]; then
	chown -R www-data "$scratch/second"
	as='setpriv --reuid=www-data --regid=www-data --clear-groups'
fi
# shellcheck disable=SC2086
second=$(umask 077 && release_of "$scratch/second" $as env LC_ALL=C.UTF-8 TZ=Asia/Tokyo)
ok 'another directory gives the same bytes' cmp "$top/$archive" "$scratch/second/$second"

tar -xpzf "$top/$archive" -C "$scratch"
cd "$scratch/$name" || exit 1
is "$(find . -type f | LC_ALL=C sort | tr '\n' ' ')" './CHANGES ./INSTALL ./LICENSE ./SHA256SUMS ./cgi-bin/check.cgi ./cgi-bin/msgext.cgi ./cgi-bin/view.cgi ./htaccess-cgi ./htaccess-fcgid ./htaccess-routing ./licenses/cjson ./licenses/libfcgi ./licenses/libmd ./licenses/musl ./licenses/zlib ./msgext/.htaccess ./msgext/data/.htaccess ./msgext/msgext ./msgext/msgext-repair ./msgext/msgext-view ./msgext/msgext.conf ./msgext/msgextctl ./msgext/view.conf ' 'the release has these files'
ok 'the sums of the release are right' sha256sum --quiet -c SHA256SUMS
is "$(find . -type f ! -name SHA256SUMS | wc -l)" "$(wc -l <SHA256SUMS)" 'the sums are those of all files'
is "$(stat -c '%a %n' cgi-bin/* msgext msgext/data msgext/msgext* msgext/view.conf | tr '\n' ' ')" \
	'755 cgi-bin/check.cgi 755 cgi-bin/msgext.cgi 755 cgi-bin/view.cgi 700 msgext 700 msgext/data 755 msgext/msgext 755 msgext/msgext-repair 755 msgext/msgext-view 600 msgext/msgext.conf 755 msgext/msgextctl 600 msgext/view.conf ' \
	'their modes'
ok 'the programs are the static ones' cmp msgext/msgext "$top/static/msgext"
is "$(msgext/msgextctl -V), $(msgext/msgext-repair -V)" "msgextctl $version, msgext-repair $version" 'of this version'
is "$(grep -rlI "$(printf '\r')" . | wc -l)" 0 'no text has CR LF'
is "$(awk 'length > 78' INSTALL)" '' 'INSTALL is 78 columns wide'
ok 'INSTALL is short' test "$(wc -l <INSTALL)" -le 120
is "$(grep -c "^msgext $version " INSTALL),$(grep -c "$(wc -c <msgext/msgext) bytes" INSTALL),$(grep -c 'VERSION\|SIZE' INSTALL)" \
	1,1,0 "it names the version and the program's size"
is "$(cat cgi-bin/msgext.cgi)" '#!/home/USER/msgext/msgext
include = /home/USER/msgext/msgext.conf' 'the script has two lines'
is "$(cat cgi-bin/view.cgi)" '#!/home/USER/msgext/msgext-view
include = /home/USER/msgext/view.conf' "the viewer's has two lines"
is "$(grep -c "msgext-view  *$(wc -c <msgext/msgext-view) bytes" INSTALL)" 1 "INSTALL names the viewer's size"
is "$(head -n 2 cgi-bin/check.cgi)" '#!../../msgext/msgextctl
mode = check' "the check is msgextctl's"

# Filled in, line by line: what is missing is named.
# answers: the status of a request to the script, and why it is not 200.
answers() {
	printf %s "$event_set" | env -i REQUEST_METHOD=POST QUERY_STRING="$query" cgi-bin/msgext.cgi 2>"$scratch/stderr" |
		sed -n '1s/\r$//p'
	sed 's/^\(msgext: [a-z-]*\): .*:[0-9]*: /\1: /' "$scratch/stderr"
}
sed -i "s|/home/USER|$scratch/$name|" cgi-bin/msgext.cgi msgext/msgext.conf
sed -i "1s|$scratch/$name/msgext/msgext|$msgext|" cgi-bin/msgext.cgi
is "$(answers)" 'Status: 500 Internal Server Error
msgext: config-malformed: sdk_app_id: has no value' 'sdk_app_id must be filled in'
sed -i "s/^sdk_app_id =/& $app_id/" msgext/msgext.conf
is "$(answers)" 'Status: 500 Internal Server Error
msgext: config-malformed: token: has no value' 'the token must be filled in'
sed -i 's/^token =/& demo/' msgext/msgext.conf
is "$(answers | sed 's/: /:/; q')" 'Status:403 Forbidden' 'then who does not sign gets nothing'
sed -i 's/^token = .*//' msgext/msgext.conf
is "$(answers),$(cat msgext/data/*.jsonl | wc -l)" 'Status: 200 OK,1' 'without a token all is stored'
mkdir public_html
cp -R cgi-bin public_html
is "$(cd public_html/cgi-bin && env -i REQUEST_METHOD=GET ./check.cgi | grep -c '^OK  *\(configuration\|script\|append\) ')" 3 \
	'the check has its page'

# The viewer, likewise: its page says what is missing.
# looks [QUERY]: the status of a page of view.cgi, which is in page.
looks() {
	env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=GET SCRIPT_NAME=/cgi-bin/view.cgi QUERY_STRING="${1-}" cgi-bin/view.cgi \
		>"$scratch/page" 2>"$scratch/stderr"
	sed -n '1{s/\r$//; s/ [A-Z].*//; s/^Status: //p}' "$scratch/page"
}
sed -i "s|/home/USER|$scratch/$name|" cgi-bin/view.cgi msgext/view.conf
is "$(looks),$(grep -c 'password' "$scratch/page" | sed 's/[1-9].*/named/')" 503,named 'a password must be filled in'
key=$(grep -oE '[A-Za-z0-9_-]{40,}' "$scratch/page" | grep -v 'sha256' | tail -n 1)
ok 'its page has a key to copy' test "${#key}" -ge 40
looks >/dev/null
ok 'and another one each time' test "$(grep -c -e "$key" "$scratch/page")" -eq 0
sed -i 's/^password =/& correct horse battery/' msgext/view.conf
is "$(looks),$(grep -o 'link_key' "$scratch/page" | sort -u)" 503,link_key 'a key must be filled in'
sed -i "s|^link_key =|& $key|" msgext/view.conf
is "$(looks)" 403 'then it asks for the password'
ok 'with a form' grep -q '<input[^>]*type="password"' "$scratch/page"
link=$(MSGEXT_VIEW_CONFIG=$PWD/msgext/view.conf msgext/msgextctl link test 10)
is "$(looks "${link#\?}"),$(grep -c '12122' "$scratch/page" | sed 's/[1-9].*/shown/')" 200,shown 'a link shows the result'
cd "$top" || exit 1
done_testing
