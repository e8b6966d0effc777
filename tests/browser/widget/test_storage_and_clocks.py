"""Browsers that store nothing, or too little, and clocks that are wrong: the same votes, once each."""

from __future__ import annotations

import pytest
from playwright.sync_api import FrameLocator, expect

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, RATING, Reader, refusal

THROWING = """for (const area of ["localStorage", "sessionStorage"])
  Object.defineProperty(self, area, { get() { throw new DOMException("No", "SecurityError"); } });"""
# Fill the storage itself, because there are several ways to write to it.
FILL = """() => {
  const fill = (size) => {
    try { for (let n = 0; ; n++) localStorage[`fill-${size}-${n}`] = "x".repeat(size); } catch {}
  };
  for (const size of [1e6, 1e4, 100, 1]) fill(size);
}"""
NULL = "for (const area of ['localStorage', 'sessionStorage']) Object.defineProperty(self, area, { value: null });"
DAYS = 24 * 3600 * 1000


@pytest.mark.parametrize("script", [THROWING, NULL], ids=["throws", "is not there"])
def test_everything_works_from_memory(reader: Reader, script: str) -> None:
    reader.page.add_init_script(script)
    reader.open(RATING + CHAT)
    reader.press("Good")
    reader.says("Saved")
    reader.press("Bad")
    reader.says("Saved")
    assert reader.ended(conversation="c1")["asked"] is True
    assert reader.ended(conversation="c1")["asked"] is True
    reader.press("OK", at=1)
    reader.says("Saved", at=1)
    assert sorted(vote["answer"]["score"] for vote in reader.votes()) == [1, 2]
    assert len({body["browser"] for body in reader.of("ended")}) == 1


def test_without_storage_the_visitor_is_asked_to_keep_the_page_open(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "503"))
    reader.page.add_init_script(THROWING)
    reader.open()
    reader.answers("votes", refusal("unavailable", 503))
    reader.press("Good")
    reader.says("Not sent yet. Keep this page open.")
    reader.page.unroute("**/w/*/votes")
    reader.says("Saved")
    assert len(reader.votes()) == 1


def test_storage_that_is_full(reader: Reader) -> None:
    reader.open()
    reader.page.evaluate(FILL)
    reader.press("Good")
    reader.says("Saved")
    reader.press("OK")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [2]


def sandboxed(reader: Reader) -> FrameLocator:
    """Open an article in a frame whose origin is "null" and whose storages throw."""
    inner = reader.pages.put(f"<h1>Help</h1>{RATING}{reader.tag}")
    reader.page.goto(reader.pages.put(f'<iframe sandbox="allow-scripts" src="{inner}"></iframe>'))
    return reader.page.frame_locator("iframe")


def test_a_sandboxed_frame_shows_an_error_where_its_origin_is_not_allowed(reader: Reader, watch: Watch) -> None:
    """Show the server's error, and break nothing else."""
    watch.expect(failed("/(votes|seen)", "403"))
    frame = sandboxed(reader)
    frame.get_by_role("button", name="Good").click()
    expect(frame.locator("tilfreds-rating output")).to_have_text("This website is not set up to receive answers.")


def test_a_sandboxed_frame_votes_from_memory(reader: Reader, watch: Watch) -> None:
    """Give a site that allows "null" the same votes: kept while unsent, changed, commented, once each."""
    watch.expect(failed("/votes", "503"))
    done(reader.make.back_end(reader.site).patch("/site", {"allowed_origins": ["null"]}))
    frame = sandboxed(reader)
    status = frame.locator("tilfreds-rating output")
    reader.answers("votes", refusal("unavailable", 503))
    frame.get_by_role("button", name="Bad").click()
    expect(status).to_have_text("Not sent yet. Keep this page open.")
    reader.page.unroute("**/w/*/votes")
    expect(status).to_contain_text("Saved")
    frame.get_by_role("button", name="Good").click()
    expect(status).to_contain_text("Saved")
    frame.get_by_role("button", name="Add a comment").click()
    frame.get_by_role("textbox").fill("From a frame")
    with reader.page.expect_response("**/votes"):
        frame.get_by_role("button", name="Done").click()
    expect(frame.locator("tilfreds-rating [aria-pressed=true]")).to_have_text("Good")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (3, "From a frame")
    assert len({body["id"] for body in reader.of("votes")}) == 1


