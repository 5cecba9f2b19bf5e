"""shots.py SCRATCH DIRECTORY [all] - pictures of the viewer's pages: of a message, of the groups and of a shared result,
light, dark, and on a phone.  all: every page, narrow and wide, with forced colours and as it is printed, to be
looked at.
"""

import os
import sys
import time

import data
import pages
from browser import Browser


def pictures(viewer, browser, directory):
    """Those of the README."""
    # It is afternoon there.
    zone = (16 - time.gmtime().tm_hour + 11) % 24 - 11
    keys = ("timezone = %+03d:00" % zone, "password = " + pages.PASSWORD, "link_key = " + pages.LINK_KEY)
    pages.config_write(viewer.config, viewer.data, *keys)
    base = viewer.gateway.url + "view"
    for name, query, session in (("message", pages.query(**pages.POLL), True), ("groups", "", True), ("shared", viewer.share(t=pages.TITLE, w=1), False)):
        browser.cookie(base, viewer.session if session else None)
        for kind, width, height, scale, scheme in (("light", 800, 600, 1, "light"), ("dark", 800, 600, 1, "dark"), ("phone", 360, 640, 1, "light")):
            browser.size(width, height, scale=scale, mobile=kind == "phone")
            browser.media(prefers_color_scheme=scheme)
            browser.load(base + query)
            browser.picture(os.path.join(directory, "view-%s-%s.png" % (name, kind)))


def everything(viewer, browser, directory):
    """To be looked at."""
    every = pages.all_pages(viewer)
    for language in pages.LANGUAGES:
        every += list(pages.translated(every, language))
    for name, address, _status, signed_in in every:
        browser.cookie(viewer.gateway.url, viewer.session if signed_in else None)
        for kind, width, features in (("360", 360, {"prefers_color_scheme": "light"}), ("1280", 1280, {"prefers_color_scheme": "dark"}),
                                      ("forced", 800, {"forced_colors": "active", "prefers_color_scheme": "dark"}), ("print", 700, {"kind": "print"})):
            if kind in ("forced", "print") and name not in ("message", "groups", "shared result, names", "sign-in", "made link", "self-test"):
                continue
            browser.size(width, 740, mobile=width == 360)
            browser.media(**features)
            browser.load(viewer.gateway.url + address)
            browser.picture(os.path.join(directory, "%s.%s.png" % (name.replace(" ", "-").replace(",", ""), kind)), whole=True)


def main():
    """The pictures."""
    scratch, directory = sys.argv[1:3]
    os.makedirs(directory, exist_ok=True)
    os.makedirs(os.path.join(scratch, "viewer"))
    program, receiver = pages.programs()
    whole = len(sys.argv) > 3
    viewer = pages.Viewer(program, receiver, os.path.join(scratch, "viewer"), time.time(), None if whole else data.PLAIN)
    browser = Browser(os.path.join(scratch, "profile"))
    try:
        (everything if whole else pictures)(viewer, browser, directory)
    finally:
        browser.close()
        viewer.close()


main()
