"""fake-engine.py SOCKET: an engine that answers as PostgreSQL does, but for one answer.

What is wrong is the database's name: QUESTION-HOW, one of the names below each; or "right".
What it is sent of lines it keeps in SOCKET.lines.
"""
import socket
import struct
import sys
import threading

TEXT, BYTES, BEFORE = 0, 1, -1


def message(kind, body=b""):
    return kind + struct.pack(">I", len(body) + 4) + body


def columns(count, form):
    body = b"".join(b"c\0" + struct.pack(">IHIhih", 0, 0, 25, -1, -1, form) for _ in range(count))
    return message(b"T", struct.pack(">H", count) + body)


def row(values):
    body = b"".join(struct.pack(">i", BEFORE) if value is None else struct.pack(">I", len(value)) + value
                    for value in values)
    return message(b"D", struct.pack(">H", len(values)) + body)


def rows(values, form=TEXT):
    return columns(len(values[0]), form) + b"".join(map(row, values)) + message(b"C", b"SELECT 1\0")


def number(value):
    return struct.pack(">q", value)


# What may be wrong with any answer of one row of text.
def spoilt(how, value):
    first, rest = value[0], value[1:]
    return {
        "none": columns(len(value), TEXT) + message(b"C", b"SELECT 0\0"),
        "twice": rows([value, value]),
        "few": rows([value[:-1]]) if rest else columns(0, TEXT) + message(b"D", b"\0\0") + message(b"C", b"SELECT 1\0"),
        "many": rows([value + [b"1"]]),
        "bytes": rows([value], BYTES),
        "null": rows([[None] + rest]),
        "empty": rows([[b""] + rest]),
        "words": rows([[b"\x1b[31m\n"] + rest]),
        "nul": rows([[first + b"\0x"] + rest]),
        "huge": rows([[b"9" * 300] + rest]),
        "command": message(b"C", b"SELECT 1\0"),
        "copyin": message(b"G", b"\1\0\0"),
        "copyout": message(b"H", b"\1\0\0"),
        "error": message(b"E", b"SERROR\0C42601\0M\x1b[31mwrong\0\0"),
        "garbage": b"?" * 100,
    }[how]


LINES = {
    "zero": [number(0), b"{}"], "over": [number(1 << 20), b"{}"], "below": [number(-1), b"{}"],
    "short": [b"\1", b"{}"], "null": [None, b"{}"], "noline": [number(1), None], "one": [number(1)],
    "newline": [number(1), b'{"a":1}\n=evil.jsonl\n{"b":1}'], "nul": [number(1), b'{"a":"\0"}'],
    "name": [number(1), b"=evil.jsonl"], "nothing": [number(1), b""], "blank": [number(1), b" \t"],
    "long": [number(1), b"{" + b" " * (10 << 20)], "three": [number(1), b"{}", b"{}"],
}
GROUPS = {"control": [[b"a\nb"]], "latin": [[b"\xe9"]], "length": [[b"g" * 257]], "same": [[b"g"], [b"g"]]}


def file_answer(how, asked):
    value = [b"1", asked[0], b"0", b"0"]
    changed = {"number": (0, b"0"), "minus": (0, b"-1"), "generation": (1, b"-1"), "position": (2, b"-1"),
               "mark": (3, b"no"), "far": (2, b"999999"), "over": (2, b"9" * 19), "blank": (2, b" 1"), "sign": (2, b"+1")}
    if how in ("ahead", "again"):  # all is shipped, it says, whatever is asked
        value[2] = b"999999"
        value[1] = b"0" if how == "again" else value[1]
    elif how in changed:
        value[changed[how][0]] = changed[how][1]
    elif how:
        return spoilt(how, value)
    return rows([value] + [[b"%d" % (i + 2), generation, b"0", b"0"] for i, generation in enumerate(asked[1:])])


def answer(command, wrong, asked):
    name, _, how = wrong.partition("-")
    is_it = lambda question: how if name == question else ""
    if "msgext_schema" in command:
        how = is_it("schema")
        return rows([[b"99" if how == "other" else b"1"]]) if how in ("", "other") else spoilt(how, [b"1"])
    if "WITH RECURSIVE" in command:
        how = is_it("groups")
        return rows(GROUPS[how]) if how in GROUPS else spoilt(how, [b"g"]) if how else rows([[b"g"], [b"h"]])
    if "msgext_line l" in command:
        how = is_it("lines")
        values = [[number(1), b'{"g":1}'], [number(2), b'{"h":1}']]
        if how == "back":
            values.append(values[0])
        elif how == "text":
            return rows(values, TEXT)
        elif how in LINES:
            values = [LINES[how]]
        elif how:
            return spoilt(how, values[0])
        return rows(values, BYTES)
    if "msgext_node" in command:
        how = is_it("node")
        return spoilt(how, [b"1"]) if how else rows([[b"1"]])
    if "f.generation" in command and "LATERAL" in command:
        return file_answer(is_it("file"), asked)
    if command.startswith("UPDATE"):
        return message(b"C", {"none": b"UPDATE 0\0", "words": b"UPDATE x\0", "two": b"UPDATE 2\0"}.get(
            is_it("update"), b"UPDATE %d\0" % len(asked)))
    return message(b"C", b"INSERT 0 1\0")


