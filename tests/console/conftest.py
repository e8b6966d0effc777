"""Browsers in front of the console, signed in or not, and the pages of one site."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.factories import MadeSite
from widget_server.accounts.sign_in import link_address
from widget_server.core import clock

from ..conversations.conftest import article_page, config, page, survey, talk, talks
from .html import Element, read

__all__ = ["article_page", "config", "page", "survey", "talk", "talks"]


class Console:
    """A browser in front of the console, with its cookies."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.client: FlaskClient = app.test_client()

    def link(self) -> str:
        """Return the path of a new one-time link."""
        return link_address("", self.app.config["SECRET_KEYS"], clock.now())

    def sign_in(self) -> None:
        assert self.press(self.link()).status_code == 303

    def press(self, link: str, **headers: str) -> Any:
        """Press the button on the link's page."""
        return self.client.post(link.partition("#")[0], data={"code": link}, headers=headers)

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(f"/console/{path}", **options)

    def read(self, path: str, status: int = 200, **options: Any) -> Element:
        """Return the tree of a page, and check its status and type."""
        response = self.get(path, **options)
        assert response.status_code == status, response.get_data(as_text=True)
        assert response.content_type == "text/html; charset=utf-8"
        return read(response.get_data(as_text=True))


@pytest.fixture
def stranger(app: Flask) -> Console:
    """Return a browser that is not signed in."""
    return Console(app)


@pytest.fixture
def console(app: Flask) -> Console:
    signed_in = Console(app)
    signed_in.sign_in()
    return signed_in


class Desk:
    """The console of one site."""

    def __init__(self, console: Console, site: MadeSite) -> None:
        self.console = console
        self.site = site

    def rows(self, **query: str) -> list[Element]:
        """Return the rows of the list, newest first."""
        page = self.console.read(f"{self.site.key}/conversations", query_string=query)
        return list(page.all("a", klass="row"))

    def titles(self, **query: str) -> list[str]:
        return [row.one("b").text for row in self.rows(**query)]

    def transcript(self, conversation: str, **query: str) -> Element:
        """Return the page of a conversation by its id in the API."""
        return self.console.read(f"{self.site.key}/conversations/{conversation}", query_string=query)

    def send(self, form: Element, headers: dict[str, str] | None = None, **fields: str) -> Any:
        """Send a form with its hidden fields."""
        hidden = {field["name"]: field["value"] for field in form.all("input", type="hidden")}
        return self.console.client.post(form["action"], data={**hidden, **fields}, headers=headers)

    def bands(self, conversation: str) -> list[Element]:
        return list(self.transcript(conversation).all("section", klass="band"))

    def band(self, conversation: str) -> Element:
        return self.transcript(conversation).one("section", klass="band")


@pytest.fixture
def desk(console: Console, site: MadeSite) -> Desk:
    return Desk(console, site)
