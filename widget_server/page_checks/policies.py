"""Decide whether a content security policy lets a page use a host, for the few directives that a tag needs.

The rules are those of https://www.w3.org/TR/CSP3/ for scripts and connections.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Literal, NamedTuple
from urllib.parse import SplitResult, urlsplit

#: The directives that decide, the first one that the policy has.
FALLBACKS: Mapping[str, tuple[str, ...]] = {
    "script-src": ("script-src-elem", "script-src", "default-src"),
    "connect-src": ("connect-src", "default-src"),
}
Use = Literal["script-src", "connect-src"]
DEFAULT_PORTS = {"http": 80, "https": 443}
HOST_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_.-]+|\[[0-9a-f:]+\])"
    r"(?::(?P<port>\d+|\*))?(?P<path>/[^?#]*)?",
    re.IGNORECASE,
)


class Resource(NamedTuple):
    """What a page wants to use: its address, and the page's own. `nonce` is that of the script's tag."""

    url: str
    page_url: str
    nonce: str = ""


def parse_policies(header: str) -> list[dict[str, list[str]]]:
    """Return the directives of each policy of a header; the first of two directives with one name counts."""
    policies = []
    for text in header.split(","):
        directives: dict[str, list[str]] = {}
        for part in text.split(";"):
            name, *sources = part.split() or [""]
            if name:
                directives.setdefault(name.lower(), sources)
        if directives:
            policies.append(directives)
    return policies


def find_blocking_directive(policies: list[dict[str, list[str]]], use: Use, resource: Resource) -> str | None:
    """Return the directive that forbids a use, with its sources; None if every policy allows it."""
    for policy in policies:
        name = next((name for name in FALLBACKS[use] if name in policy), None)
        if name and not _is_allowed(policy[name], use, resource):
            return f"{name} {' '.join(policy[name])}"
    return None


def _is_allowed(sources: list[str], use: Use, resource: Resource) -> bool:
    is_strict = use == "script-src" and "'strict-dynamic'" in (source.lower() for source in sources)
    if use == "script-src" and resource.nonce and f"'nonce-{resource.nonce}'" in sources:
        return True
    return not is_strict and any(_matches(source, resource) for source in sources)


def _matches(source: str, resource: Resource) -> bool:
    url, page = urlsplit(resource.url), urlsplit(resource.page_url)
    lower_source = source.lower()
    if lower_source == "'self'":
        return (url.scheme, url.hostname, _port(url)) == (page.scheme, page.hostname, _port(page))
    if lower_source == "*":
        return url.scheme in ("http", "https")
    if lower_source.endswith(":"):
        return _scheme_matches(lower_source[:-1], url.scheme)
    match = HOST_SOURCE.fullmatch(source)
    return match is not None and _host_source_matches(match, url, page)


def _host_source_matches(source: re.Match[str], url: SplitResult, page: SplitResult) -> bool:
    host, name = source["host"].lower(), url.hostname or ""
    # `urlsplit` drops the brackets of an IPv6 address.
    has_host = name.endswith(host[1:]) if host.startswith("*.") else host in ("*", name, f"[{name}]")
    port, path = source["port"] or str(DEFAULT_PORTS.get(url.scheme)), source["path"]
    has_port = port in ("*", str(_port(url)))
    has_path = not path or (url.path.startswith(path) if path.endswith("/") else url.path == path)
    scheme = (source["scheme"] or page.scheme).lower()
    return has_host and has_port and has_path and _scheme_matches(scheme, url.scheme)


def _scheme_matches(allowed: str, scheme: str) -> bool:
    """Return whether a scheme is allowed; http also allows https."""
    return allowed == scheme or (allowed, scheme) == ("http", "https")


def _port(url: SplitResult) -> int | None:
    return url.port or DEFAULT_PORTS.get(url.scheme)
