"""Rocket.Chat Livechat reports the end of a chat by its visitor twice: the survey appears once."""

from __future__ import annotations

from playwright.sync_api import Frame, expect

from tests.browser.main_job.krans import ratings
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch
from tests.browser.widget.reader import Reader

from .beside import HEAR, Started, beside, told, until
from .rocket_chat import RocketChat


class Panel:
    """Rocket.Chat's panel, as a visitor uses it."""

    def __init__(self, reader: Reader, host: RocketChat) -> None:
        self.reader, self.host = reader, host

    def open(self) -> Panel:
        wait_until_true(self.reader.page, "self.RocketChat?.livechat && self.tilfreds")
        self.reader.page.evaluate("RocketChat(function () { this.maximizeWidget() })")
        expect(self.reader.page.frame_locator("#rocketchat-iframe").locator("[contenteditable=true]")).to_be_visible()
        return self

    @property
    def frame(self) -> Frame:
        return next(frame for frame in self.reader.page.frames if frame.url.startswith(f"{self.host.url}/livechat"))

    def write(self, text: str) -> None:
        box = self.frame.locator("[contenteditable=true]")
        box.press_sequentially(text)
        expect(box).to_have_text(text)
        box.press("Enter")
        until(self.reader, lambda: text in self.host.written)

    def finish(self) -> None:
        """Press Options, Finish this chat, and Yes."""
        self.frame.get_by_text("Options").click()
        self.frame.get_by_text("Finish this chat").click()
        self.frame.get_by_role("button", name="Yes").click()


def test_rocket_chat_reports_one_end_twice_and_the_visitor_is_asked_once(
    reader: Reader, started: Started, elsewhere: list[str], watch: Watch
) -> None:
    # The chat tries to play a sound for a new message, which this workspace does not have.
    watch.expect("The element has no supported sources")
    host = started(RocketChat())
    beside(reader, rocketchat={"field": "tilfreds", "target": "#after"})
    counts = """<script>self.ends = 0; RocketChat(function () { this.onChatEnded(() => ends++) })</script>"""
    reader.open(f'{HEAR}<div id="after" style="width: 400px"></div>{host.loader()}{counts}')
    panel = Panel(reader, host).open()
    panel.write("Where is my parcel?")
    until(reader, lambda: "tilfreds" in host.fields)
    # As the help desk's webhook would report the room.
    reader.make.chat(reader.site, "room-1", browser=host.fields["tilfreds"])
    until(reader, lambda: "room-messages/room-1" in host.streams)
    host.say("It comes tomorrow.")
    expect(panel.frame.get_by_text("It comes tomorrow.")).to_be_visible()
    reader.page.evaluate("RocketChat(function () { this.minimizeWidget(); this.maximizeWidget() })")
    panel.finish()
    expect(reader.face("Good")).to_be_visible()
    wait_until_true(reader.page, "self.ends == 2")
    assert [len(told(reader, "start")), len(told(reader, "end")), len(reader.of("ended"))] == [1, 1, 1]
    expect(reader.page.locator("tilfreds-rating")).to_have_count(1)
    reader.press("Good")
    reader.says("Saved")
    api = reader.make.back_end(reader.site)
    assert ratings(api, "room-1") == [("rated", "Good", True)]
    assert elsewhere == []
