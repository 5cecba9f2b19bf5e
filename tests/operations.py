"""operations.py - a data directory, what can be done to it, and what must hold after each: for sequences.py and cuts.py.

Each operation runs a program, which may be killed before any of its calls (killed.c), or does what somebody does by hand.
A directory notes what must and may stand in it then; promises.py and an independent reader (truth.py) judge it.
"""
import collections
import glob
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(TOP + "/tests/rest")
import engine
import events
import promises
import truth
from histories import Server
from place import AS_OWNER, BUILD, NOBODY, Place

OWNER = NOBODY if AS_OWNER else os.getuid()
KILLED = 137

OPERATIONS = ["append", "append_other", "batch", "torn_tail", "whole_tail", "compact", "compact_discard", "compact_all",
              "archive", "archive_all", "import_", "undo", "erase", "rotate", "replace"]
OLDER = ["older_append", "older_compact", "older_discard", "older_archive", "older_import"]
PAIRED = ["repair", "alarm", "export"]  # and ship, where there is an engine
REWRITING = {"compact", "compact_discard", "compact_all", "archive", "archive_all", "undo", "erase",
             "older_compact", "older_discard", "older_archive"}
PLAIN = {"torn_tail", "whole_tail", "rotate", "replace"}  # no program does it


class Wrong(Exception):
    pass


