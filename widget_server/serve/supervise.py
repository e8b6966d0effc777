"""The supervisor of a server's processes: starts them, restarts them after a crash, stops them.

It runs as a file, not as a module of the package, and loads only the standard library and three files beside it,
because everything it loads stays in memory for the life of the server. `start.py` prepares the start, then replaces
itself with this file and passes it a plan (JSON, on a file descriptor whose number is the only argument).

Every process inherits the reading end of a pipe; only this process has the writing end. When it dies, even by
SIGKILL, the pipe closes and the processes end by themselves (`parent_watch.py`).
"""

import contextlib
import json
import os
import runpy
import select
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .child import Child
    from .daily_backup import DailyBackup
    from .hung_processes import HungProcesses
else:
    # Loaded as files, because an import would load the package around them.
    Child, DailyBackup, HungProcesses = (
        runpy.run_path(str(Path(__file__).with_name(file)))[name]
        for file, name in (
            ("child.py", "Child"),
            ("daily_backup.py", "DailyBackup"),
            ("hung_processes.py", "HungProcesses"),
        )
    )

STARTING_INTERVAL_SECONDS = 0.05
RUNNING_INTERVAL_SECONDS = 1.0
START_SECONDS = 60
SIGNAL_AGAIN_SECONDS = 1.0
#: One Ctrl-C can arrive twice, from the terminal and from the parent program; a later one asks to stop at once.
SAME_PRESS_SECONDS = 0.5


def print_line(text: str) -> None:
    # A closed terminal or log must not stop the server.
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Supervisor:
    """The main loop over the child processes and the daily backup."""

    def __init__(self, plan: Mapping[str, Any]):
        self.stop_requested_at: float | None = None
        self.kill_at_once = False
        self.announced = False
        self.plan = plan
        reading, self.lifeline = os.pipe()
        os.environ[plan["lifeline"]] = str(reading)
        self.hung_processes = HungProcesses(plan["hung_seconds"])
        os.environ[plan["heartbeat"]] = str(self.hung_processes.writing)
        descriptors = (reading, self.hung_processes.writing, *plan["descriptors"])
        self.children = [Child(child, descriptors) for child in plan["children"]]
        self.backup = DailyBackup(plan.get("backup"), descriptors)
        self.wakeup_pipe, wakeup_end = os.pipe()
        os.set_blocking(self.wakeup_pipe, False)
        os.set_blocking(wakeup_end, False)
        signal.set_wakeup_fd(wakeup_end)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.on_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # start.py blocked them, so that no signal was lost while one program replaced the other.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))

    def on_stop(self, number: int, frame: Any) -> None:
        now = time.monotonic()
        if self.stop_requested_at is None:
            self.stop_requested_at = now
        elif now - self.stop_requested_at > SAME_PRESS_SECONDS:
            self.kill_at_once = True

    def sleep(self, seconds: float) -> None:
        """Sleep until a signal arrives or the time is over."""
        if select.select([self.wakeup_pipe], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self.wakeup_pipe, 1024)

    def run(self) -> int:
        is_healthy = True
        while is_healthy and self.stop_requested_at is None:
            is_healthy = self.keep_alive() and self.announce()
            if self.announced:
                self.kill_hung_processes()
                self.backup.start_if_due()
            self.sleep(RUNNING_INTERVAL_SECONDS if self.announced else STARTING_INTERVAL_SECONDS)
        self.stop()
        return 0 if is_healthy else 1

    def keep_alive(self) -> bool:
        """Start the processes that are not running. Returns False if one ends before the server is ready."""
        for child in self.children:
            if self.stop_requested_at is not None:
                return True
            code = child.exit_status()
            if code is not None:
                print_line(f"The {child.name} process ended with status {code}.")
                child.signal(signal.SIGKILL)
                if not self.announced:
                    return False
                child.plan_restart()
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
        return True

    def kill_hung_processes(self) -> None:
        """Kill each process whose heartbeats stopped; the next round starts another one in its place."""
        for process_id in self.hung_processes.find():
            child = self.find_child(process_id)
            if child is not None:
                seconds = round(self.plan["hung_seconds"])
                print_line(f"A process of {child.name} did not answer for {seconds} seconds and is replaced.")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(process_id, signal.SIGKILL)

    def find_child(self, process_id: int) -> "Child | None":
        """Return the child whose group has this process; None if it ended and others may have its id now."""
        with contextlib.suppress(ProcessLookupError):
            group = os.getpgid(process_id)
            return next((child for child in self.children if child.process and child.process.pid == group), None)
        return None

    def announce(self) -> bool:
        """Print the addresses as soon as all answer. Returns False if one does not answer in time."""
        if self.announced:
            return True
        if all(child.check_ready() for child in self.children):
            self.announced = True
            for line in self.plan["lines"]:
                print_line(line)
        elif time.monotonic() - self.children[0].started > START_SECONDS:
            slow = ", ".join(child.name for child in self.children if not child.ready)
            print_line(f"Not answering after {START_SECONDS} seconds: {slow}.")
            return False
        return True

    def stop(self) -> None:
        """Send SIGTERM each second until the deadline, then SIGKILL.

        SIGTERM is repeated because a process that is just starting may miss it.
        """
        self.backup.kill()
        deadline = time.monotonic() + self.plan["stop_seconds"]
        next_signal = 0.0
        while not all(child.is_gone() for child in self.children):
            now = time.monotonic()
            if now > deadline or self.kill_at_once:
                break
            if now >= next_signal:
                next_signal = now + SIGNAL_AGAIN_SECONDS
                for child in self.children:
                    child.signal(signal.SIGTERM)
            self.sleep(STARTING_INTERVAL_SECONDS)
        for child in self.children:
            if not child.is_gone():
                print_line(f"The {child.name} process did not stop in time and was killed.")
                child.signal(signal.SIGKILL)


def main() -> int:
    with os.fdopen(int(sys.argv[1])) as source:
        plan = json.load(source)
    return Supervisor(plan).run()


if __name__ == "__main__":
    sys.exit(main())
