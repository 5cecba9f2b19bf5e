"""burst.py DIR FILESYSTEM MILLISECONDS SEED SCENARIO... - many writers at once on a slow disk, for burst.t.

Each scenario lets many processes append to one log (hammer.c), whose leaders and followers are killed, stopped
or lied to (steps.c).  Prints numbers in lines that begin with "# SCENARIO: ", and what is wrong in lines that
begin with "SCENARIO: ".  DIR and FILESYSTEM are as disks.py has them.

What must hold, whatever is done to the others: what was acknowledged stands in the log (P1), whole (P2) and
once (P3), as promises.py says; and each answer is given within 1.8 s (P6), unless the machine is busy with others.
"""
import collections
import contextlib
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
import disks
import events
import power
import promises

TESTS = disks.TOP + "/build/tests/"
LIMIT = 1800  # milliseconds (P6)
NOBODY = 65533
LEADER = ["bound", "listening", "accepted", "received", "gathered", "given-up", "part", "written", "synced",
          "unlocked", "told"]
FOLLOWER = ["connected", "sent", "answered"]
TORTURE = "MSGEXT_TORTURE" in os.environ
STALLS = LEADER[1:] + FOLLOWER if TORTURE else ["listening", "written", "unlocked", "sent"]


def processors_used():
    """Seconds that all processors were at work until now: for others."""
    with open("/proc/stat") as file:
        user, nice, system, _, _, interrupts, soft, stolen = map(int, file.readline().split()[1:9])
    return (user + nice + system + interrupts + soft + stolen) / os.sysconf("SC_CLK_TCK") - sum(os.times()[:4])


class Burst:
    """One run of the hammer, and what became of its lines."""
    number = 0

    def __init__(self, place, writers, lines, step="", program="hammer", descriptors=None, beside=None):
        Burst.number += 1
        self.group = beside.group if beside else "burst%d" % Burst.number
        self.log = "%s/%s.jsonl" % (place.data, self.group)
        self.stepped = "%s/stepped.%d" % (place.directory, Burst.number)
        self.writers, self.lines = writers, lines
        self.ids = range(Burst.number * 100000, Burst.number * 100000 + writers * lines)
        self.acknowledged, self.refused = {}, {}  # number: milliseconds; number: (milliseconds, slug)
        place.bursts.append(self)
        environment = dict(os.environ)
        if step:
            environment.update(LD_PRELOAD=TESTS + "steps.so", MSGEXT_STEP=step, MSGEXT_STEPPED=self.stepped,
                               MSGEXT_SEED=str(place.seed + Burst.number))
        self.started, self.used = time.monotonic(), processors_used()
        self.process = subprocess.Popen(
            [TESTS + program, place.data, self.group, str(writers), str(lines), "sync", "one", "/dev/null",
             str(self.ids[0])],
            env=environment, stdout=open(self.stepped + ".told", "wb"), stderr=subprocess.DEVNULL,
            preexec_fn=descriptors and (lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (descriptors, descriptors))))

    def children(self):
        """Those that are alive, in the order of their lines."""
        with open("/proc/%d/task/%d/children" % (self.process.pid, self.process.pid)) as file:
            return [int(pid) for pid in file.read().split()]

    def wait(self):
        self.process.wait(disks.LIMIT)
        self.seconds = time.monotonic() - self.started
        self.busy = processors_used() - self.used > self.seconds * os.cpu_count() / 2
        with open(self.stepped + ".told") as file:
            for ok, number, milliseconds, _, slug in events.hammer_told(file.read()):
                if ok:
                    self.acknowledged[number] = milliseconds
                else:
                    self.refused[number] = (milliseconds, slug)
        return self

    def happened(self):
        """How often the step's writer was killed or stalled, or a call failed."""
        if not os.path.exists(self.stepped):
            return 0
        with open(self.stepped) as file:
            return len(file.read().split("\n")) - 1

    def pairs(self, numbers):
        return {events.hammer_pair(self.group, number) for number in numbers}

    def unduly(self, *slugs):
        """Why lines were refused, but for these reasons, and for want of a turn on a machine that had no time for us."""
        return [slug for _, slug in self.refused.values() if slug not in (*slugs, "lock-timeout" if self.busy else "")]

    def told(self, count):
        """Have so many lines been answered?"""
        with open(self.stepped + ".told") as file:
            return file.read().count("\n") >= count

    def took(self):
        """What each answer took, in milliseconds."""
        return list(self.acknowledged.values()) + [took for took, _ in self.refused.values()]

    def longest(self):
        return max(self.took(), default=0)


