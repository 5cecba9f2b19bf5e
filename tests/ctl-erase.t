#!/bin/sh
# msgextctl erase, export: a person leaves logs, archives and .torn files, and is told what is stored.
. "$(dirname "$0")/lib.sh"
made tests
. "$(dirname "$0")/ctl.sh"

seed_make
ok 'from random histories a key is erased, and does not come back' \
	python3 "$top/tests/erase.py" "$msgextctl" "$scratch/random" "$seed" "${MSGEXT_HISTORIES-6}"

# line GROUP MSGSEQ SEQ PAIRS: a line of its log.
line() {
	printf '{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"ClientIP":"203.0.113.7","OptPlatform":"Web","CallbackCommand":"%s","GroupId":"%s","MsgSeq":%s,"OperateType":1,"ExtensionList":[%s],"Seq":%s,"EventTime":%s000}\n' \
		"$command" "$1" "$2" "$4" "$3" "$3"
}
prepare() {
	rm -rf "$data"
	mkdir -m 700 "$data"
	(
		umask 077
		line one 1 1 '{"Key":"tom","Value":"yes","Seq":1},{"Key":"ann","Value":"tom","Seq":1}'
		line one 1 2 '{"Key":"t\u006fm","Value":"no","Seq":2}'
	) >"$data/one.jsonl"
	ctl compact one
	(
		umask 077
		line one 1 3 '{"Key":"tom","Value":"perhaps","Seq":3}' >>"$data/one.jsonl"
		line one 1 4 '{"Key":"tommy","Value":"yes","Seq":4}' >>"$data/one.jsonl"
		line one 1 4 '{"Key":"tommy","Value":"yes","Seq":4}' | sed 's/my","Value.*/","Val/' >"$data/one.torn"
		line two 7 1 '{"Key":"ann","Value":"yes","Seq":1}' >"$data/two.jsonl"
		line gone 7 1 '{"Key":"tom","Value":"yes","Seq":1}' | gzip >"$data/gone.20251202T151134395Z.jsonl.gz"
	)
}
everything() {
	zcat "$data"/*.gz | cat - "$data"/*.jsonl "$data"/*.torn
}

prepare
ctl export --key tom
is "$(jq -r '[.GroupId, .MsgSeq, .Operation, .Value, .Seq, .ClientIP, .File, .Line] | map(tostring) | join(" ")' "$scratch/stdout" |
	sed 's/[0-9]\{8\}T[0-9]*Z/TIME/')" "$(lines 'gone 7 set yes 1 203.0.113.7 gone.TIME.jsonl.gz 1' 'one 1 compact no 2 null one.jsonl 1' \
	'one 1 set perhaps 3 203.0.113.7 one.jsonl 2' 'one 1 set yes 1 203.0.113.7 one.TIME.jsonl.gz 1' 'one 1 set no 2 203.0.113.7 one.TIME.jsonl.gz 2' \
	'null null null null null null one.torn 1')" 'export has every place'
ctl_exits 1 export --key nobody
ctl_exits 64 export
ctl_exits 64 export --key "$(printf '\377')"
ctl_exits 64 erase one

cp -a "$data" "$scratch/saved"
ctl erase --key tom --dry-run
is "$(sed 's/^msgextctl: //' "$scratch/stderr" | grep erased)" "$(lines 'gone: 1 pair in 1 line of 1 file would be erased' \
	'one: 4 pairs in 4 lines of 3 files would be erased')" 'erase --dry-run counts'
ok 'and changes nothing' diff -r "$scratch/saved" "$data"
before=$(stat -c %i "$data/two.jsonl")
gaps=$("$msgextctl" gaps one 2>/dev/null)
ctl erase --key tom
is "$(sed 's/^msgextctl: //' "$scratch/stderr" | grep erased)" "$(lines 'gone: 1 pair in 1 line of 1 file erased' \
	'one: 4 pairs in 4 lines of 3 files erased')" 'erase counts what it removed'
is "$(everything | grep -c '"t\(o\|\\u006f\)m"')" 2 'the key is nowhere'
is "$(everything | grep -o '"[A-Za-z]*":"tom"' | sort -u)" '"Value":"tom"' 'but for the value of another key'
is "$(stat -c %i "$data/two.jsonl")" "$before" 'a log that has nothing of it stays'
is "$("$msgextctl" show one 1 --json 2>/dev/null)" \
	'{"GroupId":"one","MsgSeq":1,"LatestSeq":4,"ClearSeq":0,"ExtensionList":[{"Key":"ann","Value":"tom","Seq":1},{"Key":"tommy","Value":"yes","Seq":4}]}' \
	'all others stay'
is "$("$msgextctl" gaps one 2>/dev/null)" "$gaps" 'no version is missing'
is "$(find "$data" -name '*.new')" '' 'nothing is left beside the files'
is "$("$msgextctl" verify 2>/dev/null | grep -c conflict)" 0 'verify finds no conflict'
ctl erase --key tom
is "$(grep -c 'nothing of that key' "$scratch/stderr")" 1 'once more there is nothing of it'
line one 1 1 '{"Key":"tom","Value":"yes","Seq":1},{"Key":"ann","Value":"tom","Seq":1}' >>"$data/one.jsonl"
is "$("$msgextctl" show one 1 --json 2>/dev/null | grep -c '"Key":"tom"')" 0 'a line of which only the snapshot knew does not count'
line one 1 3 '{"Key":"tom","Value":"perhaps","Seq":3}' >>"$data/one.jsonl"
is "$("$msgextctl" show one 1 --json 2>/dev/null | grep -c '"tom","Value"\|"Key":"tom"')" 0 'what comes again does not count'
is "$("$msgextctl" verify 2>/dev/null | grep -c conflict)" 0 'and is no conflict'
line one 1 5 '{"Key":"tom","Value":"new","Seq":5}' >>"$data/one.jsonl"
is "$("$msgextctl" tally one 1 --csv 2>/dev/null | sed -n 's/^\(new,1\).*/\1/p')" 'new,1' 'a new choice counts'

# What a power cut leaves of a line: NULs are no ends of a key.
prepare
printf '{"Key":"tom\0one","t\0\0' >"$data/one.torn"
cp "$data/one.torn" "$scratch/torn"
"$msgextctl" erase --key tom one 2>&-
is "$?,$(cmp "$data/one.torn" "$scratch/torn")" 0, 'a string with a NUL is another one'
is "$(grep -l msgextctl: "$data"/*)" '' 'with the standard error closed, what is told ends in no file'

# Two at once wait for each other.
prepare
for _ in 1 2 3 4; do
	"$msgextctl" erase --key tom 2>>"$scratch/said" &
	pids="$pids $!"
	one=$!
	"$msgextctl" erase --key ann 2>>"$scratch/said"
	other=$?
	wait "$one"
	is "$?,$other,$(everything | grep -c '"Key":"\(ann\|tom\)"')" 0,0,0 'two at once'
	prepare
done

# One failure holds up no other.
prepare
echo 'no archive' >"$data/gone.20251202T151134395Z.jsonl.gz"
printf '%s\n' '{"Key":"tom"' >"$data/strange.jsonl"
chmod 600 "$data/strange.jsonl"
touch "$data/one.jsonl-20251201"
ctl_exits 1 erase --key tom
is "$(grep -c '^msgextctl: .*strange.jsonl: has the key' "$scratch/stderr")" 1 'a file that nobody can assign is named'
is "$(grep -c 'one.jsonl-20251201: is no file' "$scratch/stderr")" 1 'and one that has another name'
is "$(grep -c '^{.*"Key":"tom"' "$data/one.jsonl")" 0 'the others are erased from'

# A group of which nothing is there is not one that has nothing of the key.
prepare
for name in erase 'erase --dry-run' export; do
	# shellcheck disable=SC2086
	ctl_exits 1 $name --key tom onee
	# shellcheck disable=SC2016
	is "$(cat "$scratch/stderr")" "$(lines 'msgextctl: no events of group onee' 'msgextctl: did you mean `one`?')" "$name: says which group may be meant"
done
ctl erase --key tom gone
is "$(grep -c 'gone: 1 pair' "$scratch/stderr")" 1 'a group of which an archive is left is one'
for name in three.torn four.0123456789abcdef.new; do
	: >"$data/$name"
	chmod 600 "$data/$name"
	ctl erase --key tom "${name%%.*}"
	is "$(cat "$scratch/stderr")" 'msgextctl: nothing of that key' "and so is one that has $name"
done
for option in '--key ann' '--key=ann'; do
	for name in erase export; do
		# shellcheck disable=SC2086
		ctl_exits 64 $name --key tom $option
		is "$(cat "$scratch/stderr")" "msgextctl: --key: is given twice, and takes one value (see msgextctl $name --help)" 'two keys are no one'
	done
done

for words in "-d $data -d $scratch groups" "-c $config groups --config $config" 'log one -n 1 --last 2' 'log one --last 1 -n 2' \
	'tally one 1 --by key-prefix a --by key-prefix b' 'show one --as-of 1 --as-of=2'; do
	# shellcheck disable=SC2086
	ctl_exits 64 $words
	is "$(grep -c ': is given twice, and takes one value' "$scratch/stderr")" 1 'which is said'
done

# What an older version's killed compaction left, and a log that was renamed, are named.
for name in one.new one.gz.new one.jsonl-20251201 two.new; do
	: >"$data/$name"
done
for name in erase export; do
	"$msgextctl" $name --key ann one 2>&1 >/dev/null | sed -n 's/^msgextctl: \(.*\): is no file of msgext.*/\1/p' | xargs >"$scratch/named"
	is "$(cat "$scratch/named")" 'one.gz.new one.jsonl-20251201 one.new' "$name of a group names what begins as its files do"
done

# What no second run can help against is told with what to do.
for kind in cut link; do
	prepare
	archive=$(cd "$data" && echo one.*.gz)
	if [ $kind = cut ]; then
		truncate -s -9 "$data/$archive"
		reason='is no whole archive: unexpected end of file'
	else
		mv "$data/$archive" "$scratch/elsewhere.gz"
		ln -s "$scratch/elsewhere.gz" "$data/$archive"
		reason='is a symbolic link'
	fi
	ctl_exits 1 export --key tom
	is "$(grep -c "open-failed: $archive: $reason\$" "$scratch/stderr")" 1 "export: an archive that is a $kind one"
	ctl_exits 1 erase --key tom
	is "$(grep "one\.\|fail" "$scratch/stderr")" "$(lines "msgextctl: open-failed: $archive: $reason" \
		"msgextctl: $archive: the key may still be in that file: restore it, or remove it" \
		'msgextctl: 1 file failed, as told above; all others were looked at. Run it again after that')" \
		"erase: what to do about it"
done
prepare
mv "$data/one.torn" "$scratch/torn"
ln -s "$scratch/torn" "$data/one.torn"
ctl_exits 1 erase --key tom
is "$(grep -c 'one.*torn.*is a symbolic link$\|one.torn: the key may still be' "$scratch/stderr")" 2 'a .torn file that is a link'

# What is cut in the middle of a character begins as the key does; what is no escape at all does not.
prepare
printf '%s' '{"\u;","a\ud83d' >"$data/one.torn"
ctl erase --key 'a😀'
is "$(cat "$data/one.torn")" '{"\u;",""' 'a string that is cut between two halves of a character goes'
ctl_exits 0 erase --key 'a😀'
is "$(cat "$scratch/stderr")" 'msgextctl: nothing of that key' 'and nothing of it is found then'
printf '%s' '{"tom"tom","tom"' >"$data/one.torn"
ctl erase --key tom
is "$(cat "$data/one.torn")" '{""",""' 'each of two strings goes that have a quote in common'

# Of two lines of one version the one that lacks the key keeps what it has.
prepare
line two 7 1 '{"Key":"tom","Value":"yes","Seq":1}' >>"$data/two.jsonl"
ctl erase --key tom two
is "$("$msgextctl" show two 7 --json 2>/dev/null)" \
	'{"GroupId":"two","MsgSeq":7,"LatestSeq":1,"ClearSeq":0,"ExtensionList":[{"Key":"ann","Value":"yes","Seq":1}]}' \
	'another key of the same version stays'

# A version may lose two persons, one after the other, and its event may come again between: nobody comes back.
ctl erase --key ann two
line two 7 1 '{"Key":"tom","Value":"yes","Seq":1},{"Key":"ann","Value":"yes","Seq":1},{"Key":"eve","Value":"yes","Seq":1}' >>"$data/two.jsonl"
ctl erase --key eve two
is "$("$msgextctl" show two 7 --json 2>/dev/null)" '{"GroupId":"two","MsgSeq":7,"LatestSeq":1,"ClearSeq":0,"ExtensionList":[]}' \
	'who was erased before does not come back with another'

# What stands between two strings is none, though it looks like the key.
prepare
for key in ':' ',' '},{'; do
	printf '%s' '{"ExtensionList":[{"Key":"a","Value":"b","Seq":1},{"Key":"a:","Value":"c,"},{"Key":"'"$key"'","Val' >"$data/one.torn"
	ctl erase --key "$key"
	is "$(cat "$data/one.torn")" '{"ExtensionList":[{"Key":"a","Value":"b","Seq":1},{"Key":"a:","Value":"c,"},{"Key":"","Val' \
		"of a line that cannot be read, nothing but the key $key goes"
	ctl erase --key "$key"
	is "$(cat "$scratch/stderr")" 'msgextctl: nothing of that key' "and nothing of $key is found then"
	ctl_exits 1 export --key "$key"
done

# Addresses leave by their age: what is rewritten, what is made of it, and older archives.
prepare
now=$(date -u +%Y-%m-%dT%H:%M:%S.000Z)
line one 2 6 '{"Key":"k","Value":"v","Seq":6}' | sed "s/^{\"time\":\"[^\"]*/{\"time\":\"$now/; s/203.0.113.7/203.0.113.8/" >>"$data/one.jsonl"
echo 'log_client_ip = 30d' >>"$config"
addresses() {
	everything 2>/dev/null | grep -o '"ClientIP":"[^"]*"' | sort | uniq -c | tr -s ' '
}
ctl archive one --before 2001-01-01
is "$(grep -o '"ClientIP":"[^"]*"' "$data/one.jsonl")" '"ClientIP":"203.0.113.8"' 'archive takes old addresses out of the lines that stay'
is "$(find "$data" -name 'one.*.gz' | wc -l)" 1 'and makes no archive where no message is old'
is "$(zcat "$data"/one.*.gz | grep -c ClientIP)" 0 'and out of the archives of the group'
ctl compact one
is "$(zcat "$data"/one.*.gz | grep -o '"ClientIP":"[^"]*"')" '"ClientIP":"203.0.113.8"' 'the archive of a compaction has the young ones'
ctl compact --all
is "$(addresses)" ' 1 "ClientIP":"203.0.113.7"
 1 "ClientIP":"203.0.113.8"' 'compact --all does so too, and of an archive without a log; a line that cannot be read keeps its own'
# A group all of whose lines are in archives.
for words in 'archive --all --before 90d' 'compact --all' 'compact gone'; do
	prepare
	[ "$words" = 'compact --all' ] || : >"$data/gone.jsonl"
	# shellcheck disable=SC2086
	ctl_run $words
	is "$(zcat "$data"/gone.*.gz | grep -c 'GroupId":"gone'),$(zcat "$data"/gone.*.gz | grep -c ClientIP)" 1,0 \
		"$words: old addresses leave the archives of an empty log"
done
# Lines that cannot be read, in the middle, with white space, or young, stay as they are, wherever they are.
{
	echo 'no event "ClientIP":"1"'
	line one 1 9 '{"Key":"k","Value":"v","Seq":9}' | sed "s/^{\"time\":\"[^\"]*/{ \"time\": \"$now/; s/203.0.113.7/203.0.113.8/"
	echo '{"time":1,"ClientIP":'
} >"$scratch/odd"
for words in 'archive one --before 2001-01-01' 'archive --all --before 90d' 'compact one'; do
	stay=3 # of a compaction a snapshot has the place of one
	[ "$words" != 'compact one' ] || stay=2
	prepare
	rm "$data"/one.*.gz
	{
		line one 2 1 '{"Key":"k","Value":"v","Seq":1}'
		cat "$scratch/odd"
	} >"$scratch/lines"
	gzip <"$scratch/lines" >"$data/one.20251202T151134395Z.jsonl.gz"
	cp "$scratch/lines" "$data/one.torn"
	{
		cat "$scratch/lines"
		line one 3 2 '{"Key":"k","Value":"v","Seq":2}'
	} >"$data/one.jsonl"
	# shellcheck disable=SC2086
	ctl $words
	is "$(zcat "$data/one.20251202T151134395Z.jsonl.gz" | tail -n 3 | cmp - "$scratch/odd"),$(tail -n 3 "$data/one.torn" | cmp - "$scratch/odd"),$(grep -cxFf "$scratch/odd" "$data/one.jsonl")" \
		",,$stay" "$words: lines that stay do so byte for byte"
	is "$(zcat "$data"/one.*.gz | cat - "$data"/one.jsonl "$data"/one.torn | grep -c 203.0.113.7)" 0 'and old addresses go'
done
prepare
rm "$data"/one.*.gz
printf '{"time":"%s","Snapshot":"import","GroupId":"one","MsgSeq":1,"LatestSeq":5,"ClearSeq":0,"WholeSeq":5,"ExtensionList":[{"Key":"z","Value":"v","Seq":5}]}\n' \
	"$now" >>"$data/one.jsonl"
ctl import one 1 --undo
is "$(zcat "$data"/one.*.gz | grep -c '"z"'),$(zcat "$data"/one.*.gz | cat - "$data/one.jsonl" | grep -c ClientIP)" 1,0 \
	'where an import is taken out, old addresses leave the archive, too'
sed -i '/^log_client_ip/d' "$config"

# What stands behind the last newline: half a line, a whole one, half a key.
for end in '{"Key":"tom","Val' "$(line one 3 1 '{"Key":"tom","Value":"yes","Seq":1}')" '{"Key":"to'; do
	for file in one.jsonl one.torn lone.torn; do
		prepare
		rm "$data"/gone.* "$data/one.torn"
		ctl erase --key tom
		printf %s "$end" >>"$data/$file"
		ctl export --key tom
		is "$(wc -l <"$scratch/stdout")" 1 "$file: export has an end of ${#end} bytes without a newline"
		ctl_run erase --key tom --dry-run
		ctl_run erase --key tom
		[ "$file" != lone.torn ] || is "$status" 1 'and erase says that it cannot tell whose file it is'
		[ "$file" = lone.torn ] || is "$status,$(everything | grep -c '"tom"\|"to$')" 0,2 'and it is erased, but not the values'
	done
done

# A copy under another name is looked at, and told.
for file in one-1.jsonl copy.20251202T151134395Z.jsonl.gz; do
	prepare
	line one 1 3 '{"Key":"tom","Value":"yes","Seq":3}' >"$scratch/line"
	case $file in
	*.gz) gzip <"$scratch/line" >"$data/$file" ;;
	*) cp "$scratch/line" "$data/$file" ;;
	esac
	ctl export --key tom
	is "$(grep -c "\"File\":\"$file\"" "$scratch/stdout")" 1 "$file, a copy: export has it"
	ctl_exits 1 erase --key tom
	is "$(grep -c "log-unsafe: $file: has the key" "$scratch/stderr")" 1 'and erase tells of it'
