"""Tokens that were altered, or made for another purpose, by another key or in another form: all are rejected."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from widget_server.accounts import live_tokens, sign_in
from widget_server.core import tokens
from widget_server.core.errors import Forbidden, Unauthorized
from widget_server.sites import agent_tokens
from widget_server.sites.agent_tokens import AgentClaims
from widget_server.sites.signatures import SiteKey, check_signature, invitation_token, read_invitation_token

from .mutants import mutants
from .signing import encoded

NOW = datetime(2026, 3, 3, 10, 0, tzinfo=UTC)
EXPIRES = int(NOW.timestamp()) + 900
SERVER = (b"0123456789abcdefghijklmnopqrstuv",)
OTHER_SERVER = (b"vutsrqponmlkjihgfedcba9876543210",)
KEY = SiteKey("k1", b"v" * 32, b"i" * 32, b"s" * 32, None)
OTHER_KEY = SiteKey("k1", b"w" * 32, b"j" * 32, b"t" * 32, None)
SITE_KEY = "sitekey"
SITE_ID, INVITATION_ID, AGENT_ID = (UUID(int=n << 64 | 7 << 76 | n) for n in (11, 12, 13))

Accepts = Callable[[str], object]
MIN_MUTANTS = 1_000


def read_invitation(token: str) -> object:
    return read_invitation_token([KEY], SITE_ID, token, NOW)


def check(signature: str) -> object:
    check_signature(
        [KEY],
        SITE_KEY,
        signature=signature,
        kind="conversation",
        subject="c1",
        visitor="ann",
        expires=EXPIRES,
        pressed_at=NOW,
        now=NOW,
    )
    return True


def signature(key: SiteKey, *fields: str) -> str:
    return tokens.sign_fields(key.visitor, key.key_id, fields)


def signed_for(visitor: str, purpose: str = "visitor") -> str:
    return signature(KEY, "1", purpose, "sitekey", "conversation", "c1", visitor, "visitor", str(EXPIRES))


def live(agent_id: UUID = AGENT_ID, secrets: Iterable[bytes] = SERVER, now: datetime = NOW) -> str:
    return live_tokens.write_token(tuple(secrets), live_tokens.grant_to_agent(SITE_ID, agent_id, None, now))


def operator(
    once: str = "", secrets: tuple[bytes, ...] = SERVER, now: datetime = NOW, purpose: str = "operator"
) -> str:
    return tokens.sign(secrets, "tfo", purpose, {"once": once} if once else {}, now + timedelta(minutes=15))


def link(secrets: tuple[bytes, ...] = SERVER, now: datetime = NOW) -> str:
    return sign_in.make_link_token(secrets, now)


def agent(
    name: str = "ann", key: SiteKey = KEY, site: str = "sitekey", issued: datetime = NOW, purpose: str = "agent"
) -> str:
    """Return an agent token as a site's back end makes it, in its shortest spelling."""
    start = int(issued.timestamp())
    claims = AgentClaims(site, name, "", start, start + 900)
    signed = [claims.fields[0], purpose, *claims.fields[2:]]
    return f"tfa_{tokens.b64(json.dumps(vars(claims), separators=(',', ':')).encode())}.{signature(key, *signed)}"


def read_agent(token: str) -> object:
    """Read a token in the two steps of a request: parse its claims, then check the signature of its site."""
    if not token.startswith(agent_tokens.PREFIX):
        raise Forbidden("another kind of token")
    claims, signature_text = agent_tokens.parse_claims(token)
    if claims.site != SITE_KEY:
        raise Forbidden("another site")
    agent_tokens.check_claims([KEY], claims, signature_text, NOW)
    return claims


def read_link(token: str) -> object:
    """Verify a sign-in link as far as it needs no database: its signature and its time."""
    return tokens.verify(SERVER, sign_in.PREFIX, sign_in.PURPOSE, token, NOW)


