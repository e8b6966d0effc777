"""Check a page from the server: fetch it, and find each cause that its text and its headers show.

Nothing is stored and no script runs, so what a page adds later is for the check in the page itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit, urlunsplit

from ..outbound.connections import Reach
from ..outbound.deliveries import DeliveryError
from ..outbound.http_client import Limits, Response, request
from ..sites.origins import is_allowed, normalize_origin
from .causes import Finding
from .page_markup import Markup, Tag, find_tags, read_markup
from .policies import Resource, find_blocking_directive, parse_policies
from .script_holders import CONSENT_TOOLS, OPTIMISERS, find_holder, find_tag_manager

LIMITS = Limits(max_bytes=2 * 1024 * 1024, max_redirects=5)
#: Many sites answer a program without these as they answer a robot.
HEADERS = {
    "User-Agent": "Mozilla/5.0 (compatible; Tilfreds page check)",
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
}
HTML_TYPES = ("text/html", "application/xhtml+xml")
CHARSET = re.compile(r"""charset=["']?([\w-]+)""", re.IGNORECASE)


@dataclass(frozen=True)
class SiteFacts:
    """What a check compares the page with."""

    key: str
    #: The address of the site's file, for example https://ratings.example/w/KEY.js.
    file_url: str
    public_url: str
    allowed_origins: tuple[str, ...]
    #: The kinds of elements for which a survey is open.
    open_kinds: frozenset[str]
    #: Whether the site places its cards itself.
    is_placed: bool
    #: Whether a key belongs to a site of this server.
    has_site: Callable[[str], bool] = lambda _key: False

    @property
    def host(self) -> str:
        parts = urlsplit(self.file_url)
        return urlunsplit((parts.scheme, parts.netloc, "", "", ""))

    @property
    def file_name(self) -> re.Pattern[str]:
        """Return a pattern of every address of this kind of file; its group is the key."""
        path = urlsplit(self.file_url).path.rpartition(self.key)
        return re.compile(re.escape(path[0]) + r"([A-Za-z0-9_-]{1,32})" + re.escape(path[2]))


def check_address(address: str, facts: SiteFacts, reach: Reach) -> list[Finding]:
    """Fetch a page and return what is wrong with it, in the order of the steps."""
    try:
        response = request("GET", address, headers=HEADERS, reach=reach, limits=LIMITS)
    except DeliveryError as error:
        return [Finding("unreachable", {"detail": error.text})]
    return list(check_response(address, response, facts))


def check_response(address: str, response: Response, facts: SiteFacts) -> Iterator[Finding]:
    """Yield what is wrong with a page."""
    if response.url.rstrip("/") != address.rstrip("/"):
        yield Finding("redirected", {"url": response.url})
    refusal = _find_refusal(response)
    if refusal:
        yield refusal
        return
    text = _decode(response)
    markup = read_markup(text)
    tags = find_tags(markup, response.url, facts.file_name)
    if markup.frames and not markup.has_text and not tags:
        yield Finding("in_frameset", {"url": markup.frames[0]})
        return
    yield from _check_tags(markup, tags, text, response.url, facts)
    origin = normalize_origin("{0.scheme}://{0.netloc}".format(urlsplit(response.url)))
    if origin and not is_allowed(origin, facts.allowed_origins, facts.public_url):
        yield Finding("origin_not_allowed", {"origin": origin})
    yield from _check_policies(markup, tags, response, facts)
    yield from _check_elements(markup, facts)


def _find_refusal(response: Response) -> Finding | None:
    """Return why the response is no page to check."""
    if response.status in (401, 403, 407):
        return Finding("sign_in_required", {"status": str(response.status)})
    if response.status >= 300:
        return Finding("page_error", {"status": str(response.status)})
    content_type = response.headers.get_content_type()
    if "Content-Type" in response.headers and content_type not in HTML_TYPES:
        return Finding("not_html", {"type": content_type})
    return None


