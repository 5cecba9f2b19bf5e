"""ship.py - how fast lines come into PostgreSQL, and out of it."""
import glob
import os
import shutil
import statistics
import subprocess
import sys
import time

import goals
from frame import BODY, HAMMER, QUERY, ROUNDS, TOP, Place, Table, log_make, run


class Engine:
    """PostgreSQL in a directory of its own, on a Unix socket."""

    def __init__(self, directory):
        self.bin = max(glob.glob("/usr/lib/postgresql/*/bin"))
        self.directory = directory
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.as_user:
            shutil.chown(directory, "postgres")
        self.conninfo = "host=%s user=postgres dbname=postgres" % directory
        self.call("initdb", "-U", "postgres", "-D", directory + "/data", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.call("pg_ctl", "-D", directory + "/data", "-l", directory + "/log", "-w", "-o",
                  "-c listen_addresses= -k " + directory, "start")

    def call(self, *words):
        subprocess.run(self.as_user + [self.bin + "/" + words[0]] + list(words[1:]), check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def sql(self, command, **options):
        return run("psql", "-XAtqc", command, self.conninfo, **options).strip()

    def stop(self):
        self.call("pg_ctl", "-D", self.directory + "/data", "-m", "fast", "stop")


SHIP = TOP + "/build/msgext-ship"


def ship_throughput(engine, place):
    """Lines into one PostgreSQL, against COPY of the same lines into a table of one column, without an index."""
    engine.sql("CREATE TABLE copied (line text)")
    log = log_make(place.path + "/data", 300000)
    size, lines = os.path.getsize(log), int(run("wc", "-l", log).split()[0])
    seconds = {"COPY": [], "msgext-ship": []}
    for _ in range(ROUNDS):
        engine.sql("TRUNCATE copied, msgext_line, msgext_file")
        started = time.perf_counter()
        with open(log) as file:
            engine.sql("COPY copied FROM STDIN (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')", stdin=file)
        seconds["COPY"].append(time.perf_counter() - started)
        started = time.perf_counter()
        run(SHIP, "-d", place.path + "/data", "--once", engine.conninfo)
        seconds["msgext-ship"].append(time.perf_counter() - started)
        for table in ("copied", "msgext_line"):
            if int(engine.sql("SELECT sum(octet_length(line) + 1) FROM " + table)) != size:
                sys.exit("bench.py: %s does not hold the lines" % table)
    table = Table("Into PostgreSQL, %d lines" % lines, ["lines a second"])
    for name, values in seconds.items():
        table.add(name, "%.0f" % (lines / statistics.median(values)))
    table.print()
    goals.add("into PostgreSQL", "lines a second, of COPY into a table of one column",
              [a / b for a, b in zip(seconds["COPY"], seconds["msgext-ship"])], 0.3, at_least=True)


def ship_reading(engine, place):
    """What was shipped last, read from the engine and from the directory."""
    table = Table("Reading the same", ["--from, ms", "-d, ms"])
    environment = dict(os.environ, PATH=TOP + "/build:" + os.environ["PATH"])
    for words in (["show", "poll", "77"], ["show", "poll"], ["groups"]):
        sources = (["--from", engine.conninfo], ["-d", place.path + "/data"])
        seconds, answers = [[], []], [None, None]
        for _ in range(ROUNDS):
            for i, source in enumerate(sources):
                started = time.perf_counter()
                answers[i] = run(TOP + "/build/msgextctl", *source, *words, env=environment)
                seconds[i].append(time.perf_counter() - started)
        if answers[0] != answers[1]:
            sys.exit("bench.py: %s: two answers" % words)
        goals.add("msgextctl: time with --from, of -d", " ".join(words), [a / b for a, b in zip(*seconds)], 10)
        table.add(" ".join(words), *("%.0f" % (statistics.median(values) * 1e3) for values in seconds))
    table.print()


def ship_groups(engine, place):
    """Many logs, of one line each."""
    data = place.data("many")
    for i in range(100000):
        with open("%s/group%d.jsonl" % (data, i), "w") as file:
            file.write('{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,%s\n'
                       % BODY[1:].replace('"test"', '"group%d"' % i))
    table = Table("100,000 logs", ["s", "MB of memory"])
    took = {}
    for name in ("shipped", "asked for again"):
        process = subprocess.Popen([SHIP, "-d", data, "--once", engine.conninfo])
        started = time.perf_counter()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit("bench.py: msgext-ship fails")
        took[name] = time.perf_counter() - started
        table.add(name, "%.1f" % took[name], "%.0f" % (usage.ru_maxrss / 1024))
    goals.add("100,000 logs", "asked for again, of the first time", [took["asked for again"] / took["shipped"]], 0.5)
    goals.add("100,000 logs", "memory", [usage.ru_maxrss / 1024], 100, unit=" MB")
    if engine.sql("SELECT count(DISTINCT group_id) FROM msgext_line WHERE group_id ~ '^group'") != "100000":
        sys.exit("bench.py: groups are missing")
    table.print()


def ship_lag(engine, place):
    """How far behind the receiver's full durable load the engine is."""
    data = place.data("lag")
    place.start(SHIP, "-d", data, engine.conninfo, stderr=subprocess.DEVNULL)
    behind, load = [], []
    for i in range(ROUNDS):
        started = time.perf_counter()
        run(HAMMER, data, "lag%d" % i, "4", "1000", "sync")
        load.append(time.perf_counter() - started)
        started = time.perf_counter()
        while engine.sql("SELECT count(*) FROM msgext_line l JOIN msgext_file f ON f.id = l.file"
                         " WHERE f.name = 'lag%d.jsonl'" % i) != "4000":
            if time.perf_counter() - started > 60:
                sys.exit("bench.py: msgext-ship does not catch up")
        behind.append(time.perf_counter() - started)
    table = Table("Behind 4 durable writers of 4,000 lines", ["ms behind the last, with the question"])
    table.add("msgext-ship", "%.0f" % (statistics.median(behind) * 1e3))
    table.print()
    goals.add("into PostgreSQL", "behind 4 durable writers, of the time that they wrote", [a / b for a, b in zip(behind, load)], 1)


def answer_time(place, name):
    """Seconds that a durable CGI answer takes."""
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
                   "CONTENT_LENGTH": str(len(BODY)), "MSGEXT_CONFIG": "%s/%s.conf" % (place.path, name)}
    started = time.perf_counter()
    if '"OK"' not in run(TOP + "/build/msgext", input=BODY.encode(), env=environment):
        sys.exit("bench.py: no OK")
    return time.perf_counter() - started


def ship_wait(engine, place):
    """An answer that waits for the engine, and one that does not: CGI processes, one after the other."""
    answers = {"wait0": [], "wait1.5": []}
    for name in answers:
        data = place.data(name, "wait_for_ship = %s\n" % name[4:])
        place.start(SHIP, "-d", data, engine.conninfo, stderr=subprocess.DEVNULL)
        place.await_file(data + "/msgext-ship.socket")
    for _ in range(ROUNDS):
        for name, medians in answers.items():
            medians.append(statistics.median(answer_time(place, name) for _ in range(20)))
    table = Table("A durable CGI answer", ["ms"])
    for name, medians in answers.items():
        table.add("wait_for_ship = " + name[4:], "%.1f" % (statistics.median(medians) * 1e3))
    table.print()
    goals.add("into PostgreSQL", "CGI answer with wait_for_ship = 1.5, of without",
              [a / b for a, b in zip(answers["wait1.5"], answers["wait0"])], 4)


def ship():
    """Lines into one PostgreSQL."""
    place = Place()
    os.mkdir(place.path + "/engine")
    engine = Engine(place.path + "/engine")
    try:
        run(SHIP, "--init", engine.conninfo)
        for measure in (ship_throughput, ship_reading, ship_groups, ship_lag, ship_wait):
            measure(engine, place)
    finally:
        engine.stop()
        place.end()
