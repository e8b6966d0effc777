"""The delay from a press to the face that agent.js shows on an agent's page, in a real browser.

`python -m benchmarks.snippet` measures only these rows and prints them.
"""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import UUID

import brotli
from playwright.sync_api import Page

from tests.browser.pages import Pages
from widget_server.accounts import live_tokens
from widget_server.core import clock
from widget_server.core.tokens import random_text

from . import product
from .first_faces import run_browser
from .press_to_face import PRESS_EVERY_SECONDS, Latency, press_in_background
from .table import Row

AGENT_JS = Path(__file__).parent.parent / "static" / "dist" / "agent.js"
MAX_BYTES, MAX_MS = 4000, 200
PRESSES = 200
#: Other votes a second, if no earlier measurement gives half the top rate.
OTHERS = 500
LANES = 4
#: Each press replaces the face of the one before.
FACES = ((1, "negative"), (3, "positive"))
#: The time when a face appears on the page, in milliseconds of the machine's clock, which also times the press.
SEEN = """
self.wait = (sentiment) => {
  self.seen = new Promise((resolve) => {
    const look = () => {
      const face = document.querySelector("tilfreds-band")?.shadowRoot.querySelector(`.${sentiment} svg`);
      if (face) resolve(performance.timeOrigin + performance.now());
      else setTimeout(look);
    };
    look();
  });
};
"""


def measure_rows(folder: Path, per_second: float = OTHERS) -> list[Row]:
    with product.running(folder / "snippet", invitations=1) as running_product:
        latency = measure(running_product, per_second)
    size = len(brotli.compress(AGENT_JS.read_bytes(), mode=brotli.MODE_TEXT, quality=11))
    return [
        Row(
            "Press to face through the snippet, in Chromium, half the top rate",
            f"p50 {latency.p50_ms:.0f} ms, p95 {latency.p95_ms:.0f} ms "
            f"({latency.samples} presses, {latency.background_per_second:,.0f} other votes a second)",
            f"p95 at most {MAX_MS} ms",
            latency.p95_ms <= MAX_MS,
        ),
        Row("Bytes of agent.js, brotli", f"{size:,}", f"at most {MAX_BYTES:,}", size <= MAX_BYTES),
    ]


def measure(running_product: product.Product, per_second: float) -> Latency:
    """Press on the conversation that a page shows, while `per_second` other votes arrive."""
    pages = Pages()
    try:
        with run_browser() as chromium:
            page = chromium.new_page()
            page.add_init_script(SEEN)
            with page.expect_response(lambda response: "/live/events" in response.url and response.ok):
                page.goto(pages.put(helpdesk_page(running_product)))
            with other_votes(running_product, per_second) as counter:
                started_at = time.perf_counter()
                delays = sorted(measure_presses(page, running_product))
                other_rate = counter[0] / (time.perf_counter() - started_at)
    finally:
        pages.end()
    return Latency(delays[len(delays) // 2], delays[int(len(delays) * 0.95)], len(delays), other_rate)


def helpdesk_page(running_product: product.Product) -> str:
    """Return a helpdesk's page with the element for the first conversation."""
    conversation = UUID(running_product.conversation_ids[0])
    grant = live_tokens.grant_to_agent(running_product.site_id, running_product.agent_id, conversation, clock.now())
    token = live_tokens.write_token(running_product.config.secret_keys, grant)
    script = f"http://127.0.0.1:{running_product.server.port}/agent.js"
    element = f'<tilfreds-ratings conversation="{running_product.external_ids[0]}" token="{token}"></tilfreds-ratings>'
    return f'<script async src="{script}"></script>{element}'


def measure_presses(page: Page, running_product: product.Product) -> Iterator[float]:
    """Yield the milliseconds from each press to its face. All presses change the same vote."""
    connection = http.client.HTTPConnection("127.0.0.1", running_product.server.port)
    path = f"/w/{running_product.key}/votes"
    press = {"token": running_product.tokens[0], "revision": running_product.chat_revision, "id": random_text(16)}
    headers = {"Content-Type": "text/plain", "Origin": product.ORIGIN}
    for rev in range(1, PRESSES + 1):
        score, sentiment = FACES[rev % len(FACES)]
        page.evaluate("sentiment => wait(sentiment)", sentiment)
        pressed_at = time.time() * 1000
        connection.request("POST", path, json.dumps({**press, "rev": rev, "score": score}), headers)
        response = connection.getresponse()
        assert response.status == 200, response.read()
        response.read()
        yield page.evaluate("seen") - pressed_at
        time.sleep(PRESS_EVERY_SECONDS)


@contextmanager
def other_votes(running_product: product.Product, per_second: float) -> Iterator[list[int]]:
    """Send other votes from a thread and yield their counter."""
    counter, stop = [0], threading.Event()

    async def send_votes() -> None:
        while not stop.is_set():
            until = time.perf_counter() + 1
            pace = per_second / LANES
            await asyncio.gather(*(press_in_background(running_product, pace, until, counter) for _ in range(LANES)))

    thread = threading.Thread(target=lambda: asyncio.run(send_votes()))
    thread.start()
    try:
        yield counter
    finally:
        stop.set()
        thread.join()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bench-") as name:
        for row in measure_rows(Path(name)):
            sys.stdout.write(f"{row.what}: {row.figure} ({row.bar})\n")


if __name__ == "__main__":
    main()
