"""Articles: strict policies, the next day, another browser, and a new revision of the survey."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from flask import Flask
from flask.testing import FlaskClient
from playwright.sync_api import expect

from tests.back_end import Api, done
from tests.browser.conftest import NewPage
from tests.browser.main_job.krans import Faces, Krans, Visitor, votes
from tests.browser.pages import Pages
from tests.factories import MadeSite, MadeSurvey, Make
from tests.frozen_clock import SetClock
from tests.long_cases import cases
from tests.serving import listening

ARTICLE = "/help/slipping-chain"
SPOKEN = ["da", "nb", "sv", "de", "ar"]


def test_a_vote_and_a_comment_pass_under_the_strictest_policies(new_page: NewPage, krans: Krans, api: Api) -> None:
    """Rate under the strictest policies; the watch fails the test on any violation, report or console error."""
    reader = Faces(new_page())
    answer = reader.page.goto(krans.url + ARTICLE)
    assert answer is not None
    assert "trusted-types 'none'" in answer.headers["content-security-policy"]
    reader.press("Bad")
    reader.saved()
    with reader.page.expect_response("**/votes"):
        reader.comment("My chain is new.")
    (vote,) = votes(api)
    assert (vote["subject"], vote["answer"]["word"], vote["comment"]) == (ARTICLE, "Bad", "My chain is new.")


@pytest.mark.parametrize("tag", cases(SPOKEN, short=["de", "ar"]))
def test_the_rating_has_the_language_of_the_page(new_page: NewPage, krans: Krans, api: Api, tag: str) -> None:
    done(api.patch("/site", {"languages": ["en", *SPOKEN]}))
    reader = Faces(new_page())
    reader.page.goto(f"{krans.url}{ARTICLE}?faces={tag}")
    card = reader.page.locator("tilfreds-rating [part=card]")
    expect(card).to_have_attribute("lang", tag)
    expect(card.get_by_role("group")).to_have_css("direction", "rtl" if tag == "ar" else "ltr")
    card.get_by_role("group").get_by_role("button").first.click()
    expect(reader.status).to_contain_text("✓")
    (vote,) = votes(api)
    assert (vote["answer"]["score"], vote["language"]) == (3, tag)


@dataclass
class Days:
    """A server whose clock the test moves, and a page of its site."""

    clock: SetClock
    api: Api
    page: str

    def visit(self, reader: Faces) -> None:
        reader.page.clock.set_system_time(self.clock.now())
        reader.page.goto(self.page)

    def votes(self) -> list[tuple[str, str]]:
        return sorted((vote["voted_on"], vote["answer"]["word"]) for vote in votes(self.api))


@pytest.fixture
def days(app: Flask, client: FlaskClient, clock: SetClock, pages: Pages) -> Iterator[Days]:
    make = Make(client, app.config["SECRET_KEYS"])
    site = make.site(allowed_origins=["http://127.0.0.1:*"])
    make.survey(site, "article")
    with listening(app) as url:
        tag = f'<script async src="{url}/w/{site.key}.js"></script>'
        yield Days(clock, make.back_end(site), pages.put(f"<h1>Chains</h1><tilfreds-rating></tilfreds-rating>{tag}"))


def test_an_article_changed_the_next_day_from_the_same_browser_is_the_same_vote(days: Days, new_page: NewPage) -> None:
    reader = Faces(new_page())
    days.visit(reader)
    reader.press("Bad")
    reader.saved()
    days.clock.forward(hours=24)
    days.visit(reader)
    expect(reader.page.locator("tilfreds-rating")).to_contain_text("You answered Bad")
    reader.change_to("Good")
    reader.saved()
    assert days.votes() == [("2026-03-03", "Good")]


def test_an_article_changed_the_next_day_from_another_browser_is_another_vote(days: Days, new_page: NewPage) -> None:
    for word in ("Bad", "Good"):
        reader = Faces(new_page())
        days.visit(reader)
        reader.press(word)
        reader.saved()
        days.clock.forward(hours=24)
    assert days.votes() == [("2026-03-03", "Bad"), ("2026-03-04", "Good")]


def test_a_browser_forgets_after_two_days_and_is_another_reader(days: Days, new_page: NewPage) -> None:
    reader = Faces(new_page())
    for word in ("Bad", "Good"):
        days.visit(reader)
        reader.press(word)
        reader.saved()
        days.clock.forward(hours=49)
    assert days.votes() == [("2026-03-03", "Bad"), ("2026-03-05", "Good")]


def publish(api: Api, survey: MadeSurvey, question: str) -> str:
    """Publish new texts with another look, and return the id of the revision."""
    texts = {"en": {"question": question}}
    return done(api.post(f"/surveys/{survey.id}/revisions", {"look": "thumbs", "texts": texts}))["revisions"][-1]["id"]


def test_votes_of_pages_with_the_old_file_keep_its_revision(
    new_page: NewPage, krans: Krans, make: Make, site: MadeSite, api: Api
) -> None:
    old = make.survey(site, "article")
    reader = Faces(new_page())
    reader.page.goto(krans.url + ARTICLE)
    expect(reader.face("Good")).to_be_visible()
    new = publish(api, old, "Was this any use?")
    reader.press("Good")
    reader.saved()
    # The next page of the same visit has the file from its cache.
    reader.page.goto(krans.url + "/help/tyre-size")
    reader.press("OK")
    reader.saved()
    other = Faces(new_page())
    other.page.goto(krans.url + ARTICLE)
    expect(other.page.locator("tilfreds-rating")).to_contain_text("Was this any use?")
    other.page.locator("tilfreds-rating [part=choice]").last.click()
    other.saved()
    stored = {(vote["subject"], vote["answer"]["score"]): vote["revision"] for vote in votes(api)}
    assert stored == {
        (ARTICLE, 3): str(old.revision),
        ("/help/tyre-size", 2): str(old.revision),
        (ARTICLE, 1): new,
    }


def test_a_chat_that_ends_after_a_new_revision_shows_the_one_of_its_page(
    new_page: NewPage, krans: Krans, make: Make, site: MadeSite, api: Api
) -> None:
    old = make.survey(site)
    visitor = Visitor(new_page()).open(krans)
    visitor.write("My chain slips")
    publish(api, old, "Was this any use?")
    visitor.end()
    visitor.press("Good")
    visitor.saved()
    (vote,) = votes(api)
    assert (vote["revision"], vote["answer"]["word"]) == (str(old.revision), "Good")
