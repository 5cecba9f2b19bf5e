#!/usr/bin/env python3
"""histories.py CTL-SERVER DIRECTORY SEED COUNT FOLD.JQ [CONNINFO] - random histories of logs, and what msgextctl says.

A history is a list of steps that are done to one group's logs on one or two nodes: lines that arrive (late, twice,
never, with another content, from an older or a newer vendor, of an older receiver, cut off), answers that are imported
and taken out again, repairs, compactions, also by others, archives, rotations, what they took out put back, erasures,
and questions.  tests/truth.py says what each question's answer must be.  After each step the log's lines must be those
that were there and those that the step adds; and what a step takes out must be in an archive, byte for byte.  With an
engine, CONNINFO, one in twenty is shipped, at any time, and asked there.

Prints the smallest history that fails, as a script, and else how often each kind of thing has happened; exit 1 also if
one of them never has.  COUNT 0: a fault is planted in the model; exit 1 if the smallest history that shows it is large.
Other programs take generate() and DIRECTORY's histories.
"""
import collections
import copy
import csv
import datetime
import glob
import gzip
import io
import json
import os
import random
import re
import shlex
import shutil
import subprocess
import sys
import time

import engine
import events
import truth

TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
KEYS = ["a", "b", "c", "", "user_1", "\u00e9", "\U0001f600", "\uffff", "k\\\"", "\u0001\n", "user_2,\u6295"]
VALUES = ["", "x", "y", "yes", "\uffff", "\U00010000", "z" * 10, "\x7f\t", "a\"b,c", "=1"]
GROUPS = ["g%d", "@TGS#%d", "..%d", "-%d", "a b%%%d", "%d/\\\"x", "@TGS#_%d@TOPIC#_" + "#" * 60, "%d.jsonl"]
UNKNOWN = [("Operator_Account", "\"MsgSeq\":1"), ("EventTags", [None, True, -1.5e3, {"Seq": 3}, [[]]]),
           ("body.time", "now"), ("Snapshot2", {"ExtensionList": [{"Key": "a"}]}), ("\u65b0", "\u00e9")]
QUESTIONS = 3  # at each place
KEEP_MINUTES = 30  # of an archive, where --keep says so
# What must happen in 1,000 histories.
KINDS = ["set", "delete", "clear", "a line twice", "lost", "an older version late", "a time that goes back", "equal times",
         "the same version with other content", "several nodes", "an event of another node, with its own time",
         "a vendor's member unknown today", "a line as early receivers took it", "a line without a time", "a version 0", "an Erased of the vendor's",
         "a version above 2^52", "a line of another group", "an unreadable line", "an unfinished line",
         "a whole line without its newline", "a snapshot from elsewhere", "an answer of several pages", "import, taken",
         "import, refused", "import, that contradicts", "an import taken out", "no import to be taken out", "repair, taken",
         "repair, refused", "a compaction", "a compaction that discards", "a compaction of nothing", "archived", "an old archive removed",
         "nothing to archive", "rotated", "put back", "a line of a message that was moved out", "erased from the log",
         "erased from an archive", "nothing to erase", "an archive, an erasure, a late line and a repair together",
         "asked: show", "asked: tally", "asked: gaps", "asked: groups", "asked: log", "asked: export", "asked: --at",
         "asked: --as-of", "asked: --as-of, after a compaction", "asked: --threads", "several groups", "--dry-run", "--all"]
# What happens how often: in most logs, and where much is moved out, put back and late.
WEIGHTS = [{"event": 50, "import": 10, "undo": 7, "compact": 10, "archive": 5, "restore": 3, "repeat": 5, "late": 6,
            "resent": 3, "odd": 3, "ask": 4, "erase": 4, "repair": 4, "snapshot": 3, "tail": 2, "rotate": 1, "ship": 1},
           {"event": 35, "import": 2, "undo": 2, "compact": 6, "archive": 12, "restore": 7, "repeat": 2, "late": 10,
            "resent": 10, "odd": 1, "ask": 3, "erase": 10, "repair": 14, "snapshot": 1, "tail": 1, "rotate": 2, "ship": 2}]
DAY = 1764547200000  # 2025-12-01, milliseconds since 1970


def time_of(milliseconds):
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)), milliseconds % 1000)


def spelt_time(text, how):
    """A time as a user may write it, and what it then is: to the day, the minute, the second, or in another zone."""
    if how == 0:
        return text[:10], text[:10] + "T00:00:00.000Z"
    if how == 1:
        return text[:16], text[:16] + ":00.000Z"
    if how == 2:
        return text[:19] + "Z", text[:19] + ".000Z"
    if how == 3:
        zone = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        then = datetime.datetime.fromisoformat(text[:16] + "+00:00").astimezone(zone)
        return then.isoformat(timespec="minutes"), text[:16] + ":00.000Z"
    return text, text


# the generator

