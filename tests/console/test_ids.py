"""No id that the console, the API or an address shows can be used to vote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conversations.talk import Talk, done

from .conftest import Desk


@pytest.fixture
def rated(talks: Callable[..., Talk]) -> Talk:
    """Return a chat whose first segment is rated and whose second one was asked about."""
    talk = talks(title="Order 17", visitor="customer-4711").chat()
    talk.vote(talk.ask(), 3)
    talk.say("visitor", "One more thing")
    talk.chat()
    talk.ask()
    return talk


def visible_text(desk: Desk, talk: Talk) -> str:
    """Return everything that the console's pages, its live token and the API say of the chat."""
    conversation = talk.read()["id"]
    pages = [
        "conversations",
        f"conversations/{conversation}",
        "agents",
        "overview",
        "overview/ratings",
        "surges",
        "audit",
        "live",
        "settings",
        "settings/general",
        "settings/privacy",
        "settings/privacy/requests?id=customer-4711",
        "settings/privacy/record",
    ]
    texts = [desk.console.get(f"{desk.site.key}/{page}").get_data(as_text=True) for page in pages]
    resources = [f"/conversations/{talk.id}", "/conversations", f"/conversations/{talk.id}/invitations", "/votes"]
    texts += [talk.api.get(resource).get_data(as_text=True) for resource in resources]
    return "\n".join(texts)


def test_no_id_that_is_shown_can_vote(desk: Desk, rated: Talk) -> None:
    text = visible_text(desk, rated)
    ids = {*re.findall(r"[\w-]{16,}", text), *re.findall(r"[\w.-]{16,}", text), rated.id, "customer-4711"}
    assert rated.read()["id"] in ids and rated.ledger()[0]["id"] in ids and len(ids) > 30

    for candidate in sorted(ids):
        bodies: list[dict[str, Any]] = [{}, {"conversation": rated.id}, {"kind": "conversation", "subject": rated.id}]
        for body in bodies:
            response = rated.page.vote(candidate, 1, **body)
            assert response.status_code in (403, 422), (candidate, body, response.status_code)
        claimed = {"kind": "conversation", "subject": candidate, "visitor": "customer-4711"}
        assert rated.page.vote(claimed, 1).status_code in (403, 422), candidate

    assert [vote["answer"]["score"] for vote in done(rated.api.get("/votes"))["votes"]] == [3]
