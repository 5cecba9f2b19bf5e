#!/usr/bin/env python3
"""view-numbers.py VIEWER DIRECTORY COOKIE SEED COUNT - every number of the viewer's pages is that of truth.py.

Does COUNT histories of histories.py to a log in DIRECTORY.  Reads each page and file of the viewer and compares
what it shows with what truth.py says of the log.  MSGEXT_VIEW_CONFIG names the viewer's configuration.  Prints what
differs; exit 1.
"""
import csv
import html.parser
import io
import json
import os
import random
import re
import shutil
import subprocess
import sys

sys.dont_write_bytecode = True
import histories

VIEWER, DIRECTORY, COOKIE = sys.argv[1:4]
SEED, COUNT = int(sys.argv[4]), int(sys.argv[5])
KEYS = ["anna", "bob", "user_1", "\u6295\u7968", "zo\u00eb", "x y"]
VALUES = ["yes", "no", "\u706b\u9505", "a<b", "12", " =1", "\uff0bx", "007", "1E5", "10-12", "a\"b,c\nd"]
SERVER = histories.Server(histories.TOP + "/build/tests/ctl-server")
wrong = 0


class Page(html.parser.HTMLParser):
    """Its tables: rows of cells, each a list of texts; what is struck out begins with '~'.  Marks, headline, moments."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.tables, self.tags, self.headline = [], [], ""
        self.open, self.cell, self.body, self.moments = [], None, False, []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "table":
            self.tables.append([])
            self.body = False
        elif tag == "tbody":
            self.body = True
        elif tag == "tr" and self.body:
            self.tables[-1].append([])
        elif tag in ("td", "th") and self.body:
            self.cell = []
            self.tables[-1][-1].append(self.cell)
        elif tag == "time" and self.cell is not None:
            self.cell.append("@" + attributes["datetime"])
        elif tag == "a" and ("ul", "moments") in self.open:
            self.moments.append([attributes["href"]])
        if tag not in ("rect", "polyline", "input", "meta", "link", "br", "tr", "td", "th", "li", "tbody", "thead"):
            self.open.append((tag, attributes.get("class") or ""))

    def handle_endtag(self, tag):
        if tag == "table":
            self.cell, self.body = None, False
        while self.open:
            if self.open.pop()[0] == tag:
                break

    def handle_data(self, data):
        classes = [name for _, names in self.open for name in names.split()]
        inside = [tag for tag, _ in self.open]
        if "vh" in classes or not data.strip():
            return
        if "res" in classes:
            self.headline += data
        if "tag" in classes:
            self.tags.append(data)
        elif self.cell is not None and "time" not in inside:
            self.cell.append(("~" if "s" in inside else "") + data)
        if ("ul", "moments") in self.open and "dim" in classes:
            self.moments[-1].append(data)


def view(query):
    environment = {"MSGEXT_VIEW_CONFIG": os.environ["MSGEXT_VIEW_CONFIG"], "GATEWAY_INTERFACE": "CGI/1.1",
                   "REQUEST_METHOD": "GET", "QUERY_STRING": query, "SCRIPT_NAME": "/cgi-bin/view.cgi",
                   "HTTP_HOST": "poll.example", "HTTP_COOKIE": COOKIE, "REMOTE_ADDR": "203.0.113.7"}
    answer = subprocess.run([VIEWER], env=environment, stdout=subprocess.PIPE, check=False).stdout
    head, _, body = answer.partition(b"\r\n\r\n")
    return head.split(b"\r\n")[0].split()[1].decode(), body


def page(query):
    status, body = view(query)
    if status != "200":
        raise SystemExit("MSGEXT_SEED=%d: %s: status %s" % (SEED, query, status))
    return Page(body.decode())


def dicts(answer):
    """Rows that a model gives, by their names."""
    _, (names, *rows) = answer
    return [dict(zip(names, row)) for row in rows]


def file_rows(form, body):
    """The rows of a CSV file.  One for a spreadsheet has a byte order mark, and each cell between quotes."""
    text = body.decode()
    if form == "excel" and not re.fullmatch('\ufeff(("([^"]|"")*"(,|\r\n))+)', text):
        return text
    return list(csv.reader(io.StringIO(text.lstrip("\ufeff"), newline="")))


def for_spreadsheet(cell):
    """What a spreadsheet would run, or make another number or a date of, has a quote before it."""
    runs = re.match("[ \u3000]*[-=+@\uff0d\uff1d\uff0b\uff20\t\r\n]", cell)
    changes = re.fullmatch(r"\s*(\d{12,}|0\d+|\d+E\d+|\d+[-/.]\d+)\s*", cell, re.IGNORECASE | re.ASCII)
    return "'" * bool(runs or changes) + cell


def check(what, number, got, expected):
    global wrong
    if got != expected:
        wrong += 1
        print("# MSGEXT_SEED=%d, history %d: %s\n# got      %r\n# expected %r" % (SEED, number, what, got, expected))


def write(number):
    """Does a history to the log."""
    history = histories.generate(SEED, number, nodes=1, group="g", keys=KEYS, values=VALUES, base=1, odd=False)
    shutil.rmtree(DIRECTORY)
    node = histories.Node(SERVER, DIRECTORY, "g")
    for step, *arguments in history["steps"]:
        if step != "ask":
            node.do(step, *arguments[1:])
    return node.log


def answers(count):
    return {1: "1 answer"}.get(count, "%d answers" % count)


def check_state(log, number, message, as_of):
    """The page, its sections and the files of a message, now or at a version."""
    what = "message %d at %d" % (message, as_of)
    when = {"as_of": as_of} if as_of else {}
    query = "g=g&m=%d%s" % (message, "&v=%d" % as_of if as_of else "")
    state = dict(log.states(**when)).get(message)
    if state is None:
        check(what + " is empty", number, page(query).tables, [])
        return
    whole = page(query)
    check(what + ": json", number, [json.loads(line) for line in view(query + "&f=json")[1].splitlines()],
          log.show(message, **when)[1])
    rows = log.pair_rows(message, **when)[1]
    check(what + ": csv", number, file_rows("csv", view(query + "&f=csv")[1]), rows)
    check(what + ": excel", number, file_rows("excel", view(query + "&f=excel")[1]),
          [[for_spreadsheet(cell) for cell in row] for row in rows])
    if state.pairs:
        check(what + ": answers", number, whole.headline, answers(len(state.pairs)))
    lost = state.lost()
    expected = ["%d updates never arrived" % lost if lost > 1 else "1 update never arrived"][:lost]
    check(what + ": lost", number, [tag for tag in whole.tags if "update" in tag], expected)
    tally = state.tally()
    got = page(query + "&part=tally").tables if tally else [[]]
    check(what + ": tally", number, [(row[0][0], row[-2][-1]) for row in got[0]],
          [(text.decode(), str(count)) for text, count in tally])
    pairs = log.show(message, newest=True, **when)[1][0]["ExtensionList"]
    got = page(query + "&part=pairs").tables if pairs else [[]]
    check(what + ": pairs", number, [(row[0][0], row[1][0]) for row in got[0]],
          [(pair["Key"], pair["Value"]) for pair in pairs])


def check_moments(log, number, message):
    """So many answers as the message had at those versions."""
    for href, text in page("g=g&m=%d" % message).moments:
        version = href.split("v=")[1].split("&")[0] if "v=" in href else "now"
        state = dict(log.states(**{"as_of": int(version)} if version != "now" else {}))[message]
        check("message %d, moment %s" % (message, version), number, text, answers(len(state.pairs)))


def check_history(log, number, message):
    """The rows of the history are those of the log, by version, with what the key had at the version before."""
    # A row of what never arrived has no version of its own.
    rows = [row for row in page("g=g&m=%d&part=log" % message).tables[0] if len(row) > 1 and row[1]]
    got = sorted((row[1][0], row[0][0] if len(row[0]) > 1 else "", row[2]) for row in rows)
    expected = []
    for row in dicts(log.log_rows(message=message)):
        time = "@" + row["Time"].split(".")[0] + "Z"
        change = (row["Seq"], row["Key"] if row["Operation"] in ("set", "delete") else "", [time])
        if row["Operation"] in ("set", "delete", "clear") or change not in expected:
            expected.append(change)
    # What names no key, as a clear or a snapshot, stands once or more.
    for keyed in True, False:
        lists = [sorted(row for row in rows if bool(row[1]) == keyed) for rows in (got, expected)]
        check("message %d: history" % message, number, *(lists if keyed else [sorted(map(list, {
            (*row[:2], *row[2]) for row in rows})) for rows in lists]))
    for row in rows:
        if len(row[0]) < 2 or int(row[1][0]) < 2:
            continue
        _, before = log.show(message, as_of=int(row[1][0]) - 1)
        values = {pair["Key"]: pair["Value"] for line in before for pair in line["ExtensionList"]}
        struck = [text[1:] for text in row[0] if text[0] == "~"]
        before = values.get(row[0][0])
        # Of an answer that was chosen again nothing is struck out.
        check("message %d, version %s: before" % (message, row[1][0]), number, struck,
              [before] if before is not None and row[0][-1] != before else [])


def check_group(log, number):
    """The group's page, the groups' page and the last events."""
    rows = dicts(log.show_rows())
    got = {(row[0][0], row[1][0], row[2][0]) for row in page("g=g").tables[0]}
    expected = {("Message " + row["MsgSeq"], row["Pairs"], "@" + row["LastTime"].split(".")[0] + "Z")
                for row in rows}
    check("group", number, got, expected)
    lost = sorted("%s lost" % row["Missing"] for row in rows if row["Missing"] != "0")
    check("group: lost", number, sorted(page("g=g").tags), lost)
    groups = page("")
    check("groups", number, [(row[0][0], row[1][0], row[2][0]) for row in groups.tables[0]],
          [(row["GroupId"], str(row["Events"]), "@" + row["LastTime"].split(".")[0] + "Z") for row in log.groups(0)])
    total = sum(int(row["Missing"]) for row in rows)
    check("groups: lost", number, groups.tags, ["%d lost" % total] if total else [])
    events = [row[2][0] for row in page("p=events").tables[0]]
    times = [entry.time for entry in log.log()[1]]
    check("events", number, events,
          ["@" + time.split(".")[0] + "Z" for time in sorted(times, reverse=True)[:30]])


def run(number):
    dice = random.Random(SEED * 1000003 + number)
    log = write(number)
    for message, state in log.states():
        check_state(log, number, message, 0)
        check_state(log, number, message, dice.randint(1, state.latest + 1))
        check_moments(log, number, message)
        check_history(log, number, message)
    if log.states():  # something has come, and not all was moved out
        check_group(log, number)


for history_number in range(COUNT):
    run(history_number)
print("# MSGEXT_SEED=%d: %d histories, %d differences" % (SEED, COUNT, wrong))
sys.exit(wrong > 0)
