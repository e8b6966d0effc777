"""Every look with many steps, in a real browser: its order, its names, its marks, and what becomes of a press."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.accessibility import WCAG_AND_ADVICE, violations
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.widget.reader import CHAT, RATING, Reader
from tests.browser.widget.test_look import PAGE
from tests.factories import MadeSite, Make
from tests.long_cases import cases, long
from tests.serving import Product

FIVE = ["Terrible", "Bad", "OK", "Good", "Great"]
#: By look: what its buttons are called, from the start of the line, and the lowest score.
NAMES: dict[str, tuple[list[str], int]] = {
    "faces5": (FIVE, 1),
    "words5": (FIVE, 1),
    "stars": (FIVE, 1),
    "stars7": (["1: Terrible", *"23456", "7: Great"], 1),
    "csat": (["1: Very dissatisfied", *"23456789", "10: Very satisfied"], 1),
    "nps": (["0: Not at all likely", *"123456789", "10: Extremely likely"], 0),
    "ces": (["1: Very difficult", *"23456", "7: Very easy"], 1),
}
VARIANTS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "forced colours": {"forced_colors": "active"},
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
}
#: Each look at its best, and the widest on the narrowest window.
SHOWN = [
    ("light", list(NAMES)),
    ("phone", ["faces5", "nps"]),
    long(("dark", list(NAMES))),
    long(("forced colours", list(NAMES))),
    long(("phone", [look for look in NAMES if look not in ("faces5", "nps")])),
]
Opened = Callable[..., Reader]


@pytest.fixture
def open_look(new_page: NewPage, pages: Pages, product: Product, make: Make, site: MadeSite) -> Opened:
    def opened(look: str, lang: str = "en", **options: Any) -> Reader:
        done(make.back_end(site).patch("/site", {"languages": ["en", "ar"]}))
        reader = Reader(new_page(**options), pages, product, make, site)
        show(reader, look, lang)
        return reader

    return opened


def show(reader: Reader, look: str, lang: str = "en") -> None:
    """Publish a survey with this look and open a page with it. Each address of the tag has a separate cache entry."""
    done(reader.make.back_end(reader.site).post("/surveys", {"name": look, "placement": "article", "look": look}))
    tag = reader.tag.replace(".js", f".js?{look}")
    direction = "rtl" if lang == "ar" else "ltr"
    reader.page.goto(reader.pages.put(PAGE.format(lang=lang, dir=direction, body=RATING, tag=tag)))
    expect(reader.card()).to_be_visible()


@pytest.mark.parametrize("look", cases(NAMES, short=["faces5", "stars7", "nps"]))
def test_a_press_is_its_score_and_is_there_again(open_look: Opened, look: str) -> None:
    names, low = NAMES[look]
    reader = open_look(look)
    buttons = reader.card().get_by_role("group").get_by_role("button")
    assert [buttons.nth(at).evaluate("one => one.ariaLabel || one.textContent") for at in range(len(names))] == names
    expect(buttons).to_have_count(len(names))
    boxes = [buttons.nth(at).bounding_box() for at in range(len(names))]
    assert all(box and box["width"] >= 44 and box["height"] >= 44 for box in boxes)
    assert [box["x"] for box in boxes if box] == sorted(box["x"] for box in boxes if box), "ascending, in one line"

    buttons.first.click()
    reader.says("Saved")
    buttons.nth(-2).click()
    reader.says("Saved")
    expect(buttons.nth(-2)).to_have_attribute("aria-pressed", "true")
    expect(reader.card().locator("[aria-pressed=true]")).to_have_count(1)
    (vote,) = reader.votes()
    assert vote["answer"]["score"] == low + len(names) - 2
    reader.page.reload()
    reader.says(f"You answered {names[-2].partition(':')[0]}.")


def test_a_zero_is_an_answer_and_can_be_removed(open_look: Opened) -> None:
    reader = open_look("nps")
    reader.face("0: Not at all likely").click()
    reader.says("Saved")
    reader.page.reload()
    reader.says("You answered 0.")
    expect(reader.card().get_by_text("Extremely likely")).to_be_hidden()
    assert [vote["answer"]["score"] for vote in reader.votes()] == [0]
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    assert [vote["answer"] for vote in reader.votes()] == [None]


@pytest.mark.parametrize(("variant", "looks"), SHOWN)
def test_no_look_breaks_a_rule_of_accessibility(
    open_look: Opened, subtests: pytest.Subtests, variant: str, looks: list[str]
) -> None:
    lang = "ar" if variant == "dark" else "en"
    reader = open_look(looks[0], lang, **VARIANTS[variant])
    for look in looks:
        with subtests.test(look=look):
            if look != looks[0]:
                show(reader, look, lang)
            expect(reader.card().locator("[part=choice]")).to_have_count(len(NAMES[look][0]))
            problems = {"at rest": violations(reader.page, rules=WCAG_AND_ADVICE)}
            reader.card().get_by_role("group").get_by_role("button").nth(-2).click()
            expect(reader.card().locator("output b")).to_be_visible()
            problems["saved"] = violations(reader.page, rules=WCAG_AND_ADVICE)
            assert not any(problems.values()), problems
            assert reader.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "wider than the page"


def test_the_look_of_a_tag_is_for_three_answers_alone(open_look: Opened) -> None:
    reader = open_look("stars")
    reader.page.locator("tilfreds-rating").evaluate(
        "(node) => { node.setAttribute('look', 'faces'); node.setAttribute('subject', '/other'); }"
    )
    expect(reader.card().locator("svg")).to_have_count(5)


def test_a_zero_that_only_the_server_knows_of_is_shown_in_a_chat(open_look: Opened) -> None:
    reader = open_look("nps")
    reader.make.survey(reader.site, "chat_end", look="nps")
    reader.open(CHAT)
    reader.ended(conversation="c1")
    reader.face("0: Not at all likely").click()
    reader.says("Saved")
    reader.received()
    reader.page.evaluate("localStorage.clear()")
    reader.page.reload()
    reader.ended(conversation="c1")
    reader.says("You answered 0.")


def test_right_to_left_the_lowest_is_at_the_right(open_look: Opened) -> None:
    reader = open_look("nps", lang="ar")
    buttons = reader.card().get_by_role("group").get_by_role("button")
    first, last = buttons.first.bounding_box(), buttons.last.bounding_box()
    assert first and last and first["x"] > last["x"]


def test_stars_are_filled_up_to_the_pressed_one(open_look: Opened) -> None:
    reader = open_look("stars")
    reader.face("OK").click()
    reader.says("Saved")
    filled = "all => all.map((svg) => getComputedStyle(svg).fill != 'none')"
    assert reader.card().locator("svg").evaluate_all(filled) == [True, True, True, False, False]
