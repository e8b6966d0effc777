"""How the site's file and its parts are served: headers, caching, and addresses that the operator may choose."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from pathlib import Path

import brotli
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.applications import Applications
from tests.demo.conftest import KnownLinks
from tests.factories import ORIGIN, MadeSite, Make
from widget_server import create_app
from widget_server.core.assets import STATIC
from widget_server.core.config import DEFAULT_WIDGET_FILE, Config
from widget_server.core.settings_parser import RESERVED_FOLDERS
from widget_server.demo.shop import Keys, create_shop

from .conftest import press_id

LATER: str = json.loads((STATIC / "dist" / "manifest.json").read_text("utf-8"))["later"]
OWN_FILE = "/help/faces-KEY.js"


@pytest.fixture
def own_client(config: Config, app: Flask, applications: Applications) -> Iterator[FlaskClient]:
    """Return a client of the same database with another name for the file."""
    with applications.lend(dataclasses.replace(config, widget_file=OWN_FILE)) as own:
        yield own.test_client()


def requests_of(folder: str, name: str) -> list[tuple[str, str]]:
    endpoints = ("votes", "seen", "dismissed", "ended", "poll")
    return [
        ("GET", f"{folder}{name}.js"),
        ("GET", f"{folder}-/page{LATER}"),
        *(("POST", f"{folder}{name}/{what}") for what in endpoints),
        *(("OPTIONS", f"{folder}{name}/{what}") for what in endpoints),
    ]


@pytest.mark.parametrize("file", [DEFAULT_WIDGET_FILE, OWN_FILE])
def test_pages_that_isolate_themselves_may_load_and_measure_everything(
    own_client: FlaskClient, site: MadeSite, file: str
) -> None:
    """Open errors too, or a page could not read their reason."""
    folder, name = file.replace("KEY.js", site.key).rsplit("/", 1)
    for method, path in [*requests_of(f"{folder}/", name), ("GET", f"{folder}/nothing"), ("POST", f"{folder}/x/votes")]:
        answer = own_client.open(path, method=method)
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin", path
        assert answer.headers["Timing-Allow-Origin"] == "*", path
        assert answer.headers["Access-Control-Allow-Origin"] == "*", path
        assert answer.headers.getlist("Cross-Origin-Resource-Policy") == ["cross-origin"]


def test_nothing_else_is_opened_to_other_sites(own_client: FlaskClient) -> None:
    for path in ("/health/live", "/api/v1/site", "/console/", "/helpful", "/"):
        answer = own_client.get(path)
        assert answer.headers.get("Cross-Origin-Resource-Policy") != "cross-origin", path
        assert "Timing-Allow-Origin" not in answer.headers, path


def test_the_file_is_revalidated_by_its_entity_tag(client: FlaskClient, make: Make, site: MadeSite) -> None:
    """Cache it for five minutes, and for a day while revalidating; brotli and plain have separate entity tags."""
    path = f"/w/{site.key}.js"
    small, plain = (client.get(path, headers={"Accept-Encoding": encoding}) for encoding in ("br", "identity"))
    assert small.headers["Cache-Control"] == "public, max-age=300, stale-while-revalidate=86400"
    assert (small.headers["Content-Encoding"], small.headers["Vary"]) == ("br", "Accept-Encoding, Sec-Fetch-Mode")
    assert small.headers["ETag"] != plain.headers["ETag"]
    conditional_headers = {"Accept-Encoding": "br", "If-None-Match": small.headers["ETag"]}
    assert client.get(path, headers=conditional_headers).status_code == 304
    make.survey(site, "article")
    changed = client.get(path, headers=conditional_headers)
    assert changed.status_code == 200
    assert changed.headers["ETag"] != small.headers["ETag"]


def test_the_file_is_composed_and_compressed_once_for_each_change(
    client: FlaskClient, make: Make, site: MadeSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    compressed: list[bytes] = []
    compress = brotli.compress

    def count_and_compress(data: bytes, **options: int) -> bytes:
        compressed.append(data)
        return compress(data, **options)

    monkeypatch.setattr(brotli, "compress", count_and_compress)
    for _ in range(3):
        client.get(f"/w/{site.key}.js")
    assert len(compressed) == 1
    make.survey(site, "article")
    for _ in range(3):
        client.get(f"/w/{site.key}.js")
    assert len(compressed) == 2


@pytest.mark.parametrize("file", [DEFAULT_WIDGET_FILE, OWN_FILE])
def test_a_file_of_another_name_accepts_votes_and_the_old_one_still_works(
    own_client: FlaskClient, make: Make, site: MadeSite, file: str
) -> None:
    survey = make.survey(site, "article")
    answer = own_client.get(file.replace("KEY", site.key))
    assert str(survey.revision) in answer.text
    vote = {"kind": "article", "subject": "/a", "id": press_id(), "rev": 1, "revision": str(survey.revision)}
    path = file.replace("KEY.js", f"{site.key}/votes")
    assert own_client.post(path, json=vote | {"score": 3}, headers={"Origin": ORIGIN}).status_code == 200
    assert len(make.back_end(site).get("/votes").get_json()["votes"]) == 1


def test_the_tag_follows_the_setting_in_the_api(own_client: FlaskClient, site: MadeSite) -> None:
    answer = own_client.get("/api/v1/site", headers={"Authorization": f"Bearer {site.api_key}"})
    assert answer.get_json()["tag"] == f'<script async src="http://localhost/help/faces-{site.key}.js"></script>'


def test_the_tag_follows_the_setting_in_the_demo() -> None:
    keys = Keys("sitekey", "tfk_x", "tfs_k1_x")
    shop = create_shop("https://rate.example", lambda: keys, KnownLinks([]), widget_file=OWN_FILE).test_client()
    for path in ("/shop", "/one-line", "/help/slipping-chain", "/"):
        assert 'src="https://rate.example/help/faces-sitekey.js"' in shop.get(path).text, path
        assert "/w/" not in shop.get(path).text, path


def test_no_folder_of_another_page_can_be_chosen(app: Flask, config: Config) -> None:
    """List each new part of the server in RESERVED_FOLDERS."""
    live = create_app(config, role="live")
    folders = {str(rule).split("/")[1] for one in (app, live) for rule in one.url_map.iter_rules()}
    live.extensions["tilfreds_engines"].dispose()
    assert folders - {"w"} == set(RESERVED_FOLDERS)


def test_no_page_hard_codes_the_address() -> None:
    """Read the address from the settings wherever a tag is printed."""
    package = Path(create_app.__code__.co_filename).parent
    literal = [
        str(path.relative_to(package))
        for path in [*package.rglob("*.py"), *package.rglob("*.html"), *package.rglob("*.js")]
        if "/w/{" in path.read_text("utf-8") and "static" not in path.parts
    ]
    assert literal == ["demo/play.py"]
