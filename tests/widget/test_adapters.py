"""A site's file holds the adapters in the site's settings with their options, and no others."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text

from tests.back_end import Api, done
from tests.databases import ON_BOTH
from tests.factories import MadeSite, Make
from widget_server.core.assets import STATIC
from widget_server.settings.adapters import OPTIONS
from widget_server.storage.db import db

SOURCES = STATIC / "src" / "adapters"
#: Every option except `target`, which all adapters accept.
FULL: dict[str, Any] = {
    "field": "tilfreds",
    "scope": "LHC",
    "csat": True,
    "token": True,
    "idle_minutes": 30,
    "start": "chat:began",
    "message": "chat:said",
    "end": "chat:over",
    "conversation": "detail.chat.id",
}


def fetch_script(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def read_adapters(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    """Return options by adapter in the site's file."""
    _, *extras = re.split(r'^tilfreds\["adapters/', fetch_script(client, site), flags=re.M)
    matches = [re.fullmatch(r'(\w+)"\]\?\?=\(.*\)\((\{.*?\})\)\?\?1;\n', extra, re.S) for extra in extras]
    return {one[1]: json.loads(one[2]) for one in matches if one is not None}


@ON_BOTH
def test_a_sites_file_has_only_its_own_adapters(client: FlaskClient, site: MadeSite, api: Api) -> None:
    bare = fetch_script(client, site)
    assert "adapters/" not in bare

    for adapters in ({"crisp": {}, "rocketchat": {"field": "tilfreds"}}, {"hubspot": {"target": "<b>"}}, {}):
        done(api.patch("/site", {"adapters": adapters}))
        assert read_adapters(client, site) == adapters
        assert done(api.get("/site"))["adapters"] == adapters
    assert fetch_script(client, site) == bare


def test_every_adapter_takes_its_options(client: FlaskClient, site: MadeSite, api: Api) -> None:
    adapters = {name: {"target": "#here", **{one: FULL[one] for one in options}} for name, options in OPTIONS.items()}

    done(api.patch("/site", {"adapters": adapters}))

    assert read_adapters(client, site) == adapters


def test_every_file_of_an_adapter_can_be_named_and_names_its_options() -> None:
    files = {path.stem: path.read_text("utf-8") for path in SOURCES.glob("*.js")}
    assert sorted(files) == sorted(OPTIONS)
    for name, source in files.items():
        (documented,) = re.findall(r"@param \{\{(.*?)\}\} options", source, re.DOTALL)
        assert sorted(re.findall(r"(\w+)\??: ", documented)) == sorted(["target", *OPTIONS[name]]), name
        assert "https://" in source or name == "dom", "an adapter cites the vendor's documentation"


REFUSED: list[tuple[Any, str]] = [
    ({"crips": {}}, "/crips"),
    ({"crisp": None}, "/crisp"),
    ({"crisp": []}, "/crisp"),
    ({"crisp": {"fields": "x"}}, "/crisp/fields"),
    ({"crisp": {"field": "not so"}}, "/crisp/field"),
    ({"crisp": {"field": "tilfreds\n"}}, "/crisp/field"),
    ({"crisp": {"idle_minutes": 0}}, "/crisp/idle_minutes"),
    ({"crisp": {"idle_minutes": 1.5}}, "/crisp/idle_minutes"),
    ({"crisp": {"target": ""}}, "/crisp/target"),
    ({"hubspot": {"field": "tilfreds"}}, "/hubspot/field"),
    ({"jivo": {"token": "yes"}}, "/jivo/token"),
    ({"dom": {}}, "/dom/start"),
    ({"dom": {"start": "tilfreds:start"}}, "/dom/start"),
    ({"dom": {"start": "began", "conversation": "detail['id']"}}, "/dom/conversation"),
    ([], ""),
    ("crisp", ""),
]


def test_what_no_adapter_takes_is_refused_by_its_name(api: Api, subtests: pytest.Subtests) -> None:
    for adapters, pointer in REFUSED:
        with subtests.test(adapters=adapters):
            done(api.patch("/site", {"name": "Shop", "adapters": {"tawk": {}}}))
            answer = api.patch("/site", {"name": "Other", "adapters": adapters})
            problem = answer.get_json()
            assert (answer.status_code, problem["pointer"]) == (422, f"/adapters{pointer}")
            assert problem["detail"]
            site = done(api.get("/site"))
            assert (site["adapters"], site["name"]) == ({"tawk": {}}, "Shop")


def test_a_new_site_may_name_them_at_once(make: Make) -> None:
    created_site = done(make.operator().post("/sites", {"name": "Shop", "adapters": {"tawk": {"target": "#here"}}}))

    assert created_site["adapters"] == {"tawk": {"target": "#here"}}


@ON_BOTH
def test_an_unknown_adapter_of_another_version_does_not_break_the_file(
    client: FlaskClient, site: MadeSite, api: Api, session: Any
) -> None:
    change = """UPDATE site SET adapters = '{"crisp": {}, "olark": {}}', version = version + 1 WHERE key = :key"""
    session.execute(text(change), {"key": site.key})
    db.session.commit()

    assert read_adapters(client, site) == {"crisp": {}}


def test_the_manifest_and_the_documents_list_the_sizes_of_the_adapters() -> None:
    weights = json.loads((STATIC / "dist" / "manifest.json").read_text("utf-8"))["weights"]["extras"]
    chats = (Path(__file__).parents[2] / "docs" / "guides" / "chats.md").read_text("utf-8")
    for name in OPTIONS:
        (documented,) = re.findall(rf"^\| `{name}` \|.*\| ([\d,]+) \|$", chats, re.M)
        assert int(documented.replace(",", "")) == weights[f"adapters/{name}"], name
