"""Schemas of surveys and their revisions."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ...surveys.models import PLACEMENTS
from ...surveys.question_definitions import MAX_QUESTIONS, MAX_RANGE
from ...surveys.question_texts import MAX_CHOICE_LENGTH, MAX_FOLLOW_UP_LENGTH
from ...surveys.questions.base import MAX_CHOICES
from ...surveys.questions.kinds import KINDS
from ...surveys.scales import DIRECTIONS, LOOKS, MAX_SCORE, SCALES, SENTIMENTS
from ...surveys.text_rules import MAX_LABEL_LENGTH, MAX_QUESTION_LENGTH
from ...web.fields import Boolean, Choice, Integer, ListOf, MappingOf, Nested, Strict, Text
from ..fields import LANGUAGE, At, Out, word

MAX_WINDOW_HOURS = 365 * 24
MAX_LABELS = 5
MAX_LANGUAGES = 50
MAX_LINK_LENGTH = 500
NAME = validate.Regexp(
    r"[a-z0-9][a-z0-9_-]*\Z",
    error="Name must contain only lower-case letters, digits, - and _, and not begin with - or _.",
)


def _name(**settings: Any) -> Text:
    """Return a field for the id of a follow-up question or the key of a choice."""
    return Text(max_length=40, min_length=1, validate=[NAME], **settings)


class QuestionWords(Strict):
    """The texts of a follow-up question in one language."""

    ask = Text(max_length=MAX_FOLLOW_UP_LENGTH, min_length=1)
    choices = MappingOf(_name(), Text(max_length=MAX_CHOICE_LENGTH, min_length=1), max_length=MAX_CHOICES)
    ends = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=2,
        metadata={"description": "Labels of the two ends of a scale."},
    )
    link = Text(
        max_length=MAX_CHOICE_LENGTH,
        min_length=1,
        metadata={"description": "Text of the link to the review, the chat or the survey page."},
    )


class LanguageTexts(Strict):
    """The texts of one language. A missing one is the default text."""

    question = Text(max_length=MAX_QUESTION_LENGTH, min_length=1)
    labels = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=MAX_LABELS,
        metadata={"description": "One label for each score, lowest first."},
    )
    ends = ListOf(
        Text(max_length=MAX_LABEL_LENGTH, min_length=1),
        max_length=2,
        metadata={"description": "Labels of the lowest and the highest score, for a look with numbers."},
    )
    thanks = Text(max_length=MAX_QUESTION_LENGTH, min_length=1)
    thanks_for = MappingOf(
        Text(max_length=8, min_length=1),
        Text(max_length=MAX_QUESTION_LENGTH, min_length=1),
        max_length=20,
        metadata={"description": "Replaces `thanks`, by sentiment (positive, neutral, negative) or by score."},
    )
    questions = MappingOf(
        _name(),
        Nested(QuestionWords),
        max_length=MAX_QUESTIONS,
        metadata={"description": "Texts of the follow-up questions, by id."},
    )


class QuestionBody(Strict):
    """A follow-up question. Without `sentiments` and `scores` it follows every score."""

    id = _name(required=True)
    kind = Choice(*KINDS, required=True)
    sentiments = ListOf(
        Choice(*SENTIMENTS.values()), max_length=3, metadata={"description": "Sentiments that it follows."}
    )
    scores = ListOf(
        Integer(min_value=0, max_value=MAX_SCORE),
        max_length=MAX_SCORE + 1,
        metadata={"description": "Scores that it follows."},
    )
    choices = ListOf(
        _name(), max_length=MAX_CHOICES, metadata={"description": "Choices of the kinds reasons, choice and several."}
    )
    low = Integer(min_value=0, max_value=1, metadata={"description": "Lowest number of a scale; default 1."})
    high = Integer(min_value=2, max_value=MAX_RANGE, metadata={"description": "Highest number of a scale; default 5."})
    page = Boolean(metadata={"description": "Whether the survey page asks it, instead of the card."})
    link = Text(
        max_length=MAX_LINK_LENGTH,
        min_length=1,
        line=True,
        metadata={"description": "Address of the review site, or of the chat if the page cannot open it."},
    )


class NewRevision(Strict):
    """A new revision, which never changes after it is published."""

    look = Choice(*LOOKS, load_default="faces")
    direction = Choice(
        *DIRECTIONS, load_default="up", metadata={"description": "With `down`, 1 is the easiest on the effort scale."}
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
            "description": "Whether the card offers a comment after every press; a comment question replaces it."
        },
    )
    questions = ListOf(Nested(QuestionBody), max_length=MAX_QUESTIONS, load_default=list)
    screenshot = Boolean(
        load_default=False, metadata={"description": "Whether the card offers a screenshot after the press."}
    )


class NewSurvey(NewRevision):
    """A new survey with its first revision."""

    name = Text(max_length=200, min_length=1, line=True, required=True)
    placement = Choice(*PLACEMENTS, required=True)
    window_hours = Integer(
        min_value=1,
        max_value=MAX_WINDOW_HOURS,
        metadata={"description": "Hours in which an invitation may be answered."},
    )


class SurveyChanges(Strict):
    """The settings that change without a new revision. A missing one stays unchanged."""

    name = Text(max_length=200, min_length=1, line=True)
    window_hours = Integer(min_value=1, max_value=MAX_WINDOW_HOURS)
    closed = Boolean(metadata={"description": "`true` stops asking; `false` starts again."})


class QuestionOut(Out):
    """A follow-up question with all the scores that it follows."""

    id = fields.String()
    kind = word(KINDS)
    scores = fields.List(fields.Integer())
    choices = fields.List(fields.String())
    low = fields.Integer()
    high = fields.Integer()
    link = fields.String()
    page = fields.Boolean()


class QuestionCountOut(Out):
    """The outcomes of a follow-up question on the votes of one day.

    Each vote counts in one of shown, answered and skipped; `seen` is their sum.
    """

    revision = fields.UUID(attribute="revision_id")
    question = fields.String()
    day = fields.Date()
    seen_count = fields.Integer(data_key="seen")
    shown_count = fields.Integer(
        data_key="shown",
        metadata={"description": "Votes that saw it and neither answered nor skipped."},
    )
    answered_count = fields.Integer(data_key="answered")
    skipped_count = fields.Integer(data_key="skipped")


class QuestionCountsOut(Out):
    """The outcomes by day, revision and question, of counted votes only."""

    questions = fields.List(fields.Nested(QuestionCountOut))


class RevisionOut(Out):
    """A published revision."""

    id = fields.UUID()
    number = fields.Integer()
    look = word(LOOKS)
    scale = word(SCALES)
    texts = fields.Dict(keys=fields.String())
    comment = fields.Boolean()
    questions = fields.List(fields.Nested(QuestionOut))
    screenshot = fields.Boolean()
    created_at = At()


class SurveyOut(Out):
    """A survey. The last of its revisions is the current one."""

    id = fields.UUID()
    name = fields.String()
    placement = word(PLACEMENTS)
    window_hours = fields.Integer()
    created_at = At()
    closed_at = At()
    revisions = fields.List(fields.Nested(RevisionOut))


class SurveysOut(Out):
    """The site's surveys, oldest first."""

    surveys = fields.List(fields.Nested(SurveyOut))
