"""Changes of an invitation's status, each written with its count and its event. Flushes, never commits.

A vote changes the same rows on another connection, and its status is final. So each change locks its row and checks the
status again.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from ..conversations.models import Segment
from ..conversations.service import mark_updated
from ..core import clock
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .listing import refresh_listing
from .models import IS_UNANSWERED, UNANSWERED, Invitation, InvitationTally

TALLY = table_of(InvitationTally)


def add_invitation(invitation: Invitation) -> None:
    """Store a new decision to ask or not to ask."""
    db.session.add(invitation)
    db.session.flush()
    _count(invitation, 1)
    _publish(invitation)


def mark_shown(invitation: Invitation) -> None:
    """Record that the visitor saw the survey. Counts once."""
    if _lock(invitation).status == "asked":
        invitation.shown_at = clock.now()
        _move(invitation, "shown")


def dismiss(invitation: Invitation) -> None:
    """Record that the visitor closed the survey. An answer may still come."""
    if _lock(invitation).status in ("asked", "shown"):
        invitation.dismissed_at = clock.now()
        _move(invitation, "dismissed")


def withdraw(invitation: Invitation, now: datetime) -> None:
    """Withdraw an unanswered invitation, because the chat went on and its new segment gets another one."""
    if _lock(invitation).status in UNANSWERED:
        invitation.withdrawn_at = now
        _move(invitation, "withdrawn")


def delete_decision(invitation: Invitation) -> None:
    """Delete a decision not to ask that was made for an unverified page, without knowing the messages."""
    _count(invitation, -1)
    conversation_id = _conversation_of(invitation)
    db.session.delete(invitation)
    db.session.flush()
    if conversation_id is not None:
        refresh_listing(invitation.site_id, conversation_id)


def expire_due(site_id: UUID, now: datetime, max_count: int) -> int:
    """Expire at most `max_count` invitations whose response window is over, and return how many expired."""
    ids = db.session.scalars(select_due(site_id, now).limit(max_count)).all()
    # In the order of ids, as every transaction that locks several, so that none waits for another in a circle.
    due = db.session.scalars(
        select(Invitation)
        .where(Invitation.site_id == site_id, Invitation.id.in_(ids), IS_UNANSWERED)
        .order_by(Invitation.id)
        .with_for_update()
    ).all()
    for invitation in due:
        _move(invitation, "expired")
    return len(due)


def select_due(site_id: UUID, now: datetime) -> Select[UUID]:
    """Select the unanswered invitations whose window is over. The index `ix_invitation_due` holds only those."""
    return (
        select(Invitation.id)
        .where(Invitation.site_id == site_id, IS_UNANSWERED, Invitation.expires_at < now)
        .order_by(Invitation.expires_at)
    )


def _lock(invitation: Invitation) -> Invitation:
    db.session.refresh(invitation, with_for_update=True)
    return invitation


def _move(invitation: Invitation, status: str) -> None:
    _count(invitation, -1)
    invitation.status = status
    _count(invitation, 1)
    db.session.flush()
    _publish(invitation)


def _count(invitation: Invitation, delta: int) -> None:
    key = {
        "site_id": invitation.site_id,
        "decided_on": invitation.decided_on,
        "channel": invitation.channel,
        "status": invitation.status,
    }
    add_to_count(db.session, TALLY, key, delta)


def _conversation_of(invitation: Invitation) -> UUID | None:
    if invitation.segment_id is None:
        return None
    return db.session.get_one(Segment, (invitation.site_id, invitation.segment_id)).conversation_id


def _publish(invitation: Invitation) -> None:
    conversation_id = _conversation_of(invitation)
    mark_updated(invitation.site_id, conversation_id)
    if conversation_id is not None and invitation.status != "shown":
        # "shown" changes nothing that lists filter by.
        refresh_listing(invitation.site_id, conversation_id)
    publish(
        db.session,
        invitation.site_id,
        f"invitation.{invitation.status}",
        at=clock.now(),
        conversation_id=conversation_id,
        segment_id=invitation.segment_id,
    )
