"""The survey page from the link in the card to its thanks, without JavaScript, and accessible."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.browser.accessibility import WCAG_AND_ADVICE, violations
from tests.browser.conftest import NewPage
from tests.browser.widget.reader import Reader
from tests.surveys.longer import LONGER


@pytest.fixture
def longer(reader: Reader) -> Reader:
    reader.make.survey(reader.site, "article", **LONGER)
    return reader


def opened(reader: Reader) -> Page:
    """Open the survey page by its link, in a new tab, and return it."""
    reader.open().press("Bad")
    link = reader.card().get_by_role("link", name="Tell us more")
    with reader.page.context.expect_page() as tab:
        link.click()
    return tab.value


def asks(page: Page, question: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(question)


def test_the_card_links_to_the_survey_whose_answers_belong_to_the_vote(longer: Reader) -> None:
    page = opened(longer)
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
    # The card's next submission keeps them.
    longer.comment("Well")
    (vote,) = longer.votes()
    assert [one["word"] for one in vote["answers"]] == ["No", "Photos", "More colours"]
    assert (vote["comment"], vote["answer"]["score"]) == ("Well", 1)


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("ar", "dark")])
def test_it_is_accessible_without_a_script_on_a_phone(
    longer: Reader, new_page: NewPage, lang: str, scheme: str
) -> None:
    done(longer.make.back_end(longer.site).patch("/site", {"languages": ["en", "ar"]}))
    longer.open(f'<tilfreds-rating lang="{lang}"></tilfreds-rating>')
    longer.card().get_by_role("group").get_by_role("button").last.click()
    address = longer.card().get_by_role("link").get_attribute("href") or ""
    # Axe is a script, so it checks the same page with scripts on.
    looked = new_page(viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True)
    # Without the page's policy, which axe needs to bypass, the browser requests an icon.
    looked.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    plain = new_page(viewport={"width": 320, "height": 700}, java_script_enabled=False)
    plain.goto(address)
    for at in range(4):
        looked.goto(f"{address}?at={at}")
        assert violations(looked, rules=WCAG_AND_ADVICE) == [], at
        assert looked.evaluate("document.documentElement.scrollWidth") <= 320
        plain.locator("button[value=skip]").click()
        plain.wait_for_url(f"**?at={at + 1}")
    # The watch cannot query a page without scripts at the end of the test.
    plain.close()
    looked.goto(f"{address}?at=4")
    assert violations(looked, rules=WCAG_AND_ADVICE) == []
    assert looked.locator("html").get_attribute("dir") == ("rtl" if lang == "ar" else "ltr")
    (vote, *_) = longer.votes()
    assert vote["answers"] == []
