#!/usr/bin/env python3
"""sequences.py DIRECTORY SEED SECONDS [OLDER [CONNINFO]] - every short sequence of what is done to a data directory.

All sequences of two of the operations below, with a kill before every call of the first, and before every call of the
second (killed.c), then all of three without kills; ship, repair, alarm and export are in those of two alone.  After
each, events must be taken, and the directory be what the numbered promises say (promises.py), and say what an
independent reader says (truth.py).  Two kills that leave the same files count as one.  SECONDS: so long, in an order by
SEED; 0: all.  The pairs of FIRST come first, with all kills: what few kills show does not wait for a lucky seed.
OLDER: a directory with an older msgext and msgextctl.  CONNINFO: an engine; without it nothing is shipped.

Prints what is wrong and after which sequence; exit 1.
"""
import collections
import glob
import gzip
import hashlib
import itertools
import json
import os
import random
import re
import shutil
import subprocess
import sys
import time

sys.dont_write_bytecode = True
TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(TOP + "/tests/rest")
import promises
import truth
from histories import Server
from place import AS_OWNER, BUILD, NOBODY, Place

COMMAND = "Group.CallbackAfterGroupMsgExtension"
QUERY = "SdkAppid=1400000000&CallbackCommand=" + COMMAND
OWNER = NOBODY if AS_OWNER else os.getuid()
LENGTHS = [10, 300, 700, 10, 1500, 300, 9000]  # of hammer.c's values
KILLED = 137


class Wrong(Exception):
    pass


class Directory:
    """The data directory, what it held before, and what must and may be in them."""

    def __init__(self, directory, older, conninfo):
        self.place = Place(directory, sync="yes")
        self.directory, self.data = directory, self.place.data
        self.older, self.conninfo = older, conninfo
        self.must, self.may, self.number = set(), set(), 0
        self.kill = 0  # before which call; 0: before none
        self.calls = directory + "/calls"
        open(self.calls, "w").close()
        os.chmod(self.calls, 0o666)
        self.server = Server(TOP + "/build/tests/ctl-server", **AS_OWNER)
        self.vendor_events = [self.place.vendor.event("g", 3, 1, [("r%d" % number, "v")]) for number in (1, 2, 3)]

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

    def run(self, *words, stdin="", environment=None):
        """Exit status and output; killed before its call number self.kill."""
        killed = [TOP + "/build/tests/killed", str(self.kill), self.calls] if self.kill else []
        done = subprocess.run([*killed, *words], input=stdin.encode(), env={**os.environ, **(environment or {})},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=60, **AS_OWNER)
        self.killed = self.kill > 0 and int(open(self.calls).read() or 0) >= self.kill
        self.said = done.stderr.decode(errors="replace")
        return KILLED if self.killed else done.returncode, done.stdout

    def event(self, group, message, key, seq=1, program=BUILD + "msgext"):
        """An event through the receiver; it must be taken unless it is killed."""
        pair = (group, message, key, "v", seq)
        body = json.dumps({"CallbackCommand": COMMAND, "GroupId": group, "MsgSeq": message, "OperateType": 1, "Seq": seq,
                           "ExtensionList": [{"Key": key, "Value": "v", "Seq": seq}], "EventTime": 1764688294360})
        status, answer = self.run(program, stdin=body, environment={
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
            "MSGEXT_CONFIG": self.place.config})
        ok = answer.endswith(b'{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}\n')
        (self.must if ok else self.may).add(pair)
        if not ok and status != KILLED:
            raise Wrong("an event is refused: %r %s" % (answer[-200:], self.said))

    def ctl(self, *words, stdin="", good=(0,), program=BUILD + "msgextctl"):
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
        ok = {int(number) for number in re.findall(rb"^OK (\d+)", out, re.M)}
        for number in range(first, first + 3):
            value = "v%d-%s" % (number, "x" * LENGTHS[number % 7])
            (self.must if number in ok else self.may).add(("g", number, "k%d" % number, value, number))

    def torn_tail(self):
        self.write(self.data + "/g.jsonl", b'{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"Callb', "ab")

    def whole_tail(self):
        """What a writer left that was killed before it answered."""
        line = {"time": "2025-12-02T15:11:34.395Z", "SdkAppid": 1400000000, "CallbackCommand": COMMAND, "GroupId": "g",
                "MsgSeq": 10 + self.number, "OperateType": 1, "Seq": 1, "EventTime": 1,
                "ExtensionList": [{"Key": "w%d" % self.number, "Value": "v", "Seq": 1}]}
        self.may.add(("g", 10 + self.number, "w%d" % self.number, "v", 1))
        self.write(self.data + "/g.jsonl", json.dumps(line, separators=(",", ":")).encode(), "ab")

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

    def archive(self):
        self.ctl("archive", "g", "--before", "2099-01-01", good=(0, 1))

    def archive_all(self):
        self.ctl("archive", "--all", "--before", "2099-01-01", "--keep", "400d", good=(0,))

    def import_(self, program=BUILD + "msgextctl"):
        seq = 50 + self.number
        pair = {"Key": "i%d" % self.number, "Value": "v", "Seq": seq}
        answer = {"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ExtensionList": [pair], "LatestSeq": seq,
                  "ClearSeq": 0, "CompleteFlag": 1}
        status = self.ctl("import", "g", "2", "--force", stdin=json.dumps(answer), program=program)
        (self.must if status == 0 else self.may).add(("g", 2, pair["Key"], "v", seq))

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
            text = b"".join(gzip.open(path).read() if path.endswith(".gz") else open(path, "rb").read()
                            for path in glob.glob(self.data + "/g.*") if os.path.basename(path) + ": is no file of msgext" not in self.said)
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

    def judge(self, whole):
        wrong = promises.held_complaints(self.directories(), self.must, self.may, OWNER, whole)
        if wrong:
            raise Wrong("\n".join(wrong))
        self.visible("g")
        self.visible("h")

    def judge_engine(self):
        """What is in the logs now is in the engine, once."""
        self.ship()
        lines = self.sql("select encode(line, 'hex') from msgext_line").split()
        held = {pair for line in lines for pair in promises.pairs_held(json.loads(bytes.fromhex(line)))
                if b"Replaced" not in bytes.fromhex(line)}
        missing = promises.Logs(self.data).held - held
        if missing:
            raise Wrong("P1: is not in the engine: %r" % sorted(missing))

    def sql(self, command):
        return subprocess.run(["psql", "-XAtqc", command, self.conninfo], stdout=subprocess.PIPE, check=True).stdout.decode()

    def judge_after(self, shipped=False):
        """Whatever was done: events are taken, and then all is whole."""
        self.kill = 0
        self.judge(False)
        self.event("g", 999, "after%d" % self.number)
        self.event("h", 999, "after%d" % self.number)
        self.judge(True)
        status, out, said = self.server(int(time.time() * 1000), "-d", self.data, "verify")
        if status != 0:
            raise Wrong("verify: %s%s" % (out.decode(), said.decode()))
        if os.path.exists(self.data + "/.alarm-state"):
            self.alarm()
        if shipped:
            self.judge_engine()


