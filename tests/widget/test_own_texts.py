"""A site's own words reach its file and its later parts, along the chain of languages, and cost other sites nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest
from flask.testing import FlaskClient

from widget_server.core.assets import STATIC

from ..back_end import Api, done
from ..factories import MadeSite, Make
from .served import settings_in

DIST = STATIC / "dist"
MANIFEST = json.loads((DIST / "manifest.json").read_text("utf-8"))
FOR_EVER = "public, max-age=31536000, immutable"
BRIEFLY = "public, max-age=300"


@pytest.fixture
def site(make: Make) -> MadeSite:
    made = make.site(languages=["da", "en-GB", "no"])
    make.survey(made)
    return made


def served(client: FlaskClient, site: MadeSite) -> dict[str, Any]:
    return settings_in(client.get(f"/w/{site.key}.js").get_data(as_text=True))


def part(client: FlaskClient, name: str) -> Any:
    return client.get(f"/w/-/{name}")


def word(api: Api, **texts: Any) -> None:
    done(api.patch("/site", {"texts": {tag.replace("_", "-"): own for tag, own in texts.items()}}))


def test_words_before_the_press_stand_in_the_file_under_every_tag(
    client: FlaskClient, api: Api, site: MadeSite
) -> None:
    before = served(client, site)
    word(api, en={"close": "Later"}, en_GB={"saving": "One moment"}, nb={"close": "Senere"})
    after = served(client, site)
    assert after["texts"]["en-GB"] == {**before["texts"]["en"], "close": "Later", "saving": "One moment"}
    assert after["texts"]["en"] == after["texts"]["en-GB"], "a parent finds its child"
    assert [after["texts"][tag]["close"] for tag in ("no", "nb", "nn")] == ["Senere"] * 3
    assert after["texts"]["da"] == before["texts"]["da"]
    assert after["later"] == before["later"] == MANIFEST["later"], "the shared parts say what comes later"
    word(api, en=None, en_GB=None, nb=None)
    assert served(client, site) == before


def test_words_after_the_press_come_in_parts_of_the_sites_own(client: FlaskClient, api: Api, site: MadeSite) -> None:
    word(api, en={"saved": "Got it."}, en_GB={"answered": "You said {}, love."})
    later = served(client, site)["later"]
    assert later.startswith(MANIFEST["later"].removesuffix(".js") + f".{site.key}.") and later.endswith(".js")
    for tag in ("en-GB", "en", "en-US"):
        answer = part(client, tag + later)
        assert answer.headers["Cache-Control"] == FOR_EVER
        assert "Got it." in answer.text and ("love" in answer.text) is (tag != "en-US"), tag
        assert "✓ Comment saved." in answer.text, "the rest is ours"
    assert part(client, "da" + later).data == (DIST / MANIFEST["parts"]["da"]).read_bytes()
    assert part(client, "page" + later).data == (DIST / MANIFEST["parts"]["page"]).read_bytes()
    assert part(client, "quiet" + later + "??").data == (DIST / MANIFEST["parts"]["quiet"]).read_bytes()
    assert part(client, "en" + MANIFEST["later"]).data == (DIST / MANIFEST["parts"]["en"]).read_bytes()


def test_other_words_are_another_address_and_the_older_one_is_answered_by_todays(
    client: FlaskClient, api: Api, site: MadeSite
) -> None:
    word(api, da={"saved": "Tak!"})
    first = served(client, site)["later"]
    done(api.patch("/site", {"name": "Store"}))
    assert served(client, site)["later"] == first, "what has nothing to do with words leaves the address"
    word(api, da={"saved": "Mange tak!"})
    second = served(client, site)["later"]
    assert first != second
    older = part(client, "da" + first)
    assert ("Mange tak!" in older.text, older.headers["Cache-Control"]) == (True, BRIEFLY)
    word(api, da=None)
    gone = part(client, "da" + second)
    assert gone.data == (DIST / MANIFEST["parts"]["da"]).read_bytes()
    assert gone.headers["Cache-Control"] == BRIEFLY
    older_version = part(client, "da-0123abcd" + second.partition(".")[1] + second.partition(".")[2])
    assert (older_version.status_code, older_version.headers["Cache-Control"]) == (200, BRIEFLY)


def test_a_part_of_a_site_that_is_not_there_is_not_found(client: FlaskClient, api: Api, site: MadeSite) -> None:
    word(api, da={"saved": "Tak!"})
    later = served(client, site)["later"]
    assert part(client, "da" + later.replace(site.key, "unknown")).status_code == 404
    for bad in (later[:-4] + ".js", later.replace(".js", "x.js"), later.replace(site.key, "a" * 33), later + ".js"):
        assert part(client, "da" + bad).status_code == 404, bad


def test_words_that_would_break_out_of_a_script_stay_words(client: FlaskClient, api: Api, site: MadeSite) -> None:
    nasty = "</script><b>\u2028'\"`${x}\\ __TILFREDS_TEXTS__"
    word(api, da={"saved": nasty, "close": nasty[:40]})
    text = part(client, "da" + served(client, site)["later"]).text
    assert "</script>" not in text and "\u2028" not in text
    assert json.dumps(nasty, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028") in text
    assert served(client, site)["texts"]["da"]["close"] == nasty[:40]


def test_a_sites_own_part_weighs_what_the_shared_one_weighs(client: FlaskClient, api: Api, site: MadeSite) -> None:
    word(api, en={"saved": "✓ Saved!"})
    own = client.get(f"/w/-/en{served(client, site)['later']}", headers={"Accept-Encoding": "br"})
    assert len(own.data) < MANIFEST["weights"]["later"]["en"] * 1.05
