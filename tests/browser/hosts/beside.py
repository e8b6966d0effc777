"""A page with a vendor's chat and the widget."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from tests.back_end import done
from tests.browser.widget.reader import Reader

from .server import Host

Started = Callable[[Host], Any]


def beside(reader: Reader, **adapters: Any) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"adapters": adapters}))


def told(reader: Reader, what: str) -> list[Any]:
    """Return the events of the page's chats, recorded from now on at the latest."""
    return reader.page.evaluate(f"self.heard.filter((one) => one.type == 'tilfreds:{what}').map((one) => one.detail)")


HEAR = """<script>self.heard = [];
  for (const type of ["tilfreds:start", "tilfreds:end"]) document.addEventListener(type, (event) => heard.push(event));
</script>"""


def until(reader: Reader, condition: Callable[[], object]) -> None:
    """Wait at the page, whose requests pass through this thread, until `condition` is true."""
    for _ in range(200):
        if condition():
            return
        reader.page.wait_for_timeout(50)
    raise AssertionError("The condition did not become true.")
