"""promises.py - is a data directory what the numbered promises say, whatever was done to its writers?  The one checker.

It reads files alone, with nothing of msgext's:

  P1  What was acknowledged stands, whole: as an event's line, in a snapshot, or in an archive.
  P2  Lines are whole; at most the last of a log is not, and what was set aside stands in NAME.torn.
  P3  Nothing stands that was never sent, nor an event more often than it was sent.
  P7  Regular files of mode 0600, ours, of one link, named as msgext-log(5) says; no NUL byte.

receiver_complaints judges a directory that the receiver alone wrote, byte for byte.  held_complaints judges one where
logs were rewritten too: there a pair counts.  As a program it answers requests of faults.pl, a line of JSON each.
"""
import collections
import gzip
import json
import os
import re
import stat
import sys

import truth

HEAD = re.compile(r'\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z","SdkAppid":\d+,'
                  r'(?:"ClientIP":"[^"\\]*",)?(?:"OptPlatform":"[^"\\]*",)?')
HEAD_LIKE = '{"time":"0000-00-00T00:00:00.000Z","SdkAppid":0'
NAME = re.compile(r"(?:[A-Za-z0-9_]|%[0-9A-F]{2})(?:[A-Za-z0-9_~-]|%[0-9A-F]{2})*\."
                  r"(?:jsonl(?:\.\d+)?|torn|\d{8}T\d{9}Z\.jsonl\.gz|(?:[0-9a-f]{16}\.)?(?:gz\.)?new)"
                  r"|msgext-ship\.(?:id|socket|done)(?:\..*)?|\.refused|\.alarm-state(?:\.new)?|\.repair-(?:state|lock)(?:\..*)?")


def strict(text):
    """The JSON of a line; ValueError."""
    def refuse(word):
        raise ValueError(word)
    return json.loads(text, parse_constant=refuse)


def file_complaints(path, owner):
    status, name, wrong = os.lstat(path), os.path.basename(path), []
    if not NAME.fullmatch(name):
        wrong.append("has a name that is no log's")
    if not stat.S_ISREG(status.st_mode):
        return ["P7: %s: %s" % (name, what) for what in wrong + ["is not a regular file"]] * (".socket" not in name)
    if stat.S_IMODE(status.st_mode) != 0o600:
        wrong.append("has mode %04o" % stat.S_IMODE(status.st_mode))
    if status.st_uid != owner:
        wrong.append("belongs to user %d" % status.st_uid)
    if status.st_nlink != 1:
        wrong.append("has %d links" % status.st_nlink)
    if not name.endswith((".gz", ".new", ".socket")) and b"\0" in open(path, "rb").read():
        wrong.append("has NUL bytes")
    return ["P7: %s: %s" % (name, what) for what in wrong]


# what the receiver alone wrote

def is_beginning(text, bodies, torn):
    """Is the text the beginning of a line that was sent, or what the test left there?"""
    if any(left.startswith(text) for left in torn):
        return True
    head = HEAD.match(text)
    if head:
        return any(body.startswith("{" + text[head.end():]) for body in bodies)
    return HEAD_LIKE.startswith(re.sub(r"(?<=[-:\"TZ.0-9])[0-9]", "0", text[:len(HEAD_LIKE)]))


def log_complaints(path, bodies, torn, stood):
    """bodies: how often each was sent to this log; the count of each that stands goes to stood."""
    name, wrong = os.path.basename(path), []
    lines = open(path, encoding="utf-8", errors="surrogateescape", newline="\n").read().split("\n")
    tail = lines.pop()
    for number, line in enumerate(lines, 1):
        head = HEAD.match(line)
        body = "{" + line[head.end():] if head else ""
        try:
            strict(line.encode("utf-8", "surrogateescape").decode())
        except ValueError:
            wrong.append("P2: %s:%d: is no JSON: %.80s" % (name, number, line))
            continue
        stood[body] += 1
        if body not in bodies:
            wrong.append("P3: %s:%d: was never sent: %.400s" % (name, number, line))
        elif stood[body] > bodies[body]:
            wrong.append("P3: %s:%d: stands more often than it was sent" % (name, number))
    if tail and not is_beginning(tail, bodies, torn):
        wrong.append("P2: %s: ends in what was never sent: %.80s" % (name, tail))
    return wrong


def receiver_complaints(data, events, owner):
    """events: [STATE, GROUP, BODY].  ok: it was answered OK; sent: it was not, and may stand; torn: BODY was left there."""
    sent, acknowledged, torn = (collections.defaultdict(collections.Counter) for _ in range(3))
    stood, wrong = collections.defaultdict(collections.Counter), []
    for state, group, body in events:
        name = truth.log_name(group) + ".jsonl"
        if state == "torn":
            torn[name][body] += 1
            continue
        sent[name][body] += 1
        acknowledged[name][body] += state == "ok"
    for name in sorted(os.listdir(data)):
        wrong += file_complaints(data + "/" + name, owner)
        if name.endswith(".jsonl"):
            wrong += log_complaints(data + "/" + name, sent[name], torn[name], stood[name])
    return wrong + ["P1: %s: was answered OK and does not stand so often: %.400s" % (name, body)
                    for name, bodies in sorted(acknowledged.items()) for body, count in bodies.items()
                    if stood[name][body] < count]


# where logs were rewritten

def pairs_held(record):
    """What a line says of keys; of what was deleted nothing."""
    return [(record["GroupId"], record["MsgSeq"], pair["Key"], pair["Value"], pair["Seq"])
            for pair in (record["ExtensionList"] or []) + record.get("Unlisted", []) if "Value" in pair]


