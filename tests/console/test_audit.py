"""The pages of the audit log: filters, search, pages, verification and export, for owners only."""

from __future__ import annotations

import csv
import io
import json
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, event, update

from tests.back_end import Api
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from tests.frozen_clock import SetClock
from widget_server.accounts import audit, audit_list
from widget_server.accounts.actors import Actor
from widget_server.accounts.audit_list import AuditFilter, newest_entries
from widget_server.accounts.models import AuditEntry
from widget_server.console.audit import views
from widget_server.core import clock as product_clock
from widget_server.storage.db import db, engines

from .conftest import Console
from .html import Element
from .test_passwords import Team, config, team
from .test_profile import find_form, press
from .test_users import site_id

__all__ = ["config", "team"]
RUTH = Actor("user", "ruth@shop.example")


def add_entries(app: Flask, chain: Any, count: int, **values: Any) -> None:
    with app.app_context():
        for number in range(count):
            entry = {"action": "vote.excluded", "target": f"vote v{number}", "actor": RUTH, **values}
            audit.record(chain, **entry)
        db.session.commit()


def rows(page: Element) -> list[str]:
    return [row.text for row in page.all("li") if list(row.all("time"))]


@ON_BOTH
def test_the_log_is_filtered_searched_and_paged(
    app: Flask, stranger: Console, site: MadeSite, clock: SetClock, subtests: pytest.Subtests
) -> None:
    own = site_id(app, site.key)
    add_entries(app, own, 60)
    clock.forward(days=2)
    add_entries(app, own, 1, action="role.changed", target="user 100%_sure@shop.example", detail={"after": {"x": "Ü"}})
    console, address = stranger, f"{site.key}/audit"
    console.sign_in()
    first = console.read(address)
    assert len(rows(first)) == 50 and "user 100%_sure" in rows(first)[0]
    older = next(link for link in first.all("a") if link.text == "Older entries")
    second = console.read(older["href"].removeprefix("/console/"))
    assert [row.count("vote v") for row in rows(second)][:11] == [1] * 11
    everything = rows(first) + rows(second)
    assert len({*everything}) == len(everything) == 62, "60 exclusions, the role, and the site's creation"
    today = clock.now().date().isoformat()
    for query, count in (
        ({"group": "role"}, 1),
        ({"q": "V17"}, 1),
        ({"q": "100%_s"}, 1),
        ({"q": "%"}, 1),
        ({"q": "RUTH@"}, 50),
        ({"since": today}, 1),
        ({"until": today, "group": "role"}, 1),
        ({"until": "2026-03-04", "group": "role"}, 0),
        ({"since": "not a day", "group": "nothing", "q": "role.changed"}, 0),
        ({"q": "no such thing"}, 0),
    ):
        with subtests.test(query=query):
            assert len(rows(console.read(address, query_string=query))) == count
    assert console.get(address, query_string={"cursor": "x.1"}).status_code == 422


def test_a_page_of_a_long_log_is_read_from_an_index(app: Flask, site: MadeSite, subtests: pytest.Subtests) -> None:
    statements: list[tuple[str, Any]] = []
    with app.app_context():
        own = site_id(app, site.key)
        engine = engines().write
        event.listen(engine, "before_cursor_execute", lambda *call: statements.append((call[2], call[3])))
        for filters in (AuditFilter(), AuditFilter(own), AuditFilter(own, group="vote")):
            for before in (None, (product_clock.now(), own, 5)):
                newest_entries(db.session(), filters, before=before, limit=50)
        for statement, values in [one for one in statements if "FROM audit_entry" in one[0]]:
            with subtests.test(statement=statement):
                plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
                assert not [row[3] for row in plan if "TEMP B-TREE" in row[3]]
    assert len(statements) >= 6


@ON_BOTH
def test_an_owner_of_a_site_sees_only_its_log(app: Flask, team: Team, site: MadeSite, make: Make) -> None:
    other = make.site(name="Elsewhere")
    add_entries(app, site_id(app, site.key), 1, target="vote ours")
    add_entries(app, site_id(app, other.key), 1, target="vote theirs")
    add_entries(app, None, 1, target="user theirs")
    ben = team.join("ben@shop.example", "owner", site_id(app, site.key))
    admin = team.join("admin@shop.example", "admin")
    page = ben.read(f"{site.key}/audit")
    assert "vote ours" in page.text and "theirs" not in page.text
    assert "theirs" not in ben.read(f"{site.key}/audit", query_string={"site": other.key}).text
    statuses = [ben.get(f"{other.key}/audit").status_code, ben.get("audit").status_code]
    assert statuses == [404, 403]
    assert [admin.get(path).status_code for path in ("audit", f"{site.key}/audit")] == [403, 403]
    everything = team.join().read("audit").text
    assert all(text in everything for text in ("vote ours", "vote theirs", "user theirs", "Elsewhere"))


