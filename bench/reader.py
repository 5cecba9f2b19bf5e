"""reader.py - how fast logs are read, whatever is in them."""
import glob
import os
import random
import shutil
import tempfile

import goals
from frame import BUILD, QUICK, ROUNDS, TOP, compare, log_make, run, timed


def log_more(directory, log):
    """The same lines with a member that no msgext knows."""
    os.makedirs(directory, mode=0o700)
    with open(log, "rb") as lines, open(directory + "/poll.jsonl", "wb") as file:
        for line in lines:
            file.write(line[:-2] + b',"Region":{"Id":[1,2]}}\n')
    os.chmod(directory + "/poll.jsonl", 0o600)


# What a group's log is like: its name, events, messages, pairs of each event, and what show may take at most: one
# thread's CPU, of a program that hashes each byte; two threads' time, of one thread's.
SHAPES = (("50 messages", 300000, (50,), 1.05, 0.54), ("5,000 messages", 300000, (5000,), 1.97, 0.67),
          ("20 pairs an event", 90000, (5000, 20), 2.96, 0.72), ("200,000 messages", 300000, (200000,), 3.13, 0.89))


def read_shape(directory, name, wanted_cpu, wanted_time):
    """show, of logs in memory's cache."""
    log = directory + "/poll.jsonl"
    show = [TOP + "/build/msgextctl", "-d", directory, "show", "poll"]
    compare("show GROUP, " + name, {
        "a program that hashes each byte": [BUILD + "/null-read", log],
        "one thread": show + ["--threads=1"],
    }, {"one thread": wanted_cpu}, os.path.getsize(log), what="CPU")
    compare("show GROUP, " + name, {
        "one thread": show + ["--threads=1"],
        "two threads": show + ["--threads=2"],
    }, {"two threads": wanted_time}, os.path.getsize(log))


def read_commands(directory, log):
    """What reads whole logs: one thread; --threads=2 of the same."""
    ctl = [TOP + "/build/msgextctl", "-d", directory]
    log_more(directory + "/more", log)
    compare("5,000 messages", {
        "a program that hashes each byte": [BUILD + "/null-read", log],
        "cat": ["cat", log],
        "rg -c": ["rg", "-c", "-F", '"MsgSeq":1234,', log],
        "grep -c": ["grep", "-c", "-F", '"MsgSeq":1234,', log],
        "show GROUP MSGSEQ": ctl + ["show", "poll", "1234", "--threads=1"],
        "groups": ctl + ["groups", "--threads=1"],
        "groups, one more member": [TOP + "/build/msgextctl", "-d", directory + "/more", "groups", "--threads=1"],
        "verify": ctl + ["verify", "--threads=1"],
    }, {"show GROUP MSGSEQ": 0.25, "groups": 0.56, "groups, one more member": 0.8, "verify": 0.56},
            os.path.getsize(log), what="CPU")
    for command in ("groups", "verify"):
        compare("%s, 5,000 messages" % command, {
            "one thread": ctl + [command, "--threads=1"],
            "two threads": ctl + [command, "--threads=2"],
        }, {"two threads": 0.63}, os.path.getsize(log))


def read_compact(directory, log):
    """compact of a copy, and show of the same log; gzip is what an archive costs in any case."""
    copy = directory + "/compact"
    os.mkdir(copy, 0o700)
    ctl = [TOP + "/build/msgextctl", "-d", copy]
    discarding, archiving = [], []
    for _ in range(ROUNDS):
        shutil.copy(log, copy)
        _, show, _ = timed(*ctl, "show", "poll", "--threads=1")
        _, gzip, _ = timed("gzip", "-c", log)
        for ratios, reference, options in (discarding, show, ["--discard"]), (archiving, show + gzip, []):
            shutil.copy(log, copy)
            ratios.append(timed(*ctl, "compact", "poll", *options)[1] / reference)
            for path in glob.glob(copy + "/poll*"):
                os.unlink(path)
    goals.add("5,000 messages: CPU, of show GROUP", "compact --discard", discarding, 2)
    goals.add("5,000 messages: CPU, of show GROUP and gzip", "compact", archiving, 1.1)


def read():
    """Logs of about 100 MB in memory's cache."""
    for name, events, numbers, cpu, time in SHAPES[1:2] if QUICK else SHAPES:
        with tempfile.TemporaryDirectory(dir=BUILD) as directory:
            log = log_make(directory, events // 2 if QUICK else events, *numbers)
            read_shape(directory, name, cpu, time)
            if numbers == (5000,):
                read_commands(directory, log)
                read_compact(directory, log)


def log_of(directory, name, messages, keys):
    """A log of events with twenty keys each."""
    os.makedirs(directory + "/" + name, mode=0o700)
    with open("%s/%s/g.jsonl" % (directory, name), "w") as log:
        for at in range(0, len(keys), 20):
            pairs = ",".join('{"Key":"%s","Value":"yes","Seq":%d}' % (key, at + 1) for key in keys[at:at + 20])
            log.write('{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"CallbackCommand":'
                      '"Group.CallbackAfterGroupMsgExtension","GroupId":"g","MsgSeq":%s,"OperateType":1,'
                      '"ExtensionList":[%s],"Seq":%d,"EventTime":1}\n' % (messages[at // 20], pairs, at + 1))
    os.chmod("%s/%s/g.jsonl" % (directory, name), 0o600)
    return [TOP + "/build/msgextctl", "-d", directory + "/" + name, "show", "g"]


def chosen():
    """Keys and messages of somebody who wants to slow a reader down: at most 1.5 of random ones."""
    dice = random.Random(1)
    count, letters = 32768, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        met = run(BUILD + "/chosen", "keys", str(count)).split()
        some = ["".join(dice.choice(letters) for _ in range(8)) for _ in range(count)]
        one = [10] * count
        compare("%d keys" % count, {
            "random": log_of(directory, "random", one, some),
            "sorted": log_of(directory, "sorted", one, sorted(some)),
            "counted": log_of(directory, "counted", one, ["%08d" % i for i in range(count)]),
            "chosen for FNV-1a": log_of(directory, "chosen", one, met),
        }, {"sorted": 1.5, "counted": 1.5, "chosen for FNV-1a": 1.5}, what="CPU")
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        met = run(BUILD + "/chosen", "messages", str(count // 5)).split()
        keys = ["user"] * 20 * len(met)
        compare("%d messages" % len(met), {
            "random": log_of(directory, "random", [dice.randrange(1 << 53) for _ in met], keys),
            "counted": log_of(directory, "counted", range(len(met)), keys),
            "chosen for a hash that msgext had": log_of(directory, "chosen", met, keys),
        }, {"counted": 1.5, "chosen for a hash that msgext had": 1.5}, what="CPU")
