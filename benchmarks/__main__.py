"""`make bench`: every bar there is a figure for, in one run, as a table in benchmarks/results.md."""

from __future__ import annotations

import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import brotli

from tests.serve.server import Server, free_port

from . import product, saving, streams
from .table import Row, write

MEBIBYTE, KIBIBYTE = 2**20, 2**10


def watching(folder: Path, rate: float) -> list[Row]:
    """What agents' open pages wait for and cost."""
    with product.running(folder / "watching", invitations=50) as served:
        few = streams.measure(served, streams=500, per_second=rate / 2).latency
    with product.running(folder / "crowd", invitations=50) as served:
        many = streams.measure(served, streams=2000, per_second=20)
    others = f"{few.samples} readings, {few.background_per_second:,.0f} other votes a second"
    return [
        Row(
            "Press to event on the agent's page, 500 streams, half the top rate",
            f"p50 {few.p50_ms:.0f} ms, p95 {few.p95_ms:.0f} ms ({others})",
            "p95 at most 200 ms",
            few.p95_ms <= 200,
        ),
        Row(
            "Memory of each of 2,000 open streams",
            f"{many.bytes_each / KIBIBYTE:.0f} KiB; {many.opened_per_second:,.0f} opened a second, "
            f"p95 {many.latency.p95_ms:.0f} ms, {many.cpu_per_1000_told * 1000:.0f} ms of processor for 1,000 told",
            "at most 50 KB",
            many.bytes_each <= 50_000,
        ),
    ]


def resting(folder: Path) -> list[Row]:
    with product.running(folder / "resting") as served:
        time.sleep(2)
        memory = sum(streams.proportional_bytes(pid) for pid in served.server.family()) / MEBIBYTE
        address = f"http://127.0.0.1:{served.server.port}/w/{served.key}.js"
        request = urllib.request.Request(address, headers={"Accept-Encoding": "br"})
        with urllib.request.urlopen(request) as answer:
            size = len(answer.read())
    return [
        Row(
            "Memory of an idle `tilfreds serve`, all processes (proportional)",
            f"{memory:,.0f} MiB",
            "at most 250 MB",
            memory * MEBIBYTE <= 250e6,
        ),
        Row(
            "Bytes of the served file, one language, chat and article, brotli",
            f"{size:,}",
            "at most 2,500",
            size <= 2500,
        ),
    ]


def later_parts() -> Row:
    dist = Path(__file__).parent.parent / "static" / "dist"
    parts = [*dist.glob("en-*.js"), *dist.glob("page-*.js")]
    total = sum(len(brotli.compress(path.read_bytes(), mode=brotli.MODE_TEXT, quality=11)) for path in parts)
    return Row("Bytes of all later steps, one language, brotli", f"{total:,}", "at most 4,000", 0 < total <= 4000)


def demo_start(folder: Path) -> Row:
    port = free_port(3)
    server = Server(folder / "demo", "demo", port=port)
    began = time.perf_counter()
    server.start()
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        took = time.perf_counter() - began
    finally:
        server.stop()
        server.end()
    return Row("`tilfreds demo`, fresh database, to the first answer", f"{took:.1f} s", "at most 3 s", took <= 3)


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bench-") as name:
        folder = Path(name)
        rows, rate = saving.on_sqlite(folder)
        rows += saving.on_postgresql(folder)
        rows += [*watching(folder, rate), *resting(folder), later_parts(), demo_start(folder)]
    sys.stdout.write(write(rows))


if __name__ == "__main__":
    main()