done

# A .torn file that has nothing of the key is only read: no log is made for its lock.
prepare
rm "$data"/*
line lone 1 1 '{"Key":"ann","Value":"yes","Seq":1}' >"$data/lone.torn"
chmod 600 "$data/lone.torn"
ctl erase --key tom lone
ctl erase --key tom
is "$(ls "$data")" lone.torn 'a .torn file that has nothing of the key is only read'
ctl erase --key ann lone
is "$(grep -c '"ann"' "$data/lone.torn")" 0 'and one that has it loses it'

# A line of another group before those of the group does not hide whose file it is.
for file in solo.jsonl solo.torn solo.20251202T151134395Z.jsonl.gz; do
	prepare
	rm "$data"/*
	{
		line other 1 1 '{"Key":"ann","Value":"yes","Seq":1}'
		line solo 1 1 '{"Key":"tom","Value":"yes","Seq":1}'
	} >"$data/solo"
	case $file in
	*.gz) gzip "$data/solo" && mv "$data/solo.gz" "$data/$file" ;;
	*) mv "$data/solo" "$data/$file" ;;
	esac
	chmod 600 "$data/$file"
	ctl erase --key tom
	everything >"$scratch/left" 2>/dev/null
	is "$(grep -c '"Key":"tom"' "$scratch/left"),$(grep -c '"Key":"ann"' "$scratch/left")" 0,1 \
		"$file that begins with a line of another group: the key goes, without a group named"
done

# Beside writers and compactions: all that was acknowledged stays, but for the key.
prepare
for seq in $(seq 200); do
	line g 100001 "$seq" '{"Key":"tom","Value":"yes","Seq":'"$seq"'}'
done >"$data/g.jsonl"
chmod 600 "$data/g.jsonl"
"$top/build/tests/hammer" "$data" g 4 1500 nosync one "$config" >"$scratch/acknowledged" &
writers=$!
pids="$pids $writers"
wait_for test -s "$scratch/acknowledged"
while kill -0 "$writers" 2>/dev/null; do
	"$msgextctl" compact --discard g || sleep 0.1
done >/dev/null 2>&1 &
compactor=$!
pids="$pids $compactor"
tries=0
while ! "$msgextctl" erase --key tom g >/dev/null 2>&1 && [ "$tries" -lt 20 ]; do
	tries=$((tries + 1))
done
is "$(grep -c '"Key":"tom"' "$data/g.jsonl")" 0 'beside writers and compactions, the key goes'
event g 100001 1 300 '{"Key":"tom","Value":"new"}'
wait "$writers" "$compactor"
sed -n 's/^OK \([0-9]*\) .*/k\1/p' "$scratch/acknowledged" | sort >"$scratch/expected"
grep -o '"Key":"k[0-9]*"' "$data/g.jsonl" | cut -d '"' -f 4 | sort -u >"$scratch/stored"
is "$(comm -23 "$scratch/expected" "$scratch/stored" | wc -l)" 0 "and each of $(wc -l <"$scratch/expected") events that were acknowledged is there"
ok 'these were many' test "$(wc -l <"$scratch/expected")" -gt 3000
is "$("$msgextctl" show g 100001 --json 2>/dev/null | jq -c .ExtensionList)" '[{"Key":"tom","Value":"new","Seq":300}]' \
	'and a new choice, which came after the erasure'

