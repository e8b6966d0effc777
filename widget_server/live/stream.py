"""One open stream: what its reader still has to be told, and when."""

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
#: A list of conversations is told that it changed at most this often; what one conversation is told never waits.
LIST_SECONDS = 1.0
#: A reader who is this many events behind is let go, and resumes from the database.
MAX_PENDING = 2000


@dataclass(frozen=True)
class Subscription:
    """What a reader follows: some conversations, or all; with `follows_list` also that others changed."""

    conversation_ids: frozenset[UUID]
    follows_list: bool

    def includes(self, change: Change) -> bool:
        """Return whether the reader gets the change itself."""
        if not self.conversation_ids:
            return not self.follows_list
        return change.conversation_id in self.conversation_ids


@dataclass(frozen=True)
class StreamContext:
    """What a stream needs of its process: how to write a token, and how far every event was handed out."""

    write_token: Callable[[LiveGrant], str]
    reached: Callable[[], Position]


class Stream:
    """Filled by the follower, emptied by the greenlet that writes to the reader."""

    def __init__(self, grant: LiveGrant, subscription: Subscription, context: StreamContext) -> None:
        self.grant = grant
        self.subscription = subscription
        self.position = START
        #: Where its reader stands before anything is written; `position` is ahead of that by what is pending.
        self.begins = START
        #: What was offered while the past was still being read; None from then on.
        self.early: list[Change] | None = []
        self.context = context
        self.pending: list[Change] = []
        self.is_list_due = False
        self.list_sent_at = 0.0
        self.over: str | None = None
        self.woken = Signal()

    def start(self, after: Position, past: Sequence[Change], newest: Position) -> None:
        """Take the past after a position, then what came while it was read. All up to `newest` is now told."""
        early, self.early, self.position = self.early or [], None, after
        self.begins = after
        self.offer(past)
        self.position = max(self.position, newest)
        self.offer(early)

    def offer(self, changes: Sequence[Change]) -> None:
        """Add what is new to this reader; the caller has checked that they want it and may see it."""
        if self.over:
            # Nothing is kept for one who is let go and may take long to notice.
            return
        if self.early is not None:
            self.early.extend(changes)
            return
        for change in changes:
            if change.position > self.position:
                self.position = change.position
                self.pending.append(change)
        if len(self.pending) > MAX_PENDING:
            self.end("behind")
        if self.pending:
            self.woken.set()

    def notify_list(self) -> None:
        """Note that something else happened on the site."""
        self.is_list_due = True
        self.woken.set()

    def end(self, reason: str) -> None:
        """Say why and close; the first reason stays."""
        self.over = self.over or reason
        self.woken.set()

    def chunks(self, now: Callable[[], datetime]) -> Iterator[bytes]:
        """What is written to the reader, until the stream is over."""
        # Not the newest place: a reader who is cut off before the past is written would come back behind it.
        yield sse.frame("hello", {"position": str(self.begins)}, self.begins)
        heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
        while True:
            self.woken.wait(self.patience(heartbeat_at, now()))
            self.woken.clear()
            payload = self.drain(now())
            if not payload and time.monotonic() >= heartbeat_at:
                self.move_on()
                payload = sse.heartbeat(self.position)
            if payload:
                heartbeat_at = time.monotonic() + HEARTBEAT_SECONDS
                yield payload
            if self.over:
                yield sse.frame("over", {"reason": self.over})
                return

    def patience(self, heartbeat_at: float, now: datetime) -> float:
        """Seconds until something is due by itself."""
        due = min(heartbeat_at - time.monotonic(), (self.renew_at() - now).total_seconds())
        if self.is_list_due:
            due = min(due, self.list_sent_at + LIST_SECONDS - time.monotonic())
        return max(due, 0.0)

    def move_on(self) -> None:
        """What was handed out to others alone need not be read again after a cut."""
        self.position = max(self.position, self.context.reached())

    def renew_at(self) -> datetime:
        """Two thirds into the life of the token."""
        return self.grant.expires_at - TOKEN_LIFETIME / 3

    def drain(self, now: datetime) -> bytes:
        """Return the frames that are due and forget them."""
        frames, self.pending = [sse.change_frame(change) for change in self.pending], []
        if self.is_list_due and time.monotonic() >= self.list_sent_at + LIST_SECONDS:
            self.is_list_due, self.list_sent_at = False, time.monotonic()
            self.move_on()
            frames.append(sse.frame("list", {"position": str(self.position)}, self.position))
        if now >= self.renew_at() and not self.over:
            frames.append(self.renew(now))
        return b"".join(frames)

    def renew(self, now: datetime) -> bytes:
        fresh = renew_grant(self.grant, now)
        if fresh is None:
            self.end("expired")
            return b""
        self.grant = fresh
        return sse.frame("token", {"token": self.context.write_token(fresh)})
