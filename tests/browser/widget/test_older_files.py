"""A page whose file a browser cached before an upgrade works with the current parts.

`older.js` is `static/dist/widget.js` of the previous minor version; replace it with each release.
"""

from __future__ import annotations

import json
import urllib.request
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import CHAT, RATING, Reader
from tests.widget.served import PLACEHOLDER, read_settings

OLDER = Path(__file__).with_name("older.js").read_text("utf-8")
#: The end of the names of that version's parts.
ENDING = "-536d836f.js"


def as_it_was(reader: Reader) -> dict[str, Any]:
    """Return the site's settings in the format of that version."""
    with urllib.request.urlopen(f"{reader.product.url}/w/{reader.site.key}.js") as answer:
        now = read_settings(answer.read().decode())
    surveys = [{"placement": placement, **survey} for placement, survey in now["surveys"].items()]
    return {"selector": "", "share": 1.0, **now, "key": reader.site.key, "surveys": surveys, "later": ENDING}


@pytest.fixture
def requested_names(reader: Reader) -> list[str]:
    """Serve the older file to the reader, and return the list of parts that it requests."""
    script = OLDER.replace(PLACEHOLDER, json.dumps(as_it_was(reader)))
    reader.page.route(
        f"**/w/{reader.site.key}.js", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    names: list[str] = []

    def note(request: Any) -> None:
        if "/w/-/" in request.url:
            names.append(request.url.rsplit("/", 1)[1])

    reader.page.on("request", note)
    return names


def test_an_article_is_rated_commented_changed_and_taken_back(reader: Reader, requested_names: list[str]) -> None:
    reader.open()
    reader.press("Bad")
    reader.says("✓ Saved. You can change your answer.")
    reader.comment("It was short.")
    reader.press("Good")
    reader.says("Saved")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (3, "It was short.")
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    reader.page.get_by_role("button", name="Not now").click()
    expect(reader.card()).to_have_count(0)
    assert set(requested_names) == {f"en{ENDING}", f"page{ENDING}"}


def test_a_chat_starts_ends_and_is_rated(reader: Reader, requested_names: list[str]) -> None:
    reader.open(RATING + CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    with reader.page.expect_response("**/poll"):
        reader.tell("start", conversation="c1")
    assert len(reader.page.evaluate("tilfreds.browser()")) == 64
    assert reader.ended()["asked"] is True
    reader.press("OK", at=1)
    reader.says("Saved", at=1)
    reader.page.get_by_role("button", name="Not now").first.click()
    expect(reader.card(1)).to_have_count(0)
    assert set(requested_names) == {f"en{ENDING}", f"page{ENDING}"}
