"""Consent tools, optimisers and tag managers, by the marks that they leave in the HTML of a page.

Each entry names the product and the documentation or source of its mark.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

Attributes = Mapping[str, str]


class Holder(NamedTuple):
    """A product that keeps a script from running at once."""

    name: str
    has_mark: Callable[[Attributes, str], bool]


def _has(*names: str) -> Callable[[Attributes, str], bool]:
    return lambda attributes, address_attribute: any(name in attributes for name in names)


def _has_type(pattern: str) -> Callable[[Attributes, str], bool]:
    compiled = re.compile(pattern)
    return lambda attributes, address_attribute: compiled.fullmatch(attributes.get("type", "").lower()) is not None


#: The script runs after consent. The last one is how most of them mark a script, without a name.
CONSENT_TOOLS = (
    Holder("Cookiebot", _has("data-cookieconsent")),
    Holder("CookieYes", _has("data-cookieyes")),
    Holder("OneTrust", lambda attributes, _: "optanon-category" in attributes.get("class", "").lower()),
    Holder("Usercentrics", _has("data-usercentrics")),
    Holder("Klaro", lambda attributes, _: "data-name" in attributes and attributes.get("type") == "text/plain"),
    Holder("Complianz", lambda attributes, _: "data-category" in attributes and "data-service" in attributes),
    Holder("Iubenda", lambda attributes, _: "_iub_cs_activate" in attributes.get("class", "")),
    Holder("Borlabs Cookie", _has("data-borlabs-cookie-script-blocker-id", "data-borlabs-script-blocker-id")),
    Holder("Real Cookie Banner", _has("consent-required", "consent-original-src-_")),
    Holder("Termly", _has("data-categories")),
    Holder("A consent tool", lambda attributes, _: attributes.get("type") == "text/plain"),
)
#: The script runs later, most often at the visitor's first input.
OPTIMISERS = (
    Holder("WP Rocket", _has_type("rocketlazyloadscript")),
    Holder("Cloudflare Rocket Loader", _has_type(r"[0-9a-f]{8,}-(text/javascript|module|application/javascript)")),
    Holder("LiteSpeed Cache", _has_type("litespeed/javascript")),
    Holder("Perfmatters", _has_type("pmdelayedscript")),
    Holder("FlyingPress", _has_type("flyingpress.*")),
    Holder("Flying Scripts", _has_type("flying-scripts?")),
    Holder("NitroPack", _has_type("nitropack/.*|nitro.*")),
    Holder("SiteGround Optimizer", _has_type("sgdelayedscript")),
    Holder("Autoptimize", _has_type("text/x-autoptimize.*")),
    Holder("An optimiser", lambda _, address_attribute: address_attribute != "src"),
)
#: In the text of a page without a tag: a manager that may add it.
TAG_MANAGERS = {
    "Google Tag Manager": re.compile(r"googletagmanager\.com/gtm\.js|GTM-[A-Z0-9]{4,}"),
    "Matomo Tag Manager": re.compile(r"container_[A-Za-z0-9]+\.js"),
    "Adobe Experience Platform": re.compile(r"assets\.adobedtm\.com"),
    "Tealium": re.compile(r"tags\.tiqcdn\.com"),
    "Piwik PRO Tag Manager": re.compile(r"containers\.piwik\.pro|\.piwik\.pro/containers"),
}


def find_holder(holders: tuple[Holder, ...], attributes: Attributes, address_attribute: str) -> str | None:
    """Return the name of the product that holds a script, or None."""
    return next((holder.name for holder in holders if holder.has_mark(attributes, address_attribute)), None)


def find_tag_manager(text: str) -> str | None:
    """Return the name of a tag manager in a page, or None."""
    return next((name for name, pattern in TAG_MANAGERS.items() if pattern.search(text)), None)
