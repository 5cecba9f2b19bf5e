"""whole.py DIRECTORY SEED EVENTS MESSAGES WITH... - events are lost, and msgext-repair brings all of them back.

EVENTS over MESSAGES are posted through the receiver; one in ten never is, nor the last of some messages.  Writers
go on while it repairs.  At the end there is no gap, and each message's state is the vendor's.  WITH:

    kills     msgext-repair is killed at any moment, again and again
    compact   logs are compacted meanwhile
    ship=CONNINFO   and shipped to that engine
    weather   the vendor fails, stalls and cuts off, now and then
    sync      each line is synced

Says what is wrong, and figures in lines that begin with "#"; exit 1.
"""
import json
import os
import random
import resource
import signal
import subprocess
import sys
import threading
import time

import history
from place import AS_OWNER, BUILD, Place, try_whole

WEATHER = ["code:60008", "code:10002", "code:60007", "close", "cut", "status:502 body:'<html>'", "stall:0.05", "event"]


class Trial:
    def __init__(self, directory, seed, events, messages, ways):
        self.dice, self.ways, self.count = random.Random(seed), ways, events
        self.place = Place(directory, sync="yes" if "sync" in ways else "no")
        self.history = history.History(self.dice, self.place.vendor, messages, events)
        self.path = self.place.receive(2)
        self.runs = self.killed = 0
        self.failures, self.said = [], []
        self.conninfo = next((way[5:] for way in ways if way.startswith("ship=")), None)
        self.over = threading.Event()

    def post(self, first, last):
        try:
            for event in self.history.events(first, last):
                history.send(self.path, event)
        except Exception as error:  # the main thread says so
            self.failures.append("writer: %r" % error)

    def compact(self):
        while not self.over.wait(0.02):
            group = random.choice(history.GROUPS)
            _, status, said = self.place.ctl("compact", group, "--discard")
            if status not in (0, 1):
                self.failures.append("compact: %s" % said)

    def weather(self):
        """One call in eight of each message goes wrong, first the first."""
        if "weather" in self.ways:
            self.place.vendor.forget(*("* * %d %s" % (number, self.dice.choice(WEATHER))
                                       for number in range(1, 2000, self.dice.randint(5, 9))))

    def run(self, kill):
        process = self.place.start("--once", "--recent", "7d")
        if kill:
            time.sleep(self.dice.random() ** 2)
            process.kill()
        said = process.communicate(timeout=120)[0].decode("utf-8", "backslashreplace")
        self.runs += 1
        self.killed += process.returncode == -signal.SIGKILL
        self.said.append(said)
        if process.returncode not in (0, 1, 69, 75, -signal.SIGKILL):
            self.failures.append("it exits with %d: %s" % (process.returncode, said[-1000:]))
        return process.returncode

    def ship(self, *words):
        return subprocess.Popen([BUILD + "msgext-ship", "-d", self.place.data, *words, self.conninfo],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, **AS_OWNER)

    def shipped(self, shipper):
        """What was shipped says the same."""
        shipper.terminate()
        shipper.communicate()
        last = self.ship("--once")
        said = last.communicate()[1]
        if last.returncode != 0:
            self.failures.append("msgext-ship: %s" % said)
        os.environ["PATH"] = BUILD + ":" + os.environ["PATH"]
        for name in self.history.names:
            got = self.place.ctl("--from", self.conninfo, "show", name[0], str(name[1]), "--json")
            if not got[0] or json.loads(got[0]) != self.place.vendor.truth[name].state(*name):
                self.failures.append("%s %d, shipped: %.1000s %s" % (*name, got[0], got[2]))

    def judge(self):
        gaps, status, said = self.place.ctl("gaps")
        if gaps or status != 0:
            self.failures.append("gaps: %.500s %s" % (gaps, said))
        for name in self.history.names:
            expected, got = self.place.vendor.truth[name].state(*name), self.place.state(*name)
            if got != expected:
                self.failures.append("%s %d: %.1000s\n# instead of %.1000s" % (*name, got, expected))
        if self.place.vendor.wrong:
            self.failures.append("the vendor complains: %s" % self.place.vendor.wrong[:3])

    def tell(self, seconds):
        usage = resource.getrusage(resource.RUSAGE_CHILDREN)
        print("# %d events of %d messages; %d runs, %d killed; %d calls, at most %d at once; %.1f s; %d KiB" % (
            self.count, len(self.history.names), self.runs, self.killed, len(self.place.vendor.calls),
            self.place.vendor.flying_most, seconds, usage.ru_maxrss))
        print("# the last run: %s" % self.said[-1][-300:].strip().replace("\n", "\n# "))

    def go(self):
        begin = time.monotonic()
        shipper = self.ship() if self.conninfo else None
        self.post(0, self.count // 2)
        writer = threading.Thread(target=self.post, args=(self.count // 2, self.count))
        compactor = threading.Thread(target=self.compact)
        self.weather()
        writer.start()
        if "compact" in self.ways:
            compactor.start()
        while writer.is_alive():
            self.run("kills" in self.ways and self.dice.random() < 0.9)
        writer.join()
        for _ in range(5 if "kills" in self.ways else 0):
            self.run(True)
        self.place.vendor.rules = []
        self.place.repair_next("--once")
        if self.run(False) != 0:
            self.failures.append("something is left: %s" % self.said[-1][-1000:])
        self.over.set()
        if "compact" in self.ways:
            compactor.join()
        self.judge()
        if shipper:
            self.shipped(shipper)
        self.tell(time.monotonic() - begin)


def main(directory, seed, events, messages, *ways):
    return try_whole(Trial(directory, int(seed), int(events), int(messages), ways))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
