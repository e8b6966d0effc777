"""strace of a waiting process: it records what reaches the disk, or makes it fail."""

from __future__ import annotations

import functools
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.skip import skip_missing

PATIENCE_SECONDS = 60
ATTACHED = "attached"
#: Longer than any write of SQLite, which is a page.
WHOLE = "70000"


@functools.cache
def refusal() -> str:
    """Return the reason why processes cannot be traced here; empty if they can."""
    if shutil.which("strace") is None:
        return "strace is not installed: `apt-get install strace` on Debian."
    tried = subprocess.run(["strace", "-o", "/dev/null", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not trace here: {tried.stderr.strip()}"


@contextmanager
def traced(pid: int, log: Path, *options: str) -> Iterator[None]:
    """Trace a process and its threads to its end, or the end of the block; the log is then complete."""
    if refusal():
        skip_missing(refusal())
    command = ["strace", "-f", "-y", "-xx", "-s", WHOLE, "-o", str(log), "-p", str(pid), *options]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stderr is not None
        line = process.stderr.readline()
        # From this line on the process does nothing that is not traced.
        assert ATTACHED in line, line
        yield
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=PATIENCE_SECONDS)
