"""Protocols of rows: the columns that functions of this folder read, from any statement or model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID


class StoredAnswer(Protocol):
    """The answer in a vote, in a change of a vote, or in a submission that is not stored yet."""

    @property
    def client_hash(self) -> str: ...
    @property
    def rev(self) -> int: ...
    @property
    def score(self) -> int | None: ...
    @property
    def reasons(self) -> Sequence[str]: ...
    @property
    def answers(self) -> Mapping[str, Any]: ...
    @property
    def comment(self) -> str | None: ...
    @property
    def intended_at(self) -> datetime: ...


class CountedRow(Protocol):
    """The columns of a vote that decide in which counters it is."""

    @property
    def site_id(self) -> UUID: ...
    @property
    def voted_on(self) -> date: ...
    @property
    def revision_id(self) -> UUID: ...
    @property
    def channel(self) -> str: ...
    @property
    def score(self) -> int | None: ...
    @property
    def outcomes(self) -> Mapping[str, str]: ...
    @property
    def excluded_at(self) -> datetime | None: ...
    @property
    def suspicion_reason(self) -> str | None: ...
    @property
    def verified(self) -> bool: ...
    @property
    def subject_id(self) -> UUID | None: ...


class CountedRowInContext(CountedRow, Protocol):
    """A `CountedRow` with the frozen context of its invitation, or None without one."""

    @property
    def context(self) -> dict[str, Any] | None: ...


class StoredVote(StoredAnswer, CountedRow, Protocol):
    """A row of the table of votes, as the prepared statements return it."""

    id: UUID
    voter: str | None
    asked_id: UUID | None
    visitor_id: UUID | None
    received_at: datetime | None
    changed_at: datetime
    language: str | None
    page: str | None
    version: int
    erased_at: datetime | None
    is_recovered: bool

    def _asdict(self) -> dict[str, Any]: ...


class InvitationRow(Protocol):
    """An invitation that asked, with columns of its segment, if it is about one."""

    site_id: UUID
    id: UUID
    segment_id: UUID | None
    conversation_id: UUID | None
    visitor_id: UUID | None
    channel: str
    status: str
    proof: str
    context: dict[str, Any]
    decided_at: datetime
    decided_on: date
    withdrawn_at: datetime | None
    expires_at: datetime
    erased_at: datetime | None


class HeldVoteRow(Protocol):
    """A vote with the columns that decide whether its client may add a screenshot."""

    id: UUID
    client_hash: str
    score: int | None
    version: int
    segment_id: UUID | None
    subject_id: UUID | None
    conversation_id: UUID | None
    settings: dict[str, Any]
    removed_at: datetime | None
    erased_at: datetime | None


class ScreenshotRow(Protocol):
    """A stored screenshot without its content."""

    sent_hash: str
    name: str
    width: int
    height: int
    size: int
    stored_at: datetime


class RevisionRow(Protocol):
    """A revision with columns of its survey."""

    scale: str
    settings: dict[str, Any]
    placement: str
    closed_at: datetime | None
    published_at: datetime
    window_hours: int