# The commands of doc/privacy.md, as they stand.
prepare
sed -n 's/^ *sudo -u www-data \(msgextctl .*\)/\1/p' "$top/doc/privacy.md" | sed 's/USER/tom/g' >"$scratch/commands"
is "$(cut -d ' ' -f 2 "$scratch/commands" | xargs)" 'archive compact export erase erase' 'doc/privacy.md has commands'
(cd "$scratch" && PATH=$(dirname "$msgextctl"):$PATH sh -e commands) 2>"$scratch/stderr"
is "$?" 0 'which work'
ok 'export gives what is stored' test "$(jq -r '.Key // empty' "$scratch/tom.json" | grep -c tom)" -ge 4
is "$(everything | grep -o '"[A-Za-z]*":"t\(o\|\\u006f\)m"' | sort -u)" '"Value":"tom"' 'and after them the key is nowhere'

# A compaction at the same time: what it archives is erased and told of, too.
fresh() {
	rm -rf "$data"
	mkdir -m 700 "$data"
	(
		umask 077
		line one 1 1 '{"Key":"tom","Value":"yes","Seq":1},{"Key":"ann","Value":"no","Seq":1}' >"$data/one.jsonl"
	)
}
unfinished() {
	find "$data" -name '*.gz.new' | grep -q .
}
fresh
strace -qq -o /dev/null -e inject=fsync:delay_enter=1000000:when=1 "$msgextctl" compact one 2>/dev/null &
ok 'a compaction is at work' wait_for unfinished
ctl erase --key tom
is "$status,$(cat "$data"/*.jsonl | grep -c tom),$(zcat "$data"/*.gz | grep -c tom)" 0,0,0 'erase waits for it, and finds its archive'
wait $!
fresh
strace -qq -o /dev/null -P "$data/one.jsonl" -e inject=openat:delay_enter=3000000:when=2 \
	"$msgextctl" export --key tom >"$scratch/tom.json" 2>/dev/null &
