"""Follow-up questions of a survey: one at a time, each saved under the same vote, none needed for it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.back_end import done
from tests.browser.accessibility import WCAG_AND_ADVICE, violations
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, REQUESTS, Reader
from tests.factories import MadeSite, Make
from tests.long_cases import long
from tests.serving import Product
from tests.surveys.longer import LONGER
from tests.surveys.sample_questions import SAMPLE_QUESTIONS


@pytest.fixture
def asking_reader(reader: Reader) -> Reader:
    """Return a reader of a site whose newest article survey has follow-up questions."""
    reader.make.survey(reader.site, "article", **SAMPLE_QUESTIONS)
    return reader


def box(reader: Reader) -> Locator:
    return reader.card().locator("[part=further]")


def go_on(reader: Reader, word: str) -> None:
    box(reader).get_by_role("button", name=word, exact=True).click()


def asks(reader: Reader, words: str) -> None:
    expect(box(reader)).to_contain_text(words)


def counts(reader: Reader) -> dict[str, tuple[int, int, int]]:
    """Return (shown, answered, skipped) of each question."""
    api = reader.make.back_end(reader.site)
    survey = done(api.get("/surveys"))["surveys"][-1]
    rows = done(api.get(f"/surveys/{survey['id']}/questions"))["questions"]
    return {row["question"]: (row["shown"], row["answered"], row["skipped"]) for row in rows}


def test_an_unhappy_reader_says_why_and_how_to_be_reached(asking_reader: Reader) -> None:
    """Save each question under the same vote; the first tap was saved before any question appeared."""
    reader = asking_reader.open()
    reader.press("Bad")
    reader.says("✓ Saved. We are sorry.")
    asks(reader, "What went wrong?")
    asks(reader, "Question 1 of 4")
    assert reader.page.evaluate("document.activeElement.shadowRoot.activeElement.textContent") == "Bad"
    expect(box(reader).get_by_role("button", name="Skip")).to_be_visible()
    go_on(reader, "Too long")
    go_on(reader, "Out of date")
    expect(box(reader).get_by_role("button", name="Out of date")).to_have_attribute("aria-pressed", "true")
    go_on(reader, "Next")

    asks(reader, "How hard was it?")
    go_on(reader, "4")
    go_on(reader, "Next")
    box(reader).get_by_role("textbox", name="What did you look for?").fill("the tyre's size")
    go_on(reader, "Next")
    box(reader).get_by_role("textbox", name="May we contact you?").fill("ann@example.org")
    box(reader).get_by_role("textbox").press("Enter")
    expect(box(reader)).to_have_count(0)
    reader.received()

    (vote,) = reader.votes()
    assert [reason["word"] for reason in vote["reasons"]] == ["Too long", "Out of date"]
    assert [(answer["question"], answer["word"]) for answer in vote["answers"]] == [
        ("How hard was it?", "4 of 5"),
        ("What did you look for?", "the tyre's size"),
        ("To be contacted", "ann@example.org"),
    ]
    revs = [body["rev"] for body in reader.of("votes")]
    assert revs == sorted(set(revs)) and len({body["id"] for body in reader.of("votes")}) == 1
    assert "reasons" not in reader.of("votes")[0] or reader.of("votes")[0]["reasons"] == []
    assert counts(reader) == dict.fromkeys(("why", "effort", "wish", "call"), (0, 1, 0))


def test_a_reload_in_the_middle_goes_on_where_it_was(asking_reader: Reader) -> None:
    """Lose nothing and ask nothing twice; count a question that was only seen as shown, a passed one as skipped."""
    reader = asking_reader.open()
    reader.press("Bad")
    asks(reader, "What went wrong?")
    go_on(reader, "Too long")
    go_on(reader, "Next")
    asks(reader, "How hard was it?")
    go_on(reader, "Skip")
    asks(reader, "What did you look for?")
    box(reader).get_by_role("textbox").fill("half a wo")
    reader.page.reload()

    asks(reader, "Question 4 of 4")
    reader.received()
    (vote,) = reader.votes()
    assert [answer["word"] for answer in vote["answers"]] == ["half a wo"]
    assert [reason["word"] for reason in vote["reasons"]] == ["Too long"]
    reader.page.goto("about:blank")
    reader.page.wait_for_timeout(300)
    assert counts(reader) == {"why": (0, 1, 0), "effort": (0, 0, 1), "wish": (0, 1, 0), "call": (1, 0, 0)}


def test_another_answer_starts_over_and_a_removal_removes_everything(asking_reader: Reader) -> None:
    """Offer a review after a positive answer; drop the reasons of the earlier negative one."""
    reader = asking_reader.open()
    reader.press("Bad")
    asks(reader, "What went wrong?")
    go_on(reader, "Too long")
    go_on(reader, "Next")
    reader.press("Good")
    reader.says("✓ Saved. So glad!")
    expect(box(reader).get_by_role("link", name="Write a review")).to_have_attribute(
        "href", "https://reviews.example/us"
    )
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["reasons"], vote["answers"]) == (3, [], [])
    go_on(reader, "Skip")
    expect(box(reader)).to_have_count(0)
    reader.received()
    assert counts(reader) == {"review": (0, 0, 1)}

    reader.press("Bad")
    asks(reader, "What went wrong?")
    go_on(reader, "Too long")
    reader.page.wait_for_timeout(1200)
    reader.received()
    reader.card().get_by_role("button", name="Add a comment").click()
    expect(box(reader)).to_be_hidden()
    reader.card().get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    expect(box(reader)).to_have_count(0)
    (vote,) = reader.votes()
    assert (vote["answer"], vote["reasons"], vote["answers"]) == (None, [], [])
    assert counts(reader) == {}


def test_an_answer_to_an_older_revision_can_be_changed(asking_reader: Reader) -> None:
    """Send no answers of the older revision's questions with the newer one, which would reject them."""
    reader = asking_reader.open()
    reader.press("Bad")
    go_on(reader, "Too long")
    go_on(reader, "Next")
    reader.received()
    reader.make.survey(reader.site, "article")
    reader.page.goto("about:blank")
    reader.page.goto(reader.pages.url + reader.path)
    # An outcome "shown" is sent when the page is left, or else with the next load.
    reader.received()
    reader.page.evaluate("fetch(document.scripts[0].src, { cache: 'reload' })")
    reader.page.reload()
    reader.says("You answered Bad.")
    expect(box(reader)).to_have_count(0)
    reader.page.get_by_role("button", name="Change").click()
    reader.press("Good")
    reader.says("✓ Saved.")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["reasons"]) == (3, [])


