"""What a page is told of the follow-up questions, and which sites' files hold the way to them."""

from __future__ import annotations

import copy
from typing import Any

from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

from ..back_end import Api, done
from ..factories import MadeSite, Make
from ..surveys.sample_questions import SAMPLE_QUESTIONS
from .conftest import Page
from .served import settings_in

WAY = (STATIC / "dist" / "questions" / "further.js").read_text("utf-8")


def served(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def test_only_the_files_of_sites_whose_survey_goes_on_hold_the_way_there(client: FlaskClient, make: Make) -> None:
    site = make.site()
    make.survey(site, "article")
    assert WAY not in served(client, site)
    make.survey(site, "article", **SAMPLE_QUESTIONS)
    assert served(client, site).endswith(f'tilfreds["questions/further"]??=({WAY})(null)??1;\n')
    make.survey(site, "article")
    assert WAY not in served(client, site)


def test_each_language_finds_words_for_each_question(client: FlaskClient, make: Make) -> None:
    """Its own, part by part, else the site's first; what nobody worded is left to the part of the language."""
    site = make.site(languages=["en", "da", "pt-BR"])
    worded: Any = copy.deepcopy(SAMPLE_QUESTIONS)
    worded["texts"]["da"] = {"questions": {"why": {"ask": "Hvad gik galt?", "choices": {"long": "For lang"}}}}
    make.survey(site, "article", **worded)
    survey = settings_in(served(client, site))["surveys"]["article"]
    assert [question["id"] for question in survey["questions"]] == ["why", "effort", "wish", "call", "review"]
    texts = survey["texts"]
    assert texts["da"]["questions"]["why"] == {
        "ask": "Hvad gik galt?",
        "choices": {"long": "For lang", "old": "Out of date", "unclear": "Hard to understand"},
    }
    assert texts["pt"]["questions"] == texts["en"]["questions"] == SAMPLE_QUESTIONS["texts"]["en"]["questions"]
    assert "call" not in texts["en"]["questions"]


def test_thanks_for_a_score_go_before_those_for_its_sentiment(client: FlaskClient, make: Make) -> None:
    site = make.site()
    thanks = {"negative": "Sorry.", "1": "Very sorry.", "positive": "Glad."}
    make.survey(site, "article", look="stars", texts={"en": {"thanks": "Thanks.", "thanks_for": thanks}})
    body = served(client, site)
    assert '"thanks":"Thanks."' in body and "thanks_for" not in body
    assert '"1":"Very sorry.","2":"Sorry.","4":"Glad.","5":"Glad."' in body


def test_a_page_with_an_older_file_is_told_of_the_follow_up_questions_too(
    api: Api, page: Page, make: Make, site: MadeSite
) -> None:
    newer = make.survey(site, **SAMPLE_QUESTIONS)
    told = done(page.end(revisions=[]))
    assert told["revision"] == str(newer.revision)
    assert [question["id"] for question in told["questions"]] == ["why", "effort", "wish", "call", "review"]
