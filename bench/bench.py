#!/usr/bin/env python3
"""bench.py [SECTION...] - how fast msgext is, as ratios against references in the same run.

Sections: spawn cgi fastcgi attack durable burst instructions read chosen growth rotate ship view; all of them by
default.  "quick" is spawn, workers, fast reading and instructions, in two minutes, for a before and after.  Run by `make
bench`, which builds what is measured into build/bench.  ROUNDS (7) is how
often each is measured; the rounds are interleaved, and medians are printed.
This machine may be noisy: the ratios are what counts.

Rows with a goal (goals.py) are printed again at the end; the exit status is 1 where one is missed.

Every answer is checked by load.c, and after each run the lines are counted.
"""
import glob
import os
import random
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TOP = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, TOP + "/tests")
sys.dont_write_bytecode = True
import power  # its slow disk

sys.path.insert(0, TOP + "/bench")
import goals as goal_rows
import instructions as budgets

BUILD = TOP + "/build/bench"
HAMMER = TOP + "/build/tests/hammer"
ALONE = TOP + "/build/tests/hammer-alone"  # without batches
ROUNDS = int(os.environ.get("ROUNDS", "7"))
QUERY, BODY = budgets.QUERY, budgets.BODY
TICK = os.sysconf("SC_CLK_TCK")
QUICK = "quick" in sys.argv[1:]
goals = goal_rows.Goals()
PHP_FPM = max(glob.glob("/usr/sbin/php-fpm*"), default="php-fpm")


def run(*command, **options):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, **options).stdout.decode()


class Table:
    """Rows of one section, printed at its end."""

    def __init__(self, title, columns):
        self.rows = [[title] + columns]

    def add(self, name, *cells):
        self.rows.append([name] + [str(cell) for cell in cells])

    def print(self):
        widths = [max(len(row[i]) for row in self.rows) for i in range(len(self.rows[0]))]
        for row in self.rows:
            print("  ".join([row[0].ljust(widths[0])] + [c.rjust(w) for c, w in zip(row[1:], widths[1:])]))
        print(flush=True)


# processes

def tree(pid):
    """The process and its descendants that are alive."""
    pids, at = [pid], 0
    while at < len(pids):
        try:
            with open("/proc/%d/task/%d/children" % (pids[at], pids[at])) as file:
                pids += [int(child) for child in file.read().split()]
        except OSError:
            pass
        at += 1
    return pids


def cpu_of(pids):
    """Seconds that they and their ended children have used."""
    ticks = 0
    for root in pids:
        for pid in tree(root):
            try:
                with open("/proc/%d/stat" % pid) as file:
                    ticks += sum(int(field) for field in file.read().rsplit(") ", 1)[1].split()[11:15])
            except OSError:
                pass
    return ticks / TICK


def run_time_of(pids):
    """Seconds that these have used, which the scheduler counts to the nanosecond; their children apart."""
    total = 0
    for pid in pids:
        with open("/proc/%d/schedstat" % pid) as file:
            total += int(file.read().split()[0])
    return total / 1e9


def pss_of(pids):
    """KiB of memory, what is shared divided by those who share it."""
    total = 0
    for root in pids:
        for pid in tree(root):
            with open("/proc/%d/smaps_rollup" % pid) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
    return total


class Place:
    """A directory for one run, whose processes end with it."""

    def __init__(self):
        self.path = tempfile.mkdtemp(prefix="msgext-bench.")
        os.chmod(self.path, 0o755)
        os.mkdir(self.path + "/www", 0o755)
        self.processes = []

    def file(self, name, text, mode=0o644):
        path = self.path + "/" + name
        with open(path, "w") as file:
            file.write(text)
        os.chmod(path, mode)
        return path

    def data(self, name, options="sync = no\n"):
        """A data directory, and its configuration."""
        path = self.path + "/" + name
        os.mkdir(path, 0o700)
        self.file(name + ".conf", "data_dir = %s\nsdk_app_id = 1400000000\n%s" % (path, options))
        return path

    def start(self, *command, environment=None, **options):
        process = subprocess.Popen(command, env=environment, start_new_session=True, **options)
        self.processes.append(process)
        return process

    def await_socket(self, address):
        for _ in range(200):
            with socket.socket(socket.AF_UNIX if isinstance(address, str) else socket.AF_INET) as probe:
                try:
                    probe.connect(address)
                    return
                except OSError:
                    time.sleep(0.05)
        sys.exit("bench.py: %s: nobody answers there" % (address,))

    def await_file(self, path):
        for _ in range(200):
            if os.path.exists(path):
                return
            time.sleep(0.05)
        sys.exit("bench.py: %s: does not appear" % path)

    def workers(self, name, count, *command, environment=None):
        """FastCGI processes on the socket NAME."""
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.path + "/" + name)
        os.chmod(self.path + "/" + name, 0o666)
        listener.listen(4096)
        started = [self.start(*command, stdin=listener, environment=environment) for _ in range(count)]
        listener.close()
        return [process.pid for process in started]

    def end(self):
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
        shutil.rmtree(self.path)


# web servers

class Target:
    """Something that takes the event, and what came of it."""

    def __init__(self, name, address, path, pids, requests, log=None):
        self.name, self.address, self.path, self.pids = name, address, path, pids
        self.requests, self.log = requests, log
        self.rates, self.p50, self.p99, self.cpu, self.worker = [], [], [], [], []
        self.workers = []  # whose time is counted by itself

    def lines(self):
        if self.log is None or not os.path.exists(self.log):
            return 0
        with open(self.log, "rb") as file:
            return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b""))

    def measure(self, body, clients, keep):
        before, used, worker = self.lines(), cpu_of(self.pids), run_time_of(self.workers)
        words = run(BUILD + "/load", self.address, self.path + "?" + QUERY, body, '"ActionStatus":"OK"', str(clients),
                    str(self.requests), "keep" if keep else "close").split()
        used = cpu_of(self.pids) - used
        self.worker.append((run_time_of(self.workers) - worker) / self.requests * 1e6)
        if self.log is not None and self.lines() != before + self.requests:
            sys.exit("bench.py: %s: %d lines for %d answers" % (self.name, self.lines() - before, self.requests))
        self.rates.append(self.requests / float(words[5]))
        self.p50.append(float(words[7]))
        self.p99.append(float(words[9]))
        self.cpu.append(used / self.requests * 1e6)


