"""The longer survey from the link in the card to its thanks, without a script, and readable by everybody."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, Route, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.widget.reader import ONE_DATABASE, Reader
from tests.browser.widget.test_look import RULES
from tests.surveys.longer import LONGER

pytestmark = ONE_DATABASE


@pytest.fixture
def longer(reader: Reader) -> Reader:
    reader.make.survey(reader.site, "article", **LONGER)
    return reader


@pytest.fixture
def plain(new_page: NewPage) -> Iterator[Page]:
    """A page without scripts. It is closed before the watch waits by a timer, which it would wait for without end."""
    page = new_page(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    yield page
    page.context.close()


def opened(reader: Reader, lang: str = "en") -> Page:
    """The page behind the link in the card of an unhappy reader, which opens beside theirs."""
    reader.open(f'<tilfreds-rating lang="{lang}"></tilfreds-rating>')
    reader.card().get_by_role("group").get_by_role("button").last.click()
    with reader.page.context.expect_page() as tab:
        reader.card().get_by_role("link").click()
    return tab.value


def asks(page: Page, question: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(question)


def problems(page: Page) -> list[str]:
    return [one["id"] for one in Axe().run(page, options=RULES).response["violations"]]


def test_the_card_leads_to_the_survey_and_its_answers_stand_under_the_vote(longer: Reader) -> None:
    page = opened(longer)
    expect(longer.card().get_by_role("link")).to_have_text("Tell us more")
    asks(page, "Will you come back?")
    page.get_by_label("No", exact=True).check()
    page.get_by_role("button", name="Next").click()
    asks(page, "What was missing?")
    page.get_by_label("Sizes").check()
    page.get_by_label("Photos").check()
    page.get_by_role("button", name="Next").click()
    asks(page, "How easy was it?")
    page.get_by_role("button", name="Back").click()
    expect(page.get_by_label("Photos")).to_be_checked()
    page.get_by_label("Sizes").uncheck()
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Skip").click()
    asks(page, "Anything else?")
    page.get_by_role("textbox", name="Anything else?").fill("More colours")
    page.get_by_role("button", name="Done").click()
    asks(page, "Thank you.")
    # The card's own next save leaves them where they are.
    longer.comment("Well")
    (vote,) = longer.votes()
    assert [one["word"] for one in vote["answers"]] == ["No", "Photos", "More colours"]
    assert (vote["comment"], vote["answer"]["score"]) == ("Well", 1)


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("ar", "dark")])
def test_without_a_script_on_a_phone_everybody_can_read_it(
    longer: Reader, plain: Page, new_page: NewPage, lang: str, scheme: str
) -> None:
    done(longer.make.back_end(longer.site).patch("/site", {"languages": ["en", "ar"]}))
    address = opened(longer, lang).url
    # axe is itself a script: what it looks at is the same page with scripts on.
    looked = new_page(viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True)
    plain.goto(address)
    for at in range(4):
        looked.goto(f"{address}?at={at}")
        assert problems(looked) == [], at
        assert looked.evaluate("document.documentElement.scrollWidth") <= 320
        plain.locator("button[value=skip]").click()
        plain.wait_for_url(f"**?at={at + 1}")
    looked.goto(f"{address}?at=4")
    assert problems(looked) == []
    assert looked.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
    assert longer.votes()[0]["answers"] == []


def test_without_a_link_in_the_receipt_none_is_offered(reader: Reader) -> None:
    """As in the receipt for a browser whose press came after another's, or of an older server."""

    def unlinked(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "survey": None})

    word = {"id": "word", "kind": "comment", "tones": ["negative"]}
    reader.make.survey(reader.site, "article", steps=[*LONGER["steps"], word], texts=LONGER["texts"])
    reader.answers("votes", unlinked)
    reader.open().press("Bad")
    expect(reader.card().locator("form").get_by_role("textbox")).to_be_visible()
    expect(reader.card().get_by_text("Tell us more")).to_have_count(0)
    reader.received()
