"""Take the README's pictures of a new demo: `make pictures`. Needs the packages of the tests."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

FOLDER = Path(__file__).parent / "pictures"
DESK = {"width": 1180, "height": 860}
PHONE = {"width": 390, "height": 844}
PATIENCE_SECONDS = 60


@contextmanager
def demo() -> Iterator[tuple[str, str]]:
    """Run a new demo; yield the shop's address and a sign-in link for the console."""
    with tempfile.TemporaryDirectory() as folder:
        environ = {**os.environ, "DATA_DIR": folder, "PORT": "8640"}
        command = [sys.executable, "-P", "-m", "widget_server.cli", "demo"]
        process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        try:
            yield addresses(process)
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE_SECONDS)


def addresses(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Return the shop's address and the sign-in link that the demo printed."""
    assert process.stdout is not None
    shop, deadline = "", time.monotonic() + PATIENCE_SECONDS
    for line in process.stdout:
        address = re.search(r"https?://\S+", line)
        if address and line.startswith("Open "):
            shop = address[0]
        elif address and "sign in" in line:
            return shop, address[0]
        if time.monotonic() > deadline:
            break
    raise RuntimeError("the demo printed no addresses")


def chat(page: Page, shop: str) -> None:
    """Prepare the visitor's page: the chat has ended and a face is selected."""
    page.goto(f"{shop}/shop")
    page.fill("#text", "My chain slips on the climb")
    page.press("#text", "Enter")
    page.wait_for_selector("#messages .agent")
    page.click("#end")
    face = page.locator("tilfreds-rating").get_by_role("button", name="Good", exact=True)
    face.click()
    page.get_by_text("Saved").wait_for()
    page.get_by_text("Asked and answered").wait_for()


def sign_in(browser: Browser, link: str) -> tuple[Any, str]:
    """Sign in to the console; return the session and the address of the conversations."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(link)
    page.get_by_role("button").click()
    page.wait_for_url("**/conversations")
    session, inbox = context.storage_state(), page.url
    context.close()
    return session, inbox


def transcript(page: Page, inbox: str) -> None:
    """Prepare a transcript with two rated segments."""
    page.goto(inbox)
    page.get_by_role("link", name="Order 4411").click()
    page.locator(".band").nth(1).wait_for()
    page.get_by_text("Live", exact=True).wait_for()


def rated_conversations(page: Page, inbox: str) -> None:
    """Prepare the list of rated conversations; on a wide window, open one of them."""
    page.goto(f"{inbox}?status=rated")
    if page.viewport_size == DESK:
        page.get_by_role("link", name="Order 4411").click()
        page.locator(".band").first.wait_for()
    page.locator(".live[data-state=live]").wait_for()


def article(page: Page, shop: str) -> None:
    """Prepare the end of a help page with faces in another language."""
    page.goto(f"{shop}/help/slipping-chain?faces=da")
    page.locator("tilfreds-rating [part=choice]").first.click()
    page.locator("tilfreds-rating output b").wait_for()
    page.locator("article h2").nth(1).evaluate("heading => heading.scrollIntoView()")
    page.mouse.move(0, 0)


def take(browser: Browser, shop: str, link: str) -> None:
    FOLDER.mkdir(exist_ok=True)
    session, inbox = sign_in(browser, link)
    pictures: dict[str, tuple[Callable[[Page, str], None], str, Any, str]] = {
        "chat": (chat, shop, DESK, "light"),
        "transcript": (transcript, inbox, DESK, "light"),
        "article": (article, shop, DESK, "light"),
        "inbox": (rated_conversations, inbox, DESK, "light"),
        "inbox-dark": (rated_conversations, inbox, DESK, "dark"),
        "inbox-phone": (rated_conversations, inbox, PHONE, "light"),
        "inbox-phone-dark": (rated_conversations, inbox, PHONE, "dark"),
    }
    for name, (prepare, address, window, scheme) in pictures.items():
        looks: dict[str, Any] = {"viewport": window, "color_scheme": scheme, "reduced_motion": "reduce"}
        context = browser.new_context(**looks, locale="en-GB", storage_state=session)
        page = context.new_page()
        prepare(page, address)
        page.screenshot(path=FOLDER / f"{name}.png")
        context.close()


def main() -> None:
    with demo() as (shop, link), sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("google-chrome")
        arguments = ["--no-sandbox", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=chromium, args=arguments)
        take(browser, shop, link)
        browser.close()


if __name__ == "__main__":
    main()
