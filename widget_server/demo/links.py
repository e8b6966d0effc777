"""Sign-in links of the agent's page, as `tilfreds owner link` prints them: each opens one session."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
import time

#: Well below the 15 minutes that a link lives.
FRESH_SECONDS = 600


class Links:
    """Called, it gives a link not given before. The next one is made ahead of time, for that takes a second."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.lock = threading.Lock()
        self.ready: tuple[float, str] | None = None

    def __call__(self) -> str:
        with self.lock:
            made, self.ready = self.ready, None
        if made is None or time.monotonic() - made[0] > FRESH_SECONDS:
            return self._make()
        return made[1]

    def prepare(self) -> None:
        """Have one at hand by the time somebody asks; does not wait for it."""
        threading.Thread(target=self._keep, daemon=True).start()

    def _keep(self) -> None:
        # The command fails when the demo ends meanwhile. The next caller makes its own link and gets the error.
        with self.lock, contextlib.suppress(subprocess.CalledProcessError):
            if self.ready is None or time.monotonic() - self.ready[0] > FRESH_SECONDS:
                self.ready = (time.monotonic(), self._make())

    def _make(self) -> str:
        printed = subprocess.run(self.command, check=True, capture_output=True, text=True).stdout
        found = re.search(r"https?://\S+", printed)
        if found is None:
            raise RuntimeError(f"no link was printed by {' '.join(self.command)}")
        return found[0]
