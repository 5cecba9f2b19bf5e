#!/usr/bin/env python3
"""standin.py DIRECTORY - what stands for the vendor's REST in tests, over TLS with an authority of its own.

A test makes a Standin and tells its truth each event that the vendor would have taken; it answers
group_get_key_values with what is then true, 200 pairs a page.  Each call is kept in .calls.  Rules say what else
is answered: "GROUP MSGSEQ WHICH HOW...", where * is any, and WHICH is *, or N or N+ of the calls that the rule is
about.  HOW is one or more of

    code:N         that error
    date:SECONDS   the clock is wrong by so much
    stall:SECONDS  waits first
    hold           waits until the test sets .release, 9 s at most
    cut            the answer ends in its middle
    close          no answer at all
    drip           a byte each 0.2 s
    big            10 MB
    endless        likewise, without a length
    headers        5 MB of headers
    early          another answer's beginning comes first, as HTTP allows
    unlengthed     it ends where the connection does
    chunked        in pieces
    status:N       that status of HTTP, as a proxy answers
    redirect       to the same, elsewhere
    body:TEXT      that in place of an answer, as Python writes strings
    other:G/N      the state of another message
    twice          the page before once more
    echo           an error says the whole question, signature and all
    deleted        keys that were deleted are listed as ""
    event          something changes first: each time one of .later is made true

As a program it reads events, a line each, from DIRECTORY/events and rules from DIRECTORY/rules, anew at each
call, and writes DIRECTORY/address and DIRECTORY/calls: for a session at a terminal.
"""
import ast
import base64
import collections
import hashlib
import hmac
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time
import urllib.parse
import zlib

PATH = "/v4/openim_msg_ext_http_svc/group_get_key_values"
PAGE = 200
KEY = "5bd2850fff3ecb11d7c805251c51ee463a25727bddc2385f3fa8bfee1bb93b5e"
APP = 1400000000
CALLS_MAX = 200  # a second


def signature(key, identifier, app, begin, expire):
    """TLS.sig, in the words of the vendor's page."""
    text = "TLS.identifier:%s\nTLS.sdkappid:%d\nTLS.time:%d\nTLS.expire:%d\n" % (identifier, app, begin, expire)
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


def usersig_make(key, identifier, app, begin, expire):
    document = {"TLS.ver": "2.0", "TLS.identifier": identifier, "TLS.sdkappid": app, "TLS.time": begin,
                "TLS.expire": expire, "TLS.sig": signature(key, identifier, app, begin, expire)}
    text = base64.b64encode(zlib.compress(json.dumps(document).encode())).decode()
    return text.replace("+", "*").replace("/", "-").replace("=", "_")


def usersig_read(text):
    """What it says, as a dictionary; ValueError."""
    if set("+/=") & set(text):
        raise ValueError("base64 of the other alphabet")
    packed = base64.b64decode(text.replace("*", "+").replace("-", "/").replace("_", "="), validate=True)
    inflater = zlib.decompressobj()
    try:
        plain = inflater.decompress(packed, 65536)
    except zlib.error as error:
        raise ValueError("zlib: %s" % error) from error
    if not inflater.eof or inflater.unused_data:
        raise ValueError("no whole zlib stream")
    document = json.loads(plain)
    if set(document) != {"TLS.ver", "TLS.identifier", "TLS.sdkappid", "TLS.time", "TLS.expire", "TLS.sig"}:
        raise ValueError("members %s" % sorted(document))
    if document["TLS.ver"] != "2.0" or not all(type(document["TLS." + name]) is int
                                               for name in ("sdkappid", "time", "expire")):
        raise ValueError("types or version")
    return document


def usersig_code(text, key, identifier, app, now):
    """The vendor's error for that signature, or 0."""
    try:
        document = usersig_read(text)
    except (ValueError, TypeError):
        return 70003
    if document["TLS.identifier"] != identifier:
        return 70013
    if document["TLS.sdkappid"] != app:
        return 70014
    if document["TLS.sig"] != signature(key, identifier, app, document["TLS.time"], document["TLS.expire"]):
        return 70009
    return 0 if now < document["TLS.time"] + document["TLS.expire"] else 70001


class Message:
    """The pairs of one message, as the vendor keeps them."""

    def __init__(self):
        self.latest = self.clear = 0
        self.pairs = {}    # key: (seq, value)
        self.deleted = {}  # key: seq

    def event(self, kind, pairs):
        """Makes a change true: the next version."""
        self.latest += 1
        if kind == 3:
            self.clear = self.latest
            self.pairs.clear()
            self.deleted.clear()
        for key, value in pairs:
            self.pairs.pop(key, None)
            self.deleted.pop(key, None)
            if kind == 1:
                self.pairs[key] = (self.latest, value)
            else:
                self.deleted[key] = self.latest
        return self.latest

    def state(self, group, number):
        """As msgextctl show --json prints it, read."""
        return {"GroupId": group, "MsgSeq": number, "LatestSeq": self.latest, "ClearSeq": self.clear,
                "ExtensionList": self.listed(0)}

    def listed(self, start, deleted=False):
        rows = [(seq, key.encode(), key, value) for key, (seq, value) in self.pairs.items()]
        if deleted:
            rows += [(seq, key.encode(), key, "") for key, seq in self.deleted.items()]
        return [{"Key": key, "Value": value, "Seq": seq} for seq, _, key, value in sorted(rows) if seq >= start]

    def page(self, start, deleted=False):
        rows = self.listed(start, deleted)
        return {"ActionStatus": "OK", "ErrorInfo": "", "ErrorCode": 0, "CompleteFlag": int(len(rows) <= PAGE),
                "LatestSeq": self.latest, "ClearSeq": self.clear, "ExtensionList": rows[:PAGE]}


