"""The chain of the audit log: a person who writes the database cannot change, rebuild or shorten it undetected."""

from __future__ import annotations

import hashlib
import hmac
import json
import logging
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, delete, select, update

from tests.commands.test_owner import Run, run
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.accounts import audit, audit_chain
from widget_server.accounts.actors import Actor
from widget_server.core import tokens
from widget_server.jobs.loop import run_once
from widget_server.jobs.schedule import JOBS
from widget_server.storage.db import db, engines

__all__ = ["run"]
ENTRY = audit_chain.ENTRY
ANN = Actor("user", "ann@shop.example")


@pytest.fixture
def chain(app: Flask) -> None:
    """Write four entries of the server."""
    with app.app_context():
        for number in range(4):
            detail = {"after": {"role": "admin"}, "é": number}
            audit.record(None, actor=ANN, action="role.changed", target=f"user {number}", detail=detail)
        db.session.commit()


def broken(app: Flask, *anchors: audit_chain.Anchor, change: Callable[[Connection], Any] | None = None) -> list[int]:
    """Return the broken entries of the server after a change that is rolled back."""
    with app.app_context(), engines().write.connect() as connection:
        if change is not None:
            change(connection)
        broken_entries = audit_chain.find_broken_entries(connection, anchors, audit.SERVER)
        return [number for _, number in broken_entries]


def rebuild(connection: Connection, compute: Callable[[bytes], str]) -> None:
    """Change the second entry and compute all hashes again, as a person does who can write the database."""
    connection.execute(update(ENTRY).where(ENTRY.c.number == 2).values(actor="eve@shop.example"))
    previous_hash = ""
    query = select(ENTRY).where(ENTRY.c.site_id == audit.SERVER).order_by(ENTRY.c.number)
    for row in connection.execute(query).mappings().all():
        values = {**row, "previous_hash": previous_hash}
        hashed = [values[name] for name in audit.HASHED_COLUMNS]
        text = json.dumps(hashed, default=str, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        new_hash = compute(text.encode())
        is_row = (ENTRY.c.site_id == audit.SERVER) & (ENTRY.c.number == row["number"])
        connection.execute(update(ENTRY).where(is_row).values(previous_hash=previous_hash, hash=new_hash))
        previous_hash = new_hash


def keyed(key: bytes) -> Callable[[bytes], str]:
    return lambda text: hmac.new(key, text, hashlib.sha256).hexdigest()


@ON_BOTH
@pytest.mark.usefixtures("chain")
def test_a_rebuilt_chain_is_found(app: Flask, subtests: pytest.Subtests) -> None:
    """The hashes need a key that the database does not have."""
    assert broken(app) == []
    own_key = audit.derive_key(app.config["SECRET_KEYS"][0])
    guesses: Mapping[str, Callable[[bytes], str]] = {
        "no key": lambda text: hashlib.sha256(text).hexdigest(),
        "empty key": keyed(b""),
        "another secret": keyed(audit.derive_key(b"x" * 43)),
        "the key of another purpose": keyed(tokens.derive(app.config["SECRET_KEYS"][0], "form")),
    }
    for name, compute in guesses.items():
        with subtests.test(name=name):
            assert broken(app, change=lambda connection, compute=compute: rebuild(connection, compute)) == [1, 2, 3, 4]  # type: ignore[misc]
    # The same rebuilding with the right key is valid, so the test computes the hashes as the product does.
    assert broken(app, change=lambda connection: rebuild(connection, keyed(own_key))) == []


@ON_BOTH
@pytest.mark.usefixtures("chain")
def test_a_shortened_chain_is_found_by_its_anchor(app: Flask) -> None:
    with app.app_context(), engines().read.connect() as connection:
        (anchor,) = audit_chain.list_anchors(connection)
    assert audit_chain.parse_anchor(f"2026-11-30 INFO audit anchor {anchor}") == anchor
    last_removed, all_removed = delete(ENTRY).where(ENTRY.c.number > 2), delete(ENTRY)
    for statement in (last_removed, all_removed):
        assert broken(app, change=lambda connection, one=statement: connection.execute(one)) == []  # type: ignore[misc]
        with_anchor = broken(app, anchor, change=lambda connection, one=statement: connection.execute(one))  # type: ignore[misc]
        assert with_anchor == [4]
    assert broken(app, anchor) == []


def test_a_new_secret_key_keeps_the_older_entries_valid(app: Flask, chain: None) -> None:
    old_key = app.config["SECRET_KEYS"][0]
    app.config["SECRET_KEYS"] = [b"n" * 43, old_key]
    try:
        with app.app_context():
            audit.record(None, actor=ANN, action="user.disabled", target="user ben@shop.example")
            db.session.commit()
        assert broken(app) == []
        app.config["SECRET_KEYS"] = [b"n" * 43]
        assert broken(app) == [1, 2, 3, 4]
    finally:
        app.config["SECRET_KEYS"] = [old_key]


def test_the_commands_verify_the_chain_and_print_its_anchor(
    app: Flask, run: Run, site: MadeSite, tmp_path: Path
) -> None:
    run("user", "add", "ann@shop.example")
    anchors = tmp_path / "anchors"
    anchors.write_text(run("audit", "anchor").stdout)
    lines = anchors.read_text().splitlines()
    assert [line.split()[0] for line in lines if line.startswith("server ")] == ["server"] and len(lines) == 2
    assert "intact" in run("audit", "verify", "--anchors", str(anchors)).stdout
    with app.app_context(), engines().write.begin() as connection:
        connection.execute(delete(ENTRY).where(ENTRY.c.site_id == audit.SERVER, ENTRY.c.number == 2))
    assert run("audit", "verify").exit_code == 0
    assert run("audit", "verify", "--anchors", str(anchors), status=1).stdout.startswith("server 2: ")
    (tmp_path / "wrong").write_text("nothing\n")
    assert "tilfreds audit anchor" in run("audit", "verify", "--anchors", str(tmp_path / "wrong"), status=2).stderr


def test_the_anchors_are_logged_daily(app: Flask, make: Make, chain: None, caplog: pytest.LogCaptureFixture) -> None:
    (job,) = [job for job in JOBS if job.name == "audit anchors logged"]
    with caplog.at_level(logging.INFO, "tilfreds.jobs"):
        run_once(app, job)
    (line,) = [record.getMessage() for record in caplog.records if "audit anchor" in record.getMessage()]
    assert broken(app, audit_chain.parse_anchor(line)) == []
    assert job.every_seconds == 24 * 3600
