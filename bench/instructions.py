#!/usr/bin/env python3
"""instructions.py [--record] [PATH...] - what the programs execute outside the kernel, path by path.

Unlike a time, the number is the same at every run of one build.  bench/instructions.txt holds a
budget for each path, and which compilers and C libraries it is of.  With those, a path that differs
from its budget by more than 5 % is a failure, in both directions: whoever makes a path faster
writes the new number down.  With others, the numbers are printed.  Output: TAP.

--record writes the file.  The counts are valgrind's (callgrind).
"""
import os
import re
import socket
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import goals
from frame import ALONE, BODY, BUILD, HAMMER, QUERY, QUICK, TOP, Table, run

BUDGETS = TOP + "/bench/instructions.txt"
SHARE = 0.05
# As the vendor's page shows it.
PRETTY = re.sub(r'([{[,])(?=["{])', r"\1\n    ", BODY).replace('":', '": ').replace("}]", "}\n  ]")


def callgrind(directory):
    return ["valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=%s/counts" % directory]


def counted(directory):
    with open(directory + "/counts") as file:
        return sum(int(line.split()[1]) for line in file if line.startswith("summary:"))


def count(*command, **options):
    """The instructions of one process.  Its words may hold DIR, a directory that goes away."""
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        options.setdefault("check", True)
        subprocess.run(callgrind(directory) + list(command), stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, **options)
        return counted(directory)


def data_make(directory):
    os.mkdir(directory + "/data", 0o700)
    with open(directory + "/conf", "w") as file:
        file.write("data_dir = %s/data\nsdk_app_id = 1400000000\nsync = no\n" % directory)
    os.chmod(directory + "/conf", 0o600)


def cgi(program, body=BODY):
    """A request that adds a line to a log that there is."""
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        data_make(directory)
        environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
                       "CONTENT_LENGTH": str(len(body)), "MSGEXT_CONFIG": directory + "/conf"}
        answer = subprocess.run([program], input=body.encode(), env=environment, stdout=subprocess.PIPE, check=True).stdout
        if b'"OK"' not in answer:
            sys.exit("instructions.py: " + answer.decode())
        return count(program, input=body.encode(), env=dict(environment, PATH=os.environ["PATH"]))


def record(kind, content):
    """One record of FastCGI."""
    return bytes([1, kind, 0, 1, len(content) >> 8, len(content) & 255, 0, 0]) + content


def request(body):
    pairs = b""
    for name, value in (("REQUEST_METHOD", "POST"), ("QUERY_STRING", QUERY), ("CONTENT_LENGTH", str(len(body)))):
        length = len(value).to_bytes(1, "big") if len(value) < 128 else (len(value) | 1 << 31).to_bytes(4, "big")
        pairs += bytes([len(name)]) + length + name.encode() + value.encode()
    return (record(1, b"\0\1\0\0\0\0\0\0") + record(4, pairs) + record(4, b"") + record(5, body.encode()) +
            record(5, b""))


def post(path, message):
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(path)
        client.sendall(message)
        answer = b""
        for block in iter(lambda: client.recv(65536), b""):
            answer += block
    if b'"OK"' not in answer:
        sys.exit("instructions.py: " + answer.decode(errors="replace"))


def worker(program, requests, body):
    """A process that answers so many requests."""
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory, socket.socket(socket.AF_UNIX) as listener:
        data_make(directory)
        listener.bind(directory + "/socket")
        listener.listen(16)
        process = subprocess.Popen(callgrind(directory) + [program, "-c", directory + "/conf"], stdin=listener,
                                   stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(requests):
            post(directory + "/socket", request(body))
        process.terminate()
        process.wait()
        return counted(directory)


def fastcgi(program, body=BODY):
    """One request of a worker that has served some."""
    return round((worker(program, 110, body) - worker(program, 10, body)) / 100)


def reader(*words, log=("400", "40")):
    """msgextctl with these words, and a log of its group: generate.pl's, or of a message that has every other version."""
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        data_make(directory)
        with open(directory + "/data/poll.jsonl", "w") as file:
            if log:
                subprocess.run(["perl", TOP + "/tests/generate.pl", log[0], log[1], "poll"], stdout=file, check=True)
            else:
                for seq in range(1, 1000, 2):
                    file.write('{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,%s\n' % BODY[1:].replace(
                        '"test"', '"poll"').replace('"Seq":56', '"Seq":%d' % seq))
        os.chmod(directory + "/data/poll.jsonl", 0o600)
        return count(TOP + "/build/msgextctl", "-d", directory + "/data", *words, check=words[0] != "gaps")


# What is counted: a name, which stays, to a function.
PATHS = {
    "CGI, static": lambda: cgi(TOP + "/static/msgext"),
    "CGI, dynamic": lambda: cgi(TOP + "/build/msgext"),
    "FastCGI": lambda: fastcgi(TOP + "/build/msgext"),
    "FastCGI, static": lambda: fastcgi(TOP + "/static/msgext"),
    "FastCGI, the body with blanks": lambda: fastcgi(TOP + "/build/msgext", PRETTY),
    "show GROUP": lambda: reader("show", "poll"),
    "verify": lambda: reader("verify"),
    "gaps, every other version": lambda: reader("gaps", "--json", log=None),
}


def version(*command):
    """The first line of what a program says that has a version in it."""
    try:
        told = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False).stdout.decode()
    except OSError:
        return ""
    return next((line for line in told.splitlines() if re.search(r"\d\.\d", line)), "")


