#!/bin/sh
# What the manuals' examples show is so: the commands are run, the configurations taken.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

config_make
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG

# examples MANUAL: those of its section, each into a file of its own: $scratch/example.1 and so on.
examples() {
	rm -f "$scratch"/example.*
	awk -v to="$scratch/example" '
		/^\.Sh/ { inside = $0 == ".Sh EXAMPLES" }
		!inside { next }
		/^\.Ed/ { literal = 0 }
		literal { print >(to "." count) }
		/^\.Bd/ { literal = 1; count++ }
		sub(/^\.Dl /, "") { print >(to "." ++count) }' "$top/man/$1"
}

# The reader's, with a log as they name it; what is the vendor's and the system's stands in for itself.
event '@TGS#2J4' 10 1 1 '{"Key":"alice","Value":"yes"}'
event '@TGS#2J4' 10 1 4 '{"Key":"bob","Value":"no"}'
event '@TGS#2J4' 11 1 1 '{"Key":"alice","Value":"yes"}'
event '@TGS#2J4' 11 1 4 '{"Key":"bob","Value":"no"}'
mkdir "$scratch/bin"
cat >"$scratch/bin/curl" <<'END'
#!/bin/sh
# One request a body, or the vendor refuses it.
[ "$1,$3,$#" = "--data,https://vendor.example/rest,3" ] || exit 2
case $2 in
'{"GroupId":"@TGS#2J4","MsgSeq":10,"StartSeq":0}') ;;
'{"GroupId":"@TGS#2J4","MsgSeq":11,"StartSeq":0}') ;;
*) exit 3 ;;
esac
echo '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":1,"LatestSeq":4,"ClearSeq":0,
	"ExtensionList":[{"Key":"alice","Value":"yes","Seq":1},{"Key":"bob","Value":"no","Seq":4}]}'
END
cat >"$scratch/bin/sudo" <<'END'
#!/bin/sh
[ "$1 $2" = "-u www-data" ] && shift 2 && exec "$@"
END
# What the unit would do for ever, once.
cat >"$scratch/bin/systemctl" <<'END'
#!/bin/sh
[ "$*" = "enable --now msgext-ship" ] && exec msgext-ship --once service=msgext
END
ln -s "$msgextctl" "$top/build/msgext-ship" "$scratch/bin"
chmod 755 "$scratch"/bin/*
# run EXAMPLE: its output, as from the directory of a user.
run() {
	(cd "$scratch" && PATH="$scratch/bin:$PATH" REST_URL=https://vendor.example/rest timeout 120 sh "$1" 2>&1)
}
examples msgextctl.1
is "$(run "$scratch/example.1" | sed 's/  *$//')" "$("$msgextctl" tally '@TGS#2J4' 10 | sed 's/  *$//'
	"$msgextctl" show '@TGS#2J4' 10)" "a poll's result, and who chose what"
is "$(run "$scratch/example.2" | sed 's/, at .*/, at some time/')" "msgextctl: no events of group @TGS#2J4, message 10
msgextctl: its first event came later, at some time" 'the example of show --at of a time years ago works'
(run "$scratch/example.3" >"$scratch/followed") &
is "$("$msgextctl" gaps --csv | tail -n +2 | tr -d '\r')" "$(printf '@TGS#2J4,%s,2,2-3,\n' 10 11)" 'the example of gaps finds some'
run "$scratch/example.4" >"$scratch/output" || sed 's/^/# /' "$scratch/output" >&2
is "$("$msgextctl" gaps)" '' 'the example of gaps closes them'
followed() { grep -q '"Snapshot":"import"' "$scratch/followed"; }
ok 'everything that arrives is followed' wait_for followed
sed -i 's/^\*.* \* //' "$scratch/example.5"
is "$(run "$scratch/example.5")" '' 'the example of alarm is silent where all is well'
is "$(run "$scratch/example.6")" '' 'the example of archive is silent where there is nothing to do'
(umask 077 && printf '%s\n' "data_dir = $data" 'password = correct horse' \
	'link_key = 0123456789abcdef0123456789abcdef' >"$scratch/view.conf")
is "$(MSGEXT_VIEW_CONFIG=$scratch/view.conf run "$scratch/example.7" | sed -n 's/&s=.*//p')" \
	'https://your.host/view?g=%40TGS%232J4&m=10&t=Lunch%3F' 'the example of link makes one'
