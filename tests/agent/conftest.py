"""Fixtures that the tests of an agent's page share with those of the API."""

from __future__ import annotations

from ..api.conftest import chat

__all__ = ["chat"]
