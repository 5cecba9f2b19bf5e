"""receiver.py - how fast an event is taken: by a process for each, and by workers that stay."""
import os
import re
import shutil
import statistics
import subprocess

import goals
from frame import BODY, BUILD, FEW, QUERY, QUICK, ROUNDS, TOP, Place, Table, pss_of, run
from servers import (LIGHTTPD, NGINX, Target, apache_start, cgi_directory, measure_all, php_start, rates_goal,
                     webhook_start)


def spawned(place, programs, count):
    """Microseconds from spawn to exit: name to a list of the median and the least of each round."""
    body = place.file("body", BODY)
    environment = {"GATEWAY_INTERFACE": "CGI/1.1", "REQUEST_METHOD": "POST", "QUERY_STRING": QUERY,
                   "CONTENT_LENGTH": str(len(BODY)), "MSGEXT_CONFIG": place.path + "/data.conf",
                   "PEER_DATA": place.path + "/data"}
    times = {name: [] for name in programs}
    for _ in range(2 * ROUNDS):
        for name, program in programs.items():
            told = run(BUILD + "/spawn", str(count), body, "/dev/null", program, env=environment).split()
            times[name].append([float(word) for word in told[:2]])
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
        table = Table("CGI, from spawn to exit", ["median, us", "least, us"])
        for name, values in times.items():
            table.add(name, *("%.0f" % statistics.median(value[i] for value in values) for i in (0, 1)))
        table.print()
        for name, wanted in (("msgext, static musl", 1.45), ("msgext, dynamic", 7.8)):
            goals.add("least time, of a null program that appends", name, [a[1] / b[1] for a, b in zip(times[name], reference)],
                      wanted)
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
        measure_all(place, "CGI, lighttpd, 4 clients", targets, 4, keep=False)
        null, _, static, dynamic, perl, php, hook = targets
        title = "lighttpd, 4 clients: requests a second"
        rates_goal(title, "static, of a null program", static, null, 0.92)
        rates_goal(title, "dynamic, of a null program", dynamic, null, 0.3)
        rates_goal(title, "static, of Perl with JSON::XS", static, perl, 10)
        rates_goal(title, "static, of php-cgi", static, php, 10)
        rates_goal(title, "static, of webhook and sh", static, hook, 4)

        log = place.data("apache") + "/test.jsonl"
        shutil.chown(place.path + "/apache", "www-data", "www-data")
        port, server = apache_start(place)
        targets = [
            Target("null, static musl", str(port), "/cgi/null", [server], 600),
            Target("null that appends", str(port), "/cgi/append", [server], 600, log),
            Target("msgext, static musl", str(port), "/cgi/static", [server], 600, log),
            Target("msgext, dynamic", str(port), "/cgi/dynamic", [server], 300, log),
            Target("Perl, JSON::XS", str(port), "/cgi/peer.pl", [server], 60, log)]
        measure_all(place, "CGI, Apache mod_cgid, 4 clients", targets, 4, keep=False)
        null, _, static, dynamic, perl = targets
        title = "Apache mod_cgid, 4 clients: requests a second"
        rates_goal(title, "static, of a null program", static, null, 0.92)
        rates_goal(title, "dynamic, of a null program", dynamic, null, 0.3)
        rates_goal(title, "static, of Perl with JSON::XS", static, perl, 10)
    finally:
        place.end()


def fastcgi_goals(server, clients, targets):
    """targets: null, null that appends, msgext, msgext static, PHP-FPM where it was measured."""
    title = "%s, %d clients" % (server, clients)
    wanted = 0.93 if clients == 8 else 1.05
    rates_goal(title, "requests a second, of a null program", targets[2], targets[0], wanted)
    rates_goal(title, "the same, static", targets[3], targets[0], wanted)
    rates_goal(title, "the same, a null program that appends", targets[1], targets[0])
    goals.add(title, "CPU of the workers, of a null program that appends",
              [a / b for a, b in zip(targets[2].worker, targets[1].worker)], 1.05)
    if len(targets) > 4:
        rates_goal(title, "requests a second, of PHP-FPM", targets[2], targets[4], 1.8)


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
        if not QUICK:
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
            requests = 2000 if QUICK else 4000
            for clients in (8, 64):
                targets = [Target("null, libfcgi", address, "/fcgi/null", [server] + workers["null"], requests),
                           Target("null that appends", address, "/fcgi/append", [server] + workers["append"], requests, log),
                           Target("msgext", address, "/fcgi/msgext", [server] + workers["msgext"], requests, log),
                           Target("msgext, static musl", address, "/fcgi/static", [server] + workers["static"], requests,
                                  log)]
                if "php" in workers:
                    targets.append(Target("PHP-FPM, opcache", address, php, [server] + workers["php"], requests, log))
                for target in targets:
                    target.memory = target.workers = target.pids[1:]
                measure_all(place, "FastCGI, %s, %d clients" % (name, clients), targets, clients, keep=True, memory=True)
                fastcgi_goals(name, clients, targets)
        # How many share the pages of the C library depends on the machine: the null program shares them too.
        goals.add("memory of 4 workers, PSS", "dynamic, of a null program", [pss_of(workers["msgext"]) / pss_of(workers["null"])], 1.75)
        goals.add("memory of 4 workers, PSS", "static", [pss_of(workers["static"])], 340, unit=" KiB")
        goals.add("memory of 4 workers, their own alone", "dynamic, of a null program",
                  [pss_of(workers["msgext"], "Private_Dirty:") / pss_of(workers["null"], "Private_Dirty:")], 1.2)
    finally:
        place.end()


def attack():
    """Signed events beside 16 slow clients, each server as its example file has it; at most 300 ms are wanted."""
    longest = {}
    for _ in range(FEW):
        told = run("sh", TOP + "/tests/attack.t", env=dict(os.environ, MSGEXT_TEST_SECONDS="3"))
        for name, milliseconds in re.findall(r" - (.*): the longest answer took ([0-9]+) ms", told):
            longest.setdefault(name, []).append(float(milliseconds))
    for name, values in longest.items():
        goals.add("longest answer beside 16 slow clients", name, values, 300, unit=" ms")
