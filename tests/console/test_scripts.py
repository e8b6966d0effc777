"""The console's own scripts, checked without a browser."""

from __future__ import annotations

from pathlib import Path

from tests.js.test_node import STATIC, built, node

HERE = Path(__file__).parent


def test_every_value_of_console_and_agent_scripts_has_a_type() -> None:
    node(str(built() / "typescript" / "bin" / "tsc"), "-p", "tsconfig.console.json", folder=STATIC)


def test_the_event_stream_reader() -> None:
    node("sse.test.js", folder=HERE)
