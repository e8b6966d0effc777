"""What a cause is: a step of a check, what is wrong, and what to do.

`docs/guides/nothing-shows.md` lists all causes; a test compares it with the tables beside this file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple, get_args

from ..core.marked_texts import N_

#: The steps of a check, in the order in which the first failing one is named.
Step = Literal["page", "tag", "key", "origin", "policy", "survey", "element", "rules", "visible", "requests", "chat"]
STEPS: tuple[Step, ...] = get_args(Step)
STEP_LABELS: Mapping[Step, str] = {
    "page": N_("Page"),
    "tag": N_("Script tag"),
    "key": N_("Site key"),
    "origin": N_("Website address"),
    "policy": N_("Security policy"),
    "survey": N_("Survey"),
    "element": N_("Element or placement"),
    "rules": N_("Who is asked"),
    "visible": N_("Visible"),
    "requests": N_("Requests"),
    "chat": N_("Chat"),
}
#: "note": the faces may still appear.
Weight = Literal["failure", "note"]


class Cause(NamedTuple):
    """One cause: its step, what is wrong, and what to do."""

    step: Step
    message: str
    fix: str
    weight: Weight = "failure"
