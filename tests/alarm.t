#!/bin/sh
# msgextctl alarm: silent when all is well, a few lines and 1 where something is wrong; what it leaves, and who
# may run it.  When it tells a thing again is unit-alarm's.
. "$(dirname "$0")/lib.sh"

config_make
MSGEXT_CONFIG=$config
export MSGEXT_CONFIG
# alarm ARGUMENT...: one run; its lines without those of this machine's disk in $out, its status in $status.
alarm() {
	"$msgextctl" alarm "$@" >"$scratch/stdout" 2>"$scratch/stderr"
	status=$?
	out=$(grep -v '^space: ' "$scratch/stdout")
	[ "$status" -ne 1 ] || [ -n "$out" ] || status=0
}

alarm
is "$status,$out,$(cat "$scratch/stderr")" 0,, 'an empty directory: silent'
is "$(find "$data" -type f | sed 's|.*/||' | sort | xargs)" '.alarm-state .refused' 'it leaves its state, and the counter for the receiver'
is "$(stat -c %a "$data/.alarm-state")" 600 'which is private (P7)'
event '@TGS#2J4' 1 1 1 '{"Key":"alice","Value":"yes"}'
event '@TGS#2J4' 1 1 2 '{"Key":"bob","Value":"yes"}'
alarm
is "$status,$out" 0, 'events that arrive: silent'
event '@TGS#2J4' 1 1 5 '{"Key":"carol","Value":"yes"}'
alarm
is "$status,$(echo "$out" | cut -d';' -f1 | sed 's/20..-.*/TIME/')" \
	'1,lost: 2 versions never arrived, in %40TGS%232J4.jsonl, 2 since the last run' 'a gap: one line, and 1'
ok 'that says what to do next' grep -q 'msgextctl gaps' "$scratch/stdout"
is "$(grep -c 'alice\|bob\|carol' "$scratch/stdout" "$data/.alarm-state" | xargs)" "$scratch/stdout:0 $data/.alarm-state:0" \
	'no key is in the lines, nor in the state'
alarm
is "$status,$out" 0, 'it was told: silent'
before=$(cat "$data/.alarm-state")
alarm --all
is "$status,$(echo "$out" | cut -d: -f1)" 1,lost '--all tells it all the same'
is "$(cat "$data/.alarm-state")" "$before" 'and keeps nothing in mind'
alarm --state "$scratch/other"
is "$status,$(echo "$out" | cut -d: -f1)" 1,lost 'another state: told again'
alarm --state "$scratch/other"
is "$status,$out" 0, 'once'

# The last two wait in a state that cannot be written: they are told, with the reason.
event '@TGS#2J4' 1 1 8 '{"Key":"carol","Value":"yes"}'
mkdir "$scratch/state.new"
alarm --state "$scratch/state"
is "$status" 66 'a state whose place is taken is a fault'
ok 'which names it' grep -q 'state.new: ' "$scratch/stderr"
alarm --state /nonexistent/state
is "$status" 66 'a state that cannot be made is one'
ok 'with what helps' grep -q -e '--state PATH' "$scratch/stderr"
rm "$data/.alarm-state"
alarm --state /dev/full
ok 'nor is a device taken for a state' test "$status" -gt 1
"$msgextctl" alarm >/dev/full 2>"$scratch/stderr"
is "$?" 74 'lines that could not be written are a fault'
alarm
is "$status,$(echo "$out" | cut -d: -f1)" 1,lost 'and are told by the next run'

# No output: what is printed must not end in a file that is opened in its place.
rm "$data/.alarm-state"
alarm --all
before=$(cat "$data"/*.jsonl)
"$msgextctl" alarm >&-
is "$?" 74 'a closed output is a fault'
alarm
is "$status,$(echo "$out" | cut -d: -f1)" 1,lost 'and the lines are told by the next run, whose state is whole'
is "$(cat "$data"/*.jsonl)" "$before" 'and in no log'

# What is not its own is not replaced.
echo stranger >"$scratch/stranger"
ln -s "$scratch/stranger" "$scratch/link"
mkfifo "$scratch/fifo"
cp "$data/%40TGS%232J4.jsonl" "$scratch/kept"
for option in --state --textfile; do
	for path in "$data/%40TGS%232J4.jsonl" "$scratch/stranger" "$scratch/link" "$scratch/fifo" "$data" "$scratch/" ''; do
		alarm "$option" "$path"
		is "$status,$(find "$data" "$scratch" -maxdepth 1 -name '*.new' ! -name state.new)" 66, "alarm $option ${path##*/}: refused"
	done
done
is "$(cat "$scratch/stranger"),$(cmp "$data/%40TGS%232J4.jsonl" "$scratch/kept")" stranger, 'and left as it is'

# What the receiver refused.
mkdir "$data/broken.jsonl"
event_was=$event_set
event_set=$(printf %s "$event_set" | sed 's/"test"/"broken"/')
for _ in 1 2 3; do
	printf %s "$event_set" | env -i GATEWAY_INTERFACE=CGI/1.1 REQUEST_METHOD=POST QUERY_STRING="$query" MSGEXT_CONFIG="$config" \
		"$msgext" >/dev/null 2>&1
done
event_set=$event_was
alarm --textfile "$scratch/msgext.prom"
is "$status,$(echo "$out" | cut -d: -f1 | xargs)" 1,'refused closed' 'what was refused is told, and the log that is none'
ok 'how often, and why' grep -Eq '^refused: 3 events could not be stored since .* \(in all: (open-failed|log-unsafe) 3\)' "$scratch/stdout"
rmdir "$data/broken.jsonl"

