"""truth.py - what logs say, worked out from msgext-log(5) and msgextctl(1) alone: nothing of msgext's is in it.

A log is a list of entries in the order of its lines.  A line of an event or an import is one fact.  A snapshot
that a compaction wrote is what can still count of the facts that it stands for.  The
state of a message is no fold, but what is greatest among all its facts, as the manual has it.
"""
import copy
import datetime
import hashlib
import json
import re

OPERATIONS = {1: "set", 2: "delete", 3: "clear"}
INTEGER_MAX = 2 ** 53


def escaped(group):
    return b"".join(b"%c" % byte if re.match(rb"[A-Za-z0-9_]", b"%c" % byte) or byte == 45 and at > 0
                    else b"%%%02X" % byte for at, byte in enumerate(group.encode())).decode()


def cut(group, length):
    return re.sub("%.?$", "", escaped(group)[:length]) + "~" + hashlib.sha256(group.encode()).hexdigest()


def log_name(group):
    """The name of a group's log, without its ending."""
    return escaped(group) if len(escaped(group)) <= 200 else cut(group, 128)


def archive_name(group):
    """Likewise of its archives, without the time."""
    name = log_name(group)
    return name if len(name) + len(".20251202T182640000Z.jsonl.gz") <= 143 else cut(group, 49)


def within(seq, ranges):
    return any(first <= seq <= last for first, last in ranges)


def refuse(what):
    raise ValueError(what)


def members(line):
    """A line's members; of two with one name, the first.  ValueError: it is no JSON object."""
    def first(pairs):
        result = {}
        for name, value in pairs:
            result.setdefault(name, value)
        return result

    def integer(text):
        return int(text) if text[0] != "-" and int(text) <= INTEGER_MAX else -1

    record = json.loads(line, object_pairs_hook=first, parse_constant=refuse, parse_int=integer)
    return record if isinstance(record, dict) else refuse("no object")


def integer_of(record, name, *default):
    value = record.get(name, *default)
    return value if type(value) is int and value >= 0 else refuse(name)


def is_text(value):
    return isinstance(value, str) and not re.search("[\0\ud800-\udfff]", value)


def time_of(record):
    """When the line arrived; "" where it does not say."""
    text = record.get("time")
    parts = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.\d{3}Z", text if isinstance(text, str) else "", re.ASCII)
    try:
        return text if parts and datetime.datetime(*map(int, parts.groups())) else ""
    except ValueError:  # not in the calendar
        return ""


def ranges_of(record, name, least, most):
    """Ranges of versions, in order and apart; ValueError."""
    result = record.get(name, [])
    for item in result if isinstance(result, list) else [None]:
        if not isinstance(item, list) or len(item) != 2 or not all(type(seq) is int for seq in item) or \
                not least <= item[0] <= item[1] <= most:
            raise ValueError(name)
        least = item[1] + 1
    return result


def pairs_of(record, name, has_values):
    """Of each pair key, value and version.  A value that is not needed is "" if it is no text, None if it is not there."""
    result = []
    for pair in record.get(name) or []:
        if not isinstance(pair, dict) or not is_text(pair.get("Key")) or has_values and not is_text(pair.get("Value")):
            raise ValueError(name)
        value = pair.get("Value", "") if is_text(pair.get("Value", "")) else ""
        result.append((pair["Key"], value if "Value" in pair else None, integer_of(pair, "Seq")))
    return result


def is_erased(record):
    """Is its Erased one of msgext's, and not a member of the vendor's?"""
    try:
        return bool(ranges_of(record, "Erased", 0, INTEGER_MAX))
    except ValueError:
        return False