def machine():
    """Compilers and C libraries, and whether the processor has what the C library's fast functions need."""
    with open("/proc/cpuinfo") as file:
        wide = re.search(r"^flags\b.*\bavx2\b", file.read(), re.M) is not None
    musl = "musl " + version("/lib/ld-musl-x86_64.so.1").replace("Version ", "")
    return "; ".join((version("cc", "--version"), version("getconf", "GNU_LIBC_VERSION"), musl,
                      version("valgrind", "--version"), "AVX2" if wide else "no AVX2"))


def budgets():
    """The recorded machine, and path to count."""
    with open(BUDGETS) as file:
        lines = file.read().splitlines()
    return lines[0], {name: int(value) for value, name in (line.split(" ", 1) for line in lines[1:])}


def of_all(command):
    """What its processes execute outside the kernel."""
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        run("valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=%s/%%p" % directory, *command)
        total = 0
        for name in os.listdir(directory):
            with open(directory + "/" + name) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("summary:"))
        return total


def one_writer():
    """One whom nobody disturbs, with batches and in a build without them."""
    line = {}
    for name, program in (("without", ALONE), ("with", HAMMER)):
        with tempfile.TemporaryDirectory(dir=BUILD) as directory:
            few, many = (of_all([program, directory, "lines%d" % lines, "1", str(lines), "sync"])
                         for lines in (100, 1100))
        line[name] = (many - few) / 1000
    table = Table("One writer, one group", ["instructions a line"])
    for name, value in line.items():
        table.add(name + " batches", "%.0f" % value)
    table.print()
    goals.add("a line of one writer", "with batches, of without", [line["with"] / line["without"]], 1.01)


def instructions():
    """Each path against its budget: a section of bench.py."""
    table = Table("Instructions outside the kernel", ["measured", "recorded"])
    machine_recorded, budget = budgets()
    for name, path in PATHS.items():
        measured = path()
        table.add(name, measured, budget.get(name, ""))
        goals.add("of what is recorded", name, [measured / budget[name]], 1 + SHARE)
    table.print()
    if machine_recorded != machine():
        print("recorded with: %s\nhere: %s\n" % (machine_recorded, machine()))
    if not QUICK:
        one_writer()


def main(arguments):
    names = [name for name in arguments if name != "--record"] or list(PATHS)
    recorded, budget = budgets() if os.path.exists(BUDGETS) else ("", {})
    same, failed = recorded == machine(), 0
    if not same and "--record" not in arguments:
        print("# recorded with: %s\n# here: %s" % (recorded, machine()))
    for at, name in enumerate(names, 1):
        measured = PATHS[name]()
        wanted = budget.get(name, 0)
        fits = abs(measured - wanted) <= SHARE * wanted
        told = "%s: %d instructions, %d are recorded" % (name, measured, wanted)
        if "--record" in arguments:
            budget[name] = measured
            print("ok %d - %s" % (at, told))
        elif same or name not in budget:
            failed += not fits
            print("%s %d - %s" % ("ok" if fits else "not ok", at, told), flush=True)
        else:
            print("ok %d - %s # SKIP with another compiler or C library" % (at, told), flush=True)
    print("1..%d" % len(names))
    if "--record" in arguments:
        with open(BUDGETS, "w") as file:
            file.write(machine() + "\n" + "".join("%d %s\n" % (budget[name], name) for name in PATHS if name in budget))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
