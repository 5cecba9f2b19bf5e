"""history.py - the histories of messages as the vendor makes them, of which some is lost on the way."""
import json
import random
import socket
import struct

GROUPS = ["@TGS#2J4SZEAEL", "a/b", "..c %41", "say \"no\" \\ or {x}[1-3]", "\u6295\u7968", "@TGS#_x@TOPIC#_y"]
QUERY = ("SdkAppid=1400000000&CallbackCommand=Group.CallbackAfterGroupMsgExtension&contenttype=json&"
         "ClientIP=203.0.113.7&OptPlatform=Android")
VALUES = ["", "yes", "no", "\u6295\u7968", "a\"b\\c", "\U0001f600", "x" * 300]


class History:
    """Draws events of many messages; the stand-in makes them true."""

    def __init__(self, dice, standin, messages, events):
        self.dice, self.standin = dice, standin
        self.names = [(dice.choice(GROUPS), 1 + number) for number in range(messages)]
        # Of how many users, and how often all is cleared.
        self.kind = {name: (dice.choice([3, 30, 300]), dice.choice([0, 0, 0.003, 0.05])) for name in self.names}
        self.order = self.names + dice.choices(self.names, k=events - messages)
        # The last event of some never arrives, nor the first ones of others: the one after them does.
        self.last = {name: index for index, name in enumerate(self.order)}
        self.cut = set(dice.sample(self.names, messages // 3))
        self.begins = {name: dice.choice([1, 1, 2, 4]) for name in self.names}

    def draw(self, name):
        users, clears = self.kind[name]
        kind = 3 if self.dice.random() < clears else self.dice.choice([1, 1, 1, 1, 2])
        count = 0 if kind == 3 else self.dice.randint(1, min(20, users))
        keys = self.dice.sample(range(users), count)
        return kind, [("user%d" % key if key % 7 else "\u00e9\"%d\\" % key, self.dice.choice(VALUES)) for key in keys]

    def events(self, first, last):
        """Events FIRST to LAST: each is true from then on; what is given is sent, in whatever order, some twice."""
        waiting = []
        for index in range(first, last):
            name = self.order[index]
            event = self.standin.event(*name, *self.draw(name))
            lost = self.dice.random() < 0.1 or (self.last[name] == index and name in self.cut)
            # Of what nothing has arrived nobody knows.
            if event["Seq"] == self.begins[name] or (not lost and event["Seq"] > self.begins[name]):
                waiting.append(event)
                if self.dice.random() < 0.02:
                    waiting.append(event)
            while len(waiting) > 5:
                yield waiting.pop(self.dice.randrange(len(waiting)))
        yield from waiting


def record(kind, content):
    return struct.pack(">BBHHBx", 1, kind, 1, len(content), 0) + content


def parameter(name, value):
    return struct.pack(">BI", len(name), len(value) | 1 << 31) + name.encode() + value.encode()


def post(path, event):
    """Sends an event to a FastCGI worker; its answer."""
    body = json.dumps(event, ensure_ascii=False).encode()
    values = parameter("REQUEST_METHOD", "POST") + parameter("QUERY_STRING", QUERY) + parameter(
        "CONTENT_LENGTH", str(len(body)))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(path)
        connection.sendall(record(1, struct.pack(">HB5x", 1, 0)) + record(4, values) + record(4, b"") +
                           b"".join(record(5, body[at:at + 60000]) for at in range(0, len(body), 60000)) + record(5, b""))
        answer = b""
        while True:
            part = connection.recv(65536)
            if not part:
                return answer
            answer += part


def send(path, event):
    answer = post(path, event)
    if b'"OK"' not in answer:
        raise RuntimeError("the receiver answers %r to %r" % (answer, event))
