#!/bin/sh
# The viewer's pages, each by a CGI request of its own: what they say of the same logs as msgextctl says, the
# files they give, and what a link shows and hides.
. "$(dirname "$0")/lib.sh"
made tests

viewer=${MSGEXT_VIEW-$top/build/msgext-view}
view=$scratch/view.conf
password='correct horse battery staple'
mkdir -p "$data"
chmod 700 "$data"
(umask 077 && cat >"$view") <<-END
	data_dir = $data
	password = $password
	link_key = 0123456789abcdef0123456789abcdef
	timezone = +08:00
END
MSGEXT_VIEW_CONFIG=$view
export MSGEXT_VIEW_CONFIG

# The logs: a poll with a gap and a choice that was withdrawn, free answers, a cleared one, a sign-up
# of 350 people, and texts that mean harm.
perl - "$data" <<'END'
use strict; use warnings;
my ($data) = @ARGV;
my %seq;
my $time = 1764642600;    # 2025-12-02T02:30:00Z
sub quote { my $text = shift; $text =~ s/([\\"])/\\$1/g; $text =~ s/\t/\\t/g; $text =~ s/\n/\\n/g; $text =~ s/\x01/\\u0001/g; return "\"$text\"" }
sub event {
	my ($file, $group, $message, $type, @pairs) = @_;
	my $seq = ++$seq{"$group $message"};
	my ($s, $m, $h, $day, $month, $year) = gmtime(++$time);
	my $list = join ',', map { '{"Key":' . quote($_->[0]) . ',"Value":' . quote($_->[1]) . ",\"Seq\":$seq}" } @pairs;
	open my $log, '>>', "$data/$file.jsonl" or die;
	printf $log '{"time":"%04d-%02d-%02dT%02d:%02d:%02d.000Z","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":%s,"MsgSeq":%d,"OperateType":%d,"ExtensionList":[%s],"Seq":%d,"EventTime":%d}' . "\n",
		$year + 1900, $month + 1, $day, $h, $m, $s, quote($group), $message, $type, $list, $seq, $time * 1000;
	close $log;
}
my @poll = ('%40TGS%232J4', '@TGS#2J4', 10);
my @choices = ('Hotpot', 'Hotpot', 'Hotpot', 'Sushi', 'Sushi', 'Pizza');
event(@poll, 1, ["person-$_", $choices[$_ % 6]]) for 0 .. 59;
event(@poll, 1, ['person-5', 'Sushi']);
event(@poll, 2, ['person-11', '']);
$seq{'@TGS#2J4 10'} += 3;
event(@poll, 1, ['person-late', 'Pizza']);
event('%40TGS%232J4', '@TGS#2J4', 12, 1, ["free-$_", "answer number $_"]) for 1 .. 7;
event('%40TGS%232J4', '@TGS#2J4', 13, 1, ["gone-$_", 'Yes']) for 1 .. 3;
event('%40TGS%232J4', '@TGS#2J4', 13, 3);
event('%40TGS%232J4', '@TGS#2J4', 14, 1, map { ["guest-$_", $_ % 2 ? 'odd' : 'even'] } 1 .. 350);
my @evil = ('%3Cscript%3E', '<script>', 7);
event(@evil, 1, ['<b>bold</b>', '"><img src=x onerror=alert(1)>']);
event(@evil, 1, ["O'Neill & \"Sons\"", '=HYPERLINK("http://evil.example")']);
event(@evil, 1, ["right\xe2\x80\xaeleft", "a\tb\nc\x01d"]);
event(@evil, 1, ['long', 'x' x 5000]);
event(@evil, 1, ['none', '']);
$seq{'late 1'} = 4;
event('late', 'late', 1, 1, ['anna', $_]) for 'Tea', "Tea\xe2\x80\x8b";
event('office', 'office', 5, 1, map { ["writer-$_", 'w' x 4000 . $_] } 1 .. 300);
event(@evil, 1, ['bob', 'Yes'], ["bob\xe2\x80\x8b", "Yes\xe2\x80\x8b"]);
event('office', 'office', 3, 1, ['anna', 'Tea']);
open my $log, '>>', "$data/office.jsonl" or die;
print $log "this is no event\n";
END
chmod 600 "$data"/*.jsonl

# request METHOD QUERY [VARIABLE=VALUE...]: $status, the head in $scratch/head, the body in $scratch/body.
request() {
	request_method=$1 request_query=$2
	shift 2
	env -i GATEWAY_INTERFACE=CGI/1.1 SERVER_PROTOCOL=HTTP/1.1 REQUEST_METHOD="$request_method" \
		QUERY_STRING="$request_query" SCRIPT_NAME=/cgi-bin/view.cgi HTTP_HOST=poll.example HTTPS=on \
		REQUEST_URI="/cgi-bin/view.cgi?$request_query" MSGEXT_VIEW_CONFIG="$view" "$@" \
		"$viewer" >"$scratch/answer" 2>"$scratch/stderr"
	perl -0777 -e '
		open my $answer, "<", "$ARGV[0]/answer"; $_ = <$answer>;
		s/\A(.*?\r\n)\r\n//s or exit 1;
		open my $head, ">", "$ARGV[0]/head"; print $head $1;
		open my $body, ">", "$ARGV[0]/body"; print $body $_' "$scratch" || : >"$scratch/head"
	status=$(sed -n 's/^Status: \([0-9]*\).*/\1/p' "$scratch/head")
}
# get QUERY: as somebody who has signed in.  Each page is kept, to be looked at in the end.
pages=0
get() {
	request GET "$1" HTTP_COOKIE="$cookie"
	keep
}
# open_link QUERY: as anybody.
open_link() {
	request GET "$1"
	keep
}
keep() {
	pages=$((pages + 1))
	! grep -qi '^Content-Type: text/html' "$scratch/head" || cp "$scratch/body" "$scratch/page-$pages.html"
}
# has TEXT DESCRIPTION, lacks TEXT DESCRIPTION: of the body.
has() {
	ok "$2" grep -qF -- "$1" "$scratch/body"
}
lacks() {
	if grep -qF -- "$1" "$scratch/body"; then
		failed "$2" "it has: $1"
	else
		passed "$2"
	fi
}
# rows: how many rows the tables have.
rows() {
	grep -o '<tr><t[hd]' "$scratch/body" | wc -l | awk -v heads="$(grep -o '<tr><th scope="col"' "$scratch/body" | wc -l)" '{ print $1 - heads }'
}
# text: the body's text, for comparing.
text() {
	sed 's/<style>.*<\/style>//; s/<[^>]*>/ /g; s/&lt;/</g; s/&gt;/>/g; s/&quot;/"/g; s/&#39;/'"'"'/g; s/&amp;/\&/g' "$scratch/body" | tr -s ' \n' ' '
}

printf 'p=in&password=correct+horse+battery+staple' >"$scratch/form"
cookie=$(env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING= SCRIPT_NAME=/cgi-bin/view.cgi HTTPS=on \
	HTTP_HOST=poll.example CONTENT_TYPE=application/x-www-form-urlencoded CONTENT_LENGTH="$(wc -c <"$scratch/form")" \
	MSGEXT_VIEW_CONFIG="$view" "$viewer" <"$scratch/form" 2>/dev/null | sed -n 's/^Set-Cookie: \([^;]*\);.*/\1/p')
ok 'the password gives a session' test -n "$cookie"

poll='g=%40TGS%232J4&m=10'

# groups
get ''
is "$status" 200 'the groups'
is "$(rows)" 4 'each group has a row'
has '<bdi dir="auto">@TGS#2J4</bdi></a> <span class="tag">3 lost</span><td class="n">75' 'a group has its events, and what it lost'
has '<bdi dir="auto">&lt;script&gt;</bdi>' 'a group is a text'
has '1 line could not be read.' 'lines that cannot be read are counted'
get 'q=OFF'
is "$status $(rows)" '200 1' 'a group is found, in either case'
get 'q=%3Cb%3E'
is "$status" 200 'no group found is no error'
has '<bdi dir="auto">&lt;b&gt;</bdi>' 'what was looked for is said'

# a group
get 'g=%40TGS%232J4'
is "$status $(rows)" '200 4' 'a group has a row for each message'
has '<svg class="mini"' 'a poll has a bar'
has '<bdi dir="auto">Hotpot</bdi> 50 %' 'and the first answer with its share'
get 'g=nobody'
is "$status" 404 'a group that is not there'
get 'g=nobody&m=1'
is "$status" 404 'a message of a group that is not there'
get 'g=office&m=4'
is "$status" 404 'a message that is not there'
is "$(find "$data" -name 'nobody*' | wc -l)" 0 'nothing was made'

# a message
get "$poll"
is "$status" 200 'a message'
must "$msgextctl" -d "$data" tally '@TGS#2J4' 10 --json >"$scratch/tally"
is "$(grep -o '<tr><th scope="row"><bdi dir="auto">[^<]*</bdi><svg.*' "$scratch/body" | sed 's/<table class="pairs".*//' |
	grep -o '<bdi dir="auto">[^<]*</bdi><svg[^!]*' | sed 's/<tr>/\n/g' |
	sed -n 's/.*<bdi dir="auto">\([^<]*\)<\/bdi><svg.*<td class="n"><a[^>]*>\([0-9]*\)<.*/\1 \2/p' | sort)" \
	"$(jq -r '.Tally[] | "\(.Value) \(.Count)"' "$scratch/tally" | sort)" 'its result is what msgextctl tally says'
