"""From a press to the event on every open transcript, while other votes come in at half the top rate."""

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
#: Reader and writer, or nothing yet.
Connection = list[Any]
#: More at a time would wait for one another in the server's queue of connections.
OPENED_AT_ONCE = 100
STREAM_BYTES = 4096


@dataclass(frozen=True)
class Latency:
    """Milliseconds from sending the press to reading its event, over all streams."""

    p50_ms: float
    p95_ms: float
    samples: int
    background_per_second: float


class Streams:
    """Open transcripts: several streams for each of the conversations, and when each saw its latest event."""

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
    """One press over a connection that stays open: an empty list, which it fills."""
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


async def background(product: Product, per_second: float, until: float, done: list[int]) -> None:
    """Presses under articles at a pace until then, over one connection; `done` counts them."""
    connection: Connection = []
    due = time.perf_counter()
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        body = {"kind": "article", "subject": f"/a{done[0] % 20}", "revision": product.article_revision}
        await post(product, body, connection)
        done[0] += 1
        due += 1 / per_second


async def _measure(
    product: Product, streams: int, per_second: float, seconds: float, when_open: Callable[[], object]
) -> Latency:
    held = Streams(product, streams)
    ready = [asyncio.Event() for _ in held.conversations]
    tasks = [asyncio.create_task(held.follow(*pair)) for pair in zip(held.conversations, ready, strict=True)]
    await asyncio.gather(*(event.wait() for event in ready))
    when_open()
    done = [0]
    until = time.perf_counter() + seconds
    lanes = 4
    load = [asyncio.create_task(background(product, per_second / lanes, until, done)) for _ in range(lanes)]
    connection: Connection = []
    turn = 0
    while time.perf_counter() < until:
        index = turn % len(product.tokens)
        held.pressed_at[product.conversation_ids[index]] = time.perf_counter()
        await post(product, {"token": product.tokens[index], "revision": product.chat_revision}, connection)
        turn += 1
        await asyncio.sleep(PRESS_EVERY_SECONDS)
    await asyncio.gather(*load)
    await asyncio.sleep(0.5)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    found = sorted(held.samples)
    assert len(found) > turn * streams / len(product.tokens) * 0.5, "most presses were never seen"
    return Latency(found[len(found) // 2] * 1000, found[int(len(found) * 0.95)] * 1000, len(found), done[0] / seconds)


def measure(
    product: Product,
    *,
    streams: int,
    per_second: float,
    seconds: float = 10,
    when_open: Callable[[], object] = lambda: None,
) -> Latency:
    """The latencies with `streams` open and `per_second` other votes coming in; `when_open` is called in between."""
    return asyncio.run(_measure(product, streams, per_second, seconds, when_open))
