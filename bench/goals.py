#!/usr/bin/env python3
"""goals.py - the rows of make bench: ratios, each with its goal.

    goals.begin("fastcgi")
    goals.add("nginx, 8 clients", "CPU of a worker, of a null program that appends", ratios, 1.05)
    goals.add("nginx, 8 clients", "requests a second, of a null program", ratios, 0.93, at_least=True)
    ...
    goals.show()
    sys.exit(goals.end(keep=True))

A row has a title, which several rows share, and a name.  Its values are one for each round; their median counts.  The
spread is half the distance between the first and the third quartile: a goal is missed only where
the median is beyond it by more.

goals.py FILE puts the rows that were measured last between FILE's marks, which each section has two of.
"""
import json
import os
import statistics
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = TOP + "/build/bench/goals.json"
MARK, END = "<!-- make bench-readme BENCH=%s writes what follows -->\n", "<!-- to here -->\n"
COLUMNS = ("measured", "spread", "goal")

rows = []  # of this run


def number(value, unit=""):
    """Three digits, or all before the point; of a unit, whole ones."""
    if unit:
        return "%.0f%s" % (value, unit)
    return "%.0f" % value if value >= 100 else "%.3g" % value if value >= 10 else "%.2f" % value


def begin(section):
    """What is added from now on is of this section."""
    begin.section = section


def add(title, name, values, wanted, at_least=False, unit=""):
    """
    wanted: None, the row is read beside others and has no goal itself.  unit: what the number is of, with a blank before
    it; "": a ratio.
    """
    values = sorted(values)
    median = statistics.median(values)
    spread = 0
    if len(values) > 1:
        first, _, third = statistics.quantiles(values, n=4, method="inclusive")
        spread = (third - first) / 2
    goal, verdict = "", ""
    if wanted is not None:
        missed = median + spread < wanted if at_least else median - spread > wanted
        within = (median < wanted if at_least else median > wanted) and not missed
        goal = ("at least " if at_least else "at most ") + number(wanted, unit)
        verdict = "MISSED" if missed else "within the spread" if within else "met"
    rows.append({"section": begin.section, "title": title, "name": name,
                 "measured": number(median, unit), "spread": number(spread, unit),
                 "goal": goal, "verdict": verdict})


def titled(some):
    """Title to rows."""
    return {title: [row for row in some if row["title"] == title] for title in dict.fromkeys(row["title"] for row in some)}


def show_rows(some):
    """Prints them below their titles."""
    cells = {id(row): ["  " + row["name"]] + [row[key] for key in COLUMNS + ("verdict",)] for row in some}
    widths = [max(len(row[i]) for row in cells.values()) for i in range(len(COLUMNS) + 2)]
    for title, of_it in titled(some).items():
        print(title)
        for row in of_it:
            first, *others = cells[id(row)]
            print("  ".join([first.ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(others, widths[1:])]))
    print(flush=True)


def forget():
    """Drops the rows of the section."""
    rows[:] = [row for row in rows if row["section"] != begin.section]


def show():
    """Prints the rows of the section."""
    show_rows([row for row in rows if row["section"] == begin.section])


def end(keep):
    """Prints the rows that are missed, and returns the exit status; keep: for a paste."""
    if keep:
        with open(KEPT, "w") as file:
            json.dump(rows, file)
    missed = [row for row in rows if row["verdict"] == "MISSED"]
    print("%d rows, %d missed" % (len(rows), len(missed)), flush=True)
    if missed:
        show_rows(missed)
    return 1 if missed else 0


def table(section, some):
    lines = ["| `make bench BENCH=%s` | %s |" % (section, " | ".join(COLUMNS)), "|---" * 4 + "|"]
    for title, of_it in titled(some).items():
        lines.append("| **%s** | | | |" % title)
        lines += ["| %s | %s |" % (row["name"], " | ".join(row[key] for key in COLUMNS)) for row in of_it]
    return "\n".join(lines) + "\n"


def paste(path):
    """Replaces the tables of the sections that were measured."""
    with open(path) as file:
        text = file.read()
    if not os.path.exists(KEPT):
        sys.exit("goals.py: no row was measured for a page; those of BENCH=quick are not kept")
    with open(KEPT) as file:
        kept = json.load(file)
    for section in dict.fromkeys(row["section"] for row in kept):
        before, mark, after = text.partition(MARK % section)
        if not mark or END not in after:
            sys.exit("goals.py: %s: has no marks for %s" % (path, section))
        some = [row for row in kept if row["section"] == section]
        text = before + mark + table(section, some) + after[after.index(END):]
    with open(path, "w") as file:
        file.write(text)


if __name__ == "__main__":
    paste(sys.argv[1])
