"""What the functions of this folder read of a row, whichever statement or model it comes from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Protocol
from uuid import UUID


class StoredAnswer(Protocol):
    """A submission as it is stored: by a vote, by a change of one, or by the submission itself before that."""

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
    """What decides in which counters a vote is counted."""

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
    """The same with the frozen context of the invitation that asked, if one did."""

    @property
    def context(self) -> dict[str, Any] | None: ...


class StoredVote(StoredAnswer, CountedRow, Protocol):
    """A row of the votes' table, as the prepared statements give it."""

    id: UUID
    voter: str | None
    asked_id: UUID | None
    visitor_id: UUID | None
    changed_at: datetime
    language: str | None
    page: str | None
    version: int

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
    decided_on: date
    withdrawn_at: datetime | None
    expires_at: datetime


class HeldVoteRow(Protocol):
    """A vote with what decides whether its client may add a screenshot to it."""

    id: UUID
    client_hash: str
    score: int | None
    version: int
    segment_id: UUID | None
    subject_id: UUID | None
    conversation_id: UUID | None
    settings: dict[str, Any]
    removed_at: datetime | None


class ScreenshotRow(Protocol):
    """A stored screenshot without its content."""

    sent_hash: str
    name: str
    width: int
    height: int
    size: int
    stored_at: datetime


class RevisionRow(Protocol):
    """A revision with what its survey decides."""

    scale: str
    settings: dict[str, Any]
    placement: str
    closed_at: datetime | None
    window_hours: int
