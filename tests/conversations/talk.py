"""A conversation from both sides: the back end sends it to the API, and the visitor's page rates it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from itertools import count
from typing import Any

from widget_server.core import tokens

from ..conftest import Api
from ..widget.conftest import Page, press_id

_numbers = count(1)


def done(response: Any, status: int = 200) -> Any:
    """Return the JSON of a response, which must have this status."""
    assert response.status_code == status, response.get_data(as_text=True)
    return response.get_json()


class Talk:
    """A conversation whose back end sent the visitor's browser. Its ids and its browser are unique."""

    def __init__(self, api: Api, page: Page, /, **fields: Any) -> None:
        self.api = api
        self.id = f"talk-{next(_numbers)}"
        self.path = f"/conversations/{self.id}"
        self.page = replace(page, browser=press_id())
        self.tell(browser=tokens.digest(self.page.browser), **fields)

    def tell(self, **fields: Any) -> Any:
        return done(self.api.put(self.path, fields))

    def say(self, author: str, text: str = "Hello", sent_at: datetime | None = None, **fields: Any) -> str:
        """Send a message and return its external id."""
        name = fields.pop("external_id", None) or f"m{next(_numbers)}"
        time_fields = {"sent_at": sent_at.isoformat()} if sent_at else {}
        done(
            self.api.post(
                f"{self.path}/messages", {"external_id": name, "author": author, "text": text, **time_fields, **fields}
            )
        )
        return name

    def chat(self) -> Talk:
        """Send the messages that asking requires: one of the visitor and one of an agent."""
        messages = [
            {"external_id": f"m{next(_numbers)}", "author": author, "text": "Hello"} for author in ("visitor", "agent")
        ]
        done(self.api.post(f"{self.path}/messages", {"messages": messages}))
        return self

    def end(self, **fields: Any) -> Any:
        """End the conversation as the back end and return the decision."""
        return done(self.api.post(f"{self.path}/end", fields))

    def reopen(self) -> Any:
        return done(self.api.post(f"{self.path}/reopen"))

    def ask(self) -> str:
        """End the conversation as the page and return the token of the invitation."""
        answer = done(self.page.end(self.id))
        assert answer["asked"], answer
        return str(answer["token"])

    def vote(self, token: str, score: int | None = 3, **more: Any) -> Any:
        return done(self.page.vote(token, score, **more))

    def read(self) -> Any:
        return done(self.api.get(self.path))

    def segments(self) -> list[Any]:
        return list(self.read()["segments"])

    def ledger(self) -> list[Any]:
        return list(done(self.api.get(f"{self.path}/invitations"))["invitations"])

    def statuses(self) -> list[str]:
        return [row["status"] for row in self.ledger()]
