"""tap.py - test points for the browser's tests; lib.sh numbers and counts them (points)."""

import os
import sys
import time

_failed = []
prefix = ""  # of what each point says


def ok(passed, what, why=""):
    """A test point; WHY it failed goes to standard error, which prove shows."""
    what = (prefix + what).replace("#", "\\#")
    print("%s - %s" % ("ok" if passed else "not ok", what), flush=True)
    if not passed:
        _failed.append(what)
        sys.stderr.write("".join("# %s\n" % line for line in ("Failed test: %s\n%s" % (what, str(why)[:4000])).splitlines()))
        if os.environ.get("MSGEXT_FIRST_FAILURE"):
            done()  # nobody wants to know the others
    return passed


def same(got, expected, what):
    """A test point: are both equal?"""
    return ok(got == expected, what, "     got: %.1500r\nexpected: %.1500r" % (got, expected))


def note(text):
    """Something that is neither right nor wrong."""
    print("# %s" % text, flush=True)


def done():
    """Ends the program."""
    sys.exit(1 if _failed else 0)


def wait_for(condition, what, seconds=30):
    """Asks until CONDITION gives something true, which is returned; a test point fails where it does not in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = condition()
        if value or time.monotonic() > deadline:
            if not value:
                ok(False, what, "not within %d s" % seconds)
            return value
        time.sleep(0.02)
