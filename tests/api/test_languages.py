"""Tests of the list of languages."""

from __future__ import annotations

import json

from flask.testing import FlaskClient

from tests.back_end import Api
from widget_server.surveys.default_texts import TEXTS


def test_every_language_has_its_review_status_and_direction(api: Api) -> None:
    languages = {language["code"]: language for language in api.get("/languages").get_json()["languages"]}

    files = {path.stem: json.loads(path.read_text("utf-8")) for path in TEXTS.glob("*.json")}
    assert list(languages) == sorted(files)
    assert len(languages) >= 40
    assert {code: (language["name"], language["status"]) for code, language in languages.items()} == {
        code: (file["language"], file["status"]) for code, file in files.items()
    }
    assert languages["da"] == {"code": "da", "name": "Dansk", "status": "machine", "dir": "ltr"}
    assert languages["en"]["status"] == "reviewed"
    assert [code for code, language in languages.items() if language["dir"] == "rtl"] == ["ar", "fa", "he", "ur"]


def test_a_site_may_have_all_languages(api: Api) -> None:
    codes = [language["code"] for language in api.get("/languages").get_json()["languages"]]

    assert api.patch("/site", {"languages": codes}).get_json()["languages"] == codes


def test_the_list_requires_a_key(client: FlaskClient) -> None:
    assert client.get("/api/v1/languages").status_code == 401