run "$scratch/example.8" >"$scratch/output"
ok 'an engine that is not there gives a reason' grep -q 'service' "$scratch/output"
ok 'no example of this manual is left out' test ! -e "$scratch/example.9"

# The shipper's, with an engine.
engine_make engine
engine_start engine
PGSERVICEFILE=$scratch/services
export PGSERVICEFILE
printf '%s\n' '[msgext]' "host=$scratch/engine" user=postgres dbname=postgres >"$PGSERVICEFILE"
event test 1 1 1 '{"Key":"alice","Value":"投票"}'
examples msgext-ship.8
is "$(run "$scratch/example.1")" '' 'the tables, and a node'
is "$(run "$scratch/example.2")" "$("$msgextctl" tally '@TGS#2J4' 10)" "a poll's result over all nodes"
is "$(run "$scratch/example.3")" "$(cat "$data/test.jsonl")" 'the lines of a group'
ok 'no example of this manual is left out' test ! -e "$scratch/example.4"
rm "$data/test.jsonl"

# The configurations.
examples msgext.conf.5
mkdir -p "$scratch/home/msgext"
cp "$config" "$scratch/home/msgext/msgext.conf"
for example in 1 3; do
	{ [ $example = 1 ] || cat "$config"; cat "$scratch/example.$example"; } |
		sed "s|/var/lib/msgext|$data|" >"$scratch/taken"
	chmod 600 "$scratch/taken"
	is "$("$msgext" -c "$scratch/taken" -t)" "$scratch/taken: OK" "configuration $example is taken"
done
sed "s|/home/user|$scratch/home|" "$scratch/example.2" >"$scratch/msgext.cgi"
cp "$msgext" "$scratch/home/msgext/msgext"
chmod 755 "$scratch/msgext.cgi"
is "$(env -i REQUEST_METHOD=GET QUERY_STRING= "$scratch/msgext.cgi" | tail -n 1)" "$answer_ok" \
	'the example of a configuration that is a program works'
ok 'no example of a configuration is left out' test ! -e "$scratch/example.4"

# The viewer's, of which the key is cut short.
for manual in msgext-view.8 view.conf.5; do
	examples $manual
	sed "s,/var/lib/msgext\|/home/user/msgext/data,$data,; s/^link_key = .*/link_key = 0123456789abcdef0123456789abcdef/" \
		"$scratch/example.1" >"$scratch/home/msgext/view.conf"
	chmod 600 "$scratch/home/msgext/view.conf"
	is "$("$msgext_view" -c "$scratch/home/msgext/view.conf" -t)" "$scratch/home/msgext/view.conf: OK" "$manual: the configuration is taken"
	sed "s|/home/user|$scratch/home|" "$scratch/example.2" >"$scratch/view.cgi"
	cp "$msgext_view" "$scratch/home/msgext/msgext-view"
	chmod 755 "$scratch/view.cgi"
	is "$(env -i REQUEST_METHOD=GET QUERY_STRING= "$scratch/view.cgi" | head -n 1 | cut -c 1-11)" 'Status: 403' \
		"$manual: the example of a configuration that is a program works"
	ok 'no example of this manual is left out' test ! -e "$scratch/example.4"
done
cat "$scratch/example.3" >>"$scratch/home/msgext/view.conf"
is "$("$msgext_view" -c "$scratch/home/msgext/view.conf" -t)" "$scratch/home/msgext/view.conf: OK" 'another link_epoch is taken'

# The logs, by other tools.
examples msgext-log.5
must "$msgextctl" compact '@TGS#2J4'
event '@TGS#2J4' 10 1 5 '{"Key":"carol","Value":"yes"}'
cp "$data/%40TGS%232J4.jsonl" "$scratch/test.jsonl"
cp "$top/dist/contrib/fold.jq" "$scratch"
for example in 1 2; do
	is "$(jq -r .GroupId "$scratch/example.$example")" test "line $example is one"
done
is "$(run "$scratch/example.3" | jq -c .ExtensionList)" '[{"Key":"carol","Value":"yes","Seq":5}]' "a message's events"
is "$(run "$scratch/example.4" | jq -r '.ExtensionList[].Key' | tr '\n' ' ')" 'alice bob carol alice bob ' 'the example of the state works'
ok 'no example of this manual is left out' test ! -e "$scratch/example.5"
done_testing
