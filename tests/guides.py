"""The paste guides of docs/guides/placement.md: what a reader would copy."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "guides" / "placement.md"
#: What stands for the address of the site's file.
ADDRESS = "https://HOST/w/SITE_KEY.js"


def guides() -> dict[str, list[str]]:
    """The blocks of code under each heading of a guide."""
    sections = re.split(r"^### ", PAGE.read_text("utf-8"), flags=re.M)[1:]
    return {
        section.partition("\n")[0]: re.findall(r"^```\w+\n(.*?)^```$", section, re.M | re.S) for section in sections
    }


def snippet(name: str) -> str:
    """The first block of a guide."""
    return guides()[name][0]
