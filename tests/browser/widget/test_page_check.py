"""The check in the page: each cause, planted in a real page, and the sentence that its overlay shows first."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from tests.back_end import done
from tests.browser.accessibility import SCHEMES, turn, violations
from tests.browser.agent import sign_in
from tests.browser.waiting import PATIENCE_SECONDS
from tests.browser.watch import Watch, failed
from tests.browser.widget.page_check_cases import CASES, Case
from tests.browser.widget.reader import RATING, Reader
from tests.factories import MadeSite
from tests.serve.server import wait_until

pytestmark = pytest.mark.slow

RESULT = "tilfreds-check [role=status]"
DEFAULTS: dict[str, Any] = {
    "allowed_origins": ["http://127.0.0.1:*", "http://localhost:*"],
    "placement": {},
    "adapters": {},
    "article_selector": "",
    "article_share": 1,
    "ask_when_unknown": True,
}
#: Settings that the file of the site holds.
IN_FILE = ("placement", "adapters", "article_selector", "article_share")
STEP_MS = 1000


def start_check(page: Page, host: str, site: MadeSite) -> str:
    """Press "Check in the page" without loading a page, and return the token of the link."""
    address = f"{host}/console/{site.key}/checks"
    form_token = _find(page.request.get(address).text(), r'name="form_token" value="([^"]+)"')
    form: dict[str, str | float | bool] = {
        "form_token": form_token,
        "address": "http://127.0.0.1/help",
        "where": "page",
    }
    return _find(page.request.post(address, form=form).text(), r'tilfreds=([^"&]+)"')


def _find(text: str, pattern: str) -> str:
    match = re.search(pattern, text)
    assert match, text
    return unescape(match[1])


@dataclass
class Checker:
    """A person who opens pages with the link of a check. The pages share one browser context."""

    reader: Reader
    other: MadeSite
    watch: Watch
    settings: dict[str, Any] = field(default_factory=lambda: DEFAULTS)

    def __post_init__(self) -> None:
        page = self.reader.page
        sign_in(page, self.reader.product)
        self.token = start_check(page, self.reader.product.url, self.reader.site)
        page.clock.install()
        # The settings of the site change between two pages.
        session = page.context.new_cdp_session(page)
        session.send("Network.enable")
        session.send("Network.setCacheDisabled", {"cacheDisabled": True})

    @property
    def names(self) -> dict[str, str]:
        reader = self.reader
        names = {"host": reader.product.url, "origin": reader.pages.url}
        return {**names, "own": reader.site.key, "other": self.other.key}

    def check(self, case: Case) -> str:
        """Plant a case, open its page with the link, and return the first sentence of the overlay."""
        reader = self.reader
        self.set(case.settings)
        for trouble in case.troubles:
            self.watch.expect(trouble)
        script = f"<script>{case.script}</script>" if case.script else ""
        reader.open(script + case.body, case.headers, case.tags.format(**self.names))
        if case.prepare:
            case.prepare(reader)
        reader.page.goto(f"{reader.pages.url}{reader.path}?a=1&tilfreds={self.token}#part")
        sentence = self.wait_for_sentence(reader.page.main_frame)
        assert reader.page.url == f"{reader.pages.url}{reader.path}?a=1#part"
        reader.page.evaluate("localStorage.clear(); sessionStorage.clear()")
        reader.page.unroute_all()
        return sentence

    def set(self, settings: dict[str, Any]) -> None:
        """Change the settings of the site, and wait until its file follows."""
        reader = self.reader

        def read_file() -> str:
            address, headers = f"{reader.product.url}/w/{reader.site.key}.js", {"Sec-Fetch-Mode": "no-cors"}
            return str(reader.page.request.get(address, headers=headers).text())

        file, wanted_settings = read_file(), DEFAULTS | settings
        done(reader.make.back_end(reader.site).patch("/site", wanted_settings))
        is_in_file = any(wanted_settings[name] != self.settings[name] for name in IN_FILE)
        self.settings = wanted_settings
        assert not is_in_file or wait_until(lambda: all(read_file() != file for _ in range(4)), PATIENCE_SECONDS)

    def wait_for_sentence(self, frame: Frame) -> str:
        line = frame.locator(f"{RESULT} b").first

        def is_there() -> bool:
            self.reader.page.clock.run_for(STEP_MS)
            return bool(line.count())

        assert wait_until(is_there, PATIENCE_SECONDS), frame.locator("tilfreds-check section").all_inner_texts()
        return line.inner_text()


@pytest.fixture
def checker(reader: Reader, watch: Watch) -> Checker:
    return Checker(reader, reader.make.site(name="Other"), watch)


def test_each_cause_in_a_real_page(checker: Checker, subtests: pytest.Subtests) -> None:
    assert len(CASES) >= 20
    for case in CASES:
        sentence = case.sentence.format(**checker.names)
        with subtests.test(sentence=sentence):
            assert checker.check(case) == sentence


def test_a_page_in_order_is_reported_to_the_console(checker: Checker) -> None:
    reader = checker.reader
    reader.open()
    reader.page.goto(f"{reader.pages.url}{reader.path}?tilfreds={checker.token}")
    result = reader.page.locator(RESULT)
    with reader.page.expect_request("**/check") as request:
        while not request.is_done():
            reader.page.clock.run_for(STEP_MS)
    expect(result).to_have_text("Nothing is wrong here.")
    assert request.value.post_data_json == {"token": checker.token, "findings": []}


def test_a_page_in_a_sandboxed_frame(checker: Checker, watch: Watch) -> None:
    reader = checker.reader
    watch.expect(failed("/seen", "403"))
    inner = reader.pages.put(RATING + reader.tag)
    reader.open(
        f'<iframe sandbox="allow-scripts" height="600" src="{inner}?tilfreds={checker.token}"></iframe>', tag=""
    )
    [frame] = reader.page.main_frame.child_frames
    assert checker.wait_for_sentence(frame) == ("The page has no origin, because it is a file or in a sandboxed frame.")


def test_a_link_that_has_expired_says_so_and_an_ordinary_view_loads_nothing(checker: Checker) -> None:
    reader = checker.reader
    reader.open()
    assert reader.page.locator("tilfreds-check").count() == 0
    assert not reader.page.evaluate("performance.getEntriesByType('resource').some(({ name }) => /check/.test(name))")
    reader.page.goto(f"{reader.pages.url}{reader.path}?tilfreds=tfc_x")
    expect(reader.page.locator(RESULT)).to_contain_text("This link has expired.")


def test_the_console_says_after_ten_seconds_that_there_was_no_contact(checker: Checker) -> None:
    reader, page = checker.reader, checker.reader.page
    address = reader.pages.put("<p>No tag</p>")
    page.goto(f"{reader.product.url}/console/{reader.site.key}/checks")
    assert violations(page) == []
    page.get_by_label("Address of the page").fill(address)
    page.get_by_role("button", name="Check in the page").click()
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Open the page").click()
    popup.value.close()
    expect(page.locator(".findings")).to_contain_text("Waiting for the page.")
    page.clock.run_for(11_000)
    expect(page.locator(".findings")).to_contain_text("No contact from this page.")
    assert violations(page) == []


def test_the_overlay_is_accessible_fits_a_phone_and_closes(checker: Checker, subtests: pytest.Subtests) -> None:
    reader, page = checker.reader, checker.reader.page
    reader.open("<p>Text</p>")
    page.goto(f"{reader.pages.url}{reader.path}?tilfreds={checker.token}")
    checker.wait_for_sentence(page.main_frame)
    page.locator("tilfreds-check summary").click()
    for width in (320, 390, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        box = page.locator("tilfreds-check section").bounding_box()
        assert box and box["x"] >= 0 and box["x"] + box["width"] <= width
    for scheme in SCHEMES:
        with subtests.test(scheme=scheme):
            turn(page, scheme)
            assert violations(page, within="tilfreds-check") == []
    page.get_by_role("button", name="Close").click()
    expect(page.locator("tilfreds-check")).to_have_count(0)