pid=$!
sleep 0.5
ctl compact one
wait "$pid"
is "$(grep -c '"Operation":"set"' "$scratch/tom.json")" 1 'export finds the archive of a log that was replaced before it was read'

# A group that has only a .torn file is none that is new.
rm -rf "$data"
mkdir -m 700 "$data"
(
	umask 077
	line one 1 1 '{"Key":"ann","Value":"no","Seq":1}' >"$data/one.jsonl"
	line two 1 1 '{"Key":"tom","Value":"yes","Seq":1}' >"$data/two.torn"
)
cp "$config" "$scratch/config.saved"
echo 'max_groups = 1' >>"$config"
ctl erase --key tom two
is "$(grep -c tom "$data/two.torn")" 0 'a .torn file without a log, with as many logs as there may be'
cp "$scratch/config.saved" "$config"

# Many erased versions leave a line too little room for a pair: it gets one all the same.
rm -rf "$data"
mkdir -m 700 "$data"
(
	umask 077
	perl -e '
		my ($tom, $ann) = @ARGV;
		print $tom =~ s/SEQ/$_ * 2 + 1/ger for 0 .. 12999;
		print $ann =~ s/VALUE/"x" x 9900000/er;' \
		"$(line long 1 SEQ '{"Key":"tom","Value":"yes","Seq":SEQ}')
" "$(line long 1 30000 '{"Key":"ann","Value":"VALUE","Seq":30000}')
" >"$data/long.jsonl"
)
ctl erase --key tom
"$msgextctl" show long 1 --json >"$scratch/before"
(
	ulimit -f 200000 # it ends, whatever goes wrong
	timeout 60 "$msgextctl" compact long --discard
) 2>"$scratch/stderr"
is "$?" 0 'a log with a long pair and many erased versions is compacted'
"$msgextctl" show long 1 --json >"$scratch/after"
ok 'and says the same' cmp "$scratch/before" "$scratch/after"
ok 'which has the pair' test "$(wc -c <"$scratch/after")" -gt 9900000

