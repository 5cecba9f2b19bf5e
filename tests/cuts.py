"""cuts.py DIR FILESYSTEM COUNT SEED [CONNINFO] - power cuts while two of sequences.py's operations are done.

On a disk that remembers (recorder.c), so many pairs of operations are done to a data directory, of some of which one is
killed; somebody else writes and syncs meanwhile, so that any part of what was not synced goes to the disk.  Then each is
cut at a few points, as power.py replay does it.  On what is left, events must be taken, and the directory be what the
numbered promises say (promises.py): what was acknowledged before the cut stands.  With CONNINFO, an engine that has lost
nothing, lines are shipped, too: what stands in the logs must be in it then.  Such a pair is cut after it was shipped.

Prints what is wrong, a line each, and numbers in lines that begin with '#'.
"""
import json
import os
import random
import re
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
import power
import sequences

TABLES = ["msgext_node", "msgext_file", "msgext_line"]
CHUNK = 40  # pairs of one record
CUTS = 4  # of a pair
KILLS = 30  # about so many calls has an operation


class DiskPlace(sequences.Place):
    """Its data directory is on the disk."""

    def empty(self):
        self.data = self.directory + "/mnt/data"
        super().empty()


class Pair:
    """Two operations that were done: what must and may stand, from which position of the disk on."""

    def __init__(self, number, words):
        self.number, self.words, self.marks = number, words, []

    def mark(self, position, directory):
        self.marks.append((position, set(directory.must), set(directory.may)))

    def at(self, position):
        """How many operations were over, what must stand then, and what may."""
        over = max(i for i, (since, _, _) in enumerate(self.marks) if since <= position)
        known = self.marks[:over + 2]  # the next operation may have done its work, or a part
        must = set.intersection(*(must for _, must, _ in known[over:]))
        return over, must, set().union(*(must | may for _, must, may in known)) - must


