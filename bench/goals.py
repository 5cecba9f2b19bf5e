#!/usr/bin/env python3
"""goals.py - the rows of make bench: ratios, each with its goal.

    goals.begin("fastcgi")
    goals.add("nginx, 8 clients", "CPU of a worker, of a null program that appends", ratios, 1.05)
    goals.add("nginx, 8 clients", "requests a second, of a null program", ratios, 0.93, at_least=True)
    ...
    goals.show()
    sys.exit(goals.end())

A row's values are one for each round.  Their median counts.  The spread is half the distance between
the first and the third quartile: a goal is missed only where the median is beyond it by more.

goals.py FILE puts the rows that were measured last between FILE's two marks, a table for each section.
"""
import json
import os
import re
import statistics
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = TOP + "/build/bench/goals.json"
MARKS = ("<!-- make bench-readme writes what follows -->\n", "<!-- to here -->\n")
COLUMNS = ("measured", "spread", "goal")
WIDEST = 62  # of a row's title and name, so that its line in a manual is short

rows = []  # of this run


def number(value):
    """Three digits, or all before the point."""
    return "%.0f" % value if value >= 100 else "%.3g" % value if value >= 10 else "%.2f" % value


def begin(section):
    """What is added from now on is of this section."""
    begin.section = section


def add(title, name, values, wanted, at_least=False, unit=""):
    """unit: what the number is of, with a blank before it; "": a ratio."""
    full = "%s: %s" % (title, name) if title else name
    if len(full) > WIDEST or any(row["name"] == full and row["section"] == begin.section for row in rows):
        sys.exit("goals.py: %s: has over %d letters, or is there already" % (full, WIDEST))
    values = sorted(values)
    median = statistics.median(values)
    spread = 0
    if len(values) > 1:
        first, _, third = statistics.quantiles(values, n=4, method="inclusive")
        spread = (third - first) / 2
    missed = median + spread < wanted if at_least else median - spread > wanted
    within = (median < wanted if at_least else median > wanted) and not missed
    rows.append({"section": begin.section, "name": full, "measured": number(median) + unit, "spread": number(spread),
                 "goal": ("at least " if at_least else "at most ") + number(wanted) + unit,
                 "verdict": "MISSED" if missed else "within the spread" if within else "met"})


def show_rows(some):
    cells = [("",) + COLUMNS + ("",)] + [tuple(row[key] for key in ("name",) + COLUMNS + ("verdict",)) for row in some]
    widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
    for row in cells:
        print("  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]))
    print(flush=True)


def show():
    """Prints the rows of the section."""
    show_rows([row for row in rows if row["section"] == begin.section])


def end():
    """Keeps the rows for a paste, prints those that are missed, and returns the exit status."""
    with open(KEPT, "w") as file:
        json.dump(rows, file)
    missed = [row for row in rows if row["verdict"] == "MISSED"]
    print("%d rows, %d missed" % (len(rows), len(missed)), flush=True)
    if missed:
        show_rows(missed)
    return 1 if missed else 0


def paste(path):
    """Replaces what is between the marks."""
    with open(path) as file:
        text = file.read()
    with open(KEPT) as file:
        kept = json.load(file)
    match = re.search(re.escape(MARKS[0]) + "(.*?)" + re.escape(MARKS[1]), text, re.S)
    if match is None:
        sys.exit("goals.py: %s: has no marks" % path)
    lines = []
    for section in dict.fromkeys(row["section"] for row in kept):
        lines += ["", "| `make bench BENCH=%s` | %s |" % (section, " | ".join(COLUMNS)), "|---" * 4 + "|"]
        lines += ["| %s | %s |" % (row["name"], " | ".join(row[key] for key in COLUMNS))
                  for row in kept if row["section"] == section]
    with open(path, "w") as file:
        file.write(text[:match.start(1)] + "\n".join(lines) + "\n\n" + text[match.end(1):])


if __name__ == "__main__":
    paste(sys.argv[1])
