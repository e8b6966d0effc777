"""The console's own scripts, checked without a browser."""

from __future__ import annotations

from pathlib import Path

from tests.js.test_node import node

HERE = Path(__file__).parent


def test_the_event_stream_reader() -> None:
    node("sse.test.js", folder=HERE)
