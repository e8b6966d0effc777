"""The store of the limits goes away, is emptied and hangs: votes continue, and the limits always apply."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from tests.databases import sqlite_url
from tests.serve.server import wait_until
from tests.serving import UNLIMITED, Product
from tests.widget.conftest import press_id
from widget_server.core.errors import TooMany
from widget_server.web import rate_limits
from widget_server.web.rate_limits import Limiter

from .races import Course, course
from .record import record
from .slow import Voters
from .store import Store

LIMIT = 5
#: Far more than the wait for a store, far less than a paused store blocks a caller that waits for it.
SECONDS = 3
RECOVERY_SECONDS = 10
#: The largest number that one process counts at a time.
CALLERS = 20


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    new_store = Store(tmp_path)
    new_store.start()
    yield new_store
    new_store.stop()


def passed(limiter: Limiter, calls: int = 3 * LIMIT) -> int:
    """Return the number of calls of one key that the limiter lets through."""
    key, allowed = press_id(), 0
    for _ in range(calls):
        try:
            limiter.hit("target", key, LIMIT)
            allowed += 1
        except TooMany as error:
            assert 1 <= error.retry_after <= 60
    return allowed


def all_return(limiter: Limiter) -> bool:
    """Return whether many callers at the same moment get through within a few seconds."""
    pool = ThreadPoolExecutor(CALLERS)
    calls = [pool.submit(limiter.hit, "target", press_id(), LIMIT) for _ in range(CALLERS)]
    returned = wait_until(lambda: all(call.done() for call in calls), SECONDS)
    pool.shutdown(wait=False)
    return returned


def recovers(limiter: Limiter, store: Store) -> bool:
    """Return whether calls are counted in the store again."""
    store.flush()

    def is_counted() -> bool:
        limiter.hit("target", press_id(), LIMIT)
        return store.counts() > 0

    return wait_until(is_counted, RECOVERY_SECONDS)


FAULTS: list[tuple[str, Callable[[Store], object], Callable[[Store], object]]] = [
    ("stopped", Store.stop, Store.start),
    ("paused", Store.pause, Store.resume),
]


@pytest.mark.parametrize(("fault", "mend"), [fault[1:] for fault in FAULTS], ids=[fault[0] for fault in FAULTS])
def test_a_missing_store_blocks_no_one_and_keeps_the_limit(
    store: Store, fault: Callable[[Store], object], mend: Callable[[Store], object]
) -> None:
    limiter = Limiter(store.url)
    assert passed(limiter) == LIMIT
    fault(store)
    assert all_return(limiter)
    assert passed(limiter) == LIMIT
    mend(store)
    assert recovers(limiter, store)
    assert passed(limiter) == LIMIT


def test_an_emptied_store_starts_counting_again(store: Store) -> None:
    limiter = Limiter(store.url)
    assert passed(limiter) == LIMIT
    store.flush()
    assert passed(limiter) == LIMIT
    assert store.counts() == 1


def test_two_processes_count_together_while_the_store_is_there(store: Store) -> None:
    one, other, key = Limiter(store.url), Limiter(store.url), press_id()
    for number in range(LIMIT):
        (one, other)[number % 2].hit("target", key, LIMIT)
    for limiter in (one, other):
        with pytest.raises(TooMany):
            limiter.hit("target", key, LIMIT)


class Patient(Limiter):
    """A limiter that waits for its store without limit."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.shared = FixedWindowRateLimiter(storage_from_string(url, socket_timeout=2 * SECONDS))


class Open(Limiter):
    """A limiter that lets all callers through while its store is away."""

    def hit(self, name: str, key: str, per_minute: int) -> None:
        if not self.paused_until:
            super().hit(name, key, per_minute)


def test_a_limiter_that_waits_is_found(store: Store) -> None:
    limiter = Patient(store.url)
    store.pause()
    assert not all_return(limiter)
    store.resume()


def test_a_limiter_that_fails_open_is_found(store: Store) -> None:
    limiter = Open(store.url)
    store.stop()
    assert passed(limiter) > LIMIT


def test_a_store_that_failed_is_not_called_for_a_while(store: Store) -> None:
    """Check the pause, without which each vote would wait for the store in turn."""
    limiter = Limiter(store.url)
    store.pause()
    limiter.hit("target", press_id(), LIMIT)
    commands: list[str] = []
    limiter.shared = FixedWindowRateLimiter(Counting(store.url, commands))
    for _ in range(CALLERS):
        limiter.hit("target", press_id(), LIMIT)
    assert commands == []
    limiter.paused_until = time.monotonic()
    with ThreadPoolExecutor(CALLERS) as pool:
        list(pool.map(lambda _: limiter.hit("target", press_id(), LIMIT), range(CALLERS)))
    assert len(commands) == 1
    store.resume()


class Counting(rate_limits.ProcessStorage):
    """A store that records each command and never answers."""

    def __init__(self, url: str, commands: list[str]) -> None:
        super().__init__()
        self.commands = commands

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        self.commands.append(key)
        time.sleep(0.2)
        raise ConnectionError(key)


@pytest.fixture
def limited(store: Store, tmp_path: Path) -> Iterator[tuple[Course, Product]]:
    race_course = course(tmp_path, sqlite_url(tmp_path / "tilfreds.sqlite3"), 0)
    product = race_course.product(**{**UNLIMITED, "limiter_url": store.url, "votes_per_target_per_minute": LIMIT})
    product.started()
    yield race_course, product
    product.end()


@pytest.mark.server
@pytest.mark.long
def test_the_store_goes_and_comes_under_load(store: Store, limited: tuple[Course, Product]) -> None:
    course, product = limited
    votes = Voters(product, course.key, course.revisions["article"])
    stop, rounds = threading.Event(), 5

    def press() -> None:
        while not stop.is_set():
            votes.vote()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    recoveries = []
    try:
        for _ in range(rounds):
            for _, fault, mend in FAULTS:
                fault(store)
                time.sleep(3)
                assert insistent(course, product) == LIMIT
                mend(store)
                began = time.monotonic()
                store.flush()
                assert wait_until(store.counts, RECOVERY_SECONDS)
                recoveries.append(time.monotonic() - began)
                assert insistent(course, product) <= 2 * LIMIT
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert votes.unanswered == []
    paused = Patient(store.url)
    store.pause()
    assert not all_return(paused)
    store.resume()
    record(
        "A15",
        f"{2 * rounds} times stopped or paused, and emptied, under {len(votes.seconds):,} votes: 0 failed, "
        f"never more than the limit let through, counted in the store again after at most {max(recoveries):.0f} s",
        "a limiter that waits for its store: callers hang while it is paused; one that fails open: more than the limit",
    )


def insistent(course: Course, product: Product) -> int:
    """Return how many of many submissions of one rating are accepted."""
    id = press_id()
    where = {"kind": "article", "subject": "/limited", "id": id, "age_ms": 0, "revision": course.revisions["article"]}
    answers = [
        product.client.post(course.path, json={**where, "rev": rev + 1, "score": 2}).status_code
        for rev in range(2 * LIMIT + 2)
    ]
    assert set(answers) == {200, 429}
    return answers.count(200)
