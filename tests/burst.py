"""burst.py DIR FILESYSTEM MILLISECONDS SEED SCENARIO... - many writers at once on a slow disk, for burst.t.

Each scenario lets many processes append to one log (hammer.c), whose leaders and followers are killed, stopped
or lied to (steps.c).  Prints numbers in lines that begin with "# SCENARIO: ", and what is wrong in lines that
begin with "SCENARIO: ".  DIR is ours alone, as power.py's.

What must hold, whatever is done to the others: what was acknowledged stands in the log (P1), whole (P2) and
once (P3); and each answer is given within 1.8 s (P6).
"""
import collections
import gzip
import json
import os
import random
import re
import resource
import signal
import socket
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import power

TESTS = power.TOP + "/build/tests/"
LIMIT = 1800  # milliseconds (P6)
NOBODY = 65533
LEADER = ["bound", "listening", "accepted", "received", "gathered", "given-up", "part", "written", "synced",
          "unlocked", "told"]
FOLLOWER = ["connected", "sent", "answered"]
TORTURE = "MSGEXT_TORTURE" in os.environ
STALLS = LEADER[1:] + FOLLOWER if TORTURE else ["listening", "written", "unlocked", "sent"]


class Burst:
    """One run of the hammer, and what became of its lines."""
    number = 0

    def __init__(self, place, writers, lines, step="", program="hammer", descriptors=None, beside=None):
        Burst.number += 1
        self.group = beside.group if beside else "burst%d" % Burst.number
        self.log = "%s/%s.jsonl" % (place.data, self.group)
        self.stepped = "%s/stepped.%d" % (place.directory, Burst.number)
        self.writers, self.lines = writers, lines
        self.acknowledged, self.refused = {}, {}  # id: milliseconds; id: (milliseconds, slug)
        environment = dict(os.environ)
        if step:
            environment.update(LD_PRELOAD=TESTS + "steps.so", MSGEXT_STEP=step, MSGEXT_STEPPED=self.stepped,
                               MSGEXT_SEED=str(place.seed + Burst.number))
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            [TESTS + program, place.data, self.group, str(writers), str(lines), "sync", "one", "/dev/null",
             str(Burst.number * 100000)],
            env=environment, stdout=open(self.stepped + ".told", "wb"), stderr=subprocess.DEVNULL,
            preexec_fn=descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))))

    def children(self):
        """Those that are alive, in the order of their lines."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as file:
            return [int(pid) for pid in file.read().split()]

    def wait(self):
        self.process.wait(power.LIMIT)
        self.seconds = time.monotonic() - self.started
        with open(self.stepped + ".told") as file:
            for line in file:
                words = line.split()
                if words[0] == "OK":
                    self.acknowledged[int(words[1])] = int(words[2])
                elif words[0] == "NO":
                    self.refused[int(words[1])] = (int(words[2]), words[4])
        return self

    def happened(self):
        """How often the step's writer was killed or stalled, or a call failed."""
        if not os.path.exists(self.stepped):
            return 0
        with open(self.stepped) as file:
            return len(file.read().split("\n")) - 1

    def files(self):
        """The log, and what was renamed or kept of it."""
        return sorted(entry.path for entry in os.scandir(os.path.dirname(self.log))
                      if re.match(re.escape(self.group) + r"(\.[0-9TZ]+)?\.jsonl", entry.name))

    def stored(self, path=None):
        """Each line's id and how often it stands, and how many lines that are not the last are broken."""
        path = path or self.log
        with gzip.open(path) if path.endswith(".gz") else open(path, "rb") as file:
            lines = file.read().split(b"\n")
        lines.pop()
        stored, broken = collections.Counter(), 0
        for line in lines:
            try:
                stored[json.loads(line)["MsgSeq"]] += 1
            except (ValueError, KeyError):
                broken += 1
        return stored, broken

    def longest(self):
        return max([0] + list(self.acknowledged.values()) + [took for took, _ in self.refused.values()])


