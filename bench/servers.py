"""servers.py - web servers that requests go through, and what they are configured to run."""
import glob
import os
import shutil
import socket
import statistics
import subprocess
import sys

import goals
from frame import BODY, BUILD, QUERY, ROUNDS, TOP, Table, cpu_of, pss_of, run, run_time_of

PHP_FPM = max(glob.glob("/usr/sbin/php-fpm*"), default="php-fpm")


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

    def load(self, *words):
        """Runs load, and notes what it says and what its requests took of the processor."""
        used, worker = cpu_of(self.pids), run_time_of(self.workers)
        said = run(BUILD + "/load", self.address, *words).split()
        self.cpu.append((cpu_of(self.pids) - used) / self.requests * 1e6)
        self.worker.append((run_time_of(self.workers) - worker) / self.requests * 1e6)
        self.rates.append(self.requests / float(said[5]))
        self.p50.append(float(said[7]))
        self.p99.append(float(said[9]))

    def measure(self, body, clients, keep):
        before = self.lines()
        self.load(self.path + "?" + QUERY, body, '"ActionStatus":"OK"', str(clients), str(self.requests),
                  "keep" if keep else "close")
        if self.log is not None and self.lines() != before + self.requests:
            sys.exit("bench.py: %s: %d lines for %d answers" % (self.name, self.lines() - before, self.requests))


def measure_all(place, title, targets, clients, keep, memory=False):
    """Requests of so many clients, on connections that are kept or not; memory: of its processes, too."""
    body = place.file("body", BODY)
    for target in targets:
        target.rates, target.p50, target.p99, target.cpu, target.worker = [], [], [], [], []
    for _ in range(ROUNDS):
        for target in targets:
            target.measure(body, clients, keep)
    columns = ["per second", "p50 ms", "p99 ms", "CPU us"]
    table = Table(title, columns + (["workers us", "PSS KiB"] if memory else []))
    for target in targets:
        table.add(target.name, "%.0f" % statistics.median(target.rates), "%.2f" % statistics.median(target.p50),
                  "%.2f" % statistics.median(target.p99), "%.0f" % statistics.median(target.cpu),
                  *(["%.1f" % statistics.median(target.worker), pss_of(target.memory)] if memory else []))
    table.print()


def rates_goal(title, name, target, reference, wanted=None):
    """Requests a second, as a ratio to another target's: so many at least, or without a goal."""
    goals.add(title, name, [a / b for a, b in zip(target.rates, reference.rates)], wanted, at_least=True)


def cgi_directory(place):
    os.mkdir(place.path + "/cgi")
    for name, source in (("null", BUILD + "/null-cgi"), ("append", BUILD + "/null-cgi-append"),
                         ("static", TOP + "/static/msgext"),
                         ("dynamic", TOP + "/build/msgext"), ("peer.pl", TOP + "/bench/peer.pl"),
                         ("peer.php", TOP + "/bench/peer.php")):
        shutil.copy(source, place.path + "/cgi/" + name)


def port_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def apache_start(place, lines=""):
    """Its port and process; lines: more for its configuration."""
    port = port_free()
    place.file("httpd.conf", APACHE.format(path=place.path, port=port, modules="".join(
        "LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n" % (name, name)
        for name in ("mpm_event", "authz_core", "alias", "env", "cgid")) + lines))
    server = place.start("apache2", "-D", "FOREGROUND", "-f", place.path + "/httpd.conf").pid
    place.await_socket(("127.0.0.1", port))
    return port, server


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


def php_start(place):
    place.file("fpm.conf", """[global]\nerror_log = /dev/null\ndaemonize = no\n[www]
listen = {p}/php.socket\nlisten.mode = 0666\nuser = root\ngroup = root\npm = static\npm.max_children = 4
env[PEER_DATA] = {p}/data\nphp_admin_value[opcache.enable] = 1\nrequest_terminate_timeout = 0\n""".format(p=place.path))
    shutil.copy(TOP + "/bench/peer.php", place.path + "/peer.php")
    return place.start(PHP_FPM, "-R", "-F", "-y", place.path + "/fpm.conf").pid
