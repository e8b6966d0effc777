"""The code blocks of docs/guides/placement.md, which readers copy."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "guides" / "placement.md"
#: The placeholder for the address of the site's script.
ADDRESS = "https://HOST/w/SITE_KEY.js"


def sections() -> dict[str, str]:
    """Return the text of each guide by its heading."""
    parts = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.M)[1:]
    return {part.partition("\n")[0]: part for part in parts}


def guides() -> dict[str, list[str]]:
    """Return the code blocks under the heading of each guide."""
    return {name: re.findall(r"^```\w+\n(.*?)^```$", text, re.M | re.S) for name, text in sections().items()}


def snippet(name: str, number: int = 0) -> str:
    """Return a code block of a guide, by default the first."""
    return guides()[name][number]
