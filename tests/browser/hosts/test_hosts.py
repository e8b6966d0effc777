"""A vendor's chat starts and ends beside the widget: the survey appears once, and the vote reaches the transcript."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.main_job.krans import ratings
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch
from tests.browser.widget.reader import CHAT, Reader

from .beside import HEAR, Started, beside, told
from .direct_line import DirectLine
from .server import Answer, Host, package

BOT_SAYS = {"text": "It comes tomorrow."}


def test_a_repeated_end_shows_another_survey_only_after_the_chat_continued(
    reader: Reader, started: Started, elsewhere: list[str], watch: Watch
) -> None:
    """Show no second survey for repeated ends of one segment; the server's rules decide on the next segment."""
    # Web Chat logs this for each such activity, with or without the widget.
    watch.expect('No renderer for activity of type "endOfConversation"')
    host = started(DirectLine("dl-1"))
    beside(reader, botframework={})
    reader.open(f"{HEAR}{CHAT}{host.page()}")

    def write(text: str) -> None:
        reader.page.locator("#webchat").get_by_role("textbox").fill(text)
        reader.page.keyboard.press("Enter")
        expect(reader.page.locator("#webchat").get_by_text(text, exact=True).first).to_be_visible()

    write("Where is my parcel?")
    wait_until_true(reader.page, "self.heard.length == 1")
    browser = reader.page.evaluate("tilfreds.browser()")
    reader.make.chat(reader.site, "dl-1", browser=browser)
    for _ in range(2):
        host.send("message", **BOT_SAYS)
        host.send("endOfConversation", code="completedSuccessfully")
    expect(reader.face("Good")).to_be_visible()
    reader.press("Good")
    reader.says("Saved")
    assert [one["conversation"] for one in told(reader, "end")] == ["dl-1"]

    write("One thing more.")
    write("And the other one?")
    wait_until_true(reader.page, "self.heard.length == 3")
    for author, text in (("visitor", "One thing more."), ("visitor", "And the other one?")):
        reader.make.message(reader.site, "dl-1", author, text)
    reader.make.message(reader.site, "dl-1", "agent", "Too.", agent="anna")
    for _ in range(2):
        host.send("endOfConversation", code="completedSuccessfully")
    expect(reader.card().locator("output")).to_be_empty()
    reader.press("Bad")
    reader.says("Saved")
    api = reader.make.back_end(reader.site)
    assert ratings(api, "dl-1") == [("rated", "Good", True), ("rated", "Bad", True)]
    assert [len(told(reader, "start")), len(told(reader, "end"))] == [2, 2]
    assert elsewhere == []


class DeepChat(Host):
    """A chat server that answers every message."""

    def __init__(self) -> None:
        super().__init__({"/": package("deep-chat") / "dist"})

    def answer(self, method: str, path: str, body: dict[str, Any]) -> Answer:
        return BOT_SAYS if path == "/chat" else super().answer(method, path, body)


def test_deep_chat_has_no_end_and_the_page_reports_it(reader: Reader, started: Started, elsewhere: list[str]) -> None:
    host = started(DeepChat())
    beside(reader, deepchat={"target": "#after"})
    chat = f"""<script type="module" src="{host.url}/deepChat.bundle.js"></script>
      <deep-chat connect='{{"url": "{host.url}/chat"}}'></deep-chat><div id="after"></div>"""
    reader.open(HEAR + chat)
    wait_until_true(reader.page, "self.tilfreds")

    for number in (1, 2):
        reader.page.locator("deep-chat #text-input").click()
        reader.page.keyboard.type("Where is my parcel?")
        reader.page.keyboard.press("Enter")
        expect(reader.page.locator("deep-chat").get_by_text(BOT_SAYS["text"])).to_have_count(number)
        # As a button of the page would do.
        assert reader.ended()["asked"] is True
        reader.press("Good" if number == 1 else "Bad")
        reader.says("Saved")
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)
    assert len(told(reader, "start")) == 2
    votes = [(vote["answer"]["word"], vote["verified"]) for vote in reader.votes()]
    assert sorted(votes) == [("Bad", False), ("Good", False)]
    listed = done(reader.make.back_end(reader.site).get("/conversations"))["conversations"]
    assert sorted(one["rating"]["answer"]["word"] for one in listed) == ["Bad", "Good"]
    # It requests only a font from elsewhere, and the request is blocked.
    assert all("fonts.googleapis.com" in address for address in elsewhere)
