"""codes.py DIRECTORY - what msgext-repair does at each answer of the vendor, and that it never loops."""
import datetime
import json
import os
import signal
import sys
import time

import standin
from place import Place, Points, at_once, await_true, own, write

MESSAGES = 8
OK = '{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0,"CompleteFlag":%s,"LatestSeq":%s,"ClearSeq":%s,"ExtensionList":%s}'
FLYING = 4  # calls at once

# Too many calls: the rate is halved, and at one call a second the third refusal ends it.
SLOWER = ("60007", "60011", "60018", "60019")
# What the messages of a run come to when the vendor always says that: calls, exit status, what is said, and calls of
# the next run.
CODES = (
    # Once more, and three messages in a row end it.
    ("60008", (6, 2 * MESSAGES), 69, "60008", None), ("10002", (6, 2 * MESSAGES), 69, "10002", None),
    ("60010", (1, FLYING), 78, "rest_admin", None),
    ("60020", (1, FLYING), 78, "package", None), ("60021", (1, FLYING), 78, "address", None),
    ("70001", (1, 2 * FLYING), 78, "70001", None),
    ("70003", (1, FLYING), 78, "70003", None), ("70009", (1, FLYING), 78, "70009", None),
    ("70013", (1, FLYING), 78, "70013", None), ("70014", (1, FLYING), 78, "70014", None),
    ("70016", (1, FLYING), 78, "rest_domain", None), ("70020", (1, FLYING), 78, "rest_domain", None),
    ("70050", (1, FLYING), 75, "70050", None),
    # Remembered: the next run asks for none of them.
    ("10010", (MESSAGES, MESSAGES), 1, "the group is gone", 0), ("10015", (MESSAGES, MESSAGES), 1, "the group is gone", 0),
    ("10004", (MESSAGES, MESSAGES), 1, "10004", 0), ("4", (MESSAGES, MESSAGES), 1, "is 4,", 0),
    ("-7", (1, 2 * MESSAGES), (1, 69), "", None), ("99999999999", (1, 2 * MESSAGES), (1, 69), "", None),
)

# What is no answer: each is asked once more, and then the run ends or the message is left.
NONSENSE = (
    "close", "cut", "big", "endless", "headers", "redirect", "status:500", "status:404 body:'<html>no such page</html>'",
    "status:502 body:'<html><title>Bad Gateway'", "body:''", "body:'[]'", "body:'null'", "body:'{}'", "body:'{\"Act'",
    "body:'\\0'", "body:'\\udcff\\udcfe'", "body:'[' * 100000",
    "body:'%s'" % OK % (1, 3, 0, '[{"Key":"a","Seq":"3"}]'), "body:'%s'" % OK % (1, '"3"', 0, "[]"),
    "body:'%s'" % OK % (1, 3, 4, "[]"), "body:'%s'" % OK % (1, 3, -1, "[]"),
    "body:'%s'" % OK % (1, 3, 0, '[{"Key":"a","Value":"x","Seq":4}]'),
    "body:'%s'" % OK % (0, 3, 0, "[]"),
    "body:'%s'" % OK % (0, 3, 0, '[{"Key":"a","Value":"x","Seq":0}]'),
    "body:'%s'" % OK % (1, 3, 0, '[{"Key":"a","Value":"x","Seq":3},{"Key":"a","Value":"y","Seq":3}]'),
    "body:'{\"ActionStatus\":\"FAIL\",\"ErrorInfo\":\"\\x1b[2J\",\"ErrorCode\":0}'",
    "body:'{\"ErrorCode\":0,\"ErrorCode\":60010}'",
)


