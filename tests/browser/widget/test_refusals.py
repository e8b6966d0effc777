"""Every error has a text in the reader's language."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import RATING, Reader, refusal
from tests.long_cases import cases
from widget_server.core.assets import STATIC

STATUS = {
    "withdrawn": 409,
    "expired": 409,
    "closed": 409,
    "bad_token": 403,
    "bad_signature": 403,
    "signature_expired": 403,
    "staff": 403,
    "origin": 403,
    "unknown_site": 404,
    "invalid": 422,
    "conflict": 422,
    "too_large": 413,
}
#: Errors after which another press may succeed.
OPEN = {"conflict", "invalid", "too_large", "signature_expired"}
LANGUAGES = ["en", "da", "nb", "sv", "de", "ar"]


def words(language: str) -> dict[str, str]:
    return json.loads((STATIC / "texts" / f"{language}.json").read_text("utf-8"))["later"]


@pytest.mark.parametrize("language", cases(LANGUAGES, short=["en", "ar"]))
def test_in_the_language_of_the_page(reader: Reader, watch: Watch, language: str) -> None:
    watch.expect(failed("/votes", r"4\d\d"))
    done(reader.make.back_end(reader.site).patch("/site", {"languages": LANGUAGES}))
    ratings = "".join(f'<tilfreds-rating lang="{language}" subject="/{code}"></tilfreds-rating>' for code in STATUS)
    reader.open(ratings)
    for at, (code, status) in enumerate(STATUS.items()):
        reader.page.unroute_all()
        reader.answers("votes", refusal(code, status))
        group = reader.card(at).get_by_role("group", include_hidden=True)
        group.get_by_role("button").first.click()
        expect(reader.card(at).locator("output")).to_have_text(words(language)[code])
        expect(group).to_be_visible(visible=code in OPEN)
        assert reader.lit(at) == []


def test_an_unknown_code_is_still_an_error(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "418"))
    reader.open()
    reader.answers("votes", refusal("of_tomorrow", 418))
    reader.press("Good")
    reader.says("Your answer could not be saved.")


def test_an_error_keeps_the_saved_answer(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "409"))
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    reader.answers("votes", refusal("closed", 409))
    reader.press("Bad")
    reader.says("This survey is closed. You answered Good.")
    assert len(reader.votes()) == 1
    reader.page.unroute_all()
    reader.page.reload()
    reader.says("You answered Good.")


def test_a_foreign_origin_gets_an_error_and_nothing_is_sent_again(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/(votes|seen)", "403"))
    done(reader.make.back_end(reader.site).patch("/site", {"allowed_origins": ["https://shop.example"]}))
    reader.open(RATING)
    reader.press("Good")
    reader.says("This website is not set up to receive answers.")
    reader.page.reload()
    expect(reader.face("Good")).to_be_visible()
    assert reader.lit() == []
    reader.page.wait_for_timeout(1_000)
    assert len(reader.of("votes")) == 1
