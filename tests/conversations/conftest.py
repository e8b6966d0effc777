"""Talks: conversations with both of their sides, on a site that limits nobody."""

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
    """The tests of these folders press more often than a minute allows; limits have tests of their own."""
    return dataclasses.replace(
        config,
        votes_per_target_per_minute=PLENTY,
        votes_per_source_per_minute=PLENTY,
        ended_per_source_per_minute=PLENTY,
    )


@pytest.fixture
def talks(api: Api, page: Page) -> Callable[..., Talk]:
    """Makes talks; each takes the fields of the API's conversation."""
    return lambda **fields: Talk(api, page, **fields)


@pytest.fixture
def talk(clock: SetClock, talks: Callable[..., Talk]) -> Talk:
    """A talk in which nothing was said, on a clock that stands still."""
    return talks()