def _decode(response: Response) -> str:
    """Return the text of a page, also if it names no character set, or one that is not for pages."""
    try:
        return response.body.decode(_charset(response), "replace")
    except (LookupError, ValueError):
        return response.body.decode("utf-8", "replace")


def _charset(response: Response) -> str:
    start = response.body[:2048].decode("ascii", "replace")
    match = CHARSET.search(start)
    return response.headers.get_content_charset() or (match[1] if match else "utf-8")


def _check_tags(markup: Markup, tags: list[Tag], text: str, page_url: str, facts: SiteFacts) -> Iterator[Finding]:
    if not tags:
        yield _explain_missing_tag(markup, text, facts)
        return
    live_tags = [tag for tag in tags if not tag.script.inside]
    if not live_tags:
        yield Finding("tag_inert", {"name": tags[0].script.inside})
        return
    tag = next((tag for tag in live_tags if tag.key == facts.key), live_tags[0])
    yield from _check_tag(tag, page_url, facts)
    keys = list(dict.fromkeys(tag.key for tag in live_tags))
    if keys == [facts.key]:
        return
    if facts.key in keys:
        yield Finding("two_keys", {"key": keys[0]})
    else:
        yield Finding("key_of_other_site" if facts.has_site(keys[0]) else "key_unknown", {"key": keys[0]})


def _explain_missing_tag(markup: Markup, text: str, facts: SiteFacts) -> Finding:
    if any(facts.file_name.search(comment) for comment in markup.comments):
        return Finding("tag_in_comment")
    if any(facts.file_name.search(script) for script in markup.inline_scripts):
        return Finding("tag_by_manager", {"name": "a script"})
    manager = find_tag_manager(text)
    return Finding("tag_by_manager", {"name": manager}) if manager else Finding("tag_missing")


def _check_tag(tag: Tag, page_url: str, facts: SiteFacts) -> Iterator[Finding]:
    """Yield what keeps one tag from loading the file."""
    address, expected = urlsplit(tag.address), urlsplit(facts.file_url)
    attributes = tag.script.attributes
    consent_tool = find_holder(CONSENT_TOOLS, attributes, tag.attribute)
    optimiser = find_holder(OPTIMISERS, attributes, tag.attribute)
    if (address.hostname, address.port) != (expected.hostname, expected.port):
        yield Finding("tag_of_other_server", {"host": address.netloc, "expected": expected.netloc})
    elif address.scheme == "http" and urlsplit(page_url).scheme == "https":
        yield Finding("tag_insecure")
    elif consent_tool:
        yield Finding("tag_held", {"name": consent_tool})
    elif optimiser:
        yield Finding("tag_delayed", {"name": optimiser})
    if attributes.get("integrity"):
        yield Finding("tag_integrity")


def _check_policies(markup: Markup, tags: list[Tag], response: Response, facts: SiteFacts) -> Iterator[Finding]:
    nonce = next((tag.script.attributes.get("nonce", "") for tag in tags), "")
    resource = Resource(facts.file_url, response.url, nonce)
    header = parse_policies(",".join(response.headers.get_all("Content-Security-Policy", [])))
    meta = parse_policies(",".join(markup.meta_policies))
    for policies, codes in ((header, ("policy_script", "policy_connect")), (meta, ("policy_meta", "policy_meta"))):
        script = find_blocking_directive(policies, "script-src", resource)
        connect = find_blocking_directive(policies, "connect-src", resource)
        if script or connect:
            code = codes[0] if script else codes[1]
            yield Finding(code, {"directive": script or connect or "", "host": facts.host})


def _check_elements(markup: Markup, facts: SiteFacts) -> Iterator[Finding]:
    if not facts.open_kinds:
        yield Finding("survey_closed")
    elif missing_kinds := [kind for kind in markup.kinds if kind not in facts.open_kinds]:
        yield Finding("survey_of_other_kind", {"kind": missing_kinds[0]})
    if not markup.kinds and not facts.is_placed:
        yield Finding("element_missing")