@pytest.mark.parametrize("variant", [{}, long({"color_scheme": "dark"}), long({"forced_colors": "active"})], ids=str)
def test_axe_finds_nothing_in_any_question(
    new_page: NewPage, pages: Pages, product: Product, make: Make, site: MadeSite, variant: dict[str, Any]
) -> None:
    """Check at 320 px that every control is at least 44 px high and nothing is wider than the page."""
    make.survey(site, "article", **SAMPLE_QUESTIONS)
    reader = Reader(new_page(viewport={"width": 320, "height": 640}, **variant), pages, product, make, site)
    reader.open("<main><h1>Help</h1><tilfreds-rating></tilfreds-rating></main>")
    reader.press("Bad")
    for question in ("What went wrong?", "How hard was it?", "What did you look for?", "May we contact you?"):
        asks(reader, question)
        if box(reader).locator("[part=chip]").count():
            box(reader).locator("[part=chip]").first.click()
        assert violations(reader.page, rules=WCAG_AND_ADVICE, within="tilfreds-rating") == []
        for control in box(reader).locator("button, input, textarea").all():
            size = control.bounding_box()
            assert size is not None and min(size["width"], size["height"]) >= 43.9
        assert reader.page.evaluate("document.documentElement.scrollWidth") <= 320
        box(reader).locator("[part=next]").click()
    reader.press("Good")
    expect(box(reader).locator("[part=go]")).to_be_visible()
    assert violations(reader.page, rules=WCAG_AND_ADVICE, within="tilfreds-rating") == []
    reader.received()


