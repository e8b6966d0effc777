"""Responses do not reveal what exists: another site's object gets, byte for byte, the response of a missing one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import event

from widget_server.storage.engines import Engines

from ..back_end import Api
from ..conversations.talk import Talk, done
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from .conftest import Page, press_id
from .unlimited import config

__all__ = ["config"]
#: Different in each response.
OWN_HEADERS = {"X-Request-Id", "Date"}


def comparable(answer: Any) -> tuple[Any, ...]:
    """Return all of a response that could distinguish two."""
    headers = sorted((name, value) for name, value in answer.headers if name not in OWN_HEADERS)
    return answer.status_code, headers, answer.data


@pytest.fixture
def stranger(make: Make) -> tuple[MadeSite, Api]:
    """Return another site of the same server."""
    site = make.site(name="Other", allowed_origins=["https://other.example"])
    return site, make.back_end(site)


@pytest.fixture
def talk(clock: SetClock, api: Api, page: Page) -> Talk:
    talk = Talk(api, page, visitor="ann")
    done(api.put("/agents/anna", {"name": "Anna"}))
    talk.chat().vote(talk.ask(), 1, comment="Slow")
    return talk


@pytest.fixture
def statements_log(app: Flask) -> Iterator[list[str]]:
    """Yield the database statements in order; a slower response would run more or other statements."""
    engines: Engines = app.extensions["tilfreds_engines"]
    statements: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    both = {engines.read, engines.write}
    for engine in both:
        event.listen(engine, "before_cursor_execute", note)
    yield statements
    for engine in both:
        event.remove(engine, "before_cursor_execute", note)


def test_the_api_of_another_site(talk: Talk, stranger: tuple[MadeSite, Api], statements_log: list[str]) -> None:
    own, api = talk.read(), stranger[1]
    vote = own["segments"][0]["rating"]["vote"]
    survey = done(talk.api.get("/surveys"))["surveys"][0]["id"]
    message = {"external_id": "m", "author": "visitor", "text": "x"}
    calls = [
        ("GET", "/conversations/{}", talk.id, "none", None),
        ("GET", "/conversations/{}", own["id"], str(uuid4()), None),
        ("GET", "/conversations/{}/invitations", talk.id, "none", None),
        ("POST", "/conversations/{}/messages", talk.id, "none", message),
        ("POST", "/conversations/{}/end", talk.id, "none", {}),
        ("POST", "/conversations/{}/reopen", talk.id, "none", None),
        ("GET", "/votes/{}", vote, str(uuid4()), None),
        ("GET", "/surveys/{}", survey, str(uuid4()), None),
        ("PATCH", "/surveys/{}", survey, str(uuid4()), {"closed": True}),
        ("POST", "/surveys/{}/revisions", survey, str(uuid4()), {"look": "faces"}),
        ("POST", "/visitors/{}/erase", "ann", "nobody", None),
        ("POST", "/agent-tokens", None, None, "anna"),
    ]
    before = talk.read(), talk.ledger(), done(talk.api.get("/surveys"))
    # The first call of a key in an hour stores its use.
    done(api.get("/surveys"))
    for method, path, theirs, missing, body in calls:
        answers, statements = [], []
        for name in (body, "nobody") if theirs is None else (theirs, missing):
            statements_log.clear()
            json_body = {"agent": name} if theirs is None else body
            answers.append(api.call(method, path.format(name), json_body))
            statements.append(list(statements_log))
        assert comparable(answers[0]) == comparable(answers[1]), path
        assert statements[0] == statements[1], path
        assert statements[0], path
        assert answers[0].status_code in (404, 422), path
    assert (talk.read(), talk.ledger(), done(talk.api.get("/surveys"))) == before


@pytest.mark.parametrize("signs", ["the visitor", "the visitor in it"])
def test_a_signed_page_that_polls_for_what_is_not_its_own(
    talk: Talk, site: MadeSite, clock: SetClock, statements_log: list[str], signs: str
) -> None:
    """Answer alike for an unknown chat, which the back end may not have reported yet, and for another visitor's."""
    own, anonymous = Talk(talk.api, talk.page, visitor="bob").chat(), Talk(talk.api, talk.page).chat()
    own.end()
    names = [talk.id, anonymous.id, "not yet"] if signs == "the visitor" else [talk.id, "not yet"]
    answers, statements = [], []
    for name in names:
        fields = {"kind": "conversation", "subject": name} if signs == "the visitor in it" else {}
        statements_log.clear()
        proof = signed(site, int(clock.now().timestamp()) + 60, "bob", **fields)
        answers.append(comparable(talk.page.poll(name, **proof)))
        statements.append([one for one in statements_log if one.startswith("SELECT")])
    assert [status for status, *_ in answers] == [204] * len(names)
    assert answers[1:] == answers[:-1]
    assert statements[1:] == statements[:-1]
    proof = signed(site, int(clock.now().timestamp()) + 60, "carl")
    assert talk.page.poll(None, **proof).status_code == 204, "a visitor without a conversation"
    proof = signed(site, int(clock.now().timestamp()) + 60, "bob")
    assert done(talk.page.poll(own.id, **proof)) == done(talk.page.poll(None, **proof))


