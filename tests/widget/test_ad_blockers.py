"""An ad blocker's engine blocks no address and hides no name of the widget.

Current default lists are not available here. The tests use patterns found in lists of August 2026 and, where the
package with them is installed, EasyList and EasyPrivacy of May 2022.
"""

from __future__ import annotations

import gzip
import importlib.util
import json
import random
import re
import string
from pathlib import Path

import adblock
import pytest
from flask import Flask

from tests.skip import skip_missing
from widget_server.core.assets import STATIC

#: Of default lists, then of optional lists, which also hide elements by their class or id.
PATTERNS = """
$ping,third-party
/beacon.js
/beacon.
/api/collect$xmlhttprequest,ping
/api/events$ping
/metrics/survey/
||analytics.*/collect
||analytics.*/event
||analytics.*/impression
||analytics.*/track
||stats.*/event
||stats.*/tracker
||track.*/collect
||collect.*/pageview
||umami.*/script.js
||plausible.
||posthog.
/umami.js
/plausible.js
/countly.js
/countly.min.js
/posthog-recorder.js
/btn-feedback.
/surveyShower.
##.feedback-tab
##.feedback_callout
##.feedback-button
##.rate-share
###feedback-tab
###feedback_callout
###feedback-button
###rate-share
"""
LISTS = ("easylist", "easyprivacy")
SHOP = "https://shop.example/help/returns"
#: Names that operators may give the server: of the shop's domain, and of another one.
HOSTS = ("shop.example", "ratings.shop.example", "help.shop.example", "survey.vendor.example", "csat.vendor.example")
KEY = "aB3dE6gH9jK2mN5p"


def engine(*more: str, lists: bool) -> adblock.Engine:
    rules = adblock.FilterSet()
    rules.add_filter_list(PATTERNS)
    rules.add_filters(list(more))
    if lists:
        spec = importlib.util.find_spec("braveblock")
        assert spec is None or spec.origin
        package = Path(spec.origin).parent if spec and spec.origin else skip_missing("no list comes with this platform")
        for name in LISTS:
            rules.add_filter_list(gzip.decompress((package / f"{name}.txt.gz").read_bytes()).decode())
    return adblock.Engine(rules)


@pytest.fixture(params=[False, True], ids=["patterns", "lists of 2022"])
def lists(request: pytest.FixtureRequest) -> bool:
    return request.param


def addresses(app: Flask) -> list[tuple[str, str]]:
    """Return (path, kind of request) of every request that a page makes."""
    manifest = json.loads((STATIC / "dist" / "manifest.json").read_text("utf-8"))
    requests = [(f"/w/-/{name}", "script") for name in manifest["parts"].values()]
    for rule in app.url_map.iter_rules():
        path = str(rule).replace("<key>", KEY)
        if path.startswith("/w/") and "<name>" not in path:
            # A fetch is not a ping, even with keepalive.
            requests.append((path, "script" if path.endswith(".js") else "xmlhttprequest"))
    assert len(requests) > len(manifest["parts"]) + 5
    return requests


def find_blocked(rules: adblock.Engine, requests: list[tuple[str, str]]) -> list[str]:
    return [
        f"{kind} {host}{path}"
        for host in HOSTS
        for path, kind in requests
        if rules.check_network_urls(f"https://{host}{path}", SHOP, kind).matched
    ]


def names() -> tuple[list[str], list[str]]:
    """Return the classes and ids that the widget draws, although page rules do not reach into its shadow root."""
    sheets = "".join(path.read_text("utf-8") for path in (STATIC / "src").rglob("*.css"))
    scripts = "".join(path.read_text("utf-8") for path in (STATIC / "src").rglob("*.js"))
    classes = set(re.findall(r"\.([a-z][\w-]*)", sheets)) | set(re.findall(r'(?:className|part): "([\w -]+)"', scripts))
    return sorted(classes | {"tilfreds-rating"}), sorted(set(re.findall(r'\bid: "([\w-]+)"', scripts)))


def test_no_address_of_the_widget_is_blocked(app: Flask, lists: bool) -> None:
    rules = engine(lists=lists)
    assert find_blocked(rules, addresses(app)) == []
    letters = random.Random(4)
    keys = ["".join(letters.choices(string.ascii_letters + string.digits, k=len(KEY))) for _ in range(200)]
    assert find_blocked(rules, [(f"/w/{key}.js", "script") for key in keys]) == []


def test_no_name_of_the_widget_is_hidden(lists: bool) -> None:
    rules = engine(lists=lists)
    classes, ids = names()
    assert {"link", "done", "close"} <= set(classes)
    assert rules.hidden_class_id_selectors(classes, ids, set()) == []
    assert [one for one in rules.url_cosmetic_resources(SHOP).hide_selectors if "tilfreds" in one] == []


@pytest.mark.parametrize("planted", ["/w/*/votes$xmlhttprequest", "||survey.vendor.example^$third-party", "/w/-/page-"])
def test_a_planted_rule_is_found(app: Flask, planted: str) -> None:
    assert find_blocked(engine(planted, lists=False), addresses(app)) != []


def test_a_planted_name_and_a_known_address_are_found(lists: bool) -> None:
    classes, ids = names()
    rules = engine("##.link", "###card", lists=lists)
    assert set(rules.hidden_class_id_selectors(classes, [*ids, "card"], set())) == {".link", "#card"}
    assert len(find_blocked(rules, [("/beacon.js", "script")])) == len(HOSTS)
    assert find_blocked(rules, [("/w/x/votes", "ping")]) == [
        f"ping {host}/w/x/votes" for host in HOSTS if "vendor" in host
    ]