def test_offline_and_back_delivers_the_whole_answer(asking_reader: Reader, watch: Watch) -> None:
    watch.expect(failed(REQUESTS))
    reader = asking_reader.open()
    reader.press("Bad")
    asks(reader, "What went wrong?")
    reader.page.context.set_offline(True)
    go_on(reader, "Too long")
    go_on(reader, "Next")
    reader.says("Kept on this device until it can be sent.")
    go_on(reader, "3")
    go_on(reader, "Next")
    asks(reader, "What did you look for?")
    reader.page.context.set_offline(False)
    reader.says("✓ Saved.")
    asks(reader, "What did you look for?")
    (vote,) = reader.votes()
    assert ([one["word"] for one in vote["reasons"]], [one["word"] for one in vote["answers"]]) == (
        ["Too long"],
        ["3 of 5"],
    )


def test_by_keyboard_alone(asking_reader: Reader) -> None:
    """Keep the focus: inside the questions it moves on with them, and at their end to the status line."""
    reader = asking_reader.open()
    reader.face("Bad").focus()
    reader.page.keyboard.press("Enter")
    asks(reader, "What went wrong?")
    focused = "document.activeElement.shadowRoot.activeElement"
    for _ in range(20):
        if reader.page.evaluate(f"{focused}.getAttribute('part')") == "chip":
            break
        reader.page.keyboard.press("Tab")
    reader.page.keyboard.press("Space")
    reader.page.wait_for_timeout(1500)
    reader.received()
    assert reader.page.evaluate(f"{focused}.textContent") == "Too long", "a receipt moves no focus"
    for _ in range(4):
        reader.page.keyboard.press("Tab")
        if reader.page.evaluate(f"{focused}.getAttribute('part')") == "next":
            break
    for question in ("How hard was it?", "What did you look for?", "May we contact you?"):
        reader.page.keyboard.press("Enter")
        asks(reader, question)
        assert reader.page.evaluate(f"{focused}.getAttribute('aria-label')").startswith(question)
        for _ in range(8):
            reader.page.keyboard.press("Tab")
            if reader.page.evaluate(f"{focused}.getAttribute('part')") == "next":
                break
    reader.page.keyboard.press("Enter")
    expect(box(reader)).to_have_count(0)
    assert reader.page.evaluate(f"{focused}.tagName") == "OUTPUT"
    reader.received()


def test_a_negative_answer_offers_another_chat_by_an_event(reader: Reader) -> None:
    """Fire the event of a question of kind chat, under strict policies."""
    questions = [{"id": "again", "kind": "chat", "sentiments": ["negative"]}]
    reader.make.survey(reader.site, questions=questions)
    origin = reader.product.url
    strict = f"default-src 'none'; script-src {origin} 'nonce-n'; connect-src {origin}; "
    strict += "require-trusted-types-for 'script'; trusted-types 'none'"
    listener = "<script nonce=n>addEventListener('tilfreds:chat', (e) => (self.heard = e.detail.score))</script>"
    reader.open(CHAT + listener, {"Content-Security-Policy": strict})
    assert reader.ended()["asked"] is True
    reader.press("Bad")
    go_on(reader, "Chat with us")
    assert reader.page.evaluate("self.heard") == 1
    go_on(reader, "Done")
    reader.received()
    assert counts(reader)["again"] == (0, 1, 0)


def test_without_a_link_in_the_receipt_no_survey_page_is_offered(reader: Reader) -> None:
    """Use a receipt as a browser gets it whose press came after another's, or from an older server."""

    def remove_link(route: Route) -> None:
        answer = route.fetch()
        route.fulfill(response=answer, json={**answer.json(), "survey": None})

    word = {"id": "word", "kind": "comment", "sentiments": ["negative"]}
    reader.make.survey(reader.site, "article", questions=[*LONGER["questions"], word], texts=LONGER["texts"])
    reader.answers("votes", remove_link)
    reader.open().press("Bad")
    expect(box(reader).get_by_role("textbox")).to_be_visible()
    expect(reader.card().get_by_text("Tell us more")).to_have_count(0)
    reader.received()
