"""Fixtures for a page of a site that calls the public endpoints."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.core import tokens

from ..factories import ORIGIN, REASONED, MadeSite, MadeSurvey, Make


def press_id() -> str:
    """Return the random id that a browser creates for each intention to vote."""
    return tokens.b64(secrets.token_bytes(16))


@dataclass
class Page:
    """A browser's page with the site's tag; `browser` is the secret of its running chat."""

    client: FlaskClient
    key: str
    revision: str
    origin: str | None = ORIGIN
    browser: str = field(default_factory=press_id)

    def post(self, endpoint: str, body: Any, **options: Any) -> Any:
        headers = {"Origin": self.origin} if self.origin else {}
        return self.client.post(
            f"/w/{self.key}/{endpoint}", json=body, headers={**headers, **options.pop("headers", {})}, **options
        )

    def end(self, conversation: str | None = "c1", **more: Any) -> Any:
        body = {"conversation": conversation, "browser": self.browser, "revisions": [self.revision], **more}
        return self.post("ended", body)

    def poll(self, conversation: str | None = "c1", **more: Any) -> Any:
        return self.post("poll", {"conversation": conversation, "browser": self.browser, **more})

    def vote(self, target: Any, score: int | None = 3, *, id: str | None = None, rev: int = 1, **more: Any) -> Any:
        """Send a vote on a target: a token, or the fields that name a subject."""
        target_fields = {"token": target} if isinstance(target, str) else target
        body = {**target_fields, "id": id or press_id(), "rev": rev, "revision": self.revision, "score": score, **more}
        return self.post("votes", body)


@pytest.fixture
def survey(make: Make, site: MadeSite) -> MadeSurvey:
    return make.survey(site, **REASONED)


@pytest.fixture
def page(client: FlaskClient, site: MadeSite, survey: MadeSurvey) -> Page:
    return Page(client, site.key, str(survey.revision))


@pytest.fixture
def article_page(client: FlaskClient, make: Make, site: MadeSite) -> Page:
    return Page(client, site.key, str(make.survey(site, "article", **REASONED).revision))
