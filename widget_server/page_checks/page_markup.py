"""Read what a check needs from the HTML of a page. Tolerant, as browsers are, and without running a script."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import urljoin

from .html_reader import Token, read_tokens

#: Elements whose scripts browsers do not run.
INERT = ("noscript", "template", "textarea", "svg")
ELEMENT = "tilfreds-rating"


@dataclass(frozen=True)
class ScriptTag:
    """A script element: the attributes, and the inert element around it."""

    attributes: dict[str, str]
    inside: str = ""


@dataclass
class Markup:
    """The parts of a page that decide whether faces appear."""

    scripts: list[ScriptTag] = field(default_factory=list)
    inline_scripts: list[str] = field(default_factory=list)
    comments: list[str] = field(default_factory=list)
    #: The `kind` of each element.
    kinds: list[str] = field(default_factory=list)
    meta_policies: list[str] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    #: The visible text of the body, without its frames.
    has_text: bool = False
    base: str = ""


class _Reader:
    """Collects the parts of a page from its tokens."""

    def __init__(self) -> None:
        self.markup = Markup()
        self.inert: list[str] = []
        self.inert_counts: Counter[str] = Counter()
        self.hidden = ""

    def read(self, token: Token) -> None:
        if token.kind == "start":
            self._start(token.text, token.attributes)
        elif token.kind == "end":
            self._end(token.text)
        elif token.kind == "comment":
            self.markup.comments.append(token.text)
        elif self.hidden == "script":
            self.markup.inline_scripts.append(token.text)
        elif not self.hidden and not self.inert and token.text.strip():
            self.markup.has_text = True

    def _start(self, tag: str, values: dict[str, str]) -> None:
        if tag == "script":
            self.markup.scripts.append(ScriptTag(values, self.inert[-1] if self.inert else ""))
        elif tag == ELEMENT:
            self.markup.kinds.append(values.get("kind", "conversation" if "token" in values else "article"))
        elif tag == "meta" and values.get("http-equiv", "").lower() == "content-security-policy":
            self.markup.meta_policies.append(values.get("content", ""))
        elif tag in ("iframe", "frame"):
            self.markup.frames.append(values.get("src", ""))
        elif tag == "base" and not self.markup.base:
            self.markup.base = values.get("href", "")
        if tag in INERT:
            self.inert.append(tag)
            self.inert_counts[tag] += 1
        if tag in ("script", "style", "title", "iframe"):
            self.hidden = tag

    def _end(self, tag: str) -> None:
        # The count keeps the time linear: a list of many open elements is searched only if one of them ends.
        while self.inert_counts[tag]:
            ended_tag = self.inert.pop()
            self.inert_counts[ended_tag] -= 1
            if ended_tag == tag:
                break
        if tag == self.hidden:
            self.hidden = ""


def read_markup(text: str) -> Markup:
    """Return the parts of a page."""
    reader = _Reader()
    for token in read_tokens(text):
        reader.read(token)
    return reader.markup


@dataclass(frozen=True)
class Tag:
    """A tag of Tilfreds: where its file is, the site's key, and the attribute that holds the address."""

    address: str
    key: str
    attribute: str
    script: ScriptTag


def find_tags(markup: Markup, page_url: str, file_name: re.Pattern[str]) -> list[Tag]:
    """Return the tags of Tilfreds in a page. Optimisers keep the address in another attribute, such as `data-src`."""
    base = urljoin(page_url, markup.base)
    tags = []
    for script in markup.scripts:
        for name, value in script.attributes.items():
            match = file_name.search(value.partition("?")[0]) if name == "src" or name.endswith("src") else None
            if match:
                tags.append(Tag(urljoin(base, value), match[1], name, script))
                break
    return tags
