"""What a visitor or a page does once in a test, and a thousand times in a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.widget.reader import Reader
from tests.factories import Make
from tests.serving import UNLIMITED, Product, running

pytestmark = pytest.mark.long

PRESSES = 1_000
#: A browser may be ended by its system at any moment; one of a thousand may be lost with the page, and is then sent
#: when the visitor comes back.
MAX_WAITING = 1
MOUNTS = """async (times) => {
  for (let time = 0; time < times; time++) {
    document.querySelector("tilfreds-rating").remove();
    const next = document.createElement("tilfreds-rating");
    document.body.append(next);
    await new Promise((done) => setTimeout(done));
  }
}"""


@pytest.fixture(scope="module")
def product(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A server without limits: one address presses here more often than a minute allows."""
    with running(tmp_path_factory.mktemp("many-times"), **UNLIMITED) as serving:
        yield serving


@pytest.mark.parametrize("pause", [0, 10, 100])
def test_a_press_and_the_page_is_left(reader: Reader, pause: int) -> None:
    """On one page after the other, each an article of its own."""
    number = PRESSES if pause == 0 else PRESSES // 10
    elsewhere = reader.pages.put("<p>Elsewhere, without the tag</p>")
    subjects = []
    for _ in range(number):
        reader.open()
        subjects.append(reader.path)
        reader.press("Good")
        reader.page.wait_for_timeout(pause)
        reader.page.goto(elsewhere)
    arrived = arrived_of(reader)
    assert number - len(arrived) <= MAX_WAITING
    reader.page.goto(f"{reader.pages.url}{subjects[-1]}")
    reader.says("You answered Good.")
    reader.received()
    assert sorted(arrived_of(reader)) == sorted(subjects)


def arrived_of(reader: Reader) -> list[str]:
    """The subjects of all votes that the API tells."""
    back_end, found, cursor = reader.make.back_end(reader.site), [], ""
    while True:
        told = back_end.get(f"/votes?limit=100{cursor}").get_json()
        found += [vote["subject"] for vote in told["votes"]]
        if told["next_cursor"] is None:
            return found
        cursor = f"&cursor={told['next_cursor']}"


def test_an_element_that_comes_and_goes_leaves_nothing_behind(reader: Reader, make: Make) -> None:
    """Listeners and memory after two thousand mounts are those after one, within one in a hundred."""
    devtools: Any = reader.page.context.new_cdp_session(reader.page)
    reader.open()
    reader.press("Good")
    reader.says("Saved")

    def held() -> tuple[float, float]:
        devtools.send("HeapProfiler.collectGarbage")
        told = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return told["JSEventListeners"], told["JSHeapUsedSize"]

    devtools.send("Performance.enable")
    reader.page.evaluate(MOUNTS, 1_000)
    listeners, heap = held()
    reader.page.evaluate(MOUNTS, 1_000)
    reader.says("You answered Good.")
    more_listeners, more_heap = held()
    assert more_listeners <= listeners
    assert more_heap <= heap * 1.01
    assert len(reader.votes()) == 1
