"""The delay from a press to its event on every open transcript, while other votes arrive."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from widget_server.accounts import live_tokens
from widget_server.core import clock, tokens

from .product import ORIGIN, Product

PRESS_EVERY_SECONDS = 0.05
#: Reader and writer, or empty before the first use.
Connection = list[Any]
#: More connections at a time would wait in the server's queue.
OPENED_AT_ONCE = 100
STREAM_BYTES = 4096


@dataclass(frozen=True)
class Latency:
    """The milliseconds from sending a press to reading its event, over all streams."""

    p50_ms: float
    p95_ms: float
    samples: int
    background_per_second: float


class Streams:
    """Open transcripts: several streams for each conversation, and the delays of their events."""

    def __init__(self, product: Product, count: int) -> None:
        self.product = product
        self.conversations = [product.conversation_ids[i % len(product.conversation_ids)] for i in range(count)]
        self.pressed_at: dict[str, float] = {}
        self.samples: list[float] = []
        self.opening = asyncio.Semaphore(OPENED_AT_ONCE)

    async def follow(self, conversation: str, ready: asyncio.Event) -> None:
        product = self.product
        grant = live_tokens.grant_to_agent(product.site_id, product.agent_id, UUID(conversation), clock.now())
        token = live_tokens.write_token(self.product.config.secret_keys, grant)
        await self.opening.acquire()
        reader, writer = await asyncio.open_connection("127.0.0.1", self.product.server.port + 1, limit=STREAM_BYTES)
        head = (
            f"GET /live/events?conversation={conversation} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Authorization: Bearer {token}\r\n\r\n"
        )
        writer.write(head.encode())
        try:
            async for line in reader:
                if line.startswith(b"event: hello"):
                    ready.set()
                    self.opening.release()
                if b'"kind":"vote.' in line:
                    self.samples.append(time.perf_counter() - self.pressed_at[conversation])
        finally:
            writer.close()


async def post(product: Product, body: Mapping[str, object], connection: Connection) -> None:
    """Send a press. An empty `connection` is opened, and stays open for the next press."""
    if not connection:
        connection.extend(await asyncio.open_connection("127.0.0.1", product.server.port))
    reader, writer = connection
    data = json.dumps({**body, "id": tokens.random_text(16), "rev": 1, "score": 3}).encode()
    writer.write(
        f"POST /w/{product.key}/votes HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: {ORIGIN}\r\n"
        f"Content-Type: text/plain\r\nContent-Length: {len(data)}\r\n\r\n".encode()
        + data
    )
    head = await reader.readuntil(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200"), head
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")).split(b":")[1]
    await reader.readexactly(int(length))


async def press_in_background(product: Product, per_second: float, until: float, counter: list[int]) -> None:
    """Press under articles at a constant pace over one connection; add the presses to `counter`."""
    connection: Connection = []
    due = time.perf_counter()
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = {"kind": "article", "subject": f"/a{counter[0] % 20}", "revision": product.article_revision}
        await post(product, body, connection)
        counter[0] += 1
        due += 1 / per_second


async def _measure(
    product: Product, streams: int, per_second: float, seconds: float, when_open: Callable[[], object]
) -> Latency:
    open_streams = Streams(product, streams)
    ready = [asyncio.Event() for _ in open_streams.conversations]
    pairs = zip(open_streams.conversations, ready, strict=True)
    tasks = [asyncio.create_task(open_streams.follow(*pair)) for pair in pairs]
    await asyncio.gather(*(event.wait() for event in ready))
    when_open()
    counter = [0]
    until = time.perf_counter() + seconds
    lanes = 4
    background = [press_in_background(product, per_second / lanes, until, counter) for _ in range(lanes)]
    load = [asyncio.create_task(presses) for presses in background]
    connection: Connection = []
    turn = 0
    while time.perf_counter() < until:
        index = turn % len(product.tokens)
        open_streams.pressed_at[product.conversation_ids[index]] = time.perf_counter()
        await post(product, {"token": product.tokens[index], "revision": product.chat_revision}, connection)
        turn += 1
        await asyncio.sleep(PRESS_EVERY_SECONDS)
    await asyncio.gather(*load)
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    delays = sorted(open_streams.samples)
    count = len(delays)
    assert count > turn * streams / len(product.tokens) * 0.5, "most presses reached no stream"
    return Latency(delays[count // 2] * 1000, delays[int(count * 0.95)] * 1000, count, counter[0] / seconds)


def measure(
    product: Product,
    *,
    streams: int,
    per_second: float,
    seconds: float = 10,
    when_open: Callable[[], object] = lambda: None,
) -> Latency:
    """Measure the latencies with `streams` open streams and `per_second` other votes.

    `when_open` is called when all streams are open, before the first press.
    """
    return asyncio.run(_measure(product, streams, per_second, seconds, when_open))
