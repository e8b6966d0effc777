"""Conversations with their two sides, the back end and the page, on a site without rate limits."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest

from widget_server.core.config import Config

from ..conftest import Api, SetClock
from ..widget.conftest import Page, article_page, page, survey
from .talk import Talk

__all__ = ["article_page", "config", "page", "survey", "talk", "talks"]
PLENTY = 1_000_000


@pytest.fixture
def config(config: Config) -> Config:
    """Lift the limits, as these tests vote more often than a minute allows. Limits have separate tests."""
    return dataclasses.replace(
        config,
        votes_per_target_per_minute=PLENTY,
        votes_per_source_per_minute=PLENTY,
        ended_per_source_per_minute=PLENTY,
    )


@pytest.fixture
def talks(api: Api, page: Page) -> Callable[..., Talk]:
    """Return a function that creates a conversation with these fields of the API."""
    return lambda **fields: Talk(api, page, **fields)


@pytest.fixture
def talk(clock: SetClock, talks: Callable[..., Talk]) -> Talk:
    """Return a conversation without messages, on a frozen clock."""
    return talks()
