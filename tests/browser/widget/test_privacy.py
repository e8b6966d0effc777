"""Visitors with Global Privacy Control, and pages that are prerendered."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.back_end import done
from tests.browser.pages import Pages
from tests.browser.waiting import wait_until_true
from tests.browser.watch import Watch, failed
from tests.browser.widget.reader import RATING, Reader
from tests.factories import MadeSite, Make
from tests.serve.server import wait_until

GPC = "Object.defineProperty(Navigator.prototype, 'globalPrivacyControl', { get: () => true })"


def read_storages(reader: Reader) -> dict[str, Any]:
    """Return the records in this browser's storages, by name."""
    storage = reader.page.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    return {name: json.loads(value) for name, value in json.loads(storage).items()}


def test_global_privacy_control_leaves_no_view_and_no_id(reader: Reader) -> None:
    reader.page.add_init_script(GPC)
    reader.open()
    expect(reader.card()).to_be_visible()
    assert read_storages(reader) == {}

    with reader.page.expect_response("**/-/quiet-*.js"):
        reader.press("Good")
    reader.says("✓ Saved.")
    reader.received()
    name = f"tilfreds:{reader.site.key}:article,{reader.path},"
    wait_until_true(reader.page, f"JSON.parse(localStorage[{json.dumps(name)}]).off")
    mark = read_storages(reader)[name]
    assert (mark["off"], mark["answer"], sorted(mark)) == (1, {}, ["answer", "off", "until"])
    reader.press("Bad")
    reader.comment("Still mine to change")
    assert read_storages(reader)[name]["answer"] == {}

    reader.page.reload()
    reader.page.wait_for_load_state("networkidle")
    expect(reader.page.locator("tilfreds-rating [part=card]")).to_have_count(0)
    (vote,) = reader.votes()
    assert (vote["answer"]["score"], vote["comment"]) == (1, "Still mine to change")
    assert reader.of("seen") == []
    assert reader.page.context.cookies() == []


def test_with_global_privacy_control_an_unsent_press_keeps_its_id_until_it_was_received(
    reader: Reader, watch: Watch
) -> None:
    watch.expect(failed("/votes", "ERR_FAILED"))
    reader.page.add_init_script(GPC)
    reader.open()
    reader.answers("votes", lambda route: route.abort())
    reader.press("OK")
    reader.says("Kept on this device")
    name = f"tilfreds:{reader.site.key}:article,{reader.path},"
    id = read_storages(reader)[name]["answer"]["id"]
    reader.page.unroute("**/w/*/votes")
    reader.page.reload()
    reader.says("Saved")
    reader.received()
    assert id not in json.dumps(read_storages(reader))
    (vote,) = reader.votes()
    assert vote["answer"]["score"] == 2
    assert {body["id"] for body in reader.of("votes")} == {id}


#: A page that prerenders the next one, and navigates there once a file exists.
BEFORE = """<script type=speculationrules>{{"prerender": [{{"urls": ["{next}"], "eagerness": "immediate"}}]}}</script>
<script>setInterval(async () => (await fetch("{go}")).status == 200 && (location.href = "{next}"), 100)</script>"""
#: Reports under another name that the card is drawn, and whether the page is prerendering.
REPORT_DRAWN = """<script>
  const drawn = () => document.querySelector("tilfreds-rating").shadowRoot.firstChild;
  const say = (subject) =>
    fetch("{address}/seen", {{ method: "POST", body: JSON.stringify({{ kind: "page", subject }}) }});
  addEventListener("load", () => setTimeout(() => drawn() && say(`/drawn-in-advance-${{document.prerendering}}`), 500));
</script>"""


def test_a_prerendered_page_has_no_impression_before_it_is_visible(
    chromium_program: str, pages: Pages, make: Make, site: MadeSite, tag: str, tmp_path: Path
) -> None:
    """Run Chromium without a debugger, because it prerenders nothing while one is attached."""
    address = tag.partition('src="')[2].partition(".js")[0]
    following = urlsplit(pages.put(RATING + tag + REPORT_DRAWN.format(address=address))).path
    first = pages.put(BEFORE.format(next=following, go="/go-to-the-next"))

    def count_shown(kind: str) -> dict[str, int]:
        subjects = done(make.back_end(site).get(f"/subjects?kind={kind}"))["subjects"]
        return {one["subject"]: one["shown"] for one in subjects}

    options = ["--headless=new", "--no-sandbox", "--disable-background-networking", f"--user-data-dir={tmp_path}"]
    # Without this a headless browser ends once its page has loaded.
    options += ["--remote-debugging-port=0"]
    browser = subprocess.Popen([chromium_program, *options, first], stderr=subprocess.DEVNULL)
    try:
        assert wait_until(lambda: count_shown("page"), 30)
        assert count_shown("page") == {"/drawn-in-advance-true": 1}
        assert count_shown("article") == {}, "drawn but not visible"
        pages.put("go", "/go-to-the-next")
        assert wait_until(lambda: count_shown("article"), 30)
        assert count_shown("article") == {following: 1}
    finally:
        browser.terminate()
        browser.wait()