def test_what_another_site_lists_is_empty(talk: Talk, stranger: tuple[MadeSite, Api]) -> None:
    for path in ("/conversations", "/votes", "/surveys", "/agents", "/subjects"):
        listed = done(stranger[1].get(path))
        assert [value for value in listed.values() if isinstance(value, list)] == [[]], path


def test_tokens_of_another_site(talk: Talk, make: Make, stranger: tuple[MadeSite, Api]) -> None:
    token = done(talk.page.end(talk.id))["token"]
    site = stranger[0]
    revision = str(make.survey(site).revision)
    other = Page(talk.page.client, site.key, revision, origin="https://other.example")
    forged = "k1." + "A" * 43
    bodies: list[dict[str, Any]] = [{}, {"rev": 7}]
    for body in bodies:
        assert comparable(other.vote(token, 1, **body)) == comparable(other.vote(forged, 1, **body))
    for action in ("seen", "dismissed"):
        assert comparable(other.post(action, {"token": token})) == comparable(other.post(action, {"token": forged}))
    assert talk.segments()[0]["rating"]["answer"]["score"] == 1


def test_revisions_of_another_site(talk: Talk, make: Make, stranger: tuple[MadeSite, Api]) -> None:
    site = stranger[0]
    revision = str(make.survey(site, "article").revision)
    other = Page(talk.page.client, site.key, revision, origin="https://other.example")
    subject = {"kind": "article", "subject": "/a"}
    name = press_id()
    foreign = other.vote(subject, id=name, revision=talk.page.revision)
    assert comparable(foreign) == comparable(other.vote(subject, id=name, revision=str(uuid4())))
    assert foreign.get_json()["pointer"] == "/revision"


def test_removed_and_unknown_sites_answer_alike(talk: Talk, make: Make, site: MadeSite) -> None:
    done(make.operator().call("DELETE", f"/sites/{site.key}"))
    subject = {"kind": "article", "subject": "/a"}
    gone, unknown = talk.page, Page(talk.page.client, "nosuchsite", talk.page.revision)
    name = press_id()
    for body in (lambda page: page.vote(subject, id=name), lambda page: page.end("c"), lambda page: page.poll("c")):
        assert comparable(body(gone)) == comparable(body(unknown))  # type: ignore[no-untyped-call]
        assert body(gone).get_json()["code"] == "unknown_site"  # type: ignore[no-untyped-call]
    assert talk.api.get("/site").status_code in (401, 404), "its keys open nothing"
    script = talk.page.client.get(f"/w/{site.key}.js")
    assert (script.status_code, script.data) == (200, b"")
