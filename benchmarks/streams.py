"""The cost of open streams in the live process: memory of each, processor time for events, and delay."""

from __future__ import annotations

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from widget_server.live.server import allow_files

from . import press_to_face
from .press_to_face import Latency
from .product import Product

SETTLE_SECONDS = 1.0


@dataclass(frozen=True)
class Streams:
    """The figures of a run. `latency` is measured from sending a press to reading its event on all streams."""

    count: int
    opened_per_second: float
    bytes_each: float
    latency: Latency
    #: Processor time of the live process while it sent `latency.samples` events.
    cpu_seconds: float

    @property
    def cpu_per_1000_events(self) -> float:
        """Seconds of the live process for sending one event to each of a thousand streams."""
        return self.cpu_seconds * 1000 / self.latency.samples


@dataclass(frozen=True)
class Usage:
    """The memory and processor time of a process at one moment."""

    at: float
    bytes: int
    cpu_seconds: float


def read_usage(pid: int) -> Usage:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Usage(time.perf_counter(), proportional_bytes(pid), ticks / os.sysconf("SC_CLK_TCK"))


def proportional_bytes(pid: int) -> int:
    """Return the proportional memory of a process, or the resident size where the system has no such figure."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout or 0) * 1024
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def measure(product: Product, *, streams: int, per_second: float, seconds: float = 10) -> Streams:
    """Open `streams` to the running server, then press while `per_second` other votes arrive.

    Only a new server shows the memory that streams add, because a process does not return freed memory.
    """
    allow_files()
    # A first stream loads everything that is loaded once.
    press_to_face.measure(product, streams=1, per_second=1, seconds=1)
    (pid,) = product.server.of("serve/live.py")
    usage_before = read_usage(pid)
    usages: list[Usage] = []

    def when_open() -> None:
        usages.append(Usage(time.perf_counter(), 0, 0))
        time.sleep(SETTLE_SECONDS)
        usages.append(read_usage(pid))

    latency = press_to_face.measure(
        product, streams=streams, per_second=per_second, seconds=seconds, when_open=when_open
    )
    usage_open, usage_settled = usages
    return Streams(
        count=streams,
        opened_per_second=streams / (usage_open.at - usage_before.at),
        bytes_each=(usage_settled.bytes - usage_before.bytes) / streams,
        latency=latency,
        cpu_seconds=read_usage(pid).cpu_seconds - usage_settled.cpu_seconds,
    )
