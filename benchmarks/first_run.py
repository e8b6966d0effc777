"""The machine's time for the first run: from the set-up link to the first rating in the console."""

from __future__ import annotations

from pathlib import Path

from tests.browser.first_run import Person, play, set_up_link
from tests.browser.pages import Pages
from tests.serving import running

from .first_faces import run_browser
from .table import Row

MAX_SECONDS = 60
MAX_ACTIONS = 12


def measure(folder: Path) -> Row:
    """Play the first run on a new server with both tabs in one browser."""
    pages = Pages()
    with running(folder / "first-run") as product, run_browser() as chromium:
        context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
        person = Person(context.new_page(), chromium.new_context().new_page(), pages)
        seconds = play(person, set_up_link(product))
    pages.end()
    return Row(
        "First run: from the set-up link to the first rating in the console, the machine's time",
        f"{seconds:.1f} s, {len(person.actions)} actions of the person",
        f"at most {MAX_SECONDS} s, {MAX_ACTIONS} actions",
        seconds <= MAX_SECONDS and len(person.actions) <= MAX_ACTIONS,
    )
