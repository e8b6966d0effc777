"""The daily backup of a server on SQLite, which the supervisor starts as a command when it is due."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DAY_SECONDS = 24 * 3600
CHECK_INTERVAL_SECONDS = 600


class DailyBackup:
    """A backup command that runs when the newest file of its folder is a day old."""

    def __init__(self, plan: Mapping[str, Any] | None, descriptors: tuple[int, ...]):
        self.plan = plan
        self.descriptors = descriptors
        self.process: subprocess.Popen[bytes] | None = None
        self.next_check = time.monotonic() + (plan["after"] if plan is not None else 0)

    def start_if_due(self) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.process = None
        if self.plan is None or self.process is not None or now < self.next_check:
            return
        self.next_check = now + CHECK_INTERVAL_SECONDS
        if self.is_due(Path(self.plan["folder"])):
            self.process = subprocess.Popen(self.plan["argv"], start_new_session=True, pass_fds=self.descriptors)

    def is_due(self, folder: Path) -> bool:
        """Return whether no backup is from the last 24 hours. One dated in the future does not count."""
        now = time.time()
        try:
            ages = [now - file.stat().st_mtime for file in folder.glob("daily-*")]
        except OSError:
            return True
        return not any(0 <= age <= DAY_SECONDS for age in ages)

    def kill(self) -> None:
        if self.process is not None:
            # An unfinished copy has a temporary name until it is checked, so ending the process loses no backup.
            self.process.kill()
            self.process.wait()
