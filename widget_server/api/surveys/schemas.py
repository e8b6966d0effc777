"""A survey and its revisions as the API reads and writes them."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from ...surveys.models import PLACEMENTS
from ...surveys.question_definitions import MAX_QUESTIONS, MAX_RANGE
from ...surveys.question_texts import MAX_CHOICE_LENGTH, MAX_FOLLOW_UP_LENGTH
from ...surveys.questions.base import MAX_CHOICES
from ...surveys.questions.kinds import KINDS
from ...surveys.scales import DIRECTIONS, LOOKS, MAX_SCORE, TONES
from ...surveys.text_rules import MAX_LABEL_LENGTH, MAX_QUESTION_LENGTH
from ...web.fields import Items, Part, Strict, Table, Text, Truth, Whole, Word
from ..fields import LANGUAGE, At, Out

MAX_WINDOW_HOURS = 365 * 24
MAX_LABELS = 5
MAX_LANGUAGES = 50


MAX_LINK_LENGTH = 500
NAME = validate.Regexp(r"[a-z0-9][a-z0-9_-]*\Z", error="Give small letters, digits, - and _.")


def _name(**settings: Any) -> Text:
    """What the owner's programs call a follow-up question or a choice."""
    return Text(most=40, least=1, validate=[NAME], **settings)


class QuestionWords(Strict):
    """The words of one follow-up question in one language."""

    ask = Text(most=MAX_FOLLOW_UP_LENGTH, least=1)
    choices = Table(_name(), Text(most=MAX_CHOICE_LENGTH, least=1), most=MAX_CHOICES)
    ends = Items(Text(most=MAX_LABEL_LENGTH, least=1), most=2, metadata={"description": "Of a scale: at its two ends."})
    link = Text(
        most=MAX_CHOICE_LENGTH, least=1, metadata={"description": "What leads to the review, the chat or the survey."}
    )


class Wording(Strict):
    """The words of one language. What is left out is the product's own."""

    question = Text(most=MAX_QUESTION_LENGTH, least=1)
    labels = Items(
        Text(most=MAX_LABEL_LENGTH, least=1),
        most=MAX_LABELS,
        metadata={"description": "One for each step, lowest first."},
    )
    ends = Items(
        Text(most=MAX_LABEL_LENGTH, least=1),
        most=2,
        metadata={"description": "Of a look with numbers: what its lowest and its highest step mean."},
    )
    thanks = Text(most=MAX_QUESTION_LENGTH, least=1)
    thanks_for = Table(
        Text(most=8, least=1),
        Text(most=MAX_QUESTION_LENGTH, least=1),
        most=20,
        metadata={"description": "In place of `thanks`: by tone (positive, neutral, negative) or by score."},
    )
    questions = Table(
        _name(),
        Part(QuestionWords),
        most=MAX_QUESTIONS,
        metadata={"description": "Of the follow-up questions, by id."},
    )


class QuestionBody(Strict):
    """One follow-up question. Neither `tones` nor `scores`: it follows every answer."""

    id = _name(required=True)
    kind = Word(*KINDS, required=True)
    tones = Items(Word(*TONES.values()), most=3, metadata={"description": "After the answers of these tones."})
    scores = Items(Whole(low=0, high=MAX_SCORE), most=MAX_SCORE + 1, metadata={"description": "After these answers."})
    choices = Items(
        _name(), most=MAX_CHOICES, metadata={"description": "Of reasons, choice and several: what may be chosen."}
    )
    low = Whole(low=0, high=1, metadata={"description": "Of a scale; 1 unless given."})
    high = Whole(low=2, high=MAX_RANGE, metadata={"description": "Of a scale; 5 unless given."})
    page = Truth(metadata={"description": "Whether the longer survey asks it, on a page of its own."})
    link = Text(
        most=MAX_LINK_LENGTH,
        least=1,
        line=True,
        metadata={"description": "Where a review is written, or where the chat is if the page opens none itself."},
    )


class NewRevision(Strict):
    """A wording; it never changes once made."""

    look = Word(*LOOKS, load_default="faces")
    direction = Word(
        *DIRECTIONS, load_default="up", metadata={"description": "`down` asks for effort so that 1 is the easiest."}
    )
    texts = Table(Text(most=35, least=2, validate=[LANGUAGE]), Part(Wording), most=MAX_LANGUAGES, load_default=dict)
    comment = Truth(
        load_default=True,
        metadata={
            "description": "Whether a comment is offered after every press; a question of that kind replaces it."
        },
    )
    questions = Items(Part(QuestionBody), most=MAX_QUESTIONS, load_default=list)
    screenshot = Truth(
        load_default=False, metadata={"description": "Whether a screenshot may be added after the press."}
    )


class NewSurvey(NewRevision):
    """A survey with its first wording."""

    name = Text(most=200, least=1, line=True, required=True)
    placement = Word(*PLACEMENTS, required=True)
    window_hours = Whole(
        low=1, high=MAX_WINDOW_HOURS, metadata={"description": "How long an invitation may be answered."}
    )


class SurveyChanges(Strict):
    """What may change without a new wording; what is left out stays."""

    name = Text(most=200, least=1, line=True)
    window_hours = Whole(low=1, high=MAX_WINDOW_HOURS)
    closed = Truth(metadata={"description": "true asks nobody anew; false asks again."})


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
