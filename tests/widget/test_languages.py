"""Every language of a site has texts: its own, its parent's, or English; the site's texts come before the defaults."""

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
from .served import read_settings

LABELS = ["Ruim", "Regular", "Bom"]
PORTUGUESE = {"question": "Como foi?", "labels": LABELS, "thanks": "Obrigado"}


def fetch_settings(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    return read_settings(client.get(f"/w/{site.key}.js").get_data(as_text=True))


def read_texts(language: str) -> dict[str, Any]:
    return json.loads((STATIC / "texts" / f"{language}.json").read_text("utf-8"))


def questions(client: FlaskClient, site: MadeSite) -> dict[str, str]:
    """Return the survey's question by the tag that a page may look up."""
    texts = fetch_settings(client, site)["surveys"]["chat_end"]["texts"]
    return {tag: words["question"] for tag, words in texts.items()}


def default_question(language: str) -> str:
    return read_texts(language)["surveys"]["chat_end"]["faces"]["question"]


#: The languages of a site, and the language of the default texts under each tag.
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


def test_default_texts_exist_under_every_tag_that_a_page_may_look_up(
    client: FlaskClient, make: Make, subtests: pytest.Subtests
) -> None:
    for languages, spoken in SPOKEN:
        with subtests.test(languages=languages):
            site = make.site(languages=languages)
            make.survey(site)
            served_settings = fetch_settings(client, site)
            assert served_settings["lang"] == languages[0]
            assert questions(client, site) == {tag: default_question(language) for tag, language in spoken.items()}
            assert served_settings["texts"] == {tag: read_texts(language)["core"] for tag, language in spoken.items()}


def test_a_language_without_texts_falls_back_to_the_sites_first(client: FlaskClient, make: Make) -> None:
    site = make.site(languages=["da", "br"])
    make.survey(site)
    assert questions(client, site) == {"da": default_question("da")}
    make.survey(site, texts={"br": {"question": "Alors ?"}})
    assert questions(client, site) == {"da": default_question("da"), "br": "Alors ?"}
    assert fetch_settings(client, site)["texts"]["br"] == read_texts("en")["core"]


def test_each_text_of_the_site_comes_from_the_nearest_tag(client: FlaskClient, make: Make) -> None:
    site = make.site(languages=["gl-ES", "en-GB", "no"])
    texts = {
        "gl": PORTUGUESE,
        "gl-ES": {"question": "Como foi o papo?"},
        "en": {"thanks": "Cheers"},
        "nb": {"question": "Gikk det bra?"},
    }
    make.survey(site, texts=texts)
    texts_by_tag = fetch_settings(client, site)["surveys"]["chat_end"]["texts"]
    assert texts_by_tag["gl-ES"] == texts_by_tag["gl"] == {**PORTUGUESE, "question": "Como foi o papo?"}
    assert (texts_by_tag["en-GB"]["question"], texts_by_tag["en-GB"]["thanks"]) == (default_question("en"), "Cheers")
    assert texts_by_tag["no"]["question"] == texts_by_tag["nb"]["question"] == "Gikk det bra?"


def test_a_newer_revision_has_the_same_tags(api: Api, page: Page, clock: SetClock) -> None:
    done(api.patch("/site", {"languages": ["en-GB", "no"]}))
    decision = page.end(revisions=[]).get_json()
    assert {tag: texts["question"] for tag, texts in decision["texts"].items()} == {
        **dict.fromkeys(["en-GB", "en"], default_question("en")),
        **dict.fromkeys(["nb", "no", "nn"], default_question("nb")),
    }


def test_default_settings_appear_in_no_file(client: FlaskClient, make: Make) -> None:
    site = make.site()
    make.survey(site)
    assert set(fetch_settings(client, site)) == {"lang", "home", "surveys", "texts", "later"}
    done(make.back_end(site).patch("/site", {"article_share": 0.0}))
    assert fetch_settings(client, site)["share"] == 0
