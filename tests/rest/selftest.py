"""selftest.py DIRECTORY - is the stand-in right?  Says what is not."""
import http.client
import json
import random
import ssl
import sys
import time
import urllib.parse

import standin
from standin import APP, KEY

VECTORS = (("xiaojun", 15552000, "LvA7d/Iw7gSsnskvVzBDPOCCDbuNCw4GHwTC0bip+B4="),
           ("administrator", 86400, "yLAe+w7WUeUuqbV9h/TX78u21oTGi+i9Zp1u3PpnY60="),
           ("a\"b\\c/\u00e9\u4e2d", 15552000, "k86F/1ORXxyGoa1ShiRZjEK2I7F23lhjyUugLl6f0qw="),
           ("x\ty", 15552000, "ota08xDMckqrI7cVqWsGICcLhY43M58gqCQXXv1OceQ="))
wrong = 0


def check(what, got, expected):
    global wrong
    if got != expected:
        wrong += 1
        print("%s: %.300r instead of %.300r" % (what, got, expected))


class Client:
    def __init__(self, server, directory):
        context = ssl.create_default_context(cafile=directory + "/ca.pem")
        self.connection = http.client.HTTPSConnection("localhost", server.port, context=context, timeout=5)

    def ask(self, group="g", number=1, start=0, **changed):
        now = int(time.time())
        values = {"sdkappid": APP, "identifier": "administrator", "random": random.getrandbits(32), "contenttype": "json",
                  "usersig": standin.usersig_make(KEY, "administrator", APP, now, 600), **changed}
        body = json.dumps({"GroupId": group, "MsgSeq": number, "StartSeq": start})
        self.connection.request("POST", standin.PATH + "?" + urllib.parse.urlencode(values), body)
        answer = self.connection.getresponse()
        text = answer.read()
        return answer.status, json.loads(text) if text[:1] == b"{" else text

    def code(self, **changed):
        return self.ask(**changed)[1]["ErrorCode"]


def pages(client, server):
    """300 pairs, 10 in each version, come whole, and a version is split between two pages."""
    for version in range(30):
        server.event("g", 1, 1, [("k%d" % (20 * version + i), "v") for i in range(10)])
    server.event("g", 1, 2, [("k0", "")])
    status, first = client.ask()
    check("a page", (status, first["CompleteFlag"], len(first["ExtensionList"]), first["LatestSeq"]), (200, 0, 200, 31))
    last = first["ExtensionList"][-1]["Seq"]
    _, second = client.ask(start=last)
    check("the next", (second["CompleteFlag"], len(second["ExtensionList"])), (1, 299 - 200 + 1))
    keys = {pair["Key"] for page in (first, second) for pair in page["ExtensionList"]}
    check("both", keys, set(server.truth["g", 1].pairs))
    check("past the end", client.ask(start=32)[1]["ExtensionList"], [])
    server.event("g", 1, 3, [])
    server.event("g", 1, 1, [("k", "v")])
    _, cleared = client.ask()
    check("cleared", (cleared["ClearSeq"], cleared["ExtensionList"]), (32, [{"Key": "k", "Value": "v", "Seq": 33}]))


def refusals(client, server):
    now = int(time.time())
    check("an unknown group", client.code(group="h"), 10015)
    check("another admin", client.code(identifier="nobody"), 60010)
    check("another app", client.code(sdkappid=1), 70020)
    for what, code, usersig in (
            ("garbage", 70003, "abc"), ("another key", 70009, standin.usersig_make("k", "administrator", APP, now, 600)),
            ("another's", 70013, standin.usersig_make(KEY, "nobody", APP, now, 600)),
            ("another app's", 70014, standin.usersig_make(KEY, "administrator", 1, now, 600)),
            ("an old one", 70001, standin.usersig_make(KEY, "administrator", APP, now - 700, 600))):
        check(what, client.code(usersig=usersig), code)
    server.forget("* * 1 code:10002", "g 1 3+ code:60007", "h * * body:'<html>'")
    check("rules", [client.code() for _ in range(4)] + [client.ask(group="h")[1]], [10002, 0, 60007, 60007, b"<html>"])
    check("calls", [call.code for call in server.calls], [10002, 0, 60007, 60007, 10015])


def main(directory):
    for identifier, expire, expected in VECTORS:
        check(identifier, standin.signature(KEY, identifier, APP, 1700000000, expire), expected)
    server = standin.Standin(directory)
    client = Client(server, directory)
    pages(client, server)
    refusals(client, server)
    check("complaints", server.wrong, [])
    server.stop()
    return wrong > 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
