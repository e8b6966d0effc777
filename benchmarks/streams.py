"""What open streams cost the live process: memory for each, processor time for what they are told, and delay."""

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
    """Figures of one run. `latency` is that of presses, from sending one to reading its event on all streams."""

    count: int
    opened_per_second: float
    bytes_each: float
    latency: Latency
    #: Of the live process, while `latency.samples` events were told.
    cpu_seconds: float

    @property
    def cpu_per_1000_told(self) -> float:
        """Seconds of the live process for telling a thousand streams one event each."""
        return self.cpu_seconds * 1000 / self.latency.samples


@dataclass(frozen=True)
class Usage:
    """A process at one moment."""

    at: float
    bytes: int
    cpu_seconds: float


def usage(pid: int) -> Usage:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    ticks = int(fields[11]) + int(fields[12])
    return Usage(time.perf_counter(), proportional_bytes(pid), ticks / os.sysconf("SC_CLK_TCK"))


def proportional_bytes(pid: int) -> int:
    """Proportional memory of a process; the resident size where the system does not tell."""
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        command = ["ps", "-o", "rss=", "-p", str(pid)]
        return int(subprocess.run(command, capture_output=True, text=True, check=False).stdout or 0) * 1024
    return next(int(line.split()[1]) * 1024 for line in text.splitlines() if line.startswith("Pss:"))


def measure(product: Product, *, streams: int, per_second: float, seconds: float = 10) -> Streams:
    """Open `streams` to the running server, then press while `per_second` other votes come in.

    A fresh server gives the memory that streams add: what a process has once taken it does not give back.
    """
    allow_files()
    # One stream alone loads what the first one loads.
    press_to_face.measure(product, streams=1, per_second=1, seconds=1)
    (pid,) = product.server.of("serve/live.py")
    before = usage(pid)
    opened: list[Usage] = []

    def when_open() -> None:
        opened.append(Usage(time.perf_counter(), 0, 0))
        time.sleep(SETTLE_SECONDS)
        opened.append(usage(pid))

    latency = press_to_face.measure(
        product, streams=streams, per_second=per_second, seconds=seconds, when_open=when_open
    )
    done, settled = opened
    return Streams(
        count=streams,
        opened_per_second=streams / (done.at - before.at),
        bytes_each=(settled.bytes - before.bytes) / streams,
        latency=latency,
        cpu_seconds=usage(pid).cpu_seconds - settled.cpu_seconds,
    )
