"""The limits of docs/operate/production.md: one per rating, and one per source for many visitors."""

from __future__ import annotations

import dataclasses

import pytest

from tests.conversations.rows import count
from tests.factories import ORIGIN, MadeSite, Make
from tests.widget.conftest import Page, press_id
from widget_server.core.config import Config

PER_TARGET, PER_SOURCE = 3, 10
ARTICLE = {"kind": "article", "subject": "/returns"}


@pytest.fixture
def config(config: Config) -> Config:
    return dataclasses.replace(config, votes_per_target_per_minute=PER_TARGET, votes_per_source_per_minute=PER_SOURCE)


def test_a_visitor_with_one_id_meets_the_limit_of_the_rating(make: Make, site: MadeSite) -> None:
    page = Page(make.client, site.key, str(make.survey(site, "article").revision), ORIGIN)
    reader = press_id()
    answers = [page.vote(ARTICLE, 3, id=reader, rev=rev) for rev in range(1, PER_TARGET + 2)]
    assert [answer.status_code for answer in answers] == [200] * PER_TARGET + [429]
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_many_ids_from_one_source_meet_the_limit_of_the_source(make: Make, site: MadeSite) -> None:
    page = Page(make.client, site.key, str(make.survey(site, "article").revision), ORIGIN)
    answers = [page.vote(ARTICLE, 3).status_code for _ in range(PER_SOURCE + 3)]
    assert answers == [200] * PER_SOURCE + [429] * 3
    assert count(make.client.application, "vote") == PER_SOURCE, "each id is one more reader"
