"""One open stream: what its reader still has to be told, and when."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from gevent.event import Event as Signal

from ..accounts.live_tokens import LIFE, LiveGrant, renewed
from ..events.outbox_reader import START, Change, Position
from . import sse

BEAT_SECONDS = 15.0
#: A list of conversations is told that it changed at most this often; what one conversation is told never waits.
LIST_SECONDS = 1.0
#: A reader who is this many events behind is let go, and resumes from the database.
MAX_PENDING = 2000


@dataclass(frozen=True)
class Wish:
    """What a reader follows: some conversations, or all; with `hints` all else is only said to have changed."""

    conversation_ids: frozenset[UUID]
    hints: bool

    def is_told(self, change: Change) -> bool:
        if not self.conversation_ids:
            return not self.hints
        return change.conversation_id in self.conversation_ids


@dataclass(frozen=True)
class Voice:
    """What a stream needs of its process: how to write a token, and how far every event was handed out."""

    write_token: Callable[[LiveGrant], str]
    reached: Callable[[], Position]


class Stream:
    """Filled by the follower, emptied by the greenlet that writes to the reader."""

    def __init__(self, grant: LiveGrant, wish: Wish, voice: Voice) -> None:
        self.grant = grant
        self.wish = wish
        self.position = START
        #: Where its reader stands before anything is written; `position` is ahead of that by what is pending.
        self.begins = START
        #: What was offered while the past was still being read; None from then on.
        self.early: list[Change] | None = []
        self.voice = voice
        self.pending: list[Change] = []
        self.hint_due = False
        self.hinted = 0.0
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

    def hint(self) -> None:
        """Something else happened on the site."""
        self.hint_due = True
        self.woken.set()

    def end(self, reason: str) -> None:
        """Say why and close; the first reason stays."""
        self.over = self.over or reason
        self.woken.set()

    def chunks(self, now: Callable[[], datetime]) -> Iterator[bytes]:
        """What is written to the reader, until the stream is over."""
        # Not the newest place: a reader who is cut off before the past is written would come back behind it.
        yield sse.frame("hello", {"position": str(self.begins)}, self.begins)
        beat_at = time.monotonic() + BEAT_SECONDS
        while True:
            self.woken.wait(self.patience(beat_at, now()))
            self.woken.clear()
            told = self.take(now())
            if not told and time.monotonic() >= beat_at:
                self.move_on()
                told = sse.beat(self.position)
            if told:
                beat_at = time.monotonic() + BEAT_SECONDS
                yield told
            if self.over:
                yield sse.frame("over", {"reason": self.over})
                return

    def patience(self, beat_at: float, now: datetime) -> float:
        """Seconds until something is due by itself."""
        due = min(beat_at - time.monotonic(), (self.renew_at() - now).total_seconds())
        if self.hint_due:
            due = min(due, self.hinted + LIST_SECONDS - time.monotonic())
        return max(due, 0.0)

    def move_on(self) -> None:
        """What was handed out to others alone need not be read again after a cut."""
        self.position = max(self.position, self.voice.reached())

    def renew_at(self) -> datetime:
        """Two thirds into the life of the token."""
        return self.grant.expires_at - LIFE / 3

    def take(self, now: datetime) -> bytes:
        told, self.pending = [sse.change_frame(change) for change in self.pending], []
        if self.hint_due and time.monotonic() >= self.hinted + LIST_SECONDS:
            self.hint_due, self.hinted = False, time.monotonic()
            self.move_on()
            told.append(sse.frame("list", {"position": str(self.position)}, self.position))
        if now >= self.renew_at() and not self.over:
            told.append(self.renew(now))
        return b"".join(told)

    def renew(self, now: datetime) -> bytes:
        fresh = renewed(self.grant, now)
        if fresh is None:
            self.end("expired")
            return b""
        self.grant = fresh
        return sse.frame("token", {"token": self.voice.write_token(fresh)})
