"""Each cause that the server finds, planted in a page of a real web server."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.browser.pages import Pages
from widget_server.outbound.connections import Reach
from widget_server.page_checks.causes import by_step, describe
from widget_server.page_checks.server_check import SiteFacts, check_address

FILE = "https://ratings.example/w/Key1.js"
TAG = f'<script async src="{FILE}"></script>'
RATING = "<tilfreds-rating></tilfreds-rating>"
POLICY = "script-src 'self' https://cdn.example; connect-src 'self'"
LOOPBACK = Reach(allowed_hosts=("127.0.0.1", "localhost"))
HOST = "https://ratings.example"


@pytest.fixture(scope="module")
def pages() -> Any:
    pages = Pages()
    yield pages
    pages.end()


def facts(pages: Pages, **changes: Any) -> SiteFacts:
    values: dict[str, Any] = {
        "key": "Key1",
        "file_url": FILE,
        "public_url": HOST,
        "allowed_origins": (pages.url,),
        "open_kinds": frozenset({"article", "page"}),
        "is_placed": False,
        "has_site": lambda key: key == "Other",
        **changes,
    }
    return SiteFacts(**values)


def sentences(address: str, site: SiteFacts) -> list[str]:
    return [describe(one, str)[0] for one in by_step(check_address(address, site, LOOPBACK))]


#: The body of a page, and the first sentence of its check.
BODIES = {
    RATING: "The page has no tag of this server.",
    "<script>(function(){'https://www.googletagmanager.com/gtm.js'})()</script>" + RATING: (
        "The page has no tag, but Google Tag Manager, which may add it."
    ),
    f"<script>let script = '{FILE}'</script>{RATING}": "The page has no tag, but a script, which may add it.",
    f"<!-- {TAG} -->{RATING}": "The tag is inside an HTML comment, so browsers ignore it.",
    f"<noscript>{TAG}</noscript>{RATING}": "The tag is inside <noscript>, where browsers do not run it.",
    f"<template>{TAG}</template>{RATING}": "The tag is inside <template>, where browsers do not run it.",
    TAG.replace("ratings.example", "old.example") + RATING: (
        "The tag loads the file from old.example, not from ratings.example."
    ),
    TAG.replace("<script", "<script type=text/plain data-cookieconsent=statistics") + RATING: (
        "Cookiebot holds the script until the visitor agrees."
    ),
    TAG.replace("<script", "<script type='text/plain' class='optanon-category-C0002'") + RATING: (
        "OneTrust holds the script until the visitor agrees."
    ),
    TAG.replace("<script", "<script type='text/plain'") + RATING: (
        "A consent tool holds the script until the visitor agrees."
    ),
    TAG.replace("<script", "<script integrity=sha384-abc") + RATING: (
        "The tag has an integrity attribute, and the file changes with the settings."
    ),
    TAG.replace("Key1", "Other") + RATING: "The tag has the key of another site, Other.",
    TAG.replace("Key1", "Unknown") + RATING: "No site of this server has the key Unknown.",
    TAG.replace("Key1", "Other") + TAG + RATING: (
        "The page has tags of several sites; only the first one, Other, works."
    ),
    f'<meta http-equiv="Content-Security-Policy" content="default-src \'self\'">{TAG}{RATING}': (
        "A policy in a <meta> element of the page forbids the script or its requests (default-src 'self')."
    ),
    TAG: "The page has no <tilfreds-rating> element, and the site has no placement.",
    TAG + RATING.replace("rating>", "rating kind=conversation>", 1): (
        "The page has an element for conversation, but no such survey is open."
    ),
    '<!doctype html><html><frameset><frame src="/inner"></frameset></html>': "The page only holds a frame with /inner.",
}
#: Notes, which do not say that the page fails.
NOTES = {
    TAG.replace("<script", "<script type=rocketlazyloadscript").replace("src=", "data-rocket-src=") + RATING: (
        "WP Rocket delays the script until the visitor scrolls or taps."
    ),
    TAG.replace("<script", "<script type='0123456789abcdef01234567-text/javascript'") + RATING: (
        "Cloudflare Rocket Loader delays the script until the visitor scrolls or taps."
    ),
    TAG.replace("<script", "<script type='litespeed/javascript'").replace("src=", "data-src=") + RATING: (
        "LiteSpeed Cache delays the script until the visitor scrolls or taps."
    ),
}


def test_each_cause_in_the_text_of_a_page(pages: Pages, subtests: pytest.Subtests) -> None:
    for body, sentence in (*BODIES.items(), *NOTES.items()):
        with subtests.test(sentence=sentence):
            assert sentences(pages.put(body), facts(pages)) == [sentence]


def test_a_page_in_order(pages: Pages) -> None:
    assert sentences(pages.put(TAG + RATING), facts(pages)) == []
    assert sentences(pages.put(TAG), facts(pages, is_placed=True)) == []


def test_a_page_in_a_set_of_characters_that_no_page_has(pages: Pages, subtests: pytest.Subtests) -> None:
    for name in ("idna", "undefined", "hex", "nothing"):
        with subtests.test(name=name):
            address = pages.put(TAG + RATING + "\u00e9", headers={"Content-Type": f"text/html; charset={name}"})
            assert sentences(address, facts(pages)) == []


def test_each_cause_in_the_headers(pages: Pages, subtests: pytest.Subtests) -> None:
    cases: list[tuple[Mapping[str, str], str]] = [
        (
            {"Content-Security-Policy": POLICY},
            "The policy of the page forbids the script (script-src 'self' https://cdn.example).",
        ),
        (
            {"Content-Security-Policy": f"script-src {HOST}; connect-src 'self'"},
            "The policy of the page forbids requests to this server (connect-src 'self').",
        ),
        ({"Content-Type": "application/pdf"}, "The address leads to a file of type application/pdf, not to a page."),
    ]
    for headers, sentence in cases:
        with subtests.test(sentence=sentence):
            assert sentences(pages.put(TAG + RATING, headers=headers), facts(pages)) == [sentence]


def test_the_two_directives_to_add(pages: Pages) -> None:
    address = pages.put(TAG + RATING, headers={"Content-Security-Policy": POLICY})
    [finding] = check_address(address, facts(pages), LOOPBACK)
    assert describe(finding, str)[1] == f"Add to the policy: script-src {HOST}; connect-src {HOST}"


def test_addresses_that_lead_elsewhere(pages: Pages, subtests: pytest.Subtests) -> None:
    target = pages.put(TAG + RATING).replace("127.0.0.1", "localhost")
    cases = {
        pages.put("x", headers={"Location": target}): "The address redirects to",
        "http://127.0.0.1:9/": "The page cannot be reached:",
        "http://10.0.0.1/": "The page cannot be reached:",
    }
    for address, start in cases.items():
        with subtests.test(start=start, address=address):
            assert any(one.startswith(start) for one in sentences(address, facts(pages))), sentences(
                address, facts(pages)
            )


def test_an_origin_that_is_not_allowed_and_a_closed_survey(pages: Pages) -> None:
    address = pages.put(TAG + RATING)
    site = facts(pages, allowed_origins=("https://shop.example",), open_kinds=frozenset())
    assert sentences(address, site) == [
        f"The site does not allow answers from {pages.url}.",
        "No survey of this site is open.",
    ]
