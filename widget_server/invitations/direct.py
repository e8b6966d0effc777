"""Direct invitations: the back end asks without a conversation, in an app or a mail. Flushes, never commits."""

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
from .service import Decision, is_staff, record_invitation
from .snapshot import freeze_fields

PLACEMENT = "chat_end"


def invite(
    site: Site, external_id: str, fields: Mapping[str, Any], *, visitor: Visitor | None, agents: Sequence[Agent]
) -> Invitation:
    """Create an invitation for the survey at the end of a chat, or return the existing one with this id.

    `fields` has any of `snapshot.FIELDS`. The rules do not apply; the back end decides. Raises `Conflict` if no survey
    is open or the visitor is staff.
    """
    existing_invitation = find_invitation(site, external_id)
    if existing_invitation is not None:
        return existing_invitation
    survey = survey_for(site.id, PLACEMENT)
    if survey is None:
        raise Conflict(
            "No survey is open for the end of a chat. Open one, then send the invitation again.", code="no_survey"
        )
    if is_staff(visitor):
        raise Conflict(f"Cannot invite: {REASONS[STAFF]}.", code=STAFF)
    decision = Decision("back_end", "back_end", None, freeze_fields(fields, site.credit, agents, visitor))
    where = {"visitor_id": visitor.id if visitor else None, "channel": fields.get("channel") or "chat"}
    return record_invitation(site, survey, decision, external_id=external_id, **where)


def find_invitation(site: Site, external_id: str) -> Invitation | None:
    query = select(Invitation).where(Invitation.site_id == site.id, Invitation.external_id == external_id)
    return db.session.scalars(query).one_or_none()


def get_invitation(site: Site, external_id: str) -> Invitation:
    invitation = find_invitation(site, external_id)
    if invitation is None:
        raise NotFound("Invitation not found. Create it with PUT /api/v1/invitations/{id} first.")
    return invitation
