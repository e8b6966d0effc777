"""One article has one name, however its address is written."""

from __future__ import annotations

import pytest

from widget_server.core.errors import Invalid
from widget_server.subjects.names import to_name

NAMES = {
    "/guide": "/guide",
    "/guide/": "/guide",
    "/guide/index.html": "/guide",
    "/guide/index.htm": "/guide",
    "https://shop.example/guide/?from=mail#part": "/guide",
    "/": "/",
    "/index.html": "/",
    "/reindex.html": "/reindex.html",
    "/caf%C3%A9/": "/café",
    # Some pages keep their path in the fragment. Its query may be a heading or a secret.
    "/docs/#/returns?id=parcels": "/docs#/returns",
    "/#!/sizes/": "/#!/sizes",
    "https://shop.example/#/returns": "/#/returns",
    "/callback#access_token=1": "/callback",
    "returns": "returns",
}


def test_names_of_articles(subtests: pytest.Subtests) -> None:
    for subject, name in NAMES.items():
        with subtests.test(subject=subject):
            assert to_name("article", subject) == name


def test_an_address_without_a_path_is_refused(subtests: pytest.Subtests) -> None:
    for subject in ("?page=2", "#part", "https://shop.example"):
        with subtests.test(subject=subject), pytest.raises(Invalid):
            to_name("page", subject)


def test_other_kinds_keep_their_names() -> None:
    assert to_name("order", "/17/") == "/17/"