#: kind -> (verifier, a valid token, another valid one)
KINDS: dict[str, tuple[Accepts, str, str]] = {
    "invitation": (
        read_invitation,
        invitation_token([KEY], SITE_ID, INVITATION_ID),
        invitation_token([KEY], SITE_ID, AGENT_ID),
    ),
    "signature": (check, signed_for("ann"), signed_for("bob")),
    "operator": (lambda text: tokens.verify(SERVER, "tfo", "operator", text, NOW), operator(), operator("x")),
    "live": (lambda text: live_tokens.read_token(SERVER, text, NOW), live(), live(INVITATION_ID)),
    "sign-in link": (read_link, link(), link()),
    "agent": (read_agent, agent(), agent("bob")),
}
OLD = NOW - timedelta(hours=1)
OTHERS: dict[str, list[str]] = {
    "invitation": [
        invitation_token([OTHER_KEY], SITE_ID, INVITATION_ID),
        invitation_token([KEY], AGENT_ID, INVITATION_ID),
        invitation_token([SiteKey("k2", KEY.visitor, KEY.invitation, KEY.survey, None)], SITE_ID, INVITATION_ID),
        invitation_token([SiteKey("k1", KEY.visitor, KEY.visitor, KEY.survey, None)], SITE_ID, INVITATION_ID),
        f"k1.{tokens.b64(INVITATION_ID.bytes)}",
        f"k1.{tokens.b64(INVITATION_ID.bytes + bytes(16))}",
        str(INVITATION_ID),
    ],
    "signature": [
        signed_for("bob"),
        signed_for("ann", "invitation"),
        signature(OTHER_KEY, "1", "visitor", "sitekey", "conversation", "c1", "ann", "visitor", str(EXPIRES)),
        signature(KEY, "1", "visitor", "othersite", "conversation", "c1", "ann", "visitor", str(EXPIRES)),
        signature(KEY, "1", "visitor", "sitekey", "article", "c1", "ann", "visitor", str(EXPIRES)),
        signature(KEY, "1", "visitor", "sitekey", "", "", "ann", "visitor", str(EXPIRES)),
        signature(KEY, "1", "visitor", "sitekey", "conversation", "c1", "ann", "visitor", str(EXPIRES + 1)),
        signature(KEY, "1", "visitor", "sitekey", "conversation", "c1", "ann", "staff", str(EXPIRES)),
        signature(KEY, "2", "visitor", "sitekey", "conversation", "c1", "ann", "visitor", str(EXPIRES)),
        signed_for("ann").replace("1.", "2.", 1),
        signed_for("ann").replace(".k1.", ".k2.", 1),
        signed_for("ann").replace(".k1.", "..", 1),
    ],
    "operator": [operator(secrets=OTHER_SERVER), operator(now=OLD), operator(purpose="live"), link()],
    "live": [live(secrets=OTHER_SERVER), live(now=OLD), operator(), "tfl" + operator()[3:]],
    "sign-in link": [link(OTHER_SERVER), link(now=OLD), operator(), "tfi" + operator()[3:], "tfi" + live()[3:]],
    "agent": [
        agent(key=OTHER_KEY),
        agent(site="othersite"),
        agent(issued=OLD),
        agent(issued=NOW + timedelta(hours=1)),
        agent(purpose="visitor"),
        "tfa_" + live()[4:],
    ],
}


def unsigned_forms(good: str) -> list[str]:
    """Return forms like the algorithm "none" of other formats: claims without a MAC, or with an empty one."""
    head, _, body = good.partition("_")
    claims = body.partition(".")[0]
    forged = base64.urlsafe_b64encode(json.dumps({"exp": EXPIRES, "alg": "none"}).encode()).rstrip(b"=").decode()
    plain = base64.urlsafe_b64encode(hashlib.sha256(forged.encode()).digest()).rstrip(b"=").decode()
    empty_key = base64.urlsafe_b64encode(hmac.new(b"", forged.encode(), "sha256").digest()).rstrip(b"=").decode()
    forms = [f"{claims}.", claims, f"{forged}.", forged, f"{forged}.none", f"{forged}.{plain}", f"{forged}.{empty_key}"]
    return [f"{head}_{text}" for text in forms] + forms


