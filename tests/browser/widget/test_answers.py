"""One press saves, a change takes one tap, nothing is asked twice, and the page receives events."""

from __future__ import annotations

import time
from typing import Any

from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import RATING, Reader, refusal
from tests.invitations.signing import signed

LISTEN = """
  self.heard = [];
  for (const what of ["shown", "voted", "changed", "dismissed"])
    addEventListener(`tilfreds:${what}`, (event) => self.heard.push([what, event.target.localName, event.detail]));
"""


def heard(reader: Reader) -> list[Any]:
    return reader.page.evaluate("self.heard")


def test_the_lit_face_pressed_again_changes_nothing(reader: Reader) -> None:
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    reader.press("Good")
    reader.press("OK")
    reader.says("Saved")
    assert reader.lit() == ["OK"]
    assert [(body["rev"], body["score"]) for body in reader.of("votes")] == [(1, 3), (2, 2)]


def test_saved_is_shown_after_the_receipt_and_never_before(reader: Reader) -> None:
    reader.open()
    held_routes: list[Any] = []
    reader.answers("votes", lambda route: held_routes.append(route))
    reader.press("Good")
    reader.says("Saving…")
    reader.page.wait_for_timeout(500)
    expect(reader.card().locator("output")).to_have_text("Saving…")
    assert reader.votes() == []
    held_routes[0].continue_()
    reader.says("Saved")
    assert len(reader.votes()) == 1


def test_the_card_shows_the_servers_answer(reader: Reader) -> None:
    """Show it even where a later press of the same reader elsewhere has won."""
    reader.open()
    reader.answers(
        "votes",
        lambda route: route.fulfill(
            json={"vote": "v", "rev": 1, "score": 1, "comment": False, "status": "ignored", "saved_at": "x"},
            headers={"Access-Control-Allow-Origin": "*"},
        ),
    )
    reader.press("Good")
    reader.says("You answered Bad.")


def test_a_comment_saves_when_its_box_is_left_and_when_the_page_is_left(reader: Reader) -> None:
    reader.open()
    reader.press("OK")
    reader.says("Saved")
    reader.page.get_by_role("button", name="Add a comment").click()
    box = reader.page.get_by_role("textbox")
    box.fill("  First words ")
    reader.face("OK").focus()
    reader.says("Comment saved.")
    assert reader.votes()[0]["comment"] == "First words"
    box.fill("Last words")
    reader.page.goto(reader.pages.put("<p>Elsewhere</p>"))
    for _ in range(50):
        (vote,) = reader.votes()
        if vote["comment"] == "Last words":
            break
        reader.page.wait_for_timeout(100)
    assert (vote["comment"], vote["answer"]["score"]) == ("Last words", 2)


def test_a_change_of_mind_keeps_the_comment(reader: Reader) -> None:
    reader.open()
    reader.press("Bad")
    reader.says("Saved")
    reader.page.get_by_role("button", name="Add a comment").click()
    reader.page.get_by_role("textbox").fill("Slow")
    reader.press("Good")
    reader.received()
    assert reader.votes()[0]["comment"] == "Slow"
    reader.press("OK")
    reader.says("You can change your answer.")
    reader.press("Good")
    reader.says("You can change your answer.")
    reader.page.get_by_role("button", name="Done").click()
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Change").click()
    reader.press("OK")
    reader.says("Saved")
    (vote,) = reader.votes()
    assert (vote["comment"], vote["answer"]["score"]) == ("Slow", 2)


def test_where_no_comment_is_asked_for_the_answer_can_be_removed(reader: Reader) -> None:
    reader.make.survey(reader.site, "article", comment=False)
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    expect(reader.page.get_by_role("button", name="Add a comment")).to_have_count(0)
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    assert reader.lit() == []
    assert [body["score"] for body in reader.of("votes")] == [3, None]
    reader.press("Bad")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [1]


def rating_of(proof: dict[str, Any]) -> str:
    """Return an article's rating as a back end prints it for an identified reader."""
    attributes = " ".join(f'{name}="{value}"' for name, value in proof.items())
    return f"<tilfreds-rating {attributes}></tilfreds-rating>"


def run_out(proof: dict[str, Any]) -> None:
    """Wait until a signature has expired."""
    time.sleep(max(0.0, proof["expires"] + 1 - time.time()))


def fresh_after_a_press(reader: Reader) -> dict[str, Any]:
    """Rate with a signature, wait until it has expired, and return the next one."""
    first = signed(reader.site, int(time.time()) + 3, "ann")
    reader.open(rating_of(first))
    reader.press("Bad")
    reader.says("Saved")
    run_out(first)
    return signed(reader.site, int(time.time()) + 600, "ann")


