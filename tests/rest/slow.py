"""slow.py DIRECTORY - answers that come slowly or never: each call ends after 10 s, and is made once more."""
import os
import sys
import time

from codes import Trial
from place import at_once


def main(directory):
    os.umask(0o077)
    trial = Trial(directory)

    def go():
        for how, calls in (("stall:30", 2), ("drip", 2)):
            before = trial.gaps(1)
            trial.vendor.forget("* * * " + how)
            begin = time.monotonic()
            status, said = trial.place.repair("--once")
            took = time.monotonic() - begin
            trial.point("%s: %.0f s" % (how, took), "" if status in (1, 69) and len(trial.vendor.calls) == calls and 18 < took < 40 and
                        trial.log() == before else "ends with %s after %.1f s, %d calls: %s" % (
                            status, took, len(trial.vendor.calls), said))
        trial.gaps(6)
        trial.vendor.forget("g 3 1 stall:30")
        status, said = trial.place.repair("--once")
        trial.point("others are closed meanwhile", "" if status == 0 and not trial.whole() else said)
    status = at_once([go])
    trial.place.stop()
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
