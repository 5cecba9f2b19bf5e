#!/bin/sh
# msgextctl --threads: the same bytes, however many threads read a log.
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/ctl.sh"

seed_make

# log_make GROUP: from generated lines on standard input a log in any order, with lines that are none.
log_make() {
	perl -e 'srand shift; my @lines = <STDIN>;
		for my $i (reverse 1 .. $#lines) { my $j = int rand($i + 1); @lines[$i, $j] = @lines[$j, $i] if rand() < 0.3 }
		for (1 .. 1 + int rand 5) { splice @lines, rand @lines, 0, ("\n", "{}\n", "no line\n", "x" x 6000 . "\n")[int rand 4] }
		print @lines' "$seed" >>"$data/$1.jsonl"
	chmod 600 "$data/$1.jsonl"
}
# answers WORD...: what each command says of all groups, and how it ends, into $scratch/answers.
answers() {
	for group in many few tiny; do
		for words in "show $group" "show $group --json" "show $group 5 --json" "tally $group 5 --json" "gaps $group" \
			"show $group --at 2025-12-02T15:15:00Z" "show $group --as-of 7 --csv"; do
			# shellcheck disable=SC2086 # words
			"$msgextctl" $words "$@" 2>&1
			echo "$group: $words: $?"
		done
	done
	for words in 'groups --json' 'groups --sort size' 'gaps --json' 'show empty' 'show unfinished' 'show none' \
		verify 'verify clean --csv' 'verify conflicts' 'verify again'; do
		# shellcheck disable=SC2086 # words
		"$msgextctl" $words "$@" 2>&1
		echo "$words: $?"
	done
}

perl "$top/tests/generate.pl" 1500 40 many | log_make many
printf '{"time":"2025' >>"$data/many.jsonl"
perl "$top/tests/generate.pl" 300 6 few 20 >"$scratch/few"
head -n 150 "$scratch/few" | log_make few
"$msgextctl" compact few >/dev/null 2>&1
tail -n +100 "$scratch/few" | log_make few
perl "$top/tests/generate.pl" 2 6 tiny >"$data/tiny.jsonl"
# Without a fault; lines of another group; the first line again at the end, as it was and with another value.
perl "$top/tests/generate.pl" 900 40 clean >"$data/clean.jsonl"
sed 20q "$data/clean.jsonl" >"$data/stranger.jsonl"
perl "$top/tests/generate.pl" 900 40 again >"$scratch/again"
sed 1q "$scratch/again" | cat "$scratch/again" - >"$data/again.jsonl"
perl "$top/tests/generate.pl" 900 40 conflicts 1 >"$scratch/conflicts"
grep -m 1 '"OperateType":1' "$scratch/conflicts" | sed 's/"Value":"/&x/' | cat "$scratch/conflicts" - >"$data/conflicts.jsonl"
: >"$data/empty.jsonl"
printf '{"time":' >"$data/unfinished.jsonl"
chmod 600 "$data"/*.jsonl

answers >"$scratch/expected"
ok 'verify has something to say of some' sh -c "
	grep -q 'conflicts.jsonl:.*: conflict: ' '$scratch/expected' && grep -q '^verify clean --csv: 0' '$scratch/expected' &&
	grep -q '^verify again: 0' '$scratch/expected' && grep -q '^verify conflicts: 1' '$scratch/expected'"
ok 'the logs have messages, gaps, and lines that are none' sh -c "grep -q '^gaps --json: 1' '$scratch/expected' &&
	grep -q 'could not be read' '$scratch/expected' && grep -q '^tiny: show tiny: 0' '$scratch/expected'"
for threads in 1 2 3 5 16; do
	answers --threads "$threads" >"$scratch/answers"
	ok "the same bytes with --threads $threads" cmp "$scratch/expected" "$scratch/answers"
done
LD_PRELOAD=$top/build/tests/nothreads.so answers --threads 3 >"$scratch/answers"
ok 'the same bytes where the system gives no threads' cmp "$scratch/expected" "$scratch/answers"

# Whole lines come while it is read: there are those that had come before, and no halves.
perl "$top/tests/generate.pl" 20000 40 growing >"$scratch/growing"
head -n 5000 "$scratch/growing" >"$data/growing.jsonl"
chmod 600 "$data/growing.jsonl"
perl -ne 'BEGIN { open $log, ">>", shift or die; $log->autoflush(1) } next if $. <= 5000;
	print $log $_; select undef, undef, undef, 0.0005 if $. % 10 == 0' "$data/growing.jsonl" "$scratch/growing" &
pids="$pids $!"
bad=0
for _ in 1 2 3 4 5 6 7 8 9 10; do
	before=$(wc -l <"$data/growing.jsonl")
	events=$("$msgextctl" groups --csv --threads 4 2>"$scratch/stderr" | sed -n 's/^growing,\([0-9]*\),.*/\1/p')
	after=$(wc -l <"$data/growing.jsonl")
	{ [ "$before" -le "$events" ] && [ "$events" -le "$after" ]; } || bad=$((bad + 1))
done
is "$bad" 0 'a log that grows is read as far as it had grown'

# changed WORDS COMMAND: what is said of a log to which COMMAND happens once its parts are known, and how it ends.
# A static program takes nothing from LD_PRELOAD.
changed() {
	cp "$scratch/growing" "$data/changed.jsonl"
	sed -i 's/"growing"/"changed"/' "$data/changed.jsonl"
	# shellcheck disable=SC2086 # words
	LD_PRELOAD=$top/build/tests/nothreads.so MSGEXT_FIRST="cd '$data' && $2" "$top/build/msgextctl" $1 --threads 4 2>&1
	echo "$?"
}
for words in 'show changed' groups 'gaps changed' 'verify changed'; do
	find "$data" -type f ! -name changed.jsonl -delete
	expected=$(changed "$words" true)
	is "$(changed "$words" 'mv changed.jsonl older && sed 9q older >changed.jsonl')" "$expected" \
		"$words: a log that was replaced is read as it was"
	case $(changed "$words" 'head -c 900000 changed.jsonl >x && cat x >changed.jsonl && rm x') in
	*log-changed*cut*) ok "$words: a log that was cut is an error" true ;;
	*) ok "$words: a log that was cut is an error" false ;;
	esac
	case $(changed "$words" 'tail -n 19000 changed.jsonl >x && cat x x >changed.jsonl && rm x') in
	*log-changed*cut*) ok "$words: one that was cut and has grown, too" true ;;
	*) ok "$words: one that was cut and has grown, too" false ;;
	esac
done
for wrong in 0 17 x; do
	ctl_exits 64 groups --threads "$wrong"
done
done_testing
