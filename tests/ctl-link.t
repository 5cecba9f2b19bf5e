#!/bin/sh
# msgextctl link: links that say what they show, and are good only as they were made.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

view=$scratch/view.conf
key=0123456789abcdef0123456789abcdef
view_make() {
	rm -f "$view"
	(umask 077 && printf '%s\n' "data_dir = $data" 'password = correct horse' "$@" >"$view")
}
view_make "link_key = $key"
MSGEXT_VIEW_CONFIG=$view
export MSGEXT_VIEW_CONFIG
base=https://chat.example/cgi-bin/view.cgi

# said: what standard error says, without the time.
said() {
	sed 's/....-..-..T..:..:......Z/TIME/g' "$scratch/stderr"
}

ctl link '@TGS#2J4' 10 --url "$base"
url=$out
is "$(echo "$url" | sed 's/&s=[A-Za-z0-9_-]\{43\}&e=[0-9]\{10\}$/ SIGNED/')" "$base?g=%40TGS%232J4&m=10 SIGNED" \
	'link prints the URL, the group escaped, and the expiry last'
is "$(said)" 'msgextctl: everyone who has this link sees the result, with names hidden, until TIME' 'link says until when it is good'
# As Python signs it.
# signature URL KEY EPOCH
signature() {
	python3 - "$@" <<-'END'
		import base64, hmac, sys, urllib.parse
		url, key, epoch = sys.argv[1:]
		values = dict(urllib.parse.parse_qsl(url.split("?")[1]))
		text = b"msgext-view link 1\n"
		for value in [values.get(name, "") for name in "gmtwe"] + [epoch]:
		    text += b"%d:%s\n" % (len(value.encode()), value.encode())
		print(base64.urlsafe_b64encode(hmac.digest(key.encode(), text, "sha256")).decode().rstrip("="))
	END
}
# signed URL: the signature that it holds.
signed() {
	echo "$1" | sed 's/.*&s=\([^&]*\).*/\1/'
}
is "$(signed "$url")" "$(signature "$url" "$key" 0)" 'the signature is the one that Python computes'
ctl link --verify "$url"
is "$out" 'sound
group    @TGS#2J4
message  10
names    hidden
until    TIME' 'link --verify says what the link shows'
ctl link --verify "$url&from=singlemessage&isappinstalled=0#top"
is "$(echo "$out" | head -n 1)" sound 'link --verify: what chat programs append does no harm'

ctl link '@TGS#2J4' 10 --title '投票 & "more"' --names --days 30
is "$(echo "$out" | sed 's/&s=.*//')" '?g=%40TGS%232J4&m=10&t=%E6%8A%95%E7%A5%A8%20%26%20%22more%22&w=1' \
	'link prints the query alone where no --url is given'
is "$(said)" "msgextctl: everyone who has this link sees the result, with names shown, until TIME
msgextctl: put the viewer's address before it, or use --url URL" 'and says where it belongs'
is "$(signed "$out")" "$(signature "$out" "$key" 0)" 'title and names are under the signature'
until=$(echo "$out" | sed 's/.*&e=//')
now=$(date +%s)
is "$((until - now > 30 * 86400 - 60 && until - now <= 30 * 86400))" 1 '--days 30 are 30 days'
ctl link --verify "https://x.example/$out"
is "$(echo "$out" | sed -n '4,5p')" 'title    投票 & "more"
names    shown' 'link --verify says title and names'
ctl_run link "$(printf 'a\nb\342\200\256')" 1
is "$(grep -c 'no events of that group yet' "$scratch/stderr")" 1 'link warns of a group of which nothing is stored'
ctl link --verify "$out"
is "$(printf '%s\n' "$out" | sed -n 2p)" 'group    a\nb\u202E' 'link --verify shows no control character'
ctl link -- -rf 1
ctl link --verify "$out"
is "$(echo "$out" | sed -n 2p)" 'group    -rf' 'link takes a group that begins with - after --'

