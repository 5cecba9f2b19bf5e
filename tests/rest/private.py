"""private.py DIRECTORY - whose the key is: who may start msgext-repair, what of the secrets is seen anywhere, whom it
asks, and what it takes for a configuration."""
import ctypes
import functools
import glob
import os
import pwd
import signal
import stat
import subprocess
import sys
import time

import standin
from place import AS_OWNER, BUILD, NOBODY, Place, Points, at_once, await_true, own, write

ROOT = os.getuid() == 0
PTRACE_ATTACH, PTRACE_DETACH, PTRACE_SEIZE = 16, 17, 0x4206
LIBC = ctypes.CDLL(None, use_errno=True)


def children(pid):
    """A process and all below it."""
    found = [pid]
    for path in glob.glob("/proc/%d/task/*/children" % pid):
        try:
            with open(path, encoding="ascii") as file:
                found += [below for child in file.read().split() for below in children(int(child))]
        except OSError:
            pass
    return found


def read(path):
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def as_nobody(work):
    """What a process of the logs' owner is told: the text that work gives."""
    receiver, sender = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            os.write(sender, work().encode())
        finally:
            os._exit(0)
    os.close(sender)
    os.waitpid(pid, 0)
    with os.fdopen(receiver) as file:
        return file.read()


def spy(pid):
    """What of a process can be had."""
    had = []
    for name in ("mem", "environ", "maps", "fd/0"):
        try:
            with open("/proc/%d/%s" % (pid, name), "rb") as file:
                had.append(name if name != "environ" or file.read() else "")
        except OSError:
            pass
    for request in (PTRACE_ATTACH, PTRACE_SEIZE):
        if LIBC.ptrace(request, pid, None, None) == 0:
            had.append("attached")
            LIBC.ptrace(PTRACE_DETACH, pid, None, None)
    return " ".join(filter(None, had))


