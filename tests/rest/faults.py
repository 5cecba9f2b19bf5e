"""faults.py DIRECTORY SEED COUNT - each allocation and each system call of msgext-repair fails: COUNT of them, drawn
at random, or all.

Whatever fails, it does not crash or hang, the log is as it was or has the right answer, and the next run closes all.
"""
import os
import random
import signal
import subprocess
import sys

from place import AS_OWNER, BUILD, NOBODY, Place, Points, at_once, write

# What it may end with: all is done, some is left, or why it could not be done.
STATUSES = (0, 1, 66, 69, 71, 74, 75, 77, 78)
CALLS = {"openat": "EIO EMFILE", "read": "EIO EINTR", "write": "EIO ENOSPC EINTR", "fdatasync": "EIO", "fsync": "EIO",
         "close": "EIO", "fcntl": "EINTR ENOLCK", "pipe2": "EMFILE", "poll": "EINTR ENOMEM", "ppoll": "EINTR", "clone": "EAGAIN",
         "clone3": "EAGAIN", "vfork": "EAGAIN", "fork": "EAGAIN", "wait4": "EINTR ECHILD", "waitid": "EINTR",
         "rename": "EIO", "renameat": "EIO", "unlink": "EIO", "unlinkat": "EIO", "newfstatat": "EIO", "fstat": "EIO",
         "getdents64": "EIO", "ftruncate": "EIO", "lseek": "EIO", "getrandom": "EINTR ENOSYS", "mmap": "ENOMEM",
         "landlock_create_ruleset": "ENOSYS", "landlock_restrict_self": "EPERM", "socketpair": "EMFILE", "dup2": "EBUSY",
         "clock_nanosleep": "EINTR", "sendto": "EPIPE", "recvfrom": "EIO", "pread64": "EIO"}
# What keeps the key from others: where it fails nothing is asked.
GUARDS = ("setresuid(", "setresgid(", "setgroups(", "setuid(%d" % NOBODY, "setgid(", "prctl(PR_SET_DUMPABLE", "mlock(",
          "prlimit64(0, RLIMIT_CORE")


