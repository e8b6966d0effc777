"""The code blocks of docs/guides/placement.md, which readers copy."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "guides" / "placement.md"
#: The placeholder for the address of the site's script.
ADDRESS = "https://HOST/w/SITE_KEY.js"


def guides() -> dict[str, list[str]]:
    """Return the code blocks under the heading of each guide."""
    sections = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.M)[1:]
    return {
        section.partition("\n")[0]: re.findall(r"^```\w+\n(.*?)^```$", section, re.M | re.S) for section in sections
    }


def snippet(name: str) -> str:
    """Return the first code block of a guide."""
    return guides()[name][0]
