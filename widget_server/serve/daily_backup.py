"""The daily backup of a server on SQLite: a command that the supervisor starts when it is due."""

import subprocess
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

DAY_SECONDS = 24 * 3600
BACKUP_LOOK_SECONDS = 600


class DailyBackup:
    """Runs the backup command whenever the newest file of its folder is a day old."""

    def __init__(self, plan: Mapping[str, Any] | None, keep: tuple[int, ...]):
        self.plan = plan
        self.keep = keep
        self.process: subprocess.Popen[bytes] | None = None
        self.look_at = time.monotonic() + (plan["after"] if plan is not None else 0)

    def look(self) -> None:
        now = time.monotonic()
        if self.process is not None and self.process.poll() is not None:
            self.process = None
        if self.plan is None or self.process is not None or now < self.look_at:
            return
        self.look_at = now + BACKUP_LOOK_SECONDS
        if self.is_due(Path(self.plan["folder"])):
            self.process = subprocess.Popen(self.plan["argv"], start_new_session=True, pass_fds=self.keep)

    def is_due(self, folder: Path) -> bool:
        try:
            newest = max((file.stat().st_mtime for file in folder.glob("daily-*")), default=0.0)
        except OSError:
            newest = 0.0
        return time.time() - newest > DAY_SECONDS

    def kill(self) -> None:
        if self.process is not None:
            # A half-made copy carries another name until it is checked, so nothing is lost by ending it.
            self.process.kill()
            self.process.wait()
