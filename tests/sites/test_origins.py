"""Tests of origins: every spelling is stored as browsers send it, and texts that no browser sends are rejected."""

from __future__ import annotations

import json

import pytest

from tests.back_end import Api, done
from tests.factories import MadeSite, Make
from tests.js.test_node import node
from tests.widget.conftest import Page
from widget_server.sites.origins import normalize_origin

#: What an owner writes, and what browsers send for it. `*` and `null` are accepted in addition.
SPELLINGS = {
    "https://shop.example": "https://shop.example",
    "https://Shop.Example": "https://shop.example",
    "HTTPS://shop.example": "https://shop.example",
    "https://shop.example:443": "https://shop.example",
    "http://shop.example:80": "http://shop.example",
    "http://shop.example:443": "http://shop.example:443",
    "https://shop.example:": "https://shop.example",
    "https://shop.example:80": "https://shop.example:80",
    "https://shop.example:08443": "https://shop.example:8443",
    "https://bücher.example": "https://xn--bcher-kva.example",
    "https://BÜCHER.example": "https://xn--bcher-kva.example",
    "https://bu\u0308cher.example:443": "https://xn--bcher-kva.example",
    "https://straße.example": "https://xn--strae-oqa.example",
    "https://øl-og-æbler.dk": "https://xn--l-og-bler-k3a6q.dk",
    "https://例え.テスト": "https://xn--r8jz45g.xn--zckzah",
    "https://例え。テスト": "https://xn--r8jz45g.xn--zckzah",
    "https://xn--bcher-kva.example": "https://xn--bcher-kva.example",
    "https://shop.example.": "https://shop.example.",
    "https://my_shop.example": "https://my_shop.example",
    "http://localhost:*": "http://localhost:*",
    "http://LocalHost:*": "http://localhost:*",
    "http://127.0.0.1:8080": "http://127.0.0.1:8080",
    "http://[::1]:*": "http://[::1]:*",
    "http://[0:0:0:0:0:0:0:1]:3000": "http://[::1]:3000",
    "http://[2001:DB8::A]": "http://[2001:db8::a]",
    "null": "null",
}
#: Origins of apps and browser extensions. Node knows none of their schemes.
APP_SPELLINGS = {
    "capacitor://localhost": "capacitor://localhost",
    "Capacitor://LocalHost": "capacitor://localhost",
    "ionic://localhost": "ionic://localhost",
    "tauri://localhost": "tauri://localhost",
    "app://localhost:3000": "app://localhost:3000",
    "app://-": "app://-",
    "app://.": "app://.",
    "com.example.shop+beta://help": "com.example.shop+beta://help",
    "file://": "file://",
    "chrome-extension://abcdefghijklmnopabcdefghijklmnop": "chrome-extension://abcdefghijklmnopabcdefghijklmnop",
    "moz-extension://603715CF-f9f0-4157-8295-ede78487c3b6": "moz-extension://603715cf-f9f0-4157-8295-ede78487c3b6",
    "moz-extension://*": "moz-extension://*",
    "safari-web-extension://*": "safari-web-extension://*",
}
MALFORMED_ORIGINS = [
    "",
    "*",
    "shop.example",
    "//shop.example",
    "ftp://shop.example",
    "https://",
    "https://shop.example/",
    "https://shop.example/path",
    "https://shop.example?x",
    "https://shop.example#x",
    "https://user@shop.example",
    "https://*.shop.example",
    "https://shop.example:0x50",
    "https://shop.example:70000",
    "https://shop.example:80:*",
    "https://shop.example:-1",
    "https://shop example",
    "https://shop..example",
    "https://-shop.example",
    "https://shop%2eexample",
    "https://shop.example,https://other.example",
    "https://\u200bshop.example",
    "https://☃.example",
    "http://127.0.0.256",
    "http://127.1",
    "http://0x7f000001",
    "http://[::1",
    "http://[::g]",
    "capacitor://",
    "capacitor:localhost",
    "capacitor://localhost/",
    "capacitor://user@localhost",
    "capacitor://local host",
    "capacitor://localhost:70000",
    "capacitor://localhost;",
    "capacitor://l\u00f8calhost",
    "capacitor://*",
    "chrome-extension://*",
    "moz-extension://*:*",
    "moz-extension://*:80",
    "moz-extension://a*",
    "https://*",
    "file:///",
    "file://host",
    "ws://shop.example",
    "wss://shop.example",
    "blob://shop.example",
    "data://shop.example",
    "javascript://shop.example",
]


