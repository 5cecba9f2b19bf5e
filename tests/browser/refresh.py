"""refresh.py - a page that refreshes itself goes on when nothing has changed (304), and shows what has."""

import pages
import data
from tap import ok, wait_for

ANSWERS = "return (document.querySelector('h2.res') || {}).textContent || ''"


def refresh(browser, viewer, receiver, now):
    """A second in place of 30: it is the browser that is asked."""
    gateway, view = viewer.gateway, viewer.gateway.url + "view"
    message = {"g": "book-club", "m": 3}
    browser.size(1280, 800)
    browser.cookie(view, viewer.session)
    gateway.refresh = 1
    del gateway.seen[:]
    browser.load(view + pages.query(r=30, **message))

    def unchanged():
        return [entry for entry in gateway.seen if entry[1] == 304]

    ok(wait_for(lambda: len(unchanged()) >= 3, "it refreshes over 304s"), "a page goes on refreshing over 304s: %s" % [entry[1] for entry in gateway.seen])
    ok("23 answers" in browser.script(ANSWERS), "and still shows its result", browser.script(ANSWERS))
    event = {"CallbackCommand": data.COMMAND, "GroupId": "book-club", "MsgSeq": 3, "OperateType": 1, "Seq": 32, "EventTime": int(now * 1000),
             "ExtensionList": [{"Key": "late", "Value": "Piranesi", "Seq": 32}]}
    data.event_send(receiver, viewer.data + ".conf", event)
    wait_for(lambda: "24 answers" in browser.script(ANSWERS), "a new answer appears by itself")
    ok(True, "a new answer appears by itself")
    gateway.refresh = None
    browser.load("about:blank")
