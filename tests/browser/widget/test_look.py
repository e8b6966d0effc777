"""Accessibility in every state, both directions, dark mode, forced colours and on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.accessibility import WCAG_AND_ADVICE, violations
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import CHAT, RATING, Reader, refusal
from tests.factories import MadeSite, Make
from tests.js.test_node import STATIC
from tests.long_cases import cases, long
from tests.serving import Product
from tests.widget.pictures import picture
from widget_server.sites.themes import THEMES

#: Row E1's nine, of which "error" and "after back" are statuses in each of these and four are `MEDIA` of the desk.
VARIANTS: dict[str, dict[str, Any]] = {
    "desk": {},
    "phone": {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True},
    "right to left": {"lang": "ar"},
    "tablet": {"viewport": {"width": 768, "height": 1024}, "has_touch": True, "is_mobile": True},
    "dark, right to left, on a phone": {
        "lang": "ar",
        "color_scheme": "dark",
        "has_touch": True,
        "is_mobile": True,
        "viewport": {"width": 320, "height": 640},
    },
}
SHORT = ("desk", "phone", "right to left", "tablet")
#: Media features that may change while a page is open, so one page is checked in each.
LIGHT: dict[str, Any] = {"color_scheme": "light", "forced_colors": "none", "reduced_motion": "no-preference"}
MEDIA = {
    "light": LIGHT,
    "dark": {**LIGHT, "color_scheme": "dark"},
    "forced colours": {**LIGHT, "forced_colors": "active"},
    "less motion": {**LIGHT, "reduced_motion": "reduce"},
}
LANGUAGES = ["en", "da", "nb", "sv", "de", "ar"]
#: The most common look in each language; the others with the longest texts and from right to left.
NARROW = [
    ("faces", LANGUAGES),
    ("words", ["de", "ar"]),
    ("thumbs", ["de"]),
    long(("words", ["en", "da", "nb", "sv"])),
    long(("thumbs", ["en", "da", "nb", "sv", "ar"])),
]
#: Everything in a button's look that could show that it is pressed.
SEEN = """(button) => {
  const { backgroundColor, borderTopColor, borderTopWidth, outlineStyle, color } = getComputedStyle(button);
  return [backgroundColor, borderTopColor, borderTopWidth, outlineStyle, color].join();
}"""
#: The colours of all text that is not pressed, on its background or the card's.
WRITTEN = "p, output, label, textarea, button:not([aria-pressed=true])"
DRAWN = f"""(card) => [...card.querySelectorAll("{WRITTEN}")].map((one) => {{
  const {{ color, backgroundColor }} = getComputedStyle(one);
  const bare = /, 0\\)$/.test(backgroundColor);
  return [color, bare ? getComputedStyle(card).backgroundColor : backgroundColor];
}})"""
PAGE = """<!doctype html><html lang={lang} dir={dir}><meta charset=utf-8>
<meta name=viewport content="width=device-width">
<title>Help</title><main><h1>Help</h1>{body}</main>{tag}</html>"""


@pytest.fixture
def open_reader(new_page: NewPage, pages: Pages, product: Product, make: Make, site: MadeSite) -> Callable[..., Reader]:
    def opened(body: str, lang: str = "en", **options: Any) -> Reader:
        done(make.back_end(site).patch("/site", {"languages": LANGUAGES}))
        reader = Reader(new_page(**options), pages, product, make, site)
        show(reader, body, lang)
        return reader

    return opened


def show(reader: Reader, body: str, lang: str, tag: str = "") -> None:
    """Open a page in this language, on a path that has no answer yet. Another address of the tag is not cached yet."""
    direction = "rtl" if lang == "ar" else "ltr"
    reader.page.goto(reader.pages.put(PAGE.format(lang=lang, dir=direction, body=body, tag=tag or reader.tag)))


def faults(reader: Reader, media: Collection[str] = ()) -> list[str]:
    """Return the rules broken as the page is, or in each of these media; it is light again afterwards."""
    if not media:
        return violations(reader.page, rules=WCAG_AND_ADVICE)
    problems = []
    for name in media:
        reader.page.emulate_media(**MEDIA[name])
        problems += [f"{name}: {fault}" for fault in violations(reader.page, rules=WCAG_AND_ADVICE)]
    reader.page.emulate_media(**LIGHT)
    return problems


def words_of(language: str) -> dict[str, str]:
    """Return the widget's texts for an article; Good, OK and Bad are the keys of the answers."""
    texts = json.loads((STATIC / "texts" / f"{language}.json").read_text("utf-8"))
    bad, middling, good = texts["surveys"]["article"]["faces"]["labels"]
    return {**texts["core"], **texts["later"], "Good": good, "OK": middling, "Bad": bad}


