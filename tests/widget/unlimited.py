"""Settings for tests that call more often than a minute allows; other tests cover the limits."""

from __future__ import annotations

from ..conversations.conftest import config

__all__ = ["config"]
