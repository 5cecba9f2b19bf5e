#!/bin/sh
# The frame of make bench: what is a goal met or missed, what is put into doc/speed.md, and what is
# said where a section lacks something.  It measures nothing.
. "$(dirname "$0")/lib.sh"

command -v python3 >/dev/null || lacks python3
# rows: a row for each verdict, into a file like doc/speed.md.
cat >"$scratch/rows.py" <<'END'
import sys
sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1] + "/bench")
import goals
goals.KEPT = sys.argv[2] + "/kept"
goals.begin("one")
goals.add("time", "met", [0.9, 1.0, 1.1], 1)
goals.add("time", "within", [1.0, 1.04, 1.08, 1.12, 1.16], 1.05)
goals.add("time", "missed", [1.0, 1.2, 1.2, 1.2, 1.2], 1.05)
goals.begin("two")
goals.add("rate", "least met", [0.93], 0.93, at_least=True)
goals.add("rate", "least within", [0.8, 0.9, 1.0], 0.93, at_least=True)
goals.add("rate", "least missed", [0.8, 0.8, 0.8], 0.93, at_least=True)
goals.add("rate", "without a goal", [0.5], None, at_least=True)
goals.begin("broken")
goals.add("", "forgotten", [9], 1)
goals.forget()
print(*["%s: %s" % (row["name"], row["verdict"]) for row in goals.rows], sep="\n")
print(goals.end(keep=True))
goals.paste(sys.argv[2] + "/page")
END
cat >"$scratch/page" <<'END'
before
<!-- make bench-readme BENCH=one writes what follows -->
old
<!-- to here -->
between
<!-- make bench-readme BENCH=other writes what follows -->
stays
<!-- to here -->
<!-- make bench-readme BENCH=two writes what follows -->
<!-- to here -->
END
python3 "$scratch/rows.py" "$top" "$scratch" >"$scratch/said" 2>&1 || sed 's/^/# /' "$scratch/said"
is "$(head -n 7 "$scratch/said")" 'met: met
within: within the spread
missed: MISSED
least met: met
least within: within the spread
least missed: MISSED
without a goal: ' 'a goal is missed by more than the spread only'
is "$(sed -n '8,$p' "$scratch/said")" '7 rows, 2 missed
time
  missed        1.20  0.00   at most 1.05  MISSED
rate
  least missed  0.80  0.00  at least 0.93  MISSED

1' 'and what is missed is said at the end'
# shellcheck disable=SC2016
is "$(cat "$scratch/page")" 'before
<!-- make bench-readme BENCH=one writes what follows -->
| `make bench BENCH=one` | measured | spread | goal |
|---|---|---|---|
| **time** | | | |
| met | 1.00 | 0.05 | at most 1.00 |
| within | 1.08 | 0.04 | at most 1.05 |
| missed | 1.20 | 0.00 | at most 1.05 |
<!-- to here -->
between
<!-- make bench-readme BENCH=other writes what follows -->
stays
<!-- to here -->
<!-- make bench-readme BENCH=two writes what follows -->
| `make bench BENCH=two` | measured | spread | goal |
|---|---|---|---|
| **rate** | | | |
| least met | 0.93 | 0.00 | at least 0.93 |
| least within | 0.90 | 0.05 | at least 0.93 |
| least missed | 0.80 | 0.00 | at least 0.93 |
| without a goal | 0.50 | 0.00 |  |
<!-- to here -->' 'a page has the rows of what was measured, and keeps the others'

is "$(python3 "$top/bench/bench.py" swim 2>&1; echo $?)" "bench.py: there is no swim; there is: quick $(
	sed -n 's/^    "\([a-z]*\)": (.*/\1/p' "$top/bench/bench.py" | xargs)
1" 'a section that is not there'
python=$(python3 -c 'import sys; print(sys.executable)')
is "$(env PATH="$scratch/none" "$python" "$top/bench/bench.py" instructions 2>&1; echo $?)" \
	'bench.py: instructions needs valgrind: as root, run sh setup.sh bench
1' 'what is not installed is an error'
# shellcheck disable=SC2013
is "$(for section in $(sed -n 's/^    "\([a-z]*\)": (.*/\1/p' "$top/bench/bench.py"); do
	grep -q "^<!-- make bench-readme BENCH=$section writes what follows -->\$" "$top/doc/speed.md" || echo "$section"
done)" '' 'doc/speed.md has a place for each section'
done_testing
