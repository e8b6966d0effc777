"""Policies that allow or forbid the script and its requests, by the rules of CSP level 3."""

from __future__ import annotations

import pytest

from widget_server.page_checks.policies import Resource, Use, find_blocking_directive, parse_policies

URL, PAGE = "https://ratings.example/w/Key1.js", "https://shop.example/help"
#: A header, a use, and whether it is allowed.
CASES: list[tuple[str, Use, bool]] = [
    ("img-src 'self'", "script-src", True),
    ("default-src *", "script-src", True),
    ("default-src 'self'", "script-src", False),
    ("default-src 'self'; script-src https:", "script-src", True),
    ("default-src 'self'; script-src https:", "connect-src", False),
    ("script-src ratings.example", "script-src", True),
    ("script-src http://ratings.example", "script-src", True),
    ("script-src *.example", "script-src", True),
    ("script-src *.ratings.example", "script-src", False),
    ("script-src https://ratings.example:444", "script-src", False),
    ("script-src https://ratings.example:*", "script-src", True),
    ("script-src https://ratings.example/w/", "script-src", True),
    ("script-src https://ratings.example/js/", "script-src", False),
    ("script-src 'nonce-abc'", "script-src", True),
    ("script-src 'nonce-other'", "script-src", False),
    ("script-src 'strict-dynamic' https://ratings.example", "script-src", False),
    ("script-src 'strict-dynamic' 'nonce-abc'", "script-src", True),
    ("script-src-elem 'none'; script-src *", "script-src", False),
    ("SCRIPT-SRC 'none'; script-src *", "script-src", False),
    ("script-src *, script-src 'self'", "script-src", False),
    ("connect-src 'none'", "connect-src", False),
]


def test_each_policy(subtests: pytest.Subtests) -> None:
    for header, use, is_allowed in CASES:
        with subtests.test(header=header):
            resource = Resource(URL, PAGE, "abc")
            directive = find_blocking_directive(parse_policies(header), use, resource)
            assert (directive is None) is is_allowed