@pytest.mark.parametrize("variant", cases(VARIANTS, short=SHORT))
def test_no_state_breaks_a_rule_of_accessibility(
    open_reader: Callable[..., Reader], watch: Watch, variant: str
) -> None:
    """Check at rest, saved, commenting, returning, removed, unsent and rejected, without exceptions to the rules."""
    watch.expect(failed("/votes", "(503|409)"))
    options, media = dict(VARIANTS[variant]), MEDIA if variant == "desk" else ()
    says = words_of(options.get("lang", "en"))
    reader = open_reader(RATING, **options)
    expect(reader.face(says["Good"])).to_be_visible()
    problems = {"at rest": faults(reader, media)}
    for word in ("Good", "OK", "Bad"):
        reader.press(says[word])
        reader.says(says["saved"])
        problems[word] = faults(reader, media)
    reader.page.get_by_role("button", name=says["word"]).click()
    reader.page.get_by_role("textbox").fill("Slow")
    problems["comment"] = faults(reader, media)
    with reader.page.expect_response("**/votes"):
        reader.page.get_by_role("button", name=says["done"]).click()
    reader.received()
    here = reader.page.url
    reader.page.goto("about:blank")
    reader.page.go_back()
    assert reader.page.url == here
    reader.says(says["answered"].format(says["Bad"]))
    problems["after back"] = faults(reader, media)
    reader.page.get_by_role("button", name=says["remove"]).click()
    reader.says(says["removed"])
    problems["removed"] = faults(reader, media)
    answers = [refusal("unavailable", 503)]
    reader.answers("votes", lambda route: answers[-1](route))
    reader.press(says["OK"])
    reader.says(says["kept"])
    problems["kept"] = faults(reader, media)
    answers.append(refusal("closed", 409))
    reader.says(says["closed"])
    problems["refused"] = faults(reader, media)
    assert problems == dict.fromkeys(problems, [])


