"""view-hostile.py MSGEXT MSGEXT_VIEW DIRECTORY - hostile texts, from an event to the pages.

The receiver takes events whose keys, values and group ids are all texts that are known to do harm;
the viewer's pages, read by libxml2, must show each of them, and hold no element, attribute or
address but those of pages.  No two rows may look equal.  DIRECTORY has msgext.conf and view.conf.
"""
import collections
import json
import os
import subprocess
import sys
import unicodedata
import urllib.parse

import pages

pages.ELEMENTS.update({
    "strong": set(), "ol": set(), "h2": {"id", "class"}, "div": {"class"}, "pre": set(), "caption": {"class"},
    "thead": set(), "br": set(), "time": {"datetime"}, "s": set(), "label": {"for", "class"}, "summary": set(),
    "details": set(), "select": {"id", "name"}, "option": {"value", "selected"},
    "svg": {"class", "aria-hidden", "focusable", "viewbox", "preserveaspectratio"},
    "rect": {"class", "width", "height", "rx", "x"}, "polyline": {"points", "vector-effect"},
})
for tag, attributes in {
        "table": {"class"}, "th": {"scope", "class"}, "td": {"class", "lang"}, "p": {"class", "id", "role"},
        "ul": {"class"}, "h1": set(), "form": {"class"}, "button": {"class"}, "span": {"aria-hidden"},
        "input": {"class", "id", "min", "max", "maxlength", "inputmode", "required", "readonly",
                  "checked", "aria-labelledby", "aria-describedby"}}.items():
    pages.ELEMENTS[tag] = pages.ELEMENTS[tag] | attributes

# What takes no room besides what Unicode calls a format.
UNSEEN = "\u034f\u115f\u1160\u3164\u17b4\u17b5\ufe0f\U000e0100"

EVENT = {"CallbackCommand": "Group.CallbackAfterGroupMsgExtension", "OperateType": 1, "EventTime": 1764688294360}


class Installation:
    def __init__(self, receiver, viewer, directory):
        self.receiver, self.viewer, self.directory = receiver, viewer, directory

    def store(self, group, message, texts):
        """Stores an event in which each text is a key, and its value the same."""
        pairs = [{"Key": text, "Value": text, "Seq": 1} for text in texts]
        event = dict(EVENT, GroupId=group, MsgSeq=message, ExtensionList=pairs, Seq=1)
        body = json.dumps(event).encode()
        answer = self.run(self.receiver, body, MSGEXT_CONFIG="msgext.conf", REQUEST_METHOD="POST",
                          CONTENT_LENGTH=str(len(body)), QUERY_STRING="SdkAppid=1400000000&CallbackCommand="
                          "Group.CallbackAfterGroupMsgExtension&contenttype=json")
        return b'"ActionStatus":"OK"' in answer

    def page(self, status, **query):
        """A page's tree; its elements, attributes and addresses are known."""
        answer = self.run(self.viewer, b"", MSGEXT_VIEW_CONFIG="view.conf", REQUEST_METHOD="GET",
                          REMOTE_USER="reader", AUTH_TYPE="Basic", HTTP_HOST="127.0.0.1", SCRIPT_NAME="/view",
                          QUERY_STRING=urllib.parse.urlencode(query))
        head, page = answer.split(b"\r\n\r\n", 1)
        assert head.startswith(b"Status: %d " % status), "%s: %s" % (query, head)
        return pages.parsed(page)

    def run(self, program, body, **variables):
        for name in ("MSGEXT_CONFIG", "MSGEXT_VIEW_CONFIG"):
            if name in variables:
                variables[name] = os.path.join(self.directory, variables[name])
        return subprocess.run([program], input=body, stdout=subprocess.PIPE, check=True,
                              env=dict(variables, GATEWAY_INTERFACE="CGI/1.1")).stdout


def seen(bdi):
    """A text as it is seen: what has a box, apart."""
    return (bdi.text or "",) + tuple((span.text, span.tail or "") for span in bdi)


def eyed(text):
    """A text without what no eye sees of it."""
    visible = "".join(" " if c in "\t\n" or (unicodedata.category(c) == "Zs" and c != "\u3000") else c
                      for c in text if unicodedata.category(c) not in ("Cf", "Zl", "Zp") and c not in UNSEEN)
    return visible


def look_of(bdi):
    """What an eye sees of a text; blanks at its end it does not see."""
    first, *boxes = seen(bdi)
    if not boxes:
        return (eyed(first).rstrip(" "),)
    return (eyed(first), *((box, eyed(tail)) for box, tail in boxes))


def whole(look):
    """The text that was shown so; a box is a character."""
    return look[0] + "".join(chr(int(box[2:], 16)) + tail for box, tail in look[1:])


def texts_check(tree, texts, place):
    """Each text is on the page, as itself or as what it is shown as; those of one look are one text."""
    looks = {seen(bdi) for bdi in tree.iter("bdi")}
    found = {whole(look) for look in looks}
    for text in texts:
        assert text in found or pages.shown(text) in found, "%s: %r is not there" % (place, text)
    keys = [look_of(row[0][0]) for row in tree.findall("body/main/table[@class='pairs']/tbody/tr") if len(row[0])]
    for key, count in collections.Counter(keys).items():
        assert count == 1, "%s: keys that look equal: %r" % (place, key)
    return len(keys)


def chunks(texts, size):
    return [texts[at:at + size] for at in range(0, len(texts), size)]


def main():
    installation = Installation(*sys.argv[1:4])
    texts = [text for text in pages.HOSTILE + [chr(point) for point in pages.CODE_POINTS] +
             ["a%sb" % chr(point) for point in pages.CODE_POINTS] if text != ""]
    texts = list(dict.fromkeys(texts))
    for number, chunk in enumerate(chunks(texts, 250)):
        assert installation.store("group", number, chunk)
        tree = installation.page(200, g="group", m=number, part="pairs")
        assert texts_check(tree, chunk, "pairs") == len(chunk)
        texts_check(installation.page(200, g="group", m=number, part="log"), chunk, "log")
        installation.page(200, g="group", m=number)
        installation.page(200, g="group", m=number, p="share", t="t", w=1, d=7)
    installation.page(200, g="group")
    installation.page(200, p="events")
    installation.page(200, p="check")
    groups = [text for text in pages.HOSTILE if text != "" and installation.store(text, 1, ["a"])]
    assert len(groups) > 40, "%d groups" % len(groups)
    texts_check(installation.page(200), groups, "groups")
    for group in groups[::5]:
        tree = installation.page(200, g=group)
        assert tree.findtext("body/main/h1/bdi") == pages.shown(group)
        assert pages.shown(group) in tree.findtext("head/title")
        tree = installation.page(200, g=group, m=1, q=group)
        assert tree.find(".//input[@name='q']").get("value") == group
        installation.page(404, g=group, m=2)
        installation.page(400, g=group, m=group)
    print("%d texts and %d groups" % (len(texts), len(groups)))


main()
