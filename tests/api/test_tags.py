"""Tests of ETags: an unchanged response is a 304 without a body."""

from __future__ import annotations

import pytest

from tests.api.conftest import Chat
from tests.back_end import Api
from tests.conversations.talk import Talk
from tests.factories import MadeSite, Make
from tests.widget.conftest import Page


@pytest.fixture
def talk(api: Api, make: Make, site: MadeSite) -> Talk:
    return Talk(api, Page(api.client, site.key, str(make.survey(site).revision))).chat()


@pytest.mark.parametrize("place", ["transcript", "conversations", "votes"])
def test_an_unchanged_response_is_not_sent_again(api: Api, talk: Talk, place: str) -> None:
    path = talk.path if place == "transcript" else f"/{place}"
    token = talk.ask()
    first = api.get(path)
    same = {"If-None-Match": first.headers["ETag"]}

    again = api.get(path, headers=same)
    talk.vote(token, 3)
    changed = api.get(path, headers=same)

    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    assert (changed.status_code, changed.headers["ETag"] == first.headers["ETag"]) == (200, False)


def test_only_successful_reads_have_an_etag(api: Api, chat: Chat) -> None:
    assert "ETag" not in api.get("/conversations/none").headers
    assert "ETag" not in chat.put(title="New").headers
