"""The watch notices every kind of error on a page, and an expected one must occur."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Browser

from tests.browser.pages import Pages
from tests.browser.watch import Watch, failed

STRICT = {"Content-Security-Policy": "default-src 'none'; script-src 'unsafe-inline'; connect-src 'self'"}
REPORTING = {"Content-Security-Policy-Report-Only": "require-trusted-types-for 'script'"}
TROUBLES = {
    "uncaught error": ("<script>setTimeout(() => { throw new Error('dropped') })</script>", {}, "dropped"),
    "unhandled rejection": ("<script>Promise.reject(new Error('refused'))</script>", {}, "refused"),
    "console error": ("<script>console.error('spoken')</script>", {}, "spoken"),
    "console assert": ("<script>console.assert(false, 'untrue')</script>", {}, "untrue"),
    "policy": ("<img src='http://127.0.0.1:9/x.png'>", STRICT, "policy breached: img-src"),
    "reported policy": ("<script>document.body.innerHTML = '<b>'</script>", REPORTING, "require-trusted-types-for"),
    "missing file": ("<script src='http://127.0.0.1:9/x.js'></script>", {}, "Failed to load resource"),
}


@pytest.mark.parametrize("kind", TROUBLES)
def test_a_trouble_is_noticed(kind: str, chromium: Browser, pages: Pages) -> None:
    body, headers, words = TROUBLES[kind]
    watch = visit(chromium, pages.put(body, headers=headers))
    assert any(words in trouble for trouble in watch.unexpected()), watch.troubles
    with pytest.raises(AssertionError, match="trouble on a page"):
        watch.check()


def test_an_answer_429_is_noticed(chromium: Browser, pages: Pages) -> None:
    watch = Watch()
    context = chromium.new_context()
    watch.attach(context)
    context.route("**/limited", lambda route: route.fulfill(status=429, body="{}"))
    page = context.new_page()
    page.goto(pages.put("quiet"))
    page.evaluate("fetch('/limited').then(() => 0)")
    watch.settle()
    context.close()
    assert any(trouble.startswith("answer 429") for trouble in watch.troubles)


def test_a_quiet_page_passes(chromium: Browser, pages: Pages) -> None:
    visit(chromium, pages.put("<script>console.info('all is well')</script>")).check()


def test_an_expected_trouble_passes_and_must_come(chromium: Browser, pages: Pages) -> None:
    watch = visit(chromium, pages.put("<script>console.error('spoken')</script>"))
    watch.expect("spok.n")
    watch.check()
    watch.expect("never said")
    with pytest.raises(AssertionError, match="did not come"):
        watch.check()


@pytest.mark.parametrize("pattern", ["^console: Failed to load resource", "ERR_", "status of 404", "^answer 429", ""])
def test_an_expectation_that_names_no_request_is_refused(pattern: str) -> None:
    with pytest.raises(AssertionError, match="too broad"):
        Watch().expect(pattern)


def test_a_failed_request_is_expected_by_its_address_and_reason(chromium: Browser, pages: Pages) -> None:
    watch = visit(chromium, pages.put("<script src='http://127.0.0.1:9/x.js'></script>"))
    watch.expect(failed(r"/x\.js", "ERR_"))
    watch.check()
    for other in (failed(r"/y\.js"), failed(r"/x\.js", "503"), failed("/x")):
        assert not any(re.search(other, trouble) for trouble in watch.troubles)


def visit(chromium: Browser, url: str) -> Watch:
    """Return a separate watch after a visit to one page."""
    watch = Watch()
    context = chromium.new_context()
    watch.attach(context)
    context.new_page().goto(url)
    watch.settle()
    context.close()
    return watch
