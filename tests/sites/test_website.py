"""The addresses of a website as people type them."""

from __future__ import annotations

import pytest

from widget_server.core.errors import Invalid
from widget_server.sites.website import MAX_ADDRESSES, host_of, to_origins

CASES = {
    "https://help.shop.example/returns?x=1#y": ["https://help.shop.example"],
    "shop.example": ["https://shop.example", "https://www.shop.example"],
    "  HTTPS://WWW.Shop.example/ ": ["https://www.shop.example", "https://shop.example"],
    "http://shop.example:8080": ["http://shop.example:8080", "http://www.shop.example:8080"],
    "localhost:8080": ["http://localhost:8080"],
    "127.0.0.1:8080/a": ["http://127.0.0.1:8080"],
    "http://[::1]:8080": ["http://[::1]:8080"],
    "192.168.1.5": ["https://192.168.1.5"],
    "bücher.example": ["https://xn--bcher-kva.example", "https://www.xn--bcher-kva.example"],
    "https://a.shop.example, b.shop.example": ["https://a.shop.example", "https://b.shop.example"],
}
MALFORMED = (
    "",
    "shop",
    "https://",
    "ftp://shop.example",
    "https://a@shop.example",
    "a b",
    "http://[",
    "shop.example:x",
)


def test_an_address_allows_its_origin_and_the_one_with_or_without_www(subtests: pytest.Subtests) -> None:
    for text, origins in CASES.items():
        with subtests.test(text=text):
            assert to_origins(text) == origins


def test_a_text_that_is_no_address_is_rejected(subtests: pytest.Subtests) -> None:
    for text in (*MALFORMED, "a.example " * (MAX_ADDRESSES + 1)):
        with subtests.test(text=text[:20]), pytest.raises(Invalid) as caught:
            to_origins(text)
        assert caught.value.pointer == "/website"


def test_the_host_names_a_site() -> None:
    assert host_of("https://www.shop.example:8080") == "shop.example:8080"