class Trial(Points):
    def __init__(self, directory, **configured):
        self.place = Place(directory)
        self.place.configure(**configured)
        self.vendor = self.place.vendor

    def gaps(self, count=MESSAGES, pairs=1):
        """As many messages, each of which lacks its second version; the log."""
        self.place.empty()
        self.vendor.truth.clear()
        events = []
        for number in range(1, count + 1):
            for version in range(3):
                event = self.vendor.event("g", number, 1, [("k%d" % (version * pairs + i), "v") for i in range(pairs)])
                if version != 1:
                    events.append(event)
        self.place.log(events)
        return self.log()

    def log(self):
        with open(self.place.data + "/g.jsonl", encoding="utf-8") as file:
            return file.read()

    def left(self):
        return self.place.ctl("gaps", "--json")[0]

    def whole(self, *numbers):
        """What differs from the vendor's."""
        return ["message %d: %s\ninstead of %s" % (number, got, expected) for number, got, expected in (
            (number, self.place.state("g", number), self.vendor.truth["g", number].state("g", number))
            for number in numbers or [number for _, number in self.vendor.truth]) if got != expected]

    def try_code(self, code, calls, status, says, again):
        before = self.gaps()
        self.vendor.forget("* * * code:%s" % code)
        got, said = self.place.repair("--once")
        asked, wrong = len(self.vendor.calls), []
        statuses = status if isinstance(status, tuple) else (status,)
        if got not in statuses or says not in said:
            wrong.append("exits with %s and says %s" % (got, said))
        if not calls[0] <= asked <= calls[1]:
            wrong.append("%d calls" % asked)
        if self.log() != before:
            wrong.append("something is imported")
        if "Traceback" in said or "\x1b" in said:
            wrong.append(said)
        if again is not None:
            self.vendor.forget()
            got, said = self.place.repair("--once")
            if (got, len(self.vendor.calls)) != (1, again):
                wrong.append("the next run exits with %s after %d calls: %s" % (got, len(self.vendor.calls), said))
        self.point("ErrorCode %s: %s calls, ends with %s" % (code, asked, status), wrong)

    def try_nonsense(self, how):
        before = self.gaps(2)
        self.vendor.forget("* * * %s" % how)
        got, said = self.place.repair("--once")
        wrong = []
        if got not in (1, 69) or len(self.vendor.calls) > 8 or self.log() != before or "\x1b" in said:
            wrong.append("%s: exits with %s after %d calls%s: %s" % (
                how[:60], got, len(self.vendor.calls), "" if self.log() == before else ", imports", said[:1000]))
        return wrong

    def nonsense(self, ways):
        self.point("what is no answer is left, after few calls: %s ..." % ways[0], [line for how in ways for line in self.try_nonsense(how)])

    def once_more(self):
        """What goes wrong once goes right the second time."""
        wrong = []
        for how in ("code:60008", "code:10002", "code:60007", "close", "cut", "status:502 body:'<html>'"):
            self.gaps(3)
            self.vendor.forget("g 2 1 " + how)
            got, said = self.place.repair("--once")
            if got != 0 or self.left() or len(self.vendor.calls) != 4 or self.whole():
                wrong.append("%s: exits with %s after %d calls: %s %s" % (how, got, len(self.vendor.calls), said, self.whole()))
        for how in ("early", "unlengthed", "chunked"):
            self.gaps(3)
            self.vendor.forget("* * * " + how)
            got, said = self.place.repair("--once")
            if got != 0 or len(self.vendor.calls) != 3 or self.whole():
                wrong.append("%s: exits with %s after %d calls: %s" % (how, got, len(self.vendor.calls), said))
        self.point("what fails once is asked once more, and closed; HTTP's ways to say a length are known", wrong)

    def fresh_signature(self):
        """70001 once: a fresh signature."""
        self.gaps(1)
        self.vendor.forget("* * 1 code:70001 date:-7200")
        got, said = self.place.repair("--once")
        self.point("70001 once: a fresh signature, or both clocks are shown",
                   "" if got in (0, 78) and len(self.vendor.calls) <= 2 else "exits with %s: %s" % (got, said))
        self.vendor.forget("* * * code:70001 date:-7200")
        got, said = self.place.repair("--once")
        hour = time.strftime("%H:%M", time.gmtime(time.time() - 7200))
        self.point("70001 again: both clocks are shown", "" if got == 78 and hour in said and time.strftime("%H:", time.gmtime())
                   in said else said)

    def remembered(self):
        """For a week, then it is asked again; readers do not take it for a log."""
        self.gaps(3)
        self.vendor.forget("g 2 * code:10015")
        got, said = self.place.repair("--once")
        self.equal("a group that is gone is named, the others are closed", (got, json.loads(self.left())["MsgSeq"], "the group is gone" in said),
                   (1, 2, True), said)
        state = self.place.data + "/.repair-state"
        lines = open(state, encoding="utf-8").read().splitlines()
        self.point(".repair-state is JSON, a line for the run and one for the message", ""
                   if len(lines) == 2 and all(json.loads(line) for line in lines) else "\n".join(lines))
        for words in (("verify",), ("groups",)):
            out, status, said = self.place.ctl(*words)
            self.point("%s does not take it for a log" % words, "" if status == 0 and "repair" not in out + said else out + said)
        out, _, said = self.place.ctl("gaps")
        self.point("gaps says why it cannot be repaired", "" if "annot be repaired" in out and "gone" in out else out + said)
        out, _, said = self.place.ctl("check")
        self.point("check says what the last run left", "" if "repair" in out + said else out + said)
        self.aged(state, 8)
        self.vendor.forget()
        got, said = self.place.repair("--once")
        self.equal("after a week it is asked again", (got, len(self.vendor.calls), self.left()), (0, 1, ""), said)

    def aged(self, state, days):
        """Makes all that is remembered older."""
        def older(value):
            if isinstance(value, dict):
                return {key: older(member) for key, member in value.items()}
            if isinstance(value, str) and value[:2] == "20" and value.endswith("Z"):
                return (datetime.datetime.fromisoformat(value[:-1]) - datetime.timedelta(days=days)).isoformat(
                    timespec="milliseconds") + "Z"
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 1e12:
                return value - days * 86400000
            if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 1.6e9:
                return value - days * 86400
            return value
        with open(state, encoding="utf-8") as file:
            lines = [older(json.loads(line)) for line in file]
        with open(state, "w", encoding="utf-8") as file:
            file.writelines(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)

    def pages(self):
        """300 pairs, 20 a version: what comes between two pages."""
        def change(kind, pairs):
            self.vendor.later = [lambda: self.vendor.event("g", 1, kind, pairs)]
        for what, rules, kind, pairs in (
                ("nothing", (), 1, []), ("a page twice", ("g 1 2 twice",), 1, []),
                ("deleted keys are listed", ("* * * deleted",), 1, []),
                ("a set between", ("g 1 2 event",), 1, [("k0", "new"), ("k299", "new"), ("more", "x")]),
                ("a delete between", ("g 1 2 event",), 2, [("k1", ""), ("k298", "")]),
                ("a clear between", ("g 1 2 event",), 3, [])):
            self.place.empty()
            self.vendor.truth.clear()
            events = [self.vendor.event("g", 1, 1, [("k%d" % (20 * version + i), "v") for i in range(20)]) for version in range(15)]
            events.append(self.vendor.event("g", 1, 2, [("k7", "")]))
            self.place.log([events[0], events[3], events[15]])
            self.vendor.forget(*rules)
            change(kind, pairs)
            got, said = self.place.repair("--once")
            wrong = []
            if len(self.vendor.calls) > 4 or (self.vendor.later and "between" in what):
                wrong.append("calls: %s" % [call.start for call in self.vendor.calls])
            self.vendor.forget()
            got, said = self.place.repair("--recent", "36500d")
            if got != 0 or self.left() or self.whole():
                wrong.append("exits with %s: %s %s" % (got, said, self.whole()))
            self.point("pages: %s" % what, wrong)
        self.gaps(1, 100)
        before = self.log()
        self.vendor.forget("g 1 2+ twice")
        got, said = self.place.repair("--once")
        self.point("pages that never end are not asked for ever", "" if got in (1, 69) and len(self.vendor.calls) <= 8 and
                   self.log() == before else "exits with %s after %d calls: %s" % (got, len(self.vendor.calls), said))

    def members(self):
        """What any member of a group can bring about, of several messages, keeps no other from being closed."""
        wrong = []
        for what, body in (("half a character", OK % (1, 3, 0, '[{"Key":"\\\\ud800","Value":"x","Seq":3}]')),
                           ("pages that never end", OK % (0, 3, 0, "[]"))):
            self.gaps(6)
            self.vendor.forget(*("g %d * body:'%s'" % (number, body) for number in (1, 2, 3, 4)))
            got, said = self.place.repair("--once")
            if got != 1 or self.whole(5, 6):
                wrong.append("%s: exits with %s: %s" % (what, got, said))
        # Each byte is escaped: a page of 1.4 MB.
        self.place.empty()
        self.vendor.truth.clear()
        events = [self.vendor.event("g", 1, 1, [("%s%03d" % ("\x01" * 97, 20 * version + i), "\x01" * 1000) for i in range(20)])
                  for version in range(15)]
        self.place.log([events[0], events[14]])
        self.vendor.forget()
        got, said = self.place.repair("--once")
        if got != 0 or self.whole():
            wrong.append("the largest: exits with %s: %s" % (got, said))
        self.point("what members of a group can write keeps no message from being closed", wrong)

    def obstacles(self):
        """What stands where its own files are to be."""
        wrong = []
        victim = self.place.directory + "/victim"
        for name in (".repair-state", ".repair-state.new", ".repair-lock"):
            for kind in ("directory", "fifo", "symlink", "garbage", "large"):
                self.gaps(2)
                path = self.place.data + "/" + name
                write(victim, "kept")
                if kind == "directory":
                    os.mkdir(path, 0o700)
                    own(path)
                elif kind == "fifo":
                    os.mkfifo(path, 0o600)
                    own(path)
                elif kind == "symlink":
                    os.symlink(victim, path)
                else:
                    write(path, "\0{\"GroupId\":\"g\",\"MsgSeq\":1,\n\n" if kind == "garbage" else "{}\n" * 1000000)
                self.vendor.forget("g 2 * code:10015")
                got, said = self.place.repair("--once")
                with open(victim, encoding="utf-8") as file:
                    kept = file.read() == "kept"
                if got not in (1, 66, 74) or not kept or len(self.vendor.calls) > 2 or (got == 1 and self.whole(1)):
                    wrong.append("%s as a %s: exits with %s: %s" % (name, kind, got, said))
        self.point("what stands where its own files are to be", wrong)

    def conflicts(self):
        """An answer of another message is refused where the log says other."""
        self.gaps(2)
        self.vendor.event("g", 3, 1, [("k0", "other")])
        for _ in range(3):
            self.vendor.event("g", 3, 1, [("z", "other")])
        before = self.log()
        self.vendor.forget("g 1 * other:g/3")
        got, said = self.place.repair("--once")
        lines = [line for line in self.log().splitlines() if '"MsgSeq":1,' in line]
        self.equal("a conflict is named and left", (got, len(lines), "message 1" in said or "MsgSeq 1" in said or " 1:" in said),
                   (1, 2, True), said)
        self.vendor.forget()
        self.equal("and remembered", (self.place.repair("--once")[0], len(self.vendor.calls)), (1, 0), before)
        # A lost clear rightly takes most away.
        self.place.empty()
        self.vendor.truth.clear()
        events = [self.vendor.event("g", 1, 1, [("k%d" % (20 * v + i), "v") for i in range(20)]) for v in range(5)]
        self.vendor.event("g", 1, 3, [])
        events.append(self.vendor.event("g", 1, 1, [("k", "v")]))
        self.place.log(events)
        self.vendor.forget()
        got, said = self.place.repair("--once")
        self.equal("a lost clear is brought back", (got, self.left(), self.whole()), (0, "", []), said)
        # It ends before the gap: the vendor has forgotten it.
        self.gaps(1)
        before = self.log()
        self.vendor.forget("* * * body:'%s'" % OK % (1, 1, 0, '[{"Key":"k0","Value":"v","Seq":1}]'))
        got, said = self.place.repair("--once")
        calls = len(self.vendor.calls)
        self.place.repair("--once")
        self.equal("an answer that ends before the gap is left and remembered", (got, calls, len(self.vendor.calls)), (1, 1, 1), said)

    def recent(self):
        """What was lost at the end, or before the first."""
        self.place.empty()
        self.vendor.truth.clear()
        kept = []
        for number, lost in ((1, ()), (2, (3,)), (3, (2, 3)), (4, (0,))):
            for version, (kind, pairs) in enumerate(((1, [("a", "1"), ("b", "1")]), (1, [("c", "1")]), (2, [("a", "")]),
                                                     (1, [("d", "1")]))):
                event = self.vendor.event("g", number, kind, pairs)
                if version not in lost:
                    kept.append(event)
        self.place.log(kept)
        self.vendor.forget()
        got, said = self.place.repair("--once")
        self.equal("without --recent nothing is asked where there is no gap", (got, len(self.vendor.calls)), (0, 0), said)
        got, said = self.place.repair("--once", "--recent", "1h")
        self.equal("nor what is older than --recent", (got, len(self.vendor.calls)), (0, 0), said)
        got, said = self.place.repair("--once", "--recent", "36500d", "--dry-run")
        self.equal("--dry-run asks nothing, and counts", (got in (0, 1), len(self.vendor.calls), "4" in said), (True, 0, True), said)
        got, said = self.place.repair("--once", "--recent", "36500d")
        self.point("what was lost at the end and at the beginning is brought back", [] if got == 0 and not self.whole() else
                   [said] + self.whole())
        starts = [call.start for call in self.vendor.calls if call.number == 1]
        self.equal("where nothing was lost it is one call, from the next version", starts, [5])
        starts = [call.start for call in self.vendor.calls if call.number == 3]
        self.equal("where something was, once more from 0", starts, [3, 0])
        self.vendor.forget()
        before = self.log()
        got, said = self.place.repair("--once", "--recent", "36500d")
        self.equal("the next run imports nothing", (got, self.log() == before), (0, True), said)

    def beginnings(self):
        """An answer that ends before what the log begins with would open a gap."""
        wrong = []
        for answer in (OK % (1, 0, 0, "[]"), OK % (1, 2, 0, '[{"Key":"k0","Value":"v","Seq":1}]')):
            self.place.empty()
            self.vendor.truth.clear()
            self.place.log([self.vendor.event("g", 1, 1, [("k%d" % version, "v")]) for version in range(8)][4:])
            before = self.log()
            self.vendor.forget("* * * body:'%s'" % answer)
            got = [self.place.repair("--recent", "36500d") for _ in range(2)]
            if [status for status, _ in got] != [0, 0] or self.left() or self.log() != before or len(self.vendor.calls) != 1:
                wrong.append("%s: %s %s" % (answer, got, self.left()))
            if "version 4 is missing" not in got[0][1]:
                wrong.append(got[0][1])
        self.point("an answer that ends before the log's beginning opens no gap, and is remembered", wrong)

    def meanwhile(self):
        """A gap that opens while the vendor answers."""
        self.gaps(1)
        self.vendor.forget("* * * hold body:'%s'" % OK % (1, 3, 0, '[{"Key":"k2","Value":"v","Seq":3}]'))
        process = self.place.start("--once")
        await_true(lambda: self.vendor.calls)
        with open(self.place.data + "/g.jsonl", "a", encoding="utf-8") as file:
            line = self.log().splitlines()[0]
            file.writelines(line.replace('"Seq":1', '"Seq":%d' % version) + "\n" for version in (4, 6))
        self.vendor.release.set()
        said = process.communicate()[0].decode()
        self.equal("a gap that opens meanwhile is left for the next run", (process.returncode, "1 left for the next run" in said,
                   json.loads(self.left())["Missing"]), (1, True, [[5, 5]]), said)

    def apps(self):
        """A group of another app may have the same id."""
        self.gaps(2)
        write(self.place.data + "/g.jsonl", self.log().replace(str(standin.APP), str(standin.APP + 1)))
        before = self.log()
        self.vendor.forget()
        got, said = self.place.repair("--once", "--recent", "36500d")
        self.equal("messages of another app are not asked for, and that is said", (got, len(self.vendor.calls), self.log() == before,
                   "4 lines are of other apps" in said), (0, 0, True, True), said)

    def parents(self):
        """Whoever starts it may ignore how children end."""
        self.gaps(3)
        self.vendor.forget("* * * cut")
        got, said = self.place.repair("--once", preexec_fn=lambda: signal.signal(signal.SIGCHLD, signal.SIG_IGN))
        self.equal("it is known how curl ended, where its parent ignores that", (got, "curl: (18)" in said), (69, True), said)

    def strangers(self):
        """A curl that does not know an option says so in its own words."""
        programs = self.place.directory + "/programs"
        os.mkdir(programs, 0o755)
        os.chmod(programs, 0o755)
        write(programs + "/curl", "#!/bin/sh\necho 'curl: option fail-early: is unknown' >&2\nexit 2\n", 0o755)
        self.gaps(3)
        got, said = self.place.repair("--once", env={**os.environ, "PATH": programs + ":" + os.environ["PATH"]})
        self.equal("what an old curl says is told", (got, "option fail-early: is unknown" in said), (69, True), said)
        write(programs + "/msgext-ship", "#!/bin/sh\nexit 0\n", 0o755)
        os.remove(programs + "/curl")
        self.gaps(3)
        self.vendor.forget()
        got, said = self.place.repair("--from", "x", env={**os.environ, "PATH": programs + ":" + os.environ["PATH"]})
        self.equal("what only this node has is asked for, too", (got, len(self.vendor.calls), self.left()), (0, 3, ""), said)

    def slow(self):
        """rate = 8: so many calls take their time."""
        self.place.configure(rate=8)
        self.gaps(12)
        start = time.monotonic()
        got, said = self.place.repair("--once")
        took = time.monotonic() - start
        times = [call.time for call in self.vendor.calls]
        most = max(sum(begin <= each < begin + 1 for each in times) for begin in times)
        self.point("rate = 8: 12 calls take at least a second, and none has more", "" if got == 0 and took > 1.0 and most <= 8 else
                   "%s after %.2f s, %d in a second: %s" % (got, took, most, said))

    def flying(self):
        """Calls at once, and connections."""
        self.gaps(60)
        self.vendor.forget("* * * stall:0.02")
        got, said = self.place.repair("--once")
        connections = len({call.connection for call in self.vendor.calls})
        self.point("at most %d calls at once, and connections are reused" % FLYING, "" if got == 0 and "60 calls" in said and
                   self.vendor.flying_most <= FLYING and connections < 40 and len(self.vendor.calls) == 60 else
                   "%d calls, %d connections, %d at once: %s" % (len(self.vendor.calls), connections, self.vendor.flying_most, said))


def main(directory):
    os.umask(0o077)
    os.makedirs(directory + "/vendor")
    standin.certificates_make(directory + "/vendor")
    trials = []

    def part(work, *arguments, **configured):
        """In a place of its own."""
        trial = Trial("%s/%d" % (directory, len(trials)), **configured)

        def run():
            work(trial, *arguments)
            trial.equal("every question was as the vendor wants it: %s" % work.__name__, trial.vendor.wrong, [])
            trial.place.stop()
        trials.append(run)
    for code in SLOWER:
        part(Trial.try_code, code, (4, 3 * FLYING), 75, code, None, rate=2)
    part(lambda trial: [trial.try_code(*row) for row in CODES])
    for first in range(0, len(NONSENSE), 5):
        part(Trial.nonsense, NONSENSE[first:first + 5])
    for work in (Trial.once_more, Trial.fresh_signature, Trial.remembered, Trial.pages, Trial.members, Trial.obstacles, Trial.conflicts, Trial.recent,
                 Trial.beginnings, Trial.meanwhile, Trial.apps, Trial.parents, Trial.strangers, Trial.slow, Trial.flying):
        part(work)
    return at_once(trials)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
