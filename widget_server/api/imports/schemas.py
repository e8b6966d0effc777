"""Schemas of imported conversations and ratings."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from ...ratings.history_import import ImportedConversation, ImportedEnd
from ...ratings.imported_ratings import ImportedRating
from ...surveys.scales import MAX_SCORE, SCALES
from ...web.fields import Choice, Integer, ListOf, Nested, Strict, Text, Timestamp
from ..conversations.schemas import ConversationIn
from ..fields import Out, external
from ..messages.schemas import MessageIn

MAX_CONVERSATIONS, MAX_MESSAGES, MAX_ENDS = 100, 10_000, 200
MAX_COMMENT_LENGTH = 2_000


class ImportedMessage(MessageIn):
    """A message. `agent` is created if it is unknown."""

    sent_at = Timestamp(required=True)


class ImportedRatingIn(Strict):
    """The rating of a segment, on the scale that it was given on."""

    scale = Choice(*SCALES, required=True)
    score = Integer(min_value=0, max_value=MAX_SCORE, required=True)
    rated_at = Timestamp(metadata={"description": "Default: the end of the segment."})
    comment = Text(max_length=MAX_COMMENT_LENGTH, allow_none=True)


class ImportedEndIn(Strict):
    """The end of a segment."""

    ended_at = Timestamp(required=True)
    closer = external(allow_none=True, metadata={"description": "external_id of the agent who closed it."})
    rating = Nested(ImportedRatingIn, allow_none=True)


class ConversationImport(ConversationIn):
    """A conversation of another system, with its messages, ends and ratings."""

    class Meta(ConversationIn.Meta):
        exclude = ("browser",)

    external_id = external(required=True)
    messages = ListOf(Nested(ImportedMessage), max_length=MAX_MESSAGES, load_default=list)
    ends = ListOf(Nested(ImportedEndIn), max_length=MAX_ENDS, load_default=list)


class ImportIn(Strict):
    """Conversations to import."""

    conversations = ListOf(Nested(ConversationImport), max_length=MAX_CONVERSATIONS, min_length=1, required=True)


class ImportedCounts(Out):
    """What one conversation added."""

    external_id = fields.String()
    segments = fields.Integer()
    messages = fields.Integer()
    ratings = fields.Integer()


class ImportProblem(Out):
    """A conversation that was not imported."""

    position = fields.Integer(metadata={"description": "Its place in the request, from 0."})
    external_id = fields.Raw(allow_none=True)
    code = fields.String()
    detail = fields.String()
    pointer = fields.String(allow_none=True, metadata={"description": "The wrong field, from the conversation on."})


class ImportOut(Out):
    """The result for each conversation."""

    imported = fields.List(fields.Nested(ImportedCounts))
    rejected = fields.List(fields.Nested(ImportProblem))


def to_imported(values: dict[str, Any]) -> ImportedConversation:
    """Return the conversation of loaded fields."""
    values = dict(values)
    return ImportedConversation(
        external_id=values.pop("external_id"),
        visitor=values.pop("visitor", None),
        messages=values.pop("messages"),
        ends=[to_imported_end(end) for end in values.pop("ends")],
        fields=values,
    )


def to_imported_end(end: dict[str, Any]) -> ImportedEnd:
    rating = end.get("rating")
    imported_rating = None
    if rating is not None:
        imported_rating = ImportedRating(
            rating["scale"], rating["score"], rating.get("rated_at") or end["ended_at"], rating.get("comment")
        )
    return ImportedEnd(end["ended_at"], end.get("closer"), imported_rating)
