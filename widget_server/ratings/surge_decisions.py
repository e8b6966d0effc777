"""Exclude or keep all votes of a surge by one decision, which can be changed later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import Select, or_, select

from ..accounts import audit
from ..accounts.actors import Actor
from ..core import clock
from ..core.errors import NotFound
from ..events.publish import publish
from ..storage.db import db
from ..subjects.models import Subject
from . import tallies
from .models import SURGE, Vote
from .recount import counted_of
from .surge_models import Surge

Decision = Literal["excluded", "kept"]
DEFAULT_REASON = "Unusually many votes"
#: Votes that a decision changes at once; a job changes the others within a minute.
VOTES_PER_BATCH = 200
MIN_LENGTH = timedelta(microseconds=1)


def votes_of(surge: Surge) -> Select[Vote]:
    """Return the query for the anonymous votes of a surge, locked in the order of their ids.

    They are found by their arrival, because a page claims the time of its press.
    """
    return (
        select(Vote)
        .where(Vote.site_id == surge.site_id, Vote.subject_id == surge.subject_id, Vote.verified.is_(False))
        .where(Vote.first_at >= surge.started_at - clock.MAX_PRESS_AGE, Vote.first_at < surge.ended_at)
        .where(Vote.received_at >= surge.started_at, Vote.received_at < surge.ended_at)
        .order_by(Vote.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def decide(site_id: UUID, surge_id: UUID, decision: Decision, *, by: Actor, reason: str | None = None) -> Surge:
    """Exclude or keep the votes of a surge. It ends now, if it has not ended yet. Repeating a decision has no effect.

    Raises: NotFound: the site has no such surge.
    """
    surge = db.session.get(Surge, (site_id, surge_id), with_for_update=True, populate_existing=True)
    if surge is None:
        raise NotFound("There is no such surge.")
    if surge.decision == decision:
        return surge
    now = clock.now()
    surge.decision = surge.pending_decision = decision
    surge.decided_at, surge.decided_by = now, by.shown_name
    # Later than its start, also after a step of the clock, because two surges cannot start at one time.
    surge.ended_at = max(min(surge.ended_at, now), surge.started_at + MIN_LENGTH)
    surge.reason = (reason or DEFAULT_REASON) if decision == "excluded" else None
    surge.excluded_at = now if decision == "excluded" else surge.excluded_at
    votes = find_pending_votes(surge)
    # An exclusion of one vote locks the vote, then the log, then the counters; so does this.
    subject = db.session.get_one(Subject, (site_id, surge.subject_id))
    detail = {"subject": subject.subject, "votes": surge.vote_count}
    action: audit.Action = "surge.excluded" if decision == "excluded" else "surge.kept"
    audit.record(site_id, actor=by, action=action, target=f"surge {surge.id}", detail=detail)
    change_votes(surge, votes)
    return surge


def apply_decisions(site_id: UUID) -> Iterator[int]:
    """Apply pending decisions to the remaining votes of their surges."""
    query = select(Surge.id).where(Surge.site_id == site_id, Surge.pending_decision.is_not(None))
    for surge_id in db.session.scalars(query.order_by(Surge.id)).all():
        while changed_count := apply_next(site_id, surge_id):
            yield changed_count


def apply_next(site_id: UUID, surge_id: UUID) -> int:
    """Apply a decision to its next votes and return their number."""
    surge = db.session.get_one(Surge, (site_id, surge_id), with_for_update=True, populate_existing=True)
    if surge.pending_decision is None:
        return 0
    votes = find_pending_votes(surge)
    change_votes(surge, votes)
    return len(votes)


def find_pending_votes(surge: Surge) -> Sequence[Vote]:
    """Return the next votes that the decision changes. A vote that a person excluded before stays excluded."""
    if surge.decision == "excluded":
        is_pending = Vote.excluded_at.is_(None) & or_(Vote.suspicion_reason.is_(None), Vote.suspicion_reason == SURGE)
    else:
        is_pending = Vote.excluded_at.is_(None) & (Vote.suspicion_reason == SURGE)
        if surge.excluded_at is not None:
            is_pending |= Vote.excluded_at == surge.excluded_at
    return db.session.scalars(votes_of(surge).where(is_pending).limit(VOTES_PER_BATCH)).all()


def change_votes(surge: Surge, votes: Sequence[Vote]) -> None:
    """Apply the decision to these votes. Fewer than a batch are the last ones."""
    before = [counted_of(vote, None) for vote in votes]
    is_excluded = surge.decision == "excluded"
    exclusion = (surge.excluded_at, surge.decided_by, surge.reason) if is_excluded else (None, None, None)
    for vote in votes:
        # A vote that is restored later counts.
        vote.suspicion_reason = None
        vote.excluded_at, vote.excluded_by, vote.exclusion_reason = exclusion
    if len(votes) < VOTES_PER_BATCH:
        surge.pending_decision = None
    publish(db.session, surge.site_id, "subject.changed", at=clock.now(), subject_id=surge.subject_id)
    db.session.flush()
    # The counters come last, because other transactions wait for these shared rows.
    after = [counted_of(vote, None) for vote in votes]
    tallies.move_votes(db.session.connection(), list(zip(before, after, strict=True)))