def measure_all(place, title, targets, clients, keep, memory):
    body = place.file("body", BODY)
    for target in targets:
        target.rates, target.p50, target.p99, target.cpu, target.worker = [], [], [], [], []
    for _ in range(ROUNDS):
        for target in targets:
            target.measure(body, clients, keep)
    table = Table(title, ["ratio", "per second", "p50 ms", "p99 ms", "CPU us"] + (["PSS KiB"] if memory else []))
    reference = targets[0]
    for target in targets:
        table.add(target.name, "%.2f" % statistics.median(a / b for a, b in zip(target.rates, reference.rates)),
                  "%.0f" % statistics.median(target.rates), "%.2f" % statistics.median(target.p50),
                  "%.2f" % statistics.median(target.p99), "%.0f" % statistics.median(target.cpu),
                  *([pss_of(target.memory)] if memory else []))
    table.print()


def rates_goal(name, target, reference, wanted):
    """Requests a second, as a ratio to another target's: so many at least."""
    goals.add(name, [a / b for a, b in zip(target.rates, reference.rates)], wanted, at_least=True)


LIGHTTPD = """
server.document-root = "{path}/www"
server.bind = "{path}/lighttpd.socket"
server.errorlog = "/dev/null"
server.max-connections = 1024
server.max-keep-alive-requests = 1000000
server.modules = ( "mod_alias", "mod_cgi", "mod_fastcgi", "mod_setenv" )
alias.url = ( "/cgi/" => "{path}/cgi/" )
setenv.set-environment = ( "MSGEXT_CONFIG" => "{path}/data.conf", "PEER_DATA" => "{path}/data" )
$HTTP["url"] =~ "^/cgi/" {{ cgi.assign = ( ".php" => "/usr/bin/php-cgi", "" => "" ) }}
$HTTP["url"] =~ "^/fcgi/" {{ fastcgi.server = ( {fastcgi} ) }}
"""

APACHE = """
ServerRoot "{path}"
ServerName localhost
Listen 127.0.0.1:{port}
PidFile "{path}/apache.pid"
ErrorLog "{path}/error.log"
DocumentRoot "{path}/www"
{modules}
User www-data
Group www-data
ScriptSock "{path}/cgid.socket"
Mutex file:{path}
ScriptAlias /cgi/ "{path}/cgi/"
SetEnv MSGEXT_CONFIG "{path}/apache.conf"
SetEnv PEER_DATA "{path}/apache"
<Directory "{path}/cgi"> 
    Require all granted
</Directory>
"""

NGINX = """
daemon off;
worker_processes 1;
user root;
pid {path}/nginx.pid;
error_log /dev/null;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000;
    client_body_temp_path {path}/nginx-body;
    proxy_temp_path {path}/nginx-proxy;
    fastcgi_temp_path {path}/nginx-fastcgi;
    uwsgi_temp_path {path}/nginx-uwsgi;
    scgi_temp_path {path}/nginx-scgi;
    server {{
        listen unix:{path}/nginx.socket backlog=4096;
        fastcgi_param REQUEST_METHOD $request_method;
        fastcgi_param QUERY_STRING $query_string;
        fastcgi_param CONTENT_LENGTH $content_length;
        fastcgi_param SCRIPT_FILENAME {path}/peer.php;
        fastcgi_param PEER_DATA {path}/data;
        {locations}
    }}
}}
"""


def cgi_directory(place):
    os.mkdir(place.path + "/cgi")
    for name, source in (("null", BUILD + "/null-cgi"), ("append", BUILD + "/null-cgi-append"),
                         ("static", TOP + "/static/msgext"),
                         ("dynamic", TOP + "/build/msgext"), ("peer.pl", TOP + "/bench/peer.pl"),
                         ("peer.php", TOP + "/bench/peer.php")):
        shutil.copy(source, place.path + "/cgi/" + name)


def webhook_start(place):
    port = port_free()
    data = place.data("webhook")
    hooks = place.file("hooks.json", """[{"id": "msgext", "execute-command": "%s/bench/peer.sh",
        "include-command-output-in-response": true, "pass-arguments-to-command": [{"source": "raw-request-body"}]}]"""
                       % TOP)
    open(data + "/test.jsonl", "w").close()
    process = place.start("webhook", "-hooks", hooks, "-ip", "127.0.0.1", "-port", str(port),
                          environment=dict(os.environ, PEER_DATA=data),
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    place.await_socket(("127.0.0.1", port))
    return Target("webhook and sh", str(port), "/hooks/msgext", [process.pid], 150, data + "/test.jsonl")


def port_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def apache_start(place, lines=""):
    """Its port and process; lines: more for its configuration."""
    port = port_free()
    place.file("httpd.conf", APACHE.format(path=place.path, port=port, modules="".join(
        "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (name, name)
        for name in ("mpm_event", "authz_core", "alias", "env", "cgid")
        if os.path.exists("/usr/lib/apache2/modules/mod_%s.so" % name)) + lines))
    server = place.start("apache2", "-D", "FOREGROUND", "-f", place.path + "/httpd.conf").pid
    place.await_socket(("127.0.0.1", port))
    return port, server


def spawned(place, programs, count):
    """Microseconds from spawn to exit: name to a list, of the medians of interleaved rounds."""
    body = place.file("body", BODY)
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
                   "CONTENT_LENGTH": str(len(BODY)), "MSGEXT_CONFIG": place.path + "/data.conf",
                   "PEER_DATA": place.path + "/data"}
    times = {name: [] for name in programs}
    for _ in range(2 * ROUNDS):
        for name, program in programs.items():
            times[name].append(float(run(BUILD + "/spawn", str(count), body, program, env=environment).split()[0]))
    return times


def spawn():
    """A process for each request, without a web server."""
    place = Place()
    try:
        place.data("data")
        times = spawned(place, {
            "null, static musl": BUILD + "/null-cgi",
            "null that appends": BUILD + "/null-cgi-append",
            "msgext, static musl": TOP + "/static/msgext",
            "msgext, dynamic": TOP + "/build/msgext"}, 100)
        reference = times["null that appends"]
        table = Table("CGI, from spawn to exit", ["ratio", "us"])
        for name, values in times.items():
            table.add(name, "%.2f" % statistics.median(a / b for a, b in zip(values, reference)),
                      "%.0f" % statistics.median(values))
        table.print()
        for name, wanted in (("static", 1.45), ("dynamic", 7.2)):
            goals.add("CGI, %s, from spawn to exit, of a null program that appends" % name,
                      [a / b for a, b in zip(times["msgext, static musl" if name == "static" else "msgext, dynamic"],
                                             reference)], wanted)
    finally:
        place.end()