class Fact:
    """What a line says of its message: an event, an answer of the vendor's, or what a compaction knew.

    ValueError: it cannot be read.
    """

    def __init__(self, line):
        self.record = record = members(line)
        self.snapshot = "Snapshot" in record and "CallbackCommand" not in record
        self.group, self.message, self.time = record.get("GroupId"), integer_of(record, "MsgSeq"), time_of(record)
        if not is_text(self.group) or not 1 <= len(self.group.encode()) <= 256:
            raise ValueError("GroupId")
        self.operation = record["Snapshot"] if self.snapshot else OPERATIONS[integer_of(record, "OperateType")]
        if self.snapshot and self.operation not in ("import", "compact"):
            raise ValueError("Snapshot")
        lists = record.get("ExtensionList")
        if not isinstance(lists, list) and (self.operation != "clear" or lists is not None):
            raise ValueError("ExtensionList")
        try:
            self.erased = ranges_of(record, "Erased", 0, INTEGER_MAX)
        except ValueError:
            self.erased = []  # a member of the vendor's
        pairs = pairs_of(record, "ExtensionList", self.snapshot or self.operation == "set")
        self.rows = [(key, value or "") for key, value, _ in pairs]
        self.clear = self.whole = 0
        deletes, self.listed = self.operation == "delete", set()
        changes = [(key, seq, deletes, value or "") for key, value, seq in pairs]
        if self.snapshot:
            changes += self.read_snapshot(record)
            self.listed = {key for key, _, _ in pairs}
        else:
            self.seq = integer_of(record, "Seq")
            self.clear = self.seq if self.operation == "clear" else 0
            self.arrived = [(self.seq, self.seq)]
        # At the same version what an erasure has left is greatest, then a delete, and values are compared as bytes.
        self.changes = [(key, (seq, self.survives(seq), deleted, b"" if deleted else value.encode()))
                        for key, seq, deleted, value in changes]

    def read_snapshot(self, record):
        """What only a snapshot has; the changes of keys that it does not list."""
        self.seq, self.clear, self.whole = (integer_of(record, name) for name in ("LatestSeq", "ClearSeq", "WholeSeq"))
        first = integer_of(record, "FirstSeq", 0)
        integer_of(record, "Replaces", 0)
        if first > self.seq:
            raise ValueError("FirstSeq")
        self.arrived, missing = [], ranges_of(record, "Missing", first + 1, self.seq - 1)
        for gap in missing + [[self.seq + 1, None]]:
            self.arrived += [(first, gap[0] - 1)] if first < gap[0] else []
            first = gap[1] and gap[1] + 1
        return [(key, seq, True, "") for key, _, seq in pairs_of(record, "Deleted", False)] + \
            [(key, seq, value is None, value or "") for key, value, seq in pairs_of(record, "Unlisted", False)]

    def stored(self, key):
        """What is stored of a key: a row for each pair."""
        rows = []
        for name in ["ExtensionList", "Deleted", "Unlisted"][:3 if self.snapshot else 1]:
            for pair in self.record.get(name) or []:
                if pair["Key"] != key:
                    continue
                row = {"GroupId": self.group, "MsgSeq": self.message, "Operation": self.operation, "Key": key,
                       "Seq": pair["Seq"], **{member: self.record[member] for member in
                                              ("time", "EventTime", "ClientIP", "OptPlatform") if member in self.record}}
                if name != "Deleted" and self.operation != "delete" and ("Value" in pair or not self.snapshot):
                    row["Value"] = pair.get("Value", "")
                rows.append(row)
        return rows

    def says(self):
        """All that can count of a compaction's snapshot."""
        newer = {key for key, change in self.changes if change[0] > self.whole}
        return {"LatestSeq": self.seq, "ClearSeq": self.clear, "WholeSeq": self.whole, "arrived": merged(self.arrived),
                "erased": merged(self.erased), "listed": sorted(self.listed - newer) if self.whole > 0 else [],
                "changes": sorted(change for change in self.changes if change[1][0] > self.clear)}

    def names(self, key):
        """Does its line name the key?"""
        return key in self.listed or any(key == name for name, _ in self.changes)

    def survives(self, seq):
        """Whoever erased the version, does a change of it count that stands in this line?"""
        # Version 0 of a compaction's snapshot is no version: it names a key that is listed.
        return within(seq, self.erased) or (self.operation == "compact" and seq == 0)

    def spans(self, versions):
        """Those of its pairs' versions that are among these."""
        return [(change[0], change[0]) for _, change in self.changes if within(change[0], versions)]

    def without(self, key, versions, is_compact=False):
        """What an erasure of the key leaves of it; versions: of the message, those that it takes."""
        left = copy.copy(self)
        own = versions if is_compact else self.spans(versions)
        left.erased = merged(list(self.erased) + own)
        left.listed = self.listed - {key}
        left.rows = [row for row in self.rows if row[0] != key]
        left.changes = [(name, (change[0], left.survives(change[0]), *change[2:]))
                        for name, change in self.changes if name != key]
        return left


