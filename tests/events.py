"""events.py - events of one pair each: as the vendor sends them, as they are stored, and as promises.py counts them.

A pair is (GroupId, MsgSeq, Key, Value, Seq).  hammer.c's pairs are here too.
"""
import json

COMMAND = "Group.CallbackAfterGroupMsgExtension"
QUERY = "SdkAppid=1400000000&CallbackCommand=" + COMMAND
OK = b'{"ActionStatus":"OK","ErrorInfo":"","ErrorCode":0}\n'
HAMMER_LENGTHS = [10, 300, 700, 10, 1500, 300, 9000]  # of its values


def listed(pair):
    return {"Key": pair[2], "Value": pair[3], "Seq": pair[4]}


def event(pair):
    """The event that sets it."""
    return {"CallbackCommand": COMMAND, "GroupId": pair[0], "MsgSeq": pair[1], "OperateType": 1,
            "ExtensionList": [listed(pair)], "Seq": pair[4], "EventTime": 1764688294360}


def line(record):
    """An event as the receiver stores it; no newline."""
    envelope = {"time": "2025-12-02T15:11:34.395Z", "SdkAppid": 1400000000}
    return json.dumps({**envelope, **record}, separators=(",", ":")).encode()


def answer(pair):
    """The vendor's answer that says that a message has it alone."""
    return json.dumps({"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "ExtensionList": [listed(pair)],
                       "LatestSeq": pair[4], "ClearSeq": 0, "CompleteFlag": 1}).encode()


def request(config):
    """The environment of a request that brings an event."""
    return {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY, "MSGEXT_CONFIG": config}


def hammer_pair(group, number):
    value = "v%d-%s" % (number, "x" * HAMMER_LENGTHS[number % len(HAMMER_LENGTHS)])
    return group, number, "k%d" % number, value, number


def hammer_told(text):
    """What became of each line: was it acknowledged, its number, milliseconds, size of the record, why it was refused."""
    for words in map(str.split, text.splitlines()):
        if words[0] in ("OK", "NO"):
            yield words[0] == "OK", int(words[1]), int(words[2]), int(words[3]), "".join(words[4:])