def cgi():
    """A process each request."""
    place = Place()
    try:
        cgi_directory(place)
        log = place.data("data") + "/test.jsonl"
        place.file("lighttpd.conf", LIGHTTPD.format(path=place.path, fastcgi=""))
        server = place.start("lighttpd", "-D", "-f", place.path + "/lighttpd.conf").pid
        address = place.path + "/lighttpd.socket"
        place.await_socket(address)
        targets = [
            Target("null, static musl", address, "/cgi/null", [server], 800),
            Target("null that appends", address, "/cgi/append", [server], 800, log),
            Target("msgext, static musl", address, "/cgi/static", [server], 800, log),
            Target("msgext, dynamic", address, "/cgi/dynamic", [server], 400, log),
            Target("Perl, JSON::XS", address, "/cgi/peer.pl", [server], 60, log),
            Target("php-cgi", address, "/cgi/peer.php", [server], 30, log),
            webhook_start(place)]
        measure_all(place, "CGI, lighttpd, 4 clients", targets, 4, False, False)
        rates_goal("CGI, static, lighttpd, of a null program", targets[2], targets[0], 0.92)

        log = place.data("apache") + "/test.jsonl"
        shutil.chown(place.path + "/apache", "www-data", "www-data")
        port, server = apache_start(place)
        measure_all(place, "CGI, Apache mod_cgid, 4 clients", [
            Target("null, static musl", str(port), "/cgi/null", [server], 600),
            Target("null that appends", str(port), "/cgi/append", [server], 600, log),
            Target("msgext, static musl", str(port), "/cgi/static", [server], 600, log),
            Target("msgext, dynamic", str(port), "/cgi/dynamic", [server], 300, log),
            Target("Perl, JSON::XS", str(port), "/cgi/peer.pl", [server], 60, log)], 4, False, False)
    finally:
        place.end()


def php_start(place):
    place.file("fpm.conf", """[global]\nerror_log = /dev/null\ndaemonize = no\n[www]
listen = {p}/php.socket\nlisten.mode = 0666\nuser = root\ngroup = root\npm = static\npm.max_children = 4
env[PEER_DATA] = {p}/data\nphp_admin_value[opcache.enable] = 1\nrequest_terminate_timeout = 0\n""".format(p=place.path))
    shutil.copy(TOP + "/bench/peer.php", place.path + "/peer.php")
    return place.start(PHP_FPM, "-R", "-F", "-y", place.path + "/fpm.conf").pid


def fastcgi_goals(server, clients, targets):
    """targets: null, null that appends, msgext, msgext static, PHP-FPM where it is there."""
    title = "FastCGI, %s, %d clients, " % (server, clients)
    rates_goal(title + "of a null program", targets[2], targets[0], 0.93 if clients == 8 else 1.05)
    goals.add(title + "CPU of a worker, of a null program that appends",
              [a / b for a, b in zip(targets[2].worker, targets[1].worker)], 1.05)
    if len(targets) > 4:
        rates_goal(title + "of PHP-FPM", targets[2], targets[4], 1.8)


def fastcgi():
    """Four processes that stay."""
    place = Place()
    try:
        log = place.data("data") + "/test.jsonl"
        workers = {
            "null": place.workers("null.socket", 4, BUILD + "/null-fastcgi"),
            "append": place.workers("append.socket", 4, BUILD + "/null-fastcgi", log),
            "msgext": place.workers("msgext.socket", 4, TOP + "/build/msgext", "-c", place.path + "/data.conf"),
            "static": place.workers("static.socket", 4, TOP + "/static/msgext", "-c", place.path + "/data.conf"),
        }
        if os.path.exists(PHP_FPM) and not QUICK:
            workers["php"] = [php_start(place)]
        place.file("nginx.conf", NGINX.format(path=place.path, locations="".join(
            "location /fcgi/%s { fastcgi_pass unix:%s/%s.socket; }\n" % (name, place.path, name) for name in workers)))
        place.file("lighttpd.conf", LIGHTTPD.format(path=place.path, fastcgi=", ".join(
            '"/fcgi/%s" => (( "socket" => "%s/%s.socket", "check-local" => "disable" ))' % (
                name, place.path, name) for name in workers if name != "php") +
            ', "/fcgi/peer.php" => (( "socket" => "%s/php.socket", "check-local" => "disable", "docroot" => "%s/www/" ))' % (
                place.path, place.path)))
        os.mkdir(place.path + "/www/fcgi")
        shutil.copy(TOP + "/bench/peer.php", place.path + "/www/fcgi/peer.php")
        servers = {"nginx": ["nginx", "-c", place.path + "/nginx.conf"],
                   "lighttpd": ["lighttpd", "-D", "-f", place.path + "/lighttpd.conf"]}
        if QUICK:
            del servers["lighttpd"]
        for name, command in servers.items():
            server = place.start(*command, stderr=subprocess.DEVNULL).pid
            address = "%s/%s.socket" % (place.path, name)
            place.await_socket(address)
            php = "/fcgi/php" if name == "nginx" else "/fcgi/peer.php"
            for clients in (8, 64):
                targets = [Target("null, libfcgi", address, "/fcgi/null", [server] + workers["null"], 4000),
                           Target("null that appends", address, "/fcgi/append", [server] + workers["append"], 4000, log),
                           Target("msgext", address, "/fcgi/msgext", [server] + workers["msgext"], 4000, log),
                           Target("msgext, static musl", address, "/fcgi/static", [server] + workers["static"], 4000,
                                  log)]
                if "php" in workers:
                    targets.append(Target("PHP-FPM, opcache", address, php, [server] + workers["php"], 4000, log))
                for target in targets:
                    target.memory = target.workers = target.pids[1:]
                measure_all(place, "FastCGI, %s, %d clients" % (name, clients), targets, clients, True, True)
                fastcgi_goals(name, clients, targets)
        for name, title, wanted in (("msgext", "dynamic", 800), ("static", "static", 340)):
            goals.add("Memory of 4 FastCGI workers, %s, PSS" % title, [pss_of(workers[name])], wanted, unit=" KiB")
    finally:
        place.end()


def attack():
    """Signed events beside 16 slow clients, each server as its example file has it; at most 300 ms are wanted."""
    table = Table("Beside 16 slow clients", ["longest answer, ms"])
    for line in run("sh", TOP + "/tests/attack.t", env=dict(os.environ, MSGEXT_TEST_SECONDS="10")).splitlines():
        match = re.search(r" - (.*): the longest answer took ([0-9]+) ms", line)
        if match:
            table.add(*match.groups())
    table.print()


# commands

def timed(*command, **options):
    # grep would stop early at /dev/null; cat is to be measured as it is usual.
    with open("/dev/null" if command[0] == "cat" else BUILD + "/out", "w") as out:
        started = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL, **options)
        _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    return time.perf_counter() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss, status