class Digest(Fact):
    """What a compaction keeps of a message: all that can still count, as one fact."""

    def __init__(self, entries):
        state = State(entries)
        facts = [fact for entry in entries for fact in entry.facts]
        self.snapshot, self.operation, self.rows = True, "compact", []
        self.seq, self.clear, self.whole = state.latest, state.clear, state.whole
        self.arrived = [span for fact in facts for span in fact.arrived]
        self.erased = merged(span for fact in facts for span in fact.erased)
        # Of a key that was erased nothing is known any more, and of what was cleared, whether it is listed.
        shown = {key.decode() for _, key, _ in state.pairs}
        kept = {key: change for key, change in state.keys.items() if key not in state.gone}
        self.listed = {key for key in state.listed - state.gone if self.whole > 0 and
                       (key in shown or key not in kept or kept[key][0] <= self.whole)}
        self.changes = [(key, (change[0], self.survives(change[0]), *change[2:]))
                        for key, change in kept.items() if change[0] > self.clear]
        # Of a listed key no more may be known than its name, which stands at version 0 then.
        self.changes += [(key, (0, self.survives(0), False, b"")) for key in self.listed - {key for key, _ in self.changes}]


class Arrived(Fact):
    """That a version has arrived, and nothing else: what a compaction repeats of a line that stays."""

    def __init__(self, entry):
        self.seq = entry.seq
        self.clear = self.whole = 0
        self.snapshot, self.operation = True, "arrived"
        self.arrived, self.changes, self.erased, self.rows, self.listed = [(entry.seq, entry.seq)], [], [], [], set()


class Entry:
    """A line.  kind: event, import, compact (a snapshot of facts), mark (one that says nothing new), unreadable."""

    def __init__(self, kind, facts=(), text=None, message=None, time=None):
        self.kind, self.facts, self.text, self.message, self.time = kind, list(facts), text, message, time
        self.expected = None  # what its line says, where only the bytes are not known
        self.seq = max((fact.seq for fact in self.facts), default=None)

    def is_snapshot(self):
        return self.kind in ("import", "compact", "mark")


def entry_of(line, group):
    """That of a line that was appended."""
    try:
        fact = Fact(line)
    except (ValueError, KeyError):
        return Entry("unreadable", text=line)
    if fact.group != group:
        return Entry("unreadable", text=line)
    return Entry(fact.operation if fact.snapshot else "event", [fact], line, fact.message, fact.time)


def merged(ranges):
    """Ranges of versions, in order, those that touch as one."""
    result = []
    for first, last in sorted(map(tuple, ranges)):
        if result and first <= result[-1][1] + 1:
            result[-1][1] = max(result[-1][1], last)
        else:
            result.append([first, last])
    return result


def apart(ranges, others):
    """What ranges have and others, in order too, lack."""
    result = []
    for first, last in ranges:
        for low, high in others:
            if low <= last and high >= first:
                result += [[first, low - 1]] if first < low else []
                first = high + 1
        result += [[first, last]] if first <= last else []
    return result


