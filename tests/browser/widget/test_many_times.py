"""Actions that happen once in a test and a thousand times in a year."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.widget.reader import Reader
from tests.factories import Make
from tests.serving import UNLIMITED, Product, running

pytestmark = pytest.mark.long

PRESSES = 1_000
#: The system may end a browser at any moment; one press of a thousand may be lost with the page, and is sent when the
#: visitor returns.
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
    """Yield a server without rate limits, because one address presses more often than a minute allows."""
    with running(tmp_path_factory.mktemp("many-times"), **UNLIMITED) as serving:
        yield serving


@pytest.mark.parametrize("pause", [0, 10, 100])
def test_a_press_and_the_page_is_left(reader: Reader, pause: int) -> None:
    """Press and leave on one page after the other, each with another article."""
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
    """Return the subjects of all votes in the API."""
    back_end, subjects, cursor = reader.make.back_end(reader.site), [], ""
    while True:
        page_of_votes = back_end.get(f"/votes?limit=100{cursor}").get_json()
        subjects += [vote["subject"] for vote in page_of_votes["votes"]]
        if page_of_votes["next_cursor"] is None:
            return subjects
        cursor = f"&cursor={page_of_votes['next_cursor']}"


def test_an_element_that_comes_and_goes_leaves_nothing_behind(reader: Reader, make: Make) -> None:
    """Compare listeners and memory after two thousand mounts with those after one, within 1 %."""
    devtools: Any = reader.page.context.new_cdp_session(reader.page)
    reader.open()
    reader.press("Good")
    reader.says("Saved")

    def held() -> tuple[float, float]:
        devtools.send("HeapProfiler.collectGarbage")
        metrics = {one["name"]: one["value"] for one in devtools.send("Performance.getMetrics")["metrics"]}
        return metrics["JSEventListeners"], metrics["JSHeapUsedSize"]

    devtools.send("Performance.enable")
    reader.page.evaluate(MOUNTS, 1_000)
    listeners, heap = held()
    reader.page.evaluate(MOUNTS, 1_000)
    reader.says("You answered Good.")
    more_listeners, more_heap = held()
    assert more_listeners <= listeners
    assert more_heap <= heap * 1.01
    assert len(reader.votes()) == 1