class Trial(Points):
    def __init__(self, directory):
        self.place = Place(directory)
        self.vendor = self.place.vendor

    def gap(self):
        """One message that lacks a version."""
        self.place.empty()
        self.vendor.truth.clear()
        events = [self.vendor.event("g", 1, 1, [("k%d" % version, "v")]) for version in range(3)]
        self.place.log([events[0], events[2]])

    def run(self, *rules, **more):
        """One run with one gap: exit status, calls, what is said."""
        self.gap()
        self.vendor.forget(*rules)
        status, said = self.place.repair("--once", **more)
        return status, len(self.vendor.calls), said

    def expect(self, name, status, calls, *words, **more):
        got, asked, said = self.run(**more)
        missing = [word for word in words if word not in said]
        self.point(name, "" if (got, asked) == (status, calls) and not missing else
                   "exits with %s after %d calls, without %s: %s" % (got, asked, missing, said))
        return said

    def stalled(self, **more):
        """A run whose call is under way, until .vendor.release is set."""
        self.gap()
        self.vendor.release.clear()
        self.vendor.forget("* * * hold")
        process = self.place.start("--once", **more)
        if not await_true(lambda: self.vendor.calls or process.poll() is not None):
            process.kill()
        return process

    def seen(self, process):
        """Where a secret of theirs can be seen from outside."""
        found = []
        secrets = [standin.KEY.encode(), *(signature.encode() for signature in self.vendor.signatures)]
        for pid in children(process.pid):
            for name in ("cmdline", "environ"):
                if any(secret in read("/proc/%d/%s" % (pid, name)) for secret in secrets):
                    found.append("%s of %s" % (name, read("/proc/%d/comm" % pid)))
            for link in glob.glob("/proc/%d/fd/*" % pid):
                try:
                    if os.readlink(link).endswith(("/key", "/repair.conf")):
                        found.append("%s of %s" % (os.readlink(link), read("/proc/%d/comm" % pid)))
                except OSError:
                    pass
        return found

    def secrets(self):
        environment = {**os.environ, "SSLKEYLOGFILE": self.place.directory + "/keylog", "TMPDIR": self.place.directory}
        process = self.stalled(env=environment)
        calls = len(children(process.pid))
        found = self.seen(process)
        self.vendor.release.set()
        said = process.communicate()[0]
        secrets = [standin.KEY.encode(), *(signature.encode() for signature in self.vendor.signatures)]
        places = {path: read(path) for path in glob.glob(self.place.directory + "/**", recursive=True, include_hidden=True)
                  if os.path.isfile(path) and not path.endswith("/key")}
        places["its output"] = said
        # Nor where the vendor says it.
        for code in ("70003", "60010", "10004", "10002", "60007"):
            self.vendor.forget("* * * echo code:" + code)
            places["what is said of %s" % code] = self.place.repair("--once")[1].encode()
            places["the state after %s" % code] = read(self.place.data + "/.repair-state")
        secrets += [signature.encode()[:100] for signature in self.vendor.signatures]
        found += [path for path, text in places.items() if any(secret in text for secret in secrets)]
        self.point("no secret is in an argument, an environment, a log or what is said", found)
        self.point("and it was looked for", "" if calls > 1 and process.returncode == 0 and self.vendor.signatures else
                   "%d processes, exit status %s: %s" % (calls, process.returncode, said))
        self.point("curl keeps no log of its keys", glob.glob(self.place.directory + "/keylog"))

    def wishes(self):
        """What a user's or an attacker's environment wants of curl."""
        home = self.place.directory + "/home"
        os.makedirs(home, exist_ok=True)
        own(home)
        write(home + "/.curlrc", "insecure\noutput = \"%s/written\"\n" % home)
        write(home + "/other.pem", read("/etc/ssl/certs/ca-certificates.crt").decode() or "none")
        environment = {**os.environ, "HOME": home, "CURL_HOME": home, "XDG_CONFIG_HOME": home,
                       "https_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"}
        self.expect("curl takes nothing from the environment or a .curlrc", 0, 1, env=environment)
        self.expect("without curl it says so", 69, 0, "install the package curl", env={**environment, "PATH": ".:/nonexistent"})
        self.place.configure(ca_file=home + "/other.pem")
        self.expect("another authority is not believed", 69, 0, env=environment)
        self.place.configure(ca_file=None)
        self.expect("nor one that the system does not know", 69, 0)
        self.place.configure(rest_domain="127.0.0.1:%d" % self.vendor.port)
        self.expect("an address may be in a certificate", 0, 1)
        self.point("nothing else is written", glob.glob(home + "/written"))
        self.place.configure()

    def another_name(self):
        directory = self.place.directory + "/another"
        os.makedirs(directory, exist_ok=True)
        standin.certificates_make(directory, "DNS:elsewhere.example")
        another = standin.Standin(directory)
        os.chmod(directory, 0o755)
        os.chmod(directory + "/ca.pem", 0o644)
        self.place.configure(rest_domain="localhost:%d" % another.port, ca_file=directory + "/ca.pem")
        self.expect("a certificate of another name is not believed", 69, 0)
        self.equal("nothing is asked there", another.calls, [])
        another.stop()
        self.place.configure()

    def owner(self):
        """Started by the owner: one line that warns."""
        if ROOT:
            self.expect("the owner is told that its account can read the key", 0, 1, "rest_usersig_file")
            status, calls, said = self.run(user=NOBODY - 1, group=NOBODY - 1)
            self.point("another user is refused", "" if status in (77, 78) and calls == 0 else "%s: %s" % (status, said))
        else:
            self.expect("the owner is told that its account can read the key", 0, 1, "rest_usersig_file")
        os.chmod(self.place.directory + "/key", 0o640)
        self.expect("a key that others may read is refused", 78, 0, "key")
        os.chmod(self.place.directory + "/key", 0o600)
        os.chmod(self.place.repair_config, 0o644)
        self.expect("so is a configuration", 78, 0)
        self.place.configure()

    def root(self):
        if not ROOT:
            print("# not root: no start by root is tried")
            return
        for path in (self.place.repair_config, self.place.directory + "/key"):
            os.chown(path, 0, 0)
        root = {"user": None, "group": None, "extra_groups": None}
        process = self.stalled(**root)
        status = read("/proc/%d/status" % process.pid).decode()
        lines = dict(line.split(":\t", 1) for line in status.splitlines())
        ids = {lines["Uid"], lines["Gid"]}
        groups = set(lines["Groups"].split()) - {str(NOBODY)}
        self.equal("started by root, it is the owner for good", (ids, groups, int(lines["CapEff"], 16), int(lines["CapPrm"], 16),
                   lines["NoNewPrivs"]), ({"\t".join([str(NOBODY)] * 4)}, set(), 0, 0, "1"), status)
        # The address sanitizer locks none.
        locked = "MSGEXT_SANITIZED" in os.environ or lines["VmLck"].split()[0] != "0"
        self.point("its memory is locked", "" if locked else status)
        self.point("it dumps no core", "" if b"Max core file size        0                    0" in read(
            "/proc/%d/limits" % process.pid) else read("/proc/%d/limits" % process.pid).decode())
        self.equal("a process of the owner cannot look into it", as_nobody(lambda: spy(process.pid)), "")
        control = subprocess.Popen(["sleep", "10"], **AS_OWNER)
        # Nor may it look into anything where the kernel allows that to parents only.
        spied = as_nobody(lambda: spy(control.pid))
        control.kill()
        control.wait()
        print("# into a process of its own: %s" % (spied or "nothing"))
        self.point("and could look into another", "" if "mem" in spied else "nothing: %r" % spied)
        self.equal("nor read the key", as_nobody(lambda: "" if not read(self.place.directory + "/key") else "read"), "")
        found = self.seen(process)
        self.vendor.release.set()
        said = process.communicate()[0].decode()
        self.equal("started by root it repairs, and warns of nothing", (process.returncode, found, "rest_usersig_file" in said),
                   (0, [], False), said)
        programs = self.place.directory + "/programs"
        os.mkdir(programs, 0o755)
        os.chmod(programs, 0o755)
        write(programs + "/msgext-ship", "#!/bin/sh\necho home $HOME >&2\nexit 1\n", 0o755)
        said = self.place.repair("--from", "service=x", env={**os.environ, "PATH": programs + ":" + os.environ["PATH"]}, **root)[1]
        self.point("msgext-ship has the owner's home", "" if "home %s\n" % pwd.getpwuid(NOBODY).pw_dir in said else said)
        own(self.place.directory + "/key")
        self.expect("started by root, a key that is another's is refused", 78, 0, **root)
        os.chown(self.place.directory + "/key", 0, 0)
        own(self.place.repair_config)
        self.expect("so is another's configuration", 78, 0, **root)
        os.chown(self.place.repair_config, 0, 0)
        self.gap()
        for path in (self.place.data, self.place.data + "/g.jsonl"):
            os.chown(path, 0, 0)
        self.vendor.forget()
        status, said = self.place.repair("--once", **root)
        self.point("logs that are root's are refused", "" if status in (77, 78) and not self.vendor.calls else "%s: %s" % (status, said))
        self.place.empty()
        own(self.place.directory + "/key")
        self.place.configure()

    def usersig(self):
        """A signature that was made elsewhere."""
        now = int(time.time())
        path = self.place.directory + "/usersig"
        self.place.configure(rest_key_file=None, rest_usersig_file=path)

        def signed(begin, expire, key=standin.KEY):
            write(path, standin.usersig_make(key, "administrator", standin.APP, begin, expire) + "\n")
        signed(now - 100, 90 * 86400)
        said = self.expect("a signature that was made elsewhere", 0, 1)
        self.point("no warning of the key then", said if "can read this key" in said else "")
        signed(now - 100, 3600)
        said = self.expect("its end is told a day before", 0, 1)
        self.point("with the time", "" if time.strftime("%Y-%m-%d", time.gmtime(now + 3500)) in said else said)
        for expire in (2 ** 53 - 1, 2 ** 62):
            signed(now - 100, expire)
            status, calls, said = self.run()
            self.point("one that ends never, %d" % expire, "" if status in (0, 78) and "runtime error" not in said else "%s: %s" % (status, said))
        signed(now - 3600, 3000)
        self.expect("one that has ended is not tried", 78, 0)
        signed(now, 600, "another")
        self.expect("a wrong one is tried once", 78, 1, "70009")
        for what, text in (("none", ""), ("garbage", "\x01\x02"), ("two lines", "a\nb\n"), ("a quote", "a\"\nurl = \"x"),
                           ("a long one", "a" * 100000)):
            write(path, text)
            status, calls, said = self.run()
            self.point("a signature that is none is refused: %s" % what,
                       "" if status == 78 and calls <= 1 and "\x01" not in said else "%s: %s" % (status, said))
        os.remove(path)
        self.expect("a signature's file that is missing", 78, 0)
        self.place.configure()

    def replaced(self):
        """Whoever renews a certificate or a signature puts a new file in its place."""
        path = self.place.directory + "/signatures/usersig"
        os.mkdir(self.place.directory + "/signatures", 0o700)
        own(self.place.directory + "/signatures")

        def renew():
            for name, text in ((path, standin.usersig_make(standin.KEY, "administrator", standin.APP, int(time.time()), 600)),
                               (self.place.directory + "/vendor/ca.pem", read(self.place.directory + "/vendor/ca.pem").decode())):
                write(name + ".new", text, 0o644 if name.endswith(".pem") else 0o600)
                os.rename(name + ".new", name)
        renew()
        self.place.configure(rest_key_file=None, rest_usersig_file=path)
        self.gap()
        self.vendor.forget()
        process = self.place.start("--every", "1s")
        closed = [bool(await_true(lambda: not self.place.ctl("gaps")[0], 15))]
        renew()
        events = [self.vendor.event("h", 1, 1, [("k%d" % version, "v")]) for version in range(3)]
        self.place.log([events[0], events[2]], "h")
        closed.append(bool(await_true(lambda: not self.place.ctl("gaps")[0], 15)))
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0].decode()
        self.equal("--every reads what was put in a file's place", (closed, process.returncode), ([True, True], 0), said[-1500:])

    def links(self):
        """Whoever renews a certificate may keep the files elsewhere."""
        for name in ("links", "elsewhere"):
            os.mkdir(self.place.directory + "/" + name, 0o755)
            os.chmod(self.place.directory + "/" + name, 0o755)
        for name, text, mode in (("usersig", standin.usersig_make(standin.KEY, "administrator", standin.APP, int(time.time()), 600), 0o600),
                                 ("ca.pem", read(self.place.directory + "/vendor/ca.pem").decode(), 0o644)):
            write("%s/elsewhere/%s" % (self.place.directory, name), text, mode)
            os.symlink("../elsewhere/" + name, "%s/links/%s" % (self.place.directory, name))
        self.place.configure(rest_key_file=None, rest_usersig_file=self.place.directory + "/links/usersig",
                             ca_file=self.place.directory + "/links/ca.pem")
        self.expect("a signature and certificates that links lead to", 0, 1)
        self.place.configure()

    def configurations(self):
        wrong = []
        for changed in ({"rest_domain": None}, {"sdk_app_id": None}, {"data_dir": None}, {"rest_key_file": None},
                        {"rest_usersig_file": "/x"}, {"rest_domain": "http://localhost"}, {"rest_domain": "localhost:1/x"},
                        {"rest_domain": "a\"b"}, {"rest_domain": "-K"}, {"rest_domain": "localhost:0x1"}, {"rest_domain": "a b"},
                        {"rest_domain": "localhost:99999"}, {"rest_domain": "a@localhost"}, {"rest_domain": "localhost:"},
                        {"sdk_app_id": "any"}, {"sdk_app_id": "-1"}, {"rate": "0"}, {"rate": "201"}, {"rate": "1.5"},
                        {"rest_admin": "a\tb"}, {"rest_admin": ""}, {"rest_admin": "x" * 101}, {"ca_file": "relative.pem"},
                        {"ca_file": "/nonexistent"}, {"token": "xxxxyyyy"}, {"password": "secret-secret"}, {"unknown": "1"}):
            self.place.configure(**changed)
            status, calls, said = self.run()
            name = list(changed)[0]
            # What curl cannot read it tells itself.
            expected = (69,) if changed == {"ca_file": "/nonexistent"} else (66, 78)
            if status not in expected or calls or (name not in said and expected != (69,)) or "secret-secret" in said:
                wrong.append("%s: exits with %s: %s" % (changed, status, said))
        self.point("what a configuration may not say is refused, by name", wrong)
        wrong = []
        for key in ("", "two\nlines\n", "\0\n", "x" * 10000):
            write(self.place.directory + "/key", key)
            self.place.configure()
            status, calls, said = self.run()
            if status != 78 or calls:
                wrong.append("%.20r: exits with %s after %d calls: %s" % (key, status, calls, said))
        write(self.place.directory + "/key", standin.KEY + "\n")
        self.point("a key's file that has none is refused", wrong)
        self.place.configure(rate=200)

    def others(self):
        """Whose rest_* is not."""
        wrong = []
        for key in ("rest_domain", "rest_admin", "rest_key_file", "rest_usersig_file", "rate", "ca_file"):
            for program, path, words, variable in (
                    ("msgextctl", "msgext.conf", ["groups"], "MSGEXT_CONFIG"), ("msgext", "msgext.conf", [], "MSGEXT_CONFIG"),
                    ("msgext-view", "view.conf", [], "MSGEXT_VIEW_CONFIG")):
                if not os.path.exists(BUILD + program):
                    continue
                config = self.place.directory + "/foreign.conf"
                write(config, "data_dir = %s\nsdk_app_id = 1\n%s = 5bd2850f\n" % (self.place.data, key) if path == "msgext.conf" else
                      "data_dir = %s\npassword = hundred-and-one\nlink_key = %s\n%s = 5bd2850f\n" % (self.place.data, "k" * 40, key))
                done = subprocess.run([BUILD + program, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                      stderr=subprocess.PIPE, check=False, timeout=20, **AS_OWNER, env={
                                          "PATH": os.environ["PATH"], variable: config, "GATEWAY_INTERFACE": "CGI/1.1",
                                          "REQUEST_METHOD": "GET", "QUERY_STRING": ""} if not words else {variable: config})
                said = done.stderr.decode()
                if "repair.conf" not in said or "5bd2850f" in said or key not in said:
                    wrong.append("%s, %s: %s" % (program, key, said))
        self.point("other programs refuse its keys, and say where they belong", wrong)

    def admins(self):
        """An account goes through the query and curl's quotes."""
        wrong = []
        for admin in ("a\"b\\c/\u00e9\u4e2d", "a b&c=d#e%41+f?", "[x]{1-3}", "\\n\\\"'`$(id)", "x" * 100):
            self.vendor.admin = admin
            self.place.configure(rest_admin=admin)
            status, calls, said = self.run()
            if (status, calls) != (0, 1):
                wrong.append("%s: exits with %s after %d calls: %s %s" % (admin, status, calls, said, self.vendor.calls))
        self.vendor.admin = "administrator"
        self.place.configure()
        self.point("an account of any characters", wrong)

    def alone(self):
        """One repairer at a time; what ends it."""
        process = self.stalled()
        status, said = self.place.repair("--once")
        self.vendor.release.set()
        process.communicate()
        self.equal("a second one ends at once", (status, process.returncode), (75, 0), said)
        process = self.stalled()
        process.send_signal(signal.SIGTERM)
        self.vendor.release.set()
        said = process.communicate()[0].decode()
        self.point("SIGTERM lets it end what is under way", "" if process.returncode in (0, 75) and not self.place.ctl("gaps")[0]
                   else "%s: %s %s" % (process.returncode, said, self.place.ctl("gaps")))
        process = self.stalled()
        below = children(process.pid)[1:]
        process.kill()
        process.communicate()
        self.point("what it started ends with it", "" if below and await_true(lambda: not any(
            os.path.exists("/proc/%d" % pid) and b"State:\tZ" not in read("/proc/%d/status" % pid) for pid in below), 15) else
            "%s" % [read("/proc/%d/cmdline" % pid) for pid in below])
        self.vendor.forget()
        self.equal("and the next one goes on", self.place.repair_next("--once")[0], 0)
        self.gap()
        process = self.place.start("--every", "1h")
        await_true(lambda: not self.place.ctl("gaps")[0])
        process.send_signal(signal.SIGTERM)
        said = process.communicate()[0].decode()
        self.equal("--every goes on until it is told to end", process.returncode, 0, said)
        found = [name for name in os.listdir(self.place.data) if name not in ("g.jsonl", ".repair-state", ".repair-lock")]
        modes = {name: stat.S_IMODE(os.stat(self.place.data + "/" + name).st_mode) for name in os.listdir(self.place.data)}
        self.equal("nothing else is left in the directory", (found, set(modes.values())), ([], {0o600}))


def main(directory):
    os.umask(0o077)
    os.makedirs(directory + "/vendor")
    standin.certificates_make(directory + "/vendor")
    # Each in a place of its own.
    trials = [Trial("%s/%d" % (directory, number)) for number in range(12)]
    works = (Trial.secrets, Trial.wishes, Trial.another_name, Trial.owner, Trial.root, Trial.usersig, Trial.replaced, Trial.links,
             Trial.configurations, Trial.others, Trial.admins, Trial.alone)
    status = at_once([functools.partial(work, trial) for work, trial in zip(works, trials)])
    for trial in trials:
        trial.place.stop()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
