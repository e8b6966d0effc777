"""The list of surges of anonymous votes, as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from ..ratings.surge_models import Surge
from ..storage.prepared import AnySession
from ..subjects.models import Subject

STATES = ("open", "excluded", "kept")


@dataclass(frozen=True)
class SurgePage:
    """A part of the list of surges, each with its subject, newest first."""

    rows: list[tuple[Surge, Subject]]
    total: int


def find_surges(
    session: AnySession, site_id: UUID, *, state: str | None = None, offset: int = 0, limit: int = 50
) -> SurgePage:
    """Return the surges of a site, newest first."""
    conditions = [Surge.site_id == site_id]
    if state is not None:
        conditions.append(Surge.decision.is_(None) if state == "open" else Surge.decision == state)
    total = session.scalar(select(func.count()).select_from(Surge).where(*conditions)) or 0
    rows = session.execute(
        select(Surge, Subject)
        .join(Subject, (Subject.site_id == Surge.site_id) & (Subject.id == Surge.subject_id))
        .where(*conditions)
        .order_by(Surge.started_at.desc(), Surge.id.desc())
        .offset(offset)
        .limit(limit)
    )
    return SurgePage([(surge, subject) for surge, subject in rows], total)


def count_open_surges(session: AnySession, site_id: UUID) -> int:
    """Return the number of surges without a decision."""
    query = select(func.count()).select_from(Surge).where(Surge.site_id == site_id, Surge.decision.is_(None))
    return session.scalar(query) or 0
