"""A headless Chromium driven over a pipe: the DevTools protocol with Python's own library.

In: the address of a page. Out: what its DOM says once it is laid out, the requests it made, and
pictures. Fails with a message when there is no Chromium or it does not answer.
"""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile

FLAGS = [
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe", "about:blank",
]
PATIENCE = 60  # seconds for one answer; the first one pays for the start


class Chrome:
    """One browser with one page."""

    def __init__(self):
        program = shutil.which("chromium") or shutil.which("chromium-browser")
        if program is None:
            raise SystemExit("no chromium: install Debian's package `chromium`")
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        read_end, self.to_browser = os.pipe()
        self.from_browser, write_end = os.pipe()
        # the protocol wants file descriptors 3 and 4
        script = f'exec "$@" 3<&{read_end} 4>&{write_end}'
        command = ["bash", "-c", script, "chrome", program, f"--user-data-dir={self.profile.name}", *FLAGS]
        self.process = subprocess.Popen(
            command, pass_fds=(read_end, write_end),
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(read_end)
        os.close(write_end)
        self.unread, self.number, self.session, self.events = b"", 0, None, []
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.ask(f"{domain}.enable")

    def close(self):
        """Ends the browser and removes its profile."""
        self.session = None
        self.ask("Browser.close")
        self.process.wait(PATIENCE)
        self.profile.cleanup()

    def receive(self):
        """The next message; messages end with a zero byte."""
        while b"\0" not in self.unread:
            if not select.select([self.from_browser], [], [], PATIENCE)[0]:
                raise SystemExit("chromium does not answer")
            data = os.read(self.from_browser, 1 << 20)
            if not data:
                raise SystemExit("chromium ended early")
            self.unread += data
        message, _, self.unread = self.unread.partition(b"\0")
        return json.loads(message)

    def ask(self, method, **params):
        """The answer to one command; events that come before it are kept."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to_browser, json.dumps(message).encode() + b"\0")
        while True:
            answer = self.receive()
            if answer.get("id") == self.number:
                if "error" in answer:
                    raise SystemExit(f"{method}: {answer['error']}")
                return answer["result"]
            self.events.append(answer)

    def open(self, address):
        """Loads a page and waits until it is loaded; returns the addresses that were asked for."""
        self.events = []
        self.ask("Page.navigate", url=address)
        while not any(e.get("method") == "Page.loadEventFired" for e in self.events):
            self.events.append(self.receive())
        sent = [e["params"] for e in self.events if e.get("method") == "Network.requestWillBeSent"]
        return [request["request"]["url"] for request in sent]

    def complaints(self):
        """What the page or the browser logged as errors since it was opened."""
        logged = [e["params"]["entry"] for e in self.events if e.get("method") == "Log.entryAdded"]
        return [entry["text"] for entry in logged if entry["level"] == "error"]

    def resize(self, width):
        """Gives the page a window of this width, in CSS pixels."""
        self.ask("Emulation.setDeviceMetricsOverride",
                 width=width, height=1000, deviceScaleFactor=1, mobile=False)

    def value(self, expression):
        """The value of a JavaScript expression in the page."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True)
        return answer["result"].get("value")

    def pdf(self):
        """The page as it is printed, on the paper it asks for."""
        printed = self.ask("Page.printToPDF", preferCSSPageSize=True, printBackground=True)
        return base64.b64decode(printed["data"])

    def picture(self):
        """The whole page as a PNG."""
        return base64.b64decode(self.ask("Page.captureScreenshot", captureBeyondViewport=True)["data"])
