"""cuts.py DIR FILESYSTEM COUNT SEED [OLDER [CONNINFO]] - power cuts while two operations (operations.py) are done.

On a disk that remembers (recorder.c), so many pairs of operations are done to a data directory, of some of which one is
killed; somebody else writes and syncs meanwhile, so that any part of what was not synced goes to the disk.  Then each is
cut at a few points, as power.py replay does it.  On what is left, events must be taken, and the directory be what the
numbered promises say (promises.py): what was acknowledged before the cut stands.  OLDER: a directory with an older msgext.
With CONNINFO, an engine that has lost nothing, lines are shipped, too: what stands in the logs must be in it then.  Such a
pair is cut after it was shipped.

Prints what is wrong, a line each, and numbers in lines that begin with '#'.
"""
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
import disks
import engine
import operations
import power
import promises

TABLES = ["msgext_node", "msgext_file", "msgext_line"]
CHUNK = 40  # pairs of one record
CUTS = 4  # of a pair
LATER = 1 << 20  # no operation has so many calls: it ends, and they are counted


class DiskPlace(operations.Place):
    """Its data directory is on the disk."""

    def empty(self):
        self.data = self.directory + "/mnt/data"
        super().empty()


class Pair:
    """Two operations that were done: what must and may stand, from which position of the disk on."""

    def __init__(self, number, names, kills):
        self.number, self.names, self.kills, self.marks = number, names, kills, []
        # So many of them are over when all that the engine has was shipped; 0: it was not asked.
        self.shipped = 1 + max((i for i, name in enumerate(names) if name == "ship"), default=-1)

    def __str__(self):
        return ", ".join(name + (" killed before its call %d" % kill if kill else "")
                         for name, kill in zip(self.names, self.kills))

    def mark(self, position, directory):
        self.marks.append((position, set(directory.must), set(directory.may)))

    def at(self, position):
        """How many operations were over, what must stand then, and what may."""
        over = max(i for i, (since, _, _) in enumerate(self.marks) if since <= position)
        known = self.marks[:over + 2]  # the next operation may have done its work, or a part
        must = set.intersection(*(must for _, must, _ in known[over:]))
        return over, must, set().union(*(must | may for _, must, may in known)) - must

    def cuts(self, replay, dice):
        """Steps of the record behind which to cut; behind its last write, too: what it left must last."""
        since = self.marks[self.shipped][0]
        writes = [i for i, step in enumerate(replay.history.steps) if step[0] == disks.WRITE
                  and since < step[3] <= self.marks[-1][0] and i >= replay.step - 1]
        return sorted(set(dice.sample(writes, min(CUTS - 1, len(writes))) + writes[-1:]))