def test_no_theme_breaks_a_rule_of_accessibility(
    open_reader: Callable[..., Reader], make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    """Check forced colours too, by the browser's own values, because axe reads text colours that are not drawn then."""
    reader = open_reader("")
    for theme in THEMES:
        with subtests.test(theme=theme):
            done(make.back_end(site).patch("/site", {"theme": {"name": theme}}))
            show(reader, RATING, "en", tag=reader.tag.replace(".js", f".js?{theme}"))
            no_theme_breaks_a_rule(reader)


def no_theme_breaks_a_rule(reader: Reader) -> None:
    expect(reader.face("Good")).to_be_visible()
    problems = {"at rest": faults(reader, ("light", "dark"))}
    commenting(reader)
    problems["pressed"] = faults(reader, ("light", "dark"))
    assert problems == dict.fromkeys(problems, [])
    reader.page.emulate_media(**MEDIA["forced colours"])
    assert {tuple(colours) for colours in reader.card().evaluate(DRAWN)} == {("rgb(0, 0, 0)", "rgb(255, 255, 255)")}
    pressed, other = (reader.face(name).evaluate(SEEN) for name in ("Good", "Bad"))
    assert pressed != other, "which face is pressed cannot be seen"
    reader.page.emulate_media(**LIGHT)


def commenting(reader: Reader) -> None:
    reader.press("Good")
    reader.says("Saved")
    reader.page.get_by_role("button", name="Add a comment").click()
    expect(reader.page.get_by_role("textbox")).to_be_visible()


@pytest.mark.parametrize("variant", ["desk", "phone", "right to left"])
def test_the_screenshot_part_breaks_no_rule(
    open_reader: Callable[..., Reader], make: Make, site: MadeSite, variant: str
) -> None:
    make.survey(site, "article", screenshot=True)
    options, media = dict(VARIANTS[variant]), ("light", "dark", "forced colours") if variant == "desk" else ()
    says = words_of(options.get("lang", "en"))
    reader = open_reader(RATING, **options)
    reader.press(says["Bad"])
    offer = reader.card().locator("aside")
    problems = {"offered": faults(reader, media)}
    offer.get_by_role("button").first.click()
    expect(offer.get_by_role("button").nth(1)).to_be_visible()
    problems["open"] = faults(reader, media)
    with reader.page.expect_file_chooser() as chooser:
        offer.get_by_role("button").first.click()
    chooser.value.set_files({"name": "a.png", "mimeType": "image/png", "buffer": picture()})
    expect(offer.get_by_role("img")).to_be_visible()
    problems["chosen"] = faults(reader, media)
    assert problems == dict.fromkeys(problems, [])


@pytest.mark.long
@pytest.mark.parametrize("look", ["faces", "words5", "nps"])
def test_nothing_is_cut_at_twice_the_size(
    open_reader: Callable[..., Reader], make: Make, site: MadeSite, look: str
) -> None:
    """Use a window of 640 pixels, where everything is twice as large (WCAG 1.4.4)."""
    make.survey(site, "article", look=look)
    reader = open_reader(RATING, viewport={"width": 640, "height": 800})
    reader.page.evaluate("document.documentElement.style.zoom = 2")
    reader.card().get_by_role("group").get_by_role("button").first.click()
    expect(reader.card().locator("[part=link]")).to_be_visible()
    reader.page.get_by_role("button", name="Add a comment").click()
    assert reader.page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    for node in reader.card().locator("button, textarea, p, output").all():
        assert node.evaluate("(node) => node.scrollWidth <= node.clientWidth"), node.inner_text()


@pytest.mark.parametrize(("look", "languages"), NARROW)
def test_on_a_narrow_phone_nothing_is_cut_or_too_small(
    open_reader: Callable[..., Reader],
    make: Make,
    site: MadeSite,
    subtests: pytest.Subtests,
    look: str,
    languages: list[str],
) -> None:
    make.survey(site, "article", look=look)
    reader = open_reader("", viewport={"width": 320, "height": 640})
    for language in languages:
        with subtests.test(language=language):
            show(reader, RATING, language)
            expect(reader.card()).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
            nothing_is_cut_or_too_small(reader)


def nothing_is_cut_or_too_small(reader: Reader) -> None:
    card = reader.card()
    card.get_by_role("group").get_by_role("button").first.click()
    expect(card.locator("[part=link]")).to_be_visible()
    beyond = "document.documentElement.scrollWidth - innerWidth"
    assert reader.page.evaluate(beyond) <= 0
    for button in card.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None
        assert box["width"] >= 44
        assert box["height"] >= 44
        assert button.evaluate("(node) => node.scrollWidth <= node.clientWidth"), button.inner_text()
    # The spacing that readers may ask for (WCAG 1.4.12).
    card.evaluate("(node) => node.style.cssText = 'line-height: 1.5; letter-spacing: 0.12em; word-spacing: 0.16em'")
    assert reader.page.evaluate(beyond) <= 0


def test_the_best_answer_comes_first_on_the_side_where_reading_starts(open_reader: Callable[..., Reader]) -> None:
    reader = open_reader(RATING, lang="ar")
    boxes = [box.bounding_box() for box in reader.card().get_by_role("group").get_by_role("button").all()]
    places = [box["x"] for box in boxes if box]
    assert places == sorted(places, reverse=True)
    close = reader.card().get_by_role("button", name="ليس الآن").bounding_box()
    assert close is not None
    assert close["x"] < places[-1]


def test_the_pressed_face_stands_out_in_forced_colours(open_reader: Callable[..., Reader]) -> None:
    reader = open_reader(RATING, forced_colors="active")
    reader.press("Good")
    reader.says("Saved")
    colour = "(node) => getComputedStyle(node).backgroundColor"
    assert reader.face("Good").evaluate(colour) != reader.face("OK").evaluate(colour)


def test_nothing_jumps_when_the_answer_comes(open_reader: Callable[..., Reader]) -> None:
    """Reserve the place of the status line from the start, and keep the size of the pressed face."""
    reader = open_reader(RATING)
    before = {word: reader.face(word).bounding_box() for word in ("Good", "OK", "Bad")}
    reader.press("Good")
    reader.says("Saved")
    assert {word: reader.face(word).bounding_box() for word in before} == before


def test_the_owner_s_colours_and_parts(open_reader: Callable[..., Reader]) -> None:
    style = """<style>
      body { --tilfreds-positive: rgb(1, 2, 3); --tilfreds-paper: rgb(4, 5, 6) }
      tilfreds-rating::part(question) { font-size: 21px }
      tilfreds-rating { --tilfreds-scheme: dark }
    </style>"""
    reader = open_reader(style + RATING + CHAT)
    reader.press("Good")
    reader.says("Saved")
    read = "([node, name]) => getComputedStyle(node).getPropertyValue(name)"

    def value(part: str, name: str) -> str:
        place = reader.card() if part == "card" else reader.card().locator(part).first
        return reader.page.evaluate(read, [place.element_handle(), name])

    assert value("[aria-pressed=true]", "color") == "rgb(1, 2, 3)"
    assert value("card", "background-color") == "rgb(4, 5, 6)"
    assert value("card", "color") == "rgb(233, 237, 242)"
    assert value("[part=question]", "font-size") == "21px"


def test_a_sites_theme_on_a_page_with_a_strict_policy(reader: Reader, product: Product) -> None:
    """Apply colours, radius and the page's font; the page's rule for the tag wins over the theme's."""
    theme = {"name": "corporate", "colours": {"ink": "#223311", "paper": "#f3f7e4"}, "radius": 3, "font": "inherit"}
    done(reader.make.back_end(reader.site).patch("/site", {"theme": theme}))
    policy = f"default-src 'none'; script-src {product.url}; connect-src {product.url}; style-src 'unsafe-inline'"
    body = f"<style>body {{ font-family: Georgia, serif }} #own {{ --tilfreds-radius: 9px }}</style>{RATING}"
    own = '<tilfreds-rating id="own" subject="/other"></tilfreds-rating>'
    reader.open(body + own, headers={"Content-Security-Policy": policy})
    for at, radius in ((0, "3px"), (1, "9px")):
        card = reader.card(at)
        expect(card).to_have_css("color", "rgb(34, 51, 17)")
        expect(card).to_have_css("background-color", "rgb(243, 247, 228)")
        expect(card).to_have_css("border-radius", radius)
        expect(card).to_have_css("font-family", "Georgia, serif")
    reader.press("Good")
    reader.says("Saved")
