"""browser.py - Debian's Chromium as the tests use it: sizes, schemes, keys, what its console says, and
what axe-core finds.  Nothing here waits for a time: a load ends when the page is complete.
"""

import base64
import json
import os
import shutil
import subprocess

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]

AXE_RUN = """
const done = arguments[arguments.length - 1];
axe.run({runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations', 'incomplete']}).then(
    r => done([r.violations, r.incomplete].map(list => list.map(v => v.id + ': ' + v.nodes.slice(0, 3).map(
        n => n.html.slice(0, 160) + ' (' + n.any.concat(n.all, n.none).map(c => c.message).join('; ').slice(0, 300) + ')').join(' | '))).concat(
        [r.passes.length])),
    error => done([[String(error)], [], 0]));
"""


def axe_source():
    """The text of axe-core; None where it cannot be had."""
    script = os.path.join(os.path.dirname(os.path.abspath(__file__)), "axe.sh")
    found = subprocess.run(["sh", script], stdout=subprocess.PIPE, text=True, check=False)
    if found.returncode:
        return None
    with open(found.stdout.strip(), encoding="utf-8") as file:
        return file.read()


class Browser:
    """One window, with a profile of its own below SCRATCH."""

    def __init__(self, scratch, javascript=True, language="en"):
        options = Options()
        options.binary_location = CHROMIUM
        for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--hide-scrollbars",
                         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
                         "--no-proxy-server", "--user-data-dir=" + scratch):
            options.add_argument(argument)
        options.add_experimental_option("prefs", {"intl.accept_languages": language})
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        self.driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        self.driver.set_page_load_timeout(60)
        self.driver.set_script_timeout(60)
        if not javascript:
            self.command("Emulation.setScriptExecutionDisabled", value=True)
        self.axe = None

    def command(self, method, /, **parameters):
        """A command of the browser's debugging protocol."""
        return self.driver.execute_cdp_cmd(method, parameters)

    def size(self, width, height, scale=1, mobile=False):
        """The window in CSS pixels; SCALE: device pixels in each, as zooming makes them."""
        self.command("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=mobile)

    def media(self, kind="", **features):
        """What the page is told of the reader's settings: prefers_color_scheme="dark", forced_colors="active"; KIND: print."""
        self.command("Emulation.setEmulatedMedia", media=kind,
                     features=[{"name": name.replace("_", "-"), "value": value} for name, value in features.items()])

    def load(self, address, policy=True):
        """Opens a page; POLICY: as its Content-Security-Policy wants it."""
        self.command("Page.setBypassCSP", enabled=not policy)
        self.driver.get(address)

    def script(self, text, *arguments):
        """What the tests' own script returns; it runs where those of a page do not."""
        return self.driver.execute_script(text, *arguments)

    def console(self):
        """What the console says since it was asked last."""
        return ["%s %s" % (entry["level"], entry["message"]) for entry in self.driver.get_log("browser")]

    def audit(self):
        """axe-core's opinion of the page that is open: violations, incomplete, how many rules passed."""
        self.axe = self.axe or axe_source()
        self.script(self.axe)
        return self.driver.execute_async_script(AXE_RUN, AXE_TAGS)

    def link(self, text):
        """The link or button with that text; the first of several."""
        quoted = json.dumps(text, ensure_ascii=False)
        return self.driver.find_element(By.XPATH, "//a[normalize-space(.)=%s]|//button[normalize-space(.)=%s]" % (quoted, quoted))

    def one(self, selector):
        """The first element of a CSS selector."""
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def all(self, selector):
        """All elements of a CSS selector."""
        return self.driver.find_elements(By.CSS_SELECTOR, selector)

    def press(self, *keys):
        """Keys to what has the focus."""
        ActionChains(self.driver).send_keys(*keys).perform()

    def cookie(self, address, cookie):
        """Takes a session for ADDRESS: the value of a Cookie header, or None for none."""
        self.command("Network.clearBrowserCookies")
        if cookie:
            name, value = cookie.split("=", 1)
            self.command("Network.setCookie", name=name, value=value, url=address, httpOnly=True, sameSite="Strict")

    def picture(self, path, whole=False):
        """A picture of what is in the window; WHOLE: of the whole page."""
        options = {"format": "png"}
        if whole:
            width, height = self.script("return [innerWidth, document.documentElement.scrollHeight]")
            options.update(captureBeyondViewport=True, clip={"x": 0, "y": 0, "width": width, "height": min(height, 6000), "scale": 1})
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.command("Page.captureScreenshot", **options)["data"]))

    def close(self):
        """Ends the browser and its driver."""
        self.driver.quit()