def simple(connection, command, wrong):
    if "COPY" in command:
        how = {"copy-command": message(b"C", b"COPY 1\0"), "copy-out": message(b"H", b"\1\0\0"),
               "copy-rows": rows([[b"1"]])}.get(wrong)
        connection.sendall(message(b"C", b"BEGIN\0") + (how + message(b"Z", b"T") if how else message(b"G", b"\1\0\0")))
        return
    done = command.split()[0].encode()
    if done == b"COMMIT":
        done = {"commit-rollback": b"ROLLBACK", "commit-nothing": b""}.get(wrong, done)
    what = {"begin-rows": rows([[b"1"]]), "begin-out": message(b"H", b"\1\0\0")}.get(wrong) if done == b"BEGIN" else None
    connection.sendall((what or message(b"C", done + b"\0")) + message(b"Z", b"T"))


def copied(connection, wrong, sent):
    connection.sendall({
        "copied-none": message(b"C", b"COPY 0\0"), "copied-words": message(b"C", b"COPY\0"),
        "copied-in": message(b"G", b"\1\0\0"), "copied-out": message(b"H", b"\1\0\0"),
        "copied-both": message(b"W", b"\1\0\0"),
        "copied-twice": 2 * message(b"C", b"COPY 1\0"),
    }.get(wrong, message(b"C", b"COPY %d\0" % sent)) + message(b"Z", b"T"))


def parameters(body):
    """The values of a Bind message without a name."""
    at = 2 + 2 + 2 * struct.unpack(">H", body[2:4])[0]
    count = struct.unpack(">H", body[at:at + 2])[0]
    at += 2
    values = []
    for _ in range(count):
        length = struct.unpack(">i", body[at:at + 4])[0]
        at += 4
        values.append(body[at:at + max(length, 0)])
        at += max(length, 0)
    return values


def hello(stream, connection):
    """Begins a session: what is to be wrong with it."""
    while True:
        body = stream.read(struct.unpack(">I", stream.read(4))[0] - 4)
        if struct.unpack(">I", body[:4])[0] not in (80877103, 80877104):
            break
        connection.sendall(b"N")
    words = body[4:].split(b"\0")
    wrong = words[words.index(b"database") + 1].decode()
    encoding = {"encoding-none": b"", "encoding-other": message(b"S", b"server_encoding\0LATIN1\0")}.get(
        wrong, message(b"S", b"server_encoding\0UTF8\0"))
    connection.sendall(message(b"R", b"\0\0\0\0") + message(b"S", b"server_version\x0015.0\0") + encoding
                       + message(b"Z", b"I"))
    return wrong


def serve(connection):
    stream = connection.makefile("rb")
    wrong = hello(stream, connection)
    command, asked, sent = "", [], b""
    while kind := stream.read(1):
        body = stream.read(struct.unpack(">I", stream.read(4))[0] - 4)
        if kind == b"Q":
            simple(connection, body[:-1].decode(), wrong)
            sent = b""
        elif kind == b"P":
            command = body.split(b"\0")[1].decode()
        elif kind == b"B":
            values = parameters(body)
            if command.startswith("INSERT INTO msgext_file"):
                asked = values[3].strip(b"{}").split(b",")
            elif command.startswith("UPDATE"):
                asked = values[0].split(b",")
        elif kind == b"S":
            notice = message(b"N", b"SWARNING\0M\x1b[31mobey\0\0")
            connection.sendall(message(b"1") + message(b"2") + notice
                               + answer(command, wrong, asked) + message(b"Z", b"T"))
        elif kind == b"d":
            sent += body
        elif kind == b"c":
            with open(sys.argv[1] + ".lines", "ab") as lines:
                lines.write(sent)
            copied(connection, wrong, sent.count(b'{"time"'))


def session(connection):
    try:
        serve(connection)
    except (OSError, struct.error):
        pass  # it has seen enough
    finally:
        connection.close()


listener = socket.socket(socket.AF_UNIX)
listener.bind(sys.argv[1])
listener.listen(16)
while True:
    threading.Thread(target=session, args=(listener.accept()[0],), daemon=True).start()
