"""data.py - polls for the browser's tests and for the pictures, the same each time.

demo_write() sends every event through the receiver, as the vendor would; what it stores then
gets the time that the event bears, since all of it was received within a second.  The groups are
those that a page can meet: a large poll with versions that never arrived, one without, answers
that all differ, a cleared one, texts that try to be something else, and many scripts.
"""

import concurrent.futures
import datetime
import json
import os
import random
import re
import subprocess

APP_ID = 1400000000
COMMAND = "Group.CallbackAfterGroupMsgExtension"
# What the pictures show: what a group's owner would see.
PLAIN = {"@TGS#2J4SZEAEL", "book-club", "class-7b-parents", "marathon-2026", "office-lunch"}
POLL = "@TGS#2J4SZEAEL"
TOPIC = "@TGS#_@TGS#cEHVE5UM62CP@TOPIC#_@TGS#dUTVE5UM62CQ"

FOOD = ["火锅 Hotpot", "寿司 Sushi", "Pizza", "Tacos", "沙拉 Salad"]
NAMES = ("vera rosa alice kaya willem wang quinn choi zoe lena ines deniz suzuki tariq nora sven "
         "omar zhang sato emil lin ito ren mei haru jiwoo minho yuki yusuf aoi").split()

WIDE = "W" * 150  # a group's name

# Texts that try to be markup, addresses, formulas, or that cannot be seen.
HOSTILE = [
    "<script>alert(document.cookie)</script>", "\"><img src=x onerror=alert(1)>", "' onmouseover='alert(1)",
    "</title></style></textarea></script><svg/onload=alert(1)>", "<!-- --><![CDATA[x]]>", "<b>bold</b>",
    "&lt;already&gt; &amp;amp; &#65;&#x41;&notit; &quot", "O'Neill & \"Sons\"", "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>", "//evil.example/?q=<a href=x>", "{{7*7}} ${7*7} <%= 7 %>",
    "%00%0d%0aSet-Cookie: a=b", "%s%n%d %1$s", "a&b=c;d?e#f+g%20h", "+1", "=HYPERLINK(\"http://evil.example/\")",
    "=cmd|'/c calc'!A0", "@SUM(1+1)", "-2+3", "\u202egnp.exe", "\u2066isolate\u2069 \u202alre\u202c", "\u200e\u200fmarks",
    "zero\u200bwidth\u2060joiner\ufeff", "soft\u00adhyphen", "a  b\tc\nd\r\ne", " leading and trailing ",
    "\u0001\u0008\u000b\u001b[31mred\u001b[0m\u007f", "next\u0085line\u2028sep\u2029par", "\u0080\u009f", "\ufffd\ufffe\U0010ffff",
    "e\u0301 \u0645\u064f\u062d\u0645\u062f Z\u0351\u0343\u034c\u035b\u0311a\u0310\u0357l\u0312\u0369g\u036eo\u0344", "\U0001f44d\U0001f3fd\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466\U0001f1ef\U0001f1f5\u2764\ufe0f",
    "كان كل شيء جيدًا، شكرًا (1) [x]", "שלום עולם: 10-20?", "می‌خواهم", "希望下次能在周末举行", "다음에는 더 일찍 시작하면 좋겠어요",
    "もう少し早く始めてほしいです。", "𠮷野家と髙島屋", "x" * 120, "W" * 100, "長" * 90, "<" * 80, "&" * 80, "0" * 16, "null", "-", "0",
]


def hostile_pairs():
    """Each text as a value and, where it fits a key, as a key too: no key twice."""
    pairs = [("value %02d" % number, text) for number, text in enumerate(HOSTILE)]
    pairs += [(text, "key %02d" % number) for number, text in enumerate(HOSTILE) if len(text.encode()) <= 100]
    return pairs


CLASSES = [(0x20, 0x7e), (0x01, 0x1f), (0x7f, 0x9f), (0xa0, 0x24f), (0x300, 0x36f), (0x590, 0x6ff), (0xe00, 0xe7f), (0x200b, 0x200f), (0x2028, 0x202e), (0x2060, 0x206f),
           (0x3040, 0x30ff), (0x4e00, 0x9fff), (0xac00, 0xd7a3), (0xe000, 0xf8ff), (0xfdd0, 0xfdef), (0xfe00, 0xfe0f), (0xfff0, 0xffff), (0x1f300, 0x1faff),
           (0x20000, 0x2a6df), (0xe0000, 0xe01ef), (0x10fff0, 0x10ffff)]
