"""What an agent's own page waits for: from a press to the face that agent.js shows of it, in a real browser.

`python -m benchmarks.snippet` measures these rows alone and prints them.
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
from widget_server.core import clock, tokens

from . import product
from .first_faces import browser
from .press_to_face import PRESS_EVERY_SECONDS, Latency, background
from .table import Row

AGENT_JS = Path(__file__).parent.parent / "static" / "dist" / "agent.js"
MAX_BYTES, MAX_MS = 3000, 200
PRESSES = 200
#: Other votes a second where no run before says how many are half the top rate.
OTHERS = 500
LANES = 4
#: Each press puts the other face in the place of the one before.
FACES = ((1, "negative"), (3, "positive"))
#: When a face stands in the page, in milliseconds by the machine's own clock, which the press is timed by, too.
SEEN = """
self.wait = (sentiment) => {
  self.seen = new Promise((done) => {
    const look = () => {
      const face = document.querySelector("tilfreds-band")?.shadowRoot.querySelector(`.${sentiment} svg`);
      if (face) done(performance.timeOrigin + performance.now());
      else setTimeout(look);
    };
    look();
  });
};
"""


def rows(folder: Path, per_second: float = OTHERS) -> list[Row]:
    with product.running(folder / "snippet", invitations=1) as served:
        took = measure(served, per_second)
    size = len(brotli.compress(AGENT_JS.read_bytes(), mode=brotli.MODE_TEXT, quality=11))
    return [
        Row(
            "Press to face through the snippet, in Chromium, half the top rate",
            f"p50 {took.p50_ms:.0f} ms, p95 {took.p95_ms:.0f} ms "
            f"({took.samples} presses, {took.background_per_second:,.0f} other votes a second)",
            f"p95 at most {MAX_MS} ms",
            took.p95_ms <= MAX_MS,
        ),
        Row("Bytes of agent.js, brotli", f"{size:,}", f"at most {MAX_BYTES:,}", size <= MAX_BYTES),
    ]


def measure(served: product.Product, per_second: float) -> Latency:
    """Presses on the conversation that a page shows, while `per_second` other votes come in."""
    pages = Pages()
    try:
        with browser() as chromium:
            page = chromium.new_page()
            page.add_init_script(SEEN)
            with page.expect_response(lambda answer: "/live/events" in answer.url and answer.ok):
                page.goto(pages.put(desk(served)))
            with others(served, per_second) as done:
                began = time.perf_counter()
                took = sorted(presses(page, served))
                told = done[0] / (time.perf_counter() - began)
    finally:
        pages.end()
    return Latency(took[len(took) // 2], took[int(len(took) * 0.95)], len(took), told)


def desk(served: product.Product) -> str:
    """A helpdesk's page with the element for the first conversation."""
    conversation = UUID(served.conversation_ids[0])
    grant = live_tokens.grant_to_agent(served.site_id, served.agent_id, conversation, clock.now())
    token = live_tokens.write_token(served.config.secret_keys, grant)
    script = f"http://127.0.0.1:{served.server.port}/agent.js"
    element = f'<tilfreds-ratings conversation="{served.external_ids[0]}" token="{token}"></tilfreds-ratings>'
    return f'<script async src="{script}"></script>{element}'


def presses(page: Page, served: product.Product) -> Iterator[float]:
    """Milliseconds from each press to its face; one answer, changed again and again."""
    connection = http.client.HTTPConnection("127.0.0.1", served.server.port)
    press = {"token": served.tokens[0], "revision": served.chat_revision, "id": tokens.random_text(16)}
    headers = {"Content-Type": "text/plain", "Origin": product.ORIGIN}
    for rev in range(1, PRESSES + 1):
        score, sentiment = FACES[rev % len(FACES)]
        page.evaluate("sentiment => wait(sentiment)", sentiment)
        began = time.time() * 1000
        connection.request("POST", f"/w/{served.key}/votes", json.dumps({**press, "rev": rev, "score": score}), headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        answer.read()
        yield page.evaluate("seen") - began
        time.sleep(PRESS_EVERY_SECONDS)


@contextmanager
def others(served: product.Product, per_second: float) -> Iterator[list[int]]:
    """Other votes come in, from a thread of their own; how many there were."""
    done, over = [0], threading.Event()

    async def run() -> None:
        while not over.is_set():
            until = time.perf_counter() + 1
            await asyncio.gather(*(background(served, per_second / LANES, until, done) for _ in range(LANES)))

    thread = threading.Thread(target=lambda: asyncio.run(run()))
    thread.start()
    try:
        yield done
    finally:
        over.set()
        thread.join()


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bench-") as name:
        for row in rows(Path(name)):
            sys.stdout.write(f"{row.what}: {row.figure} ({row.bar})\n")


if __name__ == "__main__":
    main()
