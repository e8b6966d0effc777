"""Find subjects that get unusually many anonymous votes in an hour, and mark those votes as suspected.

A job does this every minute from the outbox, so that a vote pays nothing for it.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Delete, delete, select, true
from sqlalchemy.orm import Session

from ..core import clock
from ..events import consumers
from ..events.outbox_reader import Change, changes_after
from ..events.publish import publish
from ..storage.counters import add_to_count
from ..storage.db import db, engines, table_of
from . import tallies
from .models import SURGE, Vote
from .recount import counted_of
from .surge_decisions import LIVING_SITES, apply_decisions, lock_surge, lock_votes, select_votes
from .surge_models import SubjectHour, Surge

SUBJECT_HOUR = table_of(SubjectHour)
#: The name of the consumer of the outbox.
CONSUMER = "surges"
HOUR = timedelta(hours=1)
#: The hours that the median is taken of.
HISTORY = timedelta(days=28)
#: An hour with this many anonymous votes is never a surge.
MIN_VOTES = 50
TIMES_MEDIAN = 10
#: An hour may have this many times the votes of one that was kept.
TIMES_KEPT = 2
#: A vote is counted within a minute of its arrival, so that older hours do not change.
CHECKED_HOURS = 2
EVENTS_PER_BATCH = 500
VOTES_PER_BATCH = 200


def find_surges() -> Iterator[int]:
    """Count the votes since the last run, then mark the votes of surges and apply decisions about them.

    What there is to do is read on a reading connection, because votes wait for the writing one of SQLite.
    """
    yield from count_hours()
    for subject_hour in busy_hours():
        open_surge(subject_hour)
        yield 0
    for site_id, surge_id in running_surges():
        while (marked_count := mark_votes(site_id, surge_id)) is not None:
            yield marked_count
    yield from apply_decisions()


def count_hours() -> Iterator[int]:
    """Add the anonymous votes of new events to the hours in which they arrived."""
    consumers.register(db.session, CONSUMER, clock.now())
    yield 0
    while changes := next_changes():
        for (site_id, subject_id, hour), n in sorted(count_changes(changes).items()):
            key = {"site_id": site_id, "subject_id": subject_id, "hour": hour}
            add_to_count(db.session, SUBJECT_HOUR, key, n)
        consumers.advance(db.session, CONSUMER, changes[-1].position, clock.now())
        yield 0


def next_changes() -> list[Change]:
    """Return the next events. Another worker waits until this one has counted them."""
    position = consumers.lock_position(db.session, CONSUMER)
    return changes_after(db.session.connection(), position, EVENTS_PER_BATCH)


def count_changes(changes: Sequence[Change]) -> Counter[tuple[UUID, UUID, datetime]]:
    """Return the number of new anonymous votes by site, subject and hour."""
    votes = [change for change in changes if change.kind == "vote.cast" and change.subject_id is not None]
    anonymous: set[UUID | None] = set()
    for site_id in {change.site_id for change in votes}:
        ids = [change.vote_id for change in votes if change.site_id == site_id]
        query = select(Vote.id).where(Vote.site_id == site_id, Vote.id.in_(ids), Vote.verified.is_(False))
        anonymous.update(db.session.scalars(query))
    return Counter(
        (change.site_id, change.subject_id, to_hour(change.created_at))
        for change in votes
        if change.subject_id is not None and change.vote_id in anonymous
    )


def to_hour(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def busy_hours() -> Sequence[SubjectHour]:
    """Return the latest hours with enough votes for a surge, oldest first."""
    first = to_hour(clock.now()) - (CHECKED_HOURS - 1) * HOUR
    query = select(SubjectHour).where(SubjectHour.site_id.in_(LIVING_SITES), SubjectHour.hour >= first)
    query = query.where(SubjectHour.n > MIN_VOTES).order_by(SubjectHour.hour, SubjectHour.subject_id)
    with Session(engines().read) as session:
        return session.scalars(query).all()


def open_surge(subject_hour: SubjectHour) -> None:
    """Open a surge if the hour has more votes than allowed, or extend the one of the hour before."""
    site_id, subject_id, start = subject_hour.site_id, subject_hour.subject_id, subject_hour.hour
    surges = list(
        db.session.scalars(
            select(Surge)
            .where(Surge.site_id == site_id, Surge.subject_id == subject_id, Surge.ended_at > start - HISTORY)
            .order_by(Surge.started_at)
            .with_for_update()
        )
    )
    max_votes = find_max_votes(subject_hour, surges)
    newest = surges[-1] if surges else None
    if subject_hour.n <= max_votes or (newest is not None and newest.ended_at >= start + HOUR):
        return
    if newest is not None and newest.decision is None and newest.ended_at == start:
        newest.ended_at = start + HOUR
        return
    # A surge that was decided within the hour ends there, and what arrives later is a new one.
    start_of_surge = start if newest is None else max(start, newest.ended_at)
    surge = Surge(
        site_id=site_id,
        subject_id=subject_id,
        started_at=start_of_surge,
        ended_at=start + HOUR,
        max_votes=max_votes,
    )
    with Session(engines().read) as session:
        has_votes = session.scalars(select_votes(surge, true()).limit(1)).first() is not None
    if has_votes:
        db.session.add(surge)
        db.session.flush()


def find_max_votes(subject_hour: SubjectHour, surges: Sequence[Surge]) -> int:
    """Return how many anonymous votes the hour may have, from the earlier hours of the subject.

    The median is that of the hours with votes, because a subject that is read only by day has none in most hours. It
    leaves out surges that were not kept.
    """
    start = subject_hour.hour
    earlier_hours = db.session.execute(
        select(SubjectHour.hour, SubjectHour.n).where(
            SubjectHour.site_id == subject_hour.site_id,
            SubjectHour.subject_id == subject_hour.subject_id,
            SubjectHour.hour >= start - HISTORY,
            SubjectHour.hour < start,
        )
    ).all()
    rejected_surges = [surge for surge in surges if surge.decision != "kept"]
    kept_surges = [surge for surge in surges if surge.decision == "kept"]
    usual_counts = [n for hour, n in earlier_hours if not is_in(hour, rejected_surges)]
    kept_counts = [n for hour, n in earlier_hours if is_in(hour, kept_surges)]
    kept_counts += [surge.vote_count for surge in kept_surges if surge.ended_at > start]
    median = statistics.median(usual_counts) if usual_counts else 0
    return max(MIN_VOTES, int(TIMES_MEDIAN * median), TIMES_KEPT * max(kept_counts, default=0))


def is_in(hour: datetime, surges: Sequence[Surge]) -> bool:
    """Return whether an hour overlaps one of the surges."""
    return any(surge.started_at < hour + HOUR and surge.ended_at > hour for surge in surges)


def running_surges() -> Sequence[tuple[UUID, UUID]]:
    """Return (site, id) of the surges without a decision whose votes may not all be marked."""
    first = to_hour(clock.now()) - (CHECKED_HOURS - 1) * HOUR
    query = select(Surge.site_id, Surge.id).where(Surge.site_id.in_(LIVING_SITES), Surge.decision.is_(None))
    query = query.where(Surge.ended_at > first, Surge.started_at > first - HISTORY)
    query = query.order_by(Surge.site_id, Surge.started_at)
    with Session(engines().read) as session:
        return [(site_id, surge_id) for site_id, surge_id in session.execute(query)]


def mark_votes(site_id: UUID, surge_id: UUID) -> int | None:
    """Mark the next votes of a surge as suspected and return their number; None if all are marked.

    It locks the surge first, as a decision does, so neither misses votes of the other.
    """
    is_unmarked = Vote.suspicion_reason.is_(None) & Vote.excluded_at.is_(None)
    with Session(engines().read) as session:
        vote_ids = session.scalars(select_votes(session.get_one(Surge, (site_id, surge_id)), is_unmarked)).all()
    if not vote_ids:
        return None
    surge = lock_surge(site_id, surge_id)
    if surge.decision is not None:
        return None
    votes = lock_votes(surge, vote_ids, is_unmarked)
    before = [counted_of(vote, None) for vote in votes]
    for vote in votes:
        vote.suspicion_reason = SURGE
    surge.vote_count += len(votes)
    publish(db.session, site_id, "subject.changed", at=clock.now(), subject_id=surge.subject_id)
    db.session.flush()
    # The counters come last, because other transactions wait for these shared rows.
    after = [counted_of(vote, None) for vote in votes]
    tallies.move_votes(db.session.connection(), list(zip(before, after, strict=True)))
    return len(votes)


def forget_old_hours(site_id: UUID, now: datetime) -> Delete:
    """Return the statement that deletes the counts of hours that no median needs any more."""
    cutoff = to_hour(now) - HISTORY - CHECKED_HOURS * HOUR
    return delete(SubjectHour).where(SubjectHour.site_id == site_id, SubjectHour.hour < cutoff)