def accepted(accepts: Accepts, texts: Iterable[str]) -> list[str]:
    """Return the texts that a verifier accepts. An unexpected error is a defect, so it is not caught."""
    accepted_texts = []
    for text in texts:
        try:
            accepts(text)
        except (Forbidden, Unauthorized, tokens.BadToken):
            continue
        accepted_texts.append(text)
    return accepted_texts


@pytest.mark.parametrize("kind", KINDS)
def test_no_mutant_is_accepted(kind: str) -> None:
    accepts, good, other = KINDS[kind]
    assert accepted(accepts, [good]) == [good], "the verifier accepts a valid token"
    texts = mutants(good, other)
    assert len(texts) >= MIN_MUTANTS
    assert accepted(accepts, texts) == []


@pytest.mark.parametrize("kind", KINDS)
def test_no_token_for_another_purpose_is_accepted(kind: str) -> None:
    accepts, good, _ = KINDS[kind]
    foreign = [token for other, (_, token, _) in KINDS.items() if other != kind]
    assert accepted(accepts, [*OTHERS[kind], *foreign, *unsigned_forms(good)]) == []


def test_the_mutants_find_a_planted_fault() -> None:
    """Run the mutants against a verifier that compares only the first half of the MAC."""
    good = KINDS["invitation"][1]

    def half(text: str) -> object:
        if not hmac.compare_digest(text[:35].encode(), good[:35].encode()):
            raise Forbidden("no")
        return True

    assert len(accepted(half, mutants(good, good))) > MIN_MUTANTS // 10


def test_a_retired_key_verifies_nothing() -> None:
    retired = SiteKey("k1", KEY.visitor, KEY.invitation, KEY.survey, NOW)
    with pytest.raises(Forbidden):
        read_invitation_token([retired], SITE_ID, KINDS["invitation"][1], NOW)
    until_later = SiteKey("k1", KEY.visitor, KEY.invitation, KEY.survey, NOW + timedelta(seconds=1))
    assert read_invitation_token([until_later], SITE_ID, KINDS["invitation"][1], NOW) == INVITATION_ID


FIELD = st.text(st.characters(codec="utf-8"), max_size=6) | st.sampled_from(["", "\x00", "\x00\x00\x00\x01", "a", "ab"])
TUPLE = st.lists(FIELD, max_size=8).map(tuple)


@pytest.mark.slow
@settings(max_examples=400)
@given(one=TUPLE, other=TUPLE)
@example(one=("ab", "c"), other=("a", "bc"))
@example(one=("a", ""), other=("", "a"))
@example(one=("a",), other=("a", ""))
@example(one=("\x00\x00\x00\x01b",), other=("", "b"))
def test_two_tuples_never_sign_the_same_bytes(one: tuple[str, ...], other: tuple[str, ...]) -> None:
    assert (tokens.length_prefixed(one) == tokens.length_prefixed(other)) == (one == other)
    assert tokens.length_prefixed(one) == encoded(*one)


def test_all_short_tuples_sign_different_bytes() -> None:
    """Compare all tuples of up to four of these texts: more than 100,000 pairs."""
    words = ["", "a", "b", "ab", "\x00", "\x00\x00\x00\x01"]
    tuples: list[tuple[str, ...]] = [fields for size in range(5) for fields in product(words, repeat=size)]
    assert len(tuples) * (len(tuples) - 1) // 2 > 100_000
    signed: dict[Any, tuple[str, ...]] = {}
    for fields in tuples:
        assert signed.setdefault(tokens.length_prefixed(fields), fields) == fields