# The viewer's first page, for whoever has signed in.
# shellcheck source=tests/view.sh
. "$top/tests/view.sh"
view_config_make
is "$(status_of ''),$(page | grep -c 'could not be stored')" 403,0 'the page to sign in says nothing of it'
sign_in
for language in en zh-CN ja ko; do
	ask "lang=$language" </dev/null
	is "$(status),$(page | grep -o '<p class="note">' | wc -l | tr -d ' ')" "200,$(($(page | grep -c '80 \|percent\|百分\|パーセント\|퍼센트') + 2))" \
		"the first page has a line for what was refused, and one for what is lost ($language)"
done
ask 'lang=en' </dev/null
ok 'how often' grep -q '<p class="note">3 events could not be stored, the last one ' "$scratch/answer"
ask 'q=nothing' </dev/null
is "$(page | grep -c 'could not be stored')" 0 'the page of a search has none'
cookie=

# The metrics.
# shellcheck disable=SC2016
prom_check='
	while (<STDIN>) {
		if (/^# HELP ([a-z_]+) \S.*$/) { $help = $1; next }
		if (/^# TYPE ([a-z_]+) (gauge|counter)$/) {
			my ($name, $kind) = ($1, $2);
			print "$name: type before help\n" if $name ne $help;
			print "$name: twice\n" if $seen{$name}++;
			print "$name: a counter ends in _total\n" if ($kind eq "counter") ne ($name =~ /_total$/);
			$type = $name;
			next;
		}
		/^([a-z_]+)(?:\{([a-z]+)="([a-z-]+)"\})? [0-9]+$/ && $1 eq $type or print;
		print "$1 $3 twice\n" if $sample{"$1 $3"}++;
	}'
is "$(perl -e "$prom_check" <"$scratch/msgext.prom" 2>&1)" '' 'the metrics are in the text format'
if command -v promtool >/dev/null; then
	ok 'promtool says so, too' promtool check metrics <"$scratch/msgext.prom"
fi
is "$(grep -c '^msgext_lost_versions 4$\|^msgext_refused_events_total{reason="[a-z-]*"} 3$\|^msgext_alarm{kind="lost"} 1$' "$scratch/msgext.prom")" 3 \
	'and say what was found'
is "$(grep -c 'TGS\|alice' "$scratch/msgext.prom"),$(stat -c %a "$scratch/msgext.prom"),$(find "$scratch" -name 'msgext.prom.*')" 0,644, \
	'without a name; others may read them; nothing else is left'
alarm --textfile /nonexistent/x.prom
is "$status" 66 'metrics that cannot be written are a fault'
mkfifo "$scratch/pipe.prom"
ln -s msgext.prom "$scratch/link.prom"
for other in pipe link; do
	alarm --textfile "$scratch/$other.prom"
	is "$status" 66 "a $other is not replaced by them"
done
ok 'and is still there' test -p "$scratch/pipe.prom" -a -L "$scratch/link.prom"

# Two at once, and anybody else's directory.
"$msgextctl" alarm >/dev/null
# shellcheck disable=SC2016
perl -MFcntl -e '
	open my $file, "+>>", "$ARGV[0]/.alarm-state.new" or die;
	fcntl $file, 37, pack("ssx4qqlx4", F_WRLCK, SEEK_SET, 0, 0, 0) or die "$!";
	exit system($ARGV[1], "alarm") >> 8' "$data" "$msgextctl" 2>"$scratch/stderr"
is "$?" 75 'a second one at the same time ends'
ok 'and says why' grep -q 'another msgextctl alarm is at work' "$scratch/stderr"
for name in .alarm-state .alarm-state.new; do
	rm -f "$data/.alarm-state" "$data/.alarm-state.new"
	ln -s "$scratch/elsewhere" "$data/$name"
	alarm
	is "$status,$(grep -c "/$name: is a symbolic link (remove it" "$scratch/stderr")" 66,1 "a $name that is a link is to be removed"
	rm "$data/$name"
done
if [ "$(id -u)" -eq 0 ]; then
	chown -R nobody "$data"
	alarm
	is "$status" 77 'root keeps nothing in another user'"'"'s directory'
	ok 'and is told what helps' grep -q 'sudo -u nobody' "$scratch/stderr"
	alarm --state "$scratch/third"
	is "$status,$(echo "$out" | cut -d: -f1 | xargs)" '1,refused lost' 'but may look, with a state of his own'
	chown -R root "$data"
fi
alarm -d "$scratch/nowhere"
is "$status" 66 'a directory that is not there'
for words in 'GROUP' '--json' '--csv' '-f' '--from x'; do
	# shellcheck disable=SC2086
	alarm $words
	is "$status" 64 "alarm $words: wrong"
done

# Cheap: of a large log only what is new is read.
perl -e '
	for my $seq (1 .. 30000) {
		print qq({"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",) .
		    qq("GroupId":"big","MsgSeq":1,"OperateType":1,"ExtensionList":[{"Key":"k","Value":"v","Seq":$seq}],"Seq":$seq,"EventTime":1}\n);
	}' >"$data/big.jsonl"
chmod 600 "$data/big.jsonl"
alarm
alarm
is "$status,$out" 0, 'a large log that is well: silent'
if command -v strace >/dev/null; then
	strace -f -e trace=openat -o "$scratch/trace" "$msgextctl" alarm
	is "$(grep -c 'big.jsonl' "$scratch/trace")" 0 'a log that has not changed is not opened'
fi
done_testing
