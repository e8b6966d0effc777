"""Group commit: votes that wait in one process share a transaction.

Each caller returns after the commit.

The first waiting thread leads: it runs the work of all callers on one connection and commits once. A vote that fails
before it writes, as invalid ones do, fails alone. If one fails later, all are rolled back and each is retried
separately. On PostgreSQL, where several processes write, unique constraints decide races: the loser runs again and
finds the winner's row.
"""

from __future__ import annotations

import contextvars
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
MAX_TRIES = 5
#: PostgreSQL's serialization_failure and deadlock_detected.
RETRYABLE_STATES = ("40001", "40P01")
#: A batch on PostgreSQL waits no longer for a locked row: then each vote runs separately, and only the one that needs
#: the row continues to wait.
LOCK_WAIT_MS = 250


class LostRace(Exception):
    """Another transaction changed or removed a row that this one depends on."""


def commit(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    """Run `work` and return its result once its writes are durable.

    `work` may run in another caller's thread, but in the context of this caller, so it may read its request. After a
    lost race it runs again, at most `MAX_TRIES` times.
    """
    return group_of(engine).commit(engine, work)


def retry(work: Callable[[], Result], undo: Callable[[], object] = lambda: None) -> Result:
    """Return the result of `work`, which commits at its end.

    After a lost race, undo it and run it again.
    """
    for attempt in range(1, MAX_TRIES + 1):
        try:
            return work()
        except (IntegrityError, OperationalError, LostRace) as error:
            if attempt == MAX_TRIES or not _is_lost_race(error):
                raise
            undo()
    raise AssertionError("unreachable: the last try returns or raises")


def _is_lost_race(error: IntegrityError | OperationalError | LostRace) -> bool:
    if not isinstance(error, OperationalError):
        return True
    return getattr(error.orig, "sqlstate", None) in RETRYABLE_STATES


class QueuedWork:
    """The work of one caller, with its result or error."""

    def __init__(self, work: Callable[[Connection], Any]) -> None:
        self.work = work
        #: It holds the application and the request of the caller. The leader may have others, or none.
        self.context = contextvars.copy_context()
        self.result: Any = None
        self.error: BaseException | None = None
        #: Whether it is committed or has failed for good; set by the leader.
        self.is_done = False
        #: Whether it could not be committed with the others, so that its caller has to run it separately.
        self.runs_alone = False
        #: Released when the work is done, or when it is this caller's turn to lead.
        self.wake_lock = threading.Lock()
        self.wake_lock.acquire()

    def run(self, connection: Connection) -> None:
        self.result = self.context.run(self.work, connection)

    def get_result(self) -> Any:
        if self.error is not None:
            raise self.error
        return self.result


class Group:
    """Callers whose work is committed together, one batch after the other.

    Passing work to a separate thread would cost more than a flush of a fast disk, so one of the callers leads. Each
    caller waits for a separate lock: with a shared one, callers whose work is done would delay the next leader.
    """

    def __init__(self) -> None:
        #: Held only while a caller joins or passes the lead.
        self.mutex = threading.Lock()
        self.is_led = False
        self.waiting: deque[QueuedWork] = deque()

    def commit(self, engine: Engine, work: Callable[[Connection], Result]) -> Result:
        queued_work = QueuedWork(work)
        with self.mutex:
            self.waiting.append(queued_work)
            leads, self.is_led = not self.is_led, True
        if not leads:
            queued_work.wake_lock.acquire()
        if not queued_work.is_done:
            self._lead(engine)
        if queued_work.runs_alone:
            return retry(functools.partial(_run_alone, engine, work))
        result: Result = queued_work.get_result()
        return result

    def pass_lead(self) -> None:
        """Let the first waiting caller lead."""
        with self.mutex:
            next_leader = self.waiting[0] if self.waiting else None
            self.is_led = next_leader is not None
        if next_leader is not None:
            next_leader.wake_lock.release()

    def _lead(self, engine: Engine) -> None:
        """Commit the work of all waiting callers, the leader included."""
        batch: list[QueuedWork] = []
        try:
            self._yield_to_threads()
            with engine.begin() as connection:
                batch = self._take_batch()
                _run_together(connection, batch)
        except BaseException as error:
            # The transaction is rolled back. If it did not even begin, all callers have waited long enough.
            has_begun, batch = bool(batch), batch or self._take_batch()
            for queued_work in batch:
                queued_work.error = error
            if has_begun:
                _retry_separately(engine, batch, error)
        finally:
            self.pass_lead()
            for queued_work in batch:
                queued_work.is_done = True
                queued_work.wake_lock.release()

    def _yield_to_threads(self) -> None:
        """Yield to threads that are about to join.

        So one commit serves more of them while the interpreter is busy.
        """
        waiting_count = 0
        while waiting_count < len(self.waiting):
            waiting_count = len(self.waiting)
            time.sleep(0)

    def _take_batch(self) -> list[QueuedWork]:
        return [self.waiting.popleft() for _ in range(len(self.waiting))]


def _run_together(connection: Connection, batch: list[QueuedWork]) -> None:
    """Run a batch in one transaction. Work that fails before it writes fails alone."""
    counters.defer_counts(connection)
    prepared.cache_first_rows(connection)
    count_writes = prepared.make_write_counter(connection)
    with prepared.pipelined(connection, LOCK_WAIT_MS):
        for queued_work in batch:
            writes_before = count_writes()
            try:
                queued_work.run(connection)
            except Exception as error:
                # An error of PostgreSQL undoes the transaction, and so does a full or failing disk on SQLite, where
                # each later statement would then commit by itself.
                if isinstance(error, DBAPIError) or count_writes() != writes_before:
                    raise
                queued_work.error = error
        counters.write_deferred_counts(connection)


def _run_alone(engine: Engine, work: Callable[[Connection], Result]) -> Result:
    with engine.begin() as connection, prepared.pipelined(connection):
        return work(connection)


def _retry_separately(engine: Engine, batch: list[QueuedWork], error: BaseException) -> None:
    """Have each part of a failed batch run separately.

    So work that is too large for a full disk, or that lost a race, fails alone.
    """
    if engine.dialect.name == "postgresql":
        is_disconnected = isinstance(error, DBAPIError) and error.connection_invalidated
        for queued_work in batch:
            queued_work.runs_alone = not is_disconnected
    elif len(batch) > 1:
        _run_each(engine, batch)


def _run_each(engine: Engine, batch: list[QueuedWork]) -> None:
    """Run each part of a batch in this thread.

    SQLite has a single writing connection for all.
    """
    for queued_work in batch:
        has_begun = False
        try:
            with engine.begin() as connection:
                has_begun = True
                queued_work.run(connection)
            queued_work.error = None
        except BaseException as error:
            queued_work.error = error
            if not has_begun:
                # The others keep the error of the batch, so that they do not wait for the lock one after the other.
                return


#: Weak keys, because a group does not refer to its engine: both are freed with the engine.
_groups: weakref.WeakKeyDictionary[Engine, Group] = weakref.WeakKeyDictionary()
_groups_lock = threading.Lock()


def group_of(engine: Engine) -> Group:
    """Return the group of an engine's callers."""
    group = _groups.get(engine)
    if group is None:
        with _groups_lock:
            group = _groups.setdefault(engine, Group())
    return group
