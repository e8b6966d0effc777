"""`make bench`: every bar there is a figure for, in one run, as a table in benchmarks/results.md."""

from __future__ import annotations

import re
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

import brotli

from tests.serve.server import Server, free_port, wait_until

from . import first_faces, product, saving, snippet, streams
from .table import Row, write

MEBIBYTE, KIBIBYTE = 2**20, 2**10


def watching(folder: Path, rate: float) -> list[Row]:
    """What agents' open pages wait for and cost."""
    with product.running(folder / "watching", invitations=50) as served:
        rows = [pressed(served, open_pages, rate / 2) for open_pages in (50, 500)]
    with product.running(folder / "crowd", invitations=50) as served:
        many = streams.measure(served, streams=2000, per_second=20)
    return [
        *rows,
        Row(
            "Memory of each of 2,000 open streams",
            f"{many.bytes_each / KIBIBYTE:.0f} KiB; {many.opened_per_second:,.0f} opened a second, "
            f"p95 {many.latency.p95_ms:.0f} ms, {many.cpu_per_1000_told * 1000:.0f} ms of processor for 1,000 told",
            "at most 50 KB",
            many.bytes_each <= 50_000,
        ),
    ]


def pressed(served: product.Product, open_pages: int, rate: float) -> Row:
    took = streams.measure(served, streams=open_pages, per_second=rate).latency
    return Row(
        f"Press to event on the agent's page, {open_pages} streams, half the top rate",
        f"p50 {took.p50_ms:.0f} ms, p95 {took.p95_ms:.0f} ms "
        f"({took.samples} readings, {took.background_per_second:,.0f} other votes a second)",
        "p95 at most 200 ms",
        took.p95_ms <= 200,
    )


def resting(folder: Path) -> list[Row]:
    with product.running(folder / "resting") as served:
        time.sleep(2)
        memory = sum(streams.proportional_bytes(pid) for pid in served.server.family()) / MEBIBYTE
        size = file_bytes(f"http://127.0.0.1:{served.server.port}", served.key)
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
    """What a browser loads for the tag."""
    return len(served_file(url, key, "br"))


def served_file(url: str, key: str, encoding: str) -> bytes:
    """The file as a tag gets it, in one of the encodings of HTTP."""
    headers = {"Accept-Encoding": encoding, "Sec-Fetch-Mode": "no-cors"}
    request = urllib.request.Request(f"{url}/w/{key}.js", headers=headers)
    with urllib.request.urlopen(request) as answer:
        content: bytes = answer.read()
        return content


def later_parts() -> Row:
    dist = Path(__file__).parent.parent / "static" / "dist"
    parts = [*dist.glob("en-*.js"), *dist.glob("page-*.js")]
    total = sum(len(brotli.compress(path.read_bytes(), mode=brotli.MODE_TEXT, quality=11)) for path in parts)
    return Row("Bytes of all later parts, one language, brotli", f"{total:,}", "at most 5,000", 0 < total <= 5000)


def demo(folder: Path) -> list[Row]:
    """How soon it answers, and the file of its site, which speaks all six languages and asks in two places."""
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
        assert wait_until(lambda: "Open " in server.output())
        with urllib.request.urlopen(f"http://127.0.0.1:{port + 2}/help/slipping-chain") as page:
            (key,) = set(re.findall(r"/w/(\w+)\.js", page.read().decode()))
        size = file_bytes(f"http://127.0.0.1:{port}", key)
    finally:
        server.stop()
        server.end()
    return [
        Row("`tilfreds demo`, fresh database, to the first answer", f"{took:.1f} s", "at most 3 s", took <= 3),
        Row("Bytes of the demo site's file, all its languages, brotli", f"{size:,}"),
    ]


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="tilfreds-bench-") as name:
        folder = Path(name)
        rows, rate = saving.on_sqlite(folder)
        rows += saving.on_postgresql(folder)
        rows += [
            *watching(folder, rate),
            *snippet.rows(folder, rate / 2),
            *resting(folder),
            later_parts(),
            first_faces.measure(folder),
            *demo(folder),
        ]
    sys.stdout.write(write(rows))


if __name__ == "__main__":
    main()
