"""B1: no id that staff, a back end or an address shows is worth a vote."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conversations.talk import Talk, done

from .conftest import Desk


@pytest.fixture
def rated(talks: Callable[..., Talk]) -> Talk:
    """A chat whose first part is rated and whose second is asked about."""
    talk = talks(title="Order 17", visitor="customer-4711").chat()
    talk.vote(talk.ask(), 3)
    talk.say("visitor", "One more thing")
    talk.chat()
    talk.ask()
    return talk


def shown(desk: Desk, talk: Talk) -> str:
    """All that is said of the chat: by the console's pages, its pass to the stream, and the API."""
    conversation = talk.read()["id"]
    pages = ["conversations", f"conversations/{conversation}", "agents", "live"]
    texts = [desk.console.get(f"{desk.site.key}/{page}").get_data(as_text=True) for page in pages]
    resources = [f"/conversations/{talk.id}", "/conversations", f"/conversations/{talk.id}/invitations", "/votes"]
    texts += [talk.api.get(resource).get_data(as_text=True) for resource in [*resources, "/audit"]]
    return "\n".join(texts)


def test_no_id_that_is_shown_can_vote(desk: Desk, rated: Talk) -> None:
    said = shown(desk, rated)
    ids = {*re.findall(r"[\w-]{16,}", said), *re.findall(r"[\w.-]{16,}", said), rated.id, "customer-4711"}
    assert rated.read()["id"] in ids and rated.ledger()[0]["id"] in ids and len(ids) > 30

    for one in sorted(ids):
        bodies: list[dict[str, Any]] = [{}, {"conversation": rated.id}, {"kind": "conversation", "subject": rated.id}]
        for body in bodies:
            answer = rated.page.vote(one, 1, **body)
            assert answer.status_code in (403, 422), (one, body, answer.status_code)
        claimed = {"kind": "conversation", "subject": one, "visitor": "customer-4711"}
        assert rated.page.vote(claimed, 1).status_code in (403, 422), one

    assert [vote["answer"]["score"] for vote in done(rated.api.get("/votes"))["votes"]] == [3]