class Directory:
    """The data directory, what it held before, and what must and may be in them."""

    def __init__(self, directory, older, conninfo, place=Place):
        """older: a directory with an older msgext, or None; conninfo: an engine, or None; place: the class that makes it."""
        self.place = place(directory, sync="yes")
        self.directory, self.data = directory, self.place.data
        self.older, self.conninfo = older, conninfo
        self.must, self.may, self.number = set(), set(), 0
        self.kill = 0  # before which call; 0: before none
        self.shipping = False  # is the engine asked, too?
        self.rewritten = False  # was a log since the base?
        self.calls = directory + "/calls"
        open(self.calls, "w").close()
        os.chmod(self.calls, 0o666)
        self.server = Server(TOP + "/build/tests/ctl-server", **AS_OWNER)
        self.base = self.base_make()

    def base_make(self):
        """Two groups with events; a message of one has a gap, which the vendor can fill."""
        for number in (1, 2):
            self.event("g", 1, "b%d" % number, number)
        self.event("h", 1, "b1")
        told = [self.place.vendor.event("g", 3, 1, [("r%d" % number, "v")]) for number in (1, 2, 3)]
        for event in (told[0], told[2]):
            self.write(self.data + "/g.jsonl", events.line(event) + b"\n", "ab")
            self.must |= set(promises.pairs_held(event))
        return self.save()

    def begin(self, saved=None):
        """Puts back what was saved, else the base; an engine that is asked is empty."""
        self.put_back(saved or self.base)
        self.kill, self.rewritten = 0, False
        if self.shipping:
            engine.empty(self.conninfo)

    def do(self, number, operation, kill=0):
        """The sequence's operation of that number; was it killed?"""
        self.number, self.kill, self.killed = number, kill, False
        self.rewritten |= operation in REWRITING
        getattr(self, operation)()
        self.kill = 0
        return self.killed

    # files

    def directories(self):
        return [self.data] + sorted(glob.glob(self.data + ".[0-9]*"))

    def save(self):
        """All that there is, to be put back."""
        files = {}
        for data in self.directories():
            files[data] = {name: open(data + "/" + name, "rb").read() for name in os.listdir(data)
                           if not name.endswith(".socket")}
        return files, set(self.must), set(self.may), self.number

    def put_back(self, saved):
        files, must, may, self.number = saved
        self.must, self.may = set(must), set(may)
        for data in self.directories():
            shutil.rmtree(data)
        for data, names in files.items():
            os.mkdir(data, 0o700)
            for name, content in names.items():
                self.write(data + "/" + name, content)
            if AS_OWNER:
                os.chown(data, OWNER, OWNER)

    def write(self, path, content, mode="wb"):
        with open(path, mode) as file:
            file.write(content)
        os.chmod(path, 0o600)
        if AS_OWNER:
            os.chown(path, OWNER, OWNER)

    def digest(self):
        """Of the files, but for times and numbers that are new each time."""
        whole = hashlib.sha256(repr((sorted(self.must), sorted(self.may))).encode())
        for data in self.directories():
            for name in sorted(os.listdir(data)):
                known = not name.endswith((".gz", ".gz.new", ".socket")) and not name.startswith(".alarm-state")
                content = open(data + "/" + name, "rb").read() if known else b""
                content = re.sub(rb'"(time|Replaced|Replaces)":("[^"]*"|\d+)', b"", content)
                whole.update(re.sub(r"[0-9a-f]{16}|\d{8}T\d{9}Z", "ID", data + "/" + name).encode() + b"\0" + content)
        return whole.digest()

    # programs

    def run(self, *words, stdin=b"", environment=None):
        """Exit status and output; killed before its call number self.kill."""
        killed = [TOP + "/build/tests/killed", str(self.kill), self.calls] if self.kill else []
        done = subprocess.run([*killed, *words], input=stdin, env={**os.environ, **(environment or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=600, **AS_OWNER)
        self.killed = self.kill > 0 and int(open(self.calls).read() or 0) >= self.kill
        self.said = done.stderr.decode(errors="replace")
        return KILLED if self.killed else done.returncode, done.stdout

    def note(self, acknowledged, pair):
        (self.must if acknowledged else self.may).add(pair)

    def event(self, group, message, key, seq=1, program=BUILD + "msgext"):
        """An event through the receiver; it must be taken unless it is killed."""
        pair = (group, message, key, "v", seq)
        status, answer = self.run(program, stdin=json.dumps(events.event(pair)).encode(),
                                  environment=events.request(self.place.config))
        ok = answer.endswith(events.OK)
        self.note(ok, pair)
        if not ok and status != KILLED:
            raise Wrong("an event is refused: %r %s" % (answer[-200:], self.said))

    def ctl(self, *words, stdin=b"", good=(0,), program=BUILD + "msgextctl"):
        status, _ = self.run(program, "-c", self.place.config, *words, stdin=stdin)
        if status not in (*good, KILLED):
            raise Wrong("%s: %d: %s" % (" ".join(words), status, self.said))
        return status

    # operations; number is unlike that of any other of the sequence

    def append(self):
        self.event("g", 10 + self.number, "k%d" % self.number)

    def append_other(self):
        self.event("h", 10 + self.number, "k%d" % self.number)

    def older_append(self):
        self.event("g", 10 + self.number, "k%d" % self.number, program=self.older + "/msgext")

    def batch(self):
        first = 100 * self.number
        _, out = self.run(BUILD + "tests/hammer", self.data, "g", "3", "1", "sync", "one", "/dev/null", str(first))
        acknowledged = {number for ok, number, *_ in events.hammer_told(out.decode()) if ok}
        for number in range(first, first + 3):
            self.note(number in acknowledged, events.hammer_pair("g", number))

    def torn_tail(self):
        self.write(self.data + "/g.jsonl", b'{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"Callb', "ab")

    def whole_tail(self):
        """What a writer left that was killed before it answered."""
        pair = ("g", 10 + self.number, "w%d" % self.number, "v", 1)
        self.may.add(pair)
        self.write(self.data + "/g.jsonl", events.line(events.event(pair)), "ab")

    def compact(self, *options, which="g", **more):
        before, lines = self.visible("g") | self.visible("h"), self.lines("g")[-1:] + self.lines("h")[-1:]
        self.ctl("compact", which, *options, good=(0, 1), **more)
        after = self.visible("g") | self.visible("h")
        if any("\"Replaced\"" in line for line in lines):
            return  # another replacement is ended first, whose state it is
        if before - after or (after - before) - self.may:
            raise Wrong("P4: a compaction changes the state: %r" % sorted(before ^ after))

    def compact_all(self):
        self.compact(which="--all")

    def compact_discard(self):
        self.compact("--discard")

    def older_compact(self):
        self.compact(program=self.older + "/msgextctl")

    def older_discard(self):
        self.compact("--discard", program=self.older + "/msgextctl")

    def archive(self, **more):
        self.ctl("archive", "g", "--before", "2099-01-01", good=(0, 1), **more)

    def older_archive(self):
        self.archive(program=self.older + "/msgextctl")

    def archive_all(self):
        self.ctl("archive", "--all", "--before", "2099-01-01", "--keep", "400d", good=(0,))

    def import_(self, program=BUILD + "msgextctl"):
        pair = ("g", 2, "i%d" % self.number, "v", 50 + self.number)
        status = self.ctl("import", "g", "2", "--force", stdin=events.answer(pair), program=program)
        self.note(status == 0, pair)

    def older_import(self):
        self.import_(self.older + "/msgextctl")

    def undo(self):
        self.ctl("import", "g", "2", "--undo", good=(0, 1, 65))

    def erase(self):
        """Of a person who is in the base; what is not this version's keeps what it has: erase must name it."""
        gone = {pair for pair in self.must if pair[:3] == ("g", 1, "b1")}
        self.must -= gone
        self.may |= gone
        status = self.ctl("erase", "--key", "b1", "g", good=(0, 1))
        if status == 1 and "no events of group g" not in self.said:
            raise Wrong("erase: %s" % self.said)
        if status == 0:
            text = b"".join((gzip.open if path.endswith(".gz") else open)(path, "rb").read()
                            for path in glob.glob(self.data + "/g.*")
                            if os.path.basename(path) + ": is no file of msgext" not in self.said)
            if b'"b1"' in text:
                raise Wrong("an erased key is in a file: %r" % text)

    def rotate(self):
        if os.path.exists(self.data + "/g.jsonl"):
            os.rename(self.data + "/g.jsonl", "%s/g.jsonl.%d" % (self.data, self.number))

    def replace(self):
        os.rename(self.data, "%s.%d" % (self.data, self.number))
        self.place.empty()

    def content(self):
        """Of all files but what alarm writes down, and where receivers do, which alarm gets ready."""
        return {data + "/" + name: open(data + "/" + name, "rb").read() for data in self.directories()
                for name in os.listdir(data) if not (name.startswith((".alarm-state", ".refused")) or name.endswith(".socket"))}

    def changes_nothing(self, *words):
        before = self.content()
        status, out = self.run(BUILD + "msgextctl", "-c", self.place.config, *words)
        after = self.content()
        if before != after:
            raise Wrong("%s changes %r" % (" ".join(words), sorted(name for name in before.keys() | after.keys()
                                                                  if before.get(name) != after.get(name))))
        if status not in (0, 1, KILLED):
            raise Wrong("%s: %d: %s" % (" ".join(words), status, self.said))
        return status, out.decode()

    def export(self):
        """All that the directory has of a key."""
        status, out = self.changes_nothing("export", "--key", "b1", "g")
        if status == KILLED:
            return
        told = {(line["GroupId"], line["MsgSeq"], "b1", line["Value"], line["Seq"])
                for line in map(json.loads, out.splitlines()) if "Value" in line}
        logs = promises.Logs(self.data)
        # A log that was renamed is no file of msgext's.
        renamed = any(re.fullmatch(r"g\.jsonl\.\d+", name) for name in os.listdir(self.data))
        held = {pair for pair in logs.held | logs.archived if pair[0] == "g" and pair[2] == "b1"}
        if told - held or (held - told and not renamed):
            raise Wrong("export says %r, and the files %r" % (sorted(told - held), sorted(held - told)))

    def alarm(self):
        """What it remembered is never damaged, whenever it is killed."""
        status, out = self.changes_nothing("alarm")
        if re.search("^state", out, re.M) or (status != KILLED and self.said):
            raise Wrong("alarm: %s%s" % (out, self.said))

    def ship(self):
        status, _ = self.run(BUILD + "msgext-ship", "-d", self.data, "--once", self.conninfo)
        if status not in (0, KILLED):
            raise Wrong("ship: %d: %s" % (status, self.said))

    def repair(self):
        self.may |= {("g", 3, "r%d" % number, "v", number) for number in (1, 2, 3)}
        for _ in range(100):
            status, out = self.run(*self.place.command())
            if status != 75:
                break
            time.sleep(0.02)  # a killed one's children have its lock for a moment
        if status not in (0, KILLED):
            raise Wrong("repair: %d: %s %s" % (status, out.decode(), self.said))

    # what must hold

    def lines(self, group):
        path = "%s/%s.jsonl" % (self.data, group)
        return open(path, encoding="utf-8").read().split("\n")[:-1] if os.path.exists(path) else []

    def visible(self, group="g"):
        """What msgextctl shows, which must be what an independent reader makes of the lines."""
        status, out, said = self.server(int(time.time() * 1000), "-d", self.data, "show", "--json", group)
        shown = {pair for line in out.decode().splitlines() for pair in promises.pairs_held(json.loads(line))}
        log = truth.Log(group)
        for line in self.lines(group):
            log.append(line)
        expected = {(group, number, pair["Key"], pair["Value"], pair["Seq"]) for number, state in log.states()
                    for pair in state.pair_list()}
        if shown != expected or status not in (0, 1):
            raise Wrong("P4: show says %r, and the lines %r: %d %s" % (sorted(shown - expected), sorted(expected - shown),
                                                                      status, said.decode()))
        return shown

    def judge(self, may_break):
        """By the files alone, and then by what an independent reader makes of them."""
        wrong = promises.held_complaints(self.directories(), self.must, self.may, OWNER, may_break)
        if wrong:
            raise Wrong("\n".join(wrong[:3]))
        self.visible("g")
        self.visible("h")

    def judge_all(self, may_break):
        """After events were taken: verify finds nothing either, and alarm remembers."""
        self.judge(may_break)
        status, out, said = self.server(int(time.time() * 1000), "-d", self.data, "verify")
        if status != 0:
            raise Wrong("verify: %s%s" % (out.decode(), said.decode()))
        if os.path.exists(self.data + "/.alarm-state"):
            self.alarm()

    def events_after(self):
        """They are taken, whatever was done."""
        self.kill = 0
        self.event("g", 999, "after%d" % self.number)
        self.event("h", 999, "after%d" % self.number)

    def judge_engine(self):
        """What is in the logs now is in the engine; an event once, where no log was rewritten."""
        self.ship()
        records = [record for record in engine.records(self.conninfo) if "Replaced" not in record]
        missing = promises.Logs(self.data).held - {pair for record in records for pair in promises.pairs_held(record)}
        if missing:
            raise Wrong("P1: is not in the engine: %r" % sorted(missing))
        counts = collections.Counter(pair for record in records if "CallbackCommand" in record
                                     for pair in promises.pairs_held(record))
        twice = [pair for pair, count in counts.items() if count > 1]
        if twice and not self.rewritten:
            raise Wrong("P3: is in the engine more than once: %r" % sorted(twice))

    def judge_after(self):
        """Whatever was done: events are taken, and then all is whole."""
        self.judge(promises.ENDS)
        self.events_after()
        self.judge_all(promises.NOTHING)
        if self.shipping:
            self.judge_engine()
