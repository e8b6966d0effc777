"""Counters of votes, changed in the vote's transaction. `tilfreds check` recounts and compares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from ..storage.counters import add_to_count
from ..storage.db import table_of
from .tally_models import AgentTally, QuestionTally, SubjectTally, Tally

TALLY = table_of(Tally)
AGENT_TALLY = table_of(AgentTally)
QUESTION_TALLY = table_of(QuestionTally)
SUBJECT_TALLY = table_of(SubjectTally)


@dataclass(frozen=True)
class CountedVote:
    """The values of a vote that decide its counters. A vote without a score is in none."""

    site_id: UUID
    voted_on: date
    revision_id: UUID
    channel: str
    score: int | None
    status: str
    verified: bool
    subject_id: UUID | None
    agent_ids: Sequence[UUID] = ()
    #: The outcome of each follow-up question that was seen.
    outcomes: Mapping[str, str] = field(default_factory=dict)

    def rows(self) -> Iterator[tuple[Table, dict[str, Any]]]:
        """Yield table and key of each counter, ordered by both.

        `move_vote` keeps this order, so that two transactions cannot wait for each other in a circle.
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
    """Add a vote to its counters, and remove it from those of `before`, its earlier state if it has one."""
    if before is None:
        for table, key in after.rows():
            add_to_count(connection, table, key, 1)
        return
    move_votes(connection, [(before, after)])


def move_votes(connection: Connection, moved_votes: Sequence[tuple[CountedVote, CountedVote]]) -> None:
    """Move votes from the counters of their earlier states to those of their present ones, each counter once."""
    moves: dict[tuple[str, tuple[tuple[str, str], ...]], list[Any]] = {}
    signed = [(before, -1) for before, _ in moved_votes] + [(after, 1) for _, after in moved_votes]
    for counted, delta in signed:
        for table, key in counted.rows():
            order = (table.name, tuple(sorted((name, str(value)) for name, value in key.items())))
            counter = moves.setdefault(order, [table, key, 0])
            counter[2] += delta
    for _, (table, key, delta) in sorted(moves.items(), key=lambda item: item[0]):
        if delta:
            add_to_count(connection, table, key, delta)
