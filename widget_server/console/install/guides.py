"""The guides of docs/guides that the page "Install" shows, filled with this server's address and the site's key."""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass
from typing import Literal

from ...core.assets import GUIDES
from ...sites.placement import LAYOUTS

LINK = re.compile(r"\[([^\]]+)\]\([^)]*\)")
FENCE = re.compile(r"^```\w*\n(.*?)^```$", re.M | re.S)
CODE = re.compile(r"`([a-z-]+)`")
#: A row of the table of adapters: its name and the product.
ADAPTER_ROW = re.compile(r"^\| `(\w+)` \| ([^|]+?) \|", re.M)
Kind = Literal["text", "code"]


@dataclass(frozen=True)
class Guide:
    """How to paste the lines into one product, or to connect its chat."""

    slug: str
    name: str
    #: Paragraphs and blocks of code, in their order.
    parts: tuple[tuple[Kind, str], ...]
    #: The layouts that place the faces on its pages; none where the guide writes the element.
    layouts: tuple[str, ...] = ()


def find_guide(guides: tuple[Guide, ...], slug: str) -> Guide:
    """Return the guide of an address; the first one if it is unknown."""
    return next((guide for guide in guides if guide.slug == slug), guides[0])


@functools.cache
def paste_guides() -> tuple[Guide, ...]:
    """Return the guides for websites, in the order of the page."""
    section = (GUIDES / "placement.md").read_text("utf-8").partition("\n## Paste guides\n")[2]
    return tuple(_to_guide(name, name, body) for name, body in _sections(section))


@functools.cache
def chat_guides() -> tuple[Guide, ...]:
    """Return the guides for chats of other vendors, one for each adapter."""
    text = (GUIDES / "chats.md").read_text("utf-8")
    products = dict(ADAPTER_ROW.findall(text))
    sections = {name.strip("`"): body for name, body in _sections(text.partition("\n## Chats with a bot")[0])}
    return tuple(
        _to_guide(name, product[:1].upper() + product[1:], sections[name]) for name, product in products.items()
    )


def fill(text: str, address: str) -> str:
    """Return a block of code with the address of the site's script, for example https://HOST/w/SITE_KEY.js."""
    base = address.partition("/w/")[0]
    return text.replace("https://HOST/w/SITE_KEY.js", address).replace("https://HOST", base)


def _sections(text: str) -> list[tuple[str, str]]:
    pieces = re.split(r"^### (.+)\n", text, flags=re.M)[1:]
    return list(zip(pieces[::2], pieces[1::2], strict=True))


def _to_guide(slug_source: str, name: str, body: str) -> Guide:
    parts: list[tuple[Kind, str]] = []
    for index, piece in enumerate(FENCE.split(body)):
        if index % 2:
            parts.append(("code", piece.rstrip("\n")))
        else:
            paragraphs = filter(None, (" ".join(block.split()) for block in piece.split("\n\n")))
            parts += [("text", LINK.sub(r"\1", text).replace("**", "")) for text in paragraphs]
    words = [word for kind, text in parts if kind == "text" and "layout" in text.lower() for word in CODE.findall(text)]
    slug = re.sub(r"[^a-z0-9]+", "-", slug_source.lower()).strip("-")
    return Guide(slug, name, tuple(parts), tuple(word for word in dict.fromkeys(words) if word in LAYOUTS))