class Place:
    """The slow disk, and what is wrong on it."""

    def __init__(self, directory, filesystem, milliseconds, seed):
        self.directory, self.data, self.seed = directory, directory + "/mnt/data", seed
        disks.disk_make(directory, filesystem)
        self.disk = disks.Recorder(directory, filesystem, flush=milliseconds, recorded=False)
        self.scenario, self.bursts = None, []

    def empty(self):
        """The disk is small."""
        self.bursts.clear()
        for name in os.listdir(self.data):
            os.unlink(self.data + "/" + name)

    def wrong(self, what):
        print("%s: %s" % (self.scenario, what), flush=True)

    def told(self, what):
        print("# %s: %s" % (self.scenario, what), flush=True)

    def judge(self, burst, late=0):
        """Its log, whoever wrote to it, and its answers; late: so many may be, for they were stopped."""
        logs = promises.Logs(self.data, burst.group)
        writers = [other for other in self.bursts if other.group == burst.group]
        must = set().union(*(other.pairs(other.acknowledged) for other in writers))
        may = set().union(*(other.pairs(other.ids) for other in writers))
        wrong = logs.wrong + promises.broken_complaints(logs, promises.NOTHING, False)
        wrong += promises.pairs_complaints(must, may, logs.held | logs.archived, logs.counts)
        if wrong:
            self.wrong("%d are wrong, of %s; %s" % (len(wrong), self.numbers(burst), "; ".join(wrong[:2])))
        slow = [took for took in burst.took() if took > LIMIT]
        if len(slow) > late and not burst.busy:
            self.wrong("%d answers took up to %d ms" % (len(slow), max(slow)))
        return logs

    def numbers(self, burst):
        slugs = collections.Counter(slug for _, slug in burst.refused.values())
        return "%d of %d acknowledged, %d refused (%s), %.2f s, the longest %d ms%s" % (
            len(burst.acknowledged), burst.writers * burst.lines, len(burst.refused),
            ", ".join("%d %s" % (count, slug) for slug, count in slugs.items()) or "none", burst.seconds, burst.longest(),
            ", others had the processors" if burst.busy else "")


def crowd(place):
    """All are acknowledged."""
    burst = Burst(place, 300, 3).wait()
    place.judge(burst)
    place.told(place.numbers(burst))
    if burst.unduly() or len(burst.took()) != 900:
        place.wrong(place.numbers(burst))


def kills(place):
    """A kill at each step; whoever appends next sets aside what a killed writer left."""
    writers, lines, rounds = (100, 10, 10) if TORTURE else (60, 5, 1)
    killed, acknowledged, longest, tries, busy = collections.Counter(), 0, 0, 0, 0
    left = (LEADER + FOLLOWER) * rounds
    while left:
        step = left.pop(0)
        often = 10 if step in FOLLOWER else 40 if step in ("accepted", "received", "told") else 2
        burst = Burst(place, writers, lines, "%s kill %d" % (step, often)).wait()
        killed[step] += burst.happened()
        after = Burst(place, 1, 1, beside=burst).wait()
        place.judge(burst)
        if burst.unduly() or not after.acknowledged:
            place.wrong("%s: refused: %s" % (step, place.numbers(burst)))
        place.empty()
        busy += burst.busy
        acknowledged += len(burst.acknowledged)
        longest = max(longest, burst.longest())
        tries += 1
        if not killed[step] and tries < 50 * rounds:
            left.append(step)
    place.told("%d kills (%s), %d acknowledged, the longest answer %d ms, %d of %d times others had the processors" % (
        sum(killed.values()), ", ".join("%d %s" % (killed[step], step) for step in LEADER + FOLLOWER), acknowledged,
        longest, busy, tries))
    for step in LEADER + FOLLOWER:
        if not killed[step]:
            place.wrong("%s: nobody was killed there" % step)


