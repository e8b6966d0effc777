"""Which words a page finds, whatever language it says that it speaks: those of the whole tag, else of its parent (pt of
pt-BR), else of the site's first language, else English.

The page itself goes from a tag to its parents and to the site's first language. So all that it may ask for stands in
what is served, and a language that nobody wrote a word in does not.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..sites.models import Site
from ..surveys.default_texts import later_words, screenshot_words, survey_words, widget_words, words_for
from ..surveys.language_tags import fallback_tags, find_language, find_language_or_english, nearest_texts
from ..surveys.models import SurveyRevision
from ..surveys.presentation import presentation_of
from ..surveys.question_texts import thanks_by_score, words_of_questions
from ..surveys.scales import SCALES


def page_texts(site: Site, revision: SurveyRevision, placement: str) -> dict[str, Any]:
    """What a page is told of a survey, its texts under every tag that may be asked for."""
    scale, texts, questions = SCALES[revision.scale], {}, _in_widget(revision)
    for asked, tag in _tags(site.languages).items():
        own = nearest_texts(revision.texts, tag)
        thanks_for, _ = own.pop("thanks_for", None), own.pop("questions", None)
        if own or find_language(tag) or tag == site.language:
            texts[asked] = {
                **words_for(find_language_or_english(tag), placement, revision.look, scale),
                **own,
                **thanks_by_score(thanks_for, scale),
                **({"questions": _question_words(site, revision, tag, questions)} if questions else {}),
            }
    return {
        **presentation_of(revision.look, scale),
        "scale": scale.name,
        **({} if revision.settings.get("comment") else {"comment": False}),
        **({"screenshot": True} if revision.settings.get("screenshot") else {}),
        "texts": texts,
        **({"questions": questions} if questions else {}),
    }


def _in_widget(revision: SurveyRevision) -> list[dict[str, Any]]:
    """Return the follow-up questions that the widget asks itself: all but those of a longer survey."""
    return [question for question in revision.settings.get("questions", ()) if not question.get("page")]


def _question_words(
    site: Site, revision: SurveyRevision, tag: str, questions: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    words = words_of_questions(revision.texts, [*fallback_tags(tag), *fallback_tags(site.language)])
    asked = {question["id"]: words[question["id"]] for question in questions if question["id"] in words}
    leads = {"link": survey_words(find_language_or_english(tag))["link"]}
    return asked | {
        question["id"]: leads | asked.get(question["id"], {}) for question in questions if question["kind"] == "survey"
    }


def spoken(site: Site, revision: SurveyRevision, tag: str | None) -> str:
    """The language of a page of our own: the one that the visitor's card spoke, where there are words in it."""
    if tag and (find_language(tag) or nearest_texts(revision.texts, tag)):
        return tag
    return site.language


def core_texts(site: Site) -> dict[str, Any]:
    """What the widget itself says before and right after a press, under the same tags; the site's own words first."""
    tags = _tags(site.languages)
    return {asked: _worded(site, tag, widget_words(find_language_or_english(tag))) for asked, tag in tags.items()}


def later_texts(site: Site, asked: str) -> dict[str, str]:
    """What it says after that in a language that its page asks for."""
    tag = _tags(site.languages).get(asked, asked)
    return _worded(site, tag, later_words(find_language_or_english(tag)))


def _worded(site: Site, tag: str, ours: dict[str, str]) -> dict[str, str]:
    own = nearest_texts(site.texts, tag)
    return {**ours, **{key: text for key, text in own.items() if key in ours}}


def screenshot_offers(site: Site) -> dict[str, str]:
    """What the offer of a screenshot says, under the same tags."""
    return {
        asked: screenshot_words(find_language_or_english(tag))["add"] for asked, tag in _tags(site.languages).items()
    }


def _tags(tags: Sequence[str]) -> dict[str, str]:
    """Every tag that may be asked for, and the site's own one that answers: a parent finds its first child."""
    found = {tag: tag for tag in tags}
    for tag in tags:
        for parent in fallback_tags(tag):
            found.setdefault(parent, tag)
    return found
