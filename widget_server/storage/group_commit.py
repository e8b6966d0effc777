"""The one door for votes: a transaction around the vote's work, which returns only when the commit is on disk.

The votes that wait in a process are committed together: whoever comes while nobody leads does the work of all on one
connection, and one commit serves them. Who is refused before anything was written, as bad ones are, is refused alone;
should one fail later, all are undone and each is tried by itself. On PostgreSQL, where several processes write, the
unique constraints decide races: the loser runs again and finds the winner's row.
"""

from __future__ import annotations

import functools
import threading
import time
import weakref
from collections import deque
from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError

from . import counters, prepared

Result = TypeVar("Result")
TRIES = 5
#: serialization_failure and deadlock_detected of PostgreSQL.
RETRYABLE = ("40001", "40P01")
#: Votes that are committed together on PostgreSQL wait no longer for a row that one of them needs: then each goes
#: alone, and only that one waits on.
LOCK_MS = 250


class LostRace(Exception):
    """Another transaction took away what this one stands on."""


def commit(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """What `work` returns, once its writes are durable.

    `work` may run in another caller's thread, so it takes with it what it needs of its request; after a lost race it
    runs again, at most `TRIES` times.
    """
    return group_of(engine).commit(engine, work)


def again(work: Callable[[], Result], undo: Callable[[], object] = lambda: None) -> Result:
    """What `work` returns, which ends in its commit; after a lost race it is undone and run again."""
    for attempt in range(1, TRIES + 1):
        try:
            return work()
        except (IntegrityError, OperationalError, LostRace) as error:
            if attempt == TRIES or not _is_lost_race(error):
                raise
            undo()
    raise AssertionError("unreachable: the last try returns or raises")


def _is_lost_race(error: IntegrityError | OperationalError | LostRace) -> bool:
    if not isinstance(error, OperationalError):
        return True
    return getattr(error.orig, "sqlstate", None) in RETRYABLE


class Waiting:
    """One caller's work, and what became of it."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        self.result: Any = None
        self.error: BaseException | None = None
        #: Committed, or refused for good; set by whoever leads.
        self.is_done = False
        #: It could not be committed together with others, and its caller shall try it alone.
        self.goes_alone = False
        #: Let go when it is done, or when it is this caller's turn to lead.
        self.woken = threading.Lock()
        self.woken.acquire()

    def outcome(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class Group:
    """Callers whose work is committed together, one batch after the other.

    Handing work to a thread of its own would cost more than a flush of a fast disk, so one of the callers leads. Each
    waits for a lock of its own: with one for all, those whose work is done would hold up who leads next.
    """

    def __init__(self) -> None:
        #: Held only while somebody comes or hands on.
        self.mutex = threading.Lock()
        self.is_led = False
        self.waiting: deque[Waiting] = deque()

    def commit(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        mine = Waiting(work)
        with self.mutex:
            self.waiting.append(mine)
            leads, self.is_led = not self.is_led, True
        if not leads:
            mine.woken.acquire()
        if not mine.is_done:
            self._lead(engine)
        if mine.goes_alone:
            return again(functools.partial(_run_alone, engine, work))
        result: Result = mine.outcome()
        return result

    def hand_on(self) -> None:
        """Let the first that waits lead."""
        with self.mutex:
            following = self.waiting[0] if self.waiting else None
            self.is_led = following is not None
        if following is not None:
            following.woken.release()

    def _lead(self, engine: Engine) -> None:
        """Commit all that wait, the leader's own among them."""
        batch: list[Waiting] = []
        try:
            self._let_others_come()
            with engine.begin() as connection:
                batch = self._take()
                _run_together(connection, batch)
        except BaseException as error:
            # Nothing of the transaction stands. Where it did not even begin, all who wait have waited long enough.
            has_begun, batch = bool(batch), batch or self._take()
            for one in batch:
                one.error = error
            if has_begun:
                _part(engine, batch, error)
        finally:
            self.hand_on()
            for one in batch:
                one.is_done = True
                one.woken.release()

    def _let_others_come(self) -> None:
        """Give way to threads that are about to wait too: while the interpreter is busy, one commit serves more."""
        waiting = 0
        while waiting < len(self.waiting):
            waiting = len(self.waiting)
            time.sleep(0)

    def _take(self) -> list[Waiting]:
        return [self.waiting.popleft() for _ in range(len(self.waiting))]


def _run_together(connection: Connection, batch: list[Waiting]) -> None:
    """Run all of a batch; whoever is refused before it has written anything is refused alone."""
    counters.keep_back(connection)
    prepared.remember(connection)
    written = prepared.count_writes(connection)
    with prepared.pipelined(connection, LOCK_MS):
        for one in batch:
            before = written()
            try:
                one.result = one.work(connection)
            except Exception as error:
                # Nothing of a transaction stands after an error of PostgreSQL, nor of SQLite after a full or failing
                # disk, where what came after would commit by itself.
                if isinstance(error, DBAPIError) or written() != before:
                    raise
                one.error = error
        counters.write_kept(connection)


def _run_alone(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection, prepared.pipelined(connection):
        return work(connection)


def _part(engine: Engine, batch: list[Waiting], error: BaseException) -> None:
    """See to it that each of a batch that failed as a whole is tried by itself: what is too large for a full disk, or
    has lost a race, fails alone.
    """
    if engine.dialect.name == "postgresql":
        is_gone = isinstance(error, DBAPIError) and error.connection_invalidated
        for one in batch:
            one.goes_alone = not is_gone
    elif len(batch) > 1:
        _run_each(engine, batch)


def _run_each(engine: Engine, batch: list[Waiting]) -> None:
    """Run them one after the other here, as there is one connection for all."""
    for one in batch:
        has_begun = False
        try:
            with engine.begin() as connection:
                has_begun = True
                one.result = one.work(connection)
            one.error = None
        except BaseException as error:
            one.error = error
            if not has_begun:
                # The others keep the error of the batch: they shall not wait for a lock one after the other.
                return


#: A group does not hold its engine, which would keep both here for ever.
_groups: weakref.WeakKeyDictionary[Engine, Group] = weakref.WeakKeyDictionary()
_making = threading.Lock()


def group_of(engine: Engine) -> Group:
    """The callers of one engine."""
    found = _groups.get(engine)
    if found is None:
        with _making:
            found = _groups.setdefault(engine, Group())
    return found
