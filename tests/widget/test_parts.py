"""The later parts of the widget by name: this version's are cached forever, another version's briefly."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

DIST = STATIC / "dist"
TODAY: str = json.loads((DIST / "manifest.json").read_text("utf-8"))["later"]
PARTS: dict[str, str] = json.loads((DIST / "manifest.json").read_text("utf-8"))["parts"]
OLDER = "-0123abcd.js"
CACHE_FOREVER = "public, max-age=31536000, immutable"


def fetch_chunk(client: FlaskClient, name: str, **options: Any) -> Any:
    return client.get(f"/w/-/{name}", **options)


@pytest.mark.slow
def test_a_part_of_this_version_is_cached_forever(client: FlaskClient, subtests: pytest.Subtests) -> None:
    assert len(PARTS) > 100
    for name, file in PARTS.items():
        with subtests.test(name=name):
            answer = fetch_chunk(client, file)
            assert answer.data == (DIST / file).read_bytes()
            assert answer.headers["Cache-Control"] == CACHE_FOREVER
            assert answer.content_type == "text/javascript; charset=utf-8"
            assert fetch_chunk(client, file + "??").data == answer.data


@pytest.mark.slow
def test_a_part_of_another_version_serves_the_current_one_for_a_while(
    client: FlaskClient, subtests: pytest.Subtests
) -> None:
    for name in [*PARTS, "en-GB", "further-en-GB"]:
        with subtests.test(name=name):
            answer = fetch_chunk(client, name + OLDER)
            assert answer.data == (DIST / PARTS[name.removesuffix("-GB")]).read_bytes()
            assert answer.headers["Cache-Control"] == "public, max-age=300"
            again = fetch_chunk(client, name + OLDER, headers={"If-None-Match": answer.headers["ETag"]})
            assert again.status_code == 304


WITHOUT_A_FILE = {
    "en-GB": "en",
    "de-CH": "de",
    "no": "nb",
    "nn-NO": "nb",
    "br": "en",
    "gl-ES": "en",
    "sma": "en",
    "further-de-CH": "further-de",
    "further-nn": "further-nb",
    "further-gl": "further-en",
    "screenshot-de-CH": "screenshot-de",
    "screenshot-no": "screenshot-nb",
    "screenshot-br": "screenshot-en",
}


def test_a_language_without_a_file_gets_its_parents_or_english(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for name, language in WITHOUT_A_FILE.items():
        with subtests.test(name=name):
            answer = fetch_chunk(client, name + TODAY)
            assert answer.data == (DIST / PARTS[language]).read_bytes()
            assert answer.headers["Cache-Control"] == CACHE_FOREVER


NO_PARTS = [
    "widget.js",
    "screenshot.js",
    f"screenshot{OLDER}",
    f"screenshot-{OLDER}",
    f"screenshot-page{OLDER}",
    "offers%2fscreenshot.js",
    "modern-screenshot-4.7.0.LICENSE",
    "..%2fvendor%2fmodern-screenshot-4.7.0.js",
    "manifest.json",
    "page.js",
    "en.js",
    f"Page{OLDER}",
    f"pages{OLDER}",
    f"further{OLDER}",
    f"further-{OLDER}",
    f"further-page{OLDER}",
    f"page-x{OLDER}",
    f"english{OLDER}",
    f"en_GB{OLDER}",
    f"e{OLDER}",
    f"..%2f{TODAY}",
    f"%2e%2e%2fdist%2fen{TODAY}",
    f"en%00{TODAY}",
    f"en%0a{TODAY}",
    f"en{TODAY}%0a",
    "en-0123abc.js",
    "en-0123abcde.js",
    "en-0123ABCD.js",
    f"{'en-' + 'a' * 9}{OLDER}",
    f"{'a' * 5_000}{OLDER}",
]


def test_any_other_name_is_not_found(client: FlaskClient, subtests: pytest.Subtests) -> None:
    for name in NO_PARTS:
        with subtests.test(name=name):
            assert fetch_chunk(client, name).status_code == 404


def test_a_vendored_library_is_served_as_published(client: FlaskClient) -> None:
    """Cache it forever because its name has the version; docs/develop/third-party-files.md lists its checksum."""
    (library,) = (STATIC / "vendor").glob("*.js")
    answer = fetch_chunk(client, library.name)
    assert answer.data == library.read_bytes()
    assert answer.headers["Cache-Control"] == CACHE_FOREVER
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    notice = (STATIC.parent / "docs" / "develop" / "third-party-files.md").read_text()
    assert library.name in notice and hashlib.sha256(library.read_bytes()).hexdigest() in notice
    licence = library.with_suffix(".LICENSE").read_text().strip()
    assert " ".join(licence.split()) in " ".join(notice.split())
