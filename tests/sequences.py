#!/usr/bin/env python3
"""sequences.py DIRECTORY SEED SECONDS [OLDER [CONNINFO]] - every short sequence of what is done to a data directory.

All sequences of two operations (operations.py), with a kill before every call of the first, and before every call of the
second, then all of three without kills; ship, repair, alarm and export are in those of two alone.  After each, events must
be taken, and the directory be what the numbered promises say.  Two kills that leave the same files count as one.
SECONDS: so long, in an order by SEED; 0: all.  The pairs of FIRST come first, with all kills: what few kills show does not
wait for a lucky seed.  OLDER: a directory with an older msgext and msgextctl.  CONNINFO: an engine; without it nothing is
shipped.

Prints what is wrong and after which sequence; exit 1.
"""
import collections
import itertools
import os
import random
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import operations
import promises

FIRST = [("compact", "compact"), ("archive", "append"), ("torn_tail", "append")]


class Sequences:
    def __init__(self, directory, seed, seconds, older=None, conninfo=None):
        self.directory = operations.Directory(directory, older, conninfo)
        self.dice, self.seed = random.Random(seed), seed
        self.end = time.monotonic() + seconds if seconds else None
        self.counts, self.failures = collections.Counter(), []
        self.most = 0 if "MSGEXT_FIRST_FAILURE" in os.environ else 20
        self.operations = operations.OPERATIONS + (operations.OLDER if older else [])
        self.paired = (["ship"] if conninfo else []) + operations.PAIRED

    def attempt(self, words, function):
        """True: go on.  What is wrong is kept."""
        try:
            return function()
        except (operations.Wrong, subprocess.TimeoutExpired, ValueError, KeyError) as wrong:
            self.failures.append("%s: %s" % (words, wrong if isinstance(wrong, operations.Wrong) else repr(wrong)))
            return True

    def sequence(self, names):
        self.counts["sequences of %d" % len(names)] += 1
        self.directory.begin()
        for number, name in enumerate(names, 1):
            self.directory.do(number, name)
        self.directory.judge_after()

    def is_new(self, seen):
        """Is what a kill left no state that was seen?"""
        self.counts["kills"] += 1
        digest = self.directory.digest()
        if digest in seen and not self.directory.shipping:
            return False
        seen.add(digest)
        self.counts["states"] += 1
        return True

    def killed_first(self, first, second, kill, seen):
        """False: it has not so many calls."""
        self.directory.begin()
        if not self.directory.do(1, first, kill):
            return False
        if self.is_new(seen):
            self.directory.judge(promises.ENDS)
            self.directory.do(2, second)
            self.directory.judge_after()
        return True

    def killed_second(self, first, second, kill, seen):
        if self.between is None or self.directory.shipping:  # the engine's part was not saved
            self.directory.begin()
            self.directory.do(1, first)
            self.between = self.directory.save()
        else:
            self.directory.begin(self.between)
        if not self.directory.do(2, second, kill):
            return False
        if self.is_new(seen):
            self.directory.judge_after()
        return True

    def kills(self, which, first, second):
        """A kill before each call of one of them."""
        if (first, second)[which] in operations.PLAIN:
            return
        function, seen = (self.killed_first, self.killed_second)[which], set()
        # In a given time, some kills of many pairs are worth more than all kills of a few.
        step = 1 if self.end is None else 3 if {first, second}.isdisjoint(self.paired) else 9
        for kill in itertools.count(self.dice.randint(1, step), step):
            words = "%s, %s, %s killed before its call %d" % (first, second, ("the first", "the second")[which], kill)
            if self.over() or not self.attempt(words, lambda: function(first, second, kill, seen)):
                break

    def pair(self, first, second):
        self.directory.shipping, self.between = "ship" in (first, second), None
        self.attempt("%s, %s" % (first, second), lambda: self.sequence((first, second)))
        for which in (0, 1):
            self.kills(which, first, second)
        self.directory.shipping = False

    def over(self):
        return len(self.failures) > self.most or (self.end is not None and time.monotonic() > self.end)

    def shuffled(self, sequences):
        sequences = list(sequences)
        self.dice.shuffle(sequences)
        return itertools.takewhile(lambda _: not self.over(), sequences)

    def run(self):
        start, share, self.end = time.monotonic(), self.end, None
        for first, second in FIRST:
            self.pair(first, second)
        if share is not None:
            self.end = start + (share - start) * .7
        for first, second in self.shuffled(itertools.product(self.operations + self.paired, repeat=2)):
            self.pair(first, second)
        self.end = share
        for names in self.shuffled(itertools.product(self.operations, repeat=3)):
            self.attempt(", ".join(names), lambda: self.sequence(names))
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