# permissions: a group that was given a file keeps it; another one gets nothing instead.
permitted() {
	(cd "$data" && stat -c '%a %g' g.jsonl g.torn g.*.gz | sort | uniq -c | sed 's/^ *//')
}
group=$(id -G | tr ' ' '\n' | grep -vx "$(id -g)" | head -n 1)
[ "$(id -u)" -ne 0 ] || group=60
if [ -n "$group" ]; then
	for failing in '' 'strace -qq -o /dev/null -e inject=fchown:error=EPERM'; do
		prepare
		rm "$data"/*
		event g 1 1 1 '{"Key":"tom","Value":"yes"}'
		ctl compact g
		event g 2 1 1 '{"Key":"tom","Value":"yes"}'
		cp -p "$data/g.jsonl" "$data/g.torn"
		chgrp "$group" "$data"/*
		chmod 640 "$data"/*
		# shellcheck disable=SC2086
		$failing "$msgextctl" erase --key tom g 2>"$scratch/stderr"
		is "$?" 0 'the log, its archive and its .torn file are erased from'
		if [ -z "$failing" ]; then
			is "$(permitted)" "3 640 $group" 'and their group may read them as before'
		else
			is "$(permitted)" "3 600 $(id -g)" 'and where they cannot have their group, no other may'
		fi
	done
fi

# killed: before each call.
prepare
rm -rf "$scratch/saved"
cp -a "$data" "$scratch/saved"
others=$("$msgextctl" show one --json 2>/dev/null | sed 's/{"Key":"tom",[^}]*},\?//g')
calls=openat,write,fsync,fdatasync,rename,unlink,unlinkat,ftruncate,fchmod,utimensat,close
strace -o "$scratch/trace" -e trace=$calls "$msgextctl" erase --key tom 2>/dev/null
awk -v data="$data" '{ sub(/\(.*/, "", $1); count[$1]++ } index($0, data) { begun = 1 } begun && $1 !~ /^[+-]/ { print $1, count[$1] }' \
	"$scratch/trace" >"$scratch/calls"
