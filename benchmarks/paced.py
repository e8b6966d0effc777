"""Presses at a steady pace, whatever the server does: each is due at its own moment, and waits count from then."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass

from .press_to_face import Connection, post
from .product import Product

#: More presses than these may be under way at once only when the server is far behind.
LANES = 32


@dataclass(frozen=True)
class Paced:
    """Milliseconds from the moment a press was due to its receipt."""

    per_second: float
    p50_ms: float
    p99_ms: float


async def _lane(product: Product, lane: int, pace: float, until: float, waits: list[float]) -> None:
    connection: Connection = []
    due = time.perf_counter() + lane * pace / LANES
    while due < until:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        await post(product, {"kind": "article", "subject": "/help", "revision": product.article_revision}, connection)
        waits.append((time.perf_counter() - due) * 1000)
        due += pace


async def _measure(product: Product, per_second: float, seconds: float) -> Paced:
    waits: list[float] = []
    until = time.perf_counter() + seconds
    await asyncio.gather(*(_lane(product, lane, LANES / per_second, until, waits) for lane in range(LANES)))
    waits.sort()
    return Paced(len(waits) / seconds, waits[len(waits) // 2], waits[int(len(waits) * 0.99)])


def measure(product: Product, *, per_second: float, seconds: float = 10) -> Paced:
    """The waits of presses under one article at `per_second`."""
    return asyncio.run(_measure(product, per_second, seconds))
