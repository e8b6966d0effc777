"""Present stored answers to people: sentiment, words, reasons and history."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from ..surveys.default_texts import words_for
from ..surveys.question_texts import words_of_questions
from ..surveys.questions.base import Question
from ..surveys.questions.kinds import KINDS
from ..surveys.scales import LOOKS, SCALES, Sentiment

CONSOLE_LANGUAGE = "en"
#: The console's label of a follow-up question, by its kind, if the owner's texts have none.
QUESTION_LABELS = {"callback": "To be contacted"}


@dataclass(frozen=True)
class RevisionTexts:
    """The texts of a survey revision, and what is needed to choose among them."""

    look: str
    scale: str
    texts: dict[str, Any]
    placement: str
    #: The site's first language.
    language: str
    questions: tuple[Question, ...] = ()


@dataclass(frozen=True)
class Answer:
    """A score in words. `sentiment` selects face and colour, which are always shown with `word`."""

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
    """A reason: the owner's key, and its label."""

    reason: str
    word: str


@dataclass(frozen=True)
class FollowUpAnswer:
    """An answer to a follow-up question: `value` as stored, `word` as people read it."""

    question_id: str
    kind: str
    question: str
    value: str | int | list[str]
    word: str


@dataclass(frozen=True)
class StoredChange:
    """A stored submission of a vote. `comment` is None where comments are not loaded."""

    version: int
    score: int | None
    comment: str | None
    intended_at: datetime
    recovery: bool


@dataclass(frozen=True)
class HistoryEntry:
    """A stored submission in the history. An `answer` of None is a removal."""

    number: int
    answer: Answer | None
    comment: str | None
    at: datetime
    recovery: bool


@dataclass(frozen=True)
class Correction:
    """The last change of an answer: the earlier answer, and the time until the current one."""

    before: Answer
    after: timedelta
    recovery: bool


def to_answer(score: int, revision: RevisionTexts) -> Answer:
    """Return a score in words: its label, or "9 of 10" on a numbered scale."""
    scale, look = SCALES[revision.scale], LOOKS[revision.look]
    word = f"{score} of {scale.high}" if look.is_numbered else _find_labels(revision)[score - scale.low]
    return Answer(score, scale.sentiment(score), word, look.name, scale.name)


def _find_labels(revision: RevisionTexts) -> Sequence[str]:
    """Return the owner's labels in the console's language, else in the site's, else the default ones."""
    for language in (CONSOLE_LANGUAGE, revision.language):
        labels = revision.texts.get(language, {}).get("labels")
        if labels:
            return list(labels)
    return list(words_for(CONSOLE_LANGUAGE, revision.placement, revision.look)["labels"])


def to_reasons(reasons: Sequence[str], revision: RevisionTexts) -> list[Reason]:
    """Return reasons in the order in which the survey offers them."""
    texts = _find_question_texts(revision)
    offered = {
        key: texts.get(question.id, {})
        for question in revision.questions
        if question.kind == "reasons"
        for key in question.choices
    }
    return [
        Reason(key, question_texts.get("choices", {}).get(key) or key)
        for key, question_texts in offered.items()
        if key in reasons
    ]


def to_follow_up_answers(answers: Mapping[str, str | int | list[str]], revision: RevisionTexts) -> list[FollowUpAnswer]:
    """Return answers in the order in which the survey asks."""
    texts = _find_question_texts(revision)
    follow_up_answers = []
    for question in revision.questions:
        if question.id in answers:
            value, question_texts = answers[question.id], texts.get(question.id, {})
            label = question_texts.get("ask") or QUESTION_LABELS.get(question.kind) or question.id
            word = KINDS[question.kind].word(question, value, question_texts)
            follow_up_answers.append(FollowUpAnswer(question.id, question.kind, label, value, word))
    return follow_up_answers


def _find_question_texts(revision: RevisionTexts) -> dict[str, dict[str, Any]]:
    """Return the texts of each question, in the console's language, else in the site's."""
    return words_of_questions(revision.texts, (CONSOLE_LANGUAGE, revision.language))


def to_history(changes: Sequence[StoredChange], revision: RevisionTexts) -> list[HistoryEntry]:
    """Return the history since the last removal, oldest first. A removed answer is not shown again.

    Submissions that changed neither answer nor comment, such as those of follow-up questions, are left out.
    """
    removals = [index for index, change in enumerate(changes) if change.score is None]
    current_changes = changes[removals[-1] + 1 :] if removals else changes
    return [
        HistoryEntry(
            change.version, to_answer(change.score, revision), change.comment, change.intended_at, change.recovery
        )
        for before, change in zip((None, *current_changes), current_changes, strict=False)
        if change.score is not None
        and (before is None or (before.score, before.comment) != (change.score, change.comment))
    ]


def to_correction(history: Sequence[HistoryEntry]) -> Correction | None:
    """Return the last two answers that differ, with the time between their presses, or None."""
    runs: list[HistoryEntry] = []
    for entry in history:
        if not runs or entry.answer != runs[-1].answer:
            runs.append(entry)
    if len(runs) < 2 or runs[-2].answer is None:
        return None
    before, last = runs[-2], runs[-1]
    return Correction(runs[-2].answer, max(last.at - before.at, timedelta(0)), last.recovery)