class Place:
    """The slow disk, and what is wrong on it."""

    def __init__(self, directory, filesystem, milliseconds, seed):
        self.directory, self.data, self.seed = directory, directory + "/mnt/data", seed
        power.disk_make(directory, filesystem)
        self.disk = power.Recorder(directory, filesystem, flush=milliseconds, recorded=False)
        self.scenario = None

    def wrong(self, what):
        print("%s: %s" % (self.scenario, what), flush=True)

    def told(self, what):
        print("# %s: %s" % (self.scenario, what), flush=True)

    def judge(self, burst, late=0, broken=0):
        """late: so many may be, for they were stopped."""
        stored, holes = burst.stored()
        lost = [id for id in burst.acknowledged if id not in stored]
        twice = [id for id, count in stored.items() if count > 1]
        slow = [took for took in list(burst.acknowledged.values()) + [took for took, _ in burst.refused.values()]
                if took > LIMIT]
        for bad, what in ((lost, "acknowledged, and not there"), (twice, "stand twice")):
            if bad:
                self.wrong("%d lines are %s, line %d for one" % (len(bad), what, bad[0]))
        if holes > broken:
            self.wrong("%d lines are broken" % holes)
        if len(slow) > late:
            self.wrong("%d answers took up to %d ms" % (len(slow), max(slow)))
        return stored

    def numbers(self, burst):
        slugs = collections.Counter(slug for _, slug in burst.refused.values())
        return "%d of %d acknowledged, %d refused (%s), %.2f s, the longest %d ms" % (
            len(burst.acknowledged), burst.writers * burst.lines, len(burst.refused),
            ", ".join("%d %s" % (count, slug) for slug, count in slugs.items()) or "none", burst.seconds, burst.longest())


def crowd(place):
    """All are acknowledged."""
    burst = Burst(place, 300, 3).wait()
    stored = place.judge(burst)
    place.told(place.numbers(burst))
    if len(burst.acknowledged) != 900 or len(stored) != 900:
        place.wrong("%d of 900 acknowledged, %d stored" % (len(burst.acknowledged), len(stored)))


def kills(place):
    """A kill at each step; whoever appends next sets aside what a killed writer left."""
    writers, lines, rounds = (100, 10, 10) if TORTURE else (60, 5, 1)
    killed, acknowledged, longest, tries = collections.Counter(), 0, 0, 0
    left = (LEADER + FOLLOWER) * rounds
    while left:
        step = left.pop(0)
        often = 10 if step in FOLLOWER else 40 if step in ("accepted", "received", "told") else 2
        burst = Burst(place, writers, lines, "%s kill %d" % (step, often)).wait()
        killed[step] += burst.happened()
        after = Burst(place, 1, 1, beside=burst).wait()
        place.judge(burst)
        if burst.refused or not after.acknowledged:
            place.wrong("%s: refused: %s" % (step, place.numbers(burst)))
        acknowledged += len(burst.acknowledged)
        longest = max(longest, burst.longest())
        tries += 1
        if not killed[step] and tries < 50 * rounds:
            left.append(step)
    place.told("%d kills (%s), %d acknowledged, the longest answer %d ms" % (
        sum(killed.values()), ", ".join("%d %s" % (killed[step], step) for step in LEADER + FOLLOWER), acknowledged,
        longest))
    for step in LEADER + FOLLOWER:
        if not killed[step]:
            place.wrong("%s: nobody was killed there" % step)


def errors(place):
    """A sync fails: all that it covered are refused, and none of them is stored."""
    burst = Burst(place, 100, 5, "sync fail 4").wait()
    stored = place.judge(burst)
    place.told("%d syncs failed; %s" % (burst.happened(), place.numbers(burst)))
    if any(slug != "sync-failed" for _, slug in burst.refused.values()) or burst.happened() == 0:
        place.wrong("refused: " + place.numbers(burst))
    if set(stored) != set(burst.acknowledged):
        place.wrong("%d lines were refused and are stored" % len(set(stored) - set(burst.acknowledged)))


def stalls(place):
    """A leader, or a follower, is stopped for 2.5 s at a step; and of another burst half of all, whatever they are at."""
    bursts = [(step, Burst(place, 30, 3, "%s stall 2" % step)) for step in STALLS]
    half = Burst(place, 100, 10)
    time.sleep(0.08)
    stopped = [pid for pid in half.children() if place.chance.random() < 0.5]
    for how in (signal.SIGSTOP, signal.SIGCONT):
        for pid in stopped:
            try:
                os.kill(pid, how)
            except ProcessLookupError:
                pass
        if how == signal.SIGSTOP:
            time.sleep(2)
    stalled = 0
    for step, burst in bursts:
        burst.wait()
        place.judge(burst, late=burst.happened())
        place.told("%s: %s" % (step, place.numbers(burst)))
        stalled += burst.happened()
    if stalled < 2:
        place.wrong("hardly anybody was stopped")
    place.judge(half.wait(), late=len(stopped))
    place.told("%d of %d stopped: %s" % (len(stopped), half.writers, place.numbers(half)))


def addresses():
    """Of leaders, in this network namespace."""
    with open("/proc/net/unix") as file:
        return set(re.findall(r"@(msgext-[0-9a-f]+)", file.read()))


