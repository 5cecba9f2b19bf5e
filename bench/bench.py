#!/usr/bin/env python3
"""bench.py [SECTION...] - how fast msgext is, as ratios against references in the same run.

Run by `make bench`, which builds what is measured into build/bench.  Without a section: all of
them.  "quick" is spawn, a part of fastcgi and read, and instructions, in two minutes: for a before
and after.  ROUNDS (7; quick: 3) is how often each is measured; the rounds are interleaved.

Each section prints what it measured, then its rows: ratios with their spread and goal (goals.py).
The exit status is 1 where a goal is missed by more than the spread.  What a section needs must be
there: `sh setup.sh bench` installs it.

Every answer is checked by load.c, and after each run the lines are counted.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import time

sys.dont_write_bytecode = True
import durable
import goals
import instructions
import reader
import receiver
import ship
import view
from frame import QUICK

# Name: what measures it, and what that needs: commands, files, modules of Perl, and root.
SECTIONS = {
    "spawn": (receiver.spawn, ""),
    "cgi": (receiver.cgi, "root lighttpd apache2 webhook perl JSON::XS php-cgi flock"),
    "fastcgi": (receiver.fastcgi, "root nginx lighttpd /usr/sbin/php-fpm*"),
    "attack": (receiver.attack, "root nginx lighttpd apache2 spawn-fcgi perl"),
    "durable": (durable.durable, ""),
    "burst": (durable.burst, "root nginx apache2 /dev/fuse mkfs.ext4 mkfs.xfs mkfs.btrfs"),
    "instructions": (instructions.instructions, "valgrind"),
    "read": (reader.read, "perl rg"),
    "chosen": (reader.chosen, ""),
    "growth": (durable.growth, ""),
    "rotate": (durable.rotate, "root logrotate"),
    "ship": (ship.ship, "perl psql /usr/lib/postgresql/*/bin/initdb setpriv"),
    "view": (view.view, "perl lighttpd git fossil /usr/lib/cgit/cgit.cgi"),
}


def is_there(need):
    if need == "root":
        return os.getuid() == 0
    if need.startswith("/"):
        return bool(glob.glob(need))
    if "::" in need:
        return subprocess.run(["perl", "-M" + need, "-e1"], stderr=subprocess.DEVNULL, check=False).returncode == 0
    return shutil.which(need) is not None


def measure(names):
    """The exit status.  A section that breaks off does not take the others' rows along."""
    broken = []
    for name in names:
        started = time.monotonic()
        goals.begin(name)
        try:
            SECTIONS[name][0]()
            goals.show()
        except (Exception, SystemExit) as error:
            print("%s broke off: %s" % (name, error), flush=True)
            broken.append(name)
            goals.forget()
        print("%s took %.0f s\n" % (name, time.monotonic() - started), flush=True)
    status = goals.end(keep=not QUICK)
    if broken:
        print("broke off: " + " ".join(broken))
    return 1 if broken else status


def main():
    os.umask(0o022)
    # What was started ends with us.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    names = ["spawn", "fastcgi", "read", "instructions"] if QUICK else sys.argv[1:] or list(SECTIONS)
    for name in names:
        if name not in SECTIONS:
            sys.exit("bench.py: there is no %s; there is: quick %s" % (name, " ".join(SECTIONS)))
        missing = [need for need in SECTIONS[name][1].split() if not is_there(need)]
        if missing:
            sys.exit("bench.py: %s needs %s: as root, run sh setup.sh bench" % (name, ", ".join(missing)))
    if os.path.exists(goals.KEPT):
        os.unlink(goals.KEPT)
    return measure(names)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