class State:
    """The state of a message whose entries these are."""

    def __init__(self, entries):
        facts = [fact for entry in entries for fact in entry.facts]
        self.time = max(entry.time for entry in entries)
        self.latest = max(fact.seq for fact in facts)
        self.clear = max(fact.clear for fact in facts)
        self.whole = max(fact.whole for fact in facts)
        self.listed = {key for fact in facts if fact.whole == self.whole for key in fact.listed}
        self.keys = {}
        for fact in facts:
            for key, change in fact.changes:
                self.keys[key] = max(change, self.keys.get(key, change))
        erased = [span for fact in facts for span in fact.erased]
        self.gone = {key for key, (seq, left, _, _) in self.keys.items() if not left and within(seq, erased)}
        self.pairs = sorted((seq, key.encode(), value) for key, (seq, _, deleted, value) in self.keys.items()
                            if not deleted and seq > self.clear and (seq > self.whole or key in self.listed)
                            and key not in self.gone)
        arrived = merged(span for fact in facts for span in fact.arrived)
        self.missing = [[before[1] + 1, after[0] - 1] for before, after in zip(arrived, arrived[1:])]

    def pair_list(self):
        return [{"Key": key.decode(), "Value": value.decode(), "Seq": seq} for seq, key, value in self.pairs]

    def lost(self):
        return sum(last - first + 1 for first, last in self.missing)

    def tally(self, separator=None):
        texts = [value if separator is None else key.split(separator.encode())[0] for _, key, value in self.pairs]
        return sorted(((text, texts.count(text)) for text in set(texts)), key=lambda row: (-row[1], row[0]))


def erased(entries, key):
    """A file's entries without a key, each by what stands in this file."""
    result = []
    for entry in entries:
        held = [other for other in entries if other.message == entry.message and other.facts]
        snapshots = [other.facts[0] for other in held if other.kind in ("compact", "mark")]
        versions = [(change[0], change[0]) for other in held for name, change in other.facts[0].changes if name == key]
        compacted = any(fact.names(key) for fact in snapshots)
        if compacted:  # which versions were the key's is not known any more
            versions += [span for fact in snapshots for span in fact.arrived]
        versions = merged((max(first, 1), last) for first, last in versions if last > 0)
        # Where a version was erased before, what a line has that does not name it must not count again.
        versions = apart(versions, merged(span for other in held for span in other.facts[0].erased))
        is_compact = compacted and entry.kind in ("compact", "mark")
        if not entry.facts or not (entry.facts[0].names(key) or is_compact or
                                   entry.facts[0].spans(versions)):
            result.append(entry)
            continue
        new = copy.copy(entry)
        new.facts = [entry.facts[0].without(key, versions, is_compact)]
        if merged(entry.facts[0].erased) == new.facts[0].erased and not entry.facts[0].names(key):
            result.append(entry)
            continue
        record = members(entry.text)
        record["Erased"] = new.facts[0].erased
        for name in ("ExtensionList", "Deleted", "Unlisted"):
            if record.get(name):
                record[name] = [pair for pair in record[name] if pair["Key"] != key]
        new.text, new.expected = None, record
        result.append(new)
    return result


