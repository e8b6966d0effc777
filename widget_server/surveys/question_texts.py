"""The texts of the follow-up questions: their checks, and their lookup for a page or the console.

Per language: {"questions": {id: {"ask", "choices": {key: label}, "ends": [low, high], "link"}}, "thanks_for":
{sentiment or score: text}}.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..core.errors import Invalid
from .questions.base import Question
from .questions.kinds import KINDS
from .scales import SENTIMENTS, Scale

MAX_FOLLOW_UP_LENGTH = 200
MAX_CHOICE_LENGTH = 60


def check_question_words(texts: Mapping[str, Any], questions: Sequence[Question], scale: Scale, language: str) -> None:
    """Check that the texts belong to the questions, and that `language` has the texts of every question.

    Raises:
        Invalid: with a pointer to the first text that does not belong or is missing.
    """
    by_id = {question.id: question for question in questions}
    for tag, words in texts.items():
        for question_id, question_words in (words.get("questions") or {}).items():
            where = f"/texts/{tag}/questions/{question_id}"
            if question_id not in by_id:
                raise Invalid("Question is not in `questions`; add it there or remove its texts.", pointer=where)
            _check_parts(by_id[question_id], question_words, where)
        for answer in words.get("thanks_for") or {}:
            if answer not in SENTIMENTS.values() and answer not in map(str, scale.scores):
                raise Invalid(
                    "Keys of `thanks_for` must be sentiments or scores of this look.",
                    pointer=f"/texts/{tag}/thanks_for",
                )
    default_words = texts.get(language, {}).get("questions") or {}
    for question in questions:
        where = f"/texts/{language}/questions/{question.id}"
        _check_completeness(question, default_words.get(question.id, {}), where)


def _check_parts(question: Question, words: Mapping[str, Any], where: str) -> None:
    kind = KINDS[question.kind]
    has_part = {"choices": kind.has_choices, "ends": kind.has_range, "link": kind.is_pressed}
    for name, is_allowed in has_part.items():
        if words.get(name) is not None and not is_allowed:
            raise Invalid(
                f"A question of kind {question.kind} has no {name}; remove this text.", pointer=f"{where}/{name}"
            )
    for key in words.get("choices") or {}:
        if key not in question.choices:
            raise Invalid(
                "Choice is not in the question's `choices`; add it there or remove its label.",
                pointer=f"{where}/choices/{key}",
            )
    ends = words.get("ends")
    if ends is not None and len(ends) != 2:
        raise Invalid("Ends must be 2 texts, for the lowest and for the highest number.", pointer=f"{where}/ends")


def _check_completeness(question: Question, words: Mapping[str, Any], where: str) -> None:
    if not words.get("ask") and not KINDS[question.kind].has_default_text:
        raise Invalid("Question text is missing; set it in the site's default language.", pointer=f"{where}/ask")
    for key in question.choices:
        if not (words.get("choices") or {}).get(key):
            raise Invalid(
                "Choice label is missing; set it in the site's default language.", pointer=f"{where}/choices/{key}"
            )


def words_of_questions(texts: Mapping[str, Any], tags: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the texts of each question by its id, each part from the first of these languages that has it."""
    words_by_id: dict[str, dict[str, Any]] = {}
    for tag in tags:
        for question_id, parts in (texts.get(tag, {}).get("questions") or {}).items():
            merged = words_by_id.setdefault(question_id, {})
            for part, words in parts.items():
                if part == "choices":
                    merged[part] = {**words, **merged.get(part, {})}
                elif words is not None:
                    merged.setdefault(part, words)
    return words_by_id


def thanks_by_score(thanks_for: Mapping[str, str] | None, scale: Scale) -> dict[str, str]:
    """Return the thanks by score (as text): those for the score itself, else for its sentiment."""
    texts = thanks_for or {}
    thanks = {str(score): texts.get(str(score)) or texts.get(scale.sentiment(score)) for score in scale.scores}
    return {score: text for score, text in thanks.items() if text}
