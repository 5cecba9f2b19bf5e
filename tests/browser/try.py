"""try.py SCRATCH short|long - the viewer's pages in a browser: view-browser.t and long-browser.t.

short: what differs most, in English.  long: every page, the most important ones in all languages too, and every
link that a page has.
"""

import html
import os
import re
import sys
import time
import urllib.parse

import keyboard
import pages
import refresh
import texts
from browser import Browser
from check import pages_try_both
from tap import done, note, ok, same

SHORT = ["sign-in, wrong", "sign-in, busy", "sign-in, not encrypted", "refused, insecure", "refused, no configuration", "shared result", "shared result, hostile",
         "shared result, names", "link not complete", "link expired", "error 405", "groups, found", "groups, nothing found", "groups, titled", "groups, beyond",
         "empty", "group", "group, hostile", "message, past", "message, found", "message, nothing found", "message, an answer", "message, small", "message, sign-up", "message, twice",
         "message, log", "message, all cleared", "message, cleared", "message, hostile", "message, long", "message, refreshing", "made link", "recent", "self-test", "error 400",
         "error 404, message", "error 500", "message, wide", "message, wide search", "groups, wide title", "shared result, wide", "message, zh-CN", "shared result, names, ja", "groups, ko", "self-test, zh-CN"]


def try_pages(viewer, chosen):
    """axe-core, the policy, widths: one test point a page and width."""
    results = pages_try_both(viewer.gateway.url, chosen, viewer.session)
    rules = 0
    for name, _address, _status, _signed_in in chosen:
        for phone in (True, False):
            problems, passes = results[name, phone]
            rules += passes
            ok(not problems, "%s, %s" % (name, "360 light" if phone else "1280 dark"), "\n".join(problems))
    note("%d pages, %d runs, %d rules passed" % (len(chosen), len(results), rules))


def try_answers(viewer, chosen):
    """Statuses and headers of all pages, as they are sent; returns the pages' texts."""
    wrong, bodies = [], {}
    for name, address, status, signed_in in chosen:
        answer = viewer.gateway.ask(address, cookie=viewer.session if signed_in else None)
        bodies[name] = answer.text()
        if status and answer.status != status:
            wrong.append("%s: %d, not %d (%s)" % (name, answer.status, status, address))
        if len(answer.body) > 1 << 20:
            wrong.append("%s: %d bytes" % (name, len(answer.body)))
        for header, value in (("Content-Security-Policy", "default-src 'none'"), ("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"),
                              ("X-Robots-Tag", "noindex"), ("Cache-Control", "no-"), ("Content-Type", "text/html; charset=utf-8")):
            if value.lower() not in (answer.header(header) or "").lower():
                wrong.append("%s: %s: %s" % (name, header, answer.header(header)))
    ok(not wrong, "%d pages have their status and headers" % len(chosen), "\n".join(wrong))
    return bodies


def try_links(viewer, chosen, bodies):
    """Every link of every page leads somewhere."""
    seen, wrong = {}, []
    for name, address, _status, signed_in in chosen:
        base = "kept" if address.startswith("kept/") else re.split("[?]", address)[0]
        if base not in ("view", "empty", "named", "wide"):
            continue
        for link in re.findall(r'<a [^>]*href="([^"]*)"', bodies[name]):
            link = html.unescape(link)
            if link == "?":
                link = base  # which urljoin does not know
            target = urllib.parse.urljoin("/" + address, link).partition("#")[0].lstrip("/")
            if (target, signed_in) not in seen:
                answer = viewer.gateway.ask(target, cookie=viewer.session if signed_in else None)
                seen[target, signed_in] = answer.status
                if answer.status not in (200, 304) and not name.startswith(("sign-in", "link", "shared result, hostile")):
                    wrong.append("%s: %s answers %d" % (name, target, answer.status))
            if not signed_in and name.startswith("shared") and "&s=" not in link and "?s=" not in link and not link.startswith("#"):
                wrong.append("%s has a link out of itself: %s" % (name, link))
    ok(not wrong, "%d links of theirs lead somewhere" % len(seen), "\n".join(wrong[:20]))


def main():
    """All of it."""
    scratch, length = sys.argv[1], sys.argv[2]
    program, receiver = pages.programs()
    now = time.time()
    viewer = pages.Viewer(program, receiver, os.path.join(scratch, "viewer"), now)
    ok(viewer.session, "a session")
    every = pages.all_pages(viewer)
    for language in pages.LANGUAGES:
        every += list(pages.translated(every, language))
    names = [name for name, *_rest in every]
    same([name for name in SHORT if name not in names], [], "no page's name is mistaken")
    bodies = try_answers(viewer, every)
    if length == "long":
        try_links(viewer, every, bodies)
    try_pages(viewer, [page for page in every if (page[0] in SHORT) == (length == "short")])
    browser = Browser(os.path.join(scratch, "profile"))
    try:
        if length == "short":
            texts.texts(browser, viewer)
            keyboard.keyboard(browser, viewer.gateway.url + "view", viewer.session, viewer.share(t=pages.TITLE, w=1))
            refresh.refresh(browser, viewer, receiver, now)
        else:
            texts.random_texts(browser, viewer, receiver, int(os.environ.get("MSGEXT_SEED", time.time())), 20)
    finally:
        browser.close()
    viewer.close()
    done()


main()
