"""Proofs of identity: every call rejects a wrong signature, and none treats it as a missing one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from ..back_end import Api
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..widget.conftest import Page, press_id
from .signing import sign, signed

HOUR = 3600
ARTICLE = {"kind": "article", "subject": "/returns"}


@dataclass
class Stage:
    """A site with conversations of ann, of bob, and of an unknown visitor; `now` in Unix seconds."""

    site: MadeSite
    other_site: MadeSite
    api: Api
    page: Page
    reader: Page
    ann: Talk
    bob: Talk
    unknown: Talk
    now: int


@pytest.fixture
def stage(
    clock: SetClock,
    make: Make,
    site: MadeSite,
    api: Api,
    page: Page,
    article_page: Page,
    talks: Callable[..., Talk],
) -> Stage:
    ann, bob, unknown = talks(visitor="ann").chat(), talks(visitor="bob").chat(), talks().chat()
    return Stage(site, make.site(), api, page, article_page, ann, bob, unknown, int(clock.now().timestamp()))


Body = dict[str, Any]
#: Forged requests for bob's conversation: the error code and the fields.
FORGERIES: dict[str, tuple[str, Callable[[Stage, str], Body]]] = {
    "ann's own signature": ("bad_signature", lambda s, c: signed(s.site, s.now + HOUR, "ann")),
    "signed for another conversation": (
        "bad_signature",
        lambda s, c: signed(s.site, s.now + HOUR, "ann", kind="conversation", subject=s.ann.id),
    ),
    "signed for ann in it": (
        "bad_signature",
        lambda s, c: signed(s.site, s.now + HOUR, "ann", kind="conversation", subject=c),
    ),
    "another visitor named than signed": (
        "bad_signature",
        lambda s, c: {**signed(s.site, s.now + HOUR, "ann"), "visitor": "bob"},
    ),
    "no visitor named though signed": (
        "bad_signature",
        lambda s, c: {"signature": sign(s.site, expires=s.now + HOUR, visitor="bob"), "expires": s.now + HOUR},
    ),
    "a later end than signed": (
        "bad_signature",
        lambda s, c: {**signed(s.site, s.now + HOUR, "bob"), "expires": s.now + 2 * HOUR},
    ),
    "expired": ("signature_expired", lambda s, c: signed(s.site, s.now - 1, "bob")),
    "another site's secret": (
        "bad_signature",
        lambda s, c: signed(s.other_site, s.now + HOUR, "bob", site_key=s.site.key),
    ),
    "another site's key": (
        "bad_signature",
        lambda s, c: signed(s.site, s.now + HOUR, "bob", site_key=s.other_site.key),
    ),
    "another purpose": ("bad_signature", lambda s, c: signed(s.site, s.now + HOUR, "bob", purpose="invitation")),
    "another kind": (
        "bad_signature",
        lambda s, c: signed(s.site, s.now + HOUR, "bob", kind="page", subject=c),
    ),
    "an unknown role": ("bad_signature", lambda s, c: signed(s.site, s.now + HOUR, "bob", role="admin")),
    "a member of staff": ("staff", lambda s, c: signed(s.site, s.now + HOUR, "bob", role="staff")),
    "a member of staff in it": (
        "staff",
        lambda s, c: signed(s.site, s.now + HOUR, "bob", role="staff", kind="conversation", subject=c),
    ),
    "empty": ("bad_signature", lambda s, c: {"visitor": "bob", "signature": "", "expires": s.now + HOUR}),
    "of nothing": (
        "bad_signature",
        lambda s, c: {"signature": sign(s.site, expires=s.now + HOUR), "expires": s.now + HOUR},
    ),
}


#: Validly signed, but not for bob's conversation. A poll is not rejected, as the back end may create one later.
SIGNED_FOR_ANN = {"ann's own signature", "signed for ann in it"}


def test_no_forgery_opens_a_conversation(stage: Stage, subtests: pytest.Subtests) -> None:
    bob = stage.bob
    before = bob.read()
    for forgery, (code, body) in FORGERIES.items():
        with subtests.test(forgery):
            end_response = stage.page.end(bob.id, **body(stage, bob.id))
            assert (end_response.status_code, end_response.get_json()["code"]) == (403, code), end_response.get_json()
            poll_response = stage.page.poll(bob.id, **body(stage, bob.id))
            if forgery in SIGNED_FOR_ANN:
                assert (poll_response.status_code, poll_response.data) == (204, b""), "the back end may create it later"
            else:
                problem = poll_response.get_json()
                assert (poll_response.status_code, problem["code"]) == (403, code), problem
            assert bob.read() == before
            assert bob.ledger() == []


def test_no_forgery_counts_as_an_unsigned_reader(stage: Stage, subtests: pytest.Subtests) -> None:
    """Expect a rejection although a vote on an article needs no signature."""
    forgeries = {
        name: forgery for name, forgery in FORGERIES.items() if "in it" not in name and name not in SIGNED_FOR_ANN
    }
    for name, (code, body) in forgeries.items():
        with subtests.test(name):
            response = stage.reader.vote({**ARTICLE, **body(stage, ARTICLE["subject"])})
            assert (response.status_code, response.get_json()["code"]) == (403, code)
            assert done(stage.api.get("/votes"))["votes"] == []
    own_signature = FORGERIES["ann's own signature"][1](stage, ARTICLE["subject"])
    assert stage.reader.vote({**ARTICLE, **own_signature}).status_code == 200, "an article is open to every visitor"


def test_a_signature_needs_expires(stage: Stage) -> None:
    body = signed(stage.site, stage.now + HOUR, "bob")
    del body["expires"]
    for response in (stage.page.end(stage.bob.id, **body), stage.reader.vote({**ARTICLE, **body})):
        assert (response.status_code, response.get_json()["pointer"]) == (422, "/expires")


def test_a_valid_signature_opens_a_conversation(stage: Stage) -> None:
    """Sign the visitor, the visitor in this conversation, or the conversation: all get the same token."""
    stage.bob.end()
    bob = stage.bob.id
    page = stage.page
    signatures = [
        signed(stage.site, stage.now + HOUR, "bob"),
        signed(stage.site, stage.now, "bob", kind="conversation", subject=bob),
        signed(stage.site, stage.now + HOUR, kind="conversation", subject=bob),
    ]
    tokens = {
        done(call(bob, **signed_fields))["token"] for signed_fields in signatures for call in (page.end, page.poll)
    }
    tokens.add(done(page.end(None, **signatures[0]))["token"])
    tokens.add(stage.bob.ask())
    assert len(tokens) == 1
    assert stage.bob.vote(tokens.pop())["status"] == "saved"


def test_a_visitor_learns_nothing_of_conversations_of_others(stage: Stage) -> None:
    """Expect the same response for another visitor's, an unknown visitor's and a missing conversation."""
    stage.bob.end()
    stage.unknown.end()
    proof = signed(stage.site, stage.now + HOUR, "ann")
    for call, status in ((stage.page.end, 403), (stage.page.poll, 204)):
        answers = [call(name, **proof) for name in (stage.bob.id, stage.unknown.id, "no such conversation")]
        assert {answer.status_code for answer in answers} == {status}
        assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize("how", ["role", "visitor id", "visitor id in it"])
def test_staff_never_vote(stage: Stage, how: str) -> None:
    done(stage.api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    chat_of_staff = Talk(stage.api, stage.page, visitor="anna-as-visitor").chat()
    chat_of_staff.end()
    visitor = "anna-as-visitor" if how != "role" else "cat"
    fields = {"kind": "conversation", "subject": chat_of_staff.id} if how == "visitor id in it" else {}
    proof = signed(stage.site, stage.now + HOUR, visitor, role="staff" if how == "role" else "visitor", **fields)
    name = chat_of_staff.id
    for response in (stage.page.end(name, **proof), stage.page.poll(name, **proof), stage.page.end(None, **proof)):
        assert (response.status_code, response.get_json()["code"]) == (403, "staff")
    if not fields:
        response = stage.reader.vote({**ARTICLE, **proof})
        assert (response.status_code, response.get_json()["code"]) == (403, "staff")


@ON_BOTH
def test_a_signature_is_compared_with_the_time_of_the_press(stage: Stage, clock: SetClock) -> None:
    proof = signed(stage.site, stage.now + 60, "ann")
    clock.forward(hours=1)
    late = stage.reader.vote({**ARTICLE, **proof})
    assert (late.status_code, late.get_json()["code"]) == (403, "signature_expired")
    assert stage.reader.vote({**ARTICLE, **proof}, age_ms=3_540_000).status_code == 200
    clock.forward(days=3)
    assert stage.reader.vote({**ARTICLE, **proof}, age_ms=73 * HOUR * 1000).status_code == 403


@ON_BOTH
def test_a_signed_reader_has_one_vote_on_every_device(stage: Stage, clock: SetClock) -> None:
    proof = {**ARTICLE, **signed(stage.site, stage.now + HOUR, "ann")}
    first = done(stage.reader.vote(proof, 3, id=press_id()))
    clock.forward(minutes=1)
    second = done(stage.reader.vote(proof, 1, id=press_id()))
    unsigned = done(stage.reader.vote(ARTICLE, 2, id=press_id()))
    assert first["vote"] == second["vote"] != unsigned["vote"]
    rows = done(stage.api.get("/votes"))["votes"]
    assert {(row["answer"]["score"], row["verified"]) for row in rows} == {(1, True), (2, False)}


@ON_BOTH
def test_an_invitation_stores_its_proof(stage: Stage) -> None:
    stage.ann.vote(stage.ann.ask())
    assert [row["proof"] for row in stage.ann.ledger()] == ["browser"]
    assert stage.ann.segments()[0]["rating"]["verified"]
    done(stage.page.end(stage.bob.id, **signed(stage.site, stage.now + HOUR, "bob")))
    assert [row["proof"] for row in stage.bob.ledger()] == ["signature"]


@ON_BOTH
def test_a_signature_creates_the_conversation_before_the_back_end(stage: Stage, clock: SetClock) -> None:
    done(
        stage.page.end(
            "sent-later", **signed(stage.site, stage.now + HOUR, "cat", kind="conversation", subject="sent-later")
        )
    )
    conversation = done(stage.api.get("/conversations/sent-later"))
    assert conversation["visitor"] == "cat"
    assert stage.page.end("never-sent", **signed(stage.site, stage.now + HOUR, "cat")).status_code == 403
    assert stage.api.get("/conversations/never-sent").status_code == 404
