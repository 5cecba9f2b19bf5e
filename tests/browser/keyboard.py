"""keyboard.py - pages without a mouse: what Tab reaches, and in which order, whether it can be seen, what Enter does."""

from selenium.webdriver.common.keys import Keys

import data
import pages
from tap import ok, same, wait_for

# All that a keyboard must reach, in the order of the page.
CONTROLS = """
window.controls = [...document.querySelectorAll('a[href],button,input:not([type=hidden]),select,textarea,summary,[tabindex]')].filter(
    e => e.checkVisibility() && !e.disabled);
return window.controls.length;
"""
# Which of them has the focus, and what is wrong with how it shows.
FOCUS = """
const e = document.activeElement, style = getComputedStyle(e), box = e.getBoundingClientRect();
const wrong = [];
if (style.outlineStyle === 'none' || parseFloat(style.outlineWidth) < 2) wrong.push('no outline');
if (box.width < 1 || box.height < 1 || box.bottom < 0 || box.top > innerHeight || box.right < 0 || box.left > innerWidth) wrong.push('out of the window');
const over = document.elementFromPoint(Math.max(box.left, 0) + Math.min(box.width, 8) / 2, Math.min(Math.max(box.top, 0) + Math.min(box.height, 8) / 2, innerHeight - 1));
if (over && !e.contains(over) && !over.contains(e)) wrong.push('covered by ' + over.outerHTML.slice(0, 80));
return [window.controls.indexOf(e), wrong.map(w => w + ': ' + e.outerHTML.slice(0, 120))];
"""


def tab_through(browser, name):
    """Every control of the page, by Tab alone."""
    count = browser.script(CONTROLS)
    order, problems = [], []
    for _ in range(count):
        browser.press(Keys.TAB)
        index, wrong = browser.script(FOCUS)
        order.append(index)
        problems += wrong
    same(order, list(range(count)), "%s: Tab reaches all %d controls, in order" % (name, count))
    ok(not problems, "%s: the focus is seen on each" % name, "\n".join(problems[:10]))


def focus(browser, selector):
    """Tab until that element has the focus."""
    for _ in range(400):
        browser.press(Keys.TAB)
        if browser.script("return document.activeElement.matches(arguments[0])", selector):
            return True
    return ok(False, "Tab reaches %s" % selector)


def enter_works(browser, view):
    """Links, forms and what unfolds."""
    def at():
        return browser.script("return document.readyState === 'complete' ? location.search : ''")

    browser.load(view + pages.query(**pages.POLL))
    ok(browser.script("return [...document.querySelectorAll('details')].every(e => !e.open)"), "what unfolds is folded")
    focus(browser, "summary")
    browser.press(Keys.ENTER)
    ok(wait_for(lambda: browser.script("return document.activeElement.parentElement.open"), "Enter unfolds what to do"), "Enter unfolds what to do")
    tab_through_after = browser.script(CONTROLS)
    ok(tab_through_after > 0, "what is unfolded has its controls")
    browser.load(view + pages.query(**pages.POLL))
    focus(browser, "input[name=q]")
    browser.press("vera", Keys.ENTER)
    ok(wait_for(lambda: "q=vera" in at(), "Enter in the search field searches"), "Enter in the search field searches")
    browser.load(view)
    focus(browser, "td a, th a")
    browser.press(Keys.ENTER)
    ok(wait_for(lambda: "g=" in at(), "Enter follows a link"), "Enter follows a link")
    browser.load(view + pages.query(p="share", **pages.POLL))
    focus(browser, "select[name=d]")
    before = browser.script("return document.activeElement.value")
    browser.press(Keys.ARROW_DOWN)
    ok(browser.script("return document.activeElement.value") != before, "an arrow chooses the days")
    focus(browser, "input[name=w]")
    browser.press(Keys.SPACE)
    focus(browser, "button.main")
    browser.press(Keys.ENTER)
    ok(wait_for(lambda: "w=1" in at() and browser.all("input[readonly]"), "Enter makes the link"), "Enter makes the link")


def keyboard(browser, view, session, shared):
    """All of it; SHARED: the query of a shared result."""
    browser.size(1280, 800)
    browser.media()
    for name, query, cookie in (
            ("sign-in", "", None), ("shared result", shared, None), ("groups", pages.query(q="club"), session), ("group", pages.query(g=data.POLL), session),
            ("message", pages.query(**pages.POLL), session), ("make a link", pages.query(p="share", d=7, **pages.POLL), session),
            ("message, long", pages.query(g="office-lunch", m=1), session)):
        browser.cookie(view, cookie)
        browser.load(view + query)
        # What a page gives the focus to at once is left first.
        browser.script("document.activeElement.blur(); getSelection().removeAllRanges()")
        if browser.script("return document.querySelector('[autofocus]') !== null"):
            ok(False, "%s: nothing takes the focus from where a reader begins" % name)
        tab_through(browser, name)
    enter_works(browser, view)
