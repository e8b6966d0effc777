"""The page for reviewers: every language in every state, by the real widget."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NewPage
from tests.browser.watch import Watch, failed
from tests.long_cases import cases
from tests.serve.server import wait_until
from tests.serving import listening
from widget_server.surveys.default_texts import TEXTS
from widget_server.surveys.scales import LOOKS

FILE = Path(__file__).parents[2] / "docs" / "languages.py"
FILES = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(TEXTS.glob("*.json"))}
#: On a slow machine 270 cards take their time.
PATIENCE_MS = 120_000
#: What each card of the page says, by language and state.
CARDS = """() => Object.fromEntries([...document.querySelectorAll("[data-lang][data-state]")].map((place) => {
  const card = place.querySelector("tilfreds-rating").shadowRoot.querySelector("[part=card]");
  const text = (selector) => (card.querySelector(selector)?.textContent ?? "").replace(/\\s+/g, " ").trim();
  const said = { question: text("[part=question]"), says: text("output"), label: text("label") };
  return [`${place.dataset.lang} ${place.dataset.state}`, { lang: card.lang, dir: card.dir, ...said }];
}))"""


@pytest.fixture(scope="module")
def review() -> ModuleType:
    spec = importlib.util.spec_from_file_location("languages_page", FILE)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def address(review: ModuleType) -> Iterator[str]:
    """One server for all: a page that is still open would complain of a closed one."""
    with listening(review.create_page()) as url:
        yield url


@pytest.fixture
def page(new_page: NewPage, watch: Watch) -> Page:
    watch.expect(failed("/votes", "(409|503)"))
    return new_page()


def shown(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("html")).to_have_attribute("data-shown", "all", timeout=PATIENCE_MS)


def card(page: Page, code: str, state: str) -> Locator:
    return page.locator(f'[data-lang="{code}"][data-state="{state}"] [part=card]')


def sentence(code: str, label: str) -> str:
    return FILES[code]["later"]["answered"].replace("{}", label)


def test_every_language_is_shown_in_every_state(page: Page, address: str, review: ModuleType) -> None:
    shown(page, address)
    assert page.locator("main > section").count() == len(FILES) >= 40
    expected = {f"{code} {state}": card for code in FILES for state, card in cards_of(code).items()}
    assert len(expected) == len(FILES) * len(review.STATES)
    # Asked for in one call: one call for each text would take longer than the page.
    wait_until(lambda: page.evaluate(CARDS) == expected)
    assert page.evaluate(CARDS) == expected


def cards_of(code: str) -> dict[str, dict[str, str]]:
    """Return what the card of each state says in this language."""
    texts = FILES[code]
    survey, core, later = texts["surveys"]["article"]["faces"], texts["core"], texts["later"]
    says = {
        "rest": "",
        "saved": f"{later['saved']} {later['thanks']}",
        "kept": core["kept"],
        "closed": later["closed"],
        "comment": f"{later['saved']} {later['thanks']}",
        "answered": sentence(code, survey["labels"][1]),
    }
    every = {"lang": code, "dir": core.get("dir", "ltr"), "question": survey["question"]}
    labels = {"comment": later["label"]}
    return {state: {**every, "says": text, "label": labels.get(state, "")} for state, text in says.items()}


def test_the_page_of_one_language_has_every_text_of_its_file(page: Page, address: str) -> None:
    shown(page, f"{address}/fa")
    texts = {**FILES["fa"]["core"], **FILES["fa"]["later"], **FILES["fa"]["further"]}
    texts["progress"] = texts["progress"].replace("{}", "1", 1).replace("{}", "3")
    for key in texts.keys() - {"dir", "close", "answered"}:
        expect(page.locator("[part=card]", has_text=texts[key]).first).to_be_visible()
    expect(page.get_by_role("button", name=texts["close"]).first).to_be_visible()
    assert page.locator("dd").all_text_contents() == list(FILES["fa"]["screenshot"].values())


@pytest.mark.parametrize("look", cases(LOOKS, short=["words", "stars", "nps"]))
def test_every_look_can_be_read(page: Page, address: str, look: str) -> None:
    shown(page, f"{address}/el?look={look}&placement=chat_end")
    survey = FILES["el"]["surveys"]["chat_end"]
    question = survey.get(look, survey["faces"])["question"]
    expect(card(page, "el", "rest").locator("[part=question]")).to_have_text(question)
    expect(card(page, "el", "rest").locator("[part=choice]")).to_have_count(len(LOOKS[look].scale.scores))


def test_unknown_languages_looks_and_placements_are_not_found(review: ModuleType) -> None:
    client = review.create_page().test_client()
    assert [client.get(path).status_code for path in ("/xx", "/?look=x", "/?placement=x")] == [404, 404, 404]
