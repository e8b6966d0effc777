"""The follow-up questions as an owner describes them: checked, and made into what a revision stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import Invalid
from .questions.base import Question, QuestionKind
from .questions.kinds import FOR_PAGE, KINDS, REPEATABLE
from .scales import Scale

MAX_QUESTIONS = 20
#: Questions of the repeatable kinds after one answer, and those on the page of a longer survey.
MAX_REPEATABLE, MAX_ON_PAGE = 2, 10
MAX_RANGE = 10


def make_questions(given: Sequence[Mapping[str, Any]], scale: Scale) -> list[Question]:
    """Return the questions that an owner describes, each with the scores that it follows.

    `given` has the fields of the API (api/surveys/schemas.py): "sentiments" or "scores" say after which answers,
    neither after all. Raise Invalid with a pointer to the first wrong question.
    """
    made: list[Question] = []
    for at, one in enumerate(given):
        where = f"/questions/{at}"
        question = _make(one, scale, where)
        if any(question.id == other.id for other in made):
            raise Invalid("Two questions have this id.", pointer=f"{where}/id")
        made.append(question)
        _check_count(made, question, where)
    _check_survey(made)
    return made


def _make(one: Mapping[str, Any], scale: Scale, where: str) -> Question:
    kind = KINDS[one["kind"]]
    choices = _choices(kind, one, f"{where}/choices")
    low, high = _range(kind, one, where)
    page = one.get("page") or None
    if page and not kind.is_for_page:
        raise Invalid(f"The page of a longer survey asks {', '.join(FOR_PAGE)}.", pointer=f"{where}/page")
    kind.check_definition(one, where)
    link = one.get("link")
    if link is not None:
        _check_link(kind, link, f"{where}/link")
    return Question(one["id"], kind.name, _scores(one, scale, where), choices, low, high, link, page)


def _choices(kind: QuestionKind, one: Mapping[str, Any], pointer: str) -> tuple[str, ...]:
    choices = tuple(one.get("choices", ()))
    if kind.has_choices != bool(choices) or len(choices) == 1:
        names = [name for name, other in KINDS.items() if other.has_choices]
        only = f"Only {', '.join(names[:-1])} and {names[-1]} have choices."
        raise Invalid("Give at least two choices." if kind.has_choices else only, pointer=pointer)
    if len(set(choices)) < len(choices):
        raise Invalid("Each choice has a key of its own.", pointer=pointer)
    return choices


def _range(kind: QuestionKind, one: Mapping[str, Any], where: str) -> tuple[int | None, int | None]:
    low, high = one.get("low"), one.get("high")
    if not kind.has_range:
        if low is not None or high is not None:
            raise Invalid("Only a scale has low and high.", pointer=f"{where}/{'low' if low is not None else 'high'}")
        return None, None
    low, high = 1 if low is None else low, 5 if high is None else high
    if low >= high:
        raise Invalid("A scale has at least two steps.", pointer=f"{where}/high")
    return low, high


def _check_link(kind: QuestionKind, link: str, pointer: str) -> None:
    if not kind.has_link:
        raise Invalid("Only review and chat lead to another page.", pointer=pointer)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    # Anything but a page, such as `javascript:`, would run where the visitor is.
    if parts.scheme not in ("http", "https") or not parts.hostname or not link.isascii() or " " in link:
        raise Invalid("Give a whole address that begins with https://.", pointer=pointer)


def _scores(one: Mapping[str, Any], scale: Scale, where: str) -> tuple[int, ...]:
    sentiments, scores = one.get("sentiments"), one.get("scores")
    if sentiments is not None and scores is not None:
        raise Invalid("Give sentiments or scores, not both.", pointer=f"{where}/scores")
    if scores is not None:
        for at, score in enumerate(scores):
            if not scale.holds(score):
                raise Invalid(f"The scores lie between {scale.low} and {scale.high}.", pointer=f"{where}/scores/{at}")
        found = {*scores}
    else:
        found = {score for score in scale.scores if sentiments is None or scale.sentiment(score) in sentiments}
    if not found:
        name = "sentiments" if scores is None else "scores"
        raise Invalid("No answer of this look is among these.", pointer=f"{where}/{name}")
    return tuple(sorted(found))


def _check_count(made: Sequence[Question], question: Question, where: str) -> None:
    """The questions after one answer stay few: two of the repeatable kinds, one of each other, and ten on the page."""
    group: tuple[str, ...]
    if question.page:
        group, most, what = FOR_PAGE, MAX_ON_PAGE, "questions of a longer survey"
    elif question.kind in REPEATABLE:
        group, most, what = REPEATABLE, MAX_REPEATABLE, f"questions of the kinds {', '.join(REPEATABLE)}"
    else:
        group, most, what = (question.kind,), 1, f"question of the kind {question.kind}"
    alike = [other for other in made if other.kind in group and other.page == question.page]
    for score in question.scores:
        if sum(score in other.scores for other in alike) > most:
            raise Invalid(f"The answer {score} is followed by at most {most} {what}.", pointer=where)


def _check_survey(made: Sequence[Question]) -> None:
    """A link leads to at least one question, and a question of the page has a link that leads there."""
    led = {score for question in made if question.kind == "survey" for score in question.scores}
    asked = {score for question in made if question.page for score in question.scores}
    for at, question in enumerate(made):
        if question.kind == "survey" and not asked.issuperset(question.scores):
            raise Invalid(
                "Nothing is asked behind this link after each answer: give questions with `page`.",
                pointer=f"/questions/{at}",
            )
        if question.page and not led.issuperset(question.scores):
            raise Invalid(
                "No question of the kind survey leads here after each of these answers.",
                pointer=f"/questions/{at}/page",
            )
