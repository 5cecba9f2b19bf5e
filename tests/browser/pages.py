"""pages.py - every page that the viewer has: a name, and where it is; and a viewer to ask for them."""

import contextlib
import fcntl
import html
import os
import re
import shutil
import urllib.parse

import data
import gateway

PASSWORD = "correct horse battery staple"
LINK_KEY = "0123456789abcdef0123456789abcdef"
LANGUAGES = ["zh-CN", "ja", "ko"]
TITLE = "Friday dinner: what shall we eat?"


def query(**parameters):
    """A query: "?g=...", names with a final _ without it."""
    return "?" + urllib.parse.urlencode({name.rstrip("_"): value for name, value in parameters.items()}, quote_via=urllib.parse.quote)


POLL = {"g": data.POLL, "m": 10}


def config_write(path, data_dir, *lines):
    """A configuration of the viewer."""
    with open(path, "w", encoding="utf-8") as file:
        file.write("data_dir = %s\n" % data_dir + "".join(line + "\n" for line in lines))
    os.chmod(path, 0o600)
    return path


def link_in(page):
    """The signed link that a page shows."""
    return html.unescape(re.search(r'value="(https?://[^"]*[?&]g=[^"]*)"', page).group(1)).partition("?")[2]


class Viewer:
    """The viewer behind a gateway: as "view", and with other configurations, each of which has a page of its own."""

    def __init__(self, program, receiver, scratch, now, chosen=None):
        self.data = os.path.join(scratch, "data")
        data.demo_write(receiver, self.data, now, chosen)
        if chosen is None:
            with open(os.path.join(self.data, "office-lunch.jsonl"), "ab") as file:
                file.write(b'{"time":"2026-11-20T00:00:00.000Z", nothing that can be read}\n')
            os.mkdir(os.path.join(self.data, "no-file.jsonl"))
        empty = os.path.join(scratch, "empty")
        os.makedirs(empty, mode=0o700)
        keys = ("password = " + PASSWORD, "link_key = " + LINK_KEY, "timezone = +08:00")
        self.config = config_write(os.path.join(scratch, "view.conf"), self.data, *keys)
        self.configs = {
            "view": self.config,
            "empty": config_write(os.path.join(scratch, "empty.conf"), empty, *keys),
            "gone": config_write(os.path.join(scratch, "gone.conf"), os.path.join(scratch, "no-such-directory"), *keys),
            "open": config_write(os.path.join(scratch, "open.conf"), self.data, "password = short"),
            "none": os.path.join(scratch, "no-such-file.conf"),
            "plain": config_write(os.path.join(scratch, "plain.conf"), self.data, "https = required", *keys),
            "wide": config_write(os.path.join(scratch, "wide.conf"), self.data, "title = " + "W" * 80, *keys),
            "named": config_write(os.path.join(scratch, "named.conf"), self.data, "title = <b>Polls</b> & \"lists\" 投票", *keys),
        }
        self.gateway = gateway.Gateway({name: (program, {"MSGEXT_VIEW_CONFIG": path}) for name, path in self.configs.items()})
        self.session = self.sign_in("view")

    def sign_in(self, name, password=PASSWORD):
        """A session: what a browser sends back; None where there is none."""
        answer = self.gateway.ask(name, "POST", form={"p": "in", "password": password})
        cookie = answer.header("Set-Cookie")
        return cookie.split(";")[0] if cookie else None

    def page(self, address, **options):
        """A page's text."""
        return self.gateway.ask(address, cookie=self.session, **options).text()

    def share(self, **options):
        """The query of a signed link to a result."""
        return "?" + link_in(self.page("view" + query(p="share", **{"d": 7, **POLL, **options})))

    @contextlib.contextmanager
    def busy(self):
        """Somebody tries a password."""
        with open(self.config, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield

    def close(self):
        """Ends it."""
        self.gateway.close()


def pages_posted(viewer):
    """Pages that answer something else than GET, kept."""
    ask, keep = viewer.gateway.ask, viewer.gateway.keep
    wrong = {"p": "in", "password": "not the password", "to": query(**POLL)[1:]}
    with viewer.busy():
        busy = ask("view", "POST", form=wrong)
    return [
        ("sign-in, wrong", keep(ask("view", "POST", form=wrong)), 403),
        ("sign-in, busy", keep(busy), 429),
        ("sign-in, unknown post", keep(ask("view", "POST", form={"p": "else"})), None),
        ("error 405", keep(ask("view", "PUT", form={})), 405),
    ]


def pages_signed_out(viewer):
    """Pages without a session."""
    shared = viewer.share(t=TITLE)
    named = viewer.share(t=TITLE, w=1)
    expiry = re.search("e=([0-9]+)", shared).group(1)
    pages = [
        ("sign-in", "view", 403),
        ("sign-in, to a message", "view" + query(**POLL), 403),
        ("sign-in, not encrypted", "plain", 403),
        ("sign-in, titled", "named", 403),
        ("refused, insecure", "open", 503),
        ("refused, no configuration", "none", None),
        ("shared result", "view" + shared, 200),
        ("shared result from a chat", "view" + shared + "&from=singlemessage&isappinstalled=0", 200),
        ("shared result, names", "view" + named, 200),
        ("shared result, refreshing", "view" + shared + "&r=30", 200),
        ("shared result, hostile", "view" + viewer.share(m=15, t=data.HOSTILE[1], w=1), 200),
        ("shared result, cleared", "view" + viewer.share(m=18), 200),
        ("shared result, sign-up", "view" + viewer.share(g="marathon-2026", m=1, w=1), 200),
        ("shared result, long", "view" + viewer.share(g="office-lunch", m=1, w=1), 200),
        ("shared result, wide", "view" + viewer.share(g=data.WIDE, m=1, t="W" * 100, w=1), 200),
        ("link not complete", "view" + shared.replace("s=", "s=A"), 403),
        ("link cut", "view" + shared[:shared.index("s=") + 20], None),
        ("link expired", "view" + link_expired(shared), 410),
        ("link of a changed expiry", "view" + shared.replace(expiry, str(int(expiry) + 1)), 403),
        ("link download refused", "view" + shared + "&f=csv", 403),
        ("refused, shared result", "gone" + shared, 503),
    ]
    return [(name, address, status) for name, address, status in pages if address]


def link_expired(shared):
    """The query of a link that was made, and has expired: signed here as link.c does it."""
    import base64
    import hashlib
    import hmac
    values = dict(urllib.parse.parse_qsl(shared[1:]))
    values["e"] = "1700000000"
    text = b"msgext-view link 1\n"
    for name in ("g", "m", "t", "w", "e"):
        value = values.get(name, "").encode()
        text += b"%d:%s\n" % (len(value), value)
    text += b"1:0\n"
    values["s"] = base64.urlsafe_b64encode(hmac.new(LINK_KEY.encode(), text, hashlib.sha256).digest()).decode().rstrip("=")
    return query(**values)


def pages_signed_in(viewer):
    """Pages with a session."""
    def view(**parameters):
        return "view" + query(**parameters)

    answer = re.search(r"[?&](?:amp;)?a=([0-9a-f]{16})", viewer.page(view(**POLL)))
    pages = [
        ("groups", "view", 200), ("groups, found", view(q="club"), 200), ("groups, nothing found", view(q="zzz"), 200),
        ("groups, more", view(o=100), 200), ("groups, beyond", view(o=900), 200), ("groups, hostile search", view(q=data.HOSTILE[1][:90]), 200),
        ("empty", "empty", 200), ("groups, titled", "named", 200),
        ("group", view(g=data.POLL), 200), ("group, topic", view(g=data.TOPIC), 200), ("group, topic, more", view(g=data.TOPIC, o=50), 200),
        ("group, all", view(g=data.POLL, all=1), 200), ("group, hostile", view(g="<script>alert(1)</script>"), 200),
        ("message", view(**POLL), 200), ("message, refreshing", view(r=30, **POLL), 200), ("message, found", view(q="vera", **POLL), 200),
        ("message, nothing found", view(q="nobody at all", **POLL), 200), ("message, hostile search", view(q=data.HOSTILE[0][:60], **POLL), 200),
        ("message, an answer", view(a=answer.group(1) if answer else "0" * 16, **POLL), 200), ("message, no such answer", view(a="0" * 16, **POLL), 200),
        ("message, past", view(v=223, **POLL), 200), ("message, past in a gap", view(v=303, **POLL), 200), ("message, past beyond", view(v=9999, **POLL), 200),
        ("message, tally", view(part="tally", **POLL), 200), ("message, pairs", view(part="pairs", **POLL), 200), ("message, log", view(part="log", **POLL), 200),
        ("message, log, more", view(part="log", o=300, **POLL), 200), ("message, pairs beyond", view(part="pairs", o=600, **POLL), 200),
        ("message, small", view(g="book-club", m=4), 200), ("message, sign-up", view(g="marathon-2026", m=1), 200), ("message, tally of a sign-up", view(g="marathon-2026", m=1, part="tally"), 200),
        ("message, cleared", view(g=data.POLL, m=17), 200), ("message, all cleared", view(g=data.POLL, m=18), 200),
        ("message, hostile", view(g=data.POLL, m=15), 200), ("message, hostile pairs", view(g=data.POLL, m=15, part="pairs"), 200), ("message, hostile log", view(g=data.POLL, m=15, part="log"), 200),
        ("message, hostile tally", view(g=data.POLL, m=15, part="tally"), 200),
        ("message, long", view(g="office-lunch", m=1), 200), ("message, twice", view(g="class-7b-parents", m=8), 200), ("message, 300 pairs", view(g="large", m=2**53, part="pairs"), 200),
        ("make a link", view(p="share", **POLL), 200), ("made link", view(p="share", d=7, t=TITLE, **POLL), 200), ("made link, names", view(p="share", d=1, w=1, **POLL), 200),
        ("made link, hostile", view(p="share", d=30, t=data.HOSTILE[1], g="<script>alert(1)</script>", m=1), 200),
        ("recent", view(p="events"), 200), ("recent, refreshing", view(p="events", r=60), 200), ("self-test", view(p="check"), 200),
        ("recent, empty", "empty" + query(p="events"), 200), ("self-test, empty", "empty" + query(p="check"), 200), ("self-test, gone", "gone" + query(p="check"), None),
        ("error 400", view(g=data.POLL, m="x<y>"), 400), ("error 400, twice", "view?m=1&m=2", 400), ("error 404, group", view(g="no such group"), 404),
        ("error 404, message", view(g=data.POLL, m=404), 404), ("error 500", view(g="no-file", m=1), 500), ("refused, data directory gone", "gone", 503),
    ]
    pages += [
        ("group, wide", view(g=data.WIDE), 200), ("message, wide", view(g=data.WIDE, m=1), 200), ("made link, wide", view(p="share", g=data.WIDE, m=1, d=7, t="W" * 100), 200),
        ("message, wide search", view(q="W" * 100, **POLL), 200), ("groups, wide search", view(q="W" * 100), 200), ("groups, wide title", "wide", 200),
        ("error 404, wide", view(g="W" * 256), 404), ("error 400, wide", view(g="a", m="W" * 300), 400),
    ]
    older = re.search(r'href="([^"]*[?&](?:amp;)?o=[0-9]+\.[0-9]+[^"]*)"', viewer.page(view(p="events")))
    if older:
        pages.append(("recent, older", "view?" + html.unescape(older.group(1)).partition("?")[2], 200))
    return pages


# What is shown in each language, too.
TRANSLATED = ["sign-in", "sign-in, wrong", "sign-in, busy", "groups", "groups, nothing found", "empty", "group", "message", "message, past", "message, all cleared",
              "message, hostile", "made link", "shared result, names", "recent", "self-test", "error 400", "error 404, message", "error 500",
              "link not complete", "link expired", "refused, insecure"]


def all_pages(viewer):
    """(name, address, expected status or None, signed in?) of each page."""
    pages = [(name, address, status, False) for name, address, status in pages_posted(viewer) + pages_signed_out(viewer)]
    return pages + [(name, address, status, True) for name, address, status in pages_signed_in(viewer)]


def translated(pages, language):
    """The pages that are shown in that language too, but for those that were kept."""
    for name, address, status, signed_in in pages:
        if name in TRANSLATED and not address.startswith("kept/"):
            yield (name + ", " + language, address + ("&" if "?" in address else "?") + "lang=" + language, status, signed_in)


def programs():
    """The viewer and the receiver that are tested; None where there is no viewer."""
    top = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    viewer = os.environ.get("MSGEXT_VIEW", os.path.join(top, "build", "msgext-view"))
    return shutil.which(viewer), os.environ.get("MSGEXT", os.path.join(top, "build", "msgext"))