wrong=
killed=0
while read -r call number; do
	rm -rf "$data"
	cp -a "$scratch/saved" "$data"
	strace -qq -o /dev/null -e "inject=$call:signal=KILL:when=$number" "$msgextctl" erase --key tom 2>/dev/null
	[ "$("$msgextctl" show one --json 2>/dev/null | sed 's/{"Key":"tom",[^}]*},\?//g')" = "$others" ] || wrong="$wrong $call:$number:state"
	gzip -t "$data"/*.gz || wrong="$wrong $call:$number:archive"
	event one 9 1 9 '{"Key":"k","Value":"w"}'
	"$msgextctl" erase --key tom 2>"$scratch/said" || wrong="$wrong $call:$number:next"
	[ "$(everything | grep -o '"[A-Za-z]*":"t\(o\|\\u006f\)m"' | sort -u)" = '"Value":"tom"' ] || wrong="$wrong $call:$number:key"
	[ "$(grep -c '"MsgSeq":9' "$data/one.jsonl")" -ge 1 ] || wrong="$wrong $call:$number:event"
	[ -z "$(find "$data" -name '*.new')" ] || wrong="$wrong $call:$number:left"
	killed=$((killed + 1))
done <"$scratch/calls"
is "$wrong" '' "killed before each of $killed calls: nothing else is lost, and the next run completes it"
ok 'these were many' test "$killed" -gt 60
done_testing
