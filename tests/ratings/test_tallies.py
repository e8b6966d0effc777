"""After any sequence of events the counters equal a recount of the rows, and both equal the model."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test
from sqlalchemy import delete, update

from widget_server.core.config import Config
from widget_server.ratings import tallies
from widget_server.storage.db import db
from widget_server.storage.engines import Engines

from ..conversations.rows import table, wrong_counts
from ..conversations.talk import Talk
from ..databases import ON_BOTH
from ..factories import Make
from ..faults.record import record
from ..frozen_clock import SetClock
from ..widget.conftest import Page
from .machine import Site, World


def run_machine(app: Flask, make: Make, clock: SetClock, examples: int, steps: int, **more: Any) -> None:
    def begin() -> Site:
        # A new site in an empty database: otherwise each comparison would take longer than the last.
        empty_database(app)
        site = make.site(name="Lives")
        chat, article = (
            Page(make.client, site.key, str(make.survey(site, at).revision)) for at in ("chat_end", "article")
        )
        return Site(World(app, site.id, make.back_end(site), chat, article, clock))

    run_state_machine_as_test(
        begin,  # type: ignore[arg-type]  # any maker of machines will do
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            **more,
        ),
    )


def empty_database(app: Flask) -> None:
    engines: Engines = app.extensions["tilfreds_engines"]
    with engines.write.begin() as connection:
        for name in reversed(db.metadatas[None].sorted_tables):
            connection.execute(delete(name))


@ON_BOTH
@pytest.mark.slow
def test_counts_rows_and_model_agree(app: Flask, make: Make, clock: SetClock) -> None:
    run_machine(app, make, clock, 8, 30)


@ON_BOTH
@pytest.mark.long
def test_counts_rows_and_model_agree_at_length(app: Flask, make: Make, clock: SetClock, config: Config) -> None:
    examples, steps = 100 if config.is_sqlite else 50, 100
    run_machine(app, make, clock, examples, steps)
    record(
        f"A19, {'SQLite' if config.is_sqlite else 'PostgreSQL'}",
        f"{examples} runs of a site of up to {steps} steps, all compared after each step: 0 divergences",
        "a count that is not decremented when an answer changes: found by the short form",
    )


@pytest.mark.slow
def test_the_machine_finds_a_count_that_is_not_decremented(
    app: Flask, make: Make, clock: SetClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    move_vote = tallies.move_vote
    monkeypatch.setattr(tallies, "move_vote", lambda connection, before, after: move_vote(connection, None, after))
    with pytest.raises(AssertionError):
        run_machine(app, make, clock, 20, 30, phases=[Phase.generate], report_multiple_bugs=False)


@ON_BOTH
def test_a_recount_finds_a_wrong_counter(app: Flask, talk: Talk) -> None:
    talk.vote(talk.chat().ask())
    assert wrong_counts(app) == []
    engines: Engines = app.extensions["tilfreds_engines"]
    for name in ("tally", "invitation_tally"):
        with engines.write.begin() as connection:
            connection.execute(update(table(name)).values(n=7))
        assert [(table_name, stored) for table_name, _, stored, _ in wrong_counts(app)][-1] == (name, 7)
