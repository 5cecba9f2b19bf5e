"""power.py record | batches | replay | device - power cuts and failing disks, for power.t and device.t.

    record DIR FILESYSTEM EVENTS SEED
        Mounts FILESYSTEM on a disk that remembers (recorder.c), lets writers
        append to it through the receiver, and notes in DIR what was
        acknowledged at which point of the disk's history.
    batches DIR FILESYSTEM WRITERS SEED
        The same with so many writers at once (hammer.c), whose leaders are
        killed (steps.c): batches are in flight when the power is cut.  By
        chance the disk ends writes in any order.
    replay DIR FILESYSTEM STATES SEED
        Cuts the power at so many points of that history: what was written
        before the last finished flush is on the disk; of what was written
        after it all is, nothing, some of the writes, or some of their sectors.
        Each such disk is mounted, checked, appended to, and checked again, as
        after a start of the machine: its logs are of another day.
    device DIR FILESYSTEM LAST STEP
        Lets the first, (1 + STEP)th ... write to the disk fail, up to LAST.

FILESYSTEM and DIR are as disks.py has them.  Prints what is wrong, one line
each, and numbers in lines that begin with '#'.
"""
import contextlib
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
import disks
import events
import promises

MSGEXT = os.environ.get("MSGEXT", disks.TOP + "/build/msgext")
MSGEXTCTL = os.environ.get("MSGEXTCTL", disks.TOP + "/build/msgextctl")
BATCHED = "batched"  # the group of many writers at once
KILLS = ["part kill 1", "written kill 1", "part kill 2", "none kill 1", "synced kill 2", "written kill 2", "part kill 2"]
# events