MARKUP = ["<", ">", "&", '"', "'", "&lt;", "&#60", "</bdi>", "<!--", "-->", "]]>", "<script>", "</style>", "\r\n", "\t", "\\", "/", "=", "%"]


def random_text(random_source, length):
    """A text of at most so many bytes, of everything that Unicode has."""
    text = ""
    while True:
        if random_source.random() < 0.4:
            more = random_source.choice(MARKUP)
        else:
            more = chr(random_source.randint(*random_source.choice(CLASSES)))
        if len((text + more).encode()) > length:
            return text
        text += more


class Demo:
    """Events in the order in which they are sent."""

    def __init__(self, now):
        self.now = now
        self.random = random.Random(20261126)
        self.events = []

    def add(self, group, message, version, pairs, ago, kind=1):
        """One event, AGO seconds before now: pairs set (1), deleted (2), or all cleared (3)."""
        self.events.append({
            "CallbackCommand": COMMAND, "GroupId": group, "MsgSeq": message, "OperateType": kind,
            "ExtensionList": [{"Key": key, "Value": value, "Seq": version} for key, value in pairs],
            "Seq": version, "EventTime": int((self.now - ago) * 1000)})

    def people(self, count):
        """User names, no two alike."""
        names = {}
        while len(names) < count:
            first, last = self.random.choice(NAMES), self.random.choice(NAMES)
            names[self.random.choice([
                first + "_" + last, first + "-" + last[0], first + "." + str(self.random.randint(1, 99)), first + last[0],
                "1441152123" + str(self.random.randint(10000000, 99999999)), first + "-" + last])] = True
        return list(names)

    def poll(self, group, message, people, choices, weights, versions, ago, lost=(), end=240):
        """A poll that goes fast at first: each person chooses, then some change their minds."""
        chosen = {}
        for version in range(1, versions + 1):
            who = people[version - 1] if version <= len(people) else self.random.choice(people)
            what = chosen.get(who)
            while what == chosen.get(who):
                what = self.random.choices(choices, weights)[0]
            chosen[who] = what
            when = ago * (1 - (version / versions) ** 3) + end
            if version not in lost:
                self.add(group, message, version, [(who, what)], when)


