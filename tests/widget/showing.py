"""Readers' answers to a survey that takes screenshots, and what is kept of their pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server.web.rate_limits import Limiter

from ..back_end import Api
from ..factories import ORIGIN, MadeSite, Make
from .conftest import Page, press_id


@dataclass
class Answer:
    """A reader's answer, and the browser that holds it."""

    page: Page
    vote: str
    id: str

    def call(
        self, method: str, data: bytes = b"", *, key: str = "", vote: str = "", id: str = "", **options: Any
    ) -> Any:
        headers = {"Origin": ORIGIN, "Authorization": f"Bearer {id or self.id}", **options.pop("headers", {})}
        path = f"/w/{key or self.page.key}/votes/{vote or self.vote}/screenshot"
        return self.page.client.open(path, method=method, data=data, headers=headers, **options)

    def show(self, data: bytes, **options: Any) -> Any:
        return self.call("PUT", data, **options)


Answers = Callable[..., Answer]


@pytest.fixture
def answers(client: FlaskClient, make: Make, site: MadeSite) -> Answers:
    """Makes answers to a survey that takes screenshots."""
    revision = str(make.survey(site, "article", screenshot=True).revision)

    def answer(subject: str = "/help", score: int = 1) -> Answer:
        page, id = Page(client, site.key, revision), press_id()
        return Answer(page, page.vote({"kind": "article", "subject": subject}, score, id=id).get_json()["vote"], id)

    return answer


@pytest.fixture
def answer(answers: Answers) -> Answer:
    return answers()


def unlimited(app: Flask) -> None:
    app.extensions["tilfreds_limiter"] = Limiter("memory://")


def kept(api: Api, answer: Answer) -> Any:
    """What the API tells of the picture, which it has as well."""
    told = api.get(f"/votes/{answer.vote}").get_json()
    got = api.get(f"/votes/{answer.vote}/screenshot")
    assert (got.status_code == 200) == (told["screenshot"] is not None)
    return told["screenshot"], got.data
