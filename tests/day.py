"""day.py SCRATCH DISK SEED SECONDS PORT ENGINE_BIN [full] - a day of everything, for day.t, which starts the servers.

Eight senders tell what happens at a stand-in for the vendor, through lighttpd, nginx and Apache; some events are lost on
the way.  Meanwhile logs are compacted, archived from, renamed, erased from, shipped, repaired and looked at, by programs
that are killed now and then; receivers are killed and stopped, the engine is killed, the disk is full, the clock of some
receivers is set, the directory is replaced.  An event that was not acknowledged is not sent again: the repair brings it.

Each group has what is done to it: a log that is archived from or renamed is shipped later only if the engine had it
before (msgext-ship(8)), and a compaction is of keys that are never changed.  What the receiver acknowledged must stand as
it came, in a line of its own: that a repair has brought it does not count.  Only a compaction that keeps no original
leaves no such lines, in a group of its own.

Prints what is wrong at the end, and figures in lines that begin with "#"; exit 1.
"""
import base64
import collections
import contextlib
import fcntl
import glob
import gzip
import hmac
import http.client
import json
import os
import random
import re
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
import traceback
import urllib.parse

sys.dont_write_bytecode = True
TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.append(TOP + "/tests/rest")
import engine
import events
import promises
from place import BUILD, Place, await_true

GROUPS = ["grown", "compacted", "discarded", "archived", "rotated", "erased"]
MESSAGES = 4  # of a group at a time
EVENTS = 150  # about so many has a message, which has at most 300 pairs (the vendor's limit)
SENDERS = 8
LATE, SLACK = 1.8, 1.2  # seconds (P6), and what the servers and a busy machine may add
HELD = 6  # seconds for which somebody has a log's lock
# What the servers' error logs may say of refused events, and of pages that were not shown.
EXPECTED = {"data-dir", "disk-full", "disk-low", "lock-timeout", "open-failed"}
DONE = ["acknowledged by apache", "acknowledged by lighttpd", "acknowledged by nginx", "clock set", "directory replaced",
        "engine killed", "lock held", "lost on the way", "msgext-repair --once", "msgextctl alarm", "msgextctl archive",
        "msgextctl check", "msgextctl compact", "msgextctl erase", "pages: 200", "receivers killed", "receivers stopped",
        "rotations", "shipper killed"]
QUERY = events.QUERY + "&ClientIP=203.0.113.7&OptPlatform=Web"
KILLED = -signal.SIGKILL


def clear_of(event):
    return event["GroupId"], event["MsgSeq"], event["Seq"]


def signal_send(pids, which):
    """To those that are still there."""
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, which)


class DayPlace(Place):
    disk = None

    def empty(self):
        self.data = self.disk + "/data"
        os.makedirs(self.data, mode=0o700, exist_ok=True)


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=30)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(30)
        self.sock.connect(self.path)


