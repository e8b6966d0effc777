"""Fixtures for answers to a survey that offers screenshots, and the images stored for them."""

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
    """A reader's answer, and the id of the browser that gave it."""

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
    """Return a function that creates answers to a survey that offers screenshots."""
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


def fetch_screenshot(api: Api, answer: Answer) -> Any:
    """Return the API's fields and bytes of an answer's screenshot; check that both exist or neither."""
    vote = api.get(f"/votes/{answer.vote}").get_json()
    response = api.get(f"/votes/{answer.vote}/screenshot")
    assert (response.status_code == 200) == (vote["screenshot"] is not None)
    return vote["screenshot"], response.data
