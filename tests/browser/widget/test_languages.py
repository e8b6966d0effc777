"""Sites with a language that has no file, or with a regional form of one: the card and the later parts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.waiting import wait_until_true
from tests.browser.widget.reader import CHAT, RATING, Reader
from tests.factories import Make
from tests.long_cases import long
from tests.serving import Product
from widget_server.surveys.default_texts import TEXTS

QUESTION = "Este artigo ajudou?"
DEFAULT_QUESTION = "Hvordan var denne artikkelen?"
BRAZIL = {"question": QUESTION, "labels": ["Ruim", "Regular", "Bom"], "thanks": "Obrigado!"}
PAGE = """<!doctype html><html lang="{lang}"><meta charset=utf-8><title>Help</title><main>{body}</main>{tag}</html>"""


def open_page(reader: Reader, languages: list[str], lang: str, body: str = RATING, **survey: Any) -> None:
    """Open a page with this `lang`, of a site with these `languages`."""
    done(reader.make.back_end(reader.site).patch("/site", {"languages": languages}))
    if survey:
        reader.make.survey(reader.site, "article", **survey)
    reader.page.goto(reader.pages.put(PAGE.format(lang=lang, body=body, tag=reader.tag)))


def asks(reader: Reader, question: str, spoken: str) -> None:
    expect(reader.card().locator("[part=question]")).to_have_text(question)
    expect(reader.card()).to_have_attribute("lang", spoken)


def test_a_sites_only_language_is_a_regions_own(reader: Reader) -> None:
    open_page(reader, ["en-GB"], "en-GB")
    asks(reader, "How was this article?", "en-GB")
    reader.press("Good")
    reader.says("✓ Saved. You can change your answer.")
    reader.comment("Brilliant")
    reader.page.reload()
    reader.says("You answered Good.")
    reader.page.get_by_role("button", name="Change").click()
    reader.press("Bad")
    reader.says("Saved")
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (1, "Brilliant")
    assert {body["lang"] for body in reader.of("votes")} == {"en-GB"}


def test_a_language_without_texts_falls_back_to_english(reader: Reader) -> None:
    open_page(reader, ["br"], "br")
    asks(reader, "How was this article?", "br")
    reader.press("OK")
    reader.says("✓ Saved. You can change your answer.")
    reader.page.reload()
    reader.says("You answered OK.")
    reader.page.get_by_role("button", name="Remove my answer").click()
    reader.says("Your answer has been removed.")
    reader.press("Bad")
    reader.says("Saved")
    reader.page.get_by_role("button", name="Not now").click()
    expect(reader.card()).to_have_count(0)


def test_a_site_has_texts_in_a_language_without_a_file(reader: Reader) -> None:
    open_page(reader, ["en", "gl-ES"], "gl-ES", texts={"gl-ES": BRAZIL})
    asks(reader, QUESTION, "gl-ES")
    reader.press("Bom")
    reader.says("✓ Saved. Obrigado!")
    reader.page.reload()
    reader.says("You answered Bom.")


@pytest.mark.parametrize(
    ("lang", "question", "spoken"),
    [
        ("gl-ES", QUESTION, "gl-ES"),
        long(("gl", QUESTION, "gl")),
        ("gl-PT", QUESTION, "gl"),
        long(("gl_ES", QUESTION, "gl")),
        long(("gl-es", QUESTION, "gl")),
        long(("no", DEFAULT_QUESTION, "no")),
        ("nn-NO", DEFAULT_QUESTION, "nn"),
        long(("en-US", "How was this article?", "en")),
        # The site does not have the page's language, so the browser's English applies.
        ("zh-Hant-TW", "How was this article?", "en"),
        long(("", "How was this article?", "en")),
    ],
)
def test_a_page_finds_the_nearest_of_the_sites_languages(reader: Reader, lang: str, question: str, spoken: str) -> None:
    open_page(reader, ["nb", "gl-ES", "en-GB"], lang, texts={"gl-ES": BRAZIL})
    asks(reader, question, spoken)
    reader.card().get_by_role("group").get_by_role("button").first.click()
    expect(reader.card().locator("[part=link]")).to_be_visible()


@pytest.mark.parametrize(
    ("locale", "question", "spoken"),
    [
        long(("gl-ES", QUESTION, "gl-ES")),
        ("gl-PT", QUESTION, "gl"),
        long(("fi-FI", DEFAULT_QUESTION, "nb")),
        ("fil", DEFAULT_QUESTION, "nb"),
    ],
)
def test_a_page_in_no_language_of_the_site_asks_in_the_browsers_else_in_the_sites_first(
    reader: Reader, new_page: NewPage, locale: str, question: str, spoken: str
) -> None:
    reader = Reader(new_page(locale=locale), reader.pages, reader.product, reader.make, reader.site)
    open_page(reader, ["nb", "gl-ES", "en-GB"], "zh-Hant-TW", texts={"gl-ES": BRAZIL})
    asks(reader, question, spoken)


def test_a_site_that_calls_norwegian_by_its_other_name(reader: Reader) -> None:
    open_page(reader, ["no"], "nb-NO", RATING + CHAT)
    asks(reader, DEFAULT_QUESTION, "nb")
    reader.press("Bra")
    reader.says("Lagret")
    assert reader.ended(conversation="c1")["asked"] is True
    expect(reader.card(1).locator("[part=question]")).to_have_text("Hvordan var denne chatten?")
    reader.press("Bra", at=1)
    reader.says("Lagret", at=1)
    assert len(reader.votes()) == 2


def test_a_newer_revision_than_the_files_has_the_pages_language(reader: Reader, make: Make) -> None:
    open_page(reader, ["en-GB"], "en-GB", CHAT)
    wait_until_true(reader.page, "self.tilfreds")
    make.survey(reader.site, "chat_end", texts={"en-GB": {"question": "How was our chat, then?"}})
    assert reader.ended(conversation="c1")["asked"] is True
    asks(reader, "How was our chat, then?", "en-GB")
    reader.press("Good")
    reader.says("Saved")


#: As strict as a host page can be: only the widget's script and endpoints.
STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src {0}; connect-src {0};"
    " require-trusted-types-for 'script'; trusted-types 'none'"
}
OWN = {
    "da": {"saved": "✓ Noteret.", "thanks": "Du må gerne rette.", "word": "Skriv lidt", "close": "Luk", "done": "Send"},
    "en": {"answered": "You told us {}.", "change": "Something else"},
    "en-GB": {"saved": "✓ Lovely."},
}


def test_a_sites_own_texts_appear_before_and_after_the_press(reader: Reader, product: Product) -> None:
    """Use the page's language, else the browser's where the site does not have it."""
    done(reader.make.back_end(reader.site).patch("/site", {"languages": ["da", "en-GB"], "texts": OWN}))
    headers = {name: value.format(product.url) for name, value in STRICT.items()}
    danish = PAGE.format(lang="da", body=RATING, tag=reader.tag)
    reader.page.goto(reader.pages.put(danish, headers=headers))
    reader.press("God")
    reader.says("✓ Noteret. Du må gerne rette.")
    reader.page.get_by_role("button", name="Skriv lidt").click()
    ours = json.loads((TEXTS / "da.json").read_text("utf-8"))["later"]["label"]
    reader.page.get_by_role("textbox", name=ours).fill("Hurtigt")
    reader.page.get_by_role("button", name="Send").click()
    reader.received()
    expect(reader.page.get_by_role("button", name="Luk")).to_be_visible()

    reader.page.goto(reader.pages.put(PAGE.format(lang="fi", body=RATING, tag=reader.tag), headers=headers))
    reader.press("Good")
    reader.says("✓ Lovely. You can change your answer.")
    reader.page.reload()
    reader.says("You told us Good.")
    reader.page.get_by_role("button", name="Something else").click()
    reader.press("OK")
    reader.says("✓ Lovely.")
    votes = {(vote["answer"]["score"], vote["comment"]) for vote in reader.votes()}
    assert votes == {(3, "Hurtigt"), (2, None)}


def test_a_card_in_shadow_roots_of_a_page_has_the_language_of_that_page(reader: Reader) -> None:
    done(reader.make.back_end(reader.site).patch("/site", {"languages": ["en", "da"]}))
    shadow = "<template shadowrootmode=open>{}</template>"
    inner = f"<section>{shadow.format(RATING)}</section>"
    reader.open(f'<div lang="DA"><p></p><main>{shadow.format(inner)}</main></div>')
    expect(reader.card()).to_have_attribute("lang", "da")
