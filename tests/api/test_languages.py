"""What the widget speaks, and who vouches for it."""

from __future__ import annotations

import json

from flask.testing import FlaskClient

from tests.back_end import Api
from widget_server.surveys.default_texts import TEXTS


def test_every_language_says_whether_a_speaker_reviewed_it_and_which_way_it_reads(api: Api) -> None:
    listed = {one["code"]: one for one in api.get("/languages").get_json()["languages"]}

    files = {path.stem: json.loads(path.read_text("utf-8")) for path in TEXTS.glob("*.json")}
    assert list(listed) == sorted(files)
    assert len(listed) >= 40
    assert {code: (one["name"], one["status"]) for code, one in listed.items()} == {
        code: (file["language"], file["status"]) for code, file in files.items()
    }
    assert listed["da"] == {"code": "da", "name": "Dansk", "status": "machine", "dir": "ltr"}
    assert listed["en"]["status"] == "reviewed"
    assert [code for code, one in listed.items() if one["dir"] == "rtl"] == ["ar", "fa", "he", "ur"]


def test_a_site_may_speak_them_all(api: Api) -> None:
    codes = [one["code"] for one in api.get("/languages").get_json()["languages"]]

    assert api.patch("/site", {"languages": codes}).get_json()["languages"] == codes


def test_they_are_told_to_keys_alone(client: FlaskClient) -> None:
    assert client.get("/api/v1/languages").status_code == 401
