"""reader.py - how fast logs are read, whatever is in them."""
import os
import random
import tempfile

from frame import BUILD, QUICK, TOP, compare, log_make, run


def log_more(directory, log):
    """The same lines with a member that no msgext knows."""
    os.makedirs(directory, mode=0o700)
    with open(log, "rb") as lines, open(directory + "/poll.jsonl", "wb") as file:
        for line in lines:
            file.write(line[:-2] + b',"Region":{"Id":[1,2]}}\n')
    os.chmod(directory + "/poll.jsonl", 0o600)
    return directory


def read():
    """A log of 500 MB in memory's cache."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        log = log_make(directory + "/data", 142000 if QUICK else 1420000)
        size = os.path.getsize(log)
        ctl = [TOP + "/build/msgextctl", "-d", directory + "/data"]
        more = log_more(directory + "/more", log)
        compare("%d MB" % (size // 1000000), {
            "cat": ["cat", log],
            "rg -c": ["rg", "-c", "-F", '"MsgSeq":1234,', log],
            "grep -c": ["grep", "-c", "-F", '"MsgSeq":1234,', log],
            "show GROUP MSGSEQ": ctl + ["show", "poll", "1234"],
            "show GROUP": ctl + ["show", "poll"],
            "groups": ctl + ["groups"],
            "groups, one more member": [TOP + "/build/msgextctl", "-d", more, "groups"],
            "verify": ctl + ["verify"],
        }, {
            "show GROUP MSGSEQ": 2,
            "show GROUP": 4,
            "groups": 4,
            "groups, one more member": 6,
            "verify": 4,
        }, size, what="CPU")


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