has '<h2 class="res">60 answers</h2>' 'the number of answers comes first'
has '3 updates never arrived' 'what is lost is said'
has 'versions 63–65' 'and which versions'
has '&quot;GroupId&quot;:&quot;@TGS#2J4&quot;,&quot;MsgSeq&quot;:10,&quot;StartSeq&quot;:0}' 'and what to ask for'
is "$(grep -o '<h[12][ >]' "$scratch/body" | tr -d '\n')" '<h1><h2 <h2><h2><h2 <h2>' 'its headings are in order'
has '<path' 'there is a line of answers over time'
has 'Show all 60' 'the pairs go on'
has '<bdi dir="auto">person-11</bdi> <span class="dim">withdrew</span> <s><bdi dir="auto">Pizza</bdi></s>' 'the history says who withdrew what'
has '<bdi dir="auto">person-5</bdi> <s><bdi dir="auto">Pizza</bdi></s>' 'and who changed what'
ok 'a message is less than 25 kB' test "$(wc -c <"$scratch/body")" -lt 25000
ok 'its style is less than 6 kB' test "$(perl -0777 -ne 'print length $1 if m{<style>(.*)</style>}s' "$scratch/body")" -lt 6000
has 'class="bar" width="50.0%"' 'bars are of all answers'
answer=$(grep -o 'a=[0-9a-f]\{16\}' "$scratch/body" | head -n 1)
is "$answer" "a=$(printf Hotpot | sha256sum | cut -c 1-16)" 'an answer is named by its hash'
get "$poll&$answer&part=pairs"
is "$status $(rows)" '200 30' 'those who chose an answer'
has 'Who chose <bdi dir="auto">Hotpot</bdi>' 'which is named'
lacks 'Sushi' 'and nobody else'
get "$poll&a=0000000000000000"
is "$status" 200 'an answer that nobody chose is no error'
has 'Nothing found' 'and it is said'
get "$poll&q=PERSON-5&part=pairs"
is "$(rows)" 11 'a search finds names, in either case'
get "$poll&q=pizza&part=pairs"
is "$(rows)" 9 'and answers'
get "$poll&q=.%2A&part=pairs"
is "$(rows)" 0 'a search is no pattern'
get "$poll&part=log"
is "$(rows)" 64 'the whole history'
has 'Versions 63–65 never arrived' 'with what is missing in it'
get "$poll&part=tally"
is "$(rows)" 3 'the result alone'

