"""nodes.py DIRECTORY SEED EVENTS MESSAGES CONNINFO - two nodes ship their logs, and one msgext-repair repairs both.

Each event reaches one node, or none.  msgext-repair sees by --from what both have; what it brings is in the first
node's logs, one of which it has to make.  At the end what was shipped has no gap, and is what the vendor says.
"""
import json
import os
import random
import subprocess
import sys

import history
from place import AS_OWNER, BUILD, Place, own, try_whole, write


class Trial:
    def __init__(self, directory, seed, events, messages, conninfo):
        self.dice, self.conninfo = random.Random(seed), conninfo
        os.environ["PATH"] = BUILD + ":" + os.environ["PATH"]
        self.place = Place(directory)
        self.nodes = [self.place.data, directory + "/second"]
        os.mkdir(self.nodes[1], 0o700)
        own(self.nodes[1])
        self.history = history.History(self.dice, self.place.vendor, messages, events)
        self.count, self.failures, self.names = events, [], {}
        # All of one group's come to the second node.
        self.away = self.history.names[0][0]

    def node(self, group):
        return self.nodes[1] if group == self.away else self.dice.choice(self.nodes)

    def log(self, lines):
        """Appends to the nodes' logs what a receiver would."""
        path = self.place.directory + "/lines"
        for event in lines:
            node = self.node(event["GroupId"])
            # A process for each is slow: the receiver begins each log, and so gives it its name.
            name = self.names.get((node, event["GroupId"]))
            if name is None:
                write(path, "data_dir = %s\nsdk_app_id = any\nsync = no\n" % node)
                before = set(os.listdir(node))
                self.cgi(path, event)
                name, = (new for new in set(os.listdir(node)) - before if new.endswith(".jsonl"))
                self.names[node, event["GroupId"]] = name
                continue
            with open(node + "/" + name, "a", encoding="utf-8") as file:
                file.write(json.dumps({"time": "2025-12-02T15:11:34.000Z", "SdkAppid": 1400000000, **event},
                                      ensure_ascii=False, separators=(",", ":")) + "\n")

    def cgi(self, config, event):
        body = json.dumps(event, ensure_ascii=False).encode()
        done = subprocess.run([BUILD + "msgext"], input=body, stdout=subprocess.PIPE, check=True, **AS_OWNER, env={
            "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": history.QUERY, "MSGEXT_CONFIG": config})
        if b'"OK"' not in done.stdout:
            raise RuntimeError(done.stdout.decode())

    def ship(self):
        for node in self.nodes:
            done = subprocess.run([BUILD + "msgext-ship", "-d", node, "--once", self.conninfo], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **AS_OWNER)
            if done.returncode != 0:
                self.failures.append("msgext-ship: %s" % done.stdout.decode()[-500:])

    def go(self):
        for part in range(4):
            self.log(self.history.events(self.count * part // 4, self.count * (part + 1) // 4))
            self.ship()
            status, said = self.place.repair("--from", self.conninfo, "--recent", "36500d")
            if status != 0:
                self.failures.append("it exits with %s: %s" % (status, said[-1000:]))
        self.ship()
        calls = len(self.place.vendor.calls)
        status, said = self.place.repair("--from", self.conninfo)
        if status != 0 or len(self.place.vendor.calls) != calls:
            self.failures.append("with all shipped it asks again: %s" % said)
        gaps, status, said = self.place.ctl("--from", self.conninfo, "gaps")
        if gaps or status != 0:
            self.failures.append("gaps: %.500s %s" % (gaps, said))
        for group, number in self.history.names:
            text, status, said = self.place.ctl("--from", self.conninfo, "show", group, str(number), "--json")
            truth = self.place.vendor.truth[group, number].state(group, number)
            if not text or json.loads(text) != truth:
                self.failures.append("%s %d: %.1000s (%s, %s)\n# instead of %.1000s" % (group, number, text, status, said, truth))
        print("# %d events of %d messages on two nodes; %d calls" % (self.count, len(self.history.names), calls))


def main(directory, seed, events, messages, conninfo):
    return try_whole(Trial(directory, int(seed), int(events), int(messages), conninfo))


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
