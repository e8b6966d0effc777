"""Erasure of a visitor: the counts remain, and no table or file holds the visitor's data any more."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from widget_server.core.config import Config
from widget_server.privacy.erasure_ledger import ERASED_FILE, apply_erasures
from widget_server.storage.db import db

from ..back_end import Api
from ..conversations.rows import counts, rows, wrong_counts
from ..conversations.talk import Talk, done
from ..databases import ON_BOTH
from ..factories import MadeSite, Make
from ..frozen_clock import SetClock
from ..invitations.signing import signed
from ..widget.conftest import Page

CANARY = "canary7f3a"
ANN = f"ann-{CANARY}"
EARLIER, LATER = "G" * 22, "H" * 22


@pytest.fixture
def ann(api: Api, page: Page, article_page: Page, site: MadeSite, clock: SetClock) -> Talk:
    """Store data of one visitor in every table: a chat rated twice, a waiting question, a rated article."""
    fields = {"title": f"Title {CANARY}", "customer_reference": CANARY, "page": f"/{CANARY}"}
    talk = Talk(api, page, visitor=ANN, **fields, custom_fields={f"field {CANARY}": f"value {CANARY}"})
    talk.say("visitor", f"Hello {CANARY}")
    talk.say("agent", f"Hello Ann {CANARY}")
    token = talk.ask()
    address = f"https://shop.example/{CANARY}"
    talk.vote(token, 1, id=EARLIER, comment=f"Bad {CANARY}", page=address)
    clock.forward(minutes=5)
    talk.vote(token, 3, id=EARLIER, rev=2, comment=f"Good {CANARY}", page=address)
    waiting_talk = Talk(api, page, visitor=ANN, customer_reference=CANARY).chat()
    waiting_talk.end()
    signature = signed(site, int(clock.now().timestamp()) + 900, ANN)
    article = {"kind": "article", "subject": "/returns", **signature}
    done(article_page.vote(article, 2, id=LATER, comment=f"So so {CANARY}", page=address))
    return talk


def erase(api: Api, visitor: str = ANN) -> Any:
    return done(api.post(f"/visitors/{visitor}/erase"))


def table_names() -> list[str]:
    """Return the names of all tables. Call it in a test, because the models are complete once the app is created."""
    return [table.name for table in db.metadatas[None].sorted_tables if table.name != "alembic_version"]


def tables_with_canary(app: Flask) -> list[str]:
    """Return the tables that hold the canary in any column."""
    return [name for name in table_names() if CANARY in str(rows(app, name))]


def files_with_canary(config: Config, canary: str = CANARY) -> list[str]:
    """Return the files of the data folder that hold the canary, the log of the database included."""
    paths = [path for path in Path(config.data_dir).rglob("*") if path.is_file()]
    if config.is_sqlite:
        paths += [path for path in config.sqlite_path.parent.glob(f"{config.sqlite_path.name}*") if path not in paths]
    return [path.name for path in paths if canary.encode() in path.read_bytes()]


@ON_BOTH
def test_no_table_or_file_holds_the_visitors_data(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    expected = {"visitor", "conversation", "message", "invitation", "vote", "vote_change"}
    assert set(tables_with_canary(app)) == expected, "the search finds the canary before the erasure"
    if config.is_sqlite:
        assert files_with_canary(config)
    assert erase(api) == {"conversations": 2}
    assert tables_with_canary(app) == []
    assert files_with_canary(config) == []


@ON_BOTH
def test_the_counts_remain(app: Flask, ann: Talk, api: Api) -> None:
    def vote_counts() -> Any:
        stored_counts = {name: count for name, count in counts(app).items() if name != "invitation_tally"}
        return stored_counts, [(row.score, row.voted_on, row.verified) for row in rows(app, "vote")]

    before = vote_counts()
    erase(api)
    assert vote_counts() == before
    assert wrong_counts(app) == []


@ON_BOTH
def test_the_rating_remains_without_its_texts(ann: Talk, api: Api) -> None:
    erase(api)
    votes = done(api.get("/votes"))["votes"]
    assert sorted(row["answer"]["score"] for row in votes) == [2, 3]
    assert all(row["comment"] is None and row["visitor"] is None for row in votes)
    for path in ("/votes", "/conversations", "/subjects", "/agents"):
        assert CANARY not in api.get(path).get_data(as_text=True)
    for row in done(api.get("/conversations"))["conversations"]:
        conversation = api.get(f"/conversations/{row['external_id']}").get_json()
        assert [message["text"] for segment in conversation["segments"] for message in segment["messages"]] == ["", ""]
        assert CANARY not in json.dumps(conversation)


def test_the_visitor_is_unknown_after_the_erasure(ann: Talk, api: Api) -> None:
    erase(api)
    assert api.post(f"/visitors/{ANN}/erase").status_code == 404
    assert api.get(ann.path).status_code == 404


@ON_BOTH
def test_other_visitors_keep_their_data(
    app: Flask, ann: Talk, api: Api, page: Page, make: Make, clock: SetClock
) -> None:
    bob = Talk(api, page, visitor="bob").chat()
    bob.vote(bob.ask(), 1, comment="Mine")
    other_site = make.site(name="Other")
    other_page = Page(page.client, other_site.key, str(make.survey(other_site).revision))
    namesake = Talk(make.back_end(other_site), other_page, visitor=ANN).chat()
    namesake.vote(namesake.ask(), 2, comment="Mine too")
    before = bob.read(), namesake.read()
    erase(api)
    assert (bob.read(), namesake.read()) == before
    assert wrong_counts(app) == []


@ON_BOTH
def test_an_erasure_is_one_transaction(app: Flask, ann: Talk, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: rows(app, name) for name in table_names()}

    def fail(*args: Any) -> None:
        raise ZeroDivisionError("planted")

    with monkeypatch.context() as patch:
        patch.setattr("widget_server.privacy.erasure.erase_vote", fail)
        assert api.post(f"/visitors/{ANN}/erase").status_code == 500
    assert {name: rows(app, name) for name in table_names()} == before
    assert erase(api)["conversations"] == 2


@ON_BOTH
def test_a_late_retry_restores_nothing(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    """A retry of a submission from before the erasure is recognized, and its comment is not stored again."""
    token = done(ann.page.end(ann.id))["token"]
    erase(api)
    for rev, score, words in ((1, 1, "Bad"), (2, 3, "Good")):
        ann.page.vote(token, score, id=EARLIER, rev=rev, comment=f"{words} {CANARY}")
    assert tables_with_canary(app) == []


def test_an_erasure_ledger_without_times_is_still_read(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    """Lines of the first format have no time, so a visitor is erased again rather than not at all."""
    erase(api)
    ledger = config.data_dir / ERASED_FILE
    ledger.write_text(" ".join(ledger.read_text().split()[:2]) + "\n")
    done(api.put("/conversations/new", {"visitor": ANN}))
    with app.app_context():
        assert apply_erasures(ledger) == 1
        db.session.commit()
    assert tables_with_canary(app) == []