# the past
get "$poll&v=61"
is "$status" 200 'a past version'
has 'at version 61 of 66' 'is said to be past'
must "$msgextctl" -d "$data" tally '@TGS#2J4' 10 --as-of 61 --json >"$scratch/tally"
for answer in Hotpot Sushi Pizza; do
	ok "then $answer had what msgextctl says" grep -q "<bdi dir=\"auto\">$answer</bdi><svg.*<td class=\"n\"><a[^>]*>$(
		jq -r ".Tally[] | select(.Value == \"$answer\") | .Count" "$scratch/tally")<" "$scratch/body"
done
get "$poll&v=64"
has 'Version 64 never arrived; this is the state before it.' 'a version in a gap'
get "$poll&v=999"
has 'Version 999 has not arrived; this is the latest.' 'a version that is still to come'
get 'g=late&m=1&v=2'
has 'Version 2 never arrived; this is the state before it.' 'a version before the first that is known'
has 'v=5">Later' 'from which the first is the next one'
get 'g=late&m=1'
has '<s><bdi dir="auto">Tea</bdi></s>' 'a history of what looks equal'
has '<bdi dir="auto">Tea<span class="tag">U+200B</span></bdi><td' 'says in what a new value differs'
get 'p=events'
has '<bdi dir="auto">Tea<span class="tag">U+200B</span></bdi><td' 'and so do the last events'
"$msgextctl" -d "$data" compact late >/dev/null 2>&1
get 'g=late&m=1&v=5'
has 'The log was compacted after version 5' 'a version that was compacted away'
lacks 'never arrived' 'is not said to be lost'
lacks 'No answers' 'nor to have been empty'
has '?g=late&amp;m=1">Now' 'the present is a click away'
request GET 'g=late&m=1&v=5&f=json' HTTP_COOKIE="$cookie"
is "$status" 404 'and no file has it'
rm "$data"/late.*.gz
sed -n 's/"MsgSeq":3,/"MsgSeq":1,/; s/"Seq":1/"Seq":4/g; s/"office"/"late"/p' "$data/office.jsonl" | tail -n 1 >>"$data/late.jsonl"
get 'g=late&m=1&v=5'
has 'The log was compacted after version 5' 'of which a line that came late is not all'
has '1 answer' 'though it is shown, as msgextctl shows it'
get 'g=late&m=1&v=6'
has 'at version 6 of 6' 'the version that it was compacted at is there'
get "$poll&v=0"
is "$status" 400 'a version out of range'

