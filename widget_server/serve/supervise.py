"""Keeps the processes of one server: starts them, restarts the dead, stops all.

It runs as a file, not as a part of the package, and loads nothing beyond the standard library but two files beside it:
whatever it loaded would lie in memory for as long as the server lives. `start.py` prepares everything, then replaces
itself by this file and hands it a plan (JSON, on a file descriptor named in the only argument).

Every process gets the reading end of a pipe whose writing end is held here alone. When this process dies, even by
SIGKILL, the pipe closes and they end by themselves (`parent_watch.py`).
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
else:
    # By their files, since the package around them would be loaded with them.
    Child, DailyBackup = (
        runpy.run_path(str(Path(__file__).with_name(file)))[name]
        for file, name in (("child.py", "Child"), ("daily_backup.py", "DailyBackup"))
    )

LOOK_SECONDS = 0.05
CALM_SECONDS = 1.0
START_SECONDS = 60
SIGNAL_AGAIN_SECONDS = 1.0
#: One Ctrl-C may arrive twice, from the terminal and from the program above; a later one is meant as haste.
SAME_PRESS_SECONDS = 0.5


def say(text: str) -> None:
    # The terminal or the log may be gone; that is no reason to stop serving.
    with contextlib.suppress(OSError):
        print(text, flush=True)


class Supervisor:
    def __init__(self, plan: Mapping[str, Any]):
        self.stop_asked: float | None = None
        self.hurry = False
        self.announced = False
        self.plan = plan
        reading, self.lifeline = os.pipe()
        os.environ[plan["lifeline"]] = str(reading)
        keep = (reading, *plan["keep"])
        self.children = [Child(child, keep) for child in plan["children"]]
        self.backup = DailyBackup(plan.get("backup"), keep)
        self.woken, wake = os.pipe()
        os.set_blocking(self.woken, False)
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self.on_stop)
        signal.signal(signal.SIGCHLD, lambda number, frame: None)
        # start.py blocked them, so that none was lost while one program replaced the other.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))

    def on_stop(self, number: int, frame: Any) -> None:
        now = time.monotonic()
        if self.stop_asked is None:
            self.stop_asked = now
        elif now - self.stop_asked > SAME_PRESS_SECONDS:
            self.hurry = True

    def sleep(self, seconds: float) -> None:
        """Sleep until a signal arrives or the time is over."""
        if select.select([self.woken], [], [], seconds)[0]:
            with contextlib.suppress(BlockingIOError):
                os.read(self.woken, 1024)

    def run(self) -> int:
        going = True
        while going and self.stop_asked is None:
            going = self.keep_alive() and self.announce()
            if self.announced:
                self.backup.look()
            self.sleep(CALM_SECONDS if self.announced else LOOK_SECONDS)
        self.stop()
        return 0 if going else 1

    def keep_alive(self) -> bool:
        """Start what is not running. False when a process cannot even be started a first time."""
        for child in self.children:
            if self.stop_asked is not None:
                return True
            code = child.ended()
            if code is not None:
                say(f"The {child.name} process ended with status {code}.")
                child.signal(signal.SIGKILL)
                if not self.announced:
                    return False
                child.plan_restart()
            if child.process is None and time.monotonic() >= child.start_at:
                child.start()
        return True

    def announce(self) -> bool:
        """Print the addresses once they answer. False when one has not answered in time."""
        if self.announced:
            return True
        if all(child.look_ready() for child in self.children):
            self.announced = True
            for line in self.plan["lines"]:
                say(line)
        elif time.monotonic() - self.children[0].started > START_SECONDS:
            slow = ", ".join(child.name for child in self.children if not child.ready)
            say(f"Not answering after {START_SECONDS} seconds: {slow}.")
            return False
        return True

    def stop(self) -> None:
        """SIGTERM, again each second because a process that is just starting may miss it, and at last SIGKILL."""
        self.backup.kill()
        deadline = time.monotonic() + self.plan["stop_seconds"]
        again = 0.0
        while not all(child.is_gone() for child in self.children):
            now = time.monotonic()
            if now > deadline or self.hurry:
                break
            if now >= again:
                again = now + SIGNAL_AGAIN_SECONDS
                for child in self.children:
                    child.signal(signal.SIGTERM)
            self.sleep(LOOK_SECONDS)
        for child in self.children:
            if not child.is_gone():
                say(f"The {child.name} process did not stop in time and was ended.")
                child.signal(signal.SIGKILL)


def main() -> int:
    with os.fdopen(int(sys.argv[1])) as source:
        plan = json.load(source)
    return Supervisor(plan).run()


if __name__ == "__main__":
    sys.exit(main())
