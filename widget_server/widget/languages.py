"""Choose the texts of a page's language: of the tag, its parent (pt of pt-BR), the site's first language, English.

The page itself goes from a tag to its parents and then to the site's first language. The served texts therefore hold
every tag that the page may look up, and no language without texts.
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
    """Return what a page needs of a survey, with its texts under every tag that the page may look up."""
    scale, texts, questions = SCALES[revision.scale], {}, _in_widget(revision)
    for page_tag, tag in _tags(site.languages).items():
        own_texts = nearest_texts(revision.texts, tag)
        thanks_for, _ = own_texts.pop("thanks_for", None), own_texts.pop("questions", None)
        if own_texts or find_language(tag) or tag == site.language:
            texts[page_tag] = {
                **words_for(find_language_or_english(tag), placement, revision.look, scale),
                **own_texts,
                **thanks_by_score(thanks_for, scale),
                **({"questions": _question_texts(site, revision, tag, questions)} if questions else {}),
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
    """Return the follow-up questions that the widget asks: all but those of the survey page."""
    return [question for question in revision.settings.get("questions", ()) if not question.get("page")]


def _question_texts(
    site: Site, revision: SurveyRevision, tag: str, questions: Sequence[dict[str, Any]]
) -> dict[str, Any]:
    all_texts = words_of_questions(revision.texts, [*fallback_tags(tag), *fallback_tags(site.language)])
    texts = {question["id"]: all_texts[question["id"]] for question in questions if question["id"] in all_texts}
    link_text = {"link": survey_words(find_language_or_english(tag))["link"]}
    return texts | {
        question["id"]: link_text | texts.get(question["id"], {})
        for question in questions
        if question["kind"] == "survey"
    }


def survey_language(site: Site, revision: SurveyRevision, tag: str | None) -> str:
    """Return the language of the survey page: that of the visitor's card, where there are texts in it."""
    if tag and (find_language(tag) or nearest_texts(revision.texts, tag)):
        return tag
    return site.language


def core_texts(site: Site) -> dict[str, Any]:
    """Return the widget's texts before and right after a press by tag; the site's replacements come first."""
    tags = _tags(site.languages)
    return {
        page_tag: _with_own_texts(site, tag, widget_words(find_language_or_english(tag)))
        for page_tag, tag in tags.items()
    }


def later_texts(site: Site, page_tag: str) -> dict[str, str]:
    """Return the widget's texts after that in one language that its page looks up."""
    tag = _tags(site.languages).get(page_tag, page_tag)
    return _with_own_texts(site, tag, later_words(find_language_or_english(tag)))


def _with_own_texts(site: Site, tag: str, default_texts: dict[str, str]) -> dict[str, str]:
    own_texts = nearest_texts(site.texts, tag)
    return default_texts | {key: text for key, text in own_texts.items() if key in default_texts}


def screenshot_offers(site: Site) -> dict[str, str]:
    """Return the text of the screenshot's button by tag."""
    tags = _tags(site.languages)
    return {page_tag: screenshot_words(find_language_or_english(tag))["add"] for page_tag, tag in tags.items()}


def _tags(tags: Sequence[str]) -> dict[str, str]:
    """Map every tag that a page may look up to a tag of the site; a parent maps to its first child."""
    site_tags = {tag: tag for tag in tags}
    for tag in tags:
        for parent in fallback_tags(tag):
            site_tags.setdefault(parent, tag)
    return site_tags
