"""Options of `tilfreds export votes`: the filter by agent, the delimiter, and times that spreadsheets read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable

import pytest
from click.testing import CliRunner, Result

from tests.back_end import Api, done
from tests.conftest import SECRET_KEY
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.cli import main
from widget_server.core.config import Config

Export = Callable[..., Result]
DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t"}


@pytest.fixture
def export(config: Config, site: MadeSite) -> Export:
    """Return a function that runs `tilfreds export votes` for the site."""
    env = {
        "DATA_DIR": str(config.data_dir),
        "DATABASE_URL": config.database_url,
        "SECRET_KEYS": SECRET_KEY.decode(),
        "PUBLIC_URL": config.base_url,
    }
    return lambda *words: CliRunner(env=env).invoke(main, ["export", "votes", site.key, *words], catch_exceptions=False)


@pytest.fixture(autouse=True)
def votes(api: Api, make: Make, site: MadeSite) -> None:
    """Store a rating of each of two agents, one in winter and one in summer, on a site in Copenhagen."""
    done(api.patch("/site", {"time_zone": "Europe/Copenhagen"}))
    for agent, ended_at in {"sam": "2025-01-31T23:30:00Z", "kim": "2025-07-01T10:00:00Z"}.items():
        make.agent(site, agent, agent.title())
        rating = {"scale": "five", "score": 4, "comment": "a;b,c\td"}
        end = {"ended_at": ended_at, "closer": agent, "rating": rating}
        done(api.post("/import", {"conversations": [{"external_id": f"of-{agent}", "ends": [end]}]}))


def read(result: Result, delimiter: str = ",") -> list[dict[str, str]]:
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout, newline=""), delimiter=delimiter))


def test_times_are_local_and_have_no_offset(export: Export) -> None:
    assert [(row["local_time"], row["day"], row["first_at"]) for row in read(export())] == [
        ("2025-07-01 12:00:00", "2025-07-01", "2025-07-01T10:00:00+00:00"),
        ("2025-02-01 00:30:00", "2025-02-01", "2025-01-31T23:30:00+00:00"),
    ]


def test_columns_are_separated_as_chosen(export: Export) -> None:
    for name, delimiter in DELIMITERS.items():
        rows = read(export("--delimiter", name), delimiter)
        assert [(row["score"], row["comment"]) for row in rows] == [("4", "a;b,c\td")] * 2
    assert export("--delimiter", "dot").exit_code == 2


@ON_BOTH
def test_votes_of_one_agent_are_exported(export: Export) -> None:
    assert [row["subject"] for row in read(export("--agent", "sam"))] == ["of-sam"]
    result = export("--agent", "none")
    assert (result.exit_code, "no agent none" in result.stderr) == (2, True)
