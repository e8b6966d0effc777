"""The words of the follow-up questions: checked when a revision is made, and chosen for a page or for the console.

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
    """Raise Invalid with a pointer to words without a question, or to a question without words in `language`."""
    by_id = {question.id: question for question in questions}
    for tag, words in texts.items():
        for name, given in (words.get("questions") or {}).items():
            where = f"/texts/{tag}/questions/{name}"
            if name not in by_id:
                raise Invalid("This revision has no such follow-up question.", pointer=where)
            _check_fit(by_id[name], given, where)
        for answer in words.get("thanks_for") or {}:
            if answer not in SENTIMENTS.values() and answer not in map(str, scale.scores):
                raise Invalid("Thanks are for a sentiment or a score of this look.", pointer=f"/texts/{tag}/thanks_for")
    first = texts.get(language, {}).get("questions") or {}
    for question in questions:
        _check_whole(question, first.get(question.id, {}), f"/texts/{language}/questions/{question.id}")


def _check_fit(question: Question, given: Mapping[str, Any], where: str) -> None:
    kind = KINDS[question.kind]
    has = {"choices": kind.has_choices, "ends": kind.has_range, "link": kind.is_pressed}
    for name, fits in has.items():
        if given.get(name) is not None and not fits:
            raise Invalid(f"A question of the kind {question.kind} has no {name}.", pointer=f"{where}/{name}")
    for key in given.get("choices") or {}:
        if key not in question.choices:
            raise Invalid("This question has no such choice.", pointer=f"{where}/choices/{key}")
    ends = given.get("ends")
    if ends is not None and len(ends) != 2:
        raise Invalid("Give 2 ends: of the lowest and of the highest step.", pointer=f"{where}/ends")


def _check_whole(question: Question, given: Mapping[str, Any], where: str) -> None:
    if not given.get("ask") and not KINDS[question.kind].has_default_text:
        raise Invalid("Say in the site's first language what this question asks.", pointer=f"{where}/ask")
    for key in question.choices:
        if not (given.get("choices") or {}).get(key):
            raise Invalid("Word each choice in the site's first language.", pointer=f"{where}/choices/{key}")


def words_of_questions(texts: Mapping[str, Any], tags: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the words of each question by its id, each part from the first of these languages that has it."""
    found: dict[str, dict[str, Any]] = {}
    for tag in tags:
        for name, given in (texts.get(tag, {}).get("questions") or {}).items():
            mine = found.setdefault(name, {})
            for part, words in given.items():
                if part == "choices":
                    mine[part] = {**words, **mine.get(part, {})}
                elif words is not None:
                    mine.setdefault(part, words)
    return found


def thanks_by_score(thanks_for: Mapping[str, str] | None, scale: Scale) -> dict[str, str]:
    """By score, as text: the thanks for that very score, else for its sentiment."""
    given = thanks_for or {}
    found = {str(score): given.get(str(score)) or given.get(scale.sentiment(score)) for score in scale.scores}
    return {score: text for score, text in found.items() if text}
