"""A site's file holds the adapters that the site names, with their options, and no other."""

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
from widget_server.api.sites.adapters import OPTIONS
from widget_server.core.assets import STATIC
from widget_server.storage.db import db

SOURCES = STATIC / "src" / "adapters"
#: Beside `target`, which each takes.
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


def served(client: FlaskClient, site: MadeSite) -> str:
    return client.get(f"/w/{site.key}.js").get_data(as_text=True)


def held(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    """The options by adapter that stand in the site's file."""
    _, *extras = re.split(r'^tilfreds\["adapters/', served(client, site), flags=re.M)
    found = [re.fullmatch(r'(\w+)"\]\?\?=\(.*\)\((\{.*?\})\)\?\?1;\n', extra, re.S) for extra in extras]
    return {one[1]: json.loads(one[2]) for one in found if one is not None}


@ON_BOTH
def test_a_sites_file_has_its_own_adapters_alone(client: FlaskClient, site: MadeSite, api: Api) -> None:
    bare = served(client, site)
    assert "adapters/" not in bare

    for wanted in ({"crisp": {}, "rocketchat": {"field": "tilfreds"}}, {"hubspot": {"target": "<b>"}}, {}):
        done(api.patch("/site", {"adapters": wanted}))
        assert held(client, site) == wanted
        assert done(api.get("/site"))["adapters"] == wanted
    assert served(client, site) == bare


def test_every_adapter_takes_its_options(client: FlaskClient, site: MadeSite, api: Api) -> None:
    wanted = {name: {"target": "#here", **{one: FULL[one] for one in options}} for name, options in OPTIONS.items()}

    done(api.patch("/site", {"adapters": wanted}))

    assert held(client, site) == wanted


def test_every_file_of_an_adapter_can_be_named_and_names_its_options() -> None:
    files = {path.stem: path.read_text("utf-8") for path in SOURCES.glob("*.js")}
    assert sorted(files) == sorted(OPTIONS)
    for name, source in files.items():
        (told,) = re.findall(r"@param \{\{(.*?)\}\} options", source, re.DOTALL)
        assert sorted(re.findall(r"(\w+)\??: ", told)) == sorted(["target", *OPTIONS[name]]), name
        assert "https://" in source or name == "dom", "an adapter names the vendor's page that it follows"


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
    made = done(make.operator().post("/sites", {"name": "Shop", "adapters": {"tawk": {"target": "#here"}}}))

    assert made["adapters"] == {"tawk": {"target": "#here"}}


@ON_BOTH
def test_an_adapter_that_another_version_had_does_not_take_the_file_with_it(
    client: FlaskClient, site: MadeSite, api: Api, session: Any
) -> None:
    change = """UPDATE site SET adapters = '{"crisp": {}, "olark": {}}', version = version + 1 WHERE key = :key"""
    session.execute(text(change), {"key": site.key})
    db.session.commit()

    assert held(client, site) == {"crisp": {}}


def test_what_the_built_adapters_weigh_stands_in_the_manifest_and_the_documents() -> None:
    weights = json.loads((STATIC / "dist" / "manifest.json").read_text("utf-8"))["weights"]["extras"]
    chats = (Path(__file__).parents[2] / "docs" / "guides" / "chats.md").read_text("utf-8")
    for name in OPTIONS:
        (told,) = re.findall(rf"^\| `{name}` \|.*\| ([\d,]+) \|$", chats, re.M)
        assert int(told.replace(",", "")) == weights[f"adapters/{name}"], name
