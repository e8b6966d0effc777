"""Clients of a real live process whose connections are cut at any byte, and the events that they received."""

from __future__ import annotations

import contextlib
import os
import random
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from widget_server.core.config import Config
from widget_server.events.outbox_reader import Position
from widget_server.serve import parent_watch

from ..serve.server import clean_environ, free_port
from .conftest import LiveServer

ROOT = Path(__file__).parents[2]
#: Not imported, because that would replace the blocking calls of the tests.
LIVE = Path(parent_watch.__file__).with_name("live.py")
START_SECONDS = 30
#: Code that runs before a planted fault: as in live.py, the thread that watches for our end must be a real one.
BEFORE_A_PLANT = f"""
import os, runpy
runpy.run_path({parent_watch.__file__!r})["watch_supervisor"]()
del os.environ[{parent_watch.VARIABLE!r}]
from gevent import monkey
monkey.patch_all()
"""
#: The follower without its bound, so that it reads past a running transaction.
PAST_THE_RUNNING = """
from sqlalchemy import bindparam, select, tuple_
from widget_server.events import outbox_reader
place = tuple_(outbox_reader.EVENT.xid, outbox_reader.EVENT.id)
after = place > tuple_(bindparam("xid"), bindparam("id"))
columns = select(*outbox_reader.COLUMNS).where(after).order_by(outbox_reader.EVENT.xid, outbox_reader.EVENT.id)
outbox_reader.AFTER["postgresql"] = columns.limit(bindparam("most"))
"""
#: A stream that loses the events that arrive while it reads the past.
DEAF_WHILE_CATCHING_UP = """
from widget_server.live import stream
real = stream.Stream.start
def start(self, after, past, newest):
    self.early_changes = []
    real(self, after, [], newest)
stream.Stream.start = start
"""
#: A reset instead of a normal close, so that data in transit is lost.
ABRUPT = struct.pack("ii", 1, 0)
Resume = Callable[[list[Position], Position], Position | None]


def from_the_last(_positions: list[Position], last: Position) -> Position | None:
    return last


class LiveProcess:
    """The live process alone, which may be killed and restarted on its port. `plant` is Python code run before it."""

    def __init__(self, folder: Path, plant: str = "", **settings: object) -> None:
        port = free_port()
        self.live_port = port + 1
        self.environ = clean_environ(folder, port=port, live_port=self.live_port, log_level="warning", **settings)
        before = BEFORE_A_PLANT + plant if plant else ""
        run_it = f"import runpy; runpy.run_path({str(LIVE)!r}, run_name='__main__')"
        self.command = [sys.executable, "-P", "-c", f"{before}\n{run_it}"]
        self.process: subprocess.Popen[bytes] | None = None
        # It ends when the writing end closes, also when the tests are killed.
        self.reading, self.writing = os.pipe()

    def start(self) -> None:
        """Start the process; clients retry until it answers."""
        environ = {**self.environ, "PYTHONPATH": str(ROOT), parent_watch.VARIABLE: str(self.reading)}
        self.process = subprocess.Popen(self.command, env=environ, cwd=ROOT, pass_fds=(self.reading,))

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait(START_SECONDS)

    def end(self) -> None:
        if self.process is not None:
            self.kill()
        os.close(self.reading)
        os.close(self.writing)


class LiveThread(LiveProcess):
    """The streams in a thread of the tests, which starts faster and is never killed."""

    def __init__(self, config: Config) -> None:
        self.server = LiveServer(config)
        self.live_port = self.server.port

    def start(self) -> None:
        """Do nothing: the server started when it was created, because its port is known only then."""

    def end(self) -> None:
        self.server.stop()


class CutReader(threading.Thread):
    """A client like a console's page: it stores the id of each whole frame, and reconnects with the last."""

    def __init__(self, port: int, token: str, query: str, cuts: int, resume: Resume, seed: int) -> None:
        super().__init__(daemon=True)
        self.port, self.token, self.query, self.resume = port, token, query, resume
        self.random = random.Random(seed)
        self.planned = cuts
        #: The approximate number of bytes between two cuts, set by the caller who knows how much will arrive.
        self.stride = 1000
        self.cuts = 0
        self.resets = 0
        self.received: list[Position] = []
        self.last = Position(0, 0)
        self.greeted, self.over = threading.Event(), threading.Event()

    def run(self) -> None:
        while not self.over.is_set():
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=5) as line:
                self.read(line)
            # A killed process takes a moment to restart.
            time.sleep(0.01)

    def read(self, line: socket.socket) -> None:
        after = self.resume(self.received, self.last)
        place = "" if after is None else f"&after={after}"
        # With HTTP/1.0 the stream arrives without chunked framing.
        head = f"GET /live/events?{self.query}{place} HTTP/1.0\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {self.token}"
        line.sendall(f"{head}\r\n\r\n".encode())
        line.settimeout(0.1)
        remaining_bytes = self.random.randrange(1, 2 * self.stride) if self.cuts < self.planned else sys.maxsize
        rest = b""
        while not self.over.is_set():
            with contextlib.suppress(TimeoutError):
                got = line.recv(min(remaining_bytes, 4096))
                if not got:
                    return
                rest = self.take(rest + got)
                remaining_bytes -= len(got)
            if remaining_bytes <= 0:
                self.cuts += 1
                if self.random.random() < 0.5:
                    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABRUPT)
                return

    def take(self, data: bytes) -> bytes:
        """Read the whole frames, and return the bytes of an incomplete one."""
        *frames, rest = data.split(b"\n\n")
        for frame in frames:
            fields = dict(line.split(": ", 1) for line in frame.decode().splitlines() if ": " in line)
            position = Position.parse(fields.get("id", ""))
            if position is None:
                continue
            self.last = position
            self.greeted.set()
            if fields.get("event") == "change":
                self.received.append(position)
            self.resets += fields.get("event") == "reset"
        return rest


@dataclass(frozen=True)
class Findings:
    """The received events compared with the committed ones."""

    events: int
    received: int
    cuts: int
    kills: int
    missing: int
    doubled: int
    out_of_order: int
    resets: int

    @property
    def is_clean(self) -> bool:
        return not (self.missing or self.doubled or self.out_of_order or self.resets)

    def __str__(self) -> str:
        description = f"{self.events:,} events, {self.cuts} cuts, {self.kills} kills of the live process"
        return f"{description}: {self.missing} missing, {self.doubled} doubled, {self.out_of_order} out of order"


def compare(readers: Sequence[tuple[CutReader, list[Position]]], kills: int) -> Findings:
    """Compare the events that each client received with those that it should receive."""
    missing = doubled = out_of_order = 0
    for reader, expected in readers:
        missing += len(set(expected) - set(reader.received))
        doubled += len(reader.received) - len(set(reader.received))
        out_of_order += sum(
            later <= earlier for earlier, later in zip(reader.received, reader.received[1:], strict=False)
        )
    everything = max(len(expected) for _, expected in readers)
    cuts = sum(reader.cuts for reader, _ in readers)
    resets = sum(reader.resets for reader, _ in readers)
    event_count = sum(len(reader.received) for reader, _ in readers)
    return Findings(everything, event_count, cuts, kills, missing, doubled, out_of_order, resets)