OPERATIONS = ["append", "append_other", "batch", "torn_tail", "whole_tail", "compact", "compact_discard", "compact_all",
              "archive", "archive_all", "import_", "undo", "erase", "rotate", "replace"]
OLDER = ["older_append", "older_compact", "older_import"]
FIRST = [("compact", "compact"), ("archive", "append"), ("torn_tail", "append")]
PLAIN = {"torn_tail", "whole_tail", "rotate", "replace"}  # no program does it


class Sequences:
    def __init__(self, directory, seed, seconds, older=None, conninfo=None):
        self.directory = Directory(directory, older, conninfo)
        self.dice, self.seed = random.Random(seed), seed
        self.end = time.monotonic() + seconds if seconds else None
        self.counts, self.failures = collections.Counter(), []
        self.most = 0 if "MSGEXT_FIRST_FAILURE" in os.environ else 20
        self.operations = OPERATIONS + (OLDER if older else [])
        self.paired = (["ship"] if conninfo else []) + ["repair", "alarm", "export"]
        self.base = self.base_make()

    def base_make(self):
        """Two groups with events; a message of one has a gap."""
        directory = self.directory
        for number in (1, 2):
            directory.event("g", 1, "b%d" % number, number)
        directory.event("h", 1, "b1")
        for event in (directory.vendor_events[0], directory.vendor_events[2]):
            line = {"time": "2025-12-02T15:11:34.395Z", "SdkAppid": 1400000000, **event}
            directory.write(directory.data + "/g.jsonl", json.dumps(line, separators=(",", ":")).encode() + b"\n", "ab")
            directory.must |= set(promises.pairs_held(line))
        return directory.save()

    def begin(self, saved):
        self.directory.put_back(saved)
        self.directory.kill = 0
        if self.directory.conninfo and self.shipping:
            self.directory.sql("truncate msgext_node, msgext_file, msgext_line restart identity cascade")

    def do(self, number, operation, kill=0):
        """Was it killed?"""
        self.directory.number, self.directory.kill, self.directory.killed = number, kill, False
        getattr(self.directory, operation)()
        self.directory.kill = 0
        return self.directory.killed

    def attempt(self, words, function):
        """True: go on.  What is wrong is kept."""
        try:
            return function()
        except (Wrong, subprocess.TimeoutExpired, ValueError, KeyError) as wrong:
            self.failures.append("%s: %s" % (words, wrong if isinstance(wrong, Wrong) else repr(wrong)))
            return True

    def sequence(self, operations):
        self.counts["sequences of %d" % len(operations)] += 1
        self.begin(self.base)
        for number, operation in enumerate(operations, 1):
            self.do(number, operation)
        self.directory.judge_after(self.shipping)

    def is_new(self, seen):
        """Is what a kill left no state that was seen?"""
        self.counts["kills"] += 1
        digest = self.directory.digest()
        if digest in seen and not self.shipping:
            return False
        seen.add(digest)
        self.counts["states"] += 1
        return True

    def killed_first(self, first, second, kill, seen):
        """False: it has not so many calls."""
        self.begin(self.base)
        if not self.do(1, first, kill):
            return False
        if not self.is_new(seen):
            return True
        self.directory.judge(False)
        self.do(2, second)
        self.directory.judge_after(self.shipping)
        return True

    def killed_second(self, first, second, kill, seen):
        if self.shipping or self.between is None:
            self.begin(self.base)
            self.do(1, first)
            self.between = self.directory.save()
        else:
            self.begin(self.between)
        if not self.do(2, second, kill):
            return False
        if not self.is_new(seen):
            return True
        self.directory.judge_after(self.shipping)
        return True

    def pair(self, first, second):
        """A pair, with each kill."""
        self.shipping, self.between = "ship" in (first, second), None
        self.attempt("%s, %s" % (first, second), lambda: self.sequence((first, second)))
        for which, killed, function in ((0, first, self.killed_first), (1, second, self.killed_second)):
            seen = set()
            # In a given time, some kills of many pairs are worth more than all kills of a few.
            step = 1 if self.end is None else 3 if {first, second}.isdisjoint(self.paired) else 9
            for kill in itertools.count(self.dice.randint(1, step), step):
                words = "%s, %s, %s killed before its call %d" % (first, second, ("the first", "the second")[which], kill)
                if killed in PLAIN or self.over() or not self.attempt(
                        words, lambda: function(first, second, kill, seen)) or len(self.failures) > self.most:
                    break

    def over(self):
        return self.end is not None and time.monotonic() > self.end

    def run(self):
        pairs = [(first, second) for first in self.operations + self.paired for second in self.operations + self.paired]
        triples = list(itertools.product(self.operations, repeat=3))
        self.dice.shuffle(pairs)
        self.dice.shuffle(triples)
        start, share, self.end = time.monotonic(), self.end, None
        for first, second in FIRST:
            self.pair(first, second)
        if share is not None:
            self.end = start + (share - start) * .7
        for first, second in pairs:
            if self.over() or len(self.failures) > self.most:
                break
            self.pair(first, second)
        self.end, self.shipping = share, False
        for operations in triples:
            if self.over() or len(self.failures) > self.most:
                break
            self.attempt(", ".join(operations), lambda operations=operations: self.sequence(operations))
        for failure in self.failures:
            print("# MSGEXT_SEED=%d: %s" % (self.seed, failure.replace("\n", "\n#   ")))
        print("# MSGEXT_SEED=%d: %s; %.0f s" % (self.seed, ", ".join("%d %s" % (count, what) for what, count in
                                                             self.counts.items()), time.monotonic() - start))
        return bool(self.failures)


def main(directory, seed, seconds, *more):
    sequences = Sequences(directory, int(seed), float(seconds), *more)
    try:
        return sequences.run()
    finally:
        sequences.directory.place.stop()


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
