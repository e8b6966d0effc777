"""What a stored score says to people: its face, its word, and how it came to be what it is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..ratings.models import VoteChange
from ..surveys.default_texts import words_for
from ..surveys.question_texts import words_of_questions
from ..surveys.questions.base import Question
from ..surveys.questions.kinds import KINDS
from ..surveys.scales import LOOKS, SCALES, Sentiment

CONSOLE_LANGUAGE = "en"
#: What the console calls a follow-up question for which the owner has no words.
QUESTIONS = {"callback": "To be contacted"}


@dataclass(frozen=True)
class RevisionTexts:
    """The survey revision that an answer was given under, as far as its words go."""

    look: str
    scale: str
    texts: dict[str, Any]
    placement: str
    #: The site's own.
    language: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Answer:
    """One score in words: `sentiment` chooses face and colour, `word` always stands beside them."""

    score: int
    sentiment: Sentiment
    word: str
    look: str
    scale: str

    @property
    def is_satisfied(self) -> bool:
        return SCALES[self.scale].is_satisfied(self.score)


@dataclass(frozen=True)
class Reason:
    """A reason by the owner's key, and in words."""

    reason: str
    word: str


@dataclass(frozen=True)
class FollowUpAnswer:
    """What was answered to a follow-up question: `value` as it is kept, `word` as people read it."""

    question_id: str
    kind: str
    question: str
    value: str | int | list[str]
    word: str


@dataclass(frozen=True)
class HistoryEntry:
    """One stored submission as history shows it; an answer of None is a removal."""

    answer: Answer | None
    comment: str | None
    at: datetime
    recovery: bool


@dataclass(frozen=True)
class Correction:
    """The last change of mind: from one answer to the one that stands."""

    before: Answer
    after: timedelta
    recovery: bool


def to_answer(score: int, revision: RevisionTexts) -> Answer:
    """A numbered step is told as "9 of 10"."""
    scale, look = SCALES[revision.scale], LOOKS[revision.look]
    word = f"{score} of {scale.high}" if look.is_numbered else _labels(revision)[score - scale.low]
    return Answer(score, scale.sentiment(score), word, look.name, scale.name)


def _labels(revision: RevisionTexts) -> Sequence[str]:
    """The words are the owner's in the console's language, else in the site's own, else the product's."""
    for language in (CONSOLE_LANGUAGE, revision.language):
        labels = revision.texts.get(language, {}).get("labels")
        if labels:
            return list(labels)
    return list(words_for(CONSOLE_LANGUAGE, revision.placement, revision.look)["labels"])


def to_reasons(reasons: Sequence[str], revision: RevisionTexts) -> list[Reason]:
    """In the order in which the survey offers them."""
    words = _question_words(revision)
    offered = {
        key: words.get(question.id, {})
        for question in revision.questions
        if question.kind == "reasons"
        for key in question.choices
    }
    return [Reason(key, given.get("choices", {}).get(key) or key) for key, given in offered.items() if key in reasons]


def to_follow_up_answers(answers: Mapping[str, str | int | list[str]], revision: RevisionTexts) -> list[FollowUpAnswer]:
    """In the order in which the survey asks."""
    words = _question_words(revision)
    found = []
    for question in revision.questions:
        if question.id in answers:
            value, given = answers[question.id], words.get(question.id, {})
            text = given.get("ask") or QUESTIONS.get(question.kind) or question.id
            word = KINDS[question.kind].word(question, value, given)
            found.append(FollowUpAnswer(question.id, question.kind, text, value, word))
    return found


def _question_words(revision: RevisionTexts) -> dict[str, dict[str, Any]]:
    """As labels: in the console's language, else in the site's own."""
    return words_of_questions(revision.texts, (CONSOLE_LANGUAGE, revision.language))


def to_history(changes: Sequence[VoteChange], revision: RevisionTexts) -> list[HistoryEntry]:
    """The history since the last removal, oldest first: what somebody took back is not shown again.

    A submission that changed neither answer nor comment, such as that of a follow-up question, is left out.
    """
    removals = [index for index, change in enumerate(changes) if change.score is None]
    kept = changes[removals[-1] + 1 :] if removals else changes
    return [
        HistoryEntry(to_answer(change.score, revision), change.comment, change.intended_at, change.recovery)
        for before, change in zip((None, *kept), kept, strict=False)
        if change.score is not None
        and (before is None or (before.score, before.comment) != (change.score, change.comment))
    ]


def to_correction(history: Sequence[HistoryEntry]) -> Correction | None:
    """The last two answers that differ, and the time between the presses that made them."""
    runs: list[HistoryEntry] = []
    for entry in history:
        if not runs or entry.answer != runs[-1].answer:
            runs.append(entry)
    if len(runs) < 2 or runs[-2].answer is None:
        return None
    before, last = runs[-2], runs[-1]
    return Correction(runs[-2].answer, max(last.at - before.at, timedelta(0)), last.recovery)
