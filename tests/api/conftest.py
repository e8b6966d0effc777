"""Fixtures of the tests of the API."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.back_end import Api
from widget_server.core import tokens


@pytest.fixture
def operator(client: FlaskClient, app: Flask) -> Api:
    """Return the API for the server's operator, with a token that is valid for 15 minutes."""
    expires_at = datetime.now(UTC) + timedelta(minutes=15)
    return Api(client, tokens.sign(app.config["SECRET_KEYS"], "tfo", "operator", {}, expires_at))


class Chat:
    """A conversation as a back end sends it: messages of `visitor` and `agent`, then `end`."""

    def __init__(self, api: Api, external_id: str) -> None:
        self.api = api
        self.path = f"/conversations/{external_id}"
        self.count = 0

    def put(self, **fields: Any) -> Any:
        return self.api.put(self.path, fields)

    def write(self, author: str, text: str = "Hello", **fields: Any) -> Any:
        self.count += 1
        message = {"external_id": f"m{self.count}", "author": author, "text": text, **fields}
        return self.api.post(f"{self.path}/messages", message)

    def end(self, **fields: Any) -> Any:
        return self.api.post(f"{self.path}/end", fields)

    def read(self) -> Any:
        return self.api.get(self.path).get_json()


@pytest.fixture
def chat(api: Api) -> Chat:
    """Return a conversation `c1` with a message of the visitor and one of an agent."""
    new_chat = Chat(api, "c1")
    assert new_chat.put(visitor="ann").status_code == 200
    assert new_chat.write("visitor").status_code == 200
    assert new_chat.write("agent", "Hi").status_code == 200
    return new_chat
