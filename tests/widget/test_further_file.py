"""The follow-up questions that a page receives, and which sites' files load the part that asks them."""

from __future__ import annotations

import copy
from typing import Any

from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

from ..back_end import Api, done
from ..factories import MadeSite, Make
from ..surveys.sample_questions import SAMPLE_QUESTIONS
from .conftest import Page
from .served import read_settings

FURTHER_SCRIPT = (STATIC / "dist" / "questions" / "further.js").read_text("utf-8")


def fetch_script(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def test_only_files_of_sites_with_follow_up_questions_hold_their_script(client: FlaskClient, make: Make) -> None:
    site = make.site()
    make.survey(site, "article")
    assert FURTHER_SCRIPT not in fetch_script(client, site)
    make.survey(site, "article", **SAMPLE_QUESTIONS)
    assert fetch_script(client, site).endswith(f'tilfreds["questions/further"]??=({FURTHER_SCRIPT})(null)??1;\n')
    make.survey(site, "article")
    assert FURTHER_SCRIPT not in fetch_script(client, site)


def test_each_language_has_texts_for_each_question(client: FlaskClient, make: Make) -> None:
    """Take each text from the language, else the site's first; the part of the language has the default texts."""
    site = make.site(languages=["en", "da", "pt-BR"])
    definition: Any = copy.deepcopy(SAMPLE_QUESTIONS)
    definition["texts"]["da"] = {"questions": {"why": {"ask": "Hvad gik galt?", "choices": {"long": "For lang"}}}}
    make.survey(site, "article", **definition)
    survey = read_settings(fetch_script(client, site))["surveys"]["article"]
    assert [question["id"] for question in survey["questions"]] == ["why", "effort", "wish", "call", "review"]
    texts = survey["texts"]
    assert texts["da"]["questions"]["why"] == {
        "ask": "Hvad gik galt?",
        "choices": {"long": "For lang", "old": "Out of date", "unclear": "Hard to understand"},
    }
    assert texts["pt"]["questions"] == texts["en"]["questions"] == SAMPLE_QUESTIONS["texts"]["en"]["questions"]
    assert "call" not in texts["en"]["questions"]


def test_thanks_for_a_score_precede_those_for_its_sentiment(client: FlaskClient, make: Make) -> None:
    site = make.site()
    thanks = {"negative": "Sorry.", "1": "Very sorry.", "positive": "Glad."}
    make.survey(site, "article", look="stars", texts={"en": {"thanks": "Thanks.", "thanks_for": thanks}})
    body = fetch_script(client, site)
    assert '"thanks":"Thanks."' in body and "thanks_for" not in body
    assert '"1":"Very sorry.","2":"Sorry.","4":"Glad.","5":"Glad."' in body


def test_a_page_with_an_older_file_receives_the_follow_up_questions_too(
    api: Api, page: Page, make: Make, site: MadeSite
) -> None:
    newer = make.survey(site, **SAMPLE_QUESTIONS)
    decision = done(page.end(revisions=[]))
    assert decision["revision"] == str(newer.revision)
    assert [question["id"] for question in decision["questions"]] == ["why", "effort", "wish", "call", "review"]
