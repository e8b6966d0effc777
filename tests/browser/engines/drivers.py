"""Firefox and WebKit through WebDriver commands: one class, and one transport for each browser.

WebKit's driver takes them over HTTP. Firefox takes the same ones over its own socket (Marionette, which geckodriver
speaks), so that no driver is needed that Debian does not have.
"""

from __future__ import annotations

import base64
import json
import os
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.serve.server import free_port
from tests.skip import skip_missing

PATIENCE_SECONDS = 15
#: name of the command over HTTP, and over Firefox's socket
COMMANDS = {
    "url": "WebDriver:Navigate",
    "execute/sync": "WebDriver:ExecuteScript",
    "actions": "WebDriver:PerformActions",
    "window/rect": "WebDriver:SetWindowRect",
    "screenshot": "WebDriver:TakeScreenshot",
}
#: A command with its fields; what it answers.
Call = Callable[[str, dict[str, Any]], Any]


class Refused(Exception):
    """The browser's error for a command that it rejected."""


class Engine:
    """A browser with one window. The driver runs scripts, so no policy of a page blocks them."""

    def __init__(self, name: str, call: Call) -> None:
        self.name = name
        self.call = call

    def open(self, address: str) -> None:
        self.call("url", {"url": address})

    def run(self, script: str, *values: Any) -> Any:
        """Run the body of a function in the page and return its result."""
        return self.call("execute/sync", {"script": script, "args": list(values)})

    def until(self, script: str, *values: Any) -> Any:
        """Repeat the script until its result is true, and return that result."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not (answer := self.run(script, *values)):
            assert time.monotonic() < end, f"{self.name}: {script} stayed {answer!r}"
            time.sleep(0.05)
        return answer

    def size(self, width: int, height: int) -> None:
        self.call("window/rect", {"width": width, "height": height})

    def click(self, x: float, y: float) -> None:
        """Press the mouse at a point of the window, as a person does."""
        moves = [
            {"type": "pointerMove", "x": round(x), "y": round(y)},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "parameters": {"pointerType": "mouse"}, "actions": moves}
        self.call("actions", {"actions": [mouse]})

    def picture(self, path: Path) -> None:
        """Save a screenshot for the analysis of a failure."""
        path.write_bytes(base64.b64decode(self.call("screenshot", {})))

    def keys(self, *pressed: str) -> None:
        moves = [{"type": kind, "value": key} for key in pressed for kind in ("keyDown", "keyUp")]
        self.call("actions", {"actions": [{"type": "key", "id": "keys", "actions": moves}]})


@contextmanager
def process(*command: str, **options: Any) -> Iterator[subprocess.Popen[bytes]]:
    with subprocess.Popen(command, stderr=subprocess.DEVNULL, **options) as started:
        try:
            yield started
        finally:
            started.terminate()
            try:
                started.wait(PATIENCE_SECONDS)
            except subprocess.TimeoutExpired:
                started.kill()


def program(package: str, *names: str) -> str:
    path = next((path for name in names if (path := shutil.which(name))), None)
    return path or skip_missing(f"{names[0]} is not installed: `apt-get install {package}` on Debian.")


@contextmanager
def webkit(folder: Path) -> Iterator[Engine]:
    """Yield WebKit's small browser on a virtual screen."""
    driver = program("webkit2gtk-driver", "WebKitWebDriver")
    screen = program("xvfb", "Xvfb")
    port = free_port()
    with process(
        screen, "-displayfd", "1", "-screen", "0", "1280x900x24", "-nolisten", "tcp", stdout=-1
    ) as screen_process:
        assert screen_process.stdout is not None
        display = f":{screen_process.stdout.readline().decode().strip()}"
        environ = {**os.environ, "DISPLAY": display, "HOME": str(folder)}
        with process(driver, "-p", str(port), env=environ, stdout=subprocess.DEVNULL):
            send = http_sender(port)
            session = patiently(lambda: send("POST", "/session", {"capabilities": {"alwaysMatch": {}}}))["sessionId"]
            yield Engine("webkit", lambda name, fields: send("POST", f"/session/{session}/{name}", fields))
            send("DELETE", f"/session/{session}", None)


def http_sender(port: int) -> Callable[[str, str, Any], Any]:
    def send(method: str, path: str, fields: Any) -> Any:
        body = None if fields is None else json.dumps(fields).encode()
        headers = {"Content-Type": "application/json"}
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=2 * PATIENCE_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise Refused(error.read().decode()) from error

    return send


@contextmanager
def firefox(folder: Path) -> Iterator[Engine]:
    browser = program("firefox-esr", "firefox-esr", "firefox")
    port = free_port()
    (folder / "user.js").write_text(f'user_pref("marionette.port", {port});\n')
    command = (browser, "--headless", "--marionette", "--no-remote", "--profile", str(folder))
    environ = {**os.environ, "HOME": str(folder)}

    def connect() -> socket.socket:
        return socket.create_connection(("127.0.0.1", port), 2 * PATIENCE_SECONDS)

    with process(*command, env=environ, stdout=subprocess.DEVNULL), patiently(connect) as connection:
        read_packet(connection)
        call = socket_caller(connection)
        call("WebDriver:NewSession", {"capabilities": {}})
        yield Engine("firefox", lambda name, fields: call(COMMANDS[name], fields))


def socket_caller(connection: socket.socket) -> Call:
    """Each command is `[0, number, name, fields]`, each answer `[1, number, error, value]`, after its
    length and a colon.
    """

    def call(name: str, fields: dict[str, Any]) -> Any:
        packet = json.dumps([0, 1, name, fields]).encode()
        connection.sendall(b"%d:%s" % (len(packet), packet))
        _, _, error, value = read_packet(connection)
        if error:
            raise Refused(f"{error['error']}: {error['message']}")
        return value.get("value") if value else None

    return call


def read_packet(connection: socket.socket) -> Any:
    length = b""
    while (letter := connection.recv(1)) != b":":
        assert letter, "the browser is gone"
        length += letter
    packet = b""
    while len(packet) < int(length):
        packet += connection.recv(int(length) - len(packet))
    return json.loads(packet)


def patiently(attempt: Callable[[], Any]) -> Any:
    """Repeat an attempt until the other side is up, and return its result."""
    end = time.monotonic() + 2 * PATIENCE_SECONDS
    while True:
        try:
            return attempt()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


ENGINES = {"firefox": firefox, "webkit": webkit}