def compare(title, commands, size=None, by=0):
    """commands: name to words; the first is the reference; times of interleaved rounds.  by = 1: the ratio is the CPU's."""
    missing = [name for name, words in commands.items() if shutil.which(words[0]) is None]
    for name in missing:
        print("%s: skipped: is not installed" % commands.pop(name)[0])
    results = {name: [] for name in commands}
    for _ in range(ROUNDS):
        for name, words in commands.items():
            results[name].append(timed(*words))
            if results[name][-1][3] != 0:
                sys.exit("bench.py: %s fails: %s" % (name, " ".join(words)))
    table = Table(title, ["ratio", "ms", "CPU ms", "MB"] + (["GB/s"] if size else []))
    reference = results[next(iter(commands))]
    for name, values in results.items():
        seconds = statistics.median(value[0] for value in values)
        table.add(name, "%.2f" % statistics.median(a[by] / b[by] for a, b in zip(values, reference)),
                  "%.1f" % (seconds * 1e3), "%.1f" % (statistics.median(v[1] for v in values) * 1e3),
                  "%.1f" % (max(v[2] for v in values) / 1024), *(["%.2f" % (size / seconds / 1e9)] if size else []))
    table.print()


def durable():
    """Appends that are on the disk, against a loop that does nothing else."""
    for many in ("one", "many"):
        for writers in (1, 4, 16):
            lines = max(40, 1600 // writers)
            with tempfile.TemporaryDirectory(dir=BUILD) as directory:
                os.chmod(directory, 0o700)
                compare("Durable, %d processes, %s" % (writers, "one group" if many == "one" else "a group each"), {
                    "open, lock, write, sync, close": [BUILD + "/null-append", directory, str(writers), str(lines), many],
                    "msgext's append": [HAMMER, directory, "test", str(writers), str(lines), "sync", many],
                })


def hammered(program, directory, group, writers, lines):
    """The share that was acknowledged, seconds, and the longest answer in milliseconds."""
    started = time.perf_counter()
    told = run(program, directory, group, str(writers), str(lines), "sync", stderr=subprocess.DEVNULL)
    return told.count("OK "), time.perf_counter() - started, float(told.split()[-1])


def burst_slow(directory, filesystem, milliseconds, table):
    """On a disk whose flush takes so long; the unit is what a bare append takes on it."""
    os.mkdir(directory)
    power.disk_make(directory, filesystem)
    disk = power.Recorder(directory, filesystem, flush=milliseconds, recorded=False)
    try:
        data = disk.mnt + "/data"
        bare = 1 / float(run(BUILD + "/null-append", data, "1", "20", "one"))
        for name, program in (("batches", HAMMER), ("without", ALONE)):
            acknowledged, seconds, longest = hammered(program, data, name, 300, 3)
            table.add("%s, %d ms, %s" % (filesystem.split("-")[0], milliseconds, name), "%.1f" % (bare * 1e3),
                      "%d of 900" % acknowledged, "%.2f" % seconds, "%.0f" % (seconds / bare), "%.0f" % longest,
                      "%.0f" % (12 * bare * 1e3 + 50))
    finally:
        disk.stop()
    shutil.rmtree(directory)


CROWD = 1000


def crowd(address, path, body, log):
    """So many requests at once: how many were answered OK, and the longest answer in milliseconds."""
    words = subprocess.run([BUILD + "/load", address, path + "?" + QUERY, body, '"ActionStatus":"OK"', str(CROWD),
                            str(CROWD), "close"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout.split()
    answered = int(words[1]) - int(words[3])
    with open(log) as file:
        lines = file.read()
    stored = lines.count("\n") if path.endswith("null") else len(set(re.findall('"MsgSeq":([0-9]*)', lines)))
    if stored < answered:
        sys.exit("bench.py: %s: %d lines for %d answers" % (path, stored, answered))
    os.unlink(log)
    return answered, float(words[11])


def crowd_measure(table, name, place, pairs, workers):
    """pairs: address, path and log of the null program, and of msgext; workers: processes of that."""
    body = place.file("body", BODY.replace('"MsgSeq":10,', '"MsgSeq":1NUMBER,'))
    answered, longest = CROWD, [[], []]
    for _ in range(ROUNDS):
        for times, (address, path, log) in zip(longest, pairs):
            count, most = crowd(address, path, body, log)
            answered = min(answered, count)
            times.append(most)
            time.sleep(0.5)
    table.add(name, "%d of %d" % (answered, CROWD), *("%.0f" % statistics.median(times) for times in longest),
              "%.2f" % statistics.median(b / a for a, b in zip(*longest)), "1.50",
              "%.1f" % (pss_of(workers) / 1024) if workers else "")


def crowd_nginx(table, mnt, count):
    place = Place()
    try:
        log, null = mnt + "/data/test.jsonl", mnt + "/data/null"
        place.file("data.conf", "data_dir = %s/data\nsdk_app_id = 1400000000\n" % mnt)
        place.workers("null.socket", count, BUILD + "/null-fastcgi", null)
        workers = place.workers("msgext.socket", count, TOP + "/static/msgext", "-c", place.path + "/data.conf")
        place.file("nginx.conf", NGINX.format(path=place.path, locations="".join(
            "location /%s { fastcgi_pass unix:%s/%s.socket; }\n" % (name, place.path, name)
            for name in ("null", "msgext"))))
        place.start("nginx", "-c", place.path + "/nginx.conf")
        address = place.path + "/nginx.socket"
        place.await_socket(address)
        crowd_measure(table, "nginx, %d workers" % count, place,
                      [(address, "/null", null), (address, "/msgext", log)], workers)
    finally:
        place.end()


def crowd_apache(table, mnt):
    place = Place()
    try:
        cgi_directory(place)
        shutil.copy(BUILD + "/null-cgi-append", place.path + "/cgi/null")
        for name in ("apache", "null"):
            os.mkdir(mnt + "/" + name, 0o700)
            shutil.chown(mnt + "/" + name, "www-data", "www-data")
        place.file("apache.conf", "data_dir = %s/apache\nsdk_app_id = 1400000000\n" % mnt)
        os.symlink(mnt + "/null", place.path + "/apache")  # where the null program appends
        port, _ = apache_start(place, "ListenBackLog 4096\nMaxRequestWorkers 400\n")
        crowd_measure(table, "Apache CGI", place, [(str(port), "/cgi/null", mnt + "/null/test.jsonl"),
                                                   (str(port), "/cgi/static", mnt + "/apache/test.jsonl")], [])
    finally:
        place.end()


def burst_servers(directory):
    """At most 1.5 of the longest answer of a program that appends without sync is wanted."""
    os.mkdir(directory)
    power.disk_make(directory, "ext4-ordered")
    disk = power.Recorder(directory, "ext4-ordered", flush=5, recorded=False)
    table = Table("%d requests at once, ext4, 5 ms" % CROWD, ["answered OK", "longest of null, ms", "longest, ms",
                                                             "ratio", "wanted", "workers, MB"])
    try:
        for count in (64, 256):
            crowd_nginx(table, disk.mnt, count)
        crowd_apache(table, disk.mnt)
    finally:
        disk.stop()
    table.print()


def burst():
    """Many writers at once into one group: on slow disks all of 900 lines are wanted, in 30 bare appends."""
    if os.getuid() != 0 or not os.path.exists("/dev/fuse"):
        print("burst: skipped: slow disks need root and FUSE\n", flush=True)
        return
    table = Table("300 writers x 3, one group", ["bare append, ms", "acknowledged", "s", "bare appends", "longest, ms",
                                                 "wanted, ms"])
    with tempfile.TemporaryDirectory(prefix="msgext-bench.") as directory:
        run("mount", "-t", "tmpfs", "-o", "mode=755", "tmpfs", directory)
        try:
            burst_servers(directory + "/servers")
            for filesystem in ("ext4-ordered", "xfs", "btrfs"):
                for milliseconds in (1, 5, 15):
                    burst_slow(directory + "/slow", filesystem, milliseconds, table)
        finally:
            run("umount", "-l", directory)
    table.print()
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        os.chmod(directory, 0o700)
        compare("Fast disk, 16 writers x 100, one group", {
            name: [program, directory, name.split()[0], "16", "100", "sync"]
            for name, program in (("without batches", ALONE), ("batches", HAMMER))})


def instructions_of(command):
    """What its processes execute outside the kernel."""
    with tempfile.TemporaryDirectory() as directory:
        run("valgrind", "-q", "--tool=callgrind", "--callgrind-out-file=%s/%%p" % directory, *command)
        total = 0
        for name in os.listdir(directory):
            with open(directory + "/" + name) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("summary:"))
        return total


def instructions():
    """Each path's budget; and one writer whom nobody disturbs, with batches and in a build without them."""
    if shutil.which("valgrind") is None:
        print("instructions: skipped: needs valgrind\n", flush=True)
        return
    table = Table("Instructions outside the kernel", ["measured", "recorded"])
    _, recorded = budgets.budgets()
    for name, path in budgets.PATHS.items():
        measured = path()
        table.add(name, measured, recorded.get(name, ""))
        if name in recorded:
            goals.add("Instructions, %s, of what is recorded" % name, [measured / recorded[name]], 1 + budgets.SHARE)
    table.print()
    if QUICK:
        return
    table = Table("One writer, one group", ["instructions a line", "ratio"])
    first = None
    for name, program in (("without batches", ALONE), ("batches", HAMMER)):
        with tempfile.TemporaryDirectory(dir=BUILD) as directory:
            os.chmod(directory, 0o700)
            few, many = (instructions_of([program, directory, "lines%d" % lines, "1", str(lines), "sync"])
                         for lines in (100, 1100))
        line = (many - few) / 1000
        first = first or line
        table.add(name, "%.0f" % line, "%.4f" % (line / first))
    table.print()


def log_make(directory, events):
    """About 250 bytes each."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    with open(directory + "/poll.jsonl", "wb") as file:
        subprocess.run(["perl", TOP + "/tests/generate.pl", str(events), "5000", "poll"], stdout=file, check=True)
    os.chmod(directory + "/poll.jsonl", 0o600)
    return directory + "/poll.jsonl"


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
        compare("Reading %d MB" % (size // 1000000), {
            "cat": ["cat", log],
            "rg -c": ["rg", "-c", "-F", '"MsgSeq":1234,', log],
            "grep -c": ["grep", "-c", "-F", '"MsgSeq":1234,', log],
            "show GROUP MSGSEQ": ctl + ["show", "poll", "1234"],
            "show GROUP": ctl + ["show", "poll"],
            "groups": ctl + ["groups"],
            "groups, one more member": [TOP + "/build/msgextctl", "-d", more, "groups"],
            "verify": ctl + ["verify"],
        }, size)


def message_chosen(i):
    """A message's number that the hash which state.c had sends to one place with all others."""
    mask, factor = (1 << 64) - 1, 0x9e3779b97f4a7c15
    number = i << 20
    number ^= number >> 29 ^ number >> 58
    number = number * pow(factor, -1, 1 << 64) & mask
    return number ^ number >> 31 ^ number >> 62


def log_of(directory, name, messages, keys):
    """A log of events with twenty keys each."""
    os.makedirs(directory + "/" + name, mode=0o700)
    with open("%s/%s/g.jsonl" % (directory, name), "w") as log:
        for at in range(0, len(keys), 20):
            pairs = ",".join('{"Key":"%s","Value":"yes","Seq":%d}' % (key, at + 1) for key in keys[at:at + 20])
            log.write('{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,"CallbackCommand":'
                      '"Group.CallbackAfterGroupMsgExtension","GroupId":"g","MsgSeq":%d,"OperateType":1,'
                      '"ExtensionList":[%s],"Seq":%d,"EventTime":1}\n' % (messages[at // 20], pairs, at + 1))
    os.chmod("%s/%s/g.jsonl" % (directory, name), 0o600)
    return [TOP + "/build/msgextctl", "-d", directory + "/" + name, "show", "g"]


def chosen():
    """Keys and messages of somebody who wants to slow a reader down: at most 1.5 of random ones."""
    dice = random.Random(1)
    count, letters = 32768, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        met = run(BUILD + "/chosen", str(count), "16").split()
        some = ["".join(dice.choice(letters) for _ in range(8)) for _ in range(count)]
        one = [10] * count
        compare("%d keys of a message" % count, {
            "random": log_of(directory, "random", one, some),
            "sorted": log_of(directory, "sorted", one, sorted(some)),
            "counted": log_of(directory, "counted", one, ["%08d" % i for i in range(count)]),
            "chosen for FNV-1a": log_of(directory, "chosen", one, met),
        }, by=1)
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        met = []
        for i in range(1 << 40):
            number = message_chosen(i)
            if number <= 1 << 53:
                met.append(number)
                if len(met) == count // 20 * 4:
                    break
        keys = ["user"] * 20 * len(met)
        compare("%d messages" % len(met), {
            "random": log_of(directory, "random", [dice.randrange(1 << 53) for _ in met], keys),
            "counted": log_of(directory, "counted", range(len(met)), keys),
            "chosen for a mix without a seed": log_of(directory, "chosen", met, keys),
        }, by=1)


def growth():
    """A data directory with a million groups."""
    with tempfile.TemporaryDirectory(dir=BUILD) as directory:
        os.chmod(directory, 0o700)
        for name, count in (("few", 10), ("many", 1000000)):
            os.mkdir("%s/%s" % (directory, name), 0o700)
            line = b'{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,' + BODY[1:].encode() + b"\n"
            for i in range(count):
                fd = os.open("%s/%s/g%d.jsonl" % (directory, name, i), os.O_WRONLY | os.O_CREAT, 0o600)
                os.write(fd, line.replace(b'"test"', b'"g%d"' % i))
                os.close(fd)
        run("sync", "-f", directory)
        compare("Appending, sync = no, among", {
            "10 groups": [HAMMER, directory + "/few", "g", "1", "100000", "nosync", "ten"],
            "1,000,000 groups": [HAMMER, directory + "/many", "g", "1", "100000", "nosync", "ten"],
        })
        compare("A million groups", {"msgextctl groups": [TOP + "/build/msgextctl", "-d", directory + "/many", "groups"]})


def rotate():
    """Lines that are lost, or refused, while logrotate runs every 50 ms."""
    table = Table("logrotate beside 8 writers", ["rotations", "lines", "refused", "acknowledged, lost"])
    for way in ("nocreate", "create 0600 %d %d" % (os.getuid(), os.getgid()), "create 0600 www-data www-data",
                "copytruncate"):
        with tempfile.TemporaryDirectory(dir=BUILD) as directory:
            os.chmod(directory, 0o700)
            data = directory + "/data"
            os.mkdir(data, 0o700)
            with open(directory + "/conf", "w") as file:
                file.write("%s/*.jsonl {\nsu root root\nrotate 10000\nmissingok\nnotifempty\n%s\n}\n" % (data, way))
            os.chmod(directory + "/conf", 0o600)
            with open(directory + "/answers", "w") as answers, open(directory + "/refused", "w") as refused:
                writers = subprocess.Popen([HAMMER, data, "test", "8", "15000"], stdout=answers, stderr=refused)
                rotations = 0
                while writers.poll() is None:
                    subprocess.run(["logrotate", "-f", "-s", directory + "/state", directory + "/conf"],
                                   stderr=subprocess.DEVNULL)
                    rotations += 1
                    time.sleep(0.05)
            with open(directory + "/answers") as file:
                acknowledged = {line.split()[1] for line in file if line.startswith("OK ")}
            stored = set()
            for name in os.listdir(data):
                with open(data + "/" + name, "rb") as file:
                    stored |= {line[5:-2].decode() for line in file
                               if line.startswith(b'{"n":') and line.endswith(b"}\n")}
            table.add(way, rotations, 120000, 120000 - len(acknowledged), len(acknowledged - stored))
    table.print()


class Engine:
    """PostgreSQL in a directory of its own, on a Unix socket."""

    def __init__(self, directory):
        self.bin = max(glob.glob("/usr/lib/postgresql/*/bin"))
        self.directory = directory
        self.as_user = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.getuid() == 0 else []
        if self.as_user:
            shutil.chown(directory, "postgres")
        self.conninfo = "host=%s user=postgres dbname=postgres" % directory
        self.call("initdb", "-U", "postgres", "-D", directory + "/data", "-A", "trust", "-E", "UTF8", "--locale=C")
        self.call("pg_ctl", "-D", directory + "/data", "-l", directory + "/log", "-w", "-o",
                  "-c listen_addresses= -k " + directory, "start")

    def call(self, *words):
        subprocess.run(self.as_user + [self.bin + "/" + words[0]] + list(words[1:]), check=True, cwd="/",
                       stdout=subprocess.DEVNULL)

    def sql(self, command, **options):
        return run("psql", "-XAtqc", command, self.conninfo, **options).strip()

    def stop(self):
        self.call("pg_ctl", "-D", self.directory + "/data", "-m", "fast", "stop")


SHIP = TOP + "/build/msgext-ship"


def ship_throughput(engine, place):
    """Lines into one PostgreSQL, against COPY of the same lines into a table of one column, without an index."""
    engine.sql("CREATE TABLE copied (line text)")
    log = log_make(place.path + "/data", 300000)
    size, lines = os.path.getsize(log), int(run("wc", "-l", log).split()[0])
    seconds = {"COPY": [], "msgext-ship": []}
    for _ in range(ROUNDS):
        engine.sql("TRUNCATE copied, msgext_line, msgext_file")
        started = time.perf_counter()
        with open(log) as file:
            engine.sql("COPY copied FROM STDIN (FORMAT csv, DELIMITER E'\\x02', QUOTE E'\\x01')", stdin=file)
        seconds["COPY"].append(time.perf_counter() - started)
        started = time.perf_counter()
        run(SHIP, "-d", place.path + "/data", "--once", engine.conninfo)
        seconds["msgext-ship"].append(time.perf_counter() - started)
        for table in ("copied", "msgext_line"):
            if int(engine.sql("SELECT sum(octet_length(line) + 1) FROM " + table)) != size:
                sys.exit("bench.py: %s does not hold the lines" % table)
    table = Table("Into PostgreSQL, %d lines" % lines, ["ratio", "lines a second"])
    for name, values in seconds.items():
        table.add(name, "%.2f" % statistics.median(a / b for a, b in zip(seconds["COPY"], values)),
                  "%.0f" % (lines / statistics.median(values)))
    table.print()


def ship_reading(engine, place):
    """What was shipped last, read from the engine and from the directory."""
    table = Table("Reading the same", ["--from, ms", "-d, ms"])
    environment = dict(os.environ, PATH=TOP + "/build:" + os.environ["PATH"])
    for words in (["show", "poll", "77"], ["show", "poll"], ["groups"]):
        sources = (["--from", engine.conninfo], ["-d", place.path + "/data"])
        seconds, answers = [[], []], [None, None]
        for _ in range(ROUNDS):
            for i, source in enumerate(sources):
                started = time.perf_counter()
                answers[i] = run(TOP + "/build/msgextctl", *source, *words, env=environment)
                seconds[i].append(time.perf_counter() - started)
        if answers[0] != answers[1]:
            sys.exit("bench.py: %s: two answers" % words)
        table.add(" ".join(words), *("%.0f" % (statistics.median(values) * 1e3) for values in seconds))
    table.print()


def ship_groups(engine, place):
    """Many logs, of one line each."""
    data = place.data("many")
    for i in range(100000):
        with open("%s/group%d.jsonl" % (data, i), "w") as file:
            file.write('{"time":"2025-12-02T15:11:34.395Z","SdkAppid":1400000000,%s\n'
                       % BODY[1:].replace('"test"', '"group%d"' % i))
    table = Table("100,000 logs", ["s", "MB of memory"])
    for name in ("shipped", "asked for again"):
        process = subprocess.Popen([SHIP, "-d", data, "--once", engine.conninfo])
        started = time.perf_counter()
        _, status, usage = os.wait4(process.pid, 0)
        if status != 0:
            sys.exit("bench.py: msgext-ship fails")
        table.add(name, "%.1f" % (time.perf_counter() - started), "%.0f" % (usage.ru_maxrss / 1024))
    if engine.sql("SELECT count(DISTINCT group_id) FROM msgext_line WHERE group_id ~ '^group'") != "100000":
        sys.exit("bench.py: groups are missing")
    table.print()


def ship_lag(engine, place):
    """How far behind the receiver's full durable load the engine is."""
    data = place.data("lag")
    place.start(SHIP, "-d", data, engine.conninfo, stderr=subprocess.DEVNULL)
    behind = []
    for i in range(ROUNDS):
        run(HAMMER, data, "lag%d" % i, "4", "1000", "sync")
        started = time.perf_counter()
        while engine.sql("SELECT count(*) FROM msgext_line l JOIN msgext_file f ON f.id = l.file"
                         " WHERE f.name = 'lag%d.jsonl'" % i) != "4000":
            if time.perf_counter() - started > 60:
                sys.exit("bench.py: msgext-ship does not catch up")
        behind.append(time.perf_counter() - started)
    table = Table("Behind 4 durable writers of 4,000 lines", ["ms behind the last, with the question"])
    table.add("msgext-ship", "%.0f" % (statistics.median(behind) * 1e3))
    table.print()


def ship_wait(engine, place):
    """An answer that waits for the engine, and one that does not: CGI processes, one after the other."""
    table = Table("A durable CGI answer", ["ms"])
    for name, options in (("wait_for_ship = 0", ""), ("wait_for_ship = 1.5", "wait_for_ship = 1.5\n")):
        data = place.data("wait%d" % len(options), options)
        place.start(SHIP, "-d", data, engine.conninfo, stderr=subprocess.DEVNULL)
        place.await_file(data + "/msgext-ship.socket")
        environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
                       "CONTENT_LENGTH": str(len(BODY)), "MSGEXT_CONFIG": data + ".conf"}
        seconds = []
        for _ in range(20 * ROUNDS):
            started = time.perf_counter()
            if '"OK"' not in run(TOP + "/build/msgext", input=BODY.encode(), env=environment):
                sys.exit("bench.py: no OK")
            seconds.append(time.perf_counter() - started)
        table.add(name, "%.1f" % (statistics.median(seconds) * 1e3))
    table.print()


def ship():
    """Lines into one PostgreSQL."""
    place = Place()
    os.mkdir(place.path + "/engine")
    engine = Engine(place.path + "/engine")
    try:
        run(SHIP, "--init", engine.conninfo)
        for measure in (ship_throughput, ship_reading, ship_groups, ship_lag, ship_wait):
            measure(engine, place)
    finally:
        engine.stop()
        place.end()


# the viewer

def view_data(place, name, events, messages):
    """A data directory with one log, of 300 keys a message, and the viewer's configuration for it."""
    data = place.data(name)
    with open(data + "/poll.jsonl", "wb") as file:
        subprocess.run(["perl", TOP + "/tests/generate.pl", str(events), str(messages), "poll"], stdout=file, check=True)
    os.chmod(data + "/poll.jsonl", 0o600)
    place.file(name + "-view.conf", "data_dir = %s\npassword = correct horse battery\nlink_key = %s\n" % (data, "k" * 40),
               0o600)
    return data


def view_environment(place, name, query, *more):
    return ["env", "-i", "GATEWAY_INTERFACE=CGI/1.1", "REQUEST_METHOD=GET", "SCRIPT_NAME=/view", "QUERY_STRING=" + query,
            "MSGEXT_VIEW_CONFIG=%s/%s-view.conf" % (place.path, name)] + list(more)


def view_cookie(place, name):
    """A session."""
    body = b"p=in&password=correct+horse+battery"
    header = run(*view_environment(place, name, ""), "REQUEST_METHOD=POST", "CONTENT_LENGTH=%d" % len(body),
                 "CONTENT_TYPE=application/x-www-form-urlencoded", TOP + "/build/msgext-view", input=body)
    match = re.search(r"Set-Cookie: ([^;]*);", header)
    return match.group(1) if match else sys.exit("bench.py: no session: " + header)


class Page(Target):
    """A page that is asked for with a whole request."""

    def __init__(self, place, name, address, target, pids, requests, expect, headers="", memory=None):
        super().__init__(name, address, target, pids, requests)
        self.expect, self.memory = expect, memory
        self.request = place.file("request-%d" % id(self), "GET %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: close\r\n\r\n"
                                  % (target, headers))

    def measure(self, body, clients, keep):
        used = cpu_of(self.pids)
        words = run(BUILD + "/load", self.address, "-", self.request, self.expect, str(clients), str(self.requests),
                    "close").split()
        used = cpu_of(self.pids) - used
        self.rates.append(self.requests / float(words[5]))
        self.p50.append(float(words[7]))
        self.p99.append(float(words[9]))
        self.cpu.append(used / self.requests * 1e6)


def view_large(place):
    """A message's page of a large log: at most 1.5 of msgextctl show --json."""
    data = view_data(place, "large", 1000000, 2000)
    size = os.path.getsize(data + "/poll.jsonl")
    cookie = "HTTP_COOKIE=" + view_cookie(place, "large")
    link = run(TOP + "/build/msgextctl", "link", "-c", place.path + "/large-view.conf", "poll", "1234", "--names",
               stderr=subprocess.DEVNULL).strip()[1:]

    def page(program, query):
        return view_environment(place, "large", query, cookie) + [TOP + program]

    compare("A message of a log of %d MB" % (size // 1000000), {
        "msgextctl show GROUP MSGSEQ --json": [TOP + "/build/msgextctl", "-d", data, "show", "poll", "1234", "--json"],
        "its page": page("/build/msgext-view", "g=poll&m=1234"),
        "its page, static musl": page("/static/msgext-view", "g=poll&m=1234"),
        "a signed link to it, with names": page("/build/msgext-view", link),
        "all of its history": page("/build/msgext-view", "g=poll&m=1234&part=log"),
        "as it was at version 100": page("/build/msgext-view", "g=poll&m=1234&v=100"),
        "a download": page("/build/msgext-view", "g=poll&m=1234&f=json"),
        "the group's page": page("/build/msgext-view", "g=poll"),
        "the group's page, whole": page("/build/msgext-view", "g=poll&all=1"),
        "the groups": page("/build/msgext-view", ""),
    }, size)


def view_memory(place):
    """The highest resident size of a worker."""
    view_data(place, "little", 2800, 8)
    pages = ("g=poll&m=4", "g=poll&m=4&part=log", "g=poll&m=4&f=csv", "p=events", "", "g=poll")
    table = Table("Memory of a worker: peak after each page, KiB", ["a message", "its history", "a download", "events",
                                                                  "groups", "a group"])
    for name, size in (("little", 1), ("large", 356)):
        cookie = view_cookie(place, name)
        pid = place.workers(name + ".socket", 1, TOP + "/build/msgext-view", "-c", "%s/%s-view.conf" % (place.path, name))[0]
        peaks = []
        place.file(name + "-lighttpd.conf", LIGHTTPD.format(path=place.path, fastcgi=
            '"/fcgi/view" => (( "socket" => "%s/%s.socket", "check-local" => "disable" ))' % (place.path, name)).replace(
                "lighttpd.socket", name + "-lighttpd.socket").replace('"PEER_DATA"', '"PEER"'))
        server = place.start("lighttpd", "-D", "-f", "%s/%s-lighttpd.conf" % (place.path, name)).pid
        address = "%s/%s-lighttpd.socket" % (place.path, name)
        place.await_socket(address)
        for query in pages:
            Page(place, query, address, "/fcgi/view?" + query, [server], 3, "200 OK",
                 "Cookie: %s\r\n" % cookie).measure(None, 1, False)
            peaks.append(peak_of(pid))
        table.add("log of %d MB" % size, *peaks)
    table.print()


def peak_of(pid):
    with open("/proc/%d/status" % pid) as file:
        return int(re.search(r"VmHWM:\s*(\d+)", file.read()).group(1))


def view_unchanged(place):
    """304 of a FastCGI worker, against a look at an inode: a ratio of 0.77 at least."""
    query, cookie = "g=poll&m=4&v=20", view_cookie(place, "little")
    headers = {"null": ""}
    for name, program in (("view", "/build/msgext-view"), ("static", "/static/msgext-view")):
        answer = run(*view_environment(place, "little", query), "HTTP_COOKIE=" + cookie, TOP + program)
        headers[name] = "Cookie: %s\r\nIf-None-Match: %s\r\n" % (cookie, re.search(r"ETag: (.*?)\r?\n", answer).group(1))
    view_conf = place.path + "/little-view.conf"
    workers = {"null": place.workers("null304.socket", 2, BUILD + "/null-fastcgi", place.path + "/little/poll.jsonl", "stat"),
               "view": place.workers("view304.socket", 2, TOP + "/build/msgext-view", "-c", view_conf),
               "static": place.workers("static304.socket", 2, TOP + "/static/msgext-view", "-c", view_conf)}
    place.file("lighttpd.conf", LIGHTTPD.format(path=place.path, fastcgi=", ".join(
        '"/fcgi/%s" => (( "socket" => "%s/%s304.socket", "check-local" => "disable" ))' % (name, place.path, name)
        for name in workers)))
    server = place.start("lighttpd", "-D", "-f", place.path + "/lighttpd.conf").pid
    address = place.path + "/lighttpd.socket"
    place.await_socket(address)
    measure_all(place, "304, FastCGI, lighttpd, 4 clients", [
        Page(place, name, address, "/fcgi/%s?%s" % (key, query), [server] + workers[key], 3000, " 304 ", headers[key],
             workers[key])
        for key, name in (("null", "null, libfcgi, one stat"), ("view", "msgext-view"), ("static", "msgext-view, static musl"))],
                4, False, True)


def view_peers(place):
    """A small page by CGI, beside those of programs that people know."""
    path = place.path
    os.mkdir(path + "/cgi")
    for name, source in (("null", BUILD + "/null-cgi-get"), ("view", TOP + "/static/msgext-view"),
                         ("dynamic", TOP + "/build/msgext-view")):
        shutil.copy(source, path + "/cgi/" + name)
    os.mkdir(path + "/git")
    run("git", "init", "-q", path + "/git/poll.git", "--bare")
    source = path + "/source"
    run("git", "init", "-q", source)
    for i in range(20):
        with open(source + "/file", "w") as file:
            file.write("%d\n" % i)
        run("git", "-C", source, "add", "file")
        run("git", "-C", source, "-c", "user.name=a", "-c", "user.email=a@b", "commit", "-qm", "change %d" % i)
    run("git", "-C", source, "push", "-q", path + "/git/poll.git", "HEAD:master")
    place.file("cgitrc", "cache-size=0\nscan-path=%s/git\nvirtual-root=/cgi/cgit\n" % path)
    if os.path.exists("/usr/lib/cgit/cgit.cgi"):
        place.file("cgi/cgit", "#!/bin/sh\nCGIT_CONFIG=%s/cgitrc exec /usr/lib/cgit/cgit.cgi\n" % path, 0o755)
    if shutil.which("fossil"):
        environment = dict(os.environ, HOME=path, USER="root")
        run("fossil", "init", path + "/poll.fossil", env=environment)
        os.mkdir(path + "/work")
        run("fossil", "open", path + "/poll.fossil", cwd=path + "/work", env=environment)
        for i in range(20):
            with open(path + "/work/file", "w") as file:
                file.write("x" * i + "\n")
            if i == 0:
                run("fossil", "add", "file", cwd=path + "/work", env=environment)
            run("fossil", "commit", "-m", "change %d" % i, "--no-warnings", cwd=path + "/work", env=environment)
        place.file("cgi/fossil", "#!/usr/bin/fossil\nrepository: %s/poll.fossil\n" % path, 0o755)
    place.file("peers.conf", LIGHTTPD.format(path=path, fastcgi="").replace("lighttpd.socket", "peers.socket").replace(
        '"PEER_DATA" =>', '"MSGEXT_VIEW_CONFIG" => "%s/small-view.conf", "PEER_DATA" =>' % path))
    server = place.start("lighttpd", "-D", "-f", path + "/peers.conf").pid
    address = path + "/peers.socket"
    place.await_socket(address)
    session = "Cookie: %s\r\n" % view_cookie(place, "small")
    targets = [Page(place, name, address, target, [server], requests, "200 OK", headers)
               for name, target, requests, headers in (
                   ("null, static musl", "/cgi/null", 600, ""),
                   ("a message's page, static musl", "/cgi/view?g=poll&m=4", 600, session),
                   ("a group's page, static musl", "/cgi/view?g=poll", 600, session),
                   ("a message's page, dynamic", "/cgi/dynamic?g=poll&m=4", 300, session),
                   ("cgit, log", "/cgi/cgit/poll.git/log/", 100, ""),
                   ("fossil, timeline", "/cgi/fossil/timeline", 60, ""))
               if os.path.exists(path + "/cgi/" + target.split("/")[2].split("?")[0])]
    measure_all(place, "A small page, CGI, lighttpd, 4 clients", targets, 4, False, False)


def view():
    """Pages."""
    place = Place()
    try:
        view_large(place)
        view_memory(place)
        view_unchanged(place)
        view_data(place, "small", 20, 4)
        view_peers(place)
    finally:
        place.end()


SECTIONS = {"spawn": spawn, "cgi": cgi, "fastcgi": fastcgi, "attack": attack, "durable": durable, "burst": burst, "instructions": instructions,
            "read": read, "chosen": chosen, "growth": growth, "rotate": rotate, "ship": ship, "view": view}

if __name__ == "__main__":
    os.umask(0o022)
    names = ["spawn", "fastcgi", "read", "instructions"] if QUICK else sys.argv[1:] or list(SECTIONS)
    for section in names:
        SECTIONS[section]()
    sys.exit(goals.end())
