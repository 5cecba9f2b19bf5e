#!/usr/bin/env python3
"""histories.py CTL-SERVER DIRECTORY SEED COUNT FOLD.JQ [CONNINFO] - random histories of logs, and what msgextctl says of them.

A history is a list of steps that are done to one group's logs on one or two nodes: lines that arrive (late, twice,
never, with another content, from an older or a newer vendor), answers that are imported and taken out again,
compactions, archives, what they took out put back, and questions.  tests/truth.py says what each question's answer
must be.  After each step the log's lines must be those that were there and those that the step adds; and what a
step takes out must be in an archive, byte for byte.  With an engine, CONNINFO, one in twenty is shipped, and asked there.

Prints the smallest history that fails, as a script; exit 1.  Other programs take generate() and DIRECTORY's histories.
"""
import csv
import glob
import gzip
import io
import json
import os
import random
import shlex
import shutil
import subprocess
import sys
import time

import truth

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
COMMAND = "Group.CallbackAfterGroupMsgExtension"
KEYS = ["a", "b", "c", "", "user_1", "\u00e9", "\U0001f600", "\uffff", "k\\\"", "\u0001\n", "user_2,\u6295"]
VALUES = ["", "x", "y", "yes", "\uffff", "\U00010000", "z" * 10, "\x7f\t", "a\"b,c", "=1"]
GROUPS = ["g%d", "@TGS#%d", "..%d", "-%d", "a b%%%d", "%d/\\\"x", "@TGS#_%d@TOPIC#_" + "#" * 60, "%d.jsonl"]
UNKNOWN = [("Operator_Account", "\"MsgSeq\":1"), ("EventTags", [None, True, -1.5e3, {"Seq": 3}, [[]]]),
           ("body.time", "now"), ("Snapshot2", {"ExtensionList": [{"Key": "a"}]}), ("\u65b0", "\u00e9")]
QUESTIONS = 3  # at each place
DAY = 1764547200000  # 2025-12-01, milliseconds since 1970


