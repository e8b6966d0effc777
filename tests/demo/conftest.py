"""The shop as a test calls it, and a Tilfreds that only listens."""

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
    """Stands where the REST API stands and keeps what it was told; `trouble` is raised instead while it is set."""

    told: list[tuple[Any, ...]] = field(default_factory=list)
    trouble: OSError | None = None

    def hear(self, *what: Any) -> dict[str, Any]:
        if self.trouble is not None:
            raise self.trouble
        self.told.append(what)
        return {}

    def put_agent(self, agent: str, **facts: Any) -> None:
        self.hear("agent", agent)

    def put_conversation(self, conversation: str, **facts: Any) -> None:
        self.hear("put", facts)

    def add_messages(self, conversation: str, messages: list[dict[str, Any]]) -> None:
        self.hear("say", *[(message["author"], message["text"]) for message in messages])

    def end(self, conversation: str, **facts: Any) -> dict[str, Any]:
        return self.hear("end", facts["closer"])

    def ledger(self, conversation: str) -> list[dict[str, Any]]:
        self.hear("ledger")
        return []


@pytest.fixture
def listener() -> Listener:
    return Listener()


class KnownLinks(Links):
    """Links without the command that makes them."""

    def _make(self) -> str:
        return AGENT_LINK


@pytest.fixture
def shop_for() -> Callable[..., FlaskClient]:
    """The shop's own client, for a Tilfreds at an address."""

    def make(address: str, keys: Keys, pace: float = 0.0) -> FlaskClient:
        return create_shop(address, lambda: keys, KnownLinks([]), pace=pace).test_client()

    return make


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The address of the application behind a real socket."""
    with listening(app) as url:
        yield url


@pytest.fixture
def krans(make: Make) -> MadeSite:
    """A site with both surveys."""
    site = make.site(allowed_origins=["http://127.0.0.1:*"])
    make.survey(site)
    make.survey(site, "article")
    return site


@pytest.fixture
def shop(shop_for: Callable[..., FlaskClient], served: str, krans: MadeSite) -> FlaskClient:
    """The shop beside the real application."""
    return shop_for(served, Keys(krans.key, krans.api_key, krans.signing_secret))


@pytest.fixture
def api_of(client: FlaskClient) -> Callable[[MadeSite], Api]:
    return lambda site: Api(client, site.api_key)
