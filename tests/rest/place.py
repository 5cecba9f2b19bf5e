"""place.py - where msgext-repair is tried: a directory with a stand-in for the vendor, a receiver and logs.

What is run is a stranger's where the test is root's: msgext-repair is nothing that root may stay.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
import traceback

import standin

TOP = os.environ.get("MSGEXT_TOP") or os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BUILD = TOP + "/build/"
NOBODY = 65534
AS_OWNER = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.getuid() == 0 else {}


def await_true(condition, seconds=30):
    """What the condition gives, as soon as that is true."""
    end = time.monotonic() + seconds
    while True:
        result = condition()
        if result or time.monotonic() > end:
            return result
        time.sleep(0.005)


def write(path, text, mode=0o600):
    """Of the owner, as all is."""
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)
    os.chmod(path, mode)
    own(path)


def own(path):
    if AS_OWNER:
        os.chown(path, NOBODY, NOBODY)


class Place:
    def __init__(self, directory, admin="administrator", sync="no"):
        self.directory, self.data = directory, directory + "/data"
        os.makedirs(directory, exist_ok=True)
        os.chmod(directory, 0o755)
        self.config, self.repair_config = directory + "/msgext.conf", directory + "/repair.conf"
        os.makedirs(directory + "/vendor", mode=0o755, exist_ok=True)
        # One authority for all places of a test.
        for name in ("ca.pem", "server.pem", "server.key"):
            if os.path.exists("%s/../vendor/%s" % (directory, name)):
                shutil.copy("%s/../vendor/%s" % (directory, name), directory + "/vendor")
        self.vendor = standin.Standin(directory + "/vendor", admin)
        os.chmod(directory + "/vendor", 0o755)
        os.chmod(directory + "/vendor/ca.pem", 0o644)
        self.empty()
        write(self.config, "data_dir = %s\nsdk_app_id = %d\nsync = %s\n" % (self.data, standin.APP, sync))
        write(directory + "/key", standin.KEY + "\n")
        self.configure()
        self.workers = []

    def empty(self):
        """No logs."""
        shutil.rmtree(self.data, ignore_errors=True)
        os.mkdir(self.data, 0o700)
        own(self.data)

    def configure(self, **changed):
        """Writes repair.conf; a value None is left out."""
        values = {"data_dir": self.data, "sdk_app_id": standin.APP, "rest_domain": "localhost:%d" % self.vendor.port,
                  "rest_admin": self.vendor.admin, "rest_key_file": self.directory + "/key", "rate": 200,
                  "ca_file": self.directory + "/vendor/ca.pem", **changed}
        write(self.repair_config, "".join("%s = %s\n" % item for item in values.items() if item[1] is not None))

    def log(self, events, name="g"):
        """Lines as the receiver stores them."""
        lines = [json.dumps({"time": "2025-12-02T15:11:34.%03dZ" % (number % 1000), "SdkAppid": standin.APP, **event},
                            separators=(",", ":")) + "\n" for number, event in enumerate(events)]
        write("%s/%s.jsonl" % (self.data, name), "".join(lines))

    def command(self, *words):
        return [BUILD + "msgext-repair", "-c", self.repair_config, *words]

    def start(self, *words, **more):
        return subprocess.Popen(self.command(*words), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, **{**AS_OWNER, **more})

    def repair(self, *words, **more):
        """Exit status, and what was said."""
        process = self.start(*words, **more)
        try:
            said = process.communicate(timeout=60)[0].decode("utf-8", "backslashreplace")
        except subprocess.TimeoutExpired:
            process.kill()
            return "hangs", process.communicate()[0].decode("utf-8", "backslashreplace")
        return process.returncode, said

    def repair_next(self, *words):
        """Likewise, after one that was killed: for a moment its children may have its lock."""
        for _ in range(100):
            status, said = self.repair(*words)
            if status != 75 or "another msgext-repair" not in said:
                break
            time.sleep(0.05)
        return status, said

    def ctl(self, *words):
        """What msgextctl prints, its exit status, and what it says."""
        where = [] if words[0] == "--from" else ["-c", self.config]
        done = subprocess.run([BUILD + "msgextctl", *where, *words], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, **AS_OWNER)
        return done.stdout.decode(), done.returncode, done.stderr.decode()

    def state(self, group, number):
        text = self.ctl("show", group, str(number), "--json")[0]
        return json.loads(text) if text else None

    def receive(self, count):
        """Starts FastCGI workers; where they listen."""
        path = self.directory + "/workers.socket"
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(64)
        self.workers = [subprocess.Popen([BUILD + "msgext", "-c", self.config], stdin=listener, stdout=subprocess.DEVNULL,
                                         stderr=subprocess.DEVNULL, **AS_OWNER) for _ in range(count)]
        listener.close()
        return path

    def stop(self):
        for worker in self.workers:
            worker.kill()
            worker.wait()
        self.vendor.stop()


class Points:
    """Test points, as the shell's tests print them (lib.sh)."""
    count = failed = 0
    lock = threading.Lock()

    def point(self, name, wrong):
        """wrong: what is, as text or a list of it."""
        with Points.lock:
            Points.count += 1
            if not wrong:
                print("ok %d - %s" % (Points.count, name), flush=True)
                return
            Points.failed += 1
            text = wrong if isinstance(wrong, str) else "\n".join(wrong)
            print("not ok %d - %s" % (Points.count, name), flush=True)
            print(("# Failed test: %s\n%s" % (name, text[:4000])).replace("\n", "\n# "), file=sys.stderr, flush=True)
            if os.environ.get("MSGEXT_FIRST_FAILURE"):
                os._exit(1)

    def equal(self, name, got, expected, more=""):
        self.point(name, "" if got == expected else "got %.2000r\nexpected %.2000r\n%.1500s" % (got, expected, more))


def at_once(trials):
    """Runs functions, most of whose time is waiting, in threads; prints the plan: the exit status."""
    failures = []

    def run(trial):
        try:
            trial()
        except Exception:  # a thread's own would be lost
            failures.append(traceback.format_exc())
    threads = [threading.Thread(target=run, args=(trial,)) for trial in trials]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for failure in failures:
        print(failure, file=sys.stderr)
    if not failures:
        print("1..%d" % Points.count)
    return bool(failures or Points.failed)


def try_whole(trial):
    """Goes through a trial, and prints what failed; did anything?"""
    try:
        trial.go()
    finally:
        trial.place.stop()
    for failure in trial.failures[:10]:
        print(failure)
    return len(trial.failures) > 0
