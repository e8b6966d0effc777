"""A process that imports the product once and runs migrations in child processes, several at once or one to kill."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KILLED = -9
#: Reads lines with the number of children, the direction, the database, and the number of the statement before which
#: each child dies, or 0. Prints the exit codes.
PROGRAM = """
import json, os, sys, traceback
from sqlalchemy import event, Engine
from widget_server.migrations import run

def migrate(direction, url, last):
    if last:
        countdown = iter(range(last - 1, -1, -1))
        event.listen(Engine, "before_cursor_execute", lambda *_: next(countdown) or os.kill(os.getpid(), 9))
    run.upgrade(url) if direction == "up" else run.downgrade(url, "base")

def start(order):
    child = os.fork()
    if child:
        return child
    try:
        migrate(*order)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)

for line in sys.stdin:
    count, *order = json.loads(line)
    children = [start(order) for _ in range(count)]
    print(json.dumps([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]), flush=True)
"""


class Migrator:
    """The process with its pipes."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", PROGRAM]
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, direction: str, url: str, *, count: int = 1, last: int = 0) -> list[int]:
        """Migrate "up" or "down" in `count` children at once and return their exit codes.

        Each child is killed before statement `last`, unless that is 0.
        """
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps([count, direction, url, last])}\n")
        self.process.stdin.flush()
        statuses: list[int] = json.loads(self.process.stdout.readline())
        return statuses

    def stop(self) -> None:
        self.process.communicate(timeout=60)