class Trial(Points):
    def __init__(self, directory, seed):
        self.dice = random.Random(seed)
        self.place = Place(directory, sync="yes")
        self.vendor = self.place.vendor
        self.count_file = directory + "/count"

    def prepare(self):
        """Two groups: a message with a gap, one with two pages, and one that lost its end."""
        self.place.empty()
        self.vendor.truth.clear()
        for group, number, pairs, lost in (("g", 1, 1, 1), ("g", 2, 20, 1), ("h", 3, 1, 2)):
            events = [self.vendor.event(group, number, 1, [("k%d" % (version * pairs + i), "v") for i in range(pairs)])
                      for version in range(14 if pairs > 1 else 3)]
            del events[lost]
            path = "%s/%s.jsonl" % (self.place.data, group)
            before = open(path, encoding="utf-8").read() if os.path.exists(path) else ""
            self.place.log(events, group)
            with open(path, encoding="utf-8") as file:
                text = file.read()
            write(path, before + text)
        self.vendor.forget()

    def wrong(self, what, status, said):
        """What is wrong after a run, and after the one that follows."""
        wrong = []
        if status not in STATUSES:
            wrong.append("%s: ends with %s: %s" % (what, status, said[-600:]))
        for group, number in self.vendor.truth:
            # What is imported is whole: a snapshot line, and then it is the vendor's.
            with open("%s/%s.jsonl" % (self.place.data, group), encoding="utf-8") as file:
                imported = any('"Snapshot"' in line and '"MsgSeq":%d,' % number in line for line in file)
            state, truth = self.place.state(group, number), self.vendor.truth[group, number].state(group, number)
            if imported and state != truth:
                wrong.append("%s: %s %d is %.300s" % (what, group, number, state))
        status, said = self.place.repair_next("--recent", "36500d")
        if status != 0 or self.place.ctl("gaps")[0] or self.place.ctl("verify")[1] != 0:
            wrong.append("%s: the next run ends with %s: %s" % (what, status, said[-600:]))
        return wrong

    def run(self, before, environment):
        command = [*before, *self.place.command("--recent", "36500d")]
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                   env={**os.environ, **environment}, start_new_session=True, **AS_OWNER)
        try:
            said = process.communicate(timeout=60)[0].decode("utf-8", "backslashreplace")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            return "hangs", process.communicate()[0].decode("utf-8", "backslashreplace")
        return process.returncode, said

    def chosen(self, total, count):
        return range(1, total + 1) if count == "all" else sorted(self.dice.sample(range(1, total + 1), min(total, int(count))))

    def allocations(self, count):
        write(self.count_file, "")
        preload = {"LD_PRELOAD": BUILD + "tests/failmalloc.so", "MALLOC_COUNT": self.count_file}
        self.prepare()
        status, said = self.run([], preload)
        with open(self.count_file, encoding="ascii") as file:
            text = file.read().strip()
        if status != 0 or not text:
            return self.point("allocations are counted", "ends with %s: %s" % (status, said))
        wrong, tried = [], 0
        for number in self.chosen(int(text), count):
            self.prepare()
            status, said = self.run([], {**preload, "MALLOC_FAIL": str(number)})
            wrong += self.wrong("allocation %d" % number, status, said)
            tried += 1
        return self.point("%d of %s allocations fail" % (tried, text), wrong)

    def traced(self):
        """How often each call is made: by the loader, which ends with a crash of its own where one fails; in all."""
        self.prepare()
        path = self.count_file + "-calls"
        write(path, "")
        self.run(["strace", "-qq", "-o", path], {})
        counts, loaded = {}, None
        with open(path, encoding="utf-8", errors="replace") as file:
            for line in file:
                name = line.split("(")[0]
                counts[name] = counts.get(name, 0) + 1
                if name == "munmap" and loaded is None:  # of its cache: the last thing that it does
                    loaded = dict(counts)
        return loaded or {}, counts  # where it has no cache, all are tried

    def calls(self, count):
        loaded, counts = self.traced()
        kills = dict.fromkeys(("write", "fdatasync", "rename", "renameat", "fsync", "close"), "KILL")
        cases = [(name, error, number) for how in (CALLS, kills) for name, errors in how.items() for error in errors.split()
                 for number in range(loaded.get(name, 0) + 1, counts.get(name, 0) + 1)]
        total = len(cases)
        if count != "all":
            cases = self.dice.sample(cases, min(int(count), total))
        wrong = []
        for name, error, number in cases:
            self.prepare()
            how = "signal=KILL" if error == "KILL" else "error=" + error
            status, said = self.run(["strace", "-qq", "-o", "/dev/null", "-e", "trace=" + name, "-e",
                                     "inject=%s:%s:when=%d" % (name, how, number)], {})
            if error == "KILL" and status in (-9, 137):
                status = 0
            wrong += self.wrong("%s %d: %s" % (name, number, error), status, said)
        self.point("%d of %d system calls fail, or are the last" % (len(cases), total), wrong)

    def guards(self):
        """Started by root: nothing that guards the key may fail unseen."""
        if os.getuid() != 0:
            print("# not root: guards are not tried")
            return
        for path in (self.place.repair_config, self.place.directory + "/key"):
            os.chown(path, 0, 0)
        self.prepare()
        path, command, wrong, seen = self.count_file + "-guards", self.place.command("--recent", "36500d"), [], {}
        subprocess.run(["strace", "-qq", "-o", path, *command], check=False, stdout=subprocess.DEVNULL)
        with open(path, encoding="utf-8", errors="replace") as file:
            lines = file.read().splitlines()
        guards = []
        for line in lines:
            name = line.split("(")[0]
            seen[name] = seen.get(name, 0) + 1
            if line.startswith(GUARDS):
                guards.append((name, seen[name]))
        for name, number in guards:
            self.prepare()
            done = subprocess.run(["strace", "-qq", "-o", "/dev/null", "-e", "trace=" + name, "-e",
                                   "inject=%s:error=EPERM:when=%d" % (name, number), *command], check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if self.vendor.calls or done.returncode in (0, 1):
                wrong.append("%s %d fails, and it goes on: %s" % (name, number, done.stdout[-300:]))
        self.point("%d calls that guard the key fail: nothing is asked" % len(guards),
                   wrong or ("" if len(guards) >= 7 else "%s" % guards))

    def go(self, count):
        self.allocations(count)
        self.calls(count)
        self.guards()


def main(directory, seed, count):
    os.umask(0o077)
    trial = Trial(directory, int(seed))
    status = at_once([lambda: trial.go(count)])
    trial.place.stop()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