class Day:
    def __init__(self, scratch, disk, seed, seconds, port, engine_bin, full=""):
        DayPlace.disk = disk
        self.scratch, self.disk, self.seconds, self.bin = scratch, disk, float(seconds), engine_bin
        self.place = DayPlace(scratch, sync="yes")
        self.data, self.vendor = self.place.data, self.place.vendor
        self.dice = random.Random(int(seed))
        self.port, self.full = int(port), full
        self.conninfo = "host=%s/one user=postgres dbname=postgres" % scratch
        self.lock, self.archiving = threading.Lock(), threading.Lock()
        self.told = collections.Counter()  # events that are true, by group
        self.over = threading.Event()
        self.must, self.may, self.erased = set(), set(), set()
        self.clears = set()  # those that were acknowledged: no pair tells of them
        self.erasable = []  # keys that were acknowledged, and that nothing depends on
        self.counts, self.said, self.longest, self.replaced = collections.Counter(), [], 0, 0
        self.wrong = []
        self.stops = []  # when receivers were stopped, and until when
        self.pauses = []  # when this program did not come to its turn, and until when
        self.key = 0
        self.shipper = None
        self.alive = True  # until all that makes trouble has ended

    def complain(self, what, text):
        with self.lock:
            self.wrong.append("%s: %.1500s" % (what, text))

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    # senders

    def connection(self, server):
        if server == "apache":
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        return UnixConnection("%s/%s.socket" % (self.scratch, server))

    def ask(self, server, method, target, body=None, headers=()):
        """Status and body; 0 where the connection was cut.  How long it took counts."""
        begin = time.monotonic()
        connection = self.connection(server)
        try:
            connection.request(method, target, body, {"Connection": "close", **dict(headers)})
            answer = connection.getresponse()
            result = answer.status, answer.read()
        except (OSError, http.client.HTTPException) as error:
            result = 0, repr(error).encode()
        finally:
            connection.close()
        end = time.monotonic()
        with self.lock:
            self.longest = max(self.longest, end - begin)
            excused = sum(max(0, min(end, until) - max(begin, since)) for since, until in self.stops + self.pauses)
            self.counts["late answers"] += end - begin - excused > LATE
        if end - begin - excused > LATE + SLACK:
            self.complain("P6", "%s took %.1f s, %.1f s of them excused, to answer %s %s" % (
                server, end - begin, excused, method, result))
        return result

    def beat(self):
        """Notes when the machine had no time for us."""
        last = time.monotonic()
        while self.alive:
            time.sleep(0.05)
            now = time.monotonic()
            if now - last > 0.3:
                with self.lock:
                    self.pauses.append((last, now))
            last = now

    def messages(self, group):
        """Those that an event may be of now, and all until now."""
        with self.lock:
            first = 1 + self.told[group] // (MESSAGES * EVENTS) * MESSAGES
        return range(first, first + MESSAGES), range(1, first + MESSAGES)

    def change(self, dice, group):
        """What changes next at the vendor: kind and pairs."""
        with self.lock:
            self.key += 1
            self.told[group] += 1
            fresh = "k%d" % self.key
        if group in ("grown", "archived", "rotated") and dice.random() < 0.3:
            kind = dice.choice((1, 1, 1, 2, 2, 3))
            return kind, [] if kind == 3 else [("often%d" % dice.randrange(5), "v" + fresh)]
        return 1, [(fresh, "v" * dice.choice((1, 10, 300, 900)))] + (
            [(fresh + "b", "second")] if dice.random() < 0.3 else [])

    def send(self, server, body):
        """Posts an event; was it acknowledged?"""
        pairs = set(promises.pairs_held(body))
        with self.lock:
            self.may |= pairs
        status, answer = self.ask(server, "POST", "/msgext?" + QUERY, json.dumps(body))
        ok = status == 200 and b'"ActionStatus":"OK"' in answer
        with self.lock:
            self.counts["acknowledged by " + server if ok else "refused: %d" % status] += 1
            if ok and (body["OperateType"] == 1 or body["GroupId"] != "erased"):
                self.must |= pairs
                self.may -= pairs
            if ok and body["OperateType"] == 3:
                self.clears.add(clear_of(body))
        if 400 <= status < 500 or (status == 507 and not self.alive):  # there is room again by then
            self.complain("a valid event through " + server, "%d %r" % (status, answer))
        return ok

    def sender(self, number, seed):
        dice, server = random.Random(seed), ("lighttpd", "nginx", "apache")[number % 3]
        while not self.over.wait(dice.random() * 0.05):
            group = dice.choice(GROUPS)
            message = dice.choice(self.messages(group)[0])
            with self.archiving if group == "archived" else contextlib.nullcontext():
                kind, pairs = self.change(dice, group)
                body = self.vendor.event(group, message, kind, pairs)
                if dice.random() < 0.08:  # it never comes
                    with self.lock:
                        self.may |= set(promises.pairs_held(body))
                    self.count("lost on the way")
                    continue
                if self.send(server, body) and group == "erased" and dice.random() < 0.2:
                    with self.lock:
                        self.erasable.append((message, pairs[0][0]))

    # what is done to logs

    def run(self, *words, kill=0.0):
        """Exit status and what was said; kill: how probably, once it has been done."""
        name = " ".join(word for word in (os.path.basename(words[0]), *words[3:4]) if not word.startswith("/"))
        process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if self.dice.random() < kill and self.counts[name]:
            try:
                process.wait(self.dice.random() ** 3 * 0.3)
            except subprocess.TimeoutExpired:
                process.kill()
        try:
            said = process.communicate(timeout=120)[0].decode(errors="replace")
        except subprocess.TimeoutExpired:
            process.kill()
            said = "hangs: " + process.communicate()[0].decode(errors="replace")
            self.complain(" ".join(words), said)
        self.count(("killed: " if process.returncode == KILLED else "") + name)
        return process.returncode, said

    def ctl(self, *words, good=(0, 1), kill=0.3):
        """Troubles that the day makes (66 and 73: gone, 74: full, 75: replaced or locked) are no faults."""
        status, said = self.run(BUILD + "msgextctl", "-c", self.place.config, *words, kill=kill)
        troubled = (66, 73, 74, 75) if self.alive else ()
        if status not in (*good, *troubled, KILLED):
            self.complain("msgextctl %s: %d" % (" ".join(words), status), said)

    def compact(self):
        self.ctl("compact", *self.dice.choice((("compacted",), ("discarded", "--discard"))))

    def ship_all(self):
        """Once; is all shipped?"""
        self.ship_stop()
        for _ in range(5):
            status, said = self.run(BUILD + "msgext-ship", "-d", self.data, "--once", self.conninfo)
            if status == 0:
                return True
            if status not in (66, 69, 74, 75):
                self.complain("msgext-ship --once: %d" % status, said)
                break
            time.sleep(0.2)
        return False

    def archive(self):
        """What is shipped; meanwhile nothing comes to this log."""
        with self.archiving:
            if self.ship_all():
                self.ctl("archive", "archived", "--before", "2099-01-01")

    def rotate(self):
        """What the engine knows."""
        if not self.ship_all():
            return
        try:
            os.rename(self.data + "/rotated.jsonl", "%s/rotated.jsonl.%d" % (self.data, self.counts["rotations"] + 1))
            self.count("rotations")
        except FileNotFoundError:
            pass

    def erase(self):
        """The vendor deletes the key first, as an application would that forgets a person."""
        await_true(lambda: self.erasable, 5)
        with self.lock:
            message, key = self.erasable.pop(0) if self.erasable else (0, "")
        if not message:
            return
        self.send("lighttpd", self.vendor.event("erased", message, 2, [(key, "")]))
        with self.lock:
            gone = {pair for pair in self.must if pair[:3] == ("erased", message, key)}
            self.must -= gone
            self.may |= gone
            self.erased.add(key)
        self.ctl("erase", "--key", key, "erased")

    def repair(self):
        status, said = self.run(*self.place.command("--once", "--recent", "5m"), kill=0.3)
        if status not in (0, 1, 66, 69, 73, 74, 75, KILLED):
            self.complain("msgext-repair: %d" % status, said)

    def check(self):
        """Not killed: what it tries things in, .check-PID-N, would stay for a minute."""
        self.ctl("check", good=(0, 1, 78), kill=0)

    def alarm(self):
        self.ctl("alarm", "--state", self.scratch + "/alarm-state", "--textfile", self.scratch + "/msgext.prom")

    def look(self):
        """A page, of somebody who has signed in."""
        group = self.dice.choice(GROUPS)
        status, _ = self.page(group, self.dice.choice(self.messages(group)[1][-20:]), self.dice.choice(("", "&f=csv", "&f=json")))
        self.count("pages: %d" % status)

    def page(self, group, message, more=""):
        expiry = int(time.time()) + 3600
        key = hmac.digest(b"0123456789abcdef0123456789abcdef", b"msgext-view session key\ncorrect horse battery", "sha256")
        code = base64.urlsafe_b64encode(hmac.digest(key, b"msgext-view session 1\n%d" % expiry, "sha256")).decode().rstrip("=")
        return self.ask("lighttpd", "GET", "/view?%s%s" % (urllib.parse.urlencode({"g": group, "m": message}), more),
                        headers={"Cookie": "msgext-view=%d.%s" % (expiry, code)}.items())

    # what goes wrong

    def receivers(self):
        """Those of this test, whichever server has started them."""
        found = []
        for entry in os.listdir("/proc"):
            try:
                if entry.isdigit() and os.stat("/proc/" + entry).st_uid == os.getuid() and \
                        open("/proc/%s/comm" % entry).read() == "msgext\n" and \
                        self.scratch.encode() in open("/proc/%s/environ" % entry, "rb").read() + \
                        open("/proc/%s/cmdline" % entry, "rb").read():
                    found.append(int(entry))
            except OSError:
                pass
        return found

    def signal_some(self, count, which):
        found = self.receivers()
        some = self.dice.sample(found, min(count, len(found)))
        signal_send(some, which)
        return some

    def kill_receivers(self):
        self.counts["receivers killed"] += len(self.signal_some(3, signal.SIGKILL))

    def stall_receivers(self):
        begin, seconds = time.monotonic(), self.dice.random() * 2.5
        with self.lock:
            self.stops.append((begin, begin + seconds + 1))
        some = self.signal_some(self.dice.choice((12, 80)), signal.SIGSTOP)
        time.sleep(seconds)
        self.counts["receivers stopped"] += len(some)
        signal_send(some, signal.SIGCONT)
        with self.lock:
            self.stops[-1] = (begin, time.monotonic())

    def hold_lock(self):
        """Somebody has the lock of a log for longer than anybody waits, and the clock is set back meanwhile."""
        path = self.data + "/grown.jsonl"
        await_true(lambda: os.path.exists(path))
        with open(path, "r+b") as file:
            self.clock_write(0)
            fcntl.lockf(file, fcntl.LOCK_EX)
            for step in range(1, 6):
                time.sleep(0.5)
                self.clock_write(-1000 * step)
            time.sleep(HELD - 2.5)
        self.count("lock held")

    def fill_disk(self):
        if not self.full:
            return
        with open(self.disk + "/ballast", "wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(1 << 16))
            except OSError:
                pass
        time.sleep(0.3 + self.dice.random())
        os.unlink(self.disk + "/ballast")
        self.count("disk full")

    def set_clock(self):
        self.clock_write(self.dice.choice((0, 3600, -3600, 5, -5, 86400 * 40)))

    def clock_write(self, seconds):
        with open(self.scratch + "/clock", "r+b") as file:
            file.write(struct.pack("=q", seconds))
        self.count("clock set")

    def kill_engine(self):
        """While the shipper is at work.  Stopped for a moment first: so it has a transaction that is not at its end."""
        self.engine_await_lines()
        first = int(open(self.scratch + "/one/data/postmaster.pid").readline())
        with open("/proc/%d/task/%d/children" % (first, first)) as file:
            others = [int(pid) for pid in file.read().split()]
        for which in (signal.SIGSTOP, signal.SIGKILL):
            signal_send([first, *others], which)
            time.sleep(0.2)
        time.sleep(0.3)
        for path in [self.scratch + "/one/data/postmaster.pid", *glob.glob(self.scratch + "/one/.s.PGSQL.*")]:
            if os.path.exists(path):
                os.unlink(path)
        self.engine_start()
        self.count("engine killed")
        # The same shipper goes on, if the disk lets it: the house stops it next.
        self.engine_await_lines()

    def engine_await_lines(self):
        """Some more lines."""
        lines = self.engine_lines()
        # A full disk ends a shipper.
        await_true(lambda: self.ship_start() or time.sleep(0.05) or self.engine_lines() > lines)

    def engine_lines(self):
        return int(engine.sql(self.conninfo, "select count(*) from msgext_line", check=False) or 0)

    def engine_start(self):
        started = subprocess.run([self.bin + "/pg_ctl", "-D", self.scratch + "/one/data", "-l", self.scratch + "/one/log",
                                  "-w", "-t", "60", "start"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        if started.returncode != 0:
            self.complain("the engine", "does not start again")

    def replace_directory(self):
        self.ship_stop()
        self.replaced += 1
        os.rename(self.data, "%s.%d" % (self.data, self.replaced))
        time.sleep(self.dice.random() * 0.1)
        os.mkdir(self.data, 0o700)
        self.count("directory replaced")

    # shipping

    def ship_start(self):
        """Where none is at work."""
        if self.shipper is None or self.shipper.poll() is not None:
            self.shipper = subprocess.Popen([BUILD + "msgext-ship", "-d", self.data, self.conninfo], stdin=subprocess.DEVNULL,
                                            stdout=subprocess.DEVNULL, stderr=open(self.scratch + "/ship.log", "ab"))

    def ship_stop(self):
        if self.shipper is not None:
            self.shipper.kill()
            self.shipper.wait()
        self.count("shipper killed")

    # the day

    def deck(self, cards, rest):
        """All cards, in another order each time; so long as the day is, but once at least."""
        first = True
        while first or not self.over.is_set():
            cards = self.dice.sample(cards, len(cards))
            for card in cards:
                if self.over.is_set() and not first:
                    break
                card()
                time.sleep(self.dice.random() * rest)
            first = False

    def chaos(self):
        self.hold_lock()  # once in a short day
        self.deck([self.kill_receivers, self.kill_receivers, self.stall_receivers, self.fill_disk, self.set_clock,
                   lambda: self.dice.random() < 0.2 and self.hold_lock()], 0.5)

    def house(self):
        """Whoever replaces the directory is who works in it: a day has one keeper."""
        turn = [self.compact, self.compact, self.archive, self.rotate, self.erase, self.repair, self.check, self.alarm,
                self.ship_stop, self.kill_engine, self.replace_directory]
        self.deck([lambda card=card: (self.ship_start(), card()) for card in turn], 0.3)

    def looks(self):
        self.deck([self.look], 0.3)

    def guarded(self, work, *arguments):
        try:
            work(*arguments)
        except Exception:  # a thread's own would be lost
            self.complain(work.__name__, traceback.format_exc()[-1500:])

    def live(self):
        workers = [threading.Thread(target=self.guarded, args=(self.sender, number, self.dice.random()))
                   for number in range(SENDERS)]
        workers += [threading.Thread(target=self.guarded, args=(work,)) for work in (self.chaos, self.house, self.looks)]
        threading.Thread(target=self.beat, daemon=True).start()
        for worker in workers:
            worker.start()
        time.sleep(self.seconds)
        self.over.set()
        for worker in workers:
            worker.join()
        self.alive = False

    # the end

    def settle(self):
        """In peace: a last event of each message, what never came is repaired, all is shipped, and erased once more."""
        for group in GROUPS:
            for message in self.messages(group)[1]:
                for attempt in range(20):
                    body = self.vendor.event(group, message, 1, [("last%d" % attempt, "v")])
                    if self.send(("lighttpd", "nginx", "apache")[(message + attempt) % 3], body):
                        break
                    time.sleep(0.5)
                else:
                    self.complain("at the end", "no event of %s is taken" % group)
        for _ in range(3):
            status, said = self.place.repair_next("--once", "--recent", "7d")
            if status == 0:
                break
        if status != 0:
            self.complain("msgext-repair at the end: %d" % status, said)
        for key in sorted(self.erased):
            self.ctl("erase", "--key", key, "erased", kill=0)
        self.ship_stop()
        for data in self.directories():
            status, said = self.run(BUILD + "msgext-ship", "-d", data, "--once", self.conninfo)
            if status != 0:
                self.complain("msgext-ship --once at the end, %s: %d" % (data, status), said)

    def directories(self):
        return [self.data] + ["%s.%d" % (self.data, number) for number in range(1, self.replaced + 1)]

    def judge_states(self):
        for group in GROUPS:
            messages = self.messages(group)[1]
            lines = self.place.ctl("show", group, "--json")[0].splitlines()
            shown = {record["MsgSeq"]: record for record in map(json.loads, lines)}
            for message in messages:
                expected, got = self.vendor.truth[group, message].state(group, message), shown.get(message)
                if got != expected:
                    self.complain("P4: %s %d" % (group, message), "%.700s\ninstead of %.700s" % (got, expected))
            for message in self.dice.sample(messages, MESSAGES):
                status, page = self.page(group, message)
                if status != 200 or b"last" not in page:
                    self.complain("the page of %s %d" % (group, message), "%d %r" % (status, page[-300:]))
        gaps, status, said = self.place.ctl("gaps")
        if gaps or status:
            self.complain("gaps at the end: %d" % status, gaps + said)
        self.ctl("verify", good=(0,), kill=0)
        self.ctl("check", good=(0, 1), kill=0)

    def judge_erased(self):
        files = [path for path in glob.glob(self.data + "/erased.*") if ".gz" not in path]
        text = b"".join(open(path, "rb").read() for path in files)
        for key in self.erased:
            if b'"%s"' % key.encode() in text:
                self.complain("an erased key is in a file", key)

    def judge_engine(self):
        """Every pair that was acknowledged is there, as it came; erased ones were, or not.  A log that is compacted may be
        shipped as it is then.  What is only grown is there once."""
        shipped, clears, counts = set(), set(), collections.Counter()
        for record in engine.records(self.conninfo):
            if record.get("OperateType") == 3:
                clears.add(clear_of(record))
            pairs = promises.pairs_held(record) if "ExtensionList" in record else []
            if "CallbackCommand" in record:
                counts.update(pairs)
            if "CallbackCommand" in record or record.get("GroupId") in ("compacted", "discarded"):
                shipped |= set(pairs)
        for pair in sorted(self.must - shipped)[:5] + sorted(self.clears - clears)[:5]:
            self.complain("P1: was acknowledged and is not in the engine", repr(pair))
        for pair in sorted(pair for pair, count in counts.items() if count > 1 and pair[0] == "grown")[:5]:
            self.complain("P3: is in the engine %d times" % counts[pair], repr(pair))

    def clears_held(self):
        """Those in logs and archives."""
        held = set()
        for path in (path for data in self.directories() for path in glob.glob(data + "/*.jsonl*")):
            with (gzip.open if path.endswith(".gz") else open)(path, "rb") as file:
                held.update(clear_of(json.loads(line)) for line in file if b'"OperateType":3,' in line)
        return held

    def judge_refusals(self):
        """By what the receivers and viewers told the servers' error logs."""
        for server in ("lighttpd", "nginx", "apache"):
            with open("%s/%s.log" % (self.scratch, server), encoding="utf-8", errors="replace") as file:
                for line in file:
                    told = re.search(r"\bmsgext(?:-view)?: ([a-z-]+): ", line)
                    if told:
                        self.counts["told: " + told[1]] += 1
                        if told[1] not in EXPECTED:
                            self.complain("%s's error log" % server, line.strip())

    def judge(self):
        complaints = promises.held_complaints(self.directories(), self.must, self.may, os.getuid(), promises.NOTHING)
        for complaint in complaints[:10]:
            self.complain("promises", complaint)
        told = set().union(*(promises.Logs(data).told for data in self.directories()))
        missing = sorted(pair for pair in self.must - told if pair[0] != "discarded")[:5]
        for what in missing + sorted(self.clears - self.clears_held())[:5]:
            self.complain("P1: was acknowledged and no line of an event has it", repr(what))
        self.judge_refusals()
        self.judge_states()
        self.judge_erased()
        self.judge_engine()
        # A full disk refuses at once, and so a great many.
        sent = sum(count for what, count in self.counts.items() if re.match("acknowledged|refused: (?!507)", what))
        taken = sum(count for what, count in self.counts.items() if what.startswith("acknowledged"))
        if taken * 2 < sent:
            self.complain("at the end", "%d of %d events were acknowledged" % (taken, sent))
        for what in DONE + ["disk full"] * (self.full != ""):
            if not self.counts[what]:
                self.complain("at the end", "there was none of: " + what)

    def tell(self):
        print("# the longest answer took %.2f s" % self.longest)
        print("# " + ", ".join("%s %d" % item for item in sorted(self.counts.items())))
        for text in self.wrong[:20]:
            print(text)
        return bool(self.wrong)

    def go(self):
        self.live()
        for step in (self.settle, self.judge):
            self.guarded(step)
        return self.tell()


def main(*arguments):
    day = Day(*arguments)
    try:
        return day.go()
    finally:
        day.ship_stop()
        day.place.stop()


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main(*sys.argv[1:]))
