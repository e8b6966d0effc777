"""A tag that shows nothing says why in the console, in one line with the remedy."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.back_end import done
from tests.browser.waiting import PATIENCE_SECONDS
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, RATING, Reader
from tests.serve.server import wait_until

#: After this time the widget explains an empty page.
HINT_MS = 5_000


@pytest.fixture
def lines(reader: Reader) -> list[str]:
    """Return the lines of the console that the widget writes."""
    lines: list[str] = []
    reader.page.on("console", lambda message: lines.append(message.text) if message.type == "info" else None)
    return lines


def wait_for_line(reader: Reader, lines: list[str], text: str) -> None:
    def is_there() -> bool:
        reader.page.evaluate("0")
        return any(text in line for line in lines)

    assert wait_until(is_there, PATIENCE_SECONDS), lines


def test_a_page_with_nothing_to_show(reader: Reader, lines: list[str]) -> None:
    reader.page.clock.install()
    for body, text in (
        ("<p>Only the tag</p>", "has no <tilfreds-rating> element"),
        (CHAT, "waits for the end of a chat"),
    ):
        reader.open(body)
        reader.page.wait_for_load_state("networkidle")
        assert lines == []
        reader.page.clock.run_for(HINT_MS)
        wait_for_line(reader, lines, text)
        assert len(lines) == 1
        lines.clear()


def test_an_origin_that_is_not_allowed(reader: Reader, watch: Watch, lines: list[str]) -> None:
    """Read it from the reply to the impression, before a press is refused."""
    watch.expect(failed("/seen", "403"))
    done(reader.make.back_end(reader.site).patch("/site", {"allowed_origins": ["https://elsewhere.example"]}))
    reader.open()
    wait_for_line(reader, lines, f"Answers from {reader.pages.url} will be refused.")


@pytest.mark.parametrize("reason", ["dismissed", "sample"])
def test_reasons_of_one_visitor_are_logged_only_when_asked(reader: Reader, lines: list[str], reason: str) -> None:
    text = {"dismissed": "dismissed the survey", "sample": "not in the sample"}[reason]
    prepare: Callable[[], None] = {"dismissed": lambda: dismiss(reader), "sample": lambda: ask_few(reader)}[reason]
    reader.page.clock.install()
    prepare()
    path = reader.open(RATING).path if reason == "sample" else reader.path
    reader.page.goto(f"{reader.pages.url}{path}")
    reader.page.wait_for_load_state("networkidle")
    reader.page.clock.run_for(HINT_MS)
    reader.page.wait_for_load_state("networkidle")
    assert lines == []
    reader.page.goto(f"{reader.pages.url}{path}?tilfreds-check")
    reader.page.wait_for_load_state("networkidle")
    reader.page.clock.run_for(HINT_MS)
    wait_for_line(reader, lines, text)


def dismiss(reader: Reader) -> None:
    reader.open()
    reader.card().locator("[part=close]").click()
    reader.page.wait_for_load_state("networkidle")


def ask_few(reader: Reader) -> None:
    reader.page.add_init_script("Math.random = () => 0.9")
    done(reader.make.back_end(reader.site).patch("/site", {"article_share": 0.5}))