def errors(place):
    """A sync fails: all that it covered are refused, and none of them is stored."""
    burst = Burst(place, 100, 5, "sync fail 4").wait()
    stored = place.judge(burst).held
    place.told("%d syncs failed; %s" % (burst.happened(), place.numbers(burst)))
    if burst.unduly("sync-failed") or burst.happened() == 0:
        place.wrong("refused: " + place.numbers(burst))
    refused = stored & burst.pairs(burst.refused)
    if refused:
        place.wrong("%d lines were refused and are stored" % len(refused))


def stalls(place):
    """A leader, or a follower, is stopped for 2.5 s at a step; and of another burst half of all, whatever they are at."""
    bursts = [(step, Burst(place, 30, 3, "%s stall 2" % step)) for step in STALLS]
    half = Burst(place, 100, 10)
    await_true(half.told, half.writers)
    stopped = [pid for pid in half.children() if place.chance.random() < 0.5]
    for how in (signal.SIGSTOP, signal.SIGCONT):
        for pid in stopped:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, how)
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
        place.judge(burst)
        place.told("%s: %s" % (what, place.numbers(burst)))
        # One by one they take 0.4 s.
        few = len(burst.acknowledged) < burst.writers * lines // 2
        if burst.unduly("lock-timeout") or (few and not burst.busy):
            place.wrong("%s: hardly anything was acknowledged" % what)


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
        if burst.unduly("lock-timeout") or burst.happened() == 0:
            place.wrong("one in %d: %s" % (often, place.numbers(burst)))


def older(place):
    """Beside a build that knows no batches: it queues for the lock with each line."""
    alone = Burst(place, 10, 3, program="hammer-alone")
    burst = Burst(place, 100, 3, beside=alone)
    alone.wait()
    burst.wait()
    place.told("%s; the older: %s" % (place.numbers(burst), place.numbers(alone)))
    for each in (alone, burst):
        place.judge(each)


def replaced_judge(place, burst, name, count):
    """What was acknowledged is in the log, or in what was kept of it or renamed."""
    logs = place.judge(burst)
    place.told("%s: %d times; %s" % (name, count, place.numbers(burst)))
    if burst.unduly():
        place.wrong("%s, %d times: %s" % (name, count, place.numbers(burst)))
    if name == "compact" and burst.pairs(burst.acknowledged) - logs.held:
        place.wrong("acknowledged lines are in no log any more")


def replaced_meanwhile(place, beside, name, *words):
    """Another burst, whose log is rewritten again and again while its lines come; and how often it was."""
    burst, count = Burst(place, 60, 12, beside=beside), 0
    while burst.process.poll() is None:
        done = disks.run(power.MSGEXTCTL, "-c", place.directory + "/conf", name, burst.group, *words)
        count += done.returncode == 0
    replaced_judge(place, burst.wait(), name, count)
    return burst, count


def replaced(place):
    for words in (("compact",), ("archive", "--before", "1s")):
        burst, count, tries = None, 0, 0
        while count < 2 and tries < 20:  # a busy machine lets one burst be over before
            burst, more = replaced_meanwhile(place, burst, *words)
            count, tries = count + more, tries + 1
        if count < 2:
            place.wrong("%s: hardly ever" % words[0])


def readers_start(place, group):
    """log -f and msgext-ship, with an engine that takes all; by name, where what they read of the group comes to."""
    readers, told = [], {"log -f": place.directory + "/followed"}
    with open(told["log -f"], "wb") as file:
        readers.append(subprocess.Popen([power.MSGEXTCTL, "-c", place.directory + "/conf", "log", group, "-f", "--json"],
                                        stdout=file, stderr=subprocess.DEVNULL))
    if os.path.exists(disks.TOP + "/build/msgext-ship"):
        address = place.directory + "/.s.PGSQL.5432"
        told["msgext-ship"] = address + ".lines"
        readers.append(subprocess.Popen([disks.TOP + "/build/msgext-ship", "-d", place.data,
                                         "host=%s user=u dbname=right" % place.directory], stderr=subprocess.DEVNULL))
        readers.append(subprocess.Popen([sys.executable, disks.TOP + "/tests/fake-engine.py", address],
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
        if count < 2:
            place.wrong("renamed %d times" % count)
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
            place.empty()
    finally:
        place.disk.stop()


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
