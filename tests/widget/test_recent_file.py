"""The site's file is served without the database for a second, and never an old one after it."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event, text

from tests.back_end import Api, done
from tests.factories import MadeSite, Make
from widget_server.console.settings.groups import SETTINGS
from widget_server.sites import recent


@pytest.fixture
def statements(app: Flask) -> list[str]:
    """Return the statements that are sent from now on."""
    statements: list[str] = []

    def record(connection: object, cursor: object, statement: str, *rest: object) -> None:
        statements.append(statement)

    event.listen(app.extensions["tilfreds_engines"].read, "before_cursor_execute", record)
    return statements


def test_each_setting_of_pages_changes_the_file_at_once(
    client: FlaskClient, api: Api, make: Make, site: MadeSite, subtests: pytest.Subtests
) -> None:
    make.survey(site, "article")
    changes: dict[str, object] = {
        "article_selector": "main",
        "placement": {"popover": {}},
        "article_share": 0.5,
        "texts": {"en": {"saving": "One moment."}},
        "theme": {"name": "dense"},
        "adapters": {"crisp": {}},
        "languages": ["da", "en"],
    }
    assert set(changes) == {setting.column for _, setting in SETTINGS if setting.place == "pages"}
    for name, value in changes.items():
        with subtests.test(name=name):
            before = client.get(f"/w/{site.key}.js").data
            done(api.patch("/site", {name: value}))
            assert client.get(f"/w/{site.key}.js").data != before


def test_a_file_is_read_from_the_database_once_a_second(
    app: Flask,
    client: FlaskClient,
    api: Api,
    site: MadeSite,
    statements: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = [100.0]
    monkeypatch.setattr(recent, "monotonic", lambda: now[0])
    path, headers = f"/w/{site.key}.js", {"Accept-Encoding": "gzip, br", "Sec-Fetch-Mode": "no-cors"}
    first = client.get(path, headers=headers)
    assert statements
    statements.clear()

    for validator, status in ((None, 200), (first.headers["ETag"], 304), (f'W/{first.headers["ETag"]}, "x"', 304)):
        response = client.get(path, headers=headers | ({"If-None-Match": validator} if validator else {}))
        assert response.status_code == status
        names = ("ETag", "Vary", "Cache-Control")
        assert [response.headers[name] for name in names] == [first.headers[name] for name in names]
        assert response.get_data() == (first.get_data() if status == 200 else b"")
    assert statements == []

    done(api.patch("/site", {"languages": ["de"]}))
    changed = client.get(path, headers=headers)
    assert changed.headers["ETag"] != first.headers["ETag"], "a change in this process is visible at once"
    with app.extensions["tilfreds_engines"].write.begin() as connection:
        # As another process changes it.
        connection.execute(text("UPDATE site SET version = version + 1, removed_at = created_at"))
    assert client.get(path, headers=headers).headers["ETag"] == changed.headers["ETag"]
    now[0] += 1
    assert client.get(path, headers=headers).get_data() != changed.get_data()