def time_of(milliseconds):
    return "%s.%03dZ" % (time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(milliseconds // 1000)), milliseconds % 1000)


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
        kind, count = self.dice.choice([1, 1, 1, 1, 2, 2, 3]), self.dice.randint(0, 4)
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

    def pages(self):
        """An answer of group_get_key_values: the vendor's, or another message's, or one that contradicts."""
        if self.honest:
            latest, cleared = self.latest, self.cleared
            pairs = [dict(pair) for pair in self.pairs.values()]
        else:
            latest = self.dice.choice([self.version(3), self.version(), self.base + 14, self.base + 14])
            cleared = self.dice.choice([0, 0, 0, self.dice.randint(self.base, latest)])
            pairs = [{"Key": key, "Value": self.dice.choice(self.values), "Seq": self.dice.randint(self.base, latest)}
                     for key in self.dice.sample(self.keys, self.dice.randint(0, len(self.keys)))]
        pairs.sort(key=lambda pair: pair["Seq"])
        cut = self.dice.randint(0, len(pairs)) if self.dice.random() < .3 else len(pairs)
        parts = [pairs[:cut], pairs[cut:]] if cut < len(pairs) else [pairs]
        later = 0 if self.honest else self.dice.choice([0, 0, 2])
        return [{"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ExtensionList": part,
                 "LatestSeq": latest + later * at, "ClearSeq": cleared + (latest - cleared + 1) * (later * at > 1),
                 "CompleteFlag": int(at == len(parts) - 1)}
                for at, part in enumerate(parts)]


class Generator:
    def __init__(self, dice, number, nodes=None, group=None, keys=None, values=None, base=None):
        self.dice = dice
        self.group = group or dice.choice(GROUPS) % number
        self.nodes = nodes or dice.choice([1, 1, 1, 2])
        if base is None:
            base = dice.choice([0, 0, 0, 0, 2 ** 32 - 6, 2 ** 53 - 30])
        keys, values = keys or KEYS, values or VALUES
        # Of few keys much is said.
        self.keys = keys = dice.sample(keys, dice.choice([1, 2, 3, 5, len(keys)]))
        self.messages = {number: Vendor(dice, base, dice.random() < .5, keys, values)
                         for number in dice.sample([0, 1, 2, 10, 100, 2 ** 53 - 1], dice.choice([1, 2, 2, 3]))}
        self.about, self.erased = None, dice.random() < .2  # by an erasure of another directory
        self.now, self.steps, self.late = DAY + dice.randint(0, 40 * 86400000), [], []

    def tick(self):
        """The clock goes on, and sometimes jumps, or back."""
        self.now += self.dice.choice([0, 1, 999, 60000, 60000, 3600000, 86400000, -5000, -3 * 86400000])
        return self.now

    def envelope(self):
        members = {"time": time_of(self.tick()), "SdkAppid": 1400000000}
        if self.dice.random() < .5:
            members.update({"ClientIP": "203.0.113.7", "OptPlatform": self.dice.choice(["Web", "iOS", "\u00e9"])})
        return members

    def event(self, message):
        kind, seq, pairs = self.messages[message].change()
        body = [("CallbackCommand", self.dice.choice([COMMAND] * 7 + [COMMAND.lower()])), ("GroupId", self.group),
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
        if self.dice.random() < .3:
            self.dice.shuffle(body)
        envelope = self.envelope()
        if self.erased and self.dice.random() < .3:
            first = self.messages[message].version()
            envelope["Erased"] = [[first, first + self.dice.choice([0, 0, 1, 5])]]
        return json.dumps({**envelope, **dict(body)}, ensure_ascii=self.dice.random() < .5, separators=(",", ":"))

    def add(self, *step):
        self.steps.append(list(step))

    def arrive(self, node, line):
        fate = self.dice.random()
        if fate < .08:
            return  # lost
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
        what = dice.choices(["event", "import", "undo", "compact", "archive", "restore", "repeat", "late", "odd", "ask",
                             "erase"], [50, 12, 7, 10, 6, 4, 6, 5, 1, 3, 4])[0]
        if what == "event":
            line = self.event(message)
            for each in range(self.nodes):
                if self.nodes == 1 or dice.random() < .8:
                    self.arrive(each, line)
        elif what == "import":
            pages = self.messages[message].pages()
            self.add("import", node, message, pages, dice.random() < .8, self.tick())
        elif what == "undo":
            self.add("undo", node, message, self.tick())
        elif what == "compact":
            self.add("compact", node, dice.random() < .5, self.tick())
        elif what == "archive":
            times = [json.loads(step[2])["time"] for step in self.steps if step[0] == "line" and len(step[2]) > 99]
            self.add("archive", node, dice.choice(times + [time_of(self.now)]), self.tick())
        elif what == "restore":
            self.add("restore", node)
        elif what == "repeat":
            self.add("repeat", node, dice.randrange(100))
        elif what == "late" and self.late:
            self.add("line", *self.late.pop(dice.randrange(len(self.late))))
        elif what == "odd":
            other = {"time": time_of(self.tick()), "CallbackCommand": COMMAND, "GroupId": "other", "MsgSeq": 1,
                     "OperateType": 1, "ExtensionList": [], "Seq": 99, "EventTime": 1}
            self.add("line", node, json.dumps(dice.choice([{}, {"Group": self.group}, other]), separators=(",", ":")))
        elif what == "erase":
            self.add("erase", node, dice.choice(self.keys), self.tick())
        elif what == "ask":
            self.add("ask", dice.randrange(2 ** 30))

    def make(self):
        for _ in range(self.dice.choice([3, 6, 10, 16, 25])):
            self.happen()
        self.add("ask", self.dice.randrange(2 ** 30))
        return {"group": self.group, "nodes": self.nodes, "steps": self.steps}


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


class Difference(Exception):
    pass


class Node:
    """A directory with the group's log, and what must be in it."""

    def __init__(self, server, directory, group):
        self.server, self.directory, self.group = server, directory, group
        self.log, self.stem = truth.Log(group), truth.log_name(group)
        self.path, self.now = "%s/%s.jsonl" % (directory, self.stem), DAY
        self.archives, self.kept = set(), {}  # files, and their entries
        self.moved, self.where = [], ["-d", directory]
        os.makedirs(directory, 0o700, exist_ok=True)

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
        self.expect("the log ends in a newline", text[-1:], "\n" if text else "")
        return text.split("\n")[:-1]

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
            record = json.loads(line)
            if entry.expected is not None:
                self.judge_erased(what, record, entry)
                entry.text = line
                continue
            facts = entry.facts
            self.expect("%s: a snapshot" % what,
                        {name: record.get(name) for name in ("Snapshot", "GroupId", "MsgSeq", "LatestSeq", "ClearSeq",
                                                             "WholeSeq", "time")},
                        {"Snapshot": "compact", "GroupId": self.group, "MsgSeq": entry.message, "LatestSeq": entry.seq,
                         "ClearSeq": max(fact.clear for fact in facts), "WholeSeq": max(fact.whole for fact in facts),
                         "time": entry.time})
            entry.text = line

    def judge_erased(self, what, record, entry):
        """The line is what it was without what was taken out, and names the versions."""
        expected = {name: value for name, value in entry.expected.items() if name != "Erased" or value}
        for each in record, expected:
            for name in "Deleted", "Unlisted":
                if each.get(name) == []:
                    del each[name]
        if "Erased" in record:
            record["Erased"] = truth.merged(record["Erased"])
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

    def append(self, line):
        self.note("printf '%%s\\n' %s >>%s; chmod 600 %s" % (shlex.quote(line), shlex.quote(self.path),
                                                           shlex.quote(self.path)))
        is_new = not os.path.exists(self.path)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(line + "\n")
        if is_new:
            os.chmod(self.path, 0o600)

    def line(self, line):
        self.append(line)
        self.log.append(line)

    def repeat(self, index):
        if self.log.entries:
            self.log.repeat(index)
            self.append(self.log.entries[-1].text)

    def import_(self, message, pages, force, now):
        self.now = now
        made = truth.answer_of(pages)
        compacted = any(entry.kind == "compact" or fact.erased for entry in self.log.messages().get(message, [])
                        for fact in entry.facts)
        record = {"time": time_of(now), "Snapshot": "import", "GroupId": self.group, "MsgSeq": message, **made}
        fact = truth.Fact(json.dumps(record))
        refused = not force and self.log.refuses({"message": message, "pairs": made["ExtensionList"], "fact": fact})
        status, _, said = self.ctl("import", *["--force"] * force, "--", self.group, str(message),
                                   stdin="\n".join(map(json.dumps, pages)).encode())
        if compacted and not force:
            refused = status != 0  # what is forgotten speaks against nothing
        self.expect("import: %s" % said.decode(), status, 65 if refused else 0)
        if refused:
            return
        line = self.lines()[-1]
        got = json.loads(line)
        got["time"] = min(max(got["time"], record["time"]), time_of(now + 5000)) and record["time"]
        self.expect("import: the line", got, record)
        self.log.append(line)

    def undo(self, message, now):
        self.now = now
        count, there = len(self.log.archives), self.log.exists and self.log.entries
        done = self.log.undo(message)
        status, _, said = self.ctl("import", "--undo", "--", self.group, str(message))
        self.expect("undo: %s" % said.decode(), status, 0 if done else 65 if there else 1)
        self.judge_archive("undo", count)

    def compact(self, discard, now):
        self.rewrite(now, "compact", *["--discard"] * discard, apply=lambda: self.log.compact(discard))

    def archive(self, before, now):
        name = self.rewrite(now, "archive", "--before", before, apply=lambda: self.log.archive(before))
        self.moved += [name] if name else []

    def rewrite(self, now, command, *options, apply):
        self.now, count, empty = now, len(self.log.archives), not self.log.entries
        apply()
        status, _, said = self.ctl(command, *options, "--", self.group)
        self.expect("%s: %s" % (command, said.decode()), status, 1 if empty else 0)
        return self.judge_archive(command, count)

    def erase(self, key, now):
        self.now = now
        self.log.erase(key)
        status, _, said = self.ctl("erase", "--key", key, "--", self.group)
        self.expect("erase: %s" % said.decode(), status, 1 if b"no events of group" in said else 0)
        for name, entries in self.kept.items():
            self.judge_lines("erase: " + name, archive_lines(name), entries)

    def restore(self):
        if not self.moved:
            return
        self.log.restore()
        names = " ".join(map(shlex.quote, self.moved))
        self.note("{ zcat %s; cat %s; } >joined; cat joined >%s" % (names, *[shlex.quote(self.path)] * 2))
        text = b"".join(gzip.open(name).read() for name in self.moved) + open(self.path, "rb").read()
        with open(self.path, "wb") as file:
            file.write(text)
        self.moved = []

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
            if words[0] == "log":
                got = [row for row in got if row[4] != "compact"]
        self.expect("%s: %s" % (shlex.join(words), said.decode()), (status, got), expected)

    def question(self, dice):
        log, group = self.log, self.group
        message = dice.choice([*log.messages()] * 3 + [5])
        facts = [fact for entry in log.readable() for fact in entry.facts]
        times = [entry.time for entry in log.readable()]
        when, words = dice.choice([({}, ())] * 2 + [
            ({"as_of": seq}, ("--as-of", str(seq))) for seq in [dice.choice([fact.seq for fact in facts] or [1])]] + [
            ({"at": at}, ("--at", at)) for at in times[-1:] + [dice.choice(times or [time_of(DAY)])]])
        key = dice.choice(KEYS)
        which = {name: value for name, value in [
            ("message", message), ("key", key), ("since", dice.choice(times or [time_of(DAY)])),
            ("until", dice.choice(times or [time_of(DAY)])), ("last", dice.randint(1, 5))] if dice.random() < .3}
        options = [word for name, value in which.items()
                   for word in ("--" + {"message": "msg"}.get(name, name), str(value))]
        group = ["--", group]
        dice.choice([
            lambda: self.ask("json", log.show(**when), "show", *words, *group),
            lambda: self.ask("csv", log.show_rows(**when), "show", *words, *group),
            lambda: self.ask("json", log.show(message, True, **when), "show", "--newest", *words, *group, str(message)),
            lambda: self.ask("csv", log.pair_rows(message, **when), "show", *words, *group, str(message)),
            lambda: self.ask("json", log.tally(message, **when), "tally", *words, *group, str(message)),
            lambda: self.ask("json", log.tally(message, "_", **when), "tally", "--by", "key-prefix", "_", *words,
                             *group, str(message)),
            lambda: self.ask("json", log.gaps(), "gaps", *group),
            lambda: self.ask("json", log.gaps(True), "gaps", "--rest", *group),
            lambda: self.ask("lines", log.log_lines(**which), "log", *options, *group),
            lambda: self.ask("csv", log.log_rows(**which), "log", *options, *group)])()

    def groups(self):
        if self.log.exists:
            return self.log.groups(os.path.getsize(self.path))
        return []


class Auditor:
    """Does histories: each in directories of its own below that one."""

    def __init__(self, server, directory, conninfo=None):
        self.server, self.directory, self.conninfo, self.done = server, directory, conninfo, 0

    def run(self, history, shipped=False):
        """None, or what is wrong."""
        place = "%s/%d" % (self.directory, self.done)
        self.done += 1
        if self.server.script is not None:
            place = self.directory + "/smallest"
        shutil.rmtree(place, ignore_errors=True)
        nodes = [Node(self.server, "%s/%d" % (place, number), history["group"]) for number in range(history["nodes"])]
        try:
            self.steps(nodes, history["steps"], place)
            if shipped:
                self.ask_engine(nodes)
        except Difference as difference:
            return str(difference)
        except (ValueError, KeyError, IndexError, UnicodeError) as error:
            return "what is printed cannot be read: %r" % error
        finally:
            if self.server.script is None:
                shutil.rmtree(place, ignore_errors=True)
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
            node = nodes[arguments[0]]
            getattr(node, step if step != "import" else "import_")(*arguments[1:])
            if step != "line":
                node.judge(step)
        self.ask_union(nodes, place)

    def ask_all(self, node, dice):
        """What is asked of a whole directory."""
        if dice.random() < .5:
            expected = node.groups()
            node.ask("json", (0 if expected else 1, expected), "groups")
        else:
            status, lines = node.log.gaps()
            node.ask("json", (status if node.log.exists else 0, lines), "gaps")

    def ask_union(self, nodes, place):
        """All nodes' lines, and what archives took out of them, in any order: the state is that of all (P4)."""
        group = nodes[0].group
        lines = [entry.text for node in nodes for entry in node.log.entries]
        dice = random.Random(len(lines))
        lines += dice.sample(lines, dice.randint(0, len(lines)))
        dice.shuffle(lines)
        other = Node(self.server, place + "/union", group)
        for line in lines:
            other.append(line)
        other.log = truth.union([node.log for node in nodes], group)
        other.log.exists = bool(lines)
        # Whether a version has arrived twice makes no difference, but for how many lines say so.
        other.ask("json", other.log.show(), "show", "--", group)
        other.ask("json", other.log.gaps(), "gaps", "--", group)


    def ask_engine(self, nodes):
        """What msgext-ship has brought from all nodes, as if one directory held all of their lines."""
        subprocess.run(["psql", "-XAtqc", "truncate msgext_node, msgext_file, msgext_line restart identity cascade",
                        self.conninfo], check=True)
        for node in nodes:
            subprocess.run([TOP + "/build/msgext-ship", "-d", node.directory, "--once", self.conninfo], check=True)
        engine = Node(self.server, nodes[0].directory, nodes[0].group)
        log = engine.log = truth.union([node.log for node in nodes], engine.group)
        log.exists = bool(log.readable())
        engine.where = ["--from", self.conninfo]
        engine.ask("json", log.show(), "show", "--", log.group)
        engine.ask("csv", log.show_rows(), "show", "--", log.group)
        engine.ask("json", log.gaps(), "gaps", "--", log.group)
        for message in log.messages():
            engine.ask("json", log.tally(message), "tally", "--", log.group, str(message))
        status, out, _ = engine.ctl("log", "--json", "--", log.group)
        engine.expect("log --from", (status, sorted(out.decode().split("\n")[:-1])),
                      (log.log()[0], sorted(log.log_lines()[1])))


# the smallest

def smaller(history):
    """Histories with less in them, the smallest first."""
    steps = history["steps"]
    size = len(steps) // 2
    while size > 0:
        for at in range(0, len(steps), size):
            yield {**history, "steps": steps[:at] + steps[at + size:]}
        size //= 2
    if history["nodes"] > 1 and all(step[0] == "ask" or step[1] == 0 for step in steps):
        yield {**history, "nodes": 1}
    for at, step in enumerate(steps):
        if step[0] == "line":
            record = json.loads(step[2])
            pairs = record.get("ExtensionList") or []
            for number in range(len(pairs)):
                less = json.dumps({**record, "ExtensionList": pairs[:number] + pairs[number + 1:]}, separators=(",", ":"))
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
    """Prints the smallest history like that which fails."""
    history = shrink(history, lambda less: auditor.run(less, shipped) is not None)
    auditor.server.script = []
    wrong = auditor.run(history, shipped)
    script, auditor.server.script = auditor.server.script, None
    place = shlex.quote(auditor.directory)
    print("# SEED=%d, history %d: the smallest that fails, %d steps" % (seed, number, len(history["steps"])))
    print("ctl() { %s \"$@\"; echo \"= $?\"; }" % os.path.abspath(auditor.server.program))
    print("rm -rf %s/smallest; mkdir -p -m 700 %s/smallest/{0,1,union}" % (place, place))
    print("\n".join(script))
    print("\n".join("# " + line for line in wrong.split("\n")))


def folds_agree(auditor, history, program):
    """Does dist/contrib/fold.jq say what msgextctl says?"""
    node = Node(auditor.server, auditor.directory + "/fold", history["group"])
    for step in history["steps"]:
        if step[0] == "line" and len(step[2]) > 99 and "\"other\"" not in step[2]:
            node.line(step[2])
        elif step[0] == "import":
            node.import_(step[2], step[3], True, step[5])
        elif step[0] == "compact":
            node.compact(True, step[3])
    if not node.log.exists:
        return True
    out = subprocess.run(["jq", "-nc", "-f", program, node.path], stdout=subprocess.PIPE, check=True).stdout
    shutil.rmtree(node.directory)
    return [json.loads(line) for line in out.decode().split("\n")[:-1]] == node.log.show()[1]


def main(program, directory, seed, count, fold, conninfo=None):
    auditor = Auditor(Server(program), directory, conninfo)
    for number in range(count):
        history, shipped = generate(seed, number), conninfo is not None and number % 20 == 0
        if auditor.run(history, shipped) is not None:
            report(auditor, seed, number, history, shipped)
            return 1
        if number % max(count // 20, 1) == 0 and not folds_agree(auditor, history, fold):
            print("# SEED=%d, history %d: fold.jq says another thing" % (seed, number))
            return 1
    print("# SEED=%d: %d histories" % (seed, count))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]), *sys.argv[5:]))
