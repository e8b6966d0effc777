"""The client that sites can copy, with the real server."""

from __future__ import annotations

from urllib.error import HTTPError

import pytest
from flask import Flask

from widget_server.core import clock
from widget_server.core.errors import Forbidden
from widget_server.demo.client import Tilfreds, sign
from widget_server.sites.signatures import check_signature, site_keys
from widget_server.storage.db import db

from ..factories import MadeSite


def check(app: Flask, site: MadeSite, proof: dict, kind: str, subject: str, visitor: str) -> None:
    with app.app_context():
        keys = site_keys(db.session, app.config["SECRET_KEYS"], site.id)
        now = clock.now()
        rest = {"signature": proof["signature"], "expires": proof["expires"], "pressed_at": now, "now": now}
        check_signature(keys, site.key, kind=kind, subject=subject, visitor=visitor, **rest)


def test_a_signature_proves_exactly_what_was_signed(app: Flask, krans: MadeSite) -> None:
    proof = sign(krans.signing_secret, krans.key, kind="conversation", subject="c1", visitor="customer-1")
    assert proof["visitor"] == "customer-1"
    check(app, krans, proof, "conversation", "c1", "customer-1")
    for kind, subject, visitor in (
        ("conversation", "c2", "customer-1"),
        ("conversation", "c1", "customer-2"),
        ("", "", "customer-1"),
    ):
        with pytest.raises(Forbidden) as error:
            check(app, krans, proof, kind, subject, visitor)
        assert error.value.code == "bad_signature"


def test_staff_are_signed_for_as_staff(app: Flask, krans: MadeSite) -> None:
    proof = sign(krans.signing_secret, krans.key, visitor="agent-a", role="staff")
    with pytest.raises(Forbidden) as error:
        check(app, krans, proof, "", "", "agent-a")
    assert error.value.code == "staff"


def test_a_conversation_is_created_ended_and_read(server_url: str, krans: MadeSite) -> None:
    tilfreds = Tilfreds(server_url, krans.api_key)
    tilfreds.put_conversation("order/44 11", title="Parcel", visitor="customer-1")
    message = {"external_id": "m1", "author": "visitor", "text": "Hello"}
    tilfreds.add_messages("order/44 11", [message])
    tilfreds.add_messages("order/44 11", [message])
    assert tilfreds.end("order/44 11")["asked"] is False
    ledger = tilfreds.list_invitations("order/44 11")
    assert [(row["status"], row["reason"]) for row in ledger] == [("not_asked", "no_person_answered")]


def test_a_rejection_is_an_error_with_its_status(server_url: str) -> None:
    with pytest.raises(HTTPError) as error:
        Tilfreds(server_url, "tfk_unknown").list_invitations("c1")
    with error.value as answer:
        assert answer.code == 401


def test_an_unreachable_server_is_an_os_error() -> None:
    with pytest.raises(OSError, match=r"refused|Connection"):
        Tilfreds("http://127.0.0.1:9", "tfk_x", timeout=1).list_invitations("c1")
