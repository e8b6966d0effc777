"""The counts kept with each vote: moved in its transaction, recomputed and compared by `tilfreds check`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from ..storage.counters import add_to_count
from ..storage.db import table_of
from .models import AgentTally, QuestionTally, SubjectTally, Tally

TALLY = table_of(Tally)
AGENT_TALLY = table_of(AgentTally)
QUESTION_TALLY = table_of(QuestionTally)
SUBJECT_TALLY = table_of(SubjectTally)


@dataclass(frozen=True)
class CountedVote:
    """Where one vote is counted; a vote without a score is counted nowhere."""

    site_id: UUID
    voted_on: date
    revision_id: UUID
    channel: str
    score: int | None
    status: str
    verified: bool
    subject_id: UUID | None
    agent_ids: Sequence[UUID] = ()
    #: What became of each follow-up question that was seen.
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Table, dict[str, Any]]]:
        """Table and key of each counter, by name and key, so that two transactions never wait for each other in a
        circle (`move_vote` keeps the same order).
        """
        if self.score is None:
            return
        shared = {
            "site_id": self.site_id,
            "voted_on": self.voted_on,
            "revision_id": self.revision_id,
            "score": self.score,
            "status": self.status,
            "verified": self.verified,
        }
        for agent_id in sorted(set(self.agent_ids)):
            yield AGENT_TALLY, {**shared, "agent_id": agent_id}
        of_questions = {name: shared[name] for name in ("site_id", "voted_on", "revision_id", "status")}
        for question in sorted(self.outcomes):
            yield QUESTION_TALLY, {**of_questions, "question": question, "outcome": self.outcomes[question]}
        if self.subject_id is not None:
            yield SUBJECT_TALLY, {**shared, "subject_id": self.subject_id}
        yield TALLY, {**shared, "channel": self.channel}


def move_vote(connection: Connection, before: CountedVote | None, after: CountedVote) -> None:
    """Count a vote where it is now, and no longer where it was."""
    if before is None:
        for table, key in after.rows():
            add_to_count(connection, table, key, 1)
        return
    moves: dict[tuple[str, tuple[tuple[str, str], ...]], list[Any]] = {}
    for counted, delta in ((before, -1), (after, 1)):
        if counted is None:
            continue
        for table, key in counted.rows():
            order = (table.name, tuple(sorted((name, str(value)) for name, value in key.items())))
            counter = moves.setdefault(order, [table, key, 0])
            counter[2] += delta
    for _, (table, key, delta) in sorted(moves.items(), key=lambda item: item[0]):
        if delta:
            add_to_count(connection, table, key, delta)
