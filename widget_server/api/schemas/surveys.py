"""A survey and its revisions as the API reads and writes them."""

from __future__ import annotations

from marshmallow import fields

from ...schemas import Items, Part, Strict, Table, Text, Truth, Whole, Word
from ...surveys.models import PLACEMENTS
from ...surveys.scales import DIRECTIONS, LOOKS
from ...surveys.texts import LONGEST_LABEL, LONGEST_QUESTION
from .fields import LANGUAGE, At, Out

MOST_WINDOW_HOURS = 365 * 24
MOST_LABELS = 5
MOST_LANGUAGES = 50


class Wording(Strict):
    """The words of one language. What is left out is the product's own."""

    question = Text(most=LONGEST_QUESTION, least=1)
    labels = Items(
        Text(most=LONGEST_LABEL, least=1),
        most=MOST_LABELS,
        metadata={"description": "One for each step, lowest first."},
    )
    ends = Items(
        Text(most=LONGEST_LABEL, least=1),
        most=2,
        metadata={"description": "Of a look with numbers: what its lowest and its highest step mean."},
    )
    thanks = Text(most=LONGEST_QUESTION, least=1)


class NewRevision(Strict):
    """A wording; it never changes once made."""

    look = Word(*LOOKS, load_default="faces")
    direction = Word(
        *DIRECTIONS, load_default="up", metadata={"description": "`down` asks for effort so that 1 is the easiest."}
    )
    texts = Table(Text(most=35, least=2, validate=[LANGUAGE]), Part(Wording), most=MOST_LANGUAGES, load_default=dict)
    comment = Truth(load_default=True, metadata={"description": "Whether a comment is offered after the press."})
    screenshot = Truth(
        load_default=False, metadata={"description": "Whether a screenshot may be added after the press."}
    )


class NewSurvey(NewRevision):
    """A survey with its first wording."""

    name = Text(most=200, least=1, line=True, required=True)
    placement = Word(*PLACEMENTS, required=True)
    window_hours = Whole(
        low=1, high=MOST_WINDOW_HOURS, metadata={"description": "How long an invitation may be answered."}
    )


class SurveyChanges(Strict):
    """What may change without a new wording; what is left out stays."""

    name = Text(most=200, least=1, line=True)
    window_hours = Whole(low=1, high=MOST_WINDOW_HOURS)
    closed = Truth(metadata={"description": "true asks nobody anew; false asks again."})


class RevisionOut(Out):
    """One wording as visitors saw it."""

    id = fields.UUID()
    number = fields.Integer()
    look = fields.String()
    scale = fields.String()
    texts = fields.Dict(keys=fields.String())
    comment = fields.Boolean()
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