def stranger(uid, work, *arguments):
    """A process of that user."""
    sys.stdout.flush()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgid(uid)
            os.setuid(uid)
            work(*arguments)
        finally:
            os._exit(0)
    return pid


def squat(name, answers):
    """Has a leader's address; answers each line with that, or lets them wait.  Nothing: reads no line."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    while True:
        try:
            listener.bind("\0" + name)
            break
        except OSError:
            pass
    listener.listen(4096)
    while True:
        if answers is None:
            time.sleep(60)
        connection, _ = listener.accept()
        if answers:
            connection.recv(1 << 18)
            connection.send(answers)
        connection.close()


def knock(name):
    """Connects to it again and again."""
    while True:
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection:
            try:
                connection.connect("\0" + name)
            except OSError:
                pass


def address_learn(place):
    """The address of a log's leaders, and the burst that was on it."""
    before = addresses()
    burst = Burst(place, 20, 20)
    found = set()
    while not found and burst.process.poll() is None:
        found = addresses() - before
    burst.wait()
    if not found:
        raise RuntimeError("there was no leader")
    return found.pop(), burst


def strangers(place):
    """Somebody has the leaders' address, or connects to it in a loop."""
    name, first = address_learn(place)
    for what, uid, count, work, arguments, lines in (
            ("another user's squatter", NOBODY, 1, squat, (name, None), 1),
            ("a squatter that is us", os.getuid(), 1, squat, (name, None), 1),
            ("one that answers", os.getuid(), 1, squat, (name, b"OK"), 1),
            ("one that closes", os.getuid(), 1, squat, (name, b""), 1),
            ("another user's that answers", NOBODY, 1, squat, (name, bytes(4096)), 1),
            ("8 strangers", NOBODY, 8, knock, (name,), 3)):
        pids = [stranger(uid, work, *arguments) for _ in range(count)]
        time.sleep(0.1)
        burst = Burst(place, 40, lines, beside=first)
        burst.wait()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
        stored = collections.Counter()
        if os.path.exists(burst.log):
            stored, _ = burst.stored()
        lost = [id for id in burst.acknowledged if not stored[id]]
        place.told("%s: %s" % (what, place.numbers(burst)))
        if lost or burst.longest() > LIMIT:
            place.wrong("%s: %d were acknowledged and are not there, the longest answer %d ms" % (
                what, len(lost), burst.longest()))
        # One by one they take 0.4 s.
        if len(burst.acknowledged) < burst.writers * lines // 2:
            place.wrong("%s: hardly anything was acknowledged" % what)
        os.unlink(burst.log)


def limits(place):
    """Few descriptors."""
    burst = Burst(place, 100, 3, descriptors=20).wait()
    place.judge(burst)
    place.told(place.numbers(burst))


def calls(place):
    """Calls on sockets fail, one in so many."""
    for often in (300, 40, 10) if TORTURE else (40, 12):
        burst = Burst(place, 60, 3, "socket fail %d" % often).wait()
        place.judge(burst)
        place.told("one in %d: %d failed; %s" % (often, burst.happened(), place.numbers(burst)))
        if any(slug != "lock-timeout" for _, slug in burst.refused.values()) or burst.happened() == 0:
            place.wrong("one in %d: %s" % (often, place.numbers(burst)))


def older(place):
    """Beside a build that knows no batches: it queues for the lock with each line."""
    alone = Burst(place, 10, 3, program="hammer-alone")
    burst = Burst(place, 100, 3, beside=alone)
    alone.wait()
    burst.wait()
    stored, broken = burst.stored()
    place.told("%s; the older: %s" % (place.numbers(burst), place.numbers(alone)))
    missing = [id for each in (alone, burst) for id in each.acknowledged if not stored[id]]
    if missing or broken or sum(stored.values()) < len(burst.acknowledged) + len(alone.acknowledged):
        place.wrong("%d lines are missing, %d broken" % (len(missing), broken))
    if max(burst.longest(), alone.longest()) > LIMIT:
        place.wrong("the longest answers %d and %d ms" % (burst.longest(), alone.longest()))


def replaced_judge(place, burst, name, count):
    """A line that was acknowledged is in the log, or in one that was kept of it; where that is no copy, once in all."""
    held, twice, broken = collections.Counter(), set(), 0
    for path in burst.files():
        stored, holes = burst.stored(path)
        twice.update(id for id, count in stored.items() if count > 1)
        held.update(stored)
        broken += holes
    if name == "renamed":
        twice.update(id for id, count in held.items() if count > 1)
    place.told("%s: %d times; %s" % (name, count, place.numbers(burst)))
    lost = set(burst.acknowledged) - set(held)
    if lost or twice or broken or burst.refused or count < 2:
        place.wrong("%s, %d times: %d lines are missing, %d stand twice, %d are broken; %s" % (
            name, count, len(lost), len(twice), broken, place.numbers(burst)))
    if burst.longest() > LIMIT:
        place.wrong("%s: the longest answer took %d ms" % (name, burst.longest()))


