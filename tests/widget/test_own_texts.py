"""A site's own texts reach its file and its later parts, by language, and change no other site's files."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

from ..back_end import Api, done
from ..factories import MadeSite, Make
from .served import read_settings

DIST = STATIC / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_text("utf-8"))
CACHE_FOREVER = "public, max-age=31536000, immutable"
CACHE_BRIEFLY = "public, max-age=300"


@pytest.fixture
def site(make: Make) -> MadeSite:
    site = make.site(languages=["da", "en-GB", "no"])
    make.survey(site)
    return site


def fetch_settings(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    return read_settings(client.get(f"/w/{site.key}.js").get_data(as_text=True))


def fetch_chunk(client: FlaskClient, name: str) -> Any:
    return client.get(f"/w/-/{name}")


def set_texts(api: Api, **texts: Any) -> None:
    done(api.patch("/site", {"texts": {tag.replace("_", "-"): own for tag, own in texts.items()}}))


def test_texts_before_the_press_are_in_the_file_under_every_tag(client: FlaskClient, api: Api, site: MadeSite) -> None:
    before = fetch_settings(client, site)
    set_texts(api, en={"close": "Later"}, en_GB={"saving": "One moment"}, nb={"close": "Senere"})
    after = fetch_settings(client, site)
    assert after["texts"]["en-GB"] == {**before["texts"]["en"], "close": "Later", "saving": "One moment"}
    assert after["texts"]["en"] == after["texts"]["en-GB"], "a parent finds its child"
    assert [after["texts"][tag]["close"] for tag in ("no", "nb", "nn")] == ["Senere"] * 3
    assert after["texts"]["da"] == before["texts"]["da"]
    assert after["later"] == before["later"] == MANIFEST["later"], "the shared parts serve the later texts"
    set_texts(api, en=None, en_GB=None, nb=None)
    assert fetch_settings(client, site) == before


def test_texts_after_the_press_come_in_separate_parts(client: FlaskClient, api: Api, site: MadeSite) -> None:
    set_texts(api, en={"saved": "Got it."}, en_GB={"answered": "You said {}, love."})
    later = fetch_settings(client, site)["later"]
    assert later.startswith(MANIFEST["later"].removesuffix(".js") + f".{site.key}.") and later.endswith(".js")
    for tag in ("en-GB", "en", "en-US"):
        answer = fetch_chunk(client, tag + later)
        assert answer.headers["Cache-Control"] == CACHE_FOREVER
        assert "Got it." in answer.text and ("love" in answer.text) is (tag != "en-US"), tag
        assert "✓ Comment saved." in answer.text, "the rest is default texts"
    assert fetch_chunk(client, "da" + later).data == (DIST / MANIFEST["parts"]["da"]).read_bytes()
    assert fetch_chunk(client, "page" + later).data == (DIST / MANIFEST["parts"]["page"]).read_bytes()
    assert fetch_chunk(client, "quiet" + later + "??").data == (DIST / MANIFEST["parts"]["quiet"]).read_bytes()
    assert fetch_chunk(client, "en" + MANIFEST["later"]).data == (DIST / MANIFEST["parts"]["en"]).read_bytes()


def test_other_texts_have_another_address_and_the_older_one_serves_the_current_part(
    client: FlaskClient, api: Api, site: MadeSite
) -> None:
    set_texts(api, da={"saved": "Tak!"})
    first = fetch_settings(client, site)["later"]
    done(api.patch("/site", {"name": "Store"}))
    assert fetch_settings(client, site)["later"] == first, "a change other than of texts keeps the address"
    set_texts(api, da={"saved": "Mange tak!"})
    second = fetch_settings(client, site)["later"]
    assert first != second
    older = fetch_chunk(client, "da" + first)
    assert ("Mange tak!" in older.text, older.headers["Cache-Control"]) == (True, CACHE_BRIEFLY)
    set_texts(api, da=None)
    gone = fetch_chunk(client, "da" + second)
    assert gone.data == (DIST / MANIFEST["parts"]["da"]).read_bytes()
    assert gone.headers["Cache-Control"] == CACHE_BRIEFLY
    older_version = fetch_chunk(client, "da-0123abcd" + second.partition(".")[1] + second.partition(".")[2])
    assert (older_version.status_code, older_version.headers["Cache-Control"]) == (200, CACHE_BRIEFLY)


def test_a_part_of_an_unknown_site_is_not_found(client: FlaskClient, api: Api, site: MadeSite) -> None:
    set_texts(api, da={"saved": "Tak!"})
    later = fetch_settings(client, site)["later"]
    assert fetch_chunk(client, "da" + later.replace(site.key, "unknown")).status_code == 404
    for bad in (later[:-4] + ".js", later.replace(".js", "x.js"), later.replace(site.key, "a" * 33), later + ".js"):
        assert fetch_chunk(client, "da" + bad).status_code == 404, bad


def test_words_that_would_break_out_of_a_script_stay_words(client: FlaskClient, api: Api, site: MadeSite) -> None:
    nasty = "</script><b>\u2028'\"`${x}\\ __TILFREDS_TEXTS__"
    set_texts(api, da={"saved": nasty, "close": nasty[:40]})
    text = fetch_chunk(client, "da" + fetch_settings(client, site)["later"]).text
    assert "</script>" not in text and "\u2028" not in text
    assert json.dumps(nasty, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028") in text
    assert fetch_settings(client, site)["texts"]["da"]["close"] == nasty[:40]


def test_a_sites_own_part_weighs_what_the_shared_one_weighs(client: FlaskClient, api: Api, site: MadeSite) -> None:
    set_texts(api, en={"saved": "✓ Saved!"})
    own = client.get(f"/w/-/en{fetch_settings(client, site)['later']}", headers={"Accept-Encoding": "br"})
    assert len(own.data) < MANIFEST["weights"]["later"]["en"] * 1.05
