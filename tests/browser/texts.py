"""texts.py - what was stored is what a reader reads: hostile texts through the viewer, HTML and the browser's
document.  Only what the manual says is shown otherwise: controls, and what turns the direction of writing.
"""

import random
import re

import data
import pages
from tap import ok, same

PAIRS = """
return [...document.querySelectorAll('table.pairs tbody tr')].map(row => [row.querySelector('th'), row.querySelector('td')].map(
    cell => [...cell.querySelectorAll('bdi')].map(e => e.textContent).join('') || cell.textContent));
"""
HEADING = "return document.querySelector('h1 bdi, h1').textContent"


def shown(text):
    """How a text is shown."""
    result = ""
    for character in text:
        code = ord(character)
        if code < 32 and character not in "\t\n":
            character = chr(0x2400 + code)
        elif code == 127:
            character = "\u2421"
        elif 0x80 <= code < 0xa0 or 0x202a <= code <= 0x202e or 0x2066 <= code <= 0x2069:
            character = "\ufffd"
        result += character
    return result


def concealed(text):
    """What takes no room has its number where rows would look equal otherwise: a text without those."""
    return re.sub(r"U\+([0-9A-F]{4,6})", lambda match: shown(chr(int(match.group(1), 16))), text)


def texts(browser, viewer):
    """The round trips."""
    view = viewer.gateway.url + "view"
    browser.size(1280, 800)
    browser.cookie(view, viewer.session)
    browser.load(view + pages.query(g=data.POLL, m=15, part="pairs"))
    got = {key: value for key, value in browser.script(PAIRS)}
    expected = {shown(key): shown(value) for key, value in data.hostile_pairs()}
    wrong = ["%r: %r is %r" % (key, value, got.get(key)) for key, value in expected.items() if got.get(key) != value]
    wrong += ["%r was never sent" % key for key in got if key not in expected]
    ok(not wrong, "%d hostile keys and values are read as they were stored" % len(expected), "\n".join(wrong))

    wrong = []
    for group in ("<script>alert(1)</script>", "a/b c%d", ".."):
        browser.load(view + pages.query(g=group))
        if group not in browser.script("return document.querySelector('h1').textContent"):
            wrong.append("%r is %r" % (group, browser.script(HEADING)))
        if group not in browser.driver.title:
            wrong.append("%r is titled %r" % (group, browser.driver.title))
        browser.load(view)
        if browser.script("return [...document.querySelectorAll('th a')].filter(e => e.textContent === arguments[0]).length", group) != 1:
            wrong.append("%r is not among the groups" % group)
    ok(not wrong, "so are names of groups", "\n".join(wrong))

    wrong = []
    for text in (text for text in data.HOSTILE if len(text.encode()) <= 100):
        text = text.strip()
        browser.load(view + pages.query(q=text, **pages.POLL))
        value = browser.script("return document.querySelector('input[name=q]').value")
        if value != text.replace("\r", "").replace("\n", ""):
            wrong.append("%r is %r in the field" % (text, value))
    ok(not wrong, "so is what was searched for, in its field", "\n".join(wrong))

    wrong = []
    for text in data.HOSTILE[:6] + ["\u202egnp.exe", "שלום עולם: 10-20?", "\U0001f468\u200d\U0001f469\u200d\U0001f467 & co."]:
        browser.cookie(view, None)
        browser.load(view + viewer.share(t=text))
        if browser.script("return document.querySelector('h1').textContent") != shown(text):
            wrong.append("%r is %r" % (text, browser.script(HEADING)))
    ok(not wrong, "so are titles of shared results", "\n".join(wrong))
    same(browser.script("return typeof alert === 'function' && !window.hacked"), True, "nothing of it ran")


def random_texts(browser, viewer, receiver, seed, messages):
    """The same with random texts: 300 pairs a message."""
    source, wrong, count = random.Random(seed), [], 0
    view = viewer.gateway.url + "view"
    browser.cookie(view, viewer.session)
    for message in range(1, messages + 1):
        stored = {}
        while len(stored) < 300:
            stored[data.random_text(source, source.randint(1, 100)) or "x"] = data.random_text(source, source.choice([0, 1, 9, 100, 280]))
        pairs = list(stored.items())
        for at in range(0, 300, 20):
            data.event_send(receiver, viewer.data + ".conf", {
                "CallbackCommand": data.COMMAND, "GroupId": "random", "MsgSeq": message, "OperateType": 1, "Seq": at // 20 + 1, "EventTime": 1764688294360,
                "ExtensionList": [{"Key": key, "Value": value, "Seq": at // 20 + 1} for key, value in pairs[at:at + 20]]})
        browser.load(view + pages.query(g="random", m=message, part="pairs"))
        got = [tuple(map(concealed, row)) for row in browser.script(PAIRS)]
        expected = {(shown(key), shown(value)) for key, value in pairs}
        expected = {(key, value or "(empty)") for key, value in expected}
        count += len(got)
        wrong += ["message %d: %r" % (message, row) for row in got if row not in expected]
        wrong += ["message %d has %d rows" % (message, len(got))] if len(got) != 300 else []
        same(browser.script("return document.querySelectorAll('body *:not(header,nav,ul,li,a,main,p,h1,h2,span,table,caption,thead,tbody,tr,th,td,bdi,time,form,input,label,button,"
                            "footer,details,summary,svg,rect,path,s,select,option,div,b,strong,code,pre)').length"), 0, "message %d: no element that is not ours" % message)
    ok(not wrong, "%d random keys and values are read as they were stored (MSGEXT_SEED=%d)" % (count, seed), "\n".join(wrong[:20]))
