"""Schemas of the audit log."""

from __future__ import annotations

from marshmallow import fields, validate

from ...accounts.audit_list import GROUPS
from ...web.fields import Strict, Text, Timestamp
from ..fields import At, Out, QueryInteger

GROUP = validate.OneOf(list(GROUPS), error=f"Group must be one of {', '.join(GROUPS)}.")


class AuditQuery(Strict):
    """The first number and the size of a page of the audit log, and its filters."""

    after = QueryInteger(
        min_value=0, max_value=2**31 - 1, load_default=0, metadata={"description": "`next_after` of the previous page."}
    )
    limit = QueryInteger(min_value=1, max_value=200, load_default=50)
    group = Text(
        max_length=20,
        line=True,
        validate=[GROUP],
        metadata={"description": "The part of the action before its dot, such as `vote`."},
    )
    q = Text(
        max_length=200,
        min_length=1,
        line=True,
        metadata={"description": "A part of the actor's name, the target or the details."},
    )
    since = Timestamp(metadata={"description": "Recorded at this time or later."})
    until = Timestamp(metadata={"description": "Recorded before this time."})


class AuditEntryOut(Out):
    """A decision in the audit log. `hash` covers the entry and the previous one."""

    number = fields.Integer()
    at = At()
    actor = fields.String()
    actor_kind = fields.String(metadata={"description": "user, owner_link, api_key, operator, command or system."})
    actor_id = fields.UUID(allow_none=True, metadata={"description": "The id of the user or the API key."})
    action = fields.String()
    target = fields.String()
    detail = fields.Dict(
        metadata={"description": "`before` and `after` of changed settings; `by` is whom the back end named."}
    )
    previous_hash = fields.String()
    hash = fields.String()


class AuditOut(Out):
    """A page of the audit log, oldest entry first."""

    entries = fields.List(fields.Nested(AuditEntryOut))
    next_after = fields.Integer(allow_none=True, metadata={"description": "`after` of the next page; null at the end."})
