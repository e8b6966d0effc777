"""A card that the page moves to another document keeps its looks and its answer."""

from __future__ import annotations

from playwright.sync_api import FrameLocator, expect

from tests.browser.widget.reader import RATING, Reader

PAGE = f"""<div id="panel">{RATING}</div>
<iframe id="out" srcdoc="<!doctype html><p>popped out" style="width: 500px; height: 300px"></iframe>"""


def move(reader: Reader) -> FrameLocator:
    reader.page.evaluate("out.contentDocument.body.append(panel)")
    return reader.page.frame_locator("#out")


def test_a_panel_that_moves_to_a_frame_and_back(reader: Reader) -> None:
    reader.open(PAGE)
    expect(reader.card()).to_have_css("text-align", "center")
    frame = move(reader)
    expect(frame.locator("[part=card]")).to_have_css("text-align", "center")
    frame.get_by_role("button", name="Good").click()
    expect(frame.locator("output")).to_contain_text("Saved")
    expect(frame.locator("[part=link]")).to_have_css("text-decoration-line", "underline")
    reader.page.evaluate("document.body.append(out.contentDocument.getElementById('panel'))")
    expect(reader.card()).to_have_css("text-align", "center")
    expect(reader.card().locator("[part=link]")).to_have_css("text-decoration-line", "underline")
    reader.press("Bad")
    reader.says("Saved")
    assert [vote["answer"]["score"] for vote in reader.votes()] == [1]
