"""How often somebody may call: counted in this process, or in Redis for several.

Addresses are counted, never stored.
"""

from __future__ import annotations

import functools
import logging
import threading
import time

from flask import Flask, current_app
from limits import RateLimitItem, RateLimitItemPerDay, RateLimitItemPerMinute
from limits.storage import Storage, storage_from_string
from limits.strategies import FixedWindowRateLimiter

from ..core.errors import TooMany

log = logging.getLogger("tilfreds.limits")
#: How long a vote waits for the shared store, and for how long a store that failed is not asked.
STORE_SECONDS = 0.25
REST_SECONDS = 2.0


class ProcessStorage(Storage):
    """Counts in this process. The library's own memory store starts a thread for almost every call; this one sweeps."""

    STORAGE_SCHEME = ["process"]
    SWEEP_AT = 10_000

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, tuple[int, float]] = {}
        self.lock = threading.Lock()

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        now = time.time()
        with self.lock:
            count, ends_at = self.counts.get(key, (0, 0.0))
            if ends_at <= now:
                count, ends_at = 0, now + expiry
                self._sweep(now)
            self.counts[key] = (count + amount, ends_at)
            return count + amount

    def _sweep(self, now: float) -> None:
        """Forget what is over, once there is much; twice as many living ones are the next threshold."""
        if len(self.counts) < self.SWEEP_AT:
            return
        self.counts = {key: kept for key, kept in self.counts.items() if kept[1] > now}
        self.SWEEP_AT = max(ProcessStorage.SWEEP_AT, 2 * len(self.counts))

    def get(self, key: str) -> int:
        count, ends_at = self.counts.get(key, (0, 0.0))
        return count if ends_at > time.time() else 0

    def get_expiry(self, key: str) -> float:
        return self.counts.get(key, (0, time.time()))[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        with self.lock:
            count = len(self.counts)
            self.counts = {}
        return count

    def clear(self, key: str) -> None:
        with self.lock:
            self.counts.pop(key, None)


def shared(url: str) -> FixedWindowRateLimiter:
    """Counts in the store of a LIMITER_URL, which is soon given up: by itself the library waits for seconds."""
    if not url.startswith(("redis", "valkey")):
        return FixedWindowRateLimiter(storage_from_string(url))
    options = {"socket_timeout": STORE_SECONDS, "socket_connect_timeout": STORE_SECONDS}
    return FixedWindowRateLimiter(storage_from_string(url, **options))


class Limiter:
    """A window of time per name and key; a shared store that is away is replaced by this process's own counts."""

    def __init__(self, url: str) -> None:
        self.own = FixedWindowRateLimiter(ProcessStorage())
        self.shared = self.own if url == "memory://" else shared(url)
        #: After a failure the store is left alone until then, so that it is not every vote that waits for it.
        self.asked_again_at = 0.0
        self.lock = threading.Lock()

    def hit(self, name: str, key: str, per_minute: int) -> None:
        """Count one call; `TooMany` with the seconds to wait once there are more than `per_minute`."""
        self._take(_per_minute(per_minute), name, key)

    def take_daily(self, name: str, key: str, per_day: int) -> None:
        """The same with a window of a day."""
        self._take(RateLimitItemPerDay(per_day), name, key)

    def _take(self, item: RateLimitItem, name: str, key: str) -> None:
        if self.shared is self.own or not self._may_ask():
            allowed, window = self._hit(self.own, item, name, key)
        else:
            try:
                allowed, window = self._hit(self.shared, item, name, key)
                self.asked_again_at = 0.0
            except Exception as error:  # the store's own errors differ by store; a vote must pass whichever it is
                self.asked_again_at = time.monotonic() + REST_SECONDS
                log.warning("limits are counted in this process alone: %s", type(error).__name__)
                allowed, window = self._hit(self.own, item, name, key)
        if not allowed:
            wait = max(1, round(window - time.time()))
            raise TooMany(f"Too many in a {item.GRANULARITY.name}. Try again in {wait} s.", retry_after=wait)

    def _may_ask(self) -> bool:
        """Whether the store is there, as far as is known; after a rest one caller alone finds out."""
        if not self.asked_again_at:
            return True
        with self.lock:
            now = time.monotonic()
            if now < self.asked_again_at:
                return False
            self.asked_again_at = now + REST_SECONDS
            return True

    @staticmethod
    def _hit(limiter: FixedWindowRateLimiter, item: RateLimitItem, name: str, key: str) -> tuple[bool, float]:
        if limiter.hit(item, name, key):
            return True, 0.0
        return False, limiter.get_window_stats(item, name, key).reset_time


@functools.cache
def _per_minute(count: int) -> RateLimitItemPerMinute:
    return RateLimitItemPerMinute(count)


def init_app(app: Flask, url: str) -> None:
    app.extensions["tilfreds_limiter"] = Limiter(url)


def hit(name: str, key: str, per_minute: int) -> None:
    """Count one call against this application's limiter."""
    limiter: Limiter = current_app.extensions["tilfreds_limiter"]
    limiter.hit(name, key, per_minute)


def take_daily(name: str, key: str, per_day: int) -> None:
    """The same, of so many in a day."""
    limiter: Limiter = current_app.extensions["tilfreds_limiter"]
    limiter.take_daily(name, key, per_day)