def test_a_signed_reader_comes_back_with_a_fresh_signature_and_removes_the_answer(reader: Reader) -> None:
    fresh = fresh_after_a_press(reader)
    reader.pages.put(f"{rating_of(fresh)}{reader.tag}", reader.path)
    reader.page.reload()
    reader.says("You answered Bad.")
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    assert [vote["answer"] for vote in reader.votes()] in ([], [None])
    assert reader.of("votes")[-1]["signature"] == fresh["signature"]


def test_a_signature_that_is_renewed_on_the_open_page_is_used_from_then_on(reader: Reader) -> None:
    reader.page.add_init_script(LISTEN)
    fresh = fresh_after_a_press(reader)
    renew = "(node, proof) => Object.entries(proof).forEach(([name, value]) => node.setAttribute(name, value))"
    reader.page.locator("tilfreds-rating").evaluate(renew, fresh)
    reader.says("Saved")
    reader.press("Good")
    wait_until_true(reader.page, "self.heard.length === 3")
    reader.page.get_by_role("button", name="Add a comment").click()
    reader.page.get_by_role("textbox").fill("Clear now")
    reader.page.get_by_role("button", name="Done").click()
    wait_until_true(reader.page, "self.heard.length === 4")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"], vote["verified"]) == (3, "Clear now", True)


def test_a_reply_after_the_card_was_dismissed_is_stored(reader: Reader) -> None:
    reader.page.add_init_script(LISTEN)
    reader.open()
    held_routes: list[Any] = []
    reader.answers("votes", lambda route: held_routes.append(route))
    reader.press("Good")
    reader.page.get_by_role("button", name="Not now").click()
    wait_until_true(reader.page, "self.heard.some(([what]) => what === 'dismissed')")
    with reader.page.expect_response("**/votes"):
        held_routes[0].continue_()
    reader.received()
    reader.page.reload()
    reader.says("You answered Good.")


def test_a_dismissal_is_reported_once_and_remembered(reader: Reader) -> None:
    reader.page.add_init_script(LISTEN)
    reader.open()
    reader.page.get_by_role("button", name="Not now").click()
    expect(reader.page.locator("tilfreds-rating [part=card]")).to_have_count(0)
    wait_until_true(reader.page, "self.heard.some(([what]) => what === 'dismissed')")
    reader.page.reload()
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator("tilfreds-rating [part=card]")).to_have_count(0)
    assert reader.of("dismissed") == [{"kind": "article", "subject": reader.path}]
    assert len(reader.of("seen")) == 1


def test_an_impression_is_reported_in_view_and_blocks_nothing(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/seen", "503"))
    reader.page.add_init_script(LISTEN)
    reader.answers("seen", refusal("too_many", 503))
    reader.open(f'<p style="height: 3000px">Long</p>{RATING}')
    expect(reader.face("Good")).to_be_attached()
    reader.page.wait_for_timeout(300)
    assert (reader.of("seen"), heard(reader)) == ([], [])
    reader.page.evaluate("scrollTo(0, 1e9)")
    wait_until_true(reader.page, "self.heard.length")
    assert heard(reader) == [["shown", "tilfreds-rating", None]]
    reader.press("Good")
    reader.says("Saved")


def test_the_page_receives_events_of_the_answer(reader: Reader) -> None:
    reader.page.add_init_script(LISTEN)
    reader.open()
    reader.press("Bad")
    reader.says("Saved")
    reader.press("Good")
    wait_until_true(reader.page, "self.heard.length === 3")
    assert [(what, detail) for what, _, detail in heard(reader)] == [
        ("shown", None),
        ("voted", {"score": 1, "comment": False}),
        ("changed", {"score": 3, "comment": False}),
    ]


def test_only_the_configured_share_of_views_is_asked(reader: Reader) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"article_share": 0.5}))
    reader.page.add_init_script("Math.random = () => 0.7;")
    reader.open()
    wait_until_true(reader.page, "document.querySelector('tilfreds-rating').shadowRoot")
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator("tilfreds-rating [part=card]")).to_have_count(0)
    reader.page.add_init_script("Math.random = () => 0.3;")
    reader.page.reload()
    expect(reader.face("Good")).to_be_visible()


def test_attributes_set_subject_and_look(reader: Reader) -> None:
    reader.open('<tilfreds-rating kind="page" subject="home" look="words"></tilfreds-rating>')
    expect(reader.card().locator("svg")).to_have_count(0)
    reader.press("Good")
    reader.says("Saved")
    (vote,) = reader.votes()
    assert vote["subject"] == "home"
