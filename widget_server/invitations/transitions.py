"""What becomes of an invitation: each step is written with its count and its event. Flushes, never commits.

A press decides about the same rows on a connection of its own, and what was voted stays voted: a step locks its row and
looks again before it is taken.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select

from ..conversations.models import Segment
from ..core import clock
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import db, table_of
from .models import IS_UNANSWERED, UNANSWERED, Invitation, InvitationTally

TALLY = table_of(InvitationTally)


def write_down(invitation: Invitation) -> None:
    """A new decision: to ask, or not to."""
    db.session.add(invitation)
    db.session.flush()
    _count(invitation, 1)
    _tell(invitation)


def mark_shown(invitation: Invitation) -> None:
    """The faces were really seen. Counts once."""
    if _locked(invitation).status == "asked":
        invitation.shown_at = clock.now()
        _move(invitation, "shown")


def dismiss(invitation: Invitation) -> None:
    """The visitor put the question away; a press may still come."""
    if _locked(invitation).status in ("asked", "shown"):
        invitation.dismissed_at = clock.now()
        _move(invitation, "dismissed")


def withdraw(invitation: Invitation, now: datetime) -> None:
    """The talk went on, and its new part deserves a question of its own."""
    if _locked(invitation).status in UNANSWERED:
        invitation.withdrawn_at = now
        _move(invitation, "withdrawn")


def take_back(invitation: Invitation) -> None:
    """Forget a decision not to ask, which was not for whoever took it to take."""
    _count(invitation, -1)
    db.session.delete(invitation)
    db.session.flush()


def expire_due(site_id: UUID, now: datetime, most: int) -> int:
    """Write down which questions ran out of time, at most so many, and return how many did."""
    ids = db.session.scalars(due_at(site_id, now).limit(most)).all()
    # Locked in the order of ids, as everybody does who locks several.
    due = db.session.scalars(
        select(Invitation)
        .where(Invitation.site_id == site_id, Invitation.id.in_(ids), IS_UNANSWERED)
        .order_by(Invitation.id)
        .with_for_update()
    ).all()
    for invitation in due:
        _move(invitation, "expired")
    return len(due)


def due_at(site_id: UUID, now: datetime) -> Select[UUID]:
    """The questions whose time is over, by the index that holds only those still open."""
    return (
        select(Invitation.id)
        .where(Invitation.site_id == site_id, IS_UNANSWERED, Invitation.expires_at < now)
        .order_by(Invitation.expires_at)
    )


def _locked(invitation: Invitation) -> Invitation:
    db.session.refresh(invitation, with_for_update=True)
    return invitation


def _move(invitation: Invitation, status: str) -> None:
    _count(invitation, -1)
    invitation.status = status
    _count(invitation, 1)
    db.session.flush()
    _tell(invitation)


def _count(invitation: Invitation, delta: int) -> None:
    key = {
        "site_id": invitation.site_id,
        "decided_on": invitation.decided_on,
        "channel": invitation.channel,
        "status": invitation.status,
    }
    add_to_count(db.session, TALLY, key, delta)


def _tell(invitation: Invitation) -> None:
    conversation_id = None
    if invitation.segment_id is not None:
        conversation_id = db.session.get_one(Segment, (invitation.site_id, invitation.segment_id)).conversation_id
    publish(
        db.session,
        invitation.site_id,
        f"invitation.{invitation.status}",
        at=clock.now(),
        conversation_id=conversation_id,
        segment_id=invitation.segment_id,
    )
