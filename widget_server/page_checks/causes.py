"""Every cause of a page that shows no faces: one sentence that says what is wrong, and one that says what to do.

The one table for the check in the page, the check from the server, and the explanation of an earlier conversation.
A value in braces is filled in by `describe`; the check in the page fills it in itself (static/src/later/check.js).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from .browser_causes import BROWSER_CAUSES
from .cause import STEPS, Cause
from .decision_causes import DECISION_CAUSES
from .page_causes import PAGE_CAUSES, SITE_CAUSES

CAUSES: Mapping[str, Cause] = {**PAGE_CAUSES, **SITE_CAUSES, **BROWSER_CAUSES, **DECISION_CAUSES}
VALUE = re.compile(r"\{(\w+)\}")
MAX_VALUE_LENGTH = 300


class Finding(NamedTuple):
    """A cause that a check found, with the values of its texts."""

    code: str
    values: Mapping[str, str] = {}

    @property
    def cause(self) -> Cause:
        return CAUSES[self.code]


def describe(finding: Finding, translate: Callable[[str], str]) -> tuple[str, str]:
    """Return the message and the fix of a finding in the reader's language, with its values filled in."""

    def fill(text: str) -> str:
        return VALUE.sub(lambda match: str(finding.values.get(match[1], match[0]))[:MAX_VALUE_LENGTH], text)

    return fill(translate(finding.cause.message)), fill(translate(finding.cause.fix))


def by_step(findings: Iterable[Finding]) -> list[Finding]:
    """Return failures before notes, each in the order of the steps."""
    return sorted(findings, key=lambda finding: (finding.cause.weight == "note", STEPS.index(finding.cause.step)))