# other messages
get 'g=%40TGS%232J4&m=12'
has 'All answers differ' 'free answers are not counted'
lacks 'class="big"' 'and have no bars'
get 'g=%40TGS%232J4&m=13'
has 'No answers' 'a cleared message has no answers'
has 'All answers were cleared' 'and the history says why'
get 'g=%40TGS%232J4&m=14&part=pairs'
is "$(rows)" 300 'the first page of many pairs'
has 'o=300' 'which goes on'
get 'g=%40TGS%232J4&m=14&part=pairs&o=300'
is "$status $(rows)" '200 50' 'the last page'
get 'g=%40TGS%232J4&m=14&part=pairs&o=900'
is "$status $(rows)" '200 0' 'a page after the last'

# a page that is full
get 'g=office&m=5&part=pairs'
shown=$(rows)
ok "a page ends at 1 MiB, after $shown rows" test "$shown" -gt 200 -a "$shown" -lt 300 -a "$(wc -c <"$scratch/body")" -lt 1100000
has 'not all rows are on it' 'and says so'
next=$(grep -o 'o=[0-9]*' "$scratch/body" | tail -n 1)
is "$next" "o=$((shown / 20 * 20))" 'the next page begins where it ended'
get "g=office&m=5&part=pairs&$next"
is "$(rows)" $((300 - shown / 20 * 20)) 'and has the others'

# texts that mean harm
get 'g=%3Cscript%3E&m=7'
is "$status" 200 'a message of hostile texts'
lacks '<b>bold' 'a key is a text'
lacks '<img' 'a value is a text'
has 'O&#39;Neill &amp; &quot;Sons&quot;' 'with quotes and ampersands'
has '<span class="dim">(empty)</span>' 'an empty answer is said to be one'
has '<details><summary>' 'a long answer is folded'
lacks "$(printf '\342\200\256')" 'nothing turns the direction of writing'
has "$(printf 'left\303\227' | head -c 4)" 'and what it turned is there'
get 'g=%3Cscript%3E&m=7&part=pairs&q=bob'
has 'bob<span class="tag">U+200B</span>' 'names that look alike do not on the page'

