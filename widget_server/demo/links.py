"""Sign-in links to the agent's page from `tilfreds owner link`; each opens one session."""

from __future__ import annotations

import contextlib
import re
import subprocess
import threading
import time

#: Well below the 15 minutes that a link lives.
FRESH_SECONDS = 600


class Links:
    """A callable that returns a new link each time, prepared in advance because the command takes a second."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.lock = threading.Lock()
        self.ready: tuple[float, str] | None = None

    def __call__(self) -> str:
        with self.lock:
            ready_link, self.ready = self.ready, None
        if ready_link is None or time.monotonic() - ready_link[0] > FRESH_SECONDS:
            return self._create_link()
        return ready_link[1]

    def prepare(self) -> None:
        """Create the next link in the background."""
        threading.Thread(target=self._store_link, daemon=True).start()

    def _store_link(self) -> None:
        # The command fails if the demo ends meanwhile; the next caller runs it again and gets the error.
        with self.lock, contextlib.suppress(subprocess.CalledProcessError):
            if self.ready is None or time.monotonic() - self.ready[0] > FRESH_SECONDS:
                self.ready = (time.monotonic(), self._create_link())

    def _create_link(self) -> str:
        output = subprocess.run(self.command, check=True, capture_output=True, text=True).stdout
        match = re.search(r"https?://\S+", output)
        if match is None:
            raise RuntimeError(f"{' '.join(self.command)} printed no link")
        return match[0]
