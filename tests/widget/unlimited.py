"""Settings for tests that call more often than a minute allows; limits have tests of their own."""

from __future__ import annotations

from ..conversations.conftest import config

__all__ = ["config"]
