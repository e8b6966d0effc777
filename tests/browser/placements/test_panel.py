"""The card in a panel: last until it was pressed, and in view where the reader is at the end."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import Reader

LINES = "".join(f"<p>Line {number}</p>" for number in range(30))
PANEL = f"<div id=log style='height: 300px; width: 340px; overflow: auto'>{LINES}</div>"
SAY = "(text) => document.querySelector('#log').insertAdjacentHTML('beforeend', `<p>${text}</p>`)"
IS_LAST = "document.querySelector('tilfreds-rating').parentElement.lastElementChild.localName == 'tilfreds-rating'"
IS_IN_VIEW = """((card, panel) => card.top >= panel.top && card.bottom <= panel.bottom)(
  document.querySelector("tilfreds-rating").getBoundingClientRect(), log.getBoundingClientRect())"""
#: Puts an element after all others again and again, as some chats do.
RIVAL = """<script>
  const rival = document.createElement("i");
  new MutationObserver(() => {
    const log = document.querySelector("#log");
    if (log.lastElementChild != rival) log.append(rival);
  }).observe(document.querySelector("#log"), { childList: true });
</script>"""


def in_panel(reader: Reader, extra: str = "", **settings: Any) -> Page:
    settings = settings or {"placement": {"panel": "#log"}}
    done(reader.make.back_end(reader.site).patch("/site", settings))
    reader.open(PANEL + extra, tag=reader.tag)
    wait_until_true(reader.page, "self.tilfreds && document.querySelector('#log > tilfreds-rating')")
    return reader.page


def end(reader: Reader) -> None:
    assert reader.ended(conversation="c1")["asked"] is True
    expect(reader.face("Good")).to_have_count(1)


def test_it_comes_into_view_at_the_end_of_a_panel_and_stays_last_until_pressed(reader: Reader) -> None:
    page = in_panel(reader)
    page.evaluate("document.querySelector('#log').scrollTop = 1e9")
    end(reader)
    wait_until_true(page, IS_IN_VIEW)
    page.evaluate(SAY, "The agent says one thing more.")
    # As chats do.
    page.evaluate("log.scrollTop = log.scrollHeight")
    wait_until_true(page, IS_LAST)
    reader.press("Good")
    reader.says("Saved")
    expect(reader.page.get_by_role("button", name="Add a comment")).to_be_visible()
    wait_until_true(page, IS_IN_VIEW)
    page.evaluate(SAY, "Thank you.")
    page.wait_for_timeout(200)
    assert not page.evaluate(IS_LAST)


def test_who_reads_further_up_is_left_there(reader: Reader) -> None:
    page = in_panel(reader)
    end(reader)
    page.wait_for_timeout(200)
    assert page.evaluate("log.scrollTop") == 0


def test_another_element_that_wants_to_be_last_does_not_freeze_the_page(reader: Reader) -> None:
    page = in_panel(reader, RIVAL)
    page.evaluate(SAY, "A message")
    page.wait_for_timeout(200)
    assert page.evaluate("1 + 1") == 2
    end(reader)
    reader.press("Good")
    reader.says("Saved")


def test_an_article_whose_contents_are_patched_ends_with_the_card(reader: Reader) -> None:
    """As the development server of VitePress does at a change of the file."""
    page = in_panel(reader, article_selector="#log")
    page.evaluate(SAY, "A new paragraph")
    wait_until_true(page, IS_LAST)