class Cuts:
    def __init__(self, path, filesystem, seed, older=None, conninfo=None):
        self.path, self.filesystem, self.seed = path, filesystem, seed
        self.older, self.conninfo = older, conninfo
        self.dice = random.Random(seed)
        self.operations = (operations.OPERATIONS + operations.PAIRED + (operations.OLDER if older else []) +
                           (["ship"] if conninfo else []))
        self.directory = None  # as soon as there is a disk
        self.calls = {}  # how many an operation had when it was last counted
        self.states = self.dead = self.torn = self.killed = 0
        self.wrong = []

    def engine_save(self, number):
        for table in TABLES:
            saved = "cut_%d_%s" % (number, table)  # another disk may have had that pair
            engine.sql(self.conninfo, "set client_min_messages = error; drop table if exists %s; "
                       "create table %s as table %s" % (saved, saved, table))

    def engine_put_back(self, number):
        engine.sql(self.conninfo, "truncate %s cascade" % ", ".join(TABLES))
        for table in TABLES:
            engine.sql(self.conninfo, "insert into %s overriding system value select * from cut_%d_%s" % (
                table, number, table))
        for table in TABLES[:2]:  # the next one has a number of its own
            engine.sql(self.conninfo, "select setval(pg_get_serial_sequence('%s', 'id'), 1 + coalesce(max(id), 0)) from %s" % (
                table, table))

    def pair_record(self, recorder, number):
        names, kills = [self.dice.choice(self.operations) for _ in range(2)], [0, 0]
        which = self.dice.randrange(2)
        if self.dice.random() < 0.7 and names[which] not in operations.PLAIN:
            kills[which] = self.dice.randint(1, self.calls[names[which]]) if names[which] in self.calls else LATER
        pair, directory = Pair(number, names, kills), self.directory
        directory.shipping = pair.shipped > 0
        directory.begin()
        disks.must("sync", "-f", recorder.mnt)
        pair.mark(recorder.position(), directory)
        for i in range(2):
            self.killed += directory.do(i + 1, names[i], kills[i])
            pair.mark(recorder.position(), directory)
        if LATER in kills:
            self.calls[names[which]] = int(open(directory.calls).read())
        if pair.shipped:
            self.engine_save(number)
        return pair

    def record(self, numbers):
        """Does so many pairs on a new disk."""
        pairs = []
        with power.recorded(self.path, self.filesystem) as workload:
            if self.directory is None:
                self.directory = operations.Directory(self.path, self.older, self.conninfo, DiskPlace)
            for number in numbers:
                try:
                    pairs.append(self.pair_record(workload.recorder, number))
                except operations.Wrong as wrong:
                    self.wrong.append("while it is recorded: %s" % wrong)
        return pairs

    def judge(self, pair, over, must, may):
        """As after a start of the machine: events are taken, and then all is whole; after a compaction, too."""
        directory = self.directory
        if not os.path.exists(directory.data):  # it was replaced, and the new one was on no disk yet
            directory.place.empty()
        for data in directory.directories():
            disks.age(data)
        directory.must, directory.may, directory.kill = set(must), set(may), 0
        directory.shipping = 0 < pair.shipped <= over
        self.torn += any(promises.Logs(data).broken for data in directory.directories())
        if directory.shipping:
            self.engine_put_back(pair.number)
        directory.number = 8
        directory.events_after()
        directory.judge_all(promises.ASIDE)
        directory.do(9, "compact_all")
        directory.events_after()
        directory.judge_all(promises.ASIDE)
        if directory.shipping:
            directory.judge_engine()

    def state(self, replay, pair, cut):
        replay.advance(cut)
        over, must, may = pair.at(replay.history.steps[cut][3])
        disk, way = replay.disk_new((pair.number, over))
        if disk is None:
            return
        where = "%s, MSGEXT_SEED=%d: %s; cut behind step %d, %d of them over, %s of %d writes" % (
            self.filesystem, self.seed, pair, cut, over, way, len(replay.pending))
        image = self.path + "/state"
        disk.save(image)
        with disks.mounted(self.path, self.filesystem, image) as there:
            if not there:
                self.dead += 1
                print("# not mountable: " + where)
                return
            self.states += 1
            try:
                self.judge(pair, over, must, may)
            except (operations.Wrong, subprocess.TimeoutExpired, ValueError, KeyError) as wrong:
                self.wrong.append("%s: %s" % (where, wrong if isinstance(wrong, operations.Wrong) else repr(wrong)))
                if os.environ.get("MSGEXT_KEEP"):
                    disks.must("cp", "-r", "--sparse=always", image, self.directory.data, os.environ["MSGEXT_KEEP"])

    def replay(self, pairs):
        replay = power.Replay(self.path, self.filesystem, self.seed)
        for pair in pairs:
            for cut in pair.cuts(replay, self.dice):
                self.state(replay, pair, cut)

    def run(self, count):
        for first in range(0, count, CHUNK):
            self.replay(self.record(range(first, min(first + CHUNK, count))))
        for text in self.wrong[:20]:
            print(text.replace("\n", "; "))
        print("# %s, pairs: %d states of %d pairs, %d of them with one killed, %d wrong, %d with an unfinished line, %d not "
              "mountable" % (self.filesystem, self.states, count, self.killed, len(self.wrong), self.torn, self.dead))
        self.directory.place.stop()


def main(directory, filesystem, count, seed, older=None, conninfo=None):
    Cuts(directory, filesystem, int(seed), older, conninfo).run(int(count))


if __name__ == "__main__":
    main(*sys.argv[1:])