class Vendor:
    """A message as the vendor has it, or one whose vendor says anything."""

    def __init__(self, dice, base, honest, keys, values):
        self.dice, self.honest, self.base, self.keys, self.values = dice, honest, base, keys, values
        self.latest, self.cleared, self.pairs = base, 0, {}

    def version(self, spread=12):
        return self.base + self.dice.randint(0, spread)

    def change(self):
        """An event's members: OperateType, Seq, ExtensionList."""
        kind, count = self.dice.choice([1, 1, 1, 1, 2, 2, 3]), self.dice.randint(0, 4 if len(self.keys) < 99 else 20)
        if not self.honest:
            seq = self.version()
            keys = [self.dice.choice(self.keys) for _ in range(count)]
            seqs = [self.dice.choice([seq, seq, seq, self.version(14)]) for _ in keys]
        else:
            self.latest = seq = self.latest + 1
            keys = [] if kind == 3 else self.dice.sample(self.keys, min(max(count, 1), len(self.keys)))
            seqs = [seq] * len(keys)
        pairs = [{"Key": key, "Value": "" if kind == 2 else self.dice.choice(self.values), "Seq": own}
                 for key, own in zip(keys, seqs)]
        if kind == 3:
            self.pairs, self.cleared = {}, seq
        for pair in pairs:
            self.pairs.pop(pair["Key"], None)
            if kind == 1:
                self.pairs[pair["Key"]] = dict(pair)
        return kind, seq, pairs

    def some_pairs(self, latest, count=None):
        keys = self.dice.sample(self.keys, self.dice.randint(0, len(self.keys)) if count is None else count)
        return [{"Key": key, "Value": self.dice.choice(self.values), "Seq": self.dice.randint(self.base, latest)}
                for key in keys]

    def pages(self):
        """An answer of group_get_key_values: the vendor's, or another message's, or one that contradicts."""
        if self.honest:
            latest, cleared = self.latest, self.cleared
            pairs = [dict(pair) for pair in self.pairs.values()]
        else:
            latest = self.dice.choice([self.version(3), self.version(), self.base + 14, self.base + 14])
            cleared = self.dice.choice([0, 0, 0, self.dice.randint(self.base, latest)])
            pairs = self.some_pairs(latest)
        pairs.sort(key=lambda pair: pair["Seq"])
        cut = self.dice.randint(0, len(pairs)) if self.dice.random() < .3 else len(pairs)
        parts = [pairs[:cut], pairs[cut:]] if cut < len(pairs) else [pairs]
        later = 0 if self.honest else self.dice.choice([0, 0, 2])
        return [{"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ExtensionList": part,
                 "LatestSeq": latest + later * at, "ClearSeq": cleared + (latest - cleared + 1) * (later * at > 1),
                 "CompleteFlag": int(at == len(parts) - 1)}
                for at, part in enumerate(parts)]

    def snapshot(self):
        """What a compaction elsewhere, or by an older msgext, may have known: it may say anything."""
        latest = self.version()
        first = self.dice.randint(self.base, latest)
        result = {"LatestSeq": latest, "ClearSeq": self.dice.choice([0, 0, self.version()]),
                  "WholeSeq": self.dice.choice([0, latest, self.version()])}
        if self.dice.random() < .7:
            result["FirstSeq"] = first
        else:
            first = 0
        few = min(len(self.keys), 3)
        pairs = self.some_pairs(latest, self.dice.randint(0, few))
        for pair in pairs:
            if self.dice.random() < .2:
                pair.update({"Value": "", "Seq": 0})
        result["ExtensionList"] = pairs
        for name in "Deleted", "Unlisted":
            pairs = self.some_pairs(latest, self.dice.randint(0, few))
            for pair in pairs:
                if name == "Deleted" or self.dice.random() < .5:
                    del pair["Value"]
            if pairs and self.dice.random() < .7:
                result[name] = pairs
        if latest - first > 1 and self.dice.random() < .5:
            at = sorted(self.dice.choices(range(max(first, latest - 20) + 1, latest), k=2))
            result["Missing"] = [at] if self.dice.random() < .5 else [[seq, seq] for seq in sorted(set(at))]
        return result


