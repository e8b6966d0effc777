"""Passwords: which are strong enough, their hashes, and the check of one.

Argon2id with the parameters that OWASP recommends (19 MiB, two passes, one lane). One hash is computed at a time in
each process, because each occupies a processor; callers beyond a short queue are refused at once, so that people who
guess passwords cannot occupy the threads that receive votes. A thread of low priority computes the hashes, so that
the processor serves votes first.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from importlib import import_module
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..core.errors import Invalid, TooMany
from ..core.marked_texts import marked

MIN_LENGTH = 12
MAX_LENGTH = 128
#: How many characters zxcvbn receives; it refuses longer input.
STRENGTH_LENGTH = 72
#: The lowest accepted score of zxcvbn, of 0 to 4: safely unguessable online, moderately offline.
MIN_STRENGTH = 3
MAX_WAITING = 3
#: About a tenth of the processor that a thread of normal priority gets, if both want it.
NICENESS = 10
#: How long that thread rests after a hash, by the time of the hash. Hashes fill the caches that votes need.
REST_RATIO = 3
#: A longer hash waited for a busy machine.
MAX_HASH_SECONDS = 0.05
Result = TypeVar("Result")
WAIT_SECONDS = 3
HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
#: The hash of a random password that was not stored. Checking it for an unknown e-mail address takes as long as
#: checking a known one.
UNKNOWN_HASH = "$argon2id$v=19$m=19456,t=2,p=1$Xz2EkgFAX4gvg5jtLbRzmg$K9pMWqKI5m9Oxhj9tIAniMA/SmAFRW26DbaCF7WyVR8"

_hash_lock = threading.Lock()
_waiting_slots = threading.BoundedSemaphore(MAX_WAITING)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Wait for the turn to compute a hash.

    Raises: TooMany: others are waiting already.
    """
    if not _waiting_slots.acquire(blocking=False):
        raise TooMany("Many people are signing in. Try again in a moment.", retry_after=WAIT_SECONDS)
    try:
        if not _hash_lock.acquire(timeout=WAIT_SECONDS):
            raise TooMany("Many people are signing in. Try again in a moment.", retry_after=WAIT_SECONDS)
        try:
            yield
        finally:
            _hash_lock.release()
    finally:
        _waiting_slots.release()


def _lower_priority() -> None:
    """Let this thread compute only when the others of the machine leave time. Only Linux has priorities of threads."""
    if sys.platform == "linux":
        thread_id = threading.get_native_id()
        # Only root may raise a priority that the service already lowered.
        os.setpriority(os.PRIO_PROCESS, thread_id, max(NICENESS, os.getpriority(os.PRIO_PROCESS, thread_id)))


_hash_thread = ThreadPoolExecutor(1, "hash", _lower_priority)


def _compute(work: Callable[..., Result], *arguments: str) -> Result:
    """Return the result of the thread of the hashes, which then rests, so that a lone caller never waits for it."""
    started_at = 0.0

    def compute() -> Result:
        nonlocal started_at
        started_at = time.monotonic()
        return work(*arguments)

    try:
        return _hash_thread.submit(compute).result()
    finally:
        _hash_thread.submit(time.sleep, REST_RATIO * min(time.monotonic() - started_at, MAX_HASH_SECONDS))


def check_strength(password: str, own_words: Iterable[str]) -> None:
    """Check that a new password is hard to guess, also with knowledge of `own_words` (name, e-mail address).

    Raises: Invalid: the password is too short, too long or too easy to guess.
    """
    if not MIN_LENGTH <= len(password) <= MAX_LENGTH:
        raise Invalid(
            marked(
                "Choose a password of %(min_length)s to %(max_length)s characters.",
                min_length=MIN_LENGTH,
                max_length=MAX_LENGTH,
            ),
            pointer="/password",
        )
    # Loaded here, because its word lists take 14 MB, which only a new password needs.
    estimate = import_module("zxcvbn").zxcvbn(password[:STRENGTH_LENGTH], user_inputs=[*filter(None, own_words)])
    if estimate["score"] < MIN_STRENGTH:
        detail = marked("This password is easy to guess. Choose four or more unrelated words, or a random one.")
        raise Invalid(detail, pointer="/password")


def to_hash(password: str) -> str:
    """Return the Argon2id hash of a password, about 20 ms later."""
    with _one_at_a_time():
        return _compute(HASHER.hash, password)


def is_correct(password_hash: str | None, password: str) -> bool:
    """Return whether a password has this hash. Without a hash it is False after the same time."""
    if len(password) > MAX_LENGTH:
        return False
    with _one_at_a_time():
        try:
            is_match = _compute(HASHER.verify, password_hash or UNKNOWN_HASH, password)
        except (VerificationError, InvalidHashError):
            return False
    return is_match and password_hash is not None
