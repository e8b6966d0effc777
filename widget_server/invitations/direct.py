"""Invitations without a conversation: the back end asks, in an app or a mail of its own. Flushes, never commits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from ..conversations.models import Agent
from ..core.errors import Conflict, NotFound
from ..sites.models import Site
from ..storage.db import db
from ..surveys.service import survey_for
from ..visitors.models import Visitor
from .models import Invitation
from .rules import REASONS, STAFF
from .service import Decision, is_staff, record
from .snapshot import freeze_fields

PLACEMENT = "chat_end"


def invite(
    site: Site, external_id: str, fields: Mapping[str, Any], *, visitor: Visitor | None, agents: Sequence[Agent]
) -> Invitation:
    """Ask with the survey that is open for the end of a chat; the same id again is the invitation that stands.

    `fields` has any of `context.FIELDS`. What the rules weigh is the back end's to decide here. Raises `Conflict` where
    nobody can be asked.
    """
    existing = find_invitation(site, external_id)
    if existing is not None:
        return existing
    survey = survey_for(site.id, PLACEMENT)
    if survey is None:
        raise Conflict("No survey for the end of a chat is open. Open one, then invite again.", code="no_survey")
    if is_staff(visitor):
        raise Conflict(f"Nobody can be asked: {REASONS[STAFF]}.", code=STAFF)
    decision = Decision("back_end", "back_end", None, freeze_fields(fields, site.credit, agents, visitor))
    where = {"visitor_id": visitor.id if visitor else None, "channel": fields.get("channel") or "chat"}
    return record(site, survey, decision, external_id=external_id, **where)


def find_invitation(site: Site, external_id: str) -> Invitation | None:
    wanted = select(Invitation).where(Invitation.site_id == site.id, Invitation.external_id == external_id)
    return db.session.scalars(wanted).one_or_none()


def get_invitation(site: Site, external_id: str) -> Invitation:
    invitation = find_invitation(site, external_id)
    if invitation is None:
        raise NotFound("There is no such invitation. Make it with PUT /api/v1/invitations/{id} first.")
    return invitation