# files
for format in excel csv json; do
	option=--$format
	[ $format != excel ] || option=--csv=excel
	for message in '%40TGS%232J4 10 @TGS#2J4' '%40TGS%232J4 13 @TGS#2J4' '%3Cscript%3E 7 <script>'; do
		# shellcheck disable=SC2086 # three words
		set -- $message
		get "g=$1&m=$2&f=$format"
		"$msgextctl" -d "$data" show "$3" "$2" $option >"$scratch/expected"
		is "$status" 200 "a file: $format of $3"
		ok 'has the bytes of msgextctl show' cmp "$scratch/body" "$scratch/expected"
	done
done
ok 'JSON is JSON' jq -e .GroupId "$scratch/body"
is "$(sed -n 's/^Content-Disposition: \(.*\)\r$/\1/p' "$scratch/head")" \
	'attachment; filename="msgext-_script_-7.json"' 'a file has a harmless name'
get "$poll&v=61&f=json"
"$msgextctl" -d "$data" show '@TGS#2J4' 10 --as-of 61 --json >"$scratch/expected"
ok 'a file of the past' cmp "$scratch/body" "$scratch/expected"
get 'g=office&m=9&f=csv'
is "$status" 404 'a file of nothing'

# links
get "$poll&p=share"
is "$status" 200 'the form for a link'
lacks '&amp;s=' 'which makes none by itself'
has 'name="w" value="1"' 'and asks whether names are shown'
get 'g=office&m=4&p=share&d=7'
is "$status" 404 'no link is made to nothing'
get "$poll&p=share&t=Dinner+%3Cb%3E&d=7"
link=$(sed -n 's/.*readonly value="\([^"]*\)".*/\1/p' "$scratch/body" | sed 's/&amp;/\&/g')
is "${link%%\?*}" 'https://poll.example/cgi-bin/view.cgi' 'a link begins as the browser was asked'
is "$("$msgextctl" link --verify "$link" | sed 's/^until .*/until/')" "sound
group    @TGS#2J4
message  10
title    Dinner <b>
names    hidden
until" 'msgextctl link --verify finds it sound'
open_link "${link#*\?}"
is "$status" 200 'whoever has it may open it'
has '<h1><bdi dir="auto">Dinner &lt;b&gt;</bdi></h1>' 'its title is a text'
has '60 answers' 'it has the result'
is "$(grep -o 'Hotpot</bdi><svg.*<td class="n">30<td class="n">50 %' "$scratch/body" | wc -l)" 1 'with its bars'
lacks person 'hidden names are in no byte of it'
lacks '@TGS#2J4' 'nor is the group, but in the link'
is "$(grep -o ' href="[^"]*"' "$scratch/body" | grep -vc "&amp;s=")" 0 'it leads to itself only'
open_link "${link#*\?}&r=30&from=singlemessage&isappinstalled=0"
is "$status" 200 'what chat programs append does no harm'
is "$(grep -c '^Refresh: 30' "$scratch/head")" 1 'and it refreshes where that is asked for'
for format in json csv; do
	open_link "${link#*\?}&f=$format"
	is "$status" 403 "no $format of hidden names"
	has 'This link gives no such file' 'and not for a fault of the link'
	lacks person 'nor any name'
done
open_link "$(echo "${link#*\?}" | sed 's/m=10/m=12/')"
is "$status" 403 'a link opens no other message'
lacks answer 'and shows none'
open_link "${link#*\?}&w=1"
is "$status" 403 'nobody can switch names on'
get "$poll&p=share&d=1&w=1"
link=$(sed -n 's/.*readonly value="\([^"]*\)".*/\1/p' "$scratch/body" | sed 's/&amp;/\&/g')
open_link "${link#*\?}"
is "$status" 200 'a link that shows names'
has person-late 'shows them'
is "$(rows)" 63 'all of them, below the result'
open_link "${link#*\?}&f=json"
"$msgextctl" -d "$data" show '@TGS#2J4' 10 --json >"$scratch/expected"
ok 'gives JSON to a program' cmp "$scratch/body" "$scratch/expected"
open_link "${link#*\?}&f=csv"
"$msgextctl" -d "$data" show '@TGS#2J4' 10 --csv >"$scratch/expected"
ok 'and CSV' cmp "$scratch/body" "$scratch/expected"
made_by_hand=$("$msgextctl" link '<script>' 7 --title 'x' 2>/dev/null)
open_link "${made_by_hand#*\?}"
is "$status" 200 'a link of msgextctl opens'
lacks 'Neill' 'and hides names'
made_by_hand=$("$msgextctl" link 'office' 99 2>/dev/null)
open_link "${made_by_hand#*\?}"
is "$status" 404 'a link to nothing'
lacks ' href=' 'leads nowhere'
made_by_hand=$("$msgextctl" link late 1 2>/dev/null)
cp "$data/late.jsonl" "$scratch/late"
sed -n 's/"MsgSeq":3,/"MsgSeq":1,/; s/"Seq":1/"Seq":8/g; s/"office"/"late"/p' "$data/office.jsonl" | tail -n 1 >>"$data/late.jsonl"
echo '{"GroupId":"late","MsgSeq":1,broken' >>"$data/late.jsonl"
open_link "${made_by_hand#*\?}"
has ' · 1 update never arrived' 'a link tells of what was lost'
has '1 line could not be read.' 'and of what could not be read'
mv "$scratch/late" "$data/late.jsonl"

# A link's page costs what it shows, and not what there is.
perl -e 'print map { sprintf q({"time":"2025-12-02T02:30:00.000Z","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"wide","MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k%d","Value":"%s%d","Seq":%d}],"Seq":%d,"EventTime":1764642600000}) . "\n", $_, "w" x 8000, $_, $_, $_ } 1 .. 4000' >"$data/wide.jsonl"
chmod 600 "$data/wide.jsonl"
link_viewer=$viewer viewer=$scratch/limited
printf '#!/bin/sh\nulimit -v 98304\nexec "%s"\n' "$link_viewer" >"$viewer"
[ -z "${MSGEXT_SANITIZED-}" ] || printf '#!/bin/sh\nexec "%s"\n' "$link_viewer" >"$viewer"
chmod 755 "$viewer"
for names in '' --names; do
	# shellcheck disable=SC2086
	made_by_hand=$("$msgextctl" link wide 1 $names 2>/dev/null)
	open_link "${made_by_hand#*\?}"
	is "$status" 200 "a link to more than a page holds $names"
	has 'This page is full' 'which says that there is more'
done
viewer=$link_viewer
rm "$data/wide.jsonl"

# events, self-test
get 'p=events'
is "$status $(rows)" '200 30' 'the last events'
has 'anna' 'the newest is there'
has 'p=events&amp;o=' 'older ones go on'
before=$(grep -o 'o=[0-9]*\.[0-9]*' "$scratch/body" | tail -n 1)
get "p=events&$before"
is "$status" 200 'the page after'
# Rows for which a page has no room stand on the next.
perl -e 'for (10 .. 29) {
	open my $log, ">", "$ARGV[0]/large$_.jsonl" or die;
	printf $log q({"time":"2099-12-02T02:%s:00.000Z","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"large%s","MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"large-%s","Value":"%s","Seq":1}],"Seq":1,"EventTime":1}) . "\n", $_, $_, $_, "w" x 100000 }' "$data"
