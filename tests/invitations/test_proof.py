"""Who may speak for whom: signatures that do not fit are refused on every call, and never taken for no signature."""

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
    """A site with ann's conversation, another visitor's, and one of nobody; `now` in unix seconds."""

    site: MadeSite
    other_site: MadeSite
    api: Api
    page: Page
    reader: Page
    ann: Talk
    bob: Talk
    nobody: Talk
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
    ann, bob, nobody = talks(visitor="ann").chat(), talks(visitor="bob").chat(), talks().chat()
    return Stage(site, make.site(), api, page, article_page, ann, bob, nobody, int(clock.now().timestamp()))


Body = dict[str, Any]
#: What a page may send with the id of bob's conversation, to be refused, and with which code.
LIES: dict[str, tuple[str, Callable[[Stage, str], Body]]] = {
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


#: Truly signed, and so never refused to a page that asks too early; only the conversation is not theirs.
OWN_WORDS = {"ann's own signature", "signed for ann in it"}


def test_no_lie_opens_a_conversation(stage: Stage, subtests: pytest.Subtests) -> None:
    bob = stage.bob
    before = bob.read()
    for lie, (code, body) in LIES.items():
        with subtests.test(lie):
            refused = stage.page.end(bob.id, **body(stage, bob.id))
            assert (refused.status_code, refused.get_json()["code"]) == (403, code), refused.get_json()
            polled = stage.page.poll(bob.id, **body(stage, bob.id))
            if lie in OWN_WORDS:
                assert (polled.status_code, polled.data) == (204, b""), "as if the back end will make it later"
            else:
                assert (polled.status_code, polled.get_json()["code"]) == (403, code), polled.get_json()
            assert bob.read() == before
            assert bob.ledger() == []


def test_no_lie_is_taken_for_an_unsigned_reader(stage: Stage, subtests: pytest.Subtests) -> None:
    """A vote on an article needs no signature; a bad one is refused all the same."""
    lies = {lie: said for lie, said in LIES.items() if "in it" not in lie and lie not in OWN_WORDS}
    for lie, (code, body) in lies.items():
        with subtests.test(lie):
            refused = stage.reader.vote({**ARTICLE, **body(stage, ARTICLE["subject"])})
            assert (refused.status_code, refused.get_json()["code"]) == (403, code)
            assert done(stage.api.get("/votes"))["votes"] == []
    own = LIES["ann's own signature"][1](stage, ARTICLE["subject"])
    assert stage.reader.vote({**ARTICLE, **own}).status_code == 200, "she rates an article as anybody does"


def test_a_signature_needs_its_end(stage: Stage) -> None:
    body = signed(stage.site, stage.now + HOUR, "bob")
    del body["expires"]
    for refused in (stage.page.end(stage.bob.id, **body), stage.reader.vote({**ARTICLE, **body})):
        assert (refused.status_code, refused.get_json()["pointer"]) == (422, "/expires")


def test_the_truth_opens_it(stage: Stage) -> None:
    """The visitor alone, the visitor in this conversation, or the conversation alone: all get the one token."""
    stage.bob.end()
    bob = stage.bob.id
    page = stage.page
    ways = [
        signed(stage.site, stage.now + HOUR, "bob"),
        signed(stage.site, stage.now, "bob", kind="conversation", subject=bob),
        signed(stage.site, stage.now + HOUR, kind="conversation", subject=bob),
    ]
    tokens = {done(call(bob, **way))["token"] for way in ways for call in (page.end, page.poll)}
    tokens.add(done(page.end(None, **ways[0]))["token"])
    tokens.add(stage.bob.ask())
    assert len(tokens) == 1
    assert stage.bob.vote(tokens.pop())["status"] == "saved"


def test_a_visitor_learns_nothing_of_conversations_of_others(stage: Stage) -> None:
    """Somebody else's, nobody's and a missing one: the same answer."""
    stage.bob.end()
    stage.nobody.end()
    proof = signed(stage.site, stage.now + HOUR, "ann")
    for call, status in ((stage.page.end, 403), (stage.page.poll, 204)):
        answers = [call(name, **proof) for name in (stage.bob.id, stage.nobody.id, "no such conversation")]
        assert {answer.status_code for answer in answers} == {status}
        assert len({answer.data for answer in answers}) == 1


@pytest.mark.parametrize("how", ["role", "visitor id", "visitor id in it"])
def test_staff_never_vote(stage: Stage, how: str) -> None:
    done(stage.api.put("/agents/anna", {"name": "Anna", "visitor": "anna-as-visitor"}))
    own = Talk(stage.api, stage.page, visitor="anna-as-visitor").chat()
    own.end()
    name = "anna-as-visitor" if how != "role" else "cat"
    fields = {"kind": "conversation", "subject": own.id} if how == "visitor id in it" else {}
    proof = signed(stage.site, stage.now + HOUR, name, role="staff" if how == "role" else "visitor", **fields)
    for refused in (stage.page.end(own.id, **proof), stage.page.poll(own.id, **proof), stage.page.end(None, **proof)):
        assert (refused.status_code, refused.get_json()["code"]) == (403, "staff")
    if not fields:
        refused = stage.reader.vote({**ARTICLE, **proof})
        assert (refused.status_code, refused.get_json()["code"]) == (403, "staff")


@ON_BOTH
def test_a_signature_is_compared_with_the_moment_of_the_press(stage: Stage, clock: SetClock) -> None:
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
    stranger = done(stage.reader.vote(ARTICLE, 2, id=press_id()))
    assert first["vote"] == second["vote"] != stranger["vote"]
    rows = done(stage.api.get("/votes"))["votes"]
    assert {(row["answer"]["score"], row["verified"]) for row in rows} == {(1, True), (2, False)}


@ON_BOTH
def test_the_votes_of_a_chat_say_how_they_were_proven(stage: Stage) -> None:
    stage.ann.vote(stage.ann.ask())
    assert [row["proof"] for row in stage.ann.ledger()] == ["browser"]
    assert stage.ann.segments()[0]["rating"]["verified"]
    done(stage.page.end(stage.bob.id, **signed(stage.site, stage.now + HOUR, "bob")))
    assert [row["proof"] for row in stage.bob.ledger()] == ["signature"]


@ON_BOTH
def test_a_signature_makes_the_conversation_the_back_end_did_not_tell_of(stage: Stage, clock: SetClock) -> None:
    done(
        stage.page.end(
            "told-later", **signed(stage.site, stage.now + HOUR, "cat", kind="conversation", subject="told-later")
        )
    )
    found = done(stage.api.get("/conversations/told-later"))
    assert found["visitor"] == "cat"
    assert stage.page.end("told-not", **signed(stage.site, stage.now + HOUR, "cat")).status_code == 403
    assert stage.api.get("/conversations/told-not").status_code == 404
