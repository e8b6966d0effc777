"""Schemas of surges."""

from __future__ import annotations

from marshmallow import fields

from ...inbox.surges import STATES
from ...ratings.exclusions import MAX_REASON_LENGTH
from ...subjects.service import KINDS
from ...web.fields import Choice, Strict, Text
from ..fields import At, Out, QueryInteger, word


class SurgesQuery(Strict):
    """The state of the surges, and the page of the list."""

    state = Choice(*STATES)
    offset = QueryInteger(min_value=0, max_value=1_000_000, load_default=0)
    limit = QueryInteger(min_value=1, max_value=200, load_default=50)


class SurgeOut(Out):
    """A time span in which a subject got unusually many anonymous votes."""

    id = fields.UUID()
    kind = word(KINDS)
    subject = fields.String()
    state = word(STATES)
    started_at = At()
    ended_at = At(metadata={"description": "The end of its last hour, or the decision if that was earlier."})
    max_votes = fields.Integer(metadata={"description": "Anonymous votes of an hour that were exceeded."})
    vote_count = fields.Integer(metadata={"description": "Votes that were marked as suspected."})
    decided_at = At()
    decided_by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)
    is_pending = fields.Boolean(metadata={"description": "Whether some votes still wait for the decision."})


class SurgesOut(Out):
    """A page of surges, newest first."""

    surges = fields.List(fields.Nested(SurgeOut))
    total = fields.Integer()


class SurgeExclusionIn(Strict):
    """The reason for the exclusion, and who decided it."""

    reason = Text(
        max_length=MAX_REASON_LENGTH,
        min_length=1,
        metadata={"description": "Shown beside each vote; default: “Unusually many votes”."},
    )
    by = Text(max_length=200, min_length=1, line=True, metadata={"description": "Default: the key's name."})
