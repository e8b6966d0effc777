"""Writes of the back end, a page and the owner cost as much on a large site as on a small one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import UniqueConstraint

from widget_server.core import tokens
from widget_server.storage.db import db
from widget_server.storage.engines import Engines, make_unpooled_engine

from ..back_end import Api, done
from ..conversations.talk import Talk
from ..frozen_clock import SetClock
from ..storage.plans import find_long_steps, recording
from ..widget.conftest import Page, press_id

#: Tables whose rows are never deleted, so that no deletion looks for the rows that refer to them.
NEVER_DELETED = {"agent", "site", "survey_revision", "vote"}


def test_no_write_reads_all_rows_of_a_site(
    app: Flask, api: Api, talks: Callable[..., Talk], article_page: Page, clock: SetClock, subtests: pytest.Subtests
) -> None:
    """The plans of SQLite without statistics do not depend on the rows."""
    engines: Engines = app.extensions["tilfreds_engines"]
    with recording(engines.read, engines.write) as statements:
        write_everything(api, talks, article_page, clock)
    assert len(dict(statements)) > 80
    with make_unpooled_engine(str(engines.write.url)).connect() as connection:
        for statement, values in dict(statements).items():
            with subtests.test(statement=statement):
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                assert find_long_steps(statement, [row[3] for row in steps]) == []


def write_everything(api: Api, talks: Callable[..., Talk], article_page: Page, clock: SetClock) -> None:
    """Ask, answer, change, merge and erase in every way that reads several rows."""
    done(api.put("/agents/ada", {"name": "Ada", "visitor": "ada-as-visitor"}))
    claimed, rated, other = talks(), talks(visitor="ann", team="First"), talks(visitor="ben")
    claim(claimed)
    for talk in (rated, other):
        talk.chat().say("agent", agent="ada")
        token = talk.ask()
        vote = talk.vote(token, 1, id="N" * 22, comment="Slow")["vote"]
        clock.forward(minutes=3)
        talk.vote(token, 3, id="N" * 22, rev=2)
        talk.reopen()
        message = talk.say("visitor")
        done(api.patch(f"{talk.path}/messages/{message}", {"text": "Hello again"}))
        done(api.delete(f"{talk.path}/messages/{message}"))
        for action in ("exclude", "restore", "erase"):
            done(api.post(f"/votes/{vote}/{action}", {"reason": "a test"} if action == "exclude" else {}))
    for action in ("seen", "dismissed"):
        article_page.post(action, {"kind": "article", "subject": "/help"})
    done(article_page.vote({"kind": "article", "subject": "/help"}))
    done(api.post(f"{rated.path}/merge", {"into": other.id}))
    done(api.post("/visitors/ann/merge", {"into": "ben"}))
    done(api.post("/visitors/ben/erase"))
    decide_without_messages(talks())


def claim(talk: Talk) -> None:
    """Rate a chat as a page whose browser the back end names only then, and whose visitor turns out to be staff."""
    talk.page = dataclasses.replace(talk.page, browser=press_id())
    talk.vote(talk.chat().ask(), 3)
    talk.tell(browser=tokens.digest(talk.page.browser))
    talk.tell(visitor="ada-as-visitor")


def decide_without_messages(talk: Talk) -> None:
    """End a chat as a page that knows no messages, so that its decision is deleted once the browser is named."""
    done(talk.api.patch("/site", {"ask_when_unknown": False}))
    talk.page = dataclasses.replace(talk.page, browser=press_id())
    assert not done(talk.page.end(talk.id))["asked"]
    talk.tell(browser=tokens.digest(talk.page.browser))
    assert talk.ledger() == []


def test_naming_a_browser_costs_the_same_for_many_segments(app: Flask, talks: Callable[..., Talk]) -> None:
    counts = []
    for segments in (1, 5):
        talk = talks()
        for _ in range(segments):
            talk.chat().end()
            talk.reopen()
        engines: Engines = app.extensions["tilfreds_engines"]
        with recording(engines.write) as statements:
            talk.tell(browser=tokens.digest(press_id()))
        counts.append(len(statements))
    assert counts[0] == counts[1]


def test_each_reference_to_a_row_that_may_be_deleted_has_an_index() -> None:
    """A database looks for rows that refer to a deleted one, without an index in the whole table."""
    missing_indexes = []
    for table in db.metadata.sorted_tables:
        unique_keys = [constraint for constraint in table.constraints if isinstance(constraint, UniqueConstraint)]
        columns_of_keys = [
            table.primary_key.columns,
            *(key.columns for key in unique_keys),
            *(index.columns for index in table.indexes),
        ]
        prefixes = [[column.name for column in columns] for columns in columns_of_keys]
        for reference in table.foreign_key_constraints:
            names = [column.name for column in reference.columns]
            is_indexed = any(sorted(prefix[: len(names)]) == sorted(names) for prefix in prefixes)
            if reference.referred_table.name not in NEVER_DELETED and not is_indexed:
                missing_indexes.append((table.name, *names))
    assert missing_indexes == []