class Cuts:
    def __init__(self, directory, filesystem, seed, conninfo=None):
        self.directory_path, self.filesystem, self.seed = directory, filesystem, seed
        self.dice = random.Random(seed)
        self.conninfo = conninfo
        self.sequences = None
        self.states = self.dead = self.torn = self.killed = 0
        self.wrong = []

    @property
    def directory(self):
        return self.sequences.directory

    def begin(self, shipping):
        """The base, on the disk."""
        self.sequences.shipping = shipping
        self.sequences.begin(self.base)
        power.must("sync", "-f", self.directory_path + "/mnt")

    def do(self, number, operation, kill):
        self.directory.number, self.directory.kill, self.directory.killed = number, kill, False
        getattr(self.directory, operation)()
        self.directory.kill = 0
        self.killed += self.directory.killed

    def engine_save(self, number):
        for table in TABLES:
            saved = "cut_%d_%s" % (number, table)  # another disk may have had that pair
            self.directory.sql("set client_min_messages = error; drop table if exists %s; create table %s as table %s" % (
                saved, saved, table))

    def engine_put_back(self, number):
        self.directory.sql("truncate %s cascade" % ", ".join(TABLES))
        for table in TABLES:
            self.directory.sql("insert into %s overriding system value select * from cut_%d_%s" % (table, number, table))
        for table in TABLES[:2]:  # the next one has a number of its own
            self.directory.sql("select setval(pg_get_serial_sequence('%s', 'id'), 1 + coalesce(max(id), 0)) from %s" % (
                table, table))

    def pair_record(self, recorder, number):
        operations = [self.dice.choice(self.operations) for _ in range(2)]
        kills = [0, 0]
        if self.dice.random() < 0.6:
            kills[self.dice.randrange(2)] = self.dice.randint(1, KILLS)
        pair = Pair(number, ", ".join(name + (" killed before its call %d" % kill if kill else "")
                                      for name, kill in zip(operations, kills)))
        self.begin("ship" in operations)
        pair.mark(recorder.position(), self.directory)
        for i, (operation, kill) in enumerate(zip(operations, kills), 1):
            self.do(i, operation, kill)
            pair.mark(recorder.position(), self.directory)
        pair.shipped = 1 + max((i for i in range(2) if operations[i] == "ship"), default=-1)
        if pair.shipped:
            self.engine_save(number)
        return pair

    def record(self, numbers):
        """Does so many pairs on a new disk."""
        power.disk_make(self.directory_path, self.filesystem)
        recorder = power.Recorder(self.directory_path, self.filesystem)
        workload, pairs = power.Workload(self.directory_path, recorder, 0), []
        stranger = threading.Thread(target=workload.stranger, daemon=True)
        try:
            if self.sequences is None:
                sequences.Place = DiskPlace
                self.sequences = sequences.Sequences(self.directory_path, self.seed, 0, None, self.conninfo)
                self.operations = self.sequences.operations + self.sequences.paired
                self.base = self.sequences.base
            start = recorder.position()
            stranger.start()
            for number in numbers:
                try:
                    pairs.append(self.pair_record(recorder, number))
                except sequences.Wrong as wrong:
                    self.wrong.append("while it is recorded: %s" % wrong)
        finally:
            workload.done.set()
            stranger.join(power.LIMIT)
            end = recorder.position()
            recorder.stop()
        with open(self.directory_path + "/acknowledged", "w") as file:
            json.dump([start, end, []], file)
        return pairs

    def judge(self, pair, over, must, may):
        """As after a start of the machine: events are taken, and then all is whole; after a compaction, too."""
        directory = self.directory
        if not os.path.exists(directory.data):  # it was replaced, and the new one was on no disk yet
            directory.place.empty()
        for data in directory.directories():
            for name in os.listdir(data):
                os.utime(data + "/" + name, (0, 0))
        directory.must, directory.may, directory.kill = set(must), set(may), 0
        self.torn += any(sequences.promises.Logs(data).broken for data in directory.directories())
        shipped = 0 < pair.shipped <= over
        if shipped:
            self.engine_put_back(pair.number)
        for number, operation in ((8, None), (9, "compact_all")):
            directory.number = number
            if operation:
                getattr(directory, operation)()
            for group in "gh":
                directory.event(group, 999, "after%d" % number)
            self.judge_now()
        if shipped:
            directory.judge_engine()

    def judge_now(self):
        """What nobody acknowledged may have holes, in a log that was renamed and in what was set aside."""
        directory = self.directory
        wrong = [text for text in sequences.promises.held_complaints(
            directory.directories(), directory.must, directory.may, sequences.OWNER, True)
            if not re.match(r"P2: \w+\.jsonl\.\d+:\d+: is broken|P7: .*: has NUL bytes$", text)]
        if wrong:
            raise sequences.Wrong("; ".join(wrong[:3]))
        for group in "gh":
            directory.visible(group)
        status, out, said = directory.server(0, "-d", directory.data, "verify")
        if status != 0:
            raise sequences.Wrong("verify: %s%s" % (out.decode(), said.decode()))
        if os.path.exists(directory.data + "/.alarm-state"):
            directory.alarm()

    def state(self, replay, pair, cut):
        replay.advance(cut)
        over, must, may = pair.at(replay.history.steps[cut][3])
        disk, way = replay.disk_new([None] * (10 * pair.number + over))
        if disk is None:
            return
        where = "%s, SEED=%d: %s; cut behind step %d, %d of them over, %s of %d writes" % (
            self.filesystem, self.seed, pair.words, cut, over, way, len(replay.pending))
        mnt, image = self.directory_path + "/mnt", self.directory_path + "/state"
        disk.save(image)
        if power.run("mount", "-t", self.filesystem.split("-")[0], "-o",
                     "loop," + power.filesystems[self.filesystem][2], image, mnt).returncode != 0:
            self.dead += 1
            print("# not mountable: " + where)
            return
        self.states += 1
        try:
            self.judge(pair, over, must, may)
        except (sequences.Wrong, subprocess.TimeoutExpired, ValueError, KeyError) as wrong:
            self.wrong.append("%s: %s" % (where, wrong if isinstance(wrong, sequences.Wrong) else repr(wrong)))
            if os.environ.get("MSGEXT_KEEP"):
                power.must("cp", "-r", "--sparse=always", image, mnt + "/data", os.environ["MSGEXT_KEEP"])
        finally:
            power.unmount(mnt)

    def replay(self, pairs):
        replay = power.Replay(self.directory_path, self.filesystem, self.seed)
        for pair in pairs:
            # Behind its last write, too: what it left must last.
            since = max(pair.marks[0][0], pair.marks[pair.shipped][0] if pair.shipped else 0)
            writes = [i for i, step in enumerate(replay.history.steps) if step[0] == power.WRITE
                      and since < step[3] <= pair.marks[-1][0] and i >= replay.step - 1]
            if writes:
                cuts = self.dice.sample(writes, min(CUTS - 1, len(writes))) + writes[-1:]
                for cut in sorted(set(cuts)):
                    self.state(replay, pair, cut)

    def run(self, count):
        for first in range(0, count, CHUNK):
            self.replay(self.record(range(first, min(first + CHUNK, count))))
        for text in self.wrong[:20]:
            print(text.replace("\n", "; "))
        print("# %s, pairs: %d states of %d pairs, %d of them with one killed, %d wrong, %d with an unfinished line, %d not "
              "mountable" % (self.filesystem, self.states, count, self.killed, len(self.wrong), self.torn, self.dead))
        self.sequences.directory.place.stop()


def main(directory, filesystem, count, seed, conninfo=None):
    Cuts(directory, filesystem, int(seed), conninfo or None).run(int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