# What was changed.
for change in 's/m=10/m=11/' 's/&e=1/\&e=2/' 's/.$//' 's/&s=./\&s=/' 's/$/\&w=1/' 's/$/\&t=x/' 's/&e=.*//' 's/TGS/tgs/'; do
	ctl_exits 1 link --verify "$(echo "$url" | sed "$change")"
	is "$out,$(grep -c 'not complete, or was changed' "$scratch/stderr")" ,1 "link --verify tells nothing of a link that $change changed"
done
ctl_exits 65 link --verify "$url&g=x"
is "$(said)" 'msgextctl: query-duplicate: g: is there twice' 'link --verify says which parameter is there twice'
ctl_exits 65 link --verify "$base?g=%4"
ctl_exits 64 link --verify nothing
# Long ago, by another's hand.
old="?g=a&m=1&e=1764688294"
old="$old&s=$(signature "$old" "$key" 0)"
ctl_exits 1 link --verify "$old"
is "$out" 'expired
group    a
message  1
names    hidden
until    TIME' 'link --verify says that a link has expired'

# Keys and epochs.
view_make 'link_key = another, which is new: 0123456789abcdef' "link_key = $key" 'link_days = 3'
ctl link --verify "$url"
ctl link '@TGS#2J4' 10
is "$(signed "$out")" "$(signature "$out" 'another, which is new: 0123456789abcdef' 0)" 'the first of two keys signs'
is "$(($(echo "$out" | sed 's/.*&e=//') - $(date +%s) <= 3 * 86400))" 1 'a link is good for no more than link_days'
ctl_exits 64 link '@TGS#2J4' 10 --days 4
is "$(cat "$scratch/stderr")" 'msgextctl: --days: must be 1 to 3, which is link_days of view.conf (see msgextctl link --help)' 'link names the limit of --days'
view_make "link_key = $key" 'link_epoch = 1'
ctl_exits 1 link --verify "$url"
ctl link '@TGS#2J4' 10
is "$(signed "$out")" "$(signature "$out" "$key" 1)" 'the epoch is under the signature'

# Wrong words.
for arguments in '' g 'g x' 'g 1 2' 'g 01' 'g 1 --days 0' 'g 1 --days x' 'g 1 --days -1' 'g 1 --url ftp://x' 'g 1 --url https://x/?a=1' \
	'g 1 --url https://x/#a' 'g 1 --json' 'g 1 --verify x' '--verify ?x --names' '-d /tmp g 1' '--from x g 1'; do
	# shellcheck disable=SC2086
	ctl_exits 64 link $arguments
done
ctl_exits 64 link g 1 --url 'https://x/y z'
ctl_run link g 1 --title "$(printf 'a\nb')"
is "$status,$(cat "$scratch/stderr")" '64,msgextctl: title: must be UTF-8 without control characters (see msgextctl link --help)' 'link says what is wrong with a title'
ctl_exits 64 link g 1 --title "$(printf '%0101d' 0)"
ctl_exits 64 link "$(printf 'g\377')" 1
ctl_exits 64 link "$(printf '%0257d' 0)" 1
ctl_exits 64 show a --title x

# The configuration.
MSGEXT_VIEW_CONFIG=$scratch/none
ctl_exits 78 link g 1
is "$(tail -n 1 "$scratch/stderr")" "msgextctl: links need the viewer's configuration, view.conf(5): name it with -c FILE or MSGEXT_VIEW_CONFIG" \
	'link says where its configuration is looked for'
MSGEXT_CONFIG=/nonexistent ctl -c "$view" link '@TGS#2J4' 10
ctl_exits 78 link -c "$config" g 1
is "$(grep -c 'sdk_app_id: belongs in msgext.conf' "$scratch/stderr")" 1 "link does not take the receiver's file"
chmod 644 "$view"
ctl_exits 78 link -c "$view" g 1
is "$(grep -c 'config-unsafe: .*others can read it' "$scratch/stderr"),$(grep -c "$key\|horse" "$scratch/stderr")" 1,0 \
	'link refuses a view.conf that others may read'
view_make "link_key = $key"
"$msgextctl" -c "$view" link '@TGS#2J4' 10 >/dev/full 2>"$scratch/stderr"
is "$?,$(tail -n 1 "$scratch/stderr")" '74,msgextctl: cannot write: No space left on device' 'link says that it cannot write'
done_testing
