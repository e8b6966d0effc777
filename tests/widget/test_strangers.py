"""A stranger who knows everything public, such as the key, ids and the API's responses, cannot change a vote."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from ..back_end import Api
from ..conversations.rows import count, rows
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..invitations.mutants import mutants
from ..widget.conftest import Page, press_id
from .unlimited import config

__all__ = ["config"]
Talks = Callable[..., Talk]


@pytest.fixture
def talks(api: Api, page: Page) -> Talks:
    return lambda **fields: Talk(api, page, **fields)


@pytest.fixture
def talk(clock: SetClock, talks: Talks, api: Api) -> Talk:
    """Return a rated conversation with every kind of field."""
    done(api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    talk = talks(visitor="ann", customer_reference="A-17", custom_fields={"plan": "gold"}, page="/help")
    talk.say("visitor")
    talk.say("agent", agent="anna")
    talk.vote(talk.ask(), 3, comment="Fine")
    return talk


def values(content: Any) -> Iterator[str]:
    """Yield every text within a JSON value, and every id within a text."""
    if isinstance(content, dict):
        for name, value in content.items():
            yield from values(name)
            yield from values(value)
    elif isinstance(content, list):
        for value in content:
            yield from values(value)
    elif isinstance(content, str):
        yield content
        yield from re.findall(r"[0-9a-f-]{22,}|[A-Za-z0-9_-]{20,}", content)


def seen_by_agents(talk: Talk) -> set[str]:
    """Return every value that the API returns of a conversation, and those that every page has."""
    responses = [
        talk.read(),
        talk.ledger(),
        *(done(talk.api.get(path)) for path in ("/conversations", "/votes", "/agents")),
    ]
    responses += [done(talk.api.get(f"/votes/{vote['id']}")) for vote in done(talk.api.get("/votes"))["votes"]]
    texts = {value for value in values(responses) if value}
    return texts | {talk.id, talk.page.key, talk.page.revision}


def test_agents_receive_no_secret_of_the_visitor(app: Flask, talk: Talk) -> None:
    token = done(talk.page.end(talk.id))["token"]
    everything = json.dumps(sorted(seen_by_agents(talk)))
    vote = rows(app, "vote")[0]
    for secret in (token, token.split(".")[1], talk.page.browser, vote.client_hash):
        assert secret not in everything
    assert "browser" not in json.dumps(talk.read()).replace('"proof": "browser"', "")


@pytest.mark.slow
def test_nothing_seen_by_agents_opens_a_vote(app: Flask, talk: Talk) -> None:
    before = rows(app, "vote"), rows(app, "vote_change"), rows(app, "invitation")
    stranger = Page(talk.page.client, talk.page.key, talk.page.revision)
    known_values = seen_by_agents(talk)
    assert len(known_values) > 30
    for value in known_values:
        for token in {value, f"k1.{value}", f"k1.{value.replace('-', '')}"}:
            assert stranger.vote(token, 1).status_code in (403, 422)
            assert stranger.post("dismissed", {"token": token}).status_code in (403, 422)
        for kind in ("conversation", "segment", "invitation", "vote"):
            assert stranger.vote({"kind": kind, "subject": value}, 1).status_code == 422
    assert (rows(app, "vote"), rows(app, "vote_change"), rows(app, "invitation")) == before


@pytest.mark.slow
def test_nothing_seen_by_agents_is_a_browser_or_a_visitor(app: Flask, talk: Talk) -> None:
    """Use ids as the browser's secret, or the visitor's id unsigned: at most they create a separate claim."""
    token = done(talk.page.end(talk.id))["token"]
    stranger = Page(talk.page.client, talk.page.key, talk.page.revision)
    for value in seen_by_agents(talk):
        bodies = [{"browser": part} for part in {value, value[:22]}]
        for body in (*bodies, {"browser": press_id(), "visitor": value[:200]}):
            polled = stranger.post("poll", {"conversation": talk.id, "revisions": [], **body})
            assert polled.status_code in (204, 422)
            ended = stranger.post("ended", {"conversation": talk.id, "revisions": [], **body})
            assert ended.status_code in (200, 422)
            assert token not in ended.get_data(as_text=True)
    assert talk.statuses() == ["voted"]
    assert all(row.unverified_id == talk.id for row in rows(app, "conversation") if row.external_id is None)


def test_key_and_conversation_id_reveal_nothing(app: Flask, talk: Talk) -> None:
    """Call `ended` and `poll` as a stranger: responses are the same, and the real conversation stays unchanged."""
    waiting = Talk(talk.api, talk.page, visitor="ann").chat()
    names = [talk.id, waiting.id, "no such conversation"]
    before = talk.read(), waiting.read()
    for what in ("ended", "poll"):
        bare = [talk.page.post(what, {"conversation": name}) for name in names]
        assert {(answer.status_code, answer.data) for answer in bare} == {(422, bare[0].data)}
    polled = [talk.page.post("poll", {"conversation": name, "browser": press_id()}) for name in names]
    assert {(answer.status_code, answer.data) for answer in polled} == {(204, b"")}
    answers = [done(talk.page.post("ended", {"conversation": name, "browser": press_id()})) for name in names]
    assert len({answer.pop("token") for answer in answers}) == len(names)
    assert all(answer == answers[0] for answer in answers)
    assert (talk.read(), waiting.read()) == before
    assert (talk.statuses(), waiting.statuses()) == (["voted"], [])


@ON_BOTH
def test_the_vote_of_a_claim_does_not_reach_the_conversation_it_names(app: Flask, talk: Talk) -> None:
    stranger = Page(talk.page.client, talk.page.key, talk.page.revision)
    receipt = done(stranger.vote(done(stranger.end(talk.id))["token"], 1, comment="I was never there"))
    assert talk.segments()[0]["rating"]["answer"]["score"] == 3
    apart = [row for row in done(talk.api.get("/conversations"))["conversations"] if row["external_id"] is None]
    assert [(row["unverified_id"], row["rating"]["vote"], row["rating"]["verified"]) for row in apart] == [
        (talk.id, receipt["vote"], False)
    ]
    assert count(app, "vote") == 2


@pytest.mark.slow
def test_no_route_accepts_an_altered_token(app: Flask, talk: Talk, talks: Talks) -> None:
    """Try a sample of the altered tokens on every route; other tests try all of them on the verifier."""
    token, other = talks().chat().ask(), done(talk.page.end(talk.id))["token"]
    before = rows(app, "invitation")
    sample = sorted(mutants(token, other))[::9]
    assert len(sample) > 100
    for mutant in sample:
        for answer in (talk.page.vote(mutant, 1), talk.page.post("seen", {"token": mutant})):
            assert answer.status_code in (403, 422), mutant
    assert rows(app, "invitation") == before
