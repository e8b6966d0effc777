"""Load from wrk, a generator that is light enough to share two cores with the server."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(__file__).with_name("votes.lua")


@dataclass(frozen=True)
class Load:
    """The figures of a run: accepted requests per second, rejected requests, and latencies."""

    per_second: float
    rejected: int
    p50_ms: float
    p99_ms: float


def run_wrk(
    url: str, body: str, *, seconds: int, connections: int, tokens: Path | None = None, kind: str = "text/plain"
) -> Load:
    """POST `body` (JSON fields without braces) with a new vote id each time, as fast as the server answers."""
    host, _, path = url.removeprefix("http://").partition("/")
    environ = {**os.environ, "BODY": body, "VOTE_PATH": f"/{path}", "CONTENT_TYPE": kind}
    if tokens is not None:
        environ["TOKENS"] = str(tokens)
    return run_script(SCRIPT, f"http://{host}", environ, seconds, connections)


def repeat_request(
    url: str, method: str, path: str, body: str, tag: str | None, *, seconds: int, connections: int
) -> Load:
    """Send the same request as fast as the server answers, with the entity tag of an earlier response if any."""
    environ = {**os.environ, "METHOD": method, "REQUEST_PATH": path, "BODY": body}
    if tag is not None:
        environ["TAG"] = tag
    return run_script(SCRIPT.with_name("requests.lua"), url, environ, seconds, connections)


def run_script(script: Path, url: str, environ: dict[str, str], seconds: int, connections: int) -> Load:
    program = shutil.which("wrk")
    if program is None:
        raise SystemExit("make bench needs wrk: `apt-get install wrk` on Debian, `brew install wrk` on macOS.")
    command = [program, "-t", "1", "-c", str(connections), "-d", str(seconds), "-s", str(script), url]
    output = subprocess.run(command, env=environ, check=True, capture_output=True, text=True).stdout
    numbers = next(line for line in output.splitlines() if line.startswith("RESULT")).split()[1:]
    count, microseconds, rejected, p50, p99 = map(int, numbers)
    return Load((count - rejected) / (microseconds / 1e6), rejected, p50 / 1000, p99 / 1000)
