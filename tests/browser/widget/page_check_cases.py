"""Pages that show no faces, each with the first sentence of its check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.browser.watch import failed
from tests.browser.widget.reader import CHAT, RATING, Reader

TALL = "<div style='height: 3000px'></div>"


@dataclass(frozen=True)
class Case:
    """A page that shows no faces, and the first sentence of its check."""

    sentence: str
    body: str = RATING
    settings: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    #: The tags of the page; {own} and {other} are replaced by keys, {host} by the server.
    tags: str = '<script async src="{host}/w/{own}.js"></script>'
    #: Code that the page runs before the tag.
    script: str = ""
    #: What the person does before the check.
    prepare: Callable[[Reader], None] | None = None
    #: Errors that belong to the cause.
    troubles: tuple[str, ...] = ()


def dismiss(reader: Reader) -> None:
    reader.card().locator("[part=close]").click()
    reader.page.wait_for_load_state("networkidle")


def answer(reader: Reader) -> None:
    reader.press("Good")
    reader.received()


def block_checks(reader: Reader) -> None:
    reader.page.route("**/w/*/check", lambda route: route.abort())


def styled(style: str) -> str:
    return f'<div id="promo" class="box" style="{style}">{RATING}</div>'


TAG_OF = '<script async src="{host}/w/%s.js"></script>'
CASES = [
    Case("No site of this server has the key Unknown1.", tags=TAG_OF % "Unknown1"),
    Case("The tag has the key of another site, {other}.", tags=TAG_OF % "{other}"),
    Case(
        "The page has tags of several sites; only the first one, {own}, works.",
        tags=(TAG_OF % "{own}").replace("async ", "") + TAG_OF % "{other}",
    ),
    Case(
        "The site does not allow answers from {origin}.",
        settings={"allowed_origins": ["https://shop.example"]},
        troubles=(failed("/seen", "403"),),
    ),
    Case("The page has no <tilfreds-rating> element, and the site has no placement.", body="<p>Text</p>"),
    Case(
        "No element of the page matches the placement article.md-content__inner.",
        body="<p>Text</p>",
        settings={"placement": {"layout": "mkdocs-material"}},
    ),
    Case(
        "The placement main[ is not a valid CSS selector.",
        body="<p>Text</p>",
        settings={"article_selector": "main["},
    ),
    Case(
        "The card would move what the visitor is reading, because the end of main is in view.",
        body=f"{TALL}<main><p>Text</p></main><p>More</p>{TALL}<script>scrollTo(0, 2700)</script>",
        settings={"article_selector": "main"},
    ),
    Case(
        "The pop-over waits for 60 seconds on the page and 90 percent of it.",
        body=TALL,
        settings={"placement": {"popover": {"delay_seconds": 60, "scroll_percent": 90}}},
    ),
    Case(
        "This browser answered or dismissed a pop-over in the last 48 hours.",
        body=TALL,
        settings={"placement": {"popover": {"delay_seconds": 0, "scroll_percent": 0}}},
        script="localStorage['tilfreds:popover'] = Date.now() + 3600000",
    ),
    Case("This browser dismissed the survey in the last 48 hours.", prepare=dismiss),
    Case("This browser answered before, so the card shows that answer.", prepare=answer),
    Case("This view is not in the sample: 0 percent of the views are asked.", settings={"article_share": 0}),
    Case(
        "The style of the page hides the faces: tilfreds-rating has display: none.",
        body=f"<style>tilfreds-rating {{ display: none }}</style>{RATING}",
    ),
    Case("The style of the page hides the faces: div#promo.box has display: none.", body=styled("display: none")),
    Case(
        "The style of the page hides the faces: div#promo.box has visibility: hidden.",
        body=styled("visibility: hidden"),
    ),
    Case("The faces are transparent: div#promo.box has opacity: 0.", body=styled("opacity: 0")),
    Case(
        "The faces have no room: div#promo.box is 300 by 0 pixels.",
        body=styled("height: 0; width: 300px; overflow: hidden"),
    ),
    Case(
        "The faces are outside of the page, where no scrolling leads.",
        body=styled("position: absolute; left: -9999px"),
    ),
    Case(
        "div#banner covers the faces.",
        body=f'{RATING}<div id="banner" style="position: fixed; inset: 0; background: #fff; z-index: 9"></div>',
    ),
    Case("The faces are further down in the page.", body=TALL + RATING),
    Case(
        "The policy of the page forbids requests to this server (connect-src).",
        headers={"Content-Security-Policy": "connect-src 'self'"},
        troubles=(
            r"^console: policy breached: connect-src http://\S+/(check|seen) ",
            r"Refused to connect|violates .*connect-src",
        ),
    ),
    Case(
        "Requests to {host} fail, as with an ad blocker, a firewall or without a network.",
        prepare=block_checks,
        troubles=(failed("/check", "ERR_FAILED"),),
    ),
    Case(
        "The site listens to crisp, but the page has no crisp.",
        body=CHAT,
        settings={"adapters": {"crisp": {}}},
    ),
    Case("The chat has no place for the faces.", settings={"adapters": {"crisp": {}}}, script="self.$crisp = []"),
    Case("The page reported no start of a chat.", body=CHAT),
    Case(
        "The chat has started, and its end was not reported.",
        body=CHAT,
        script="(self.tilfreds ??= []).push((tilfreds) => tilfreds.started({ conversation: 'c-1' }))",
    ),
    Case(
        "Not asked: the server does not know what happened in the chat.",
        body=CHAT,
        settings={"ask_when_unknown": False},
        script="(self.tilfreds ??= []).push((tilfreds) => tilfreds.ended({ conversation: 'c-2' }))",
    ),
]
