"""A survey and its revisions as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ...surveys.models import PLACEMENTS
from ...surveys.question_definitions import MAX_QUESTIONS, MAX_RANGE
from ...surveys.question_texts import MAX_CHOICE_LENGTH, MAX_FOLLOW_UP_LENGTH
from ...surveys.questions.base import MAX_CHOICES
from ...surveys.questions.kinds import KINDS
from ...surveys.scales import DIRECTIONS, LOOKS, MAX_SCORE, SENTIMENTS
from ...surveys.text_rules import MAX_LABEL_LENGTH, MAX_QUESTION_LENGTH
from ...web.fields import Boolean, Choice, Integer, ListOf, MappingOf, Nested, Strict, Text
from ..fields import LANGUAGE, At, Out

MAX_WINDOW_HOURS = 365 * 24
MAX_LABELS = 5
MAX_LANGUAGES = 50


MAX_LINK_LENGTH = 500
NAME = validate.Regexp(r"[a-z0-9][a-z0-9_-]*\Z", error="Give small letters, digits, - and _.")


def _name(**settings: Any) -> Text:
    """What the owner's programs call a follow-up question or a choice."""
    return Text(max_length=40, min_length=1, validate=[NAME], **settings)


class QuestionWords(Strict):
    """The words of one follow-up question in one language."""

    ask = Text(max_length=MAX_FOLLOW_UP_LENGTH, min_length=1)
    choices = MappingOf(_name(), Text(max_length=MAX_CHOICE_LENGTH, min_length=1), max_length=MAX_CHOICES)
    ends = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=2,
        metadata={"description": "Of a scale: at its two ends."},
    )
    link = Text(
        max_length=MAX_CHOICE_LENGTH,
        min_length=1,
        metadata={"description": "What leads to the review, the chat or the survey."},
    )


class LanguageTexts(Strict):
    """The words of one language. What is left out is the product's own."""

    question = Text(max_length=MAX_QUESTION_LENGTH, min_length=1)
    labels = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=MAX_LABELS,
        metadata={"description": "One for each step, lowest first."},
    )
    ends = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=2,
        metadata={"description": "Of a look with numbers: what its lowest and its highest step mean."},
    )
    thanks = Text(max_length=MAX_QUESTION_LENGTH, min_length=1)
    thanks_for = MappingOf(
        Text(max_length=8, min_length=1),
        Text(max_length=MAX_QUESTION_LENGTH, min_length=1),
        max_length=20,
        metadata={"description": "In place of `thanks`: by sentiment (positive, neutral, negative) or by score."},
    )
    questions = MappingOf(
        _name(),
        Nested(QuestionWords),
        max_length=MAX_QUESTIONS,
        metadata={"description": "Of the follow-up questions, by id."},
    )


class QuestionBody(Strict):
    """One follow-up question. Neither `sentiments` nor `scores`: it follows every answer."""

    id = _name(required=True)
    kind = Choice(*KINDS, required=True)
    sentiments = ListOf(
        Choice(*SENTIMENTS.values()), max_length=3, metadata={"description": "After the answers of these sentiments."}
    )
    scores = ListOf(
        Integer(min_value=0, max_value=MAX_SCORE),
        max_length=MAX_SCORE + 1,
        metadata={"description": "After these answers."},
    )
    choices = ListOf(
        _name(), max_length=MAX_CHOICES, metadata={"description": "Of reasons, choice and several: what may be chosen."}
    )
    low = Integer(min_value=0, max_value=1, metadata={"description": "Of a scale; 1 unless given."})
    high = Integer(min_value=2, max_value=MAX_RANGE, metadata={"description": "Of a scale; 5 unless given."})
    page = Boolean(metadata={"description": "Whether the longer survey asks it, on a page of its own."})
    link = Text(
        max_length=MAX_LINK_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "Where a review is written, or where the chat is if the page opens none itself."},
    )


class NewRevision(Strict):
    """A wording; it never changes once made."""

    look = Choice(*LOOKS, load_default="faces")
    direction = Choice(
        *DIRECTIONS, load_default="up", metadata={"description": "`down` asks for effort so that 1 is the easiest."}
    )
    texts = MappingOf(
        Text(max_length=35, min_length=2, validate=[LANGUAGE]),
        Nested(LanguageTexts),
        max_length=MAX_LANGUAGES,
        load_default=dict,
    )
    comment = Boolean(
        load_default=True,
        metadata={
            "description": "Whether a comment is offered after every press; a question of that kind replaces it."
        },
    )
    questions = ListOf(Nested(QuestionBody), max_length=MAX_QUESTIONS, load_default=list)
    screenshot = Boolean(
        load_default=False, metadata={"description": "Whether a screenshot may be added after the press."}
    )


class NewSurvey(NewRevision):
    """A survey with its first wording."""

    name = Text(max_length=200, min_length=1, line=True, required=True)
    placement = Choice(*PLACEMENTS, required=True)
    window_hours = Integer(
        min_value=1, max_value=MAX_WINDOW_HOURS, metadata={"description": "How long an invitation may be answered."}
    )


class SurveyChanges(Strict):
    """What may change without a new wording; what is left out stays."""

    name = Text(max_length=200, min_length=1, line=True)
    window_hours = Integer(min_value=1, max_value=MAX_WINDOW_HOURS)
    closed = Boolean(metadata={"description": "true asks nobody anew; false asks again."})


class QuestionOut(Out):
    """One follow-up question, with all the scores that it follows."""

    id = fields.String()
    kind = fields.String()
    scores = fields.List(fields.Integer())
    choices = fields.List(fields.String())
    low = fields.Integer()
    high = fields.Integer()
    link = fields.String()
    page = fields.Boolean()


class QuestionCountOut(Out):
    """What became of a follow-up question on the votes of one day.

    Each vote is in one of the last three; `seen` is their sum.
    """

    revision = fields.UUID(attribute="revision_id")
    question = fields.String()
    day = fields.Date()
    seen = fields.Integer()
    shown = fields.Integer(metadata={"description": "Seen, and left without an answer."})
    answered = fields.Integer()
    skipped = fields.Integer()


class QuestionCountsOut(Out):
    """By day, revision and question; counted votes alone."""

    questions = fields.List(fields.Nested(QuestionCountOut))


class RevisionOut(Out):
    """One wording as visitors saw it."""

    id = fields.UUID()
    number = fields.Integer()
    look = fields.String()
    scale = fields.String()
    texts = fields.Dict(keys=fields.String())
    comment = fields.Boolean()
    questions = fields.List(fields.Nested(QuestionOut))
    screenshot = fields.Boolean()
    created_at = At()


class SurveyOut(Out):
    """A survey; the last of its revisions is what it asks."""

    id = fields.UUID()
    name = fields.String()
    placement = fields.String()
    window_hours = fields.Integer()
    created_at = At()
    closed_at = At()
    revisions = fields.List(fields.Nested(RevisionOut))


class SurveysOut(Out):
    """The site's surveys, oldest first."""

    surveys = fields.List(fields.Nested(SurveyOut))
