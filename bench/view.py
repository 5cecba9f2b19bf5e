"""view.py - how fast the viewer's pages come, and how much memory they need."""
import os
import re
import shutil
import subprocess
import sys

import goals
from frame import BUILD, TOP, Place, Table, compare, log_make, run
from servers import LIGHTTPD, Target, measure_all, rates_goal


def view_data(place, name, events, messages):
    """A data directory with one log, of 300 keys a message, and the viewer's configuration for it."""
    data = place.data(name)
    log_make(data, events, messages)
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
        self.workers = memory or []
        self.request = place.file("request-%d" % id(self), "GET %s HTTP/1.1\r\nHost: localhost\r\n%sConnection: close\r\n\r\n"
                                  % (target, headers))

    def measure(self, body, clients, keep):
        self.load("-", self.request, self.expect, str(clients), str(self.requests), "close")


def view_large(place):
    """Pages of a large log."""
    data = view_data(place, "large", 1000000, 2000)
    size = os.path.getsize(data + "/poll.jsonl")
    cookie = "HTTP_COOKIE=" + view_cookie(place, "large")
    link = run(TOP + "/build/msgextctl", "link", "-c", place.path + "/large-view.conf", "poll", "1234", "--names",
               stderr=subprocess.DEVNULL).strip()[1:]

    def page(program, query):
        return view_environment(place, "large", query, cookie) + [TOP + program]

    ctl = [TOP + "/build/msgextctl", "-d", data]
    compare("a log of %d MB, a message" % (size // 1000000), {
        "msgextctl show --json": ctl + ["show", "poll", "1234", "--json"],
        "its page": page("/build/msgext-view", "g=poll&m=1234"),
        "its page, static musl": page("/static/msgext-view", "g=poll&m=1234"),
        "a signed link to it, with names": page("/build/msgext-view", link),
        "all of its history": page("/build/msgext-view", "g=poll&m=1234&part=log"),
        "as it was at version 100": page("/build/msgext-view", "g=poll&m=1234&v=100"),
        "a download": page("/build/msgext-view", "g=poll&m=1234&f=json"),
    }, {
        "its page": 1.3,
        "its page, static musl": 1.3,
        "a signed link to it, with names": 1.3,
        "all of its history": 1.3,
        "as it was at version 100": 1.3,
        "a download": 1.3,
    }, size, what="CPU")
    compare("a log of %d MB, the group" % (size // 1000000), {
        "msgextctl show": ctl + ["show", "poll"],
        "its page": page("/build/msgext-view", "g=poll"),
        "its page, whole": page("/build/msgext-view", "g=poll&all=1"),
        "the groups": page("/build/msgext-view", ""),
    }, {"its page": 0.5, "its page, whole": 1.5, "the groups": 0.1}, size, what="CPU")


def view_memory(place):
    """The highest resident size of a worker."""
    view_data(place, "little", 2800, 8)
    pages = ("g=poll&m=4", "g=poll&m=4&part=log", "g=poll&m=4&f=csv", "p=events", "", "g=poll")
    table = Table("Memory of a worker: peak after each page, KiB", ["a message", "its history", "a download", "events",
                                                                  "groups", "a group"])
    highest = {}
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
        highest[name] = peaks
    table.print()
    # A group's page comes last: it holds the answers of the 32 MB that it reads.
    before, last = highest["large"][-2:]
    goals.add("memory of a worker, log of 356 MB", "of one of 1 MB", [before / highest["little"][-2]], 1.2)
    goals.add("memory of a worker, log of 356 MB", "highest but for a group's page", [before], 4096, unit=" KiB")
    goals.add("memory of a worker, log of 356 MB", "a group's page", [last], 32768, unit=" KiB")


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
    targets = [
        Page(place, name, address, "/fcgi/%s?%s" % (key, query), [server] + workers[key], 3000, " 304 ", headers[key],
             workers[key])
        for key, name in (("null", "null, libfcgi, one stat"), ("view", "msgext-view"), ("static", "msgext-view, static musl"))]
    measure_all(place, "304, FastCGI, lighttpd, 4 clients", targets, 4, keep=False, memory=True)
    for target in targets[1:]:
        rates_goal("304: requests a second, of a null program that looks at a file", target.name, target, targets[0], 0.77)


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
    place.file("cgi/cgit", "#!/bin/sh\nCGIT_CONFIG=%s/cgitrc exec /usr/lib/cgit/cgit.cgi\n" % path, 0o755)
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
                   ("fossil, timeline", "/cgi/fossil/timeline", 60, ""))]
    measure_all(place, "A small page, CGI, lighttpd, 4 clients", targets, 4, keep=False)
    null, static, group, dynamic, cgit, fossil = targets
    for target, reference, wanted in ((static, null, 0.5), (group, null, 0.5), (dynamic, null, 0.3), (static, cgit, 2),
                                      (static, fossil, 2)):
        rates_goal("CGI: requests a second", "%s, of %s" % (target.name, reference.name), target, reference, wanted)


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
