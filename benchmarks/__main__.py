"""`make bench` measures every figure that has a bar and writes the table in benchmarks/results.md."""

from __future__ import annotations

import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import brotli

from tests.serve.server import Server, free_port, wait_until

from . import (
    accounts,
    first_faces,
    first_run,
    frequent,
    lists,
    lone,
    long_conversation,
    product,
    saving,
    snippet,
    streams,
)
from .table import Row, write_table

MEBIBYTE, KIBIBYTE = 2**20, 2**10


def measure_streams(folder: Path, rate: float) -> list[Row]:
    """Measure the delay of events on agents' open pages, and the cost of their streams."""
    with product.running(folder / "watching", invitations=50) as running_product:
        rows = [measure_delay(running_product, open_pages, rate / 2) for open_pages in (50, 500)]
    with product.running(folder / "crowd", invitations=50) as running_product:
        figures = streams.measure(running_product, streams=2000, per_second=20)
    return [
        *rows,
        Row(
            "Memory of each of 2,000 open streams",
            f"{figures.bytes_each / KIBIBYTE:.0f} KiB; {figures.opened_per_second:,.0f} opened a second, "
            f"p95 {figures.latency.p95_ms:.0f} ms, "
            f"{figures.cpu_per_1000_events * 1000:.0f} ms of processor for 1,000 events",
            "at most 50 KB",
            figures.bytes_each <= 50_000,
        ),
    ]


def measure_delay(running_product: product.Product, open_pages: int, rate: float) -> Row:
    latency = streams.measure(running_product, streams=open_pages, per_second=rate).latency
    return Row(
        f"Press to event on the agent's page, {open_pages} streams, half the top rate",
        f"p50 {latency.p50_ms:.0f} ms, p95 {latency.p95_ms:.0f} ms "
        f"({latency.samples} readings, {latency.background_per_second:,.0f} other votes a second)",
        "p95 at most 200 ms",
        latency.p95_ms <= 200,
    )


def measure_idle(folder: Path) -> list[Row]:
    with product.running(folder / "resting") as running_product:
        time.sleep(2)
        memory = sum(streams.proportional_bytes(pid) for pid in running_product.server.family()) / MEBIBYTE
        size = file_bytes(f"http://127.0.0.1:{running_product.server.port}", running_product.key)
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
            "at most 3,500",
            size <= 3500,
        ),
    ]


def file_bytes(url: str, key: str) -> int:
    """Return the bytes that a browser loads for the tag, with brotli."""
    return len(fetch_file(url, key, "br"))


def fetch_file(url: str, key: str, encoding: str) -> bytes:
    """Return the file as the tag loads it, in one of HTTP's content encodings."""
    headers = {"Accept-Encoding": encoding, "Sec-Fetch-Mode": "no-cors"}
    request = urllib.request.Request(f"{url}/w/{key}.js", headers=headers)
    with urllib.request.urlopen(request) as response:
        content: bytes = response.read()
        return content


def measure_later_parts() -> Row:
    dist = Path(__file__).parent.parent / "static" / "dist"
    parts = [*dist.glob("en-*.js"), *dist.glob("page-*.js")]
    total = sum(len(brotli.compress(path.read_bytes(), mode=brotli.MODE_TEXT, quality=11)) for path in parts)
    return Row("Bytes of all later parts, one language, brotli", f"{total:,}", "at most 5,000", 0 < total <= 5000)


def measure_demo(folder: Path) -> list[Row]:
    """Measure the demo's start, and the file of its site, which has six languages and two placements."""
    port = free_port(3)
    server = Server(folder / "demo", "demo", port=port)
    started_at = time.perf_counter()
    server.start()
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/health/live", timeout=1).close()
                break
            except OSError:
                time.sleep(0.02)
        start_seconds = time.perf_counter() - started_at
        assert wait_until(lambda: "Open " in server.output())
        with urllib.request.urlopen(f"http://127.0.0.1:{port + 2}/help/slipping-chain") as page:
            (key,) = set(re.findall(r"/w/(\w+)\.js", page.read().decode()))
        size = file_bytes(f"http://127.0.0.1:{port}", key)
    finally:
        server.stop()
        server.end()
    return [
        Row(
            "`tilfreds demo`, fresh database, to the first answer",
            f"{start_seconds:.1f} s",
            "at most 3 s",
            start_seconds <= 3,
        ),
        Row("Bytes of the demo site's file, all its languages, brotli", f"{size:,}"),
    ]


def main(*arguments: str) -> None:
    sizes = (100_000, 1_000_000) if "--million" in arguments else (100_000,)
    with tempfile.TemporaryDirectory(prefix="tilfreds-bench-") as name:
        folder = Path(name)
        rows, rate = saving.on_sqlite(folder)
        rows += saving.on_postgresql(folder)
        rows += [lone.measure(folder), *frequent.measure(folder), *accounts.measure(folder)]
        for size in sizes:
            rows += [*lists.on_sqlite(folder, size), *lists.on_postgresql(folder, size)]
        rows += [long_conversation.on_sqlite(folder), long_conversation.on_postgresql(folder)]
        rows += [
            *measure_streams(folder, rate),
            *snippet.measure_rows(folder, rate / 2),
            *measure_idle(folder),
            measure_later_parts(),
            first_faces.measure(folder),
            first_run.measure(folder),
            *measure_demo(folder),
        ]
    sys.stdout.write(write_table(rows))


if __name__ == "__main__":
    main(*sys.argv[1:])
