"""Load by wrk, a generator light enough to share two cores with the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("votes.lua")


@dataclass(frozen=True)
class Load:
    """What a run gave: answers per second, refusals among them, and latencies in milliseconds."""

    per_second: float
    refused: int
    p50_ms: float
    p99_ms: float


def run(
    url: str, body: str, *, seconds: int, connections: int, tokens: Path | None = None, kind: str = "text/plain"
) -> Load:
    """POST `body` (JSON fields without braces) with a fresh press id, as fast as the server answers."""
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("make bench needs wrk: `apt-get install wrk` on Debian, `brew install wrk` on macOS.")
    host, _, path = url.removeprefix("http://").partition("/")
    environ = {**os.environ, "BODY": body, "VOTE_PATH": f"/{path}", "CONTENT_TYPE": kind}
    if tokens is not None:
        environ["TOKENS"] = str(tokens)
    command = [program, "-t", "1", "-c", str(connections), "-d", str(seconds), "-s", str(SCRIPT), f"http://{host}"]
    output = subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout
    words = next(line for line in output.splitlines() if line.startswith("RESULT")).split()[1:]
    count, microseconds, refused, p50, p99 = map(int, words)
    return Load((count - refused) / (microseconds / 1e6), refused, p50 / 1000, p99 / 1000)