def demo_events(now):
    """All events of the demo."""
    demo = Demo(now)
    hour, day = 3600, 86400
    demo.poll(POLL, 10, demo.people(222), FOOD, [34, 30, 23, 15, 7], 336, 1.3 * day, {121, 302, 303, 304})
    demo.add(POLL, 10, 337, [(demo.events[-1]["ExtensionList"][0]["Key"], "")], 230, 2)
    demo.poll(POLL, 11, demo.people(12), ["Yes", "No"], [3, 1], 14, 3 * day, end=2.6 * hour)
    texts = hostile_pairs()
    for version, at in enumerate(range(0, len(texts), 20), 1):
        demo.add(POLL, 15, version, texts[at:at + 20], 2.5 * day - version * 47 * 60)
    demo.add(POLL, 17, 1, [(name, "Friday") for name in demo.people(9)], 5 * day)
    demo.add(POLL, 17, 2, [], 4.5 * day, 3)
    demo.add(POLL, 18, 1, [(name, "Friday") for name in demo.people(5)], 5 * day)
    for version, name in enumerate(demo.people(4), 3):
        demo.add(POLL, 17, version, [(name, "Saturday" if version % 2 else "Sunday")], 4 * day - version * 540)
    demo.add(POLL, 18, 2, [], 4.4 * day, 3)
    demo.poll("book-club", 3, demo.people(23), ["Piranesi", "The Left Hand of Darkness", "三体", "Klara and the Sun"], [9, 6, 5, 3], 31, 2 * day, end=0.8 * hour)
    demo.add("book-club", 4, 1, [("alice", "Yes")], 1.3 * hour)
    demo.add("marathon-2026", 1, 1, [("start", "")], 6 * day)
    for version, name in enumerate(demo.people(34), 2):
        if version != 20:
            demo.add("marathon-2026", 1, version, [(name, '{"name":"%s","seats":%d}' % (name.split("_")[0].title(), version))], 5 * day - version * 7000)
    long_text = "Next time please begin at seven. " * 28
    demo.add("office-lunch", 1, 1, [("poet", long_text[:900]), ("k" * 100, "短い"), ("長" * 33, long_text[:310])], 6 * day)
    demo.poll("class-7b-parents", 8, ["家长%d" % n for n in range(1, 60)], ["星期五", "星期六", "星期日", "都可以"], [5, 4, 3, 1], 93, 3 * day, end=5.2 * hour)
    demo.events.append(demo.events[-1])  # which arrives twice
    demo.add("class-7b-parents", 8, 90, [("家长1", "星期五")], 3 * day)
    for message in range(1, 72):
        demo.add(TOPIC, message, 1, [("user_%d" % message, "Option %d" % (message % 3))], 7 * hour + message * 60)
    demo.poll("<script>alert(1)</script>", 1, demo.people(9), ["A", "B"], [1, 1], 28, 1.1 * day, end=1.7 * hour)
    demo.add("a/b c%d", 1, 1, [("O'Neill", "a"), ("o'neill", "b")], 2 * day)
    demo.add(WIDE, 1, 1, [("W" * 100, "m" * 100), ("長" * 33, "W" * 290)], 8 * day)
    demo.add("..", 1, 1, [("up", "no")], 9 * day)
    demo.add("large", 9007199254740992, 1, [("user_%d" % n, "x") for n in range(20)], 9 * day)
    for version in range(2, 16):
        demo.add("large", 9007199254740992, version, [("user_%d" % n, str(n % 29)) for n in range(version * 20 - 20, version * 20)], 9 * day - version * 60)
    for number in range(104):
        demo.add("many-%03d" % number, 1, 1, [("a", "b")], (20 + number) * day)
    return demo.events


def event_send(program, config, event):
    """One event to the receiver as CGI; it must be stored."""
    body = json.dumps(event, ensure_ascii=False).encode()
    environment = {
        "GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "CONTENT_LENGTH": str(len(body)), "MSGEXT_CONFIG": config,
        "QUERY_STRING": "SdkAppid=%d&CallbackCommand=%s&contenttype=json&ClientIP=203.0.113.7&OptPlatform=Android" % (APP_ID, COMMAND)}
    answer = subprocess.run([program], input=body, env=environment, capture_output=True, check=False)
    if b'"OK"' not in answer.stdout:
        raise RuntimeError("the receiver refuses %r: %r %r" % (event, answer.stdout, answer.stderr))


def times_set(directory):
    """Gives each line the time of its event, and each log that of its last line."""
    for name in os.listdir(directory):
        if not name.endswith(".jsonl"):
            continue
        path, last = os.path.join(directory, name), 0
        with open(path, "rb") as file:
            lines = file.read().splitlines(keepends=True)
        with open(path, "wb") as file:
            for line in lines:
                last = max(last, int(re.search(rb'"EventTime":(\d+)', line).group(1)))
                moment = int(re.search(rb'"EventTime":(\d+)', line).group(1))
                text = datetime.datetime.fromtimestamp(moment // 1000, datetime.timezone.utc)
                file.write(b'{"time":"%s.%03dZ"' % (text.strftime("%Y-%m-%dT%H:%M:%S").encode(), moment % 1000) + line[line.index(b'",') + 1:])
        os.utime(path, (last / 1000, last / 1000))


def demo_write(program, directory, now, chosen=None):
    """Fills the data directory; CHOSEN: of these groups alone.  Two logs are written at a time."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    config = directory + ".conf"
    with open(config, "w", encoding="utf-8") as file:
        file.write("data_dir = %s\nsdk_app_id = %d\n" % (directory, APP_ID))
    os.chmod(config, 0o600)
    groups = {}
    for event in demo_events(now):
        if chosen is None or event["GroupId"] in chosen:
            groups.setdefault(event["GroupId"], []).append(event)

    def group_send(events):
        for event in events:
            event_send(program, config, event)

    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        list(pool.map(group_send, groups.values()))
    times_set(directory)
