#!/usr/bin/env python3
"""erase.py MSGEXTCTL DIRECTORY SEED COUNT - random histories from which a key is erased.

The key is spelt in many ways, stands in events, imports, snapshots of compactions, archives and .torn files.  After
an erasure no file says it, what is known of all others is as it was, versions too; what repeats erased lines, in any
order, with compactions between, changes nothing of either; a new choice counts.  dist/contrib/fold.jq must say the same.
Prints what differs; exit 1.
"""
import gzip
import json
import os
import random
import re
import shutil
import subprocess
import sys

TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
CTL, DIRECTORY = sys.argv[1], sys.argv[2]
SEED, COUNT = int(sys.argv[3]), int(sys.argv[4])
LOG = DIRECTORY + "/g.jsonl"
KEYS = ["a", "b", "ab", "", "\u00e9", "\U0001f600", "k\\\"/", "\u0001\n", "Key", "ExtensionList", "]},{"]
VALUES = ["", "x", "y", "\uffff", "\U00010000", "z" * 10, "\x7f\t", "\\"]
wrong = 0


def spelt(dice, text):
    """The text as a JSON string, each character in one of its spellings."""
    short = {'"': '\\"', "\\": "\\\\", "/": "\\/", "\n": "\\n", "\t": "\\t"}
    out = ""
    for char in text:
        code = char.encode("utf-16-be").hex()
        escaped = "".join("\\u" + dice.choice([code[i:i + 4], code[i:i + 4].upper()]) for i in range(0, len(code), 4))
        ways = [escaped] + ([short[char]] if char in short else []) + ([] if char in '"\\' or char < " " else [char] * 4)
        out += dice.choice(ways)
    return '"' + out + '"'


def pairs_text(dice, pairs):
    members = []
    for key, value, seq in pairs:
        items = ['"Key":' + spelt(dice, key), '"Seq":%d' % seq] + ([] if value is None else ['"Value":' + spelt(dice, value)])
        dice.shuffle(items)
        members.append("{" + ",".join(items) + "}")
    return "[" + ",".join(members) + "]"


def time(dice):
    return "2025-12-%02dT15:11:34.%03dZ" % (dice.randint(1, 28), dice.randint(0, 999))


def event(dice, message, seq):
    kind = dice.choice([1, 1, 1, 2, 2, 3])
    keys = dice.sample(KEYS, dice.randint(0, 4) if kind < 3 else 0)
    pairs = [(key, dice.choice(VALUES) if kind == 1 or dice.random() < .5 else None, seq) for key in keys]
    return ('{"time":"%s","SdkAppid":1,"ClientIP":"203.0.113.7",%s"CallbackCommand":"Group.CallbackAfterGroupMsgExtension",'
            '"GroupId":"g","MsgSeq":%d,"OperateType":%d,"ExtensionList":%s,"Seq":%d,"EventTime":1}\n'
            % (time(dice), dice.choice(["", '"Erased":[[90,91]],']), message, kind, pairs_text(dice, pairs), seq))


def imported(dice, message, latest):
    pairs = [(key, dice.choice(VALUES), dice.randint(0, latest)) for key in dice.sample(KEYS, dice.randint(0, 5))]
    return ('{"time":"%s","Snapshot":"import","GroupId":"g","MsgSeq":%d,"LatestSeq":%d,"ClearSeq":%d,"WholeSeq":%d,'
            '"ExtensionList":%s}\n' % (time(dice), message, latest, dice.choice([0, 0, dice.randint(0, latest)]), latest,
                                       pairs_text(dice, pairs)))


def history(dice):
    return [(imported if dice.random() < .15 else event)(dice, dice.choice([1, 2]), dice.randint(1, 12))
            for _ in range(dice.randint(1, 16))]


def write(lines, mode="a", name=LOG):
    with open(name, mode, encoding="utf-8") as log:
        log.writelines(lines)
    os.chmod(name, 0o600)


