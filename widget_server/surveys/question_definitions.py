"""The follow-up questions as an owner defines them, and their checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from ..core.errors import Invalid
from .questions.base import Question, QuestionKind
from .questions.kinds import FOR_PAGE, KINDS, REPEATABLE
from .scales import Scale

MAX_QUESTIONS = 20
#: Questions of the repeatable kinds after one score, and questions of the survey page.
MAX_REPEATABLE, MAX_ON_PAGE = 2, 10
MAX_RANGE = 10


def create_questions(definitions: Sequence[Mapping[str, Any]], scale: Scale) -> list[Question]:
    """Return the questions that an owner defines, each with the scores that it follows.

    `definitions` have the fields of the API (api/surveys/schemas.py): "sentiments" or "scores" restrict the scores;
    without both the question follows every score.

    Raises:
        Invalid: with a pointer to the first wrong question.
    """
    questions: list[Question] = []
    for position, definition in enumerate(definitions):
        where = f"/questions/{position}"
        question = _create_question(definition, scale, where)
        if any(question.id == other.id for other in questions):
            raise Invalid("Question id is used twice; choose another.", pointer=f"{where}/id")
        questions.append(question)
        _check_count(questions, question, where)
    _check_survey_page(questions)
    return questions


def _create_question(definition: Mapping[str, Any], scale: Scale, where: str) -> Question:
    kind = KINDS[definition["kind"]]
    choices = _choices(kind, definition, f"{where}/choices")
    low, high = _range(kind, definition, where)
    page = definition.get("page") or None
    if page and not kind.is_for_page:
        raise Invalid(
            f"The survey page cannot ask this kind; use one of {', '.join(FOR_PAGE)}.", pointer=f"{where}/page"
        )
    kind.check_definition(definition, where)
    link = definition.get("link")
    if link is not None:
        _check_link(kind, link, f"{where}/link")
    return Question(definition["id"], kind.name, _scores(definition, scale, where), choices, low, high, link, page)


def _choices(kind: QuestionKind, definition: Mapping[str, Any], pointer: str) -> tuple[str, ...]:
    choices = tuple(definition.get("choices", ()))
    if kind.has_choices != bool(choices) or len(choices) == 1:
        names = [name for name, other in KINDS.items() if other.has_choices]
        only = f"Only {', '.join(names[:-1])} and {names[-1]} have choices; remove them."
        raise Invalid("Choices must have at least two keys." if kind.has_choices else only, pointer=pointer)
    if len(set(choices)) < len(choices):
        raise Invalid("Choices must have different keys.", pointer=pointer)
    return choices


def _range(kind: QuestionKind, definition: Mapping[str, Any], where: str) -> tuple[int | None, int | None]:
    low, high = definition.get("low"), definition.get("high")
    if not kind.has_range:
        if low is not None or high is not None:
            name = "low" if low is not None else "high"
            raise Invalid(f"Only the kind scale has {name}; remove it.", pointer=f"{where}/{name}")
        return None, None
    low, high = 1 if low is None else low, 5 if high is None else high
    if low >= high:
        raise Invalid(f"High must be greater than low ({low}).", pointer=f"{where}/high")
    return low, high


def _check_link(kind: QuestionKind, link: str, pointer: str) -> None:
    if not kind.has_link:
        raise Invalid("Only the kinds review and chat have a link; remove it.", pointer=pointer)
    try:
        parts = urlsplit(link)
    except ValueError:
        parts = urlsplit("")
    # A link such as `javascript:` would run as a script in the visitor's page.
    if parts.scheme not in ("http", "https") or not parts.hostname or not link.isascii() or " " in link:
        raise Invalid("Link must be a complete address, for example https://reviews.example/shop.", pointer=pointer)


def _scores(definition: Mapping[str, Any], scale: Scale, where: str) -> tuple[int, ...]:
    sentiments, scores = definition.get("sentiments"), definition.get("scores")
    if sentiments is not None and scores is not None:
        raise Invalid("Sentiments and scores exclude each other; remove one.", pointer=f"{where}/scores")
    if scores is not None:
        for position, score in enumerate(scores):
            if not scale.holds(score):
                problem = f"Score must be an integer from {scale.low} to {scale.high}."
                raise Invalid(problem, pointer=f"{where}/scores/{position}")
        selected_scores = {*scores}
    else:
        selected_scores = {
            score for score in scale.scores if sentiments is None or scale.sentiment(score) in sentiments
        }
    if not selected_scores:
        name = "sentiments" if scores is None else "scores"
        raise Invalid(f"No score of this look matches; change the {name}.", pointer=f"{where}/{name}")
    return tuple(sorted(selected_scores))


def _check_count(questions: Sequence[Question], question: Question, where: str) -> None:
    """Raise Invalid for too many questions after a score: two repeatable ones, one of other kinds, ten on the page."""
    group: tuple[str, ...]
    if question.page:
        group, limit, noun = FOR_PAGE, MAX_ON_PAGE, "questions of the survey page"
    elif question.kind in REPEATABLE:
        group, limit, noun = REPEATABLE, MAX_REPEATABLE, f"questions of the kinds {', '.join(REPEATABLE)}"
    else:
        group, limit, noun = (question.kind,), 1, f"question of the kind {question.kind}"
    similar = [other for other in questions if other.kind in group and other.page == question.page]
    for score in question.scores:
        if sum(score in other.scores for other in similar) > limit:
            raise Invalid(f"Score {score} may have at most {limit} {noun}; remove one.", pointer=where)


def _check_survey_page(questions: Sequence[Question]) -> None:
    """Raise Invalid for a link to an empty survey page, or for a question of the page that no link leads to."""
    linked_scores = {score for question in questions if question.kind == "survey" for score in question.scores}
    page_scores = {score for question in questions if question.page for score in question.scores}
    for position, question in enumerate(questions):
        if question.kind == "survey" and not page_scores.issuperset(question.scores):
            raise Invalid(
                "This survey link has no questions for some scores; add questions with `page`.",
                pointer=f"/questions/{position}",
            )
        if question.page and not linked_scores.issuperset(question.scores):
            raise Invalid(
                "No survey link leads to this question for some scores; add a question of kind survey for them.",
                pointer=f"/questions/{position}/page",
            )
