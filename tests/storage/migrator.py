"""A process that imports the product once, and then migrates in children: some together, or one that is killed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
KILLED = -9
#: Reads lines: how many children, their direction, the database, and the number of the statement before which each
#: dies, or 0. Prints how they ended.
PROGRAM = """
import json, os, sys, traceback
from sqlalchemy import event, Engine
from widget_server.migrations import run

def migrate(direction, url, last):
    if last:
        left = iter(range(last - 1, -1, -1))
        event.listen(Engine, "before_cursor_execute", lambda *given: next(left) or os.kill(os.getpid(), 9))
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
    """The process."""

    def __init__(self) -> None:
        command = [sys.executable, "-c", PROGRAM]
        self.process = subprocess.Popen(command, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def run(self, direction: str, url: str, *, count: int = 1, last: int = 0) -> list[int]:
        """Migrate "up" or "down" in `count` children at once, killed before statement `last`; their statuses."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(f"{json.dumps([count, direction, url, last])}\n")
        self.process.stdin.flush()
        statuses: list[int] = json.loads(self.process.stdout.readline())
        return statuses

    def end(self) -> None:
        self.process.communicate(timeout=60)