def replaced(place):
    """The log is rewritten again and again while its lines come."""
    for name, *words in (("compact",), ("archive", "--before", "1s")):
        burst, count = Burst(place, 60, 12), 0
        while burst.process.poll() is None:
            done = power.run(power.MSGEXTCTL, "-c", place.directory + "/conf", name, burst.group, *words)
            count += done.returncode == 0
        burst.wait()
        replaced_judge(place, burst, name, count)
        if name == "compact" and set(burst.acknowledged) - set(burst.stored()[0]):
            place.wrong("acknowledged lines are in no log any more")


def readers_start(place, group):
    """log -f and msgext-ship, with an engine that takes all; by name, where what they read of the group comes to."""
    readers, told = [], {"log -f": place.directory + "/followed"}
    with open(told["log -f"], "wb") as file:
        readers.append(subprocess.Popen([power.MSGEXTCTL, "-c", place.directory + "/conf", "log", group, "-f", "--json"],
                                        stdout=file, stderr=subprocess.DEVNULL))
    if os.path.exists(power.TOP + "/build/msgext-ship"):
        address = place.directory + "/.s.PGSQL.5432"
        told["msgext-ship"] = address + ".lines"
        readers.append(subprocess.Popen([power.TOP + "/build/msgext-ship", "-d", place.data,
                                         "host=%s user=u dbname=right" % place.directory], stderr=subprocess.DEVNULL))
        readers.append(subprocess.Popen([sys.executable, power.TOP + "/tests/fake-engine.py", address],
                                        stderr=subprocess.DEVNULL))
    return readers, told


def descriptors(process):
    """What it has open, by number."""
    for entry in os.scandir("/proc/%d/fd" % process.pid):
        try:
            yield entry.name, os.stat(entry.path)
        except FileNotFoundError:
            pass


def watches(process):
    """Has it begun to be told of what becomes of a directory?"""
    try:
        return any("inotify wd" in open("/proc/%d/fdinfo/%s" % (process.pid, number)).read()
                   for number, _ in descriptors(process))
    except FileNotFoundError:
        return False


def is_open(process, path):
    return any(os.path.samestat(os.stat(path), status) for _, status in descriptors(process))


def await_true(condition, *arguments):
    end = time.monotonic() + 10
    while not condition(*arguments) and time.monotonic() < end:
        time.sleep(0.005)


def ids_read(path, group):
    """Of the group's lines that were written to a file, and how often each was."""
    if not os.path.exists(path):
        return collections.Counter()
    with open(path, "rb") as file:
        return collections.Counter(map(int, re.findall(rb'"GroupId":"%s","MsgSeq":(\d+),"Op' % group.encode(), file.read())))


def renamed(place):
    """The log is renamed again and again while its lines come, are followed and shipped."""
    readers, told = readers_start(place, "burst%d" % (Burst.number + 1))
    try:
        for reader in readers[:2]:
            await_true(watches, reader)
        burst, count = Burst(place, 60, 15), 0
        while burst.process.poll() is None:
            time.sleep(0.03)
            if os.path.exists(burst.log):
                await_true(is_open, readers[0], burst.log)  # what has two other names since, it cannot find
                count += 1
                os.rename(burst.log, "%s.%d" % (burst.log, count))
        burst.wait()
        replaced_judge(place, burst, "renamed", count)
        for name, path in told.items():
            await_true(lambda: len(ids_read(path, burst.group)) >= len(burst.acknowledged))
            read = ids_read(path, burst.group)
            missing, twice = set(burst.acknowledged) - set(read), sum(times > 1 for times in read.values())
            place.told("%s: %d lines" % (name, len(read)))
            if missing or twice:
                place.wrong("%s: %d lines are missing, %d came twice" % (name, len(missing), twice))
    finally:
        for reader in readers:
            reader.kill()
            reader.wait()


SCENARIOS = {"crowd": crowd, "kills": kills, "errors": errors, "stalls": stalls, "strangers": strangers,
             "limits": limits, "calls": calls, "older": older, "replaced": replaced,
             "renamed": renamed}


def main(directory, filesystem, milliseconds, seed, *scenarios):
    place = Place(directory, filesystem, int(milliseconds), int(seed))
    place.chance = random.Random(int(seed))
    try:
        for place.scenario in scenarios:
            SCENARIOS[place.scenario](place)
    finally:
        place.disk.stop()


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
