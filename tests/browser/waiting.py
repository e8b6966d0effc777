"""Waiting until something holds in a page."""

from __future__ import annotations

from contextlib import suppress

from playwright.sync_api import Error, Frame, Page

from tests.serve.server import wait_until

PATIENCE_SECONDS = 15


def wait_until_true(page: Page | Frame, expression: str) -> None:
    """Wait until a JavaScript expression is true.

    Playwright's `wait_for_function` polls by `eval` inside the page, which a strict policy refuses at the second try.
    """

    def holds() -> bool:
        # A page that is just left has no scripts to ask.
        with suppress(Error):
            return bool(page.evaluate(f"Boolean({expression})"))
        return False

    assert wait_until(holds, PATIENCE_SECONDS), f"never true: {expression}"
