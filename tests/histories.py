#!/usr/bin/env python3
"""histories.py MSGEXTCTL DIRECTORY SEED COUNT - random histories of two messages, and what is said of them.

A history holds whatever a log may: sets, deletes, clears, imports that contradict them and each other, one
version with several contents, lines that name versions as erased and lines of these versions that do not.  State, gaps
and tallies must be the same in any order, with repetitions, and, where no line brings back what was erased, with
compactions wherever they come between the lines, and behind an archiving together with what that took out.
dist/contrib/fold.jq and tests/fold.py must say the same.  Prints what differs; exit 1.
"""
import glob
import gzip
import json
import os
import random
import shutil
import subprocess
import sys

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CTL, DIRECTORY = sys.argv[1], sys.argv[2]
SEED, COUNT = int(sys.argv[3]), int(sys.argv[4])
LOG = DIRECTORY + "/g.jsonl"
KEYS = ["a", "b", "c", "", "\u00e9", "\U0001f600", "\uffff", "k\\\"", "\u0001\n"]
VALUES = ["", "x", "y", "\uffff", "\U00010000", "z" * 10, "\x7f\t"]
wrong = 0


def time(dice):
    return "2025-12-%02dT15:11:34.%03dZ" % (dice.randint(1, 28), dice.randint(0, 999))


def event(dice, message):
    kind, seq = dice.choice([1, 1, 1, 2, 2, 3]), dice.randint(0, 12)
    pairs = [{"Key": dice.choice(KEYS), "Value": dice.choice(VALUES),
              "Seq": dice.choice([seq, seq, seq, dice.randint(0, 14)])} for _ in range(dice.randint(0, 4))]
    for pair in pairs:
        if kind != 1 and dice.random() < .5:
            del pair["Value"]
    return {"time": time(dice), "SdkAppid": 1, "CallbackCommand": "Group.CallbackAfterGroupMsgExtension", "GroupId": "g",
            "MsgSeq": message, "OperateType": kind, "ExtensionList": pairs, "Seq": seq, "EventTime": 1}


def imported(dice, message):
    latest = dice.choice([3, 9, 12, dice.randint(0, 14)])
    pairs = [{"Key": key, "Value": dice.choice(VALUES), "Seq": dice.randint(0, latest + (dice.random() < .1) * 2)}
             for key in dice.sample(KEYS, dice.randint(0, 5))]
    return {"time": time(dice), "Snapshot": "import", "GroupId": "g", "MsgSeq": message, "LatestSeq": latest,
            "ClearSeq": dice.choice([0, 0, dice.randint(0, latest), dice.randint(0, 15)]), "WholeSeq": latest,
            "ExtensionList": pairs}


def ranges(dice):
    cuts = sorted(dice.sample(range(1, 14), 2 * dice.choice([1, 1, 2])))
    return [[first, last - dice.randint(0, 1)] for first, last in zip(cuts[::2], cuts[1::2])]


def erased(record, versions):
    """The record with Erased where the receiver's members end."""
    own = [item for item in record.items() if item[0] in ("time", "SdkAppid")]
    others = [item for item in record.items() if item[0] not in ("time", "SdkAppid", "Erased")]
    return dict(own + ([("Erased", versions)] if versions else []) + others)


def history(dice):
    records = []
    for _ in range(dice.randint(1, 14)):
        record = (imported if dice.random() < .2 else event)(dice, dice.choice([1, 2]))
        records.append(erased(record, ranges(dice) if dice.random() < .15 else []))
    return records


def texts(dice, records):
    return [json.dumps(record, ensure_ascii=dice.random() < .5, separators=(",", ":")) + "\n" for record in records]


def consistent(records):
    """Each line of a message names all that any of them does: none brings anything back."""
    every = {1: set(), 2: set()}
    for record in records:
        for first, last in record.get("Erased", []):
            every[record["MsgSeq"]].update(range(first, last + 1))
    return [erased(record, [[seq, seq] for seq in sorted(every[record["MsgSeq"]])]) for record in records]


def write(lines, mode="w"):
    with open(LOG, mode, encoding="utf-8") as log:
        log.writelines(lines)
    os.chmod(LOG, 0o600)


def ctl(*words):
    return subprocess.run([CTL, "-d", DIRECTORY, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)


def answers():
    return [ctl("show", "g", "--json").stdout, ctl("gaps", "g", "--json").stdout,
            ctl("tally", "g", "1", "--json").stdout]


def clear():
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os.mkdir(DIRECTORY, 0o700)


def states(*command):
    out = subprocess.run([*command, LOG], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def check(what, number, lines, got, expected):
    global wrong
    if got != expected:
        wrong += 1
        print("seed %d, history %d: %s\n%s# got %r\n# expected %r" % (SEED, number, what, "".join(lines), got, expected))


def compact():
    if ctl("compact", "g", "--discard").returncode != 0:
        sys.exit("compact fails")


def run(number):
    dice = random.Random(SEED * 1000003 + number)
    records = history(dice)
    lines = texts(dice, records)
    clear()
    write(lines)
    expected = answers()
    state = [json.loads(line) for line in expected[0].splitlines()]
    check("fold.jq", number, lines, states("jq", "-nc", "-f", TOP + "/dist/contrib/fold.jq"), state)
    check("fold.py", number, lines, states("python3", TOP + "/tests/fold.py"), state)

    shuffled = lines + dice.sample(lines, dice.randint(0, len(lines)))
    dice.shuffle(shuffled)
    write(shuffled)
    check("another order", number, lines, answers(), expected)
    compact()
    check("a compaction of all", number, lines, answers(), expected)

    lines = texts(dice, consistent(records))
    write(lines)
    expected = answers()
    state = [json.loads(line) for line in expected[0].splitlines()]
    write(lines[:1])
    for line in lines[1:]:
        for _ in range(dice.choice([0, 0, 0, 1, 2])):
            compact()
        write([line], "a")
    check("compactions", number, lines, answers(), expected)
    compact()
    check("a compaction at the end", number, lines, answers(), expected)
    check("fold.jq of it", number, lines, states("jq", "-nc", "-f", TOP + "/dist/contrib/fold.jq"), state)

    clear()
    cut = dice.randint(1, len(lines))
    write(lines[:cut])
    if dice.random() < .3:
        compact()
    ctl("archive", "g", "--before", "2025-12-14")
    write(lines[cut:], "a")
    archived = [gzip.open(name, "rt", encoding="utf-8").readlines() for name in glob.glob(DIRECTORY + "/*.gz")]
    write([line for part in archived for line in part], "a")
    check("archive", number, lines, answers(), expected)


for history_number in range(COUNT):
    run(history_number)
print("# seed %d: %d histories, %d differences" % (SEED, COUNT, wrong))
sys.exit(wrong > 0)