class Line:
    """A whole line; ValueError, KeyError or TypeError where it is none."""

    def __init__(self, text):
        record = strict(text.decode())
        self.pairs = pairs_held(record)
        # A replacement was cut short, and the next writer ends it.
        self.is_mark = "Replaced" in record and record["ExtensionList"] == []
        self.is_event = "CallbackCommand" in record
        self.is_brought = self.is_event or (not self.is_mark and record["Snapshot"] == "import")


def line_read(text):
    """None where it is broken."""
    try:
        return Line(text)
    except (ValueError, KeyError, TypeError):
        return None


class Logs:
    """A data directory as it stands, or a group of it whose log has the group's name."""

    def __init__(self, data, group=None):
        self.wrong = []
        self.broken = {}  # of each log that has some: its broken lines, by number
        self.ended = {}  # of such a log: how many lines end in a newline
        self.before = self.hidden = 0  # logs with such before the last line, and with a last line that is whole
        self.counts = collections.Counter()  # how often a pair stands in events of the logs
        self.held, self.events = set(), set()  # pairs in the logs; those of events, in archives too
        self.archived = set()  # pairs in archives, whoever brought them
        self.told = set()  # pairs in lines of events, in logs and archives: no import has brought these
        self.aside = b""  # what was set aside
        for name in sorted(os.listdir(data)):
            path = data + "/" + name
            if group and not name.startswith(group + "."):
                continue
            if re.search(r"\.jsonl(\.\d+)?$", name):
                self.log_read(name, open(path, "rb").read())
            elif name.endswith(".torn"):
                self.aside += open(path, "rb").read()
            elif name.endswith(".jsonl.gz"):
                try:
                    self.archive_read(name, gzip.open(path).read())
                except (OSError, EOFError) as error:
                    self.wrong.append("P2: %s: %s" % (name, error))

    def log_read(self, name, content):
        """What stands behind a broken line does not count: no line that was acknowledged stands there (P2)."""
        lines = content.split(b"\n")
        tail = lines.pop()
        broken = {}
        for number, text in enumerate(lines, 1):
            line = line_read(text)
            if line is None:
                broken[number] = text
                continue
            self.counts.update(line.pairs if line.is_event else [])
            if not broken:
                self.held.update(line.pairs)
                self.line_count(line)
        if tail:  # without a newline it was not acknowledged, whole or not
            broken[len(lines) + 1] = tail
        if broken:
            self.broken[name], self.ended[name] = broken, len(lines)
            self.before += min(broken) < len(lines) + (tail != b"")
            self.hidden += max(broken) < len(lines) + (tail != b"")

    def archive_read(self, name, content):
        lines = list(map(line_read, content.split(b"\n")[:-1]))
        whole = [line for line in lines if line is not None and not line.is_mark]
        if len(whole) < len(lines) or not content.endswith(b"\n"):
            self.wrong.append("P2: %s: has broken lines" % name)
        counts = collections.Counter()
        for line in whole:
            self.archived.update(line.pairs)
            self.line_count(line)
            counts.update(line.pairs if line.is_event else [])
        self.wrong += ["P3: %s: stands %d times: %.200r" % (name, count, pair) for pair, count in counts.items() if count > 1]

    def line_count(self, line):
        if line.is_brought:
            self.events.update(line.pairs)
        if line.is_event:
            self.told.update(line.pairs)


# What may be broken: nothing; a log's end; after a power cut, what was not acknowledged in logs that nobody appends to any
# more, and what was set aside; before anybody has appended after it, whatever stands behind what was acknowledged.
NOTHING, ENDS, ASIDE, ANYTHING = range(4)


def broken_complaints(logs, may_break, replaced):
    """Of broken lines.  Of a log that was renamed, or whose directory was replaced, nobody ends the last one."""
    wrong = []
    for name, broken in logs.broken.items():
        left = replaced or not name.endswith(".jsonl")
        for number, line in broken.items():
            if may_break == ANYTHING or (left and may_break == ASIDE) or (number > logs.ended[name] and (left or may_break == ENDS)):
                continue
            wrong.append("P2: %s:%d: is broken: %.80r" % (name, number, line))
    return wrong


def pairs_complaints(must, may, held, counts):
    """held: the pairs that stand; counts: how often they do in events of the logs."""
    wrong = ["P1: was acknowledged and is nowhere: %.200r" % (pair,) for pair in sorted(must - held)]
    wrong += ["P3: was never sent: %.200r" % (pair,) for pair in sorted(held - must - may) if pair[4] > 0]
    return wrong + ["P3: stands %d times: %.200r" % (count, pair) for pair, count in counts.items() if count > 1]


def held_complaints(directories, must, may, owner, may_break):
    """Of a directory, and then of those whose place it took."""
    wrong, held, counts = [], set(), collections.Counter()
    for data in directories:
        logs = Logs(data)
        for name in os.listdir(data):
            wrong += [text for text in file_complaints(data + "/" + name, owner)
                      if may_break < ASIDE or not text.endswith("has NUL bytes")]
        wrong += logs.wrong + broken_complaints(logs, may_break, data != directories[0])
        held |= logs.held | logs.archived
        counts += logs.counts
    return wrong + pairs_complaints(must, may, held, counts)


if __name__ == "__main__":
    for request in sys.stdin:
        request = json.loads(request)
        print(json.dumps(receiver_complaints(request["data"], request["events"], os.geteuid())), flush=True)
