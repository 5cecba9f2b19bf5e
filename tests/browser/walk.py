"""walk.py URL SCRATCH SERVER - through all of the viewer as a reader goes, on a phone, with JavaScript off: signs in,
finds a group, opens it and its poll, turns pages, refreshes, looks back, makes a link, signs out, and opens the
link as somebody who has nothing but it.  URL is where a real server has the viewer.
"""

import os
import sys
import urllib.parse

from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

import data
import pages
from browser import Browser
import tap
from tap import done, ok, same, wait_for

OFF = "data:text/html,<title>off</title><h1>x</h1><script>document.title='on'</script>"


class Walk:
    """A browser, and what it sees."""

    def __init__(self, url, scratch):
        self.url = url
        self.browser = Browser(os.path.join(scratch, "profile"), javascript=False)
        self.browser.size(360, 740, mobile=True)

    def heading(self):
        """The page's h1."""
        return self.browser.script("return document.querySelector('h1')?.textContent.trim() || ''")

    def text(self):
        """All of the page's words."""
        return self.browser.script("return document.body.innerText")

    def rows(self, table="table.pairs"):
        """How many rows a table has."""
        return self.browser.script("return document.querySelectorAll(arguments[0] + ' tbody tr').length", table)

    def old(self):
        """The page that is open is marked: a new one is not."""
        self.browser.script("document.documentElement.id = 'old'")

    def arrived(self):
        """Is a page open that is not marked?"""
        return self.browser.script("return document.readyState === 'complete' && document.documentElement.id !== 'old'")

    def follow(self, what):
        """Touches a link or button (its text, or the element) and waits for the page."""
        element = self.browser.link(what) if isinstance(what, str) else what
        self.old()
        element.click()
        wait_for(self.arrived, "a page comes after %r" % what)

    def enter(self, selector, text):
        """Types into a field, and ends with Enter."""
        field = self.browser.one(selector)
        field.clear()
        self.old()
        field.send_keys(text, Keys.ENTER)
        wait_for(self.arrived, "a page comes after Enter in %s" % selector)


def sign_in(walk):
    """The door."""
    walk.browser.load(OFF)
    same(walk.browser.driver.title, "off", "JavaScript is off")
    walk.browser.load(walk.url)
    same(walk.heading(), "Sign in", "the first page asks for the password")
    same(walk.browser.driver.get_cookies(), [], "there is no cookie before")
    walk.enter("input[name=password]", "not the password")
    ok("This is not the password." in walk.text(), "a wrong password is told", walk.text())
    walk.enter("input[name=password]", pages.PASSWORD)
    same(walk.heading(), "Groups", "the right one opens the groups")
    cookies = walk.browser.driver.get_cookies()
    same([(c["httpOnly"], c["sameSite"], c["secure"]) for c in cookies], [(True, "Strict", False)], "one cookie, HttpOnly and SameSite=Strict")


def find(walk):
    """From the groups to a poll."""
    walk.enter("input[name=q]", "club")
    links = [e.text for e in walk.browser.all("table tbody a")]
    same(links, ["book-club"], "a group is found")
    walk.follow("book-club")
    ok("book-club" in walk.heading(), "the group opens", walk.heading())
    walk.follow(walk.browser.one("table tbody a[href*='m=3']"))
    same(walk.heading(), "Message 3", "its message opens")
    ok("23 answers" in walk.text() and walk.rows(".big") == 4, "with its result", walk.text())
    walk.follow("Groups")
    walk.follow(data.POLL)
    walk.follow(walk.browser.one("table tbody a[href*='m=10']"))
    ok("221 answers" in walk.text() and "4 updates never arrived" in walk.text(), "a poll of 221, and what it lacks", walk.text())


