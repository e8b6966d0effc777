"""An open stream: the events that its client still has to receive, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gevent.event import Event as Signal

from ..accounts.live_tokens import TOKEN_LIFETIME, LiveGrant, renew_grant
from ..events.outbox_reader import START, Change, Position
from . import sse

HEARTBEAT_SECONDS = 15.0
#: The minimum time between two notifications that a list changed; changes of followed conversations never wait.
LIST_SECONDS = 1.0
#: A client that is more events behind is disconnected, and resumes from the database.
MAX_PENDING = 2000


@dataclass(frozen=True)
class Subscription:
    """The conversations that a client follows, some or all; `follows_list` adds notifications of other changes."""

    conversation_ids: frozenset[UUID]
    follows_list: bool

    def includes(self, change: Change) -> bool:
        """Return whether the client receives the change itself."""
        if not self.conversation_ids:
            return not self.follows_list
        return change.conversation_id in self.conversation_ids


@dataclass(frozen=True)
class StreamContext:
    """Functions of the process for its streams: one writes a token, one returns the last distributed position."""

    write_token: Callable[[LiveGrant], str]
    distributed_position: Callable[[], Position]


class Stream:
    """A queue of changes that the follower fills and the greenlet of the client's response empties."""

    def __init__(self, grant: LiveGrant, subscription: Subscription, context: StreamContext) -> None:
        self.grant = grant
        self.subscription = subscription
        self.position = START
        #: The client's position before anything is sent; `position` is ahead of it by the pending changes.
        self.start_position = START
        #: Changes that were offered while the past was still being read; None from then on.
        self.early_changes: list[Change] | None = []
        self.context = context
        self.pending: list[Change] = []
        self.is_list_due = False
        self.list_sent_at = 0.0
        self.end_reason: str | None = None
        self.wakeup = Signal()

    def start(self, after: Position, past: Sequence[Change], newest: Position) -> None:
        """Queue the past changes after a position, then those offered meanwhile. Covers everything up to `newest`."""
        early_changes, self.early_changes, self.position = self.early_changes or [], None, after
        self.start_position = after
        self.offer(past)
        self.position = max(self.position, newest)
        self.offer(early_changes)

    def offer(self, changes: Sequence[Change]) -> None:
        """Queue the changes that are new to this client. The caller checks subscription and permission."""
        if self.end_reason:
            # A disconnected client may take long to notice, so nothing is queued for it.
            return
        if self.early_changes is not None:
            self.early_changes.extend(changes)
            return
        for change in changes:
            if change.position > self.position:
                self.position = change.position
                self.pending.append(change)
        if len(self.pending) > MAX_PENDING:
            self.end("behind")
        if self.pending:
            self.wakeup.set()

    def notify_list(self) -> None:
        """Schedule a notification that the list changed."""
        self.is_list_due = True
        self.wakeup.set()

    def end(self, reason: str) -> None:
        """Close the stream and send the reason; the first reason wins."""
        self.end_reason = self.end_reason or reason
        self.wakeup.set()

    def chunks(self, now: Callable[[], datetime]) -> Iterator[bytes]:
        """Yield the bytes for the client until the stream ends."""
        # Not the newest position: a client that is cut off before the past is sent would skip it on its return.
        yield sse.frame("hello", {"position": str(self.start_position)}, self.start_position)
        heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
        while True:
            self.wakeup.wait(self.seconds_until_due(heartbeat_at, now()))
            self.wakeup.clear()
            payload = self.drain(now())
            if not payload and time.monotonic() >= heartbeat_at:
                self.skip_distributed()
                payload = sse.heartbeat(self.position)
            if payload:
                heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
                yield payload
            if self.end_reason:
                yield sse.frame("over", {"reason": self.end_reason})
                return

    def seconds_until_due(self, heartbeat_at: float, now: datetime) -> float:
        """Return the seconds until the next heartbeat, token or list notification."""
        due = min(heartbeat_at - time.monotonic(), (self.renew_at() - now).total_seconds())
        if self.is_list_due:
            due = min(due, self.list_sent_at + LIST_SECONDS - time.monotonic())
        return max(due, 0.0)

    def skip_distributed(self) -> None:
        """Move past events that were only for other clients, so that a reconnect does not read them again."""
        self.position = max(self.position, self.context.distributed_position())

    def renew_at(self) -> datetime:
        """Return the time after two thirds of the token's life."""
        return self.grant.expires_at - TOKEN_LIFETIME / 3

    def drain(self, now: datetime) -> bytes:
        """Remove the frames that are due from the queue and return them."""
        frames, self.pending = [sse.change_frame(change) for change in self.pending], []
        if self.is_list_due and time.monotonic() >= self.list_sent_at + LIST_SECONDS:
            self.is_list_due, self.list_sent_at = False, time.monotonic()
            self.skip_distributed()
            frames.append(sse.frame("list", {"position": str(self.position)}, self.position))
        if now >= self.renew_at() and not self.end_reason:
            frames.append(self.renew(now))
        return b"".join(frames)

    def renew(self, now: datetime) -> bytes:
        renewed_grant = renew_grant(self.grant, now)
        if renewed_grant is None:
            self.end("expired")
            return b""
        self.grant = renewed_grant
        return sse.frame("token", {"token": self.context.write_token(renewed_grant)})
