"""Exclude or keep all votes of a surge by one decision, which can be changed later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import ColumnElement, Select, or_, select
from sqlalchemy.orm import Session

from ..accounts import audit
from ..accounts.actors import Actor
from ..core import clock
from ..core.errors import NotFound
from ..events.publish import publish
from ..sites.models import Site
from ..storage.db import db, engines
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
LIVING_SITES = select(Site.id).where(Site.removed_at.is_(None))


def select_votes(surge: Surge, condition: ColumnElement[bool]) -> Select[UUID]:
    """Return the query for the ids of anonymous votes of a surge.

    They are found by their arrival, because a page claims the time of its press. The query may read all votes of two
    days on a subject, so jobs send it on a reading connection.
    """
    return (
        select(Vote.id)
        .where(Vote.site_id == surge.site_id, Vote.subject_id == surge.subject_id, Vote.verified.is_(False))
        .where(Vote.first_at >= surge.started_at - clock.MAX_PRESS_AGE, Vote.first_at < surge.ended_at)
        .where(Vote.received_at >= surge.started_at, Vote.received_at < surge.ended_at)
        .where(condition)
        .limit(VOTES_PER_BATCH)
    )


def lock_votes(surge: Surge, vote_ids: Sequence[UUID], condition: ColumnElement[bool]) -> Sequence[Vote]:
    """Return those of the votes that still meet the condition, locked in the order of their ids."""
    query = select(Vote).where(Vote.site_id == surge.site_id, Vote.id.in_(vote_ids), condition).order_by(Vote.id)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).all()


def lock_surge(site_id: UUID, surge_id: UUID) -> Surge:
    return db.session.get_one(Surge, (site_id, surge_id), with_for_update=True, populate_existing=True)


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
    is_pending = pending_condition(surge)
    vote_ids = db.session.scalars(select_votes(surge, is_pending)).all()
    votes = lock_votes(surge, vote_ids, is_pending)
    # An exclusion of one vote locks the vote, then the log, then the counters; so does this.
    subject = db.session.get_one(Subject, (site_id, surge.subject_id))
    detail = {"subject": subject.subject, "votes": surge.vote_count}
    action: audit.Action = "surge.excluded" if decision == "excluded" else "surge.kept"
    audit.record(site_id, actor=by, action=action, target=f"surge {surge.id}", detail=detail)
    change_votes(surge, votes, is_last=len(vote_ids) < VOTES_PER_BATCH)
    return surge


def apply_decisions() -> Iterator[int]:
    """Apply pending decisions to the remaining votes of their surges."""
    query = select(Surge.site_id, Surge.id).where(Surge.site_id.in_(LIVING_SITES), Surge.pending_decision.is_not(None))
    with Session(engines().read) as session:
        surges = session.execute(query.order_by(Surge.site_id)).all()
    for site_id, surge_id in surges:
        while (changed_count := apply_next(site_id, surge_id)) is not None:
            yield changed_count


def apply_next(site_id: UUID, surge_id: UUID) -> int | None:
    """Apply a decision to its next votes and return their number; None if there is nothing left to do."""
    with Session(engines().read) as session:
        read_surge = session.get_one(Surge, (site_id, surge_id))
        if read_surge.pending_decision is None:
            return None
        vote_ids = session.scalars(select_votes(read_surge, pending_condition(read_surge))).all()
    surge = lock_surge(site_id, surge_id)
    if surge.pending_decision is None:
        return None
    is_last = len(vote_ids) < VOTES_PER_BATCH and surge.decided_at == read_surge.decided_at
    votes = lock_votes(surge, vote_ids, pending_condition(surge))
    change_votes(surge, votes, is_last=is_last)
    return len(votes)


def pending_condition(surge: Surge) -> ColumnElement[bool]:
    """Return the condition of the votes that the decision changes. One that a person excluded before stays excluded."""
    if surge.decision == "excluded":
        return Vote.excluded_at.is_(None) & or_(Vote.suspicion_reason.is_(None), Vote.suspicion_reason == SURGE)
    is_pending = Vote.excluded_at.is_(None) & (Vote.suspicion_reason == SURGE)
    return is_pending if surge.excluded_at is None else is_pending | (Vote.excluded_at == surge.excluded_at)


def change_votes(surge: Surge, votes: Sequence[Vote], *, is_last: bool) -> None:
    """Apply the decision to these votes; after the last ones it is no longer pending."""
    before = [counted_of(vote, None) for vote in votes]
    is_excluded = surge.decision == "excluded"
    exclusion = (surge.excluded_at, surge.decided_by, surge.reason) if is_excluded else (None, None, None)
    for vote in votes:
        # A vote that is restored later counts.
        vote.suspicion_reason = None
        vote.excluded_at, vote.excluded_by, vote.exclusion_reason = exclusion
    if is_last:
        surge.pending_decision = None
    publish(db.session, surge.site_id, "subject.changed", at=clock.now(), subject_id=surge.subject_id)
    db.session.flush()
    # The counters come last, because other transactions wait for these shared rows.
    after = [counted_of(vote, None) for vote in votes]
    tallies.move_votes(db.session.connection(), list(zip(before, after, strict=True)))
