"""Faces at the end of an article that a framework takes over after its server drew it."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.back_end import done
from tests.browser.conftest import NewPage
from tests.browser.pages import Pages
from tests.browser.react.test_react import VERSIONS, bundle
from tests.browser.waiting import wait_until_true
from tests.factories import MadeSite, Make

MARKUP = '<main><article class="doc"><h1>Returns</h1><p>Pack it.</p></article></main>'
REACT = f'<div id="root">{MARKUP}</div><script src="/hydrated.js"></script>'
#: React takes the page over a second after it has loaded.
APP = """
import { useEffect, version } from "react";
import { hydrateRoot } from "react-dom/client";

const App = () => {
  useEffect(() => { self.isHydrated = true; }, []);
  return <main><article className="doc"><h1>Returns</h1><p>Pack it.</p></article></main>;
};
self.version = version;
self.errors = [];
self.first = document.querySelector("article");
setTimeout(() => hydrateRoot(document.querySelector("#root"), <App />, {
  onRecoverableError: (error) => self.errors.push(String(error)),
}), 1000);
"""
#: A framework without a known sign compares what it finds with what its server drew.
UNKNOWN = f"""<div id="root">{MARKUP}</div><script>
  const root = document.getElementById("root"), served = root.innerHTML;
  setTimeout(() => {{ self.mismatch = root.innerHTML != served; }}, 900);
</script>"""


@pytest.fixture
def article_tag(make: Make, site: MadeSite, tag: str) -> str:
    """Return the tag of a site that places its faces at the end of articles."""
    done(make.back_end(site).patch("/site", {"article_selector": "article.doc"}))
    return tag


def card_count(page: Page) -> None:
    expect(page.locator("tilfreds-rating [part=card]")).to_have_count(1)


@pytest.mark.parametrize("version", VERSIONS)
def test_react_takes_over_its_page_without_an_error(
    new_page: NewPage, pages: Pages, article_tag: str, version: str
) -> None:
    pages.pages["/hydrated.js"] = (bundle(APP, version), {"Content-Type": "text/javascript"})
    page = new_page()
    page.goto(pages.put(article_tag + REACT))
    wait_until_true(page, "self.isHydrated")
    expect(page.locator("article.doc > tilfreds-rating")).to_have_count(1)
    card_count(page)
    assert page.evaluate("[version.split('.')[0], errors, first.isConnected]") == [version, [], True]


def test_an_unknown_framework_finds_its_page_as_it_was(new_page: NewPage, pages: Pages, article_tag: str) -> None:
    page = new_page()
    page.goto(pages.put(article_tag + UNKNOWN))
    wait_until_true(page, "self.mismatch !== undefined")
    assert page.evaluate("self.mismatch") is False
    expect(page.locator("#root + tilfreds-rating")).to_have_count(1)
    card_count(page)
