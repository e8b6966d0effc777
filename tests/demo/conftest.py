"""The shop with a test client, and a fake Tilfreds that records calls."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from widget_server.demo.links import Links
from widget_server.demo.shop import Keys, create_shop

from ..conftest import Api
from ..factories import MadeSite, Make
from ..serving import listening

AGENT_LINK = "http://127.0.0.1:8000/sign-in?token=once"


@dataclass
class Listener:
    """A fake REST API that records calls, or raises `error` while it is set."""

    calls: list[tuple[Any, ...]] = field(default_factory=list)
    error: OSError | None = None

    def record(self, *call: Any) -> dict[str, Any]:
        if self.error is not None:
            raise self.error
        self.calls.append(call)
        return {}

    def put_agent(self, agent: str, **facts: Any) -> None:
        self.record("agent", agent)

    def put_conversation(self, conversation: str, **facts: Any) -> None:
        self.record("put", facts)

    def add_messages(self, conversation: str, messages: list[dict[str, Any]]) -> None:
        self.record("say", *[(message["author"], message["text"]) for message in messages])

    def end(self, conversation: str, **facts: Any) -> dict[str, Any]:
        return self.record("end", facts["closer"])

    def list_invitations(self, conversation: str) -> list[dict[str, Any]]:
        self.record("invitations")
        return []


@pytest.fixture
def listener() -> Listener:
    return Listener()


class KnownLinks(Links):
    """Links without the command that creates them."""

    def _create_link(self) -> str:
        return AGENT_LINK


@pytest.fixture
def shop_for() -> Callable[..., FlaskClient]:
    """Return a function that creates a test client of the shop, for a Tilfreds at an address."""

    def make(address: str, keys: Keys, pace: float = 0.0) -> FlaskClient:
        return create_shop(address, lambda: keys, KnownLinks([]), pace=pace).test_client()

    return make


@pytest.fixture
def server_url(app: Flask) -> Iterator[str]:
    """Serve the application on a real socket and yield its address."""
    with listening(app) as url:
        yield url


@pytest.fixture
def krans(make: Make) -> MadeSite:
    """Create a site with both surveys."""
    site = make.site(allowed_origins=["http://127.0.0.1:*"])
    make.survey(site)
    make.survey(site, "article")
    return site


@pytest.fixture
def shop(shop_for: Callable[..., FlaskClient], server_url: str, krans: MadeSite) -> FlaskClient:
    """Return a client of the shop beside the real application."""
    return shop_for(server_url, Keys(krans.key, krans.api_key, krans.signing_secret))


@pytest.fixture
def api_of(client: FlaskClient) -> Callable[[MadeSite], Api]:
    return lambda site: Api(client, site.api_key)