class Log:
    """A group's log on one node, and what msgextctl must answer.  An answer is (exit status, what is printed)."""

    def __init__(self, group):
        self.group, self.entries, self.exists = group, [], False
        self.archives = []  # of each: its entries
        self.moved = []     # likewise, of what was moved out of the log and nobody put back

    # what is done to it

    def append(self, line):
        self.entries.append(entry_of(line, self.group))
        self.exists = True

    def repeat(self, index):
        """One of its lines once more, as a copy of a log that is put behind another has."""
        entry = self.entries[index % len(self.entries)]
        self.entries.append(copy.copy(entry))

    def compact(self, discard):
        before, unreadable = self.entries, [entry for entry in self.entries if entry.kind == "unreadable"]
        messages = self.messages()
        if all(entry.kind in ("compact", "mark", "unreadable") for entry in before) and \
                len(before) == len(unreadable) + len(messages):
            return
        self.entries = unreadable + [Entry("compact", [Digest(held)], None, message, max(entry.time for entry in held))
                                     for message, held in sorted(messages.items())]
        if not discard:
            self.archives.append(before)

    def mark(self):
        """The line by which a reader finds its place: it repeats that a line which stays has arrived."""
        stays = [entry for entry in self.entries if entry.kind not in ("unreadable", "import")]
        if stays:
            self.entries.append(Entry("mark", [Arrived(stays[-1])], None, stays[-1].message, stays[-1].time))

    def archive(self, before):
        old = {message for message, held in self.messages().items() if "" < max(entry.time for entry in held) < before}
        moved = [entry for entry in self.entries if entry.message in old and entry.kind != "unreadable"]
        if not moved:
            return
        self.entries = [entry for entry in self.entries if entry not in moved]
        self.mark()
        self.archives.append(moved)
        self.moved.append(moved)

    def rotate(self):
        """The log gets another name."""
        self.moved.append(self.entries)
        self.entries, self.exists = [], False

    def restore(self):
        """What was moved out is put before the log."""
        self.entries = [entry for moved in self.moved for entry in moved] + self.entries
        self.moved, self.exists = [], True

    def undo(self, message):
        """Takes the last import out: was there one behind which no compaction's snapshot says as much?"""
        at = max((index for index, entry in enumerate(self.entries)
                  if entry.kind == "import" and entry.message == message), default=None)
        if at is None:
            return False
        whole = self.entries[at].facts[0].whole
        if any(entry.kind == "compact" and entry.message == message and
               max(fact.whole for fact in entry.facts) >= max(whole, 1) for entry in self.entries[at + 1:]):
            return False
        self.archives.append(self.entries)
        self.entries = self.entries[:at] + self.entries[at + 1:]
        self.mark()
        return True

    def erase(self, key):
        """Takes a key out of each file: the log and the archives."""
        named = any(fact.names(key) for entry in self.entries for fact in entry.facts)
        if named:
            self.entries = erased(self.entries, key)
            self.mark()
        for archive in self.archives:
            if any(fact.names(key) for entry in archive for fact in entry.facts):
                archive[:] = erased(archive, key)

    # what is known

    def readable(self):
        return [entry for entry in self.entries if entry.kind != "unreadable"]

    def messages(self, at=None, as_of=None):
        """The entries of each message, up to a time or a version."""
        result = {}
        for entry in self.readable():
            if (at is None or entry.time <= at) and (as_of is None or entry.seq <= as_of):
                result.setdefault(entry.message, []).append(entry)
        return result

    def states(self, at=None, as_of=None):
        return [(message, State(held)) for message, held in sorted(self.messages(at, as_of).items())]

    def refuses(self, answer):
        """Does the log speak against an answer of the vendor's?  Known where nothing was compacted."""
        held = self.messages().get(answer["message"])
        if held is None:
            return True
        there = {(pair["Key"], pair["Seq"]): pair["Value"] for pair in answer["pairs"]}
        said = [(key, seq, "" if deleted else value.decode()) for entry in held for fact in entry.facts
                for key, (seq, _, deleted, value) in fact.changes if (key, seq) in there]
        if any(there[key, seq] != value for key, seq, value in said):
            return True
        before = State(held)
        added = Entry("import", [answer["fact"]], None, answer["message"], before.time)
        after = {key for _, key, _ in State(held + [added]).pairs}
        gone = [key for _, key, _ in before.pairs if key not in after]
        return len(before.pairs) >= 8 and 2 * len(gone) > len(before.pairs) and not said

    # what is answered

    def show(self, message=None, newest=False, **when):
        states = [(number, state) for number, state in self.states(**when) if message in (None, number)]
        lines = []
        for number, state in states:
            pairs = state.pair_list()
            if newest:
                pairs.sort(key=lambda pair: (-pair["Seq"], pair["Key"].encode()))
            lines.append({"GroupId": self.group, "MsgSeq": number, "LatestSeq": state.latest, "ClearSeq": state.clear,
                          "ExtensionList": pairs})
        return 0 if states else 1, lines

    def show_rows(self, **when):
        states = self.states(**when)
        return 0 if states else 1, [["MsgSeq", "Pairs", "LatestSeq", "Missing", "LastTime"]] * self.exists + [
            [str(number), str(len(state.pairs)), str(state.latest), str(state.lost()), state.time]
            for number, state in states]

    def pair_rows(self, message, **when):
        status, lines = self.show(message, **when)
        return status, [["Key", "Value", "Seq"]] * (not status) + [
            [pair["Key"], pair["Value"], str(pair["Seq"])] for line in lines for pair in line["ExtensionList"]]

    def tally(self, message, separator=None, **when):
        states = dict(self.states(**when))
        if message not in states:
            return 1, []
        state = states[message]
        name = "Value" if separator is None else "KeyPrefix"
        return 0, [{"GroupId": self.group, "MsgSeq": message, "LatestSeq": state.latest, "Missing": state.missing,
                    "Tally": [{name: text.decode(), "Count": count} for text, count in state.tally(separator)]}]

    def gaps(self, rest=False):
        lines = [{"GroupId": self.group, "MsgSeq": number, **({"StartSeq": 0} if rest else {"Missing": state.missing})}
                 for number, state in self.states() if state.missing]
        return 1 if lines or not self.exists else 0, lines

    def groups(self, size):
        held = self.readable()
        if not held:
            return []
        times = [entry.time for entry in held if entry.time] or [None]
        return [{"GroupId": self.group, "Events": sum(entry.kind == "event" for entry in held),
                 "Snapshots": sum(entry.is_snapshot() for entry in held), "Messages": len(self.messages()),
                 "Bytes": size, "FirstTime": min(times), "LastTime": max(times)}]

    def log(self, message=None, key=None, since=None, until=None, last=None):
        """The entries that are printed.  A line that does not say when it came is of any time."""
        held = [entry for entry in self.readable()
                if message in (None, entry.message) and (since is None or not entry.time or entry.time >= since)
                and (until is None or entry.time < until)
                and (key is None or entry.facts[0].operation == "clear" and entry.kind == "event"
                     or key in [name for name, _ in Fact(entry.text).rows])]
        held = held if last is None else held[-last:] if last > 0 else []
        return 0 if held else 1, held

    def log_lines(self, **which):
        status, held = self.log(**which)
        return status, [entry.text for entry in held]

    def log_rows(self, key=None, **which):
        status, held = self.log(key=key, **which)
        rows = [["Time", "GroupId", "MsgSeq", "Seq", "Operation", "Key", "Value"]]
        for entry in held:
            fact = Fact(entry.text)
            rows += [[entry.time, self.group, str(entry.message), str(fact.seq), fact.operation, *row]
                     for row in fact.rows or [("", "")] if key is None or not fact.rows or row[0] == key]
        return status, rows


def answer_of(pages):
    """The snapshot that an answer's pages make; when they are a whole answer of the vendor's."""
    latest, clear = pages[0]["LatestSeq"], pages[-1]["ClearSeq"]
    if clear > latest:
        latest = clear
    return {"LatestSeq": latest, "ClearSeq": clear, "WholeSeq": latest,
            "ExtensionList": [{name: pair[name] for name in ("Key", "Value", "Seq")}
                              for page in pages for pair in page["ExtensionList"]]}


def union(logs, group):
    """What logs of one group say that are put one behind the other."""
    result = Log(group)
    result.entries = [entry for log in logs for entry in log.entries]
    result.exists = any(log.exists for log in logs)
    return result
