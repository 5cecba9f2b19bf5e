#!/bin/sh
# doc/backup.md: a copy by rsync while events arrive and logs are compacted has all that was acknowledged before it
# began; restored elsewhere it says the same, and check names what is missing there.
. "$(dirname "$0")/lib.sh"
made tests

command -v rsync >/dev/null || lacks rsync
hammer=$top/build/tests/hammer
config_make 'token = xxxxyyyy'
new=$scratch/new
mkdir -m 700 "$scratch/backup"

# Four writers at one log, which is compacted again and again.
"$hammer" "$data" g 4 5000 nosync one "$config" >"$scratch/acknowledged" &
writers=$!
pids="$pids $writers"
while kill -0 "$writers" 2>/dev/null; do
	"$msgextctl" -d "$data" compact --discard g || sleep 0.1
done >/dev/null 2>&1 &
compactor=$!
pids="$pids $compactor"
wait_for test -s "$scratch/acknowledged"
copies=0
while kill -0 "$writers" 2>/dev/null && [ "$copies" -lt 5 ]; do
	copies=$((copies + 1))
	sed -n 's/^OK \([0-9]*\) .*/k\1/p' "$scratch/acknowledged" | sort >"$scratch/before"
	rsync -a --delete "$data/" "$scratch/backup/" 2>"$scratch/rsync"
	status=$?
	# 24: a file of a compaction that was there has gone.
	[ "$status" -eq 0 ] || [ "$status" -eq 24 ] || echo "rsync $status: $(cat "$scratch/rsync")" >>"$scratch/wrong"
	cp -a "$scratch/backup" "$scratch/copy.$copies"
	cp "$scratch/before" "$scratch/before.$copies"
done
wait "$writers" "$compactor"
is "$(cat "$scratch/wrong" 2>/dev/null)" '' "$copies copies were made while events arrived"
for copy in $(seq "$copies"); do
	there=$scratch/copy.$copy
	# A snapshot of a compaction has many keys in a line.
	grep -o '"Key":"k[0-9]*"' "$there/g.jsonl" | cut -d'"' -f4 | sort -u >"$scratch/stored"
	is "$(comm -23 "$scratch/before.$copy" "$scratch/stored" | wc -l)" 0 \
		"copy $copy has all $(wc -l <"$scratch/before.$copy") events that were acknowledged before it"
	"$msgextctl" -d "$there" verify g >"$scratch/out" 2>&1
	is "$(sed '/torn/d; / logs, /d' "$scratch/out")" '' "copy $copy: verify finds nothing but an end that is not whole"
done

# To another host.
rsync -a "$data/" "$new/"
for words in 'groups' 'show g --json' 'gaps --json' 'log g --json'; do
	# shellcheck disable=SC2086
	"$msgextctl" -d "$data" $words >"$scratch/here" 2>/dev/null
	# shellcheck disable=SC2086
	"$msgextctl" -d "$new" $words >"$scratch/there" 2>/dev/null
	ok "msgextctl $words says the same of both" cmp "$scratch/here" "$scratch/there"
done
is "$(stat -c '%a %u' "$new" "$new/g.jsonl" | xargs)" "700 $(id -u) 600 $(id -u)" 'modes and owner come along'

# A copy that ends in the middle of a line takes the next event.
cp "$data/g.jsonl" "$scratch/whole.jsonl"
printf '{"time":"2025-12-02T15:1' >>"$new/g.jsonl"
sed "s|^data_dir.*|data_dir = $new|; /^token/d" "$config" >"$scratch/new.conf"
chmod 600 "$scratch/new.conf"
config_was=$config
config=$scratch/new.conf
event g 999999 1 1 '{"Key":"k","Value":"v"}'
config=$config_was
is "$(cat "$new/g.torn")" '{"time":"2025-12-02T15:1' 'what was copied in half is set aside'
is "$(head -n -1 "$new/g.jsonl" | cmp - "$scratch/whole.jsonl")" '' 'and nothing else is'

# check names what is missing, one thing after the other.
checked() {
	"$msgextctl" -c "$scratch/moved.conf" check >"$scratch/out" 2>&1
	grep -Eo "^(ERROR|WARNING) +$1 .*$2" "$scratch/out" | wc -l
}
is "$(checked configuration 'No such file')" 1 'check: no configuration was copied'
sed "s|^data_dir.*|data_dir = $scratch/elsewhere|" "$config" >"$scratch/moved.conf"
chmod 644 "$scratch/moved.conf"
is "$(checked configuration 'others can read')" 1 'check: the configuration with the token is open'
chmod 600 "$scratch/moved.conf"
is "$(checked data_dir 'No such file')" 1 'check: no data directory was copied'
sed -i "s|^data_dir.*|data_dir = $new|; /^token/d" "$scratch/moved.conf"
is "$(checked token '')" 1 'check: no token is set'
echo 'token = xxxxyyyy' >>"$scratch/moved.conf"
chmod 777 "$new"
is "$(checked data_dir 'others can write')" 1 'check: others can write to the data directory'
chmod 700 "$new"
if [ "$(id -u)" -eq 0 ]; then
	chown nobody "$new/g.jsonl"
	is "$(checked logs 'belongs to')" 1 'check: a log is of another user'
	chown root "$new/g.jsonl"
fi
"$msgextctl" -c "$scratch/moved.conf" check >"$scratch/out" 2>&1
is "$(grep -c ^ERROR "$scratch/out")" 0 'check: all is there'

# An alarm's memory moves along.
"$msgextctl" -d "$data" alarm >/dev/null
rsync -a "$data/" "$scratch/third/"
is "$("$msgextctl" -d "$scratch/third" alarm | grep -v ^space)" '' 'alarm has nothing new to tell there'
done_testing