class Generator:
    """Of one history.  odd: may lines be as early receivers took them?"""

    def __init__(self, dice, number, nodes=None, group=None, keys=None, values=None, base=None, odd=True):
        self.dice = dice
        self.group = group or dice.choice(GROUPS) % number
        self.nodes = nodes or dice.choice([1, 1, 1, 2])
        if base is None:
            base = dice.choice([0, 0, 0, 0, 2 ** 32 - 6, 2 ** 53 - 30])
        if keys is None and dice.random() < .01:  # as many as a message may have
            keys, values = ["user_%d" % at for at in range(300)], VALUES + ["v" * 1000]
        else:  # of few keys much is said
            keys, values = keys or KEYS, values or VALUES
            keys = dice.sample(keys, dice.choice([1, 2, 3, 5, len(keys)]))
        self.keys = keys
        self.messages = {number: Vendor(dice, base, dice.random() < .5, keys, values)
                         for number in dice.sample([0, 1, 2, 10, 100, 2 ** 53 - 1], dice.choice([1, 2, 2, 3]))}
        self.about, self.erased = None, dice.random() < .2  # by an erasure of another directory
        self.odd, self.weights = odd and dice.random() < .3, dice.choice(WEIGHTS)
        self.now, self.times, self.steps, self.late = DAY + dice.randint(0, 40 * 86400000), [], [], []
        self.sent, self.answers, self.lost = [], [], 0
        self.neighbour = odd and dice.random() < .3 and dice.choice(
            [self.group + ".jsonl", self.group.swapcase() + "X", self.group + "/..", self.group[:-1] + "~", "-"])

    def tick(self):
        """The clock goes on, and sometimes jumps, or back."""
        self.now += self.dice.choice([0, 1, 999, 60000, 60000, 3600000, 86400000, -5000, -3 * 86400000])
        return self.now

    def envelope(self):
        members = {"time": time_of(self.tick()), "SdkAppid": 1400000000}
        self.times.append(members["time"])
        if self.dice.random() < .5:
            members.update({"ClientIP": "203.0.113.%d" % self.dice.randint(1, 9),
                            "OptPlatform": self.dice.choice(["Web", "iOS", "\u00e9"])})
        if self.odd and self.dice.random() < .1:  # of an early receiver
            members["time"] = "2025-02-30T00:00:00.000Z"
            if self.dice.random() < .5:
                del members["time"]
        return members

    def event(self, message):
        """The members of an event."""
        kind, seq, pairs = self.messages[message].change()
        command = self.dice.choice([events.COMMAND] * 7 + [events.COMMAND.lower()])
        body = [("CallbackCommand", command), ("GroupId", self.group),
                ("MsgSeq", message), ("OperateType", kind), ("Seq", seq),
                ("EventTime", self.dice.choice([1764688294360, "1764688294360"]))]
        for pair in pairs:
            if kind == 2 and self.dice.random() < .3:
                del pair["Value"]
            if self.dice.random() < .05:
                pair["Weight"] = {"Key": "b", "Value": ["x"]}
        if kind != 3 or pairs or self.dice.random() < .7:
            body.append(("ExtensionList", pairs if pairs or self.dice.random() < .8 else [] if kind != 3 else None))
        body += [self.dice.choice(UNKNOWN)] * (self.dice.random() < .15)
        if self.odd and self.dice.random() < .1:  # the vendor's own, which an early receiver did not rename
            body.append(("Erased", self.dice.choice(["x", [], [[9, 8]], [[seq]], [[seq, seq], [seq, seq]], {"a": [seq, seq]},
                                                     [[seq, seq], [seq, "1"]], [[seq, seq, seq]]])))
        if self.dice.random() < .3:
            self.dice.shuffle(body)
        return dict(body)

    def line(self, body):
        """That of an event or a snapshot which a node gets now."""
        dice, envelope = self.dice, self.envelope()
        if self.erased and dice.random() < .3:
            first = self.messages[body["MsgSeq"]].version()
            envelope["Erased"] = [[first, first + dice.choice([0, 0, 1, 5])]]
        text = json.dumps({**envelope, **body}, ensure_ascii=dice.random() < .5, separators=(",", ":"))
        return self.spelt(text) if self.odd and dice.random() < .15 else text

    def spelt(self, text):
        """As an early receiver took it: with white space, escaped names, two members of one name."""
        what = self.dice.randrange(4)
        if what == 0:  # but a search must find the message's number
            return json.dumps(json.loads(text), separators=(", ", ": ")).replace('"MsgSeq": ', '"MsgSeq":')
        if what == 1:
            return text.replace('"Key":', '"\\u004bey":').replace('"Seq":', '"\\u0053eq":')
        if what == 2:
            return text[:-1] + ',"MsgSeq":77,"GroupId":"other","Seq":1}'
        return text[:-1] + ',"ClientIP":"\\ud800","x":"\\u0000"}'

    def broken(self, message):
        """A line that no reader takes, or one of another webhook, which every reader does."""
        body = self.event(message)
        for pair in body.get("ExtensionList") or []:
            pair["Key"] = "odd"  # which nobody erases: of such a line it is not known what then stays
        text = self.line(body)
        other = json.dumps({**body, "time": self.times[-1], "GroupId": "other"}, separators=(",", ":"))
        changed = [{"MsgSeq": 2 ** 53 + 1}, {"MsgSeq": "1"}, {"Seq": -1}, {"Seq": 1.0}, {"Seq": None}, {"OperateType": 4},
                   {"OperateType": 1, "ExtensionList": None}, {"OperateType": 1, "ExtensionList": [{"Key": "odd", "Seq": 1}]},
                   {"OperateType": 1, "ExtensionList": [{"Key": "\ud800", "Value": "", "Seq": 1}]},
                   {"OperateType": 2, "ExtensionList": [{"Key": "odd\0", "Value": "", "Seq": 1}]},
                   {"OperateType": 2, "ExtensionList": [{"Key": "odd", "Value": "\ud800", "Seq": body["Seq"]}]},
                   {"CallbackCommand": "Group.CallbackOfAnother"}, {"GroupId": ""}, {"ExtensionList": ["odd"]}]
        return self.dice.choice([
            "{}", "", "[]", "null", json.dumps({"Group": self.group}), other, other, text[:-self.dice.randint(1, 60)], text + "}",
            text.replace(":", ":\x01", 1), text[:-1] + ',"x":NaN}', text[:-1] + ',"x":01}', "\ufeff" + text,
            text + "\r", '{"time":"%s","Replaced":"90f2c6a1b8d34e57","ExtensionList":[]}' % self.times[-1]] +
            [json.dumps({**json.loads(text), **change}, separators=(",", ":")) for change in changed])

    def add(self, *step):
        self.steps.append(list(step))

    def arrive(self, node, line):
        fate = self.dice.random()
        if fate < .08:
            self.lost += 1
            return
        if fate < .2:
            self.late.append((node, line))
            return
        self.add("line", node, line)
        if fate > .95:
            self.add("line", node, line)

    def happen(self):
        dice = self.dice
        # What is done to one message of one log comes together.
        if self.about is None or dice.random() < .4:
            self.about = dice.randrange(self.nodes), dice.choice(list(self.messages))
        node, message = self.about
        what = dice.choices(list(self.weights), list(self.weights.values()))[0]
        if what == "event":
            body = self.event(message)
            self.sent.append(body)
            for each in range(self.nodes):
                if self.nodes == 1 or dice.random() < .8:
                    self.arrive(each, self.line(body))
        elif what == "resent" and self.sent:
            self.add("line", node, self.line(dice.choice(self.sent)))
        elif what == "import":
            self.answers.append(self.messages[message].pages())
            # The last answer, an old one, or another message's.
            pages = self.answers[-1] if dice.random() < .8 else dice.choice(self.answers)
            self.add("import", node, message, pages, dice.random() < .8, self.tick())
        elif what == "snapshot":
            kind = dice.choice(["compact"] * 4 + ["import"])
            self.add("line", node, self.line({"Snapshot": kind, "GroupId": self.group, "MsgSeq": message,
                                              **self.messages[message].snapshot()}))
        elif what == "repair":
            answers = [(number, vendor.pages()) for number, vendor in self.messages.items()]
            self.add("repair", node, [answer for answer in answers if answer[1]], self.tick())
        elif what == "undo":
            self.add("undo", node, message, self.tick())
        elif what == "compact":
            self.add("compact", node, dice.random() < .5, self.tick())
        elif what == "archive":
            before = dice.choice(self.times + [time_of(self.now)])
            self.add("archive", node, *spelt_time(before, dice.randrange(9)), self.tick())
        elif what in ("restore", "rotate", "ship"):
            self.add(what, node)
        elif what == "repeat":
            self.add("repeat", node, dice.randrange(100))
        elif what == "late" and self.late:
            self.add("line", *self.late.pop(dice.randrange(len(self.late))))
        elif what == "odd":
            self.add("line", node, self.broken(message))
        elif what == "tail":
            line = self.line(self.event(message))
            self.add("tail", node, line[:dice.randint(1, len(line))] if dice.random() < .6 else line)
        elif what == "erase":
            self.add("erase", node, dice.choice(self.keys), self.tick())
        elif what == "ask":
            self.add("ask", dice.randrange(2 ** 30))

    def make(self):
        for _ in range(self.dice.choice([3, 6, 10, 16, 25])):
            self.happen()
        self.add("ask", self.dice.randrange(2 ** 30))
        return {"group": self.group, "nodes": self.nodes, "steps": self.steps, "lost": self.lost,
                "neighbour": self.neighbour or None}


def generate(seed, number, **options):
    return Generator(random.Random(seed * 1000003 + number), number, **options).make()


# what msgextctl does

class Server:
    """build/tests/ctl-server; script: the commands, to be printed."""

    def __init__(self, program, **more):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, **more)
        self.program, self.script = program, None

    def __call__(self, now, *words, stdin=b""):
        if self.script is not None:
            self.script.append("%s%s %s" % ("printf %%s %s | " % shlex.quote(stdin.decode()) if stdin else "",
                                            "ctl %d" % now, " ".join(map(shlex.quote, words))))
        request = b"%d %d %d\n" % (now, len(words), len(stdin)) + b"".join(word.encode() + b"\0" for word in words)
        self.process.stdin.write(request + stdin)
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit("%s has ended" % self.program)
        status, out, said = map(int, line.split())
        return status, self.process.stdout.read(out), self.process.stdout.read(said)


