"""Presses at a constant pace, independent of the server: each has a due time, from which its wait is measured."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from .press_to_face import Connection, post
from .product import Product

#: Concurrent connections. More presses are in progress at once only when the server is far behind.
LANES = 32


@dataclass(frozen=True)
class PacedLatency:
    """The milliseconds from the due time of a press to its receipt."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def _press_in_lane(product: Product, lane: int, pace: float, until: float, waits: list[float]) -> None:
    connection: Connection = []
    due = time.perf_counter() + lane * pace / LANES
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await post(product, {"kind": "article", "subject": "/help", "revision": product.article_revision}, connection)
        waits.append((time.perf_counter() - due) * 1000)
        due += pace


async def _measure(product: Product, per_second: float, seconds: float) -> PacedLatency:
    waits: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_press_in_lane(product, lane, LANES / per_second, until, waits) for lane in range(LANES)))
    waits.sort()
    return PacedLatency(len(waits) / seconds, waits[len(waits) // 2], waits[int(len(waits) * 0.99)])


def measure(product: Product, *, per_second: float, seconds: float = 10) -> PacedLatency:
    """Measure the waits of presses under one article at `per_second`."""
    return asyncio.run(_measure(product, per_second, seconds))