class Event:
    """One pair that is set or imported; each is unlike any other."""
    numbers = itertools.count(1)

    def __init__(self, group, length, imported=False):
        number = next(self.numbers)
        self.imported = imported
        self.pair = (group, number if imported else number % 5 + 100000, "k%d" % number, "v%d-" % number + "x" * length, number)

    def send(self, directory, position=lambda: 0):
        """Through the receiver or msgextctl; the disk's position at the moment of the answer OK, else None."""
        config = directory + "/conf"
        if self.imported:
            done = disks.run(MSGEXTCTL, "-c", config, "import", "--force", self.pair[0], str(self.pair[1]),
                       input=events.answer(self.pair))
            return position() if done.returncode == 0 else None
        acknowledged, answer = None, b""
        with subprocess.Popen([MSGEXT], env=events.request(config), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as process:
            process.stdin.write(json.dumps(events.event(self.pair)).encode())
            process.stdin.close()
            while part := os.read(process.stdout.fileno(), 4096):
                answer += part
                if acknowledged is None and answer.endswith(events.OK):
                    acknowledged = position()
        return acknowledged


class Workload:
    """Writers on a few logs, of which new ones appear; tails, imports and compactions between."""

    def __init__(self, directory, recorder):
        self.directory, self.recorder = directory, recorder
        self.data = recorder.mnt + "/data"
        self.acknowledged = []  # position on the disk, pair, what had to be set aside for it
        self.sent = set()  # pairs that may stand
        self.refused, self.compactions, self.killed = 0, 0, 0

    def send(self, event, tail=""):
        self.sent.add(event.pair)
        position = event.send(self.directory, self.recorder.position)
        if position is None:
            self.refused += 1
        else:
            self.acknowledged.append((position, event.pair, tail))

    def leave(self, text):
        with open(self.data + "/torn.jsonl", "ab", buffering=0) as file:
            file.write(text)

    def tear(self):
        """What a killed writer leaves, and an event behind it."""
        event = Event("torn", 50)
        tail = '{"time":"torn %d ' % event.pair[-1] + "t" * random.choice((1, 700, 5000))
        self.leave(tail.encode())
        self.send(event, tail)

    def leave_whole(self):
        """What one leaves that is killed between write and sync; its line is the next one's to make durable."""
        left = Event("torn", random.choice((10, 700, 5000, 20000))).pair
        self.sent.add(left)
        self.leave(events.line(events.event(left)) + random.choice((b"", b"\n")))
        self.send(Event("torn", random.choice((50, 5000))))

    def writer(self, numbers):
        for i in numbers:
            length = random.choice((10, 300, 700, 1500, 9000))
            step = random.random()
            if step < 0.15:
                self.send(Event("new%d" % i, length))
            elif step < 0.25:
                self.send(Event("imported", length, imported=True))
            elif step < 0.40 and i % 3 == 0:
                random.choice((self.tear, self.leave_whole))()
            else:
                self.send(Event("shared", length))

    def compactor(self, count):
        """Compactions while so many events are sent; some are killed, most of them near their end, where the new file has
        the log's name and the directory is not synced yet."""
        calls, last = self.directory + "/calls", 0
        for part in range(1, 9):
            while len(self.acknowledged) + self.refused < count * part // 9:
                time.sleep(0.005)
            kill = max(1, last - random.choice((0, 1, 1, 2, 2, 3, 4, 10))) if part in (2, 3, 5, 6, 8) else 1 << 20
            result = disks.run(disks.TOP + "/build/tests/killed", str(kill), calls, MSGEXTCTL, "-c", self.directory + "/conf",
                         "compact", "shared")
            self.compactions += result.returncode == 0
            self.killed += result.returncode < 0 or result.returncode > 128
            if kill == 1 << 20 and result.returncode == 0:
                with open(calls) as file:
                    last = int(file.read() or 0)

    def run(self, count):
        """So many events."""
        threads = [threading.Thread(target=self.writer, args=(range(i, count, 3),), daemon=True) for i in range(3)]
        threads.append(threading.Thread(target=self.compactor, args=(count,), daemon=True))
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(disks.LIMIT)
        if any(thread.is_alive() for thread in threads):
            raise RuntimeError("the writers hang")


def stranger(mnt, done):
    """Somebody else who writes and syncs: what the receiver has not synced yet goes to the disk in part."""
    with open(mnt + "/stranger", "wb", buffering=0) as file:
        while not done.wait(random.random() / 200):
            os.pwrite(file.fileno(), b"s" * 100, random.randrange(1 << 16))
            if random.random() < 0.1:
                disks.run("sync", "-f", mnt)
            else:
                os.fsync(file.fileno())


@contextlib.contextmanager
def recorded(directory, filesystem, **disk):
    """Gives a workload, for a new disk that remembers, and writes down in DIR what it acknowledged when."""
    disks.disk_make(directory, filesystem)
    recorder, done = disks.Recorder(directory, filesystem, **disk), threading.Event()
    other = threading.Thread(target=stranger, args=(recorder.mnt, done), daemon=True)
    workload, start = Workload(directory, recorder), recorder.position()
    other.start()
    try:
        yield workload
    finally:
        done.set()
        other.join(disks.LIMIT)
        end = recorder.position()
        recorder.stop()
    with open(directory + "/acknowledged", "w") as file:
        json.dump([start, end, workload.acknowledged, sorted(workload.sent)], file)


# the check

class Check:
    """One state of a disk that is mounted at DIR/mnt: after a crash, then after further events."""

    def __init__(self, directory, acknowledged, sent):
        """acknowledged: pairs, each with what had to be set aside for it."""
        self.directory, self.data, self.wrong = directory, directory + "/mnt/data", []
        self.must, self.may = {pair for pair, _ in acknowledged}, sent
        self.tails = [tail.encode() for _, tail in acknowledged]
        self.first = None  # the logs as they were found
        self.odd = 0

    def logs_check(self, may_break):
        """Here an archive is not enough: the log has what was acknowledged, and a line of its own tells of it."""
        logs = promises.Logs(self.data)
        self.wrong += promises.held_complaints([self.data], self.must, self.may, os.getuid(), may_break)
        self.wrong += ["P1: is not in the log: %.200r" % (pair,) for pair in sorted(self.must - logs.held)]
        self.wrong += ["P1: no line of its own: %.200r" % (pair,) for pair in sorted(self.must - logs.events)]
        self.wrong += ["P2: is not set aside: %.80r" % tail for tail in self.tails if tail not in logs.aside]
        return logs

    def verify(self, logs):
        """msgextctl verify finds fault with the broken lines alone; those that an append left."""
        result = disks.run(MSGEXTCTL, "-d", self.data, "verify")
        for line in result.stdout.decode(errors="replace").splitlines():
            name, number, _, problem = line.split(":", 3)
            broken = logs.broken.get(name, {})
            if int(number) not in broken:
                self.wrong.append("verify: " + line)
            elif int(number) == max(broken) and not problem.startswith(" torn-tail"):
                self.odd += 1
        if result.returncode not in (0, 1):
            self.wrong.append("verify: %d: %s" % (result.returncode, result.stderr.decode(errors="replace")))

    def state(self, group):
        wanted = {pair for pair in self.must if pair[0] == group}
        if not wanted:
            return
        result = disks.run(MSGEXTCTL, "-d", self.data, "show", group, "--json")
        shown = set()
        for line in result.stdout.splitlines():
            shown.update(promises.pairs_held(json.loads(line)))
        if result.returncode != 0 or wanted - shown:
            self.wrong.append("show %s: %d, %d of %d pairs are missing" % (
                group, result.returncode, len(wanted - shown), len(wanted)))

    def append(self, logs):
        """Events go on: to each log with an unfinished line, to others, and to a new one."""
        batched = os.path.exists(self.data + "/" + BATCHED + ".jsonl")
        groups = {name[:-len(".jsonl")] for name in logs.broken} | (
            {BATCHED} if batched else {"shared", "torn", "fresh"})
        for group in sorted(groups):
            event = Event(group, 100)
            self.must.add(event.pair)
            if event.send(self.directory) is None:
                self.wrong.append("an event of %s is refused afterwards" % group)
        for name, broken in logs.broken.items():
            torn = self.data + "/" + name[:-len("jsonl")] + "torn"
            aside = open(torn, "rb").read() if os.path.exists(torn) else b""
            log = open(self.data + "/" + name, "rb").read()
            self.wrong += ["%s:%d: is neither completed nor set aside" % (name, number)
                           for number, line in broken.items() if line not in aside and line + b"\n" not in log]

    def run(self):
        self.first = logs = self.logs_check(promises.ANYTHING)
        self.verify(logs)
        self.state("shared")
        self.append(logs)
        self.verify(self.logs_check(promises.ASIDE))
        self.state("shared")
        self.state("torn")


# record, replay

def record(directory, filesystem, count, seed):
    random.seed(seed)
    with recorded(directory, filesystem) as workload:
        workload.run(count)
    print("# %s: %d events acknowledged, %d not, %d compactions, %d killed" % (
        filesystem, len(workload.acknowledged), workload.refused, workload.compactions, workload.killed))
    if workload.refused > count // 4 or workload.compactions == 0 or workload.killed == 0:
        print("%s: hardly anything was acknowledged" % filesystem)


def batch(workload, writers, first, step, seed):
    """Two events of so many writers each, who are killed at that step."""
    environment = dict(os.environ, LD_PRELOAD=disks.TOP + "/build/tests/steps.so", MSGEXT_STEP=step,
                       MSGEXT_SEED=str(seed), MSGEXT_STEPPED=workload.directory + "/stepped")
    told = disks.run(disks.TOP + "/build/tests/hammer", workload.data, BATCHED, str(writers), "2", "sync", "one",
               workload.recorder.record, str(first), env=environment).stdout.decode()
    workload.sent.update(events.hammer_pair(BATCHED, number) for number in range(first, first + 2 * writers))
    workload.acknowledged += [(position, events.hammer_pair(BATCHED, number), "")
                              for ok, number, _, position, _ in events.hammer_told(told) if ok]


def batches(directory, filesystem, writers, seed):
    random.seed(seed)
    scatter = random.choice((0, 15))
    with recorded(directory, filesystem, flush=3, scatter=scatter) as workload:
        for i, step in enumerate(KILLS):
            batch(workload, writers, 1 + i * 10000, step, seed + i)
    with open(directory + "/stepped") as file:
        killed = len(file.readlines())
    print("# %s: %d lines of batches acknowledged, %d leaders killed%s" % (
        filesystem, len(workload.acknowledged), killed, ", writes ended in any order" if scatter else ""))
    if len(workload.acknowledged) < 2 * writers or killed == 0:
        print("%s: hardly anything was acknowledged, or nobody was killed" % filesystem)


class History:
    """A record: the writes and flushes, and what was acknowledged when."""

    def __init__(self, directory):
        self.base = disks.Disk.load(directory + "/base")
        with open(directory + "/acknowledged") as file:
            start, end, acknowledged, sent = json.load(file)
        self.acknowledged = [(position, tuple(pair), tail) for position, pair, tail in acknowledged]
        self.sent = set(map(tuple, sent))
        with open(directory + "/record", "rb") as file:
            self.steps = [step for step in disks.steps_read(file) if step[3] <= end]
        self.first = sum(step[3] <= start for step in self.steps)

    def cuts(self, count, chance):
        """So many points, spread over the history, in order: each right behind a write."""
        writes = [i for i in range(self.first, len(self.steps)) if self.steps[i][0] == disks.WRITE]
        return [writes[int((i + chance.random()) * len(writes) / count)] for i in range(count)]


def image_check(directory, filesystem, image, acknowledged, sent):
    """None where the file system itself cannot be mounted."""
    with disks.mounted(directory, filesystem, image) as there:
        if not there:
            return None
        disks.age(directory + "/mnt/data")
        check = Check(directory, acknowledged, sent)
        check.run()
        return check


class Replay:
    """The states of one history."""

    def __init__(self, directory, filesystem, seed):
        self.directory, self.filesystem, self.chance = directory, filesystem, random.Random(seed)
        self.history = History(directory)
        self.durable, self.pending, self.step = self.history.base.copy(), [], 0
        self.seen, self.torn, self.odd, self.dead, self.bad = set(), 0, 0, 0, 0
        self.gaps = self.hidden = 0
        # With half a block of its fast commits some states could not be mounted, whoever wrote to them.
        self.sector = disks.BLOCK if filesystem == "ext4-fast" else disks.SECTOR

    def advance(self, cut):
        """To right behind that step."""
        for kind, offset, data, at in self.history.steps[self.step:cut + 1]:
            if kind == disks.WRITE:
                self.pending.append((at, (offset, data)))
                continue
            while self.pending and self.pending[0][0] <= offset:
                self.durable.write(*self.pending.pop(0)[1])
        self.step = cut + 1

    def disk_new(self, moment):
        """A disk that was not seen yet at that moment, and how it came about; None where none is found."""
        for way in self.chance.sample(disks.WAYS, len(disks.WAYS)) + ["sectors"] * 5:
            disk = self.durable.copy()
            for write in disks.part_of([write for _, write in self.pending], way, self.chance, self.sector):
                disk.write(*write)
            key = (hash(frozenset(disk.blocks.items())), moment)
            if key not in self.seen:
                self.seen.add(key)
                return disk, way
        return None, None

    def state(self, cut):
        self.advance(cut)
        position = self.history.steps[cut][3]
        acknowledged = [(pair, tail) for at, pair, tail in self.history.acknowledged if at <= position]
        disk, way = self.disk_new(len(acknowledged))
        if disk is None:
            return
        where = "%s: state %d: cut behind step %d, %s of %d writes, %d events acknowledged" % (
            self.filesystem, len(self.seen), cut, way, len(self.pending), len(acknowledged))
        disk.save(self.directory + "/state")
        check = image_check(self.directory, self.filesystem, self.directory + "/state", acknowledged, self.history.sent)
        if check is None:
            self.dead += 1
            print("# not mountable: " + where)
            return
        self.torn += len(check.first.broken) > 0
        self.odd += check.odd
        self.gaps += check.first.before > 0
        self.hidden += check.first.hidden > 0
        if check.wrong:
            self.bad += 1
            print(where + ": " + "; ".join(check.wrong[:3]))

    def run(self, count):
        for cut in self.history.cuts(count, self.chance):
            self.state(cut)
        print("# %s: %d states of %d steps, %d wrong, %d with an unfinished line (%d not torn-tail to verify), "
              "%d with one before the last, %d where the last is whole, %d not mountable" % (
                  self.filesystem, len(self.seen), len(self.history.steps) - self.history.first, self.bad,
                  self.torn, self.odd, self.gaps, self.hidden, self.dead))


def replay(directory, filesystem, count, seed):
    Event.numbers = itertools.count(1000000)
    Replay(directory, filesystem, seed).run(count)


# device

class Failure:
    """A disk whose write of that number fails, and a few events meanwhile."""

    def __init__(self, directory, filesystem, number):
        self.directory, self.filesystem = directory, filesystem
        self.acknowledged, self.refused, self.wrong, self.looked = [], [], [], False
        self.recorder = disks.Recorder(directory, filesystem, number)
        self.where = "%s: write %d fails" % (filesystem, number)

    def events_send(self):
        self.recorder.process.send_signal(signal.SIGUSR1)
        for i in range(12):
            event = Event(("old", "new%d" % i, "old", "imported")[i % 4], (10, 700, 9000)[i % 3], i % 4 == 3)
            if event.send(self.directory) is None:
                self.refused.append(event.pair)
            else:
                self.acknowledged.append((event.pair, ""))

    def cache_drop(self):
        """What the file system believes to be on the disk is read from there."""
        data = self.recorder.mnt + "/data"
        for name in os.listdir(data):
            with open(data + "/" + name, "rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)

    def look(self):
        """While it is mounted.  A file system that has given up lets nobody look, or shows an empty directory."""
        check = Check(self.directory, self.acknowledged, set(self.refused))
        with contextlib.suppress(OSError):
            if not os.statvfs(self.recorder.mnt).f_flag & os.ST_RDONLY:
                self.cache_drop()
                check.logs_check(promises.ENDS)
                self.wrong, self.looked = check.wrong, True

    def run(self):
        """True where the write was reached."""
        try:
            self.events_send()
            self.look()
        finally:
            self.recorder.stop()
        with open(self.recorder.record, "rb") as file:
            reached = any(kind == disks.FAILED for kind, *_ in disks.steps_read(file))
        check = image_check(self.directory, self.filesystem, self.directory + "/disk", self.acknowledged, set(self.refused))
        self.wrong += ["cannot be mounted again"] if check is None else check.wrong
        if self.wrong:
            print(self.where + ": " + "; ".join(self.wrong[:3]))
        self.kept = 0 if check is None else len(check.first.held.intersection(self.refused))
        return reached


def device(directory, filesystem, last, step):
    disks.disk_make(directory, filesystem)
    reached, refused, kept, looked = 0, 0, 0, 0
    for number in range(1, last + 1, step):
        failure = Failure(directory, filesystem, number)
        if not failure.run():
            break
        reached += 1
        refused += len(failure.refused)
        kept += failure.kept
        looked += failure.looked
    print("# %s: %d writes failed, %d events were refused, %d of which stand all the same; %d times it could be looked at" % (
        filesystem, reached, refused, kept, looked))


if __name__ == "__main__":
    os.umask(0o077)
    command, *arguments = sys.argv[1:]
    {"record": lambda d, f, n, s: record(d, f, int(n), int(s)),
     "batches": lambda d, f, n, s: batches(d, f, int(n), int(s)),
     "replay": lambda d, f, n, s: replay(d, f, int(n), int(s)),
     "device": lambda d, f, n, s: device(d, f, int(n), int(s))}[command](*arguments)