def test_nothing_is_stored_before_a_press(reader: Reader) -> None:
    reader.open(RATING + CHAT)
    reader.page.wait_for_load_state("networkidle")
    read_stores = "() => [Object.keys(localStorage), Object.keys(sessionStorage), document.cookie]"
    assert reader.page.evaluate(read_stores) == [[], [], ""]
    reader.tell("start", conversation="c1")
    wait_until_true(reader.page, "Object.keys(sessionStorage).length")
    assert reader.page.evaluate("Object.keys(localStorage)") == []
    reader.press("Good")
    reader.says("Saved")
    names = reader.page.evaluate("Object.keys(localStorage).sort()")
    prefix = f"tilfreds:{reader.site.key}:"
    assert names == sorted([f"{prefix}any", f"{prefix}article,{reader.path},"])


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_is_wrong_by_a_year_changes_nothing(reader: Reader, days: int) -> None:
    now = reader.page.evaluate("Date.now()")
    reader.page.clock.install(time=(now + days * DAYS) / 1000)
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    reader.page.clock.run_for(2_000)
    reader.press("Bad")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [1]
    assert all(0 <= body["age_ms"] < 60_000 for body in reader.of("votes"))


def test_a_clock_set_back_while_an_answer_waits_loses_nothing(reader: Reader, watch: Watch) -> None:
    watch.expect(failed("/votes", "503"))
    reader.page.clock.install()
    reader.open()
    reader.answers("votes", refusal("unavailable", 503))
    reader.press("Good")
    reader.says("Kept on this device")
    reader.page.clock.set_system_time(reader.page.evaluate("Date.now()") / 1000 - 400 * 24 * 3600)
    reader.page.unroute("**/w/*/votes")
    reader.page.clock.run_for(10_000)
    reader.says("Saved")
    # The age counts from when the widget noticed the new clock, at most the time that this test lets pass.
    assert 0 <= reader.of("votes")[-1]["age_ms"] <= 10_000


def test_after_48_hours_the_browser_has_forgotten(reader: Reader) -> None:
    reader.page.clock.install()
    reader.open()
    reader.press("Good")
    reader.says("Saved")
    reader.page.clock.set_system_time(reader.page.evaluate("Date.now()") / 1000 + 49 * 3600)
    reader.page.reload()
    expect(reader.face("Good")).to_be_visible()
    assert reader.lit() == []
    # The part that removes old records loads with the page.
    reader.page.wait_for_load_state("networkidle")
    assert reader.page.evaluate("Object.keys(localStorage)") == []


CLEAR = "localStorage.clear()"


def test_storage_that_the_page_empties_while_an_answer_waits(reader: Reader, watch: Watch) -> None:
    """A page that signs its visitor out loses no answer, and none comes back to its storage."""
    watch.expect(failed("/votes", "503"))
    reader.open()
    reader.answers("votes", refusal("unavailable", 503))
    reader.press("Good")
    reader.says("Kept on this device")
    reader.page.evaluate(CLEAR)
    reader.says("Not sent yet. Keep this page open.")
    reader.page.unroute("**/w/*/votes")
    reader.says("✓ Saved.")
    assert reader.page.evaluate("Object.keys(localStorage)") == []
    # A change of mind and a comment belong to the same vote.
    reader.comment("Still me")
    reader.page.evaluate(CLEAR)
    reader.press("Bad")
    reader.says("✓ Saved.")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [1]
    reader.page.evaluate(CLEAR)
    reader.page.reload()
    expect(reader.face("Good")).to_be_visible()
    assert reader.lit() == []


def test_a_comment_after_the_page_emptied_its_storage(reader: Reader) -> None:
    reader.open()
    reader.press("Good")
    reader.says("✓ Saved.")
    reader.page.evaluate(CLEAR)
    reader.comment("Still me")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (3, "Still me")


def test_a_clock_that_was_a_year_ahead(reader: Reader) -> None:
    now = reader.page.evaluate("Date.now()")
    reader.page.clock.install(time=(now + 365 * DAYS) / 1000)
    reader.open()
    reader.press("Good")
    reader.says("✓ Saved.")
    reader.page.clock.set_system_time((now + DAYS) / 1000)
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.clock.set_system_time((now + 3 * DAYS) / 1000)
    reader.page.reload()
    expect(reader.face("Good")).to_be_visible()
    assert reader.lit() == []
