"""A clock for tests that changes only when a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta


class SetClock:
    """A clock with a settable time."""

    def __init__(self, moment: datetime) -> None:
        self.moment = moment

    def now(self) -> datetime:
        return self.moment

    def set(self, moment: datetime) -> None:
        self.moment = moment.astimezone(UTC)

    def forward(self, **amount: float) -> datetime:
        """Move by `timedelta(**amount)`: `clock.forward(minutes=5)`."""
        self.moment += timedelta(**amount)
        return self.moment