@ON_BOTH
def test_the_page_verifies_the_chain(app: Flask, console: Console, site: MadeSite) -> None:
    add_entries(app, site_id(app, site.key), 3)
    for path in ("audit", f"{site.key}/audit"):
        assert "intact" in console.read(path, query_string={"verify": "yes"}).one("p", klass="notice").text
    with app.app_context(), engines().write.begin() as connection:
        change = update(AuditEntry).where(AuditEntry.number == 2).where(AuditEntry.site_id != audit.SERVER)
        connection.execute(change.values(actor="eve@shop.example"))
    for path in ("audit", f"{site.key}/audit"):
        problem = console.read(path, query_string={"verify": "yes"}).one("div", klass="problem").text
        assert "Shop, #2" in problem and "#3" not in problem


@ON_BOTH
def test_a_long_log_is_verified_in_several_requests(
    app: Flask, console: Console, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "ENTRIES_PER_VERIFICATION", 2)
    add_entries(app, site_id(app, site.key), 4)

    def verify_all(path: str) -> list[str]:
        results, query = [], "verify=yes&q=x"
        while query:
            page = console.read(f"{path}?{query}")
            results.append((list(page.all("p", klass="notice")) + list(page.all("div", klass="problem")))[0].text)
            links = [link for link in page.all("a") if link.text == "Verify the next entries"]
            query = links[0]["href"].partition("?")[2] if links else ""
        return results

    results = verify_all(f"{site.key}/audit")
    assert results == ["Entries 1 to 2 are intact.", "Entries 3 to 4 are intact.", "Entries 5 to 5 are intact."]
    with app.app_context(), engines().write.begin() as connection:
        connection.execute(delete(AuditEntry).where(AuditEntry.number == 3, AuditEntry.site_id != audit.SERVER))
    broken = [result for result in verify_all(f"{site.key}/audit") if "#4" in result]
    assert len(broken) == 1, "the entry at the seam of two requests"
    assert len([result for result in verify_all("audit") if "#4" in result]) == 1
    for address in ("after=x", "after=x.1", f"after={'1' * 40}.{'9' * 20}", "first=-1", f"first={'9' * 30}"):
        assert console.get(f"{site.key}/audit?verify=yes&{address}").status_code in (200, 422), address


def test_an_export_is_sent_page_by_page(
    app: Flask, console: Console, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log of any length needs the memory of one page."""
    monkeypatch.setattr(audit_list, "ROWS_PER_READ", 2)
    add_entries(app, site_id(app, site.key), 5)
    answer = press(console, find_form(console.read(f"{site.key}/audit"), "/export"))
    chunks = list(answer.response)
    assert len(chunks) >= 4 and "Content-Length" not in answer.headers
    assert len(list(csv.DictReader(io.StringIO(b"".join(chunks).decode())))) == 7


def test_the_export_is_safe_filtered_and_logged(app: Flask, console: Console, site: MadeSite) -> None:
    own = site_id(app, site.key)
    add_entries(app, own, 2, actor=Actor("api_key", "=1+1"), detail={"before": {"name": "a"}, "after": {"name": "b"}})
    page = console.read(f"{site.key}/audit", query_string={"group": "vote"})
    answer = press(console, find_form(page, "/export"))
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    lines = list(csv.DictReader(io.StringIO(answer.get_data(as_text=True))))
    assert [(line["actor"], line["number"]) for line in lines] == [("'=1+1", "3"), ("'=1+1", "2")]
    assert json.loads(lines[0]["detail"]) == {"before": {"name": "a"}, "after": {"name": "b"}}
    newest = rows(console.read(f"{site.key}/audit"))[0]
    assert "Audit log exported" in newest and "Owner link" in newest
    assert console.client.post(f"/console/{site.key}/audit/export").status_code == 403
    assert find_form(console.read("audit"), "audit/export")


def test_texts_of_others_are_shown_as_text(app: Flask, console: Console, site: MadeSite, api: Api) -> None:
    add_entries(app, site_id(app, site.key), 1, actor=Actor("api_key", "<b>x</b>"), detail={"<i>": "</dd><script>"})
    page = console.get(f"{site.key}/audit").text
    assert "<b>x</b>" not in page and "</dd><script>" not in page and "&lt;b&gt;x" in page
