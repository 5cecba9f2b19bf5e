"""frame.py - what all sections of bench.py use: processes, a place to run them in, tables, rows.

A section measures msgext and a reference in the same run, in interleaved rounds, prints what it
measured (Table) and adds rows: ratios with a goal (goals.add).
"""
import os
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

import goals

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BUILD = TOP + "/build/bench"
HAMMER = TOP + "/build/tests/hammer"
ALONE = TOP + "/build/tests/hammer-alone"  # without batches
TICK = os.sysconf("SC_CLK_TCK")
QUICK = "quick" in sys.argv[1:]
ROUNDS = int(os.environ.get("ROUNDS", "3" if QUICK else "7"))
FEW = min(ROUNDS, 3)  # of what takes long
QUERY = ("SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterGroupMsgExtension"
         "&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android")
BODY = ('{"CallbackCommand":"Group.CallbackAfterGroupMsgExtension","GroupId":"test","MsgSeq":10,"OperateType":1,'
        '"ExtensionList":[{"Key":"key2","Value":"value2","Seq":56},{"Key":"key3","Value":"12122","Seq":56}],'
        '"Seq":56,"EventTime":1764688294360}')


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout.decode()


class Table:
    """Rows of one section, printed at its end."""

    def __init__(self, title, columns):
        self.rows = [[title] + columns]

    def add(self, name, *cells):
        self.rows.append([name] + [str(cell) for cell in cells])

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(len(self.rows[0]))]
        for row in self.rows:
            print("  ".join([row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]))
        print(flush=True)


def tree(pid):
    """The process and its descendants that are alive."""
    pids, at = [pid], 0
    while at < len(pids):
        try:
            with open("/proc/%d/task/%d/children" % (pids[at], pids[at])) as file:
                pids += [int(child) for child in file.read().split()]
        except OSError:
            pass
        at += 1
    return pids


def cpu_of(pids):
    """Seconds that they and their ended children have used."""
    ticks = 0
    for root in pids:
        for pid in tree(root):
            try:
                with open("/proc/%d/stat" % pid) as file:
                    ticks += sum(int(field) for field in file.read().rsplit(") ", 1)[1].split()[11:15])
            except OSError:
                pass
    return ticks / TICK


def run_time_of(pids):
    """Seconds that these have used, which the scheduler counts to the nanosecond; their children apart."""
    total = 0
    for pid in pids:
        with open("/proc/%d/schedstat" % pid) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def pss_of(pids, kind="Pss:"):
    """KiB of memory, what is shared divided by those who share it; or of another kind of proc_pid_smaps(5)."""
    total = 0
    for root in pids:
        for pid in tree(root):
            with open("/proc/%d/smaps_rollup" % pid) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith(kind))
    return total


class Place:
    """A directory for one run, whose processes end with it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="msgext-bench.")
        os.chmod(self.path, 0o755)
        os.mkdir(self.path + "/www", 0o755)
        self.processes = []

    def file(self, name, text, mode=0o644):
        path = self.path + "/" + name
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def data(self, name, options="sync = no\n"):
        """A data directory, and its configuration."""
        path = self.path + "/" + name
        os.mkdir(path, 0o700)
        self.file(name + ".conf", "data_dir = %s\nsdk_app_id = 1400000000\n%s" % (path, options))
        return path

    def start(self, *command, environment=None, **options):
        process = subprocess.Popen(command, env=environment, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def await_socket(self, address):
        for _ in range(200):
            with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as probe:
                try:
                    probe.connect(address)
                    return
                except OSError:
                    time.sleep(0.05)
        sys.exit("bench.py: %s: nobody answers there" % (address,))

    def await_file(self, path):
        for _ in range(200):
            if os.path.exists(path):
                return
            time.sleep(0.05)
        sys.exit("bench.py: %s: does not appear" % path)

    def workers(self, name, count, *command, environment=None):
        """FastCGI processes on the socket NAME."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path + "/" + name)
        os.chmod(self.path + "/" + name, 0o666)
        listener.listen(4096)
        started = [self.start(*command, stdin=listener, environment=environment) for _ in range(count)]
        listener.close()
        return [process.pid for process in started]

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(self.path)


def timed(*command, **options):
    """Seconds, the processor's seconds, and MB of memory."""
    # grep would stop early at /dev/null; cat is to be measured as it is usual.
    out = "/dev/null" if command[0] == "cat" else BUILD + "/out"
    median, _, used, memory = run(BUILD + "/spawn", "1", "/dev/null", out, *command, stderr=subprocess.DEVNULL,
                                  **options).split()
    return float(median) / 1e6, float(used) / 1e6, int(memory) / 1024


def compare(title, commands, wanted, size=None, what="time"):
    """
    commands: name to words; the first is the reference, measured in interleaved rounds.  wanted: name to the ratio
    that it may have at most.  size: in bytes, of what is read.  what: "CPU" for one process on a machine that is busy.
    """
    results = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, words in commands.items():
            results[name].append(timed(*words))
    table = Table(title, ["ms", "CPU ms", "MB"] + (["GB/s"] if size else []))
    for name, values in results.items():
        seconds = statistics.median(value[0] for value in values)
        table.add(name, "%.1f" % (seconds * 1e3), "%.1f" % (statistics.median(v[1] for v in values) * 1e3),
                  "%.1f" % max(v[2] for v in values), *(["%.2f" % (size / seconds / 1e9)] if size else []))
    table.print()
    first, by = next(iter(commands)), 1 if what == "CPU" else 0
    for name, most in wanted.items():
        goals.add("%s: %s, of %s" % (title, what, first), name,
                  [a[by] / b[by] for a, b in zip(results[name], results[first])], most)


def log_make(directory, events, messages=5000, *pairs):
    """One group's log, of about 350 bytes an event of one to four pairs, or of so many pairs."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    with open(directory + "/poll.jsonl", "wb") as file:
        subprocess.run(["perl", TOP + "/tests/generate.pl", str(events), str(messages), "poll", *map(str, pairs)],
                       stdout=file, check=True)
    os.chmod(directory + "/poll.jsonl", 0o600)
    return directory + "/poll.jsonl"
