"""What the journeys through the providers' pages have in common: the built binary, a browser, checks that say what they saw, pictures, and an end."""

import os
import re
import signal
import subprocess
import sys
import tempfile

import webdriver

# A journey takes well under a minute; a starved machine may need many times as long.
LIMIT_SECONDS = 600


class Failed(Exception):
    """Something was not as it has to be."""


def check(what, condition, seen=""):
    if not condition:
        raise Failed(f"{what}: {seen}")
    print(f"  ok {what}")


class Program:
    """The built binary in one of its roles, which prints where it serves."""

    def __init__(self, bujeol, *arguments):
        self.process = subprocess.Popen(
            [bujeol, *arguments, "--language", "en"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.places = {}

    def place(self, name):
        """The address behind `name` in what the program prints."""
        while name not in self.places:
            line = self.process.stdout.readline()
            if not line:
                raise Failed(f"bujeol printed no address of the {name}")
            found = re.search(r"^\s*(sandbox|gateway)\s+(http://\S+)", line)
            if found:
                self.places[found.group(1)] = found.group(2)
        return self.places[name]

    def close(self):
        self.process.stdout.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=60)


class Stage:
    """Where a journey takes place: the binary's both halves, a driver with one browser, and a directory that goes away; what else has a `close` can be added."""

    def __init__(self, bujeol, pictures):
        self.bujeol, self.pictures = bujeol, pictures
        self.directory = tempfile.TemporaryDirectory(prefix="bujeol-journey-")
        self.parts = []
        self.browser = None

    def keep(self, part):
        self.parts.append(part)
        return part

    def path(self, name):
        return os.path.join(self.directory.name, name)

    def open_house(self):
        """Both halves with fresh data; gives the program."""
        return self.keep(Program(self.bujeol, "up", "--sandbox-port", "0", "--sandbox-tls-port", "0", "--gateway-port", "0",
                                 "--data", self.path("data")))

    def open_browser(self):
        self.driver = self.keep(webdriver.Driver())
        self.browser = webdriver.Browser(self.driver)
        return self.browser

    def close(self):
        for part in reversed(self.parts):
            part.close()
        self.directory.cleanup()


def take_pictures(browser, pictures, name):
    """Saves the page as it stands on a phone and on a desktop, and checks that neither has to be scrolled sideways."""
    for size, name_of_size in ((webdriver.PHONE, "phone"), (webdriver.DESKTOP, "desktop")):
        browser.resize(size)
        width, _ = browser.content_size
        check(f"{name} fits {name_of_size}", width <= size[0], width)
        browser.screenshot(os.path.join(pictures, f"{name}-{name_of_size}.png"))
    browser.resize(webdriver.PHONE)


# The smallest letters on the page, the lowest thing to tap, and the weakest contrast of letters and ground (WCAG 2.2, 1.4.3), of what can be seen.
MEASURE = """
const seen = e => e.getClientRects().length > 0;
const light = c => { const [r, g, b] = c.map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b };
const parts = c => c.match(/[\\d.]+/g).map(Number);
const ground = e => { for (; e; e = e.parentElement) { const c = parts(getComputedStyle(e).backgroundColor); if (c.length < 4 || c[3] > 0) return c }
  return [255, 255, 255] };
const contrast = e => {
  const style = getComputedStyle(e), under = ground(e), over = parts(style.color), a = Number(style.opacity);
  const ink = [0, 1, 2].map(i => over[i] * a + under[i] * (1 - a));
  const [x, y] = [light(ink), light(under.slice(0, 3))].sort((p, q) => q - p);
  return (x + 0.05) / (y + 0.05) };
const texts = [...document.querySelectorAll('body *')].filter(e => seen(e) && [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()));
const taps = [...document.querySelectorAll('button, a, select, summary, input')].filter(seen);
return { letters: Math.min(...texts.map(e => parseFloat(getComputedStyle(e).fontSize))),
  tap: Math.min(1000, ...taps.map(e => e.getBoundingClientRect().height)), contrast: Math.min(...texts.map(contrast)) };
"""


def check_legibility(browser, name):
    """Letters of at least 12 pixels, a contrast of 4.5 to 1, and nothing to tap that is lower than 36 pixels."""
    seen = browser.command("POST", "/execute/sync", {"script": MEASURE, "args": []})
    check(f"{name} can be read and tapped", seen["letters"] >= 12 and seen["contrast"] >= 4.5 and seen["tap"] >= 36, seen)


def give_up(*_):
    raise Failed(f"not done after {LIMIT_SECONDS} seconds, or asked to end")


def main(walk):
    """Runs one journey: `walk` gets the stage. Usage of the script: journey.py path/to/bujeol directory-for-screenshots"""
    bujeol, pictures = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    os.makedirs(pictures, exist_ok=True)
    signal.signal(signal.SIGALRM, give_up)
    signal.signal(signal.SIGTERM, give_up)
    signal.alarm(LIMIT_SECONDS)
    stage = Stage(bujeol, pictures)
    try:
        walk(stage)
    except (Failed, webdriver.DriverError, OSError) as error:
        print(f"FAILED {type(error).__name__} {error}", flush=True)
        try:
            stage.browser.screenshot(os.path.join(pictures, "failed.png"))
        except (AttributeError, webdriver.DriverError, OSError):
            pass
        sys.exit(1)
    finally:
        signal.alarm(0)
        stage.close()
    print(f"the journey is done; screenshots are in {pictures}")
