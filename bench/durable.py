"""durable.py - appends that are on the disk: one writer, many at once, among many groups, while logs rotate."""
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import goals
from frame import ALONE, BODY, BUILD, FEW, HAMMER, QUERY, ROUNDS, TOP, Place, Table, compare, pss_of, run
from servers import NGINX, apache_start, cgi_directory

sys.path.insert(0, TOP + "/tests")
import power  # its slow disk


def durable():
    """Appends that are on the disk, against a loop that does nothing else."""
    for many in ("one", "many"):
        for writers in (1, 4, 16):
            lines = max(25, 400 // writers)
            with tempfile.TemporaryDirectory(dir=BUILD) as directory:
                os.chmod(directory, 0o700)
                compare("%d process%s, %s" % (writers, "es" if writers > 1 else "", "one group" if many == "one" else "a group each"), {
                    "open, lock, write, sync, close": [BUILD + "/null-append", directory, str(writers), str(lines), many],
                    "msgext's append": [HAMMER, directory, "test", str(writers), str(lines), "sync", many],
                }, {"msgext's append": 1.1})


def hammered(program, directory, group, writers, lines):
    """The share that was acknowledged, seconds, and the longest answer in milliseconds."""
    started = time.perf_counter()
    told = run(program, directory, group, str(writers), str(lines), "sync", stderr=subprocess.DEVNULL)
    return told.count("OK "), time.perf_counter() - started, float(told.split()[-1])


def burst_slow(directory, filesystem, milliseconds, table):
    """On a disk whose flush takes so long; the unit is what a bare append takes on it."""
    os.mkdir(directory)
    power.disk_make(directory, filesystem)
    disk = power.Recorder(directory, filesystem, flush=milliseconds, recorded=False)
    title = "300 writers x 3, one group, %s, %d ms" % (filesystem.split("-")[0], milliseconds)
    try:
        results = {"batches": [], "without": []}
        for at in range(FEW):
            for name, program in (("batches", HAMMER), ("without", ALONE)):
                bare = 1 / float(run(BUILD + "/null-append", disk.mnt + "/data", "1", "20", "one"))
                results[name].append((bare, *hammered(program, disk.mnt + "/data", "%s%d" % (name, at), 300, 3)))
    finally:
        disk.stop()
    shutil.rmtree(directory)
    for name, values in results.items():
        bare, acknowledged, seconds, longest = (statistics.median(column) for column in zip(*values))
        table.add("%s, %s" % (title, name), "%.1f" % (bare * 1e3), "%d of 900" % acknowledged, "%.2f" % seconds,
                  "%.0f" % longest)
    values = results["batches"]
    goals.add(title, "not acknowledged, of 900", [900 - acknowledged for _, acknowledged, _, _ in values], 0, unit=" lines")
    goals.add(title, "time for 900 lines, of one bare append", [seconds / bare for bare, _, seconds, _ in values], 30)
    goals.add(title, "longest answer, of 12 bare appends and 50 ms",
              [longest / (12 * bare * 1e3 + 50) for bare, _, _, longest in values], 1)


CROWD = 1000


def crowd(address, path, body, log):
    """So many requests at once: how many were answered OK, and the longest answer in milliseconds."""
    words = subprocess.run([BUILD + "/load", address, path + "?" + QUERY, body, '"ActionStatus":"OK"', str(CROWD),
                            str(CROWD), "close"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split()
    answered = int(words[1]) - int(words[3])
    with open(log) as file:
        lines = file.read()
    stored = lines.count("\n") if path.endswith("null") else len(set(re.findall('"MsgSeq":([0-9]*)', lines)))
    if stored < answered:
        sys.exit("bench.py: %s: %d lines for %d answers" % (path, stored, answered))
    os.unlink(log)
    return answered, float(words[11])


def crowd_measure(table, name, place, pairs, workers):
    """pairs: address, path and log of the null program, and of msgext; workers: processes of that."""
    body = place.file("body", BODY.replace('"MsgSeq":10,', '"MsgSeq":1NUMBER,'))
    answered, longest = [], [[], []]
    for _ in range(ROUNDS):
        for times, (address, path, log) in zip(longest, pairs):
            count, most = crowd(address, path, body, log)
            times.append(most)
            time.sleep(0.5)
        answered.append(count)  # of msgext, which is the second
    name = "%d at once, %s" % (CROWD, name)
    goals.add(name, "not answered, of %d" % CROWD, [CROWD - count for count in answered], 0, unit=" events")
    goals.add(name, "longest answer, of a program that syncs nothing", [b / a for a, b in zip(*longest)], 1.5)
    table.add(name, "%d of %d" % (statistics.median(answered), CROWD), *("%.0f" % statistics.median(times) for times in longest),
              "%.1f" % (pss_of(workers) / 1024) if workers else "")


def crowd_nginx(table, mnt, count):
    place = Place()
    try:
        log, null = mnt + "/data/test.jsonl", mnt + "/data/null"
        place.file("data.conf", "data_dir = %s/data\nsdk_app_id = 1400000000\n" % mnt)
        place.workers("null.socket", count, BUILD + "/null-fastcgi", null)
        workers = place.workers("msgext.socket", count, TOP + "/static/msgext", "-c", place.path + "/data.conf")
        place.file("nginx.conf", NGINX.format(path=place.path, locations="".join(
            "location /%s { fastcgi_pass unix:%s/%s.socket; }\n" % (name, place.path, name)
            for name in ("null", "msgext"))))
        place.start("nginx", "-c", place.path + "/nginx.conf")
        address = place.path + "/nginx.socket"
        place.await_socket(address)
        crowd_measure(table, "nginx, %d workers" % count, place,
                      [(address, "/null", null), (address, "/msgext", log)], workers)
    finally:
        place.end()


def crowd_apache(table, mnt):
    place = Place()
    try:
        cgi_directory(place)
        shutil.copy(BUILD + "/null-cgi-append", place.path + "/cgi/null")
        for name in ("apache", "null"):
            os.mkdir(mnt + "/" + name, 0o700)
            shutil.chown(mnt + "/" + name, "www-data", "www-data")
        place.file("apache.conf", "data_dir = %s/apache\nsdk_app_id = 1400000000\n" % mnt)
        os.symlink(mnt + "/null", place.path + "/apache")  # where the null program appends
        port, _ = apache_start(place, "ListenBackLog 4096\nMaxRequestWorkers 400\n")
        crowd_measure(table, "Apache CGI", place, [(str(port), "/cgi/null", mnt + "/null/test.jsonl"),
                                                   (str(port), "/cgi/static", mnt + "/apache/test.jsonl")], [])
    finally:
        place.end()


def burst_servers(directory):
    """At most 1.5 of the longest answer of a program that appends without sync is wanted."""
    os.mkdir(directory)
    power.disk_make(directory, "ext4-ordered")
    disk = power.Recorder(directory, "ext4-ordered", flush=5, recorded=False)
    table = Table("%d requests at once, ext4, 5 ms" % CROWD, ["answered OK", "longest of null, ms", "longest, ms",
                                                             "workers, MB"])
    try:
        for count in (64, 256):
            crowd_nginx(table, disk.mnt, count)
        crowd_apache(table, disk.mnt)
    finally:
        disk.stop()
    table.print()


def burst():
    """Many writers at once into one group: on slow disks all of 900 lines are wanted, in 30 bare appends."""
    table = Table("Slow disks", ["bare append, ms", "acknowledged", "s", "longest, ms"])
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", directory)
        try:
            burst_servers(directory + "/servers")
            for filesystem in ("ext4-ordered", "xfs", "btrfs"):
                for milliseconds in (1, 5, 15):
                    burst_slow(directory + "/slow", filesystem, milliseconds, table)
        finally:
            run("umount", "-l", directory)
    table.print()
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        os.chmod(directory, 0o700)
        compare("a fast disk, 16 writers x 100, one group", {
            name: [program, directory, name.split()[0], "16", "100", "sync"]
            for name, program in (("without batches", ALONE), ("batches", HAMMER))}, {"batches": 1.05})


def growth():
    """A data directory with as many groups as there may be."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        os.chmod(directory, 0o700)
        for name, count in (("few", 10), ("many", 100000)):
            os.mkdir("%s/%s" % (directory, name), 0o700)
            line = b'{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,' + BODY[1:].encode() + b"\n"
            for i in range(count):
                fd = os.open("%s/%s/g%d.jsonl" % (directory, name, i), os.O_WRONLY | os.O_CREAT, 0o600)
                os.write(fd, line.replace(b'"test"', b'"g%d"' % i))
                os.close(fd)
        run("sync", "-f", directory)
        compare("appending, sync = no", {
            "10 groups": [HAMMER, directory + "/few", "g", "1", "100000", "nosync", "ten"],
            "100,000 groups": [HAMMER, directory + "/many", "g", "1", "100000", "nosync", "ten"],
        }, {"100,000 groups": 1.3})
        compare("100,000 groups", {
            "find and cat": ["find", directory + "/many", "-type", "f", "-exec", "cat", "{}", "+"],
            "msgextctl groups": [TOP + "/build/msgextctl", "-d", directory + "/many", "groups"],
        }, {"msgextctl groups": 2}, what="CPU")


def rotate():
    """Lines that are lost, or refused, while logrotate runs every 50 ms."""
    table = Table("logrotate beside 8 writers", ["rotations", "lines", "refused", "acknowledged, lost"])
    for way in ("nocreate", "create 0600 %d %d" % (os.getuid(), os.getgid()), "create 0600 www-data www-data",
                "copytruncate"):
        with tempfile.TemporaryDirectory(dir=BUILD) as directory:
            os.chmod(directory, 0o700)
            data = directory + "/data"
            os.mkdir(data, 0o700)
            with open(directory + "/conf", "w") as file:
                file.write("%s/*.jsonl {\nsu root root\nrotate 10000\nmissingok\nnotifempty\n%s\n}\n" % (data, way))
            os.chmod(directory + "/conf", 0o600)
            with open(directory + "/answers", "w") as answers, open(directory + "/refused", "w") as refused:
                writers = subprocess.Popen([HAMMER, data, "test", "8", "15000"], stdout=answers, stderr=refused)
                rotations = 0
                while writers.poll() is None:
                    subprocess.run(["logrotate", "-f", "-s", directory + "/state", directory + "/conf"],
                                   stderr=subprocess.DEVNULL)
                    rotations += 1
                    time.sleep(0.05)
            with open(directory + "/answers") as file:
                acknowledged = {line.split()[1] for line in file if line.startswith("OK ")}
            stored = set()
            for name in os.listdir(data):
                with open(data + "/" + name, "rb") as file:
                    stored |= {line[5:-2].decode() for line in file
                               if line.startswith(b'{"n":') and line.endswith(b"}\n")}
            if way != "copytruncate":  # which loses what is written while it copies
                goals.add("acknowledged and lost, 8 writers", way, [len(acknowledged - stored)], 0,
                          unit=" lines")
            table.add(way, rotations, 120000, 120000 - len(acknowledged), len(acknowledged - stored))
    table.print()
