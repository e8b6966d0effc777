"""The supervisor with small misbehaving children, without the product."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from widget_server.serve import heartbeat, parent_watch, start
from widget_server.serve.busy_threads import BusyThreads
from widget_server.serve.hung_processes import HungProcesses
from widget_server.serve.supervise import SAME_PRESS_SECONDS

from .server import PATIENCE_SECONDS, wait_until

pytestmark = pytest.mark.server

SUPERVISE = start.HERE / "supervise.py"
Supervise = Callable[..., "Supervised"]
#: Longer than any machine needs to end the children, so that a supervisor that waits for it is noticed.
STOP_SECONDS = 60
WAITS = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(600)"
)
#: A child that ignores the signal, started by another child, as granian's worker is.
PARENT = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', sys.argv[1]]); time.sleep(600)"


class Supervised:
    """A supervisor with children that are one line of Python each."""

    def __init__(self, *children: tuple[str, list[str]], **plan: Any) -> None:
        self.plan = {
            "descriptors": [],
            "lifeline": parent_watch.VARIABLE,
            "heartbeat": heartbeat.VARIABLE,
            "hung_seconds": start.HUNG_SECONDS,
            "stop_seconds": 3,
            "children": [{"name": name, "argv": [sys.executable, "-c", *code]} for name, code in children],
            "backup": None,
            "lines": ["ready"],
            **plan,
        }
        reading, writing = os.pipe()
        os.write(writing, json.dumps(self.plan).encode())
        os.close(writing)
        self.process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(SUPERVISE), str(reading)],
            pass_fds=[reading],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        os.close(reading)

    def line(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def __enter__(self) -> Supervised:
        return self

    def __exit__(self, *_: object) -> None:
        """Kill the supervisor; its children end with it."""
        self.process.kill()
        self.process.communicate()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str]:
        """Return the exit status and the remaining output."""
        self.process.send_signal(number)
        output, _ = self.process.communicate(timeout=PATIENCE_SECONDS)
        return self.process.returncode, output


@pytest.fixture
def supervise() -> Iterator[Callable[..., Supervised]]:
    with ExitStack() as stack:
        yield lambda *children, **plan: stack.enter_context(Supervised(*children, **plan))


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_stops_at_once(supervise: Supervise, number: int) -> None:
    supervised = supervise(("one", [WAITS]), ("two", [WAITS]), stop_seconds=STOP_SECONDS)
    assert supervised.line() == "ready"
    started = time.monotonic()
    assert supervised.end(number) == (0, "")
    assert time.monotonic() - started < STOP_SECONDS / 2


def test_a_child_that_does_not_stop_is_killed(supervise: Supervise) -> None:
    supervised = supervise(("stubborn", [STUBBORN]), stop_seconds=1)
    assert {supervised.line(), supervised.line()} == {"ready", "up"}
    status, output = supervised.end()
    assert status == 0
    assert "stubborn process did not stop in time" in output


def test_processes_that_a_child_left_behind_are_killed(supervise: Supervise) -> None:
    supervised = supervise(("parent", [PARENT, STUBBORN]), stop_seconds=1)
    assert {supervised.line(), supervised.line()} == {"ready", "up"}
    status, output = supervised.end()
    assert status == 0
    assert "did not stop in time" in output


def test_a_second_signal_does_not_wait(supervise: Supervise) -> None:
    supervised = supervise(("stubborn", [STUBBORN]), stop_seconds=STOP_SECONDS)
    assert {supervised.line(), supervised.line()} == {"ready", "up"}
    supervised.process.send_signal(signal.SIGINT)
    # Earlier it would count as the same press.
    time.sleep(2 * SAME_PRESS_SECONDS)
    started = time.monotonic()
    assert supervised.end(signal.SIGINT)[0] == 0
    assert time.monotonic() - started < STOP_SECONDS / 2


def test_a_first_start_that_fails_ends_everything(supervise: Supervise) -> None:
    broken = {"name": "broken", "argv": [sys.executable, "-c", "raise SystemExit(7)"], "probe": ["127.0.0.1", 1, "/"]}
    supervised = supervise(children=[broken, {"name": "fine", "argv": [sys.executable, "-c", WAITS]}])
    output, _ = supervised.process.communicate(timeout=PATIENCE_SECONDS)
    assert supervised.process.returncode == 1
    assert "The broken process ended with status 7." in output
    assert "ready" not in output


def test_a_child_that_keeps_dying_is_started_ever_more_slowly(supervise: Supervise, tmp_path: Path) -> None:
    log = tmp_path / "starts"
    code = f"import time; print(time.monotonic(), file=open({str(log)!r}, 'a'))"
    supervised = supervise(("frail", [code]))
    assert supervised.line() == "ready"

    def starts() -> list[float]:
        return [float(line) for line in log.read_text().split()] if log.exists() else []

    assert wait_until(lambda: len(starts()) >= 4)
    assert supervised.end()[0] == 0
    rests = [later - earlier for earlier, later in pairwise(starts()[:4])]
    assert all(rest >= least for rest, least in zip(rests, (0.4, 0.8, 1.6), strict=True)), rests


def test_children_learn_of_its_death(supervise: Supervise, tmp_path: Path) -> None:
    code = (
        f"import runpy, time; runpy.run_path({str(start.HERE / 'parent_watch.py')!r})['watch_supervisor']();"
        "import os; print(os.getpid(), flush=True); time.sleep(600)"
    )
    supervised = supervise(("child", [code]))
    lines = {supervised.line(), supervised.line()}
    pid = int((lines - {"ready"}).pop())
    supervised.end(signal.SIGKILL)
    assert wait_until(lambda: not is_alive(pid))


@pytest.mark.parametrize(("hours", "runs"), [(None, True), (25, True), (23, False)])
def test_the_backup_runs_when_the_newest_is_a_day_old(
    supervise: Supervise, tmp_path: Path, hours: int | None, runs: bool
) -> None:
    if hours is not None:
        newest = tmp_path / "daily-20260101T000000Z.sqlite3"
        newest.touch()
        moment = time.time() - hours * 3600
        os.utime(newest, (moment, moment))
    marker = tmp_path / "made"
    backup = {"folder": str(tmp_path), "argv": [sys.executable, "-c", f"open({str(marker)!r}, 'w')"], "after": 0}
    supervised = supervise(("one", [WAITS]), backup=backup)
    assert supervised.line() == "ready"
    assert wait_until(marker.exists, PATIENCE_SECONDS if runs else 1.5) == runs
    assert supervised.end()[0] == 0


def test_it_loads_nothing_of_the_product() -> None:
    """Check this because its imports stay in memory for the life of the server."""
    code = f"import runpy, sys; runpy.run_path({str(SUPERVISE)!r}); print(*sys.modules)"
    result = subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True, check=True)
    loaded = {name.partition(".")[0] for name in result.stdout.split()}
    assert not loaded & {"widget_server", "flask", "sqlalchemy", "click", "marshmallow", "asyncio", "multiprocessing"}


#: Sends a single heartbeat, then sleeps.
ONE_BEAT = (
    "import os, time; os.write(int(os.environ['TILFREDS_HEARTBEAT']), b'%d\\n' % os.getpid());"
    " print('up', flush=True); time.sleep(60)"
)


def test_a_process_whose_heartbeats_stop_is_replaced(supervise: Supervise) -> None:
    supervised = supervise(("web", [ONE_BEAT]), ("steady", [WAITS]), hung_seconds=0.5)
    assert {supervised.line(), supervised.line()} == {"ready", "up"}
    assert supervised.line() == "A process of web did not answer for 0 seconds and is replaced."
    assert supervised.line() == "The web process ended with status -9."
    assert supervised.line() == "up"
    # A killed supervisor would leave the steady child, and the end of the test would wait for it.
    assert supervised.end()[0] == 0


class TestHungProcesses:
    """The pure part: which processes are overdue, by a clock of the test."""

    def test_only_a_silent_process_is_overdue(self) -> None:
        now = [0.0]
        hung = HungProcesses(20, clock=lambda: now[0])
        for second in range(60):
            now[0] = float(second)
            if second == 0:
                os.write(hung.writing, b"1\n2\n")
            os.write(hung.writing, b"2\n")
            assert hung.find() == ([1] if second == 21 else [])

    def test_after_a_suspension_every_process_gets_its_time_again(self) -> None:
        now = [0.0]
        hung = HungProcesses(20, clock=lambda: now[0])
        os.write(hung.writing, b"1\n")
        assert hung.find() == []
        now[0] = 3_600.0
        assert hung.find() == []
        while now[0] < 3_621:
            now[0] += 1
            overdue = hung.find()
        assert overdue == [1]

    def test_a_heartbeat_that_arrives_in_two_parts_counts(self) -> None:
        hung = HungProcesses(20, clock=lambda: 0.0)
        os.write(hung.writing, b"12")
        assert hung.find() == []
        os.write(hung.writing, b"3\n")
        assert hung.find() == [] and set(hung.heard_at) == {123}


def test_a_web_process_is_stuck_when_all_its_threads_are(monkeypatch: pytest.MonkeyPatch) -> None:
    now, released = [100.0], threading.Event()
    monkeypatch.setattr(time, "monotonic", lambda: now[0])

    def wait(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        released.wait(20)
        return []

    busy = BusyThreads(wait, 2)
    threads = [threading.Thread(target=busy, args=({}, None)) for _ in range(2)]
    threads[0].start()
    now[0] += 60
    assert busy.are_answering(), "one thread is free"
    threads[1].start()
    while len(busy.started_at) < 2:
        pass
    assert busy.are_answering(), "the second request began a moment ago"
    now[0] += 60
    assert not busy.are_answering()
    released.set()
    for thread in threads:
        thread.join()
    assert busy.are_answering()
