"""Find processes whose heartbeats stopped (heartbeat.py). The supervisor loads this file alone."""

import os
import time
from collections.abc import Callable

#: The supervisor looks each second. After a longer gap it was suspended, and so were the others.
SUSPENDED_SECONDS = 5.0
READ_BYTES = 65_536


class HungProcesses:
    """The time of the last heartbeat of each process."""

    def __init__(self, hung_seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.hung_seconds = hung_seconds
        self.clock = clock
        self.reading, self.writing = os.pipe()
        os.set_blocking(self.reading, False)
        # Shared by all who write: a process must not wait for a supervisor that does not read.
        os.set_blocking(self.writing, False)
        self.unread = b""
        self.heard_at: dict[int, float] = {}
        self.checked_at = clock()

    def find(self) -> list[int]:
        """Return the ids of processes without a heartbeat for `hung_seconds`, each once."""
        now = self.clock()
        if now - self.checked_at > SUSPENDED_SECONDS:
            self.heard_at = dict.fromkeys(self.heard_at, now)
        self.checked_at = now
        for process_id in self._read():
            self.heard_at[process_id] = now
        hung = [process_id for process_id, heard_at in self.heard_at.items() if now - heard_at > self.hung_seconds]
        for process_id in hung:
            del self.heard_at[process_id]
        return hung

    def _read(self) -> set[int]:
        """Return the ids that arrived since the last call."""
        try:
            self.unread += os.read(self.reading, READ_BYTES)
        except BlockingIOError:
            return set()
        *lines, self.unread = self.unread.split(b"\n")
        return {int(line) for line in lines}
