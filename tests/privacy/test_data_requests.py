"""Requests of people about their data: an export is complete and has nothing of others; a conversation is erased."""

from __future__ import annotations

import json
from typing import Any

from flask import Flask

from widget_server.core.config import Config
from widget_server.privacy.erasure_ledger import ERASED_FILE, apply_erasures
from widget_server.privacy.personal_export import INTERNAL
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..frozen_clock import SetClock
from ..ratings.test_erasure import (
    ANN,
    CANARY,
    EARLIER,
    LATER,
    ann,
    files_with_canary,
    table_names,
    tables_with_canary,
)
from ..widget.conftest import Page

__all__ = ["ann"]
#: Secrets of a browser, which identify it to the server.
SECRETS = (EARLIER, LATER)


@ON_BOTH
def test_an_export_has_everything_of_the_visitor_and_nothing_of_others(
    app: Flask, ann: Talk, api: Api, page: Page
) -> None:
    bob = Talk(api, page, visitor="bob-other8e", title="other8e").chat()
    bob.vote(bob.ask(), 1, comment="other8e")
    export = done(api.get(f"/visitors/{ANN}/export"))
    text = json.dumps(export)
    held_values = {
        str(value)
        for name in table_names()
        for row in rows(app, name)
        for column, value in row._asdict().items()
        if isinstance(value, str) and CANARY in value and column not in INTERNAL
    }
    assert len(held_values) > 8
    assert [value for value in held_values if value not in text] == []
    assert "other8e" not in text and not any(secret in text for secret in SECRETS)
    assert [len(export[name]) for name in ("conversations", "invitations", "ratings")] == [2, 2, 2]
    (rating,) = [row for row in export["ratings"] if row["history"]]
    assert [change["score"] for change in rating["history"]] == [1, 3]
    assert len(export["conversations"][0]["messages"]) == 2
    assert export["conversations"][0]["created_at"].endswith("+00:00")


def test_an_export_of_an_unknown_visitor_is_not_found(api: Api) -> None:
    assert api.get("/visitors/nobody/export").status_code == 404
    assert api.get("/conversations/none/export").status_code == 404


@ON_BOTH
def test_a_conversation_is_exported_and_erased_alone(
    app: Flask, ann: Talk, api: Api, auditor: Api, config: Config
) -> None:
    """The visitor's other conversation and the rated article stay."""
    export = done(api.get(f"{ann.path}/export"))
    assert [row["external_id"] for row in export["conversations"]] == [ann.id]
    assert [row["comment"] for row in export["ratings"]] == [f"Good {CANARY}"]
    others = {row["external_id"] for row in done(api.get("/conversations"))["conversations"]} - {ann.id}
    before, (article_vote,) = counts(app), [row for row in rows(app, "vote") if row.kind == "article"]
    assert api.post(f"{ann.path}/erase").status_code == 204
    assert api.get(ann.path).status_code == 404
    (other,) = done(api.get(f"/visitors/{ANN}/export"))["conversations"]
    assert {other["external_id"]} == others
    chat_vote, kept_vote = rows(app, "vote")
    assert (chat_vote.score, chat_vote.comment, chat_vote.visitor_id, chat_vote.page) == (3, None, None, None)
    assert kept_vote == article_vote
    assert (counts(app), wrong_counts(app)) == (before, [])
    assert "vote_change" not in tables_with_canary(app) and "message" not in tables_with_canary(app)
    (entry,) = [row for row in done(auditor.get("/audit"))["entries"] if row["action"] == "conversation.erased"]
    assert CANARY not in json.dumps(entry)
    done(api.post(f"/visitors/{ANN}/erase"))
    assert (tables_with_canary(app), files_with_canary(config)) == ([], [])


def test_an_erased_conversation_is_closed(ann: Talk, api: Api, clock: SetClock) -> None:
    assert api.post(f"{ann.path}/erase").status_code == 204
    clock.forward(minutes=1)
    assert ann.page.end(ann.id).get_json()["code"] == "erased"
    assert api.post(f"{ann.path}/erase").status_code == 404


def test_a_restored_backup_erases_the_conversation_again(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    """Write a text back, as an older backup would, and apply the ledger."""
    (conversation,) = [row for row in rows(app, "conversation") if row.external_id == ann.id]
    assert api.post(f"{ann.path}/erase").status_code == 204

    def update(name: str, **values: Any) -> None:
        table = db.metadatas[None].tables[name]
        db.session.execute(table.update().where(table.c.site_id == conversation.site_id).values(**values))

    with app.app_context():
        table = db.metadatas[None].tables["conversation"]
        restored = {"erased_at": None, "title": "back7f3a", "external_id": ann.id}
        db.session.execute(table.update().where(table.c.id == conversation.id).values(**restored))
        update("message", text="back7f3a")
        db.session.commit()
        assert apply_erasures(config.data_dir / ERASED_FILE) == 1
        assert apply_erasures(config.data_dir / ERASED_FILE) == 0
        db.session.commit()
    texts = {row.text for row in rows(app, "message") if row.conversation_id == conversation.id}
    assert texts == {""}
    assert [row.title for row in rows(app, "conversation") if row.id == conversation.id] == [None]
