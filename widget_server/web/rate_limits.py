"""Rate limits, counted in this process or in Redis for several processes.

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
from ..core.marked_texts import N_, marked

log = logging.getLogger("tilfreds.limits")
#: How long a vote waits for the shared store, and how long a failed store is left out.
STORE_TIMEOUT_SECONDS = 0.25
STORE_PAUSE_SECONDS = 2.0

#: The spans of limits: one unit, and several.
SPANS = {
    "second": (N_("one second"), N_("%(count)s seconds")),
    "minute": (N_("one minute"), N_("%(count)s minutes")),
    "hour": (N_("one hour"), N_("%(count)s hours")),
    "day": (N_("one day"), N_("%(count)s days")),
}


class ProcessStorage(Storage):
    """The counts of this process.

    The memory store of the library starts a thread for almost every call; this one removes expired counts itself. Its
    windows end by the monotonic clock, so that a step of the machine's clock neither prolongs nor ends them.
    """

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
        now = time.monotonic()
        with self.lock:
            count, ends_at = self.counts.get(key, (0, 0.0))
            if ends_at <= now:
                count, ends_at = 0, now + expiry
                self._sweep(now)
            self.counts[key] = (count + amount, ends_at)
            return count + amount

    def _sweep(self, now: float) -> None:
        """Remove expired counts once there are `SWEEP_AT`.

        The next threshold is twice the number that remains.
        """
        if len(self.counts) < self.SWEEP_AT:
            return
        self.counts = {key: entry for key, entry in self.counts.items() if entry[1] > now}
        self.SWEEP_AT = max(ProcessStorage.SWEEP_AT, 2 * len(self.counts))

    def get(self, key: str) -> int:
        count, ends_at = self.counts.get(key, (0, 0.0))
        return count if ends_at > time.monotonic() else 0

    def get_expiry(self, key: str) -> float:
        """Return the end of the window as Unix time, as the library expects it."""
        now = time.monotonic()
        return time.time() + max(0.0, self.counts.get(key, (0, now))[1] - now)

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


def make_shared_limiter(url: str) -> FixedWindowRateLimiter:
    """Return a limiter on the store of a LIMITER_URL.

    Its timeouts are short, because by default the library waits for seconds.
    """
    if not url.startswith(("redis", "valkey")):
        return FixedWindowRateLimiter(storage_from_string(url))
    options = {"socket_timeout": STORE_TIMEOUT_SECONDS, "socket_connect_timeout": STORE_TIMEOUT_SECONDS}
    return FixedWindowRateLimiter(storage_from_string(url, **options))


class Limiter:
    """A fixed window per name and key.

    While a shared store is unreachable, the counts of this process replace it.
    """

    def __init__(self, url: str) -> None:
        self.local = FixedWindowRateLimiter(ProcessStorage())
        self.shared = self.local if url == "memory://" else make_shared_limiter(url)
        #: After a failure, the time until which the store is left out, so that not every vote waits for it.
        self.paused_until = 0.0
        self.lock = threading.Lock()

    def hit(self, name: str, key: str, per_minute: int) -> None:
        """Count one call.

        Raises:
            TooMany: there were more than `per_minute`; it has the seconds to wait.
        """
        self._hit_window(_per_minute(per_minute), name, key)

    def hit_daily(self, name: str, key: str, per_day: int) -> None:
        """Count one call in the window of a day.

        Raises:
            TooMany: there were more than `per_day`.
        """
        self._hit_window(RateLimitItemPerDay(per_day), name, key)

    def hit_minutes(self, name: str, key: str, count: int, minutes: int) -> None:
        """Count one call in a window of `minutes`.

        Raises:
            TooMany: there were more than `count`.
        """
        self._hit_window(RateLimitItemPerMinute(count, minutes), name, key)

    def _hit_window(self, item: RateLimitItem, name: str, key: str) -> None:
        if self.shared is self.local or not self._may_use_shared():
            is_allowed, resets_at = self._hit(self.local, item, name, key)
        else:
            try:
                is_allowed, resets_at = self._hit(self.shared, item, name, key)
                self.paused_until = 0.0
            except Exception as error:  # each store has other errors, and a vote must pass whichever it is
                self.paused_until = time.monotonic() + STORE_PAUSE_SECONDS
                log.warning("limits are counted in this process alone: %s", type(error).__name__)
                is_allowed, resets_at = self._hit(self.local, item, name, key)
        if not is_allowed:
            wait_seconds = max(1, round(resets_at - time.time()))
            one, several = SPANS[item.GRANULARITY.name]
            span = marked(one if item.multiples == 1 else several, count=item.multiples)
            detail = marked(
                "Too many requests in %(span)s. Try again in %(seconds)s s.", span=span, seconds=wait_seconds
            )
            raise TooMany(detail, retry_after=wait_seconds)

    def _may_use_shared(self) -> bool:
        """Return whether to use the shared store. After a pause only one caller tries it."""
        if not self.paused_until:
            return True
        with self.lock:
            now = time.monotonic()
            if now < self.paused_until:
                return False
            self.paused_until = now + STORE_PAUSE_SECONDS
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
    """Count one call with the limiter of this application, in the window of a minute."""
    limiter: Limiter = current_app.extensions["tilfreds_limiter"]
    limiter.hit(name, key, per_minute)


def hit_daily(name: str, key: str, per_day: int) -> None:
    """Count one call with the limiter of this application, in the window of a day."""
    limiter: Limiter = current_app.extensions["tilfreds_limiter"]
    limiter.hit_daily(name, key, per_day)


def hit_minutes(name: str, key: str, count: int, minutes: int) -> None:
    """Count one call with the limiter of this application, in a window of `minutes`."""
    limiter: Limiter = current_app.extensions["tilfreds_limiter"]
    limiter.hit_minutes(name, key, count, minutes)