chmod 600 "$data"/large*
get p=events
has 'not all rows are on it' 'a page of large events is full'
seen=$(grep -o '>large-[0-9]*<' "$scratch/body")
get "p=events&$(grep -o 'o=[0-9]*\.[0-9]*' "$scratch/body" | tail -n 1)"
seen="$seen $(grep -o '>large-[0-9]*<' "$scratch/body")"
is "$(printf '%s\n' "$seen" | tr ' ' '\n' | sort -u | wc -l)" 20 'and the next page begins where it ended'
rm "$data"/large*
get 'p=check'
is "$status" 200 'the self-test'
has 'mode 0700' 'says the mode of the data directory'
has 'groups: 4;' 'counts groups'
has '1 of the last' 'counts lines that cannot be read'
has 'link_key = ' 'has a fresh key'
has 'msgextctl sample --url &#39;https://poll.example/cgi-bin/msgext.cgi&#39; | sh' 'and a command to try'
many=$(perl -e 'print "%40" x 66')
perl -pe 's/"GroupId":"office"/q{"GroupId":"} . "@" x 66 . q{"}/e' "$data/office.jsonl" | head -n 1 >"$data/$many.jsonl"
cp "$data/$many.jsonl" "$data/$(perl -MDigest::SHA=sha256_hex -e 'print "%40" x 16, "~", sha256_hex("@" x 66)').jsonl"
ln -s /etc/passwd "$data/link.jsonl"
: >"$data/office.jsonl.torn"
get 'p=check'
has '(only one is read): 1' 'finds a log under both spellings'
has 'not read: 1' 'finds what is no log'
has 'moved to .torn files' 'finds broken ends'
rm "$data/$many.jsonl" "$data"/*~*.jsonl "$data/link.jsonl" "$data/office.jsonl.torn"
is "$(find "$data" -newer "$view" ! -name '*.jsonl' ! -path "$data" | wc -l)" 0 'nothing was written'

# A worker whose data directory goes away.
cat >"$scratch/ask.pl" <<'END'
use strict; use warnings; use IO::Socket::UNIX;
my ($top, $socket, $query, $cookie) = @ARGV;
require "$top/tests/fastcgi-records.pl";
my $server = IO::Socket::UNIX->new(Peer => $socket) or die;
syswrite $server, request_begin(0, REQUEST_METHOD => 'GET', QUERY_STRING => $query, HTTPS => 'on', HTTP_COOKIE => $cookie) . record(5, '');
my $all = '';
while (sysread $server, $all, 65536, length $all) {}
print content_of($all);
END
ask() {
	perl "$scratch/ask.pl" "$top" "$scratch/socket" "$1" "$cookie"
}
must spawn-fcgi -s "$scratch/socket" -P "$scratch/worker.pid" -- "$viewer" -c "$view" >/dev/null
pids="$pids $(cat "$scratch/worker.pid")"
is "$(ask '' | sed -n '1s/\r$//p')" 'Status: 200 OK' 'a worker serves pages'
mv "$data" "$data.away"
is "$(ask '' | sed -n '1s/\r$//p')" 'Status: 503 Service Unavailable' 'but not without its data directory'
ask 'p=check' >"$scratch/body"
is "$(sed -n '1s/\r$//p' "$scratch/body")" 'Status: 200 OK' 'then the self-test'
has 'No such file or directory' 'says what is wrong'
mv "$data.away" "$data"
is "$(ask '' | sed -n '1s/\r$//p')" 'Status: 200 OK' 'and all is well when it is back'

# languages
get "$poll&lang=zh-CN"
has '<html lang="zh-CN"' 'a page in another language'
has '60 个回答' 'says the same'
has 'lang=zh-CN' 'and keeps to it'

# Every page: one h1, captions, unique ids, labels, no script, nothing from elsewhere.
cat >"$scratch/look.py" <<'END'
import re, sys
from html.parser import HTMLParser
VOID = {"meta", "input", "br", "rect", "path"}
TAGS = set("html head meta title style body header nav ul li a main footer form button h1 h2 p span table caption thead tbody tr th td svg rect path bdi time label input select option s details summary div pre ol code strong br".split())
class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.wrong, self.count, self.ids, self.labels, self.fields, self.level, self.tables, self.captions = [], {}, [], [], [], 0, 0, 0
        self.label = 0
    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.count[tag] = self.count.get(tag, 0) + 1
        if tag not in TAGS:
            self.wrong.append("element " + tag)
        for name, value in attrs.items():
            if name.startswith("on") or name in ("src", "style", "srcdoc", "formaction"):
                self.wrong.append("attribute " + name)
            if name in ("href", "action") and not re.match(r"\?|#|$", value or ""):
                self.wrong.append("address " + str(value))
        if "id" in attrs:
            self.ids.append(attrs["id"])
        if re.match("h[1-6]$", tag):
            if int(tag[1]) > self.level + 1:
                self.wrong.append("heading " + tag)
            self.level = int(tag[1])
        if tag == "label":
            self.label += 1
            self.labels.append(attrs.get("for"))
        if tag in ("input", "select") and attrs.get("type") != "hidden":
            if not self.label and "aria-labelledby" not in attrs:
                self.fields.append(attrs.get("id"))
        if tag == "th" and "scope" not in attrs:
            self.wrong.append("th without scope")
    def handle_endtag(self, tag):
        self.label -= tag == "label"
for name in sys.argv[1:]:
    page = Page()
    page.feed(open(name, encoding="utf-8").read())
    if page.count.get("h1") != 1: page.wrong.append("h1: %s" % page.count.get("h1"))
    if page.count.get("table", 0) != page.count.get("caption", 0): page.wrong.append("a table without caption")
    if len(set(page.ids)) != len(page.ids): page.wrong.append("an id twice")
    page.wrong += ["no label for %s" % field for field in page.fields if field not in page.labels]
    if page.wrong: print(name.split("/")[-1], *sorted(set(page.wrong)), sep=", ")
END
python3 "$scratch/look.py" "$scratch"/page-*.html >"$scratch/looked" 2>&1
is "$(cat "$scratch/looked")" '' "all $pages pages have what they must, and nothing else"

# Memory that runs out: a page, or a sentence.
if [ -z "${MSGEXT_SANITIZED-}" ] && [ -z "${MSGEXT_VIEW-}" ]; then
	for query in "$poll" 'g=%3Cscript%3E&m=7&part=pairs' '' "${link#*\?}" "$poll&f=csv"; do
		number=0 wrong=
		while [ $number -lt 400 ]; do
			number=$((number + 1 + number / 8))
			rm -f "$scratch/count"
			request GET "$query" HTTP_COOKIE="$cookie" LD_PRELOAD="$top/build/tests/failmalloc.so" \
				MALLOC_FAIL=$number MALLOC_COUNT="$scratch/count"
			case $status in
			200 | 500 | 503) ;;
			*) [ -s "$scratch/answer" ] && wrong="$wrong $number:$status" || [ $number -lt 60 ] || wrong="$wrong $number:died" ;;
			esac
			[ ! -s "$scratch/count" ] || [ "$(cat "$scratch/count")" -ge $number ] || break
		done
		is "$wrong" '' "memory that runs out: ?$query"
	done
fi

# What was erased, and an import brought back into the file, is not what a key had before; nor does it count.
head='{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1,'
tail="\"CallbackCommand\":\"$command\",\"GroupId\":\"erased\",\"MsgSeq\":1,\"OperateType\":1,\"EventTime\":1"
printf '%s\n' "$head\"Erased\":[[1,1]],$tail,\"ExtensionList\":[],\"Seq\":1}" \
	'{"time":"2025-12-02T15:12:34.395Z","Snapshot":"import","GroupId":"erased","MsgSeq":1,"LatestSeq":1,"ClearSeq":0,"WholeSeq":1,"ExtensionList":[{"Key":"bob","Value":"hidden","Seq":1}]}' \
	"$head$tail,\"ExtensionList\":[{\"Key\":\"bob\",\"Value\":\"shown\",\"Seq\":2}],\"Seq\":2}" >"$data/erased.jsonl"
chmod 600 "$data/erased.jsonl"
get 'g=erased&m=1&part=log'
has 'shown' 'a message of which pairs were erased'
is "$(grep -c "<s>.*hidden.*</s>" "$scratch/body")" 0 'a value that was erased is not struck out beside the next one'
rm "$data/erased.jsonl"
done_testing