def look(walk):
    """What a poll's page has."""
    walk.follow("Show all 221")
    same(walk.rows(), 221, "all who answered")
    walk.browser.driver.back()
    walk.enter("input[name=q]", "vera")
    shown = walk.browser.script("return [...document.querySelectorAll('.pairs tbody tr')].map(e => e.querySelector('th').textContent)")
    ok(shown and all("vera" in name for name in shown), "somebody is found", shown)
    walk.browser.driver.back()
    walk.enter("input[name=v]", "100")
    ok("version 100 of 337" in walk.text(), "as it was at version 100", walk.text())
    walk.browser.load(walk.url + pages.query(**pages.POLL))
    walk.follow("Refresh")
    ok("221 answers" in walk.text(), "refreshed", walk.text())
    walk.follow("Refresh every 30 seconds")
    walk.follow("Stop refreshing")
    ok("Refresh every 30 seconds" in walk.text(), "refreshing begins and ends when the reader says so", walk.text())
    walk.follow("Recent")
    same(walk.heading(), "Recent events", "recent events")
    same(walk.rows("table"), 30, "30 of them")
    walk.follow("Self-test")
    same(walk.heading(), "Self-test", "the self-test")
    walk.browser.load(walk.url + pages.query(**pages.POLL))


def share(walk):
    """A link to the poll: with names, then without."""
    links = []
    for names in (True, False):
        walk.browser.load(walk.url + pages.query(**pages.POLL))
        walk.follow("Share this result")
        walk.browser.one("input[name=t]").clear()
        walk.browser.one("input[name=t]").send_keys(pages.TITLE)
        Select(walk.browser.one("select[name=d]")).select_by_value("1")
        if names:
            walk.browser.one("input[name=w]").click()
        walk.follow("Make the link")
        links.append(walk.browser.one("input[readonly]").get_attribute("value"))
        ok(links[-1].startswith(walk.url + "?"), "the link begins with the viewer's own address", links[-1])
    return links


def sign_out(walk):
    """The door, from inside."""
    walk.follow("Sign out")
    same(walk.browser.driver.get_cookies(), [], "signed out: the cookie is gone")
    walk.browser.load(walk.url + pages.query(**pages.POLL))
    same(walk.heading(), "Sign in", "and the poll is closed")
    walk.enter("input[name=password]", pages.PASSWORD)
    same(walk.heading(), "Message 10", "who signs in there gets there")
    walk.browser.command("Network.clearBrowserCookies")


def open_links(walk, links):
    """Whoever has the link, and no cookie."""
    named, hidden = links
    walk.browser.load(named + "&from=singlemessage&isappinstalled=0")
    same(walk.heading(), pages.TITLE, "the link opens the result, with what a chat appends to it")
    ok("221 answers" in walk.text() and walk.rows() == 221, "with all names", walk.text())
    walk.follow("Refresh")
    same(walk.heading(), pages.TITLE, "and refreshes")
    walk.browser.load(hidden + "&utm_source=x&g2=1")
    same((walk.heading(), walk.rows(), walk.rows(".big")), (pages.TITLE, 0, 5), "without names where the signer hid them")
    walk.browser.load(hidden + "&w=1")
    same(walk.heading(), "This link is not complete", "nobody switches them on")
    walk.browser.load(named[:-5])
    same(walk.heading() in ("This link is not complete",), True, "a link that was cut says so: %s" % walk.heading())
    for query in ("", pages.query(**pages.POLL), pages.query(p="events"), pages.query(f="json", **pages.POLL)):
        walk.browser.load(walk.url + query)
        same(walk.heading(), "Sign in", "everything else is closed: %s" % urllib.parse.unquote(query))


def main():
    """The walk."""
    tap.prefix = sys.argv[3] + ": "
    walk = Walk(sys.argv[1], sys.argv[2])
    try:
        sign_in(walk)
        find(walk)
        look(walk)
        links = share(walk)
        sign_out(walk)
        open_links(walk, links)
        said = [line for line in walk.browser.console() if "responded with a status of" not in line]
        same(said, [], "the console says nothing")
    finally:
        walk.browser.close()
    done()


main()
