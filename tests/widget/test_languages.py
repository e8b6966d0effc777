"""Every language a site may name finds words: its own, its parent's, or English; the owner's before ours."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

from ..back_end import Api, done
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from .conftest import Page
from .served import settings_in

LABELS = ["Ruim", "Regular", "Bom"]
PORTUGUESE = {"question": "Como foi?", "labels": LABELS, "thanks": "Obrigado"}


def settings(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    return settings_in(client.get(f"/w/{site.key}.js").get_data(as_text=True))


def words(language: str) -> dict[str, Any]:
    return json.loads((STATIC / "texts" / f"{language}.json").read_text("utf-8"))


def questions(client: FlaskClient, site: MadeSite) -> dict[str, str]:
    """By the tag that a page may ask for."""
    texts = settings(client, site)["surveys"]["chat_end"]["texts"]
    return {tag: words["question"] for tag, words in texts.items()}


def ours(language: str) -> str:
    return words(language)["surveys"]["chat_end"]["faces"]["question"]


#: The languages of a site, and whose words of ours are found under each tag.
SPOKEN: list[tuple[list[str], dict[str, str]]] = [
    (["en"], {"en": "en"}),
    (["en-GB"], {"en-GB": "en", "en": "en"}),
    (["de-AT", "en"], {"de-AT": "de", "de": "de", "en": "en"}),
    (["no"], {"no": "nb", "nb": "nb", "nn": "nb"}),
    (["nb"], {"no": "nb", "nb": "nb", "nn": "nb"}),
    (["nn-NO"], {"nn-NO": "nb", "no": "nb", "nb": "nb", "nn": "nb"}),
    (["br"], {"br": "en"}),
    (["br-FR", "da"], {"br-FR": "en", "br": "en", "da": "da"}),
]


def test_our_words_are_found_under_every_tag_that_may_be_asked_for(
    client: FlaskClient, make: Make, subtests: pytest.Subtests
) -> None:
    for languages, spoken in SPOKEN:
        with subtests.test(languages=languages):
            site = make.site(languages=languages)
            make.survey(site)
            served = settings(client, site)
            assert served["lang"] == languages[0]
            assert questions(client, site) == {tag: ours(language) for tag, language in spoken.items()}
            assert served["texts"] == {tag: words(language)["core"] for tag, language in spoken.items()}


def test_a_language_nobody_wrote_a_word_in_leaves_the_page_to_the_sites_first(client: FlaskClient, make: Make) -> None:
    site = make.site(languages=["da", "br"])
    make.survey(site)
    assert questions(client, site) == {"da": ours("da")}
    make.survey(site, texts={"br": {"question": "Alors ?"}})
    assert questions(client, site) == {"da": ours("da"), "br": "Alors ?"}
    assert settings(client, site)["texts"]["br"] == words("en")["core"]


def test_the_owners_words_come_from_the_nearest_tag_part_by_part(client: FlaskClient, make: Make) -> None:
    site = make.site(languages=["gl-ES", "en-GB", "no"])
    texts = {
        "gl": PORTUGUESE,
        "gl-ES": {"question": "Como foi o papo?"},
        "en": {"thanks": "Cheers"},
        "nb": {"question": "Gikk det bra?"},
    }
    make.survey(site, texts=texts)
    found = settings(client, site)["surveys"]["chat_end"]["texts"]
    assert found["gl-ES"] == found["gl"] == {**PORTUGUESE, "question": "Como foi o papo?"}
    assert (found["en-GB"]["question"], found["en-GB"]["thanks"]) == (ours("en"), "Cheers")
    assert found["no"]["question"] == found["nb"]["question"] == "Gikk det bra?"


def test_a_later_wording_comes_under_the_same_tags(api: Api, page: Page, clock: SetClock) -> None:
    done(api.patch("/site", {"languages": ["en-GB", "no"]}))
    told = page.end(revisions=[]).get_json()
    assert {tag: texts["question"] for tag, texts in told["texts"].items()} == {
        **dict.fromkeys(["en-GB", "en"], ours("en")),
        **dict.fromkeys(["nb", "no", "nn"], ours("nb")),
    }


def test_what_a_site_leaves_as_it_is_stands_in_no_file(client: FlaskClient, make: Make) -> None:
    site = make.site()
    make.survey(site)
    assert set(settings(client, site)) == {"lang", "home", "surveys", "texts", "later"}
    done(make.back_end(site).patch("/site", {"article_share": 0.0}))
    assert settings(client, site)["share"] == 0
