"""Drives a browser by the W3C WebDriver protocol (https://www.w3.org/TR/webdriver2/), with nothing but the standard library."""

import base64
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.request

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
PHONE = (390, 844)
DESKTOP = (1280, 900)


class DriverError(Exception):
    """The driver refused a command."""


class Driver:
    """A chromedriver of our own, on a port that it chooses."""

    def __init__(self):
        program = shutil.which("chromedriver")
        if program is None:
            raise DriverError("chromedriver is not installed; run Scripts/install-packages journey")
        self.directory = tempfile.TemporaryDirectory(prefix="bujeol-browser-", ignore_cleanup_errors=True)
        self.browsers = []
        self.process = subprocess.Popen([program, "--port=0"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        port = None
        for line in self.process.stdout:
            found = re.search(r"started successfully on port (\d+)", line)
            if found:
                port = found.group(1)
                break
        if port is None:
            raise DriverError("chromedriver did not start")
        # Read on, so that the pipe never fills.
        threading.Thread(target=lambda: [None for _ in self.process.stdout], daemon=True).start()
        self.base = f"http://127.0.0.1:{port}"

    def command(self, method, path, body=None):
        data = None if method == "GET" else json.dumps(body or {}).encode()
        request = urllib.request.Request(self.base + path, data=data, method=method, headers={"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=120) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            value = json.load(error)["value"]
            raise DriverError(f"{value['error']}: {value['message'].splitlines()[0]}") from None

    def close(self):
        """Ends the driver and its browsers, hung ones too."""
        for number in self.browsers + [self.process.pid]:
            try:
                os.kill(number, signal.SIGKILL)
            except ProcessLookupError:
                pass
        self.process.wait(timeout=20)
        self.directory.cleanup()


class Browser:
    """One headless Chromium window with a profile of its own."""

    def __init__(self, driver, size=PHONE, submits=True, language="ko-KR"):
        self.driver = driver
        profile = tempfile.mkdtemp(dir=driver.directory.name)
        arguments = [
            "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--disable-extensions",
            "--disable-background-networking", "--disable-component-update", "--disable-sync", f"--lang={language}",
            "--hide-scrollbars", "--force-device-scale-factor=1", f"--user-data-dir={profile}",
        ]
        options = {"args": arguments}
        if shutil.which("chromium"):
            options["binary"] = shutil.which("chromium")
        if size == PHONE:
            options["mobileEmulation"] = {"deviceMetrics": {"width": size[0], "height": size[1], "pixelRatio": 2, "touch": True}}
        wanted = {"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        session = driver.command("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
        self.path = "/session/" + session["sessionId"]
        driver.browsers.append(session["capabilities"]["goog:processID"])
        if size != PHONE:
            self.command("POST", "/window/rect", {"width": size[0], "height": size[1]})
        if not submits:
            # The driver itself needs a browser with scripts; a page can submit nothing by one here.
            self.inspect("Page.addScriptToEvaluateOnNewDocument", source="HTMLFormElement.prototype.submit = () => {}")
        self.command("POST", "/timeouts", {"pageLoad": 60000, "implicit": 0, "script": 10000})

    def command(self, method, path, body=None):
        return self.driver.command(method, self.path + path, body)

    def open(self, url):
        self.command("POST", "/url", {"url": url})

    @property
    def url(self):
        return self.command("GET", "/url")

    @property
    def title(self):
        return self.command("GET", "/title")

    @property
    def text(self):
        return self.command("GET", f"/element/{self.find('body')}/text")

    def find_all(self, selector):
        found = self.command("POST", "/elements", {"using": "css selector", "value": selector})
        return [element[ELEMENT] for element in found]

    def find(self, selector, seconds=20):
        """The first element that matches, waiting for it to appear."""
        end = time.monotonic() + seconds
        while True:
            try:
                found = self.find_all(selector)
            except DriverError:
                # Between two pages there is no document.
                found = []
            if found:
                return found[0]
            if time.monotonic() > end:
                raise DriverError(f"nothing on {self.url} matches {selector}")
            time.sleep(0.05)

    def attribute(self, selector, name):
        return self.command("GET", f"/element/{self.find(selector)}/attribute/{name}")

    def type(self, selector, text):
        element = self.find(selector)
        self.command("POST", f"/element/{element}/clear")
        self.command("POST", f"/element/{element}/value", {"text": text})

    def press(self, selector):
        self.command("POST", f"/element/{self.find(selector)}/click")

    def wait_for_url(self, beginning, seconds=30):
        end = time.monotonic() + seconds
        while not self.url.startswith(beginning):
            if time.monotonic() > end:
                raise DriverError(f"the browser is at {self.url}, not at {beginning}…; it shows: {self.text[:500]}")
            time.sleep(0.05)

    def wait_until_gone(self, element, seconds=30):
        """Waits until an element belongs to no page any more."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                self.command("GET", f"/element/{element}/name")
            except DriverError:
                return
            time.sleep(0.02)
        raise DriverError(f"{self.url} does not go on")

    def resize(self, size):
        """Shows the page on another screen."""
        is_phone = size == PHONE
        self.inspect(
            "Emulation.setDeviceMetricsOverride", width=size[0], height=size[1], deviceScaleFactor=2 if is_phone else 1, mobile=is_phone)

    def inspect(self, command, **parameters):
        """A command of Chromium's own inspector, for what WebDriver does not know."""
        return self.command("POST", "/goog/cdp/execute", {"cmd": command, "params": parameters})

    @property
    def content_size(self):
        """Width and height of the whole page, what has to be scrolled to included."""
        content = self.inspect("Page.getLayoutMetrics")["cssContentSize"]
        return content["width"], content["height"]

    def screenshot(self, file):
        """Saves the whole page, as wide as the window and as high as its content."""
        width, height = self.content_size
        area = {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}
        picture = self.inspect("Page.captureScreenshot", format="png", captureBeyondViewport=True, clip=area)
        with open(file, "wb") as output:
            output.write(base64.b64decode(picture["data"]))

    @property
    def complaints(self):
        """What the browser wrote to its console, such as violations of a page's content security policy."""
        entries = self.command("POST", "/se/log", {"type": "browser"})
        return [entry["message"] for entry in entries if entry["level"] in ("SEVERE", "WARNING")]
