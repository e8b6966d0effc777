"""A person is forgotten: the counts stay as they are, and nothing that was theirs is left in any table or file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from widget_server.core.config import Config
from widget_server.privacy.erasure import ERASED_FILE, erase_again
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
TABLES = [table.name for table in db.metadatas[None].sorted_tables if table.name != "alembic_version"]
EARLIER, LATER = "G" * 22, "H" * 22


@pytest.fixture
def ann(api: Api, page: Page, article_page: Page, site: MadeSite, clock: SetClock) -> Talk:
    """Somebody with something of hers everywhere: a talk rated twice, a waiting question, a rated article."""
    told = {"title": f"Title {CANARY}", "customer_reference": CANARY, "page": f"/{CANARY}"}
    talk = Talk(api, page, visitor=ANN, **told, custom_fields={f"field {CANARY}": f"value {CANARY}"})
    talk.say("visitor", f"Hello {CANARY}")
    talk.say("agent", f"Hello Ann {CANARY}")
    token = talk.ask()
    where = f"https://shop.example/{CANARY}"
    talk.vote(token, 1, id=EARLIER, comment=f"Bad {CANARY}", page=where)
    clock.forward(minutes=5)
    talk.vote(token, 3, id=EARLIER, rev=2, comment=f"Good {CANARY}", page=where)
    other = Talk(api, page, visitor=ANN, customer_reference=CANARY).chat()
    other.end()
    proof = signed(site, int(clock.now().timestamp()) + 900, ANN)
    article = {"kind": "article", "subject": "/returns", **proof}
    done(article_page.vote(article, 2, id=LATER, comment=f"So so {CANARY}", page=where))
    return talk


def erase(api: Api, visitor: str = ANN) -> Any:
    return done(api.post(f"/visitors/{visitor}/erase"))


def holding(app: Flask) -> list[str]:
    """The tables in which the canary is found, in whatever column."""
    return [name for name in TABLES if CANARY in str(rows(app, name))]


def files_holding(config: Config) -> list[str]:
    """The files of the data folder in which its bytes are found; the database's own log among them."""
    found = [path for path in Path(config.data_dir).rglob("*") if path.is_file()]
    if config.is_sqlite:
        found += [path for path in config.sqlite_path.parent.glob(f"{config.sqlite_path.name}*") if path not in found]
    return [path.name for path in found if CANARY.encode() in path.read_bytes()]


@ON_BOTH
def test_nothing_is_left_in_any_table_or_file(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    expected = {"visitor", "conversation", "message", "invitation", "vote", "vote_change"}
    assert set(holding(app)) == expected, "the harness finds it where it is"
    if config.is_sqlite:
        assert files_holding(config)
    assert erase(api) == {"conversations": 2}
    assert holding(app) == []
    assert files_holding(config) == []


@ON_BOTH
def test_the_counts_stay(app: Flask, ann: Talk, api: Api) -> None:
    before = counts(app), [(row.score, row.voted_on, row.verified) for row in rows(app, "vote")]
    erase(api)
    assert (counts(app), [(row.score, row.voted_on, row.verified) for row in rows(app, "vote")]) == before
    assert wrong_counts(app) == []


@ON_BOTH
def test_the_rating_stands_without_its_words(ann: Talk, api: Api) -> None:
    erase(api)
    listed = done(api.get("/votes"))["votes"]
    assert sorted(row["answer"]["score"] for row in listed) == [2, 3]
    assert all(row["comment"] is None and row["visitor"] is None for row in listed)
    for path in ("/votes", "/conversations", "/subjects", "/agents"):
        assert CANARY not in api.get(path).get_data(as_text=True)
    for row in done(api.get("/conversations"))["conversations"]:
        told = api.get(f"/conversations/{row['external_id']}").get_json()
        assert [message["text"] for segment in told["segments"] for message in segment["messages"]] == ["", ""]
        assert CANARY not in json.dumps(told)


def test_they_are_unknown_from_then_on(ann: Talk, api: Api) -> None:
    erase(api)
    assert api.post(f"/visitors/{ANN}/erase").status_code == 404
    assert api.get(ann.path).status_code == 404
    assert not done(ann.page.end("anew")).get("answered"), "the browser's secret opens nothing of the past"


@ON_BOTH
def test_others_keep_what_is_theirs(app: Flask, ann: Talk, api: Api, page: Page, make: Make, clock: SetClock) -> None:
    bob = Talk(api, page, visitor="bob").chat()
    bob.vote(bob.ask(), 1, comment="Mine")
    stranger_site = make.site(name="Other")
    stranger_page = Page(page.client, stranger_site.key, str(make.survey(stranger_site).revision))
    namesake = Talk(make.back_end(stranger_site), stranger_page, visitor=ANN).chat()
    namesake.vote(namesake.ask(), 2, comment="Mine too")
    before = bob.read(), namesake.read()
    erase(api)
    assert (bob.read(), namesake.read()) == before
    assert wrong_counts(app) == []


@ON_BOTH
def test_it_is_one_transaction(app: Flask, ann: Talk, api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {name: rows(app, name) for name in TABLES}

    def fall(*args: Any) -> None:
        raise ZeroDivisionError("planted")

    with monkeypatch.context() as patch:
        patch.setattr("widget_server.privacy.erasure._clear_votes", fall)
        assert api.post(f"/visitors/{ANN}/erase").status_code == 500
    assert {name: rows(app, name) for name in TABLES} == before
    assert erase(api)["conversations"] == 2


@ON_BOTH
def test_a_late_retry_brings_nothing_back(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    """A page that kept its press sends it again after the erasing: it is known, and its words are not stored anew."""
    token = done(ann.page.end(ann.id))["token"]
    erase(api)
    for rev, score, words in ((1, 1, "Bad"), (2, 3, "Good")):
        ann.page.vote(token, score, id=EARLIER, rev=rev, comment=f"{words} {CANARY}")
    assert holding(app) == []


def test_a_ledger_of_the_first_kind_still_holds(app: Flask, ann: Talk, api: Api, config: Config) -> None:
    """Its lines bear no moment: rather somebody is erased once more than not at all."""
    erase(api)
    ledger = config.data_dir / ERASED_FILE
    ledger.write_text(" ".join(ledger.read_text().split()[:2]) + "\n")
    done(api.put("/conversations/anew", {"visitor": ANN}))
    with app.app_context():
        assert erase_again(ledger) == 1
        db.session.commit()
    assert holding(app) == []