def ctl(*words):
    return subprocess.run([CTL, "-d", DIRECTORY, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def erase(key, *words):
    done = ctl("erase", "--key", key, *words)
    if done.returncode != 0:
        sys.exit("erase exits with %d: %s" % (done.returncode, done.stderr))
    return done.stderr.decode()


def states():
    """What show says, by key; and the gaps."""
    shown = [json.loads(line) for line in ctl("show", "g", "--json").stdout.splitlines()]
    return shown, ctl("gaps", "g", "--json").stdout


def without(state, key):
    shown, gaps = state
    return [dict(message, ExtensionList=[pair for pair in message["ExtensionList"] if pair["Key"] != key])
            for message in shown], gaps


def has(state, key):
    return any(pair["Key"] == key for message in state[0] for pair in message["ExtensionList"])


def contents():
    files = {}
    for name in sorted(os.listdir(DIRECTORY)):
        path = DIRECTORY + "/" + name
        with (gzip.open if name.endswith(".gz") else open)(path, "rb") as file:
            files[name] = file.read()
    return files


def keys_of(data):
    """Every key that any line says; of a line that is no JSON, every string but the empty one, which erasing leaves."""
    found = set()
    for line in data.split(b"\n"):
        try:
            record = json.loads(line)
        except ValueError:
            for text in re.findall(rb'"(?:[^"\\]|\\.)*"', line):
                try:
                    found.add(json.loads(text) or None)
                except ValueError:
                    pass
            continue
        for name in ("ExtensionList", "Deleted", "Unlisted"):
            found.update(pair["Key"] for pair in record.get(name) or [])
    return found


def check(what, number, lines, got, expected):
    global wrong
    if got != expected:
        wrong += 1
        print("MSGEXT_SEED=%d, history %d: %s\n%s# got %r\n# expected %r" % (SEED, number, what, "".join(lines), got, expected))


def folded():
    out = subprocess.run(["jq", "-nc", "-f", TOP + "/dist/contrib/fold.jq", LOG], stdout=subprocess.PIPE, check=True).stdout
    return [json.loads(line) for line in out.splitlines()]


def compact(dice):
    if ctl("compact", "g", *dice.choice([[], ["--discard"]])).returncode != 0:
        sys.exit("compact fails")


def run(number):
    dice = random.Random(SEED * 1000003 + number)
    key, lines = dice.choice(KEYS), history(dice)
    shutil.rmtree(DIRECTORY, ignore_errors=True)
    os.mkdir(DIRECTORY, 0o700)
    for line in lines:
        write([line])
        if dice.random() < .1:
            compact(dice)
    if dice.random() < .5:
        torn = dice.choice(lines)
        write([dice.choice(lines), torn[:dice.randint(1, len(torn) - 1)] + "\n"], name=DIRECTORY + "/g.torn")
    before, files = states(), contents()
    had = any(key in keys_of(data) for data in files.values())

    erase(key, "--dry-run")
    check("a dry run changes nothing", number, lines, contents(), files)
    said = erase(key, *dice.choice([[], ["g"]]))
    after = contents()
    if "cannot be read" not in said:  # the beginning of a key, where a line was cut off
        check("what it says of what was there", number, lines, "nothing of that key" not in said, had)
    check("files that have nothing of the key stay", number, lines,
          [name for name in files if key not in keys_of(files[name]) and after[name] != files[name]
           and not (name.endswith(".torn") and key)], [])
    check("no file says the key", number, lines, [name for name in after if key in keys_of(after[name])], [])
    check("all others stay, and all versions", number, lines, states(), without(before, key))
    check("fold.jq", number, lines, folded(), states()[0])
    erase(key)
    check("once more changes nothing", number, lines, contents(), after)
    if dice.random() < .5:
        compact(dice)
        check("a compaction afterwards", number, lines, states(), without(before, key))

    again = dice.sample(lines, dice.randint(1, len(lines)))
    write(again)
    check("what comes again", number, lines, states(), without(before, key))
    check("fold.jq of that", number, lines, folded(), states()[0])
    with open(LOG, encoding="utf-8") as log:
        shuffled = log.readlines()
    dice.shuffle(shuffled)
    write(shuffled, "w")
    check("what comes again, in another order", number, lines, states(), without(before, key))
    if dice.random() < .5:
        compact(dice)
        check("what comes again, compacted", number, lines, states(), without(before, key))
    other = dice.choice([name for name in KEYS if name != key])
    erase(other)
    check("another key is erased then", number, lines, states(), without(without(before, key), other))
    check("fold.jq of that, too", number, lines, folded(), states()[0])
    write([event(random.Random(1), 1, 80).replace('"OperateType":2', '"OperateType":1').replace(
        '"OperateType":3', '"OperateType":1').split('"ExtensionList"')[0]
           + '"ExtensionList":%s,"Seq":80,"EventTime":1}\n' % pairs_text(dice, [(key, "new", 80)])])
    check("a new choice counts", number, lines, has(states(), key), True)
    erase(key)
    check("and can be erased", number, lines,
          [name for name, data in contents().items() if key in keys_of(data)] + [has(states(), key)], [False])


for history_number in range(COUNT):
    run(history_number)
print("# MSGEXT_SEED=%d: %d histories, %d differences" % (SEED, COUNT, wrong))
sys.exit(wrong > 0)