def archive_lines(name):
    return gzip.open(name, "rt", encoding="utf-8", newline="\n").read().split("\n")[:-1]


def sorted_items(row):
    return sorted(row.items())


def archive_time(name):
    """When an archive was made, by its name."""
    parts = re.fullmatch(r"(....)(..)(..)T(..)(..)(..)(...)Z", name.split(".")[-3]).groups()
    return "%s-%s-%sT%s:%s:%s.%sZ" % parts


def is_whole(text):
    """Does the receiver leave such a last line where it is?"""
    try:
        return "Replaced" not in truth.members(text)
    except ValueError:
        return False


def dice_of(text):
    """True or false, by chance, and the same for the same text."""
    return random.Random(text).random() < .5


class Difference(Exception):
    pass


class Node:
    """A directory with the group's log, and what must be in it."""

    def __init__(self, server, directory, group, kinds=None, neighbour=None):
        self.server, self.directory, self.group = server, directory, group
        self.log, self.stem, self.tail = truth.Log(group), truth.log_name(group), ""
        self.path, self.now = "%s/%s.jsonl" % (directory, self.stem), DAY
        self.archives, self.kept = set(), {}  # files, and their entries
        self.moved, self.where = [], ["-d", directory]
        self.conninfo, self.shipped, self.times_shipped = None, [], 0
        self.kinds = collections.Counter() if kinds is None else kinds  # what has happened how often
        os.makedirs(directory, 0o700, exist_ok=True)
        self.neighbour = neighbour and self.neighbour_make(neighbour)

    def neighbour_make(self, group):
        """Another group's log, which nothing that is done to this one may touch."""
        log = truth.Log(group)
        for seq in 1, 3:
            log.append(json.dumps({"time": time_of(DAY + seq), "CallbackCommand": events.COMMAND, "GroupId": group,
                                   "MsgSeq": seq, "OperateType": 1, "ExtensionList": [], "Seq": seq}))
        log.append(log.entries[0].text.replace('"Seq": 1', '"Seq": 4'))
        path = "%s/%s.jsonl" % (self.directory, truth.log_name(group))
        text = "".join(entry.text + "\n" for entry in log.entries)
        self.note("printf %%s %s >%s; chmod 600 %s" % (shlex.quote(text), *[shlex.quote(path)] * 2))
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        os.chmod(path, 0o600)
        return log, path, text

    def note(self, command):
        if self.server.script is not None:
            self.server.script.append(command)

    def ctl(self, *words, stdin=b""):
        return self.server(self.now, *self.where, *words, stdin=stdin)

    def expect(self, what, got, expected):
        if got != expected:
            raise Difference("%s\ngot      %r\nexpected %r" % (what, got, expected))

    def lines(self):
        if not os.path.exists(self.path):
            return []
        text = open(self.path, encoding="utf-8", newline="\n").read()
        lines = text.split("\n")
        self.expect("the log's end", lines[-1], self.tail)
        return lines[:-1]

    def archive_new(self):
        """The lines of the archive that the last step made, and its name; (None, None) where it made none."""
        names = set(glob.glob("%s/%s.????????T?????????Z.jsonl.gz" % (self.directory, truth.archive_name(self.group))))
        new = names - self.archives
        self.archives = names
        if not new:
            return None, None
        name, = new
        return archive_lines(name), name

    def judge(self, what):
        """After a step: the log has the lines that it had, as they were, and what the step made beside them."""
        self.judge_lines(what, self.lines(), self.log.entries)

    def judge_lines(self, what, lines, entries):
        self.expect("%s: how many lines" % what, len(lines), len(entries))
        for line, entry in zip(lines, entries):
            if entry.text is not None:
                self.expect("%s: a line that stays" % what, line, entry.text)
                continue
            record = truth.members(line)
            entry.text = line
            if entry.expected is not None:
                self.judge_erased(what, record, entry)
                continue
            read, fact = truth.Fact(line), entry.facts[0]
            self.expect("%s: a snapshot" % what, (read.operation, read.group, read.message, read.time),
                        ("compact", self.group, entry.message, entry.time))
            self.expect("%s: what a snapshot says" % what, read.says(), fact.says())

    def judge_erased(self, what, record, entry):
        """The line is what it was without what was taken out, and names the versions."""
        expected = {name: value for name, value in entry.expected.items() if name != "Erased" or value}
        for each in record, expected:
            for name in "Deleted", "Unlisted":
                if each.get(name) == []:
                    del each[name]
        if "Erased" in record and (entry.expected["Erased"] or truth.is_erased(record)):
            record["Erased"] = truth.merged(record["Erased"])
        elif "Erased" in record:  # the vendor's own, and no version is to be named
            del record["Erased"]
        self.expect("%s: a line that lost something" % what, record, expected)

    def judge_archive(self, what, count):
        """The step made an archive if and only if the model did, with the same lines; its name."""
        lines, name = self.archive_new()
        made = self.log.archives[count:]
        self.expect("%s: archives made" % what, int(lines is not None), len(made))
        if made:
            self.expect("%s: the archive" % what, lines, [entry.text for entry in made[0]])
            self.kept[name] = made[0]
        return name

    # the steps

    def do(self, step, *arguments):
        """A step of a history, and what must then be there."""
        getattr(self, {"import": "import_", "tail": "tail_"}.get(step, step))(*arguments)
        if step not in ("line", "tail"):
            self.judge(step)
            if self.neighbour:
                self.expect("%s: another group's log" % step, open(self.neighbour[1], encoding="utf-8").read(),
                            self.neighbour[2])

    def dry(self, *words, stdin=b""):
        """Says what the same without --dry-run would say, and changes nothing.  Its status."""
        def files():
            return [(name, open(name, "rb").read()) for name in sorted(glob.glob(self.directory + "/*")) if os.path.isfile(name)]

        there = files()
        status, _, said = self.ctl(words[0], "--dry-run", *words[1:], stdin=stdin)
        self.expect("--dry-run: %s" % said.decode(), files(), there)
        self.kinds["--dry-run"] += 1
        return status

    def all_or(self, chance):
        """The words for all groups, where there is no other: or for this one."""
        if self.neighbour or not self.log.readable() or self.tail or not dice_of(str(chance)):
            return ["--", self.group]
        self.kinds["--all"] += 1
        return ["--all"]

    def write(self, text, mode="a"):
        if mode == "a":
            self.note("printf %%s %s >>%s; chmod 600 %s" % (shlex.quote(text), *[shlex.quote(self.path)] * 2))
        with open(self.path, mode, encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(self.path, 0o600)

    def settle(self):
        """As the next append does it: an end that is no whole line is set aside, a whole one gets its newline."""
        if self.tail and is_whole(self.tail):
            self.write("\n")
            self.log.append(self.tail)
            self.tail = ""
        while self.tail or self.log.entries and not is_whole(self.log.entries[-1].text):
            text = self.tail or self.log.entries.pop().text + "\n"
            self.tail = ""
            self.note("truncate -s -%d %s" % (len(text.encode()), shlex.quote(self.path)))
            os.truncate(self.path, os.path.getsize(self.path) - len(text.encode()))

    def settled(self):
        """Likewise, if msgextctl has done it, in the model alone."""
        if self.tail and not open(self.path, encoding="utf-8").read().endswith(self.tail):
            if is_whole(self.tail):
                self.log.append(self.tail)
            self.tail = ""

    def to_append(self):
        """The log as an append finds it: an end that will only get its newline is a line."""
        log = copy.copy(self.log)
        if self.tail and is_whole(self.tail):
            log.entries = log.entries + [truth.entry_of(self.tail, self.group)]
        return log

    def append(self, line):
        self.settle()
        self.write(line + "\n")

    def line(self, line):
        self.append(line)
        before = self.log.entries[:]
        self.log.append(line)
        self.count_line(line, before)

    def tail_(self, text):
        self.settle()
        self.write(text)
        self.tail, self.log.exists = text, True
        self.kinds["a whole line without its newline" if text[-1] == "}" else "an unfinished line"] += 1

    def repeat(self, index):
        self.settle()
        if self.log.entries:
            self.log.repeat(index)
            self.write(self.log.entries[-1].text + "\n")
            self.kinds["a line twice"] += 1

    def import_(self, message, pages, force, now, what="import"):
        if not self.tail:
            self.settle()
        self.now = now
        made = truth.answer_of(pages)
        found = self.to_append()
        known = found.messages().get(message, [])
        compacted = any(entry.kind == "compact" or fact.erased for entry in known for fact in entry.facts)
        record = {"time": time_of(now), "Snapshot": "import", "GroupId": self.group, "MsgSeq": message, **made}
        answer = {"message": message, "pairs": made["ExtensionList"], "fact": truth.Fact(json.dumps(record))}
        # It is judged by the whole lines, and again by what its append finds.
        doubted = self.log.refuses(answer)
        contradicts = doubted or found.refuses(answer)
        words = ["import", *["--force"] * force, "--", self.group, str(message)]
        text = "\n".join(map(json.dumps, pages)).encode()
        dry = self.dry(*words, stdin=text) if now % 4 == 0 else None
        tail, (status, _, said) = self.tail, self.ctl(*words, stdin=text)
        self.settled()
        refused = not force and contradicts
        if compacted and not force:  # what is forgotten speaks against nothing
            refused = status != 0
            doubted = dry == 65 if tail else refused
        self.expect("import: %s" % said.decode(), status, 65 if refused else 0)
        self.expect("import --dry-run", dry in (None, 65 if doubted and not force else 0), True)
        self.kinds["%s, %s" % (what, "refused" if refused else "that contradicts" if contradicts and known else "taken")] += 1
        if refused:
            return
        self.kinds["an answer of several pages"] += len(pages) > 1
        line = self.lines()[-1]
        got = json.loads(line)
        got["time"] = min(max(got["time"], record["time"]), time_of(now + 5000)) and record["time"]
        self.expect("import: the line", got, record)
        self.log.append(line)

    def repair(self, answers, now):
        """As msgext-repair does: the messages that lack versions are asked for."""
        lack = [message for message, state in self.log.states() if state.missing]
        for message, pages in answers:
            if message in lack:
                self.import_(message, pages, False, now, "repair")

    def undo(self, message, now):
        self.settle()
        self.now = now
        count, there = len(self.log.archives), self.log.exists and bool(self.log.entries)
        done = self.log.undo(message)
        words = ["import", "--undo", "--", self.group, str(message)]
        dry = self.dry(*words) if now % 4 == 0 else None
        status, _, said = self.ctl(*words)
        self.expect("import --undo --dry-run", dry in (None, status), True)
        self.expect("undo: %s" % said.decode(), status, 0 if done else 65 if there else 1)
        self.judge_archive("undo", count)
        self.kinds["an import taken out" if done else "no import to be taken out"] += 1

    def compact(self, discard, now):
        before, limit = self.log.entries, time_of(now - KEEP_MINUTES * 60000)
        old = {name for name in self.archives if archive_time(name) < limit}
        keeps = now % 3 == 0 and bool(before) and not any(
            time_of(now - KEEP_MINUTES * 60000 - 60000) < archive_time(name) < time_of(now - KEEP_MINUTES * 60000 + 60000)
            for name in self.archives)
        self.rewrite(now, "compact", *["--discard"] * discard, *["--keep", "%dm" % KEEP_MINUTES] * keeps,
                     apply=lambda: self.log.compact(discard))
        if keeps:
            self.expect("compact --keep: archives that are old", old & self.archives, set())
            self.forget(old)
        self.kinds["a compaction%s" % (" of nothing" if before is self.log.entries else
                                       " that discards" if discard else "")] += 1

    def archive(self, spelt, before, now):
        name = self.rewrite(now, "archive", "--before", spelt, apply=lambda: self.log.archive(before))
        self.moved += [name] if name else []
        self.kinds["archived" if name else "nothing to archive"] += 1

    def forget(self, names):
        """Archives that are no more."""
        for name in names:
            entries = self.kept.pop(name)
            self.log.archives = [archive for archive in self.log.archives if archive is not entries]
            if name in self.moved:
                at = self.moved.index(name)
                del self.moved[at], self.log.moved[at]
        self.kinds["an old archive removed"] += len(names)

    def rewrite(self, now, command, *options, apply):
        if not self.tail or dice_of(self.tail):
            self.settle()
        self.now, count = now, len(self.log.archives)
        empty = not os.path.exists(self.path) or os.path.getsize(self.path) == 0
        status, _, said = self.ctl(command, *options, *self.all_or(now))
        self.settled()
        apply()
        self.expect("%s: %s" % (command, said.decode()), status, 1 if empty else 0)
        return self.judge_archive(command, count)

    def erase(self, key, now):
        self.settle()
        self.now, entries = now, self.log.entries
        archives = [entry for archive in self.log.archives for entry in archive]
        self.log.erase(key)
        words = ["erase", "--key", key, *([] if self.log.readable() and dice_of(str(now)) else ["--", self.group])]
        dry = self.dry(*words) if now % 4 == 0 else None
        status, _, said = self.ctl(*words)
        self.expect("erase --dry-run", dry in (None, status), True)
        self.expect("erase: %s" % said.decode(), status, 1 if b"no events of group" in said else 0)
        if b" erased" in said and not self.log.entries:  # what was set aside is changed under the lock of a log
            self.log.exists = os.path.exists(self.path)
        for name, kept in self.kept.items():
            self.judge_lines("erase: " + name, archive_lines(name), kept)
        self.kinds["erased from the log"] += entries is not self.log.entries
        self.kinds["erased from an archive"] += archives != [entry for archive in self.log.archives for entry in archive]
        self.kinds["nothing to erase"] += entries is self.log.entries

    def rotate(self):
        """The log gets a name that is not msgext's."""
        if not self.log.exists:
            return
        self.settle()
        name = "%s.rotated.%d" % (self.directory, len(self.moved))
        self.note("mv %s %s" % (shlex.quote(self.path), shlex.quote(name)))
        os.rename(self.path, name)
        self.log.rotate()
        self.moved.append(name)
        self.kinds["rotated"] += 1

    def restore(self):
        """What was moved out is put before the log."""
        if not self.moved:
            return
        self.settle()
        self.log.restore()
        names = " ".join(map(shlex.quote, self.moved))
        self.note("for name in %s; do zcat -f $name; done >joined; cat %s >>joined; cp joined %s" %
                  (names, *[shlex.quote(self.path)] * 2))
        texts = [gzip.open(name).read() if name.endswith(".gz") else open(name, "rb").read() for name in self.moved]
        texts += [open(self.path, "rb").read()] if os.path.exists(self.path) else []
        self.write("", "w")
        with open(self.path, "wb") as file:
            file.write(b"".join(texts))
        self.moved = []
        self.kinds["put back"] += 1

    def ship(self):
        """Brings the log's lines to the engine, where there is one."""
        if self.conninfo is not None:
            self.settle()
            subprocess.run([TOP + "/build/msgext-ship", "-d", self.directory, "--once", self.conninfo], check=True)
            self.shipped += self.log.entries
            self.times_shipped += 1

    # what has happened

    def count_line(self, line, before):
        """What is new in a line, beside those that were there."""
        entry, kinds = self.log.entries[-1], self.kinds
        if entry.kind == "unreadable":
            kinds["a line of another group" if '"other"' in line else "an unreadable line"] += 1
            return
        fact, record = entry.facts[0], truth.members(line)
        kinds[fact.operation if entry.kind == "event" else "a snapshot from elsewhere"] += 1
        kinds["a vendor's member unknown today"] += any(name in record for name, _ in UNKNOWN)
        kinds["a line as early receivers took it"] += line != json.dumps(record, separators=(",", ":"), ensure_ascii=line.isascii())
        kinds["a line without a time"] += entry.time == ""
        kinds["an Erased of the vendor's"] += bool(record.get("Erased")) and not fact.erased
        kinds["a version 0"] += fact.seq == 0
        kinds["a version above 2^52"] += fact.seq > 2 ** 52
        same = [other for other in before if other.kind != "unreadable" and other.message == entry.message]
        kinds["an event of another node, with its own time"] += self.directory[-1] == "1"
        if same:
            kinds["an older version late"] += any(other.seq > fact.seq for other in same)
            kinds["a time that goes back"] += max(other.time for other in same) > entry.time > ""
            kinds["equal times"] += any(other.time == entry.time for other in same)
            kinds["the same version with other content"] += any(
                other.seq == fact.seq and other.kind == entry.kind == "event" and
                (other.facts[0].operation, other.facts[0].changes) != (fact.operation, fact.changes) for other in same)
        if any(entry.message == other.message for moved in self.log.moved for other in moved):
            kinds["a line of a message that was moved out"] += 1

    # the questions

    def ask(self, form, expected, *words):
        status, out, said = self.ctl(words[0], "--csv" if form == "csv" else "--json", *words[1:])
        if form == "json":
            got = [json.loads(line) for line in out.decode().splitlines()] if b"\x85" not in out else \
                [json.loads(line) for line in out.decode().split("\n")[:-1]]
        elif form == "lines":
            got = out.decode().split("\n")[:-1]
        else:
            got = list(csv.reader(io.StringIO(out.decode(), newline="")))
        self.expect("%s: %s" % (shlex.join(words), said.decode()), (status, got), expected)
        self.kinds["asked: " + words[0]] += 1
        for option in "--at", "--as-of", "--threads":
            self.kinds["asked: " + option] += option in words and got != []
        self.kinds["asked: --as-of, after a compaction"] += "--as-of" in words and any(
            entry.kind == "compact" for entry in self.log.entries)

    def question(self, dice):
        """Asks something.  It depends on the dice alone, not on the log, so that a smaller log is asked the same."""
        def pick(items):
            return items[int(dice.random() * len(items))]

        log, group = self.log, self.group
        message = pick([*log.messages()] * 3 + [5])
        facts = [fact for entry in log.readable() for fact in entry.facts]
        times = [entry.time for entry in log.readable() if entry.time] or [time_of(DAY)]
        when, words = pick([({}, ())] * 2 + [
            ({"as_of": seq}, ("--as-of", str(seq))) for seq in [pick([fact.seq for fact in facts] or [1])]] + [
            ({"at": at}, ("--at", spelt)) for spelt, at in [spelt_time(pick(times), pick(range(9))) for _ in range(2)]])
        if dice.random() < .1 and self.where[0] == "-d":
            words += ("--threads", pick("2345"))
        key = pick(KEYS)
        which = {name: value for name, value in [
            ("message", (message, message)), ("key", (key, key)), ("since", spelt_time(pick(times), pick(range(9)))),
            ("until", spelt_time(pick(times), pick(range(9)))), ("last", pick([(1, 1), (2, 2), (3, 3), (5, 5)]))]
                 if dice.random() < .3}
        options = [word for name, (spelt, _) in which.items()
                   for word in ("--" + {"message": "msg"}.get(name, name), str(spelt))]
        which = {name: value for name, (_, value) in which.items()}
        separator = pick(["_", "_", ",", "\u6295", "er_"])
        group = ["--", group]
        pick([
            lambda: self.ask("json", log.show(**when), "show", *words, *group),
            lambda: self.ask("csv", log.show_rows(**when), "show", *words, *group),
            lambda: self.ask("json", log.show(message, True, **when), "show", "--newest", *words, *group, str(message)),
            lambda: self.ask("csv", log.pair_rows(message, **when), "show", *words, *group, str(message)),
            lambda: self.ask("json", log.tally(message, **when), "tally", *words, *group, str(message)),
            lambda: self.ask("json", log.tally(message, separator, **when), "tally", "--by", "key-prefix", separator, *words,
                             *group, str(message)),
            lambda: self.ask("json", log.gaps(), "gaps", *group),
            lambda: self.ask("json", log.gaps(True), "gaps", "--rest", *group),
            lambda: self.ask("lines", log.log_lines(**which), "log", *options, *group),
            lambda: self.ask("csv", log.log_rows(**which), "log", *options, *group),
            lambda: self.export(key)])()

    def export(self, key):
        """All that is stored of a key in the log and its archives.  What was set aside is not in the model."""
        if self.tail or self.where[0] != "-d":
            return
        files = {"%s.jsonl" % self.stem: self.log.entries,
                 **{os.path.basename(name): entries for name, entries in self.kept.items()}}
        expected = [{**row, "File": name, "Line": number} for name, entries in files.items()
                    for number, entry in enumerate(entries, 1) if entry.kind != "unreadable"
                    for row in truth.Fact(entry.text).stored(key)]
        status, out, said = self.ctl("export", "--key", key, "--", self.group)
        got = [json.loads(line) for line in out.decode().split("\n")[:-1]]
        got = [row for row in got if not row["File"].endswith(".torn") and "Unreadable" not in row]
        self.expect("export --key %s: %s" % (key, said.decode()), sorted(map(str, map(sorted_items, got))),
                    sorted(map(str, map(sorted_items, expected))))
        self.expect("export: its status", status if got else 1, 0 if got else 1)
        self.kinds["asked: export"] += bool(got)


class Auditor:
    """Does histories: each in directories of its own below that one."""

    def __init__(self, server, directory, conninfo=None):
        self.server, self.directory, self.conninfo, self.done = server, directory, conninfo, 0
        self.kinds = collections.Counter()

    def run(self, history, shipped=False):
        """None, or what is wrong."""
        place = "%s/%d" % (self.directory, self.done)
        self.done += 1
        if self.server.script is not None:
            place = self.directory + "/smallest"
        shutil.rmtree(place, ignore_errors=True)
        kinds = collections.Counter({"lost": history.get("lost", 0), "several nodes": history["nodes"] > 1,
                                     "several groups": history.get("neighbour") is not None})
        nodes = [Node(self.server, "%s/%d" % (place, number), history["group"], kinds, history.get("neighbour"))
                 for number in range(history["nodes"])]
        try:
            if shipped:
                self.engine_empty(nodes)
            self.steps(nodes, history["steps"], place)
            if shipped:
                self.ask_engine(nodes, kinds)
        except Difference as difference:
            return str(difference)
        except (ArithmeticError, LookupError, TypeError, ValueError) as error:
            return "what is printed cannot be read: %r" % error
        finally:
            if self.server.script is None:
                shutil.rmtree(place, ignore_errors=True)
        kinds["an archive, an erasure, a late line and a repair together"] += all(
            kinds[kind] for kind in ("archived", "erased from the log", "an older version late", "repair, taken"))
        self.kinds.update(kinds)
        return None

    def steps(self, nodes, steps, place):
        for step, *arguments in steps:
            if step == "ask":
                dice = random.Random(arguments[0])
                for node in nodes:
                    for _ in range(QUESTIONS):
                        node.question(dice)
                self.ask_all(nodes[0], dice)
                continue
            nodes[arguments[0]].do(step, *arguments[1:])
        self.ask_union(nodes, place)

    def ask_all(self, node, dice):
        """What is asked of a whole directory, whose groups come in the order of their logs' names."""
        logs = [(node.path, node.log)] * node.log.exists + ([node.neighbour[1::-1]] if node.neighbour else [])
        logs = [log for _, log in sorted(logs, key=lambda log: log[0].encode())]
        if dice.random() < .5:
            expected = [row for log in logs for row in log.groups(os.path.getsize(
                "%s/%s.jsonl" % (node.directory, truth.log_name(log.group))))]
            node.ask("json", (0 if expected else 1, expected), "groups")
        else:
            lines = [line for log in logs for line in log.gaps()[1]]
            node.ask("json", (1 if lines else 0, lines), "gaps")

    def ask_union(self, nodes, place):
        """All nodes' lines, and what archives took out of them, in any order: the state is that of all (P4)."""
        group = nodes[0].group
        lines = [entry.text for node in nodes for entry in node.log.entries]
        dice = random.Random(len(lines))
        lines += dice.sample(lines, dice.randint(0, len(lines)))
        dice.shuffle(lines)
        other = Node(self.server, place + "/union", group)
        other.write("".join(line + "\n" for line in lines))
        other.log = truth.union([node.log for node in nodes], group)
        other.log.exists = True
        # Whether a version has arrived twice makes no difference, but for how many lines say so.
        other.ask("json", other.log.show(), "show", "--threads", "3", "--", group)
        other.ask("json", other.log.gaps(), "gaps", "--", group)

    def engine_empty(self, nodes):
        engine.empty(self.conninfo)
        for node in nodes:
            node.conninfo = self.conninfo

    def ask_engine(self, nodes, kinds):
        """What msgext-ship has brought from all nodes says what all of it says, whenever it was brought."""
        for node in nodes:
            node.ship()
        shipped = Node(self.server, nodes[0].directory, nodes[0].group, kinds)
        log = shipped.log
        log.entries = [entry for node in nodes for entry in node.shipped]
        log.exists = bool(log.readable())
        shipped.where = ["--from", self.conninfo]
        shipped.ask("json", log.show(), "show", "--", log.group)
        shipped.ask("csv", log.show_rows(), "show", "--", log.group)
        shipped.ask("json", log.gaps(), "gaps", "--", log.group)
        for message in log.messages():
            shipped.ask("json", log.tally(message), "tally", "--", log.group, str(message))
        once = all(node.times_shipped == 1 for node in nodes)
        kinds["shipped while it went on"] += not once
        if not once:
            return  # a line that was brought twice stands there once, or twice where it was written anew
        status, out, _ = shipped.ctl("log", "--json", "--", log.group)
        shipped.expect("log --from", (status, sorted(out.decode().split("\n")[:-1])),
                      (log.log()[0], sorted(log.log_lines()[1])))
        dice = random.Random(len(log.entries))
        for _ in range(10 if len(nodes) == 1 else 0):  # of one node the order of lines is known
            shipped.question(dice)
            kinds["asked of an engine"] += 1


# the smallest

def lines_less(line, group):
    """Of a line that can be read, those with less in them."""
    record = truth.members(line)
    pairs = record.get("ExtensionList") or []
    yield from ({each: value for each, value in record.items() if each != name} for name in record)
    yield from ({**record, "ExtensionList": pairs[:at] + pairs[at + 1:]} for at in range(len(pairs)))
    if record.get("GroupId") == group != "g":
        yield {**record, "GroupId": "g"}


def smaller(history):
    """Histories with less in them, the smallest first."""
    steps, group = history["steps"], history["group"]
    size = len(steps) // 2
    while size > 0:
        for at in range(0, len(steps), size):
            yield {**history, "steps": steps[:at] + steps[at + size:]}
        size //= 2
    if history["nodes"] > 1 and all(step[0] == "ask" or step[1] == 0 for step in steps):
        yield {**history, "nodes": 1}
    named = [step if step[0] != "line" or not is_whole(step[2]) else
             [*step[:2], json.dumps({**truth.members(step[2]), "GroupId": "g"}, separators=(",", ":"))] for step in steps]
    if history.get("neighbour"):
        yield {**history, "neighbour": None}
    if group != "g" and all(step[0] != "line" or '"GroupId":"g"' in step[2] for step in named):
        yield {**history, "group": "g", "steps": named}
    for at, step in enumerate(steps):
        if step[0] == "line" and is_whole(step[2]):
            for record in lines_less(step[2], "g"):
                less = json.dumps(record, separators=(",", ":"))
                yield {**history, "steps": steps[:at] + [[step[0], step[1], less]] + steps[at + 1:]}


def shrink(history, fails):
    """The smallest that fails of those that are made by leaving something out."""
    shrunk = "MSGEXT_FIRST_FAILURE" not in os.environ
    while shrunk:
        shrunk = False
        for less in smaller(history):
            if fails(less):
                history, shrunk = less, True
                break
    return history


def report(auditor, seed, number, history, shipped):
    """Prints the smallest history like that which fails, as a script for bash; it."""
    history = shrink(history, lambda less: auditor.run(less, shipped) is not None)
    auditor.server.script = []
    wrong = auditor.run(history, shipped)
    script, auditor.server.script = auditor.server.script, None
    place = shlex.quote(auditor.directory)
    print("# MSGEXT_SEED=%d, history %d: the smallest that fails, %d steps" % (seed, number, len(history["steps"])))
    print("ctl() { %s \"$@\"; echo \"= $?\"; }" % os.path.abspath(auditor.server.program))
    print("rm -rf %s/smallest; mkdir -p -m 700 %s/smallest/{0,1,union}" % (place, place))
    print("\n".join(script))
    print("\n".join("# " + line for line in wrong.split("\n")))
    return history


def planted(auditor, seed):
    """Is a fault found, and the smallest history that shows it small?  The model says nothing of a message with a
    delete and two values of one key."""
    sound = truth.State.__init__

    def wrong(state, entries):
        sound(state, entries)
        facts = [fact for entry in entries for fact in entry.facts]
        keys = [key for fact in facts if fact.operation == "set" for key, _ in fact.rows]
        if len(set(keys)) < len(keys) and any(fact.operation == "delete" for fact in facts):
            state.pairs = []

    truth.State.__init__ = wrong
    number, history = next((number, history) for number, history in ((number, generate(seed, number)) for number in range(1000))
                           if auditor.run(history) is not None)
    history = report(auditor, seed, number, history, False)
    return 0 if len(history["steps"]) <= 5 and sum(map(len, map(str, history["steps"]))) < 1500 else 1


def folds_agree(auditor, history, program):
    """Does dist/contrib/fold.jq say what msgextctl says?"""
    node = Node(auditor.server, auditor.directory + "/fold", history["group"])
    for step in history["steps"]:
        if step[0] == "line" and truth.entry_of(step[2], node.group).kind != "unreadable" and \
                json.loads(step[2]) == truth.members(step[2]) and "\\ud800" not in step[2]:
            node.line(step[2])
        elif step[0] == "import":
            node.import_(step[2], step[3], True, step[5])
        elif step[0] == "compact":
            node.compact(True, step[3])
            node.judge("compact")
    if not node.log.exists:
        return True
    out = subprocess.run(["jq", "-nc", "-f", program, node.path], stdout=subprocess.PIPE, check=True).stdout
    shutil.rmtree(node.directory)
    return [json.loads(line) for line in out.decode().split("\n")[:-1]] == node.log.show()[1]


def main(program, directory, seed, count, fold, conninfo=None):
    auditor = Auditor(Server(program), directory, conninfo)
    if count == 0:
        return planted(auditor, seed)
    for number in range(count):
        history, shipped = generate(seed, number), conninfo is not None and number % 20 == 0
        if auditor.run(history, shipped) is not None:
            print("# MSGEXT_SEED=%d, history %d differs" % (seed, number), flush=True)
            report(auditor, seed, number, history, shipped)
            return 1
        if number % max(count // 20, 1) == 0 and not folds_agree(auditor, history, fold):
            print("# MSGEXT_SEED=%d, history %d: fold.jq says another thing" % (seed, number))
            return 1
    print("# MSGEXT_SEED=%d: %d histories" % (seed, count))
    kinds = KINDS + (["shipped while it went on", "asked of an engine"] if conninfo else [])
    print("\n".join("# %7d %s" % (auditor.kinds[kind], kind) for kind in kinds))
    return 1 if count >= 1000 and not all(auditor.kinds[kind] for kind in kinds) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:]))
