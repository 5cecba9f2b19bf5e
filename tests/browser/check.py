"""check.py - is a page right?  What is asked of every page, whatever it shows."""

import os
import tempfile
import threading

from browser import Browser

# What no page may have: each is a line about an element that is there.
FORBIDDEN = """
const wrong = [];
for (const e of document.querySelectorAll('script,iframe,object,embed,link,base,img,video,audio,meta[http-equiv],font,center'))
    wrong.push('<' + e.localName + '>');
for (const e of document.querySelectorAll('*'))
    for (const a of e.attributes) {
        if (a.name.startsWith('on') || ['style', 'src', 'srcdoc', 'srcset', 'formaction', 'ping', 'background'].includes(a.name))
            wrong.push(e.localName + ' ' + a.name);
        if (['href', 'action'].includes(a.name) && new URL(a.value, document.baseURI).origin !== location.origin)
            wrong.push(e.localName + ' ' + a.name + '=' + a.value);
    }
if (document.querySelectorAll('h1').length !== 1 || !document.querySelector('h1').textContent.trim())
    wrong.push('no h1, or more than one');
// A margin that leaves the page's background is one behind which axe-core may not know what is.
if (document.body.getBoundingClientRect().top > 0.5) wrong.push('a margin outside the body');
if (!document.title.trim()) wrong.push('no title');
if (!document.documentElement.lang) wrong.push('no language');
if (document.querySelectorAll('style').length !== 1) wrong.push('not one style');
for (const e of document.querySelectorAll('bdi')) if (e.dir !== 'auto') wrong.push('bdi without dir=auto');
const ids = [...document.querySelectorAll('[id]')].map(e => e.id);
if (new Set(ids).size !== ids.length) wrong.push('an id twice');
if (getComputedStyle(document.documentElement).colorScheme === 'normal') wrong.push('the style is not applied');
return wrong;
"""

# How wide the page is, and what is wider than the window.
WIDE = """
const width = document.documentElement.clientWidth;
if (document.documentElement.scrollWidth <= width && document.body.scrollWidth <= width) return [];
return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > width + 0.5).slice(0, 4)
    .map(e => e.outerHTML.slice(0, 120)).concat([document.documentElement.scrollWidth + ' px wide in ' + width]);
"""

# What readers may set for themselves: the spacing of WCAG 1.4.12, and larger letters, as chat apps offer them.
SETTINGS = {
    "wide spacing": "*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}",
    "large letters": "html{font-size:160%}",
}
SETTING = """
const sheet = new CSSStyleSheet();
sheet.replaceSync(arguments[0]);
document.adoptedStyleSheets = [sheet];
"""


def page_problems(browser, address, phone):
    """What is wrong with one page, as lines; how many of axe's rules it passed."""
    width, height = (360, 740) if phone else (1280, 800)
    browser.size(width, height, mobile=phone)
    browser.media(prefers_color_scheme="light" if phone else "dark")
    browser.console()
    browser.load(address)
    problems = ["has " + line for line in browser.script(FORBIDDEN)] + ["too wide: " + line for line in browser.script(WIDE)]
    if phone:
        browser.size(320, 256, scale=4)
        problems += ["too wide at 400 %: " + line for line in browser.script(WIDE)]
        browser.size(width, height, mobile=True)
        for setting, style in SETTINGS.items():
            browser.script(SETTING, style)
            problems += ["too wide with %s: %s" % (setting, line) for line in browser.script(WIDE)]
        browser.script(SETTING, "")
    # An error's status is no message of the page.
    problems += ["the console says: " + line for line in browser.console() if "the server responded with a status of" not in line]
    browser.load(address, policy=False)
    violations, incomplete, passes = browser.audit()
    problems += ["axe, violation: " + line for line in violations] + ["axe, incomplete: " + line for line in incomplete]
    return problems, passes


def pages_try(url, pages, session, phone):
    """Tries each page in one browser: a list of (name, problems, passes).  Pages: (name, address, status, signed in?)."""
    results = []
    with tempfile.TemporaryDirectory(prefix="msgext-browser.", ignore_cleanup_errors=True) as scratch:
        browser = Browser(os.path.join(scratch, "profile"))
        try:
            for name, address, _status, signed_in in pages:
                browser.cookie(url, session if signed_in else None)
                results.append((name, *page_problems(browser, url + address, phone)))
        finally:
            browser.close()
    return results


def pages_try_both(url, pages, session):
    """The same at 360 pixels, light, and at 1280, dark, two browsers at a time: {(name, phone): (problems, passes)}."""
    results, failures = {}, []

    def work(phone):
        try:
            for name, problems, passes in pages_try(url, pages, session, phone):
                results[name, phone] = (problems, passes)
        except Exception as error:  # pylint: disable=broad-except
            failures.append(error)

    threads = [threading.Thread(target=work, args=(phone,)) for phone in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results
