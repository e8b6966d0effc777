"""The migration that joins the subjects of `/guide`, `/guide/` and `/guide/index.html` loses no view and no vote."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, insert, select, update

from tests.databases import BOTH, own_database
from tests.storage.fill import MOMENT, fill
from tests.storage.models import metadata
from widget_server.migrations import run
from widget_server.storage.db import new_id
from widget_server.storage.engines import make_unpooled_engine

BEFORE = "2026_11_30_0027"


@pytest.fixture(params=BOTH)
def database_url(request: pytest.FixtureRequest, template_file: Path, tmp_path: Path) -> Iterator[str]:
    with own_database(request, template_file, tmp_path, "joined") as url:
        yield url


def table(name: str) -> Table:
    return metadata.tables[name]


def rows(connection: Connection, name: str) -> list[dict[str, Any]]:
    return [dict(row) for row in connection.execute(select(table(name))).mappings()]


def rated_subject(connection: Connection) -> dict[str, Any]:
    """Name the subject that has a vote, and return the vote."""
    vote = next(row for row in rows(connection, "vote") if row["subject_id"])
    subject = table("subject")
    connection.execute(
        update(subject).where(subject.c.id == vote["subject_id"]).values(kind="article", subject="/guide/")
    )
    return vote


def add_twin(connection: Connection, vote: dict[str, Any], name: str, hours: int) -> None:
    """Add a subject with the same counts and an older vote of the same visitor."""
    site_id, twin_id = vote["site_id"], new_id()
    moment = MOMENT - timedelta(hours=hours)
    connection.execute(
        insert(table("subject")),
        {"site_id": site_id, "id": twin_id, "kind": "article", "subject": name, "created_at": moment},
    )
    for counts in ("subject_day", "subject_tally"):
        for row in rows(connection, counts):
            if row["subject_id"] == vote["subject_id"]:
                connection.execute(insert(table(counts)), {**row, "subject_id": twin_id})
    older_vote = {"id": new_id(), "subject_id": twin_id, "changed_at": vote["changed_at"] - timedelta(hours=hours)}
    connection.execute(insert(table("vote")), {**vote, **older_vote})


@pytest.mark.slow
def test_subjects_of_one_article_are_joined(database_url: str) -> None:
    with make_unpooled_engine(database_url).begin() as connection:
        fill(connection, metadata)
        vote = rated_subject(connection)
        add_twin(connection, vote, "/guide", hours=2)
        add_twin(connection, vote, "/guide/index.html", hours=1)
        add_twin(connection, vote, "/guide/part", hours=3)
        shown_counts = [
            row["shown_count"] for row in rows(connection, "subject_day") if row["site_id"] == vote["site_id"]
        ]
        tally_counts = [row["n"] for row in rows(connection, "subject_tally") if row["site_id"] == vote["site_id"]]
        votes = len(rows(connection, "vote"))
    run.downgrade(database_url, BEFORE)
    run.upgrade(database_url)
    with make_unpooled_engine(database_url).begin() as connection:
        of_site = [row for row in rows(connection, "subject") if row["site_id"] == vote["site_id"]]
        ids = {row["subject"]: row["id"] for row in of_site}
        assert set(ids) == {"/guide", "/guide/part"}
        days = {row["subject_id"]: row["shown_count"] for row in rows(connection, "subject_day")}
        tallies = {row["subject_id"]: row["n"] for row in rows(connection, "subject_tally")}
        assert days[ids["/guide"]] == sum(shown_counts[:3]) and days[ids["/guide/part"]] == shown_counts[3]
        assert tallies[ids["/guide"]] == sum(tally_counts[:3])
        joined = [row for row in rows(connection, "vote") if row["subject_id"] == ids["/guide"]]
        assert len(rows(connection, "vote")) == votes and len(joined) == 3
        # The newest vote stays the visitor's; the others keep counting.
        assert sorted(row["voter"] for row in joined if row["id"] != vote["id"]) == sorted(
            f"m:{row['id']}" for row in joined if row["id"] != vote["id"]
        )
        assert next(row["voter"] for row in joined if row["id"] == vote["id"]) == vote["voter"]
    run.downgrade(database_url, BEFORE)
    run.upgrade(database_url)
