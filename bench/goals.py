"""goals.py - the rows of make bench that have a goal.

    goals.add("FastCGI, CPU of a worker, of a null program that appends", ratios, 1.05)
    goals.add("FastCGI, nginx, 8 clients, of a null program", ratios, 0.93, at_least=True)
    ...
    sys.exit(goals.end())

A row's values are one for each round.  Their median counts.  The spread is half the distance between
the first and the third quartile: a goal is missed only where the median is beyond it by more.

goals.py FILE puts the rows that were measured last into the table between FILE's two marks.
"""
import json
import os
import re
import statistics
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEPT = TOP + "/build/bench/goals.json"
MARKS = ("<!-- make bench-readme writes what follows -->\n", "<!-- to here -->\n")
COLUMNS = ("", "measured", "spread", "goal")


def number(value):
    """Three digits, or all before the point."""
    return "%.0f" % value if value >= 100 else "%.3g" % value if value >= 10 else "%.2f" % value


class Goals:
    def __init__(self):
        self.rows = []

    def add(self, name, values, wanted, at_least=False, unit=""):
        """unit: what the number is of, with a blank before it; "": a ratio."""
        values = sorted(values)
        median = statistics.median(values)
        spread = 0
        if len(values) >= 3:
            first, _, third = statistics.quantiles(values, n=4, method="inclusive")
            spread = (third - first) / 2
        missed = median + spread < wanted if at_least else median - spread > wanted
        within = (median < wanted if at_least else median > wanted) and not missed
        self.rows.append({"name": name, "measured": number(median) + unit, "spread": number(spread),
                          "goal": ("at least " if at_least else "at most ") + number(wanted) + unit,
                          "verdict": "MISSED" if missed else "within the spread" if within else "met"})

    def end(self):
        """Prints the rows, keeps them for a paste, and returns the exit status."""
        if not self.rows:
            return 0
        cells = [COLUMNS + ("",)] + [tuple(row[key] for key in ("name", "measured", "spread", "goal", "verdict"))
                                     for row in self.rows]
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        for row in cells:
            print("  ".join([row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]))
        with open(KEPT, "w") as file:
            json.dump(self.rows, file)
        return 1 if any(row["verdict"] == "MISSED" for row in self.rows) else 0


def paste(path):
    """Replaces the rows of the same names, and appends those that are new."""
    with open(path) as file:
        text = file.read()
    with open(KEPT) as file:
        rows = {row["name"]: [row[key] for key in ("measured", "spread", "goal")] for row in json.load(file)}
    match = re.search(re.escape(MARKS[0]) + "(.*?)" + re.escape(MARKS[1]), text, re.S)
    if match is None:
        sys.exit("goals.py: %s: has no marks" % path)
    table = {}
    for line in match.group(1).splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == len(COLUMNS):
            table[cells[0]] = cells[1:]
    table.update(rows)
    lines = ["| %s |" % " | ".join(COLUMNS), "|" + "---|" * len(COLUMNS)]
    lines += ["| %s | %s |" % (name, " | ".join(cells)) for name, cells in table.items()]
    with open(path, "w") as file:
        file.write(text[:match.start(1)] + "\n".join(lines) + "\n" + text[match.end(1):])


if __name__ == "__main__":
    paste(sys.argv[1])
