"""The widget in Firefox and in WebKit: the story of a visitor in each engine."""

from __future__ import annotations

import pytest

from tests.browser.engines.visitor import CHOICE, LINK, LIT, ROOT, Visitor
from tests.browser.widget.reader import CHAT


def test_a_face_is_pressed_kept_and_changed(visitor: Visitor) -> None:
    """From right to left under the strictest policy: painted, saved, there again after a reload, changed."""
    visitor.open(lang="ar")
    places = [visitor.place(CHOICE, at) for at in range(3)]
    assert [x for x, *_ in places] == sorted((x for x, *_ in places), reverse=True)
    assert all(width >= 44 and height >= 44 for _, _, width, height in places)
    sizes = f"{ROOT} return [...root.querySelectorAll('svg')].map((one) => one.getBoundingClientRect().width)"
    assert visitor.engine.run(sizes) == [32] * 3
    colours = f"{ROOT} return [...root.querySelectorAll('path')].map((one) => getComputedStyle(one).stroke)"
    assert "none" not in visitor.engine.run(colours)
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(score=3, language="ar")
    (good,) = visitor.engine.run(LIT)

    visitor.engine.open(visitor.address)
    visitor.says(good)
    visitor.press(LINK, 0)
    visitor.press(CHOICE, 2)
    visitor.says("✓")
    visitor.saved(score=1)
    assert visitor.engine.run(LIT) != [good]
    visitor.no_trouble()


def test_the_card_fits_into_its_page(visitor: Visitor) -> None:
    """Become dark with the page, and keep keys but Tab from it. Engines write colours and keys in their own ways."""
    visitor.open()
    visitor.place(CHOICE)
    look = "getComputedStyle(root.firstChild).color + root.firstChild.className"
    visitor.engine.until(f"{ROOT} return {look} == arguments[0]", "rgb(29, 39, 51)clear")
    visitor.engine.run("document.body.style.background = 'oklch(0.2 0.02 260)'")
    visitor.engine.until(f"{ROOT} return {look} == arguments[0]", "rgb(233, 237, 242)clear")
    visitor.engine.run("self.heard = []; document.addEventListener('keydown', ({ key }) => heard.push(key), true)")
    visitor.engine.run(f"{ROOT} root.querySelector('[role=group] button').focus()")
    visitor.engine.keys("j", "s", "\ue014", "\ue004")  # the arrow to the right, Tab
    assert visitor.engine.run("return heard") == ["Tab"]
    visitor.no_trouble()


@pytest.mark.long
def test_a_comment_is_added_and_all_of_it_taken_back(visitor: Visitor) -> None:
    visitor.open()
    visitor.press(CHOICE, 1)
    visitor.says("Saved")
    visitor.press(LINK, 0)
    visitor.place("textarea")
    visitor.engine.keys(*"Fine")
    visitor.press("[part=done]")
    visitor.saved(score=2, comment="Fine")
    visitor.engine.open(visitor.address)
    visitor.says("You answered OK")
    visitor.press(LINK, 1)
    visitor.says("removed")
    visitor.no_trouble()


@pytest.mark.long
def test_a_chat_that_ends_is_rated_by_the_keyboard(visitor: Visitor) -> None:
    visitor.open(CHAT)
    visitor.engine.until("return Boolean(self.tilfreds)")
    visitor.engine.run("tilfreds.ended({ conversation: 'c1' })")
    visitor.place(CHOICE)
    visitor.engine.run(f"{ROOT} root.querySelector('[role=group] button').focus()")
    visitor.engine.keys("\ue014", "\ue012")  # the arrows to the right and left
    assert visitor.engine.run(LIT) == []
    visitor.engine.keys("\ue007")  # Enter
    visitor.says("Saved")
    visitor.saved(score=3)
    visitor.no_trouble()


@pytest.mark.long
def test_what_was_put_away_stays_away(visitor: Visitor) -> None:
    visitor.open()
    visitor.place(CHOICE)
    visitor.press("[part=close]")
    gone = f"{ROOT} return !root.firstChild"
    visitor.engine.until(gone)
    visitor.engine.open(visitor.address)
    visitor.engine.until("return Boolean(self.tilfreds)")
    assert visitor.engine.run(gone)
    visitor.no_trouble()


@pytest.mark.long
@pytest.mark.parametrize("look", ["words", "thumbs", "faces5", "stars", "csat", "nps"])
def test_every_kind_of_look_is_drawn_and_saves(visitor: Visitor, look: str) -> None:
    visitor.make.survey(visitor.site, "article", look=look)
    visitor.engine.size(360, 800)
    visitor.open()
    visitor.place(CHOICE)
    count = visitor.engine.run(f"{ROOT} return root.querySelectorAll('[role=group] button').length")
    for at in range(count):
        _, _, width, height = visitor.place(CHOICE, at)
        assert min(width, height) >= 24
    visitor.press(CHOICE, 0)
    visitor.says("✓")
    visitor.saved(verified=False)
    assert visitor.engine.run("return document.documentElement.scrollWidth <= innerWidth")
    visitor.no_trouble()