def test_an_origin_is_normalized_to_what_browsers_send(subtests: pytest.Subtests) -> None:
    for spelling, origin in {**SPELLINGS, **APP_SPELLINGS}.items():
        with subtests.test(spelling=spelling):
            assert normalize_origin(spelling) == origin
            assert normalize_origin(origin) == origin


def test_browsers_agree() -> None:
    """Check the spellings with Node, which implements the URL standard of browsers."""
    spellings = {
        spelling: origin for spelling, origin in SPELLINGS.items() if spelling != "null" and not origin.endswith("*")
    }
    program = "console.log(JSON.stringify(JSON.parse(process.argv[1]).map((address) => new URL(address).origin)))"
    assert json.loads(node("-e", program, json.dumps(list(spellings)))) == list(spellings.values())


def test_a_malformed_origin_is_none(subtests: pytest.Subtests) -> None:
    for text in MALFORMED_ORIGINS:
        with subtests.test(text=text):
            assert normalize_origin(text) is None


def test_pages_match_every_spelling_of_their_origin(make: Make, api: Api, site: MadeSite) -> None:
    spellings = ["https://Shop.example:443", "https://bücher.example", "https://SHOP.example", "http://Dev.example:*"]
    origins = ["https://shop.example", "https://xn--bcher-kva.example", "http://dev.example:*"]
    assert done(api.patch("/site", {"allowed_origins": spellings}))["allowed_origins"] == origins
    page = Page(make.client, site.key, str(make.survey(site, "article").revision))
    for origin in (*origins[:2], "http://dev.example:8080"):
        headers = {"Origin": origin}
        vote = {"kind": "article", "subject": "/returns"}
        assert page.post("seen", vote, headers=headers).status_code == 204, origin


def test_apps_and_extensions_may_use_the_key(make: Make, api: Api, site: MadeSite, subtests: pytest.Subtests) -> None:
    """Name the app's origin in the response, which browsers demand of a request with credentials."""
    spellings = [*APP_SPELLINGS, "http://localhost", "https://tauri.localhost"]
    done(api.patch("/site", {"allowed_origins": spellings}))
    page = Page(make.client, site.key, str(make.survey(site, "article").revision))
    extension = "extension://1f0c4ea5-8d2b-4c1e-9b5c-0123456789ab"
    # WebKit keeps the case of a name behind a scheme that it does not know.
    stored = [origin for origin in done(api.get("/site"))["allowed_origins"] if not origin.endswith("*")]
    origins = ["capacitor://LocalHost", f"moz-{extension}", f"safari-web-{extension}", *stored]
    for origin in origins:
        vote = {"kind": "article", "subject": "/returns"}
        with subtests.test(origin=origin):
            response = page.post("seen", vote, headers={"Origin": origin})
            assert response.status_code == 204
            assert response.headers["Access-Control-Allow-Origin"] == origin
            assert response.headers["Access-Control-Allow-Credentials"] == "true"
    refused = ["capacitor://other", "app://", f"chrome-{extension}", f"moz-{extension}/x", "moz-extension://", "file:"]
    for origin in refused:
        with subtests.test(refused=origin):
            problem = page.post("seen", {"kind": "article", "subject": "/returns"}, headers={"Origin": origin})
            assert (problem.status_code, problem.get_json()["code"]) == (403, "origin")


def test_a_new_site_normalizes_its_origins(make: Make) -> None:
    new_site = make.site(allowed_origins=["https://Bücher.example:443"])
    assert done(make.back_end(new_site).get("/site"))["allowed_origins"] == ["https://xn--bcher-kva.example"]


def test_the_error_names_the_field_and_the_right_form(api: Api) -> None:
    response = api.patch("/site", {"allowed_origins": ["https://shop.example", "https://*.shop.example"]})
    problem = response.get_json()
    assert (response.status_code, problem["pointer"]) == (422, "/allowed_origins/1")
    assert "https://shop.example without a path" in problem["detail"]