Call = collections.namedtuple("Call", "time group number start connection code")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60
    wbufsize = -1  # an answer goes out at once, whole

    def log_message(self, *_):
        pass

    def date_time_string(self, timestamp=None):
        return super().date_time_string(time.time() + getattr(self, "skew", 0))

    def do_GET(self):
        self.server.standin.complain("%s %s" % (self.command, self.path.split("?")[0]))
        self.send_error(405)

    do_HEAD = do_PUT = do_GET

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            with self.server.standin.busy():
                self.answer(body)
        except (OSError, ssl.SSLError):
            self.close_connection = True

    def answer(self, body):
        standin = self.server.standin
        answer, how = standin.take(self.path, body, self.connection)
        self.skew = float(how.get("date", 0))
        time.sleep(float(how.get("stall", 0)))
        if "hold" in how:
            standin.release.wait(9)
        if "close" in how:
            self.close_connection = True
            return
        if "redirect" in how:
            self.send_response(302)
            self.send_header("Location", "https://127.0.0.1:%d%s" % (standin.port, self.path))
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        text = json.dumps(answer, ensure_ascii=False).encode()
        if "body" in how:
            text = ast.literal_eval(how["body"]).encode("utf-8", "surrogateescape")
        if "big" in how:
            text = text[:-1] + b" " * (10 << 20) + b"}"
        if "early" in how:
            self.wfile.write(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n")
        self.send_response(int(how.get("status", 200)))
        self.send_header("Content-Type", "application/json")
        if "headers" in how:
            for number in range(5000):
                self.send_header("X-%d" % number, "x" * 1000)
        if "chunked" in how:
            self.send_header("Transfer-Encoding", "chunked")
            text = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (text[:7], text[7:])) + b"0\r\n\r\n"
        elif "endless" in how or "unlengthed" in how:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        if "endless" in how:
            text += b" " * (100 << 20)
        if "cut" in how:
            self.wfile.write(text[:len(text) // 2])
            self.close_connection = True
        elif "drip" in how:
            for byte in text:
                self.wfile.write(bytes([byte]))
                time.sleep(0.2)
        else:
            self.wfile.write(text)


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64
    standin = None

    def handle_error(self, *_):
        pass  # clients that are killed, or that do not like the certificate


def certificates_make(directory, names="DNS:localhost,IP:127.0.0.1"):
    """An authority, and a server's certificate of it: ca.pem, server.pem."""
    def openssl(*words):
        subprocess.run(["openssl", *words], check=True, cwd=directory, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    openssl("req", "-x509", *curve, "-subj", "/CN=authority of a test", "-keyout", "ca.key", "-out", "ca.pem")
    openssl("req", *curve[:-2], "-subj", "/CN=standin", "-keyout", "server.key", "-out", "server.csr")
    with open(directory + "/names", "w", encoding="ascii") as file:
        file.write("subjectAltName=%s\n" % names)
    openssl("x509", "-req", "-in", "server.csr", "-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2",
            "-extfile", "names", "-out", "server.pem")


class Standin:
    """The server, what it knows, and what it was asked."""

    def __init__(self, directory, admin="administrator", key=KEY, app=APP):
        self.admin, self.key, self.app = admin, key, app
        self.truth = collections.defaultdict(Message)  # (group, number): Message
        self.rules, self.later = [], []
        self.calls, self.wrong = [], []
        self.lock, self.release = threading.RLock(), threading.Event()
        self.before = {}  # the last page that was given of a message
        self.signatures = set()
        self.flying = self.flying_most = 0
        if not os.path.exists(directory + "/server.pem"):
            certificates_make(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(directory + "/server.pem", directory + "/server.key")
        self.server = Server(("127.0.0.1", 0), Handler)
        # The handshake is the connection's thread's: a client that stalls holds up no other.
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.server.standin = self
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def forget(self, *rules):
        """Nothing was asked yet; other rules."""
        with self.lock:
            self.calls, self.wrong, self.before = [], [], {}
            self.flying_most = 0
            self.rules = [[*rule.split(None, 3), 0] for rule in rules]

    def complain(self, text):
        with self.lock:
            self.wrong.append(text)

    def busy(self):
        standin = self

        class Busy:
            def __enter__(self):
                with standin.lock:
                    standin.flying += 1
                    standin.flying_most = max(standin.flying_most, standin.flying)

            def __exit__(self, *_):
                with standin.lock:
                    standin.flying -= 1
        return Busy()

    def event(self, group, number, kind, pairs):
        """Makes an event true; its body, as the vendor sends it."""
        with self.lock:
            seq = self.truth[group, number].event(kind, pairs)
        return {"CallbackCommand": "Group.CallbackAfterGroupMsgExtension", "GroupId": group, "MsgSeq": number,
                "OperateType": kind, "ExtensionList": [{"Key": key, "Value": value if kind == 1 else "", "Seq": seq}
                                                       for key, value in pairs],
                "Seq": seq, "EventTime": 1764688294360 + seq}

    def question_code(self, path, body):
        """What the vendor says of a question: its error or 0, and what is asked."""
        path, _, query = path.partition("?")
        try:
            values = dict(urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True, errors="strict"))
            asked = json.loads(body)
        except ValueError as error:
            self.complain("no question: %s" % error)
            return 60003, {}
        if path != PATH or sorted(values) != ["contenttype", "identifier", "random", "sdkappid", "usersig"]:
            self.complain("asked %s with %s" % (path, sorted(values)))
            return 60002, {}
        if values["contenttype"] != "json" or not values["random"].isdecimal() or int(values["random"]) > 0xffffffff:
            self.complain("contenttype %s, random %s" % (values["contenttype"], values["random"]))
        if sorted(asked) not in (["GroupId", "MsgSeq", "StartSeq"], ["GroupId", "MsgSeq"]):
            self.complain("asked for %s" % sorted(asked))
            return 10004, {}
        self.signatures.add(values["usersig"])
        if values["sdkappid"] != str(self.app):
            return 70020, asked
        if values["identifier"] != self.admin:
            return 60010, asked
        return usersig_code(values["usersig"], self.key, self.admin, self.app, time.time()), asked

    def how(self, group, number):
        """What the rules say of a call."""
        said = ""
        for rule in self.rules:
            if rule[0] not in ("*", group) or rule[1] not in ("*", str(number)):
                continue
            rule[4] += 1
            which = rule[2].rstrip("+")
            if rule[2] == "*" or rule[4] == int(which) or (rule[2].endswith("+") and rule[4] > int(which)):
                said += " " + rule[3]
        if " body:" in said:
            said, _, text = said.partition(" body:")
            return {"body": text, **dict(word.partition(":")[::2] for word in said.split())}
        return dict(word.partition(":")[::2] for word in said.split())

    def take(self, path, body, connection):
        """The answer to a question, and how to give it."""
        with self.lock:
            code, asked = self.question_code(path, body)
            group, number, start = asked.get("GroupId"), asked.get("MsgSeq"), asked.get("StartSeq", 0)
            how = self.how(group, number)
            now = time.monotonic()
            if sum(call.time > now - 1 for call in self.calls[-CALLS_MAX:]) >= CALLS_MAX:
                self.complain("more than %d calls a second" % CALLS_MAX)
                code = 60011
            code = int(how.get("code", code))
            if code == 0 and (group, number) not in self.truth:
                code = 10015
            self.calls.append(Call(now, group, number, start, id(connection), code))
            if code != 0:
                said = "of %s" % path if "echo" in how else "of a test"
                return {"ActionStatus": "FAIL", "ErrorCode": code, "ErrorInfo": "error %d %s" % (code, said)}, how
            if "event" in how and self.later:
                self.later.pop(0)()
            if "other" in how:
                group, _, other = how["other"].rpartition("/")
                number = int(other)
            page = self.truth[group, number].page(start, "deleted" in how)
            if "twice" in how:
                page = self.before.get((group, number), page)
            self.before[group, number] = page
            return page, how


def main(directory):
    """At a terminal."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    standin = Standin(directory)
    read = 0
    for name in ("events", "rules"):
        open(directory + "/" + name, "a", encoding="utf-8").close()
    with open(directory + "/address", "w", encoding="ascii") as file:
        file.write("localhost:%d\n" % standin.port)
    print("localhost:%d, its authority %s/ca.pem" % (standin.port, directory), flush=True)
    rules = None
    while True:
        with open(directory + "/events", encoding="utf-8") as file:
            events = [json.loads(line) for line in file]
        for event in events[read:]:
            standin.event(event["GroupId"], event["MsgSeq"], event["OperateType"],
                          [(pair["Key"], pair["Value"]) for pair in event["ExtensionList"]])
        read = len(events)
        with open(directory + "/rules", encoding="utf-8") as file:
            lines = file.read().splitlines()
        if lines != rules:
            rules = lines
            standin.forget(*rules)
        with open(directory + "/calls", "w", encoding="utf-8") as file:
            file.writelines("%s %s %s %s\n" % (call.group, call.number, call.start, call.code) for call in standin.calls)
        time.sleep(0.2)


if __name__ == "__main__":
    os.umask(0o077)
    main(*sys.argv[1:])
