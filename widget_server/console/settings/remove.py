"""The group "Remove site", whose page is in `console/sites/removal.py`."""

from __future__ import annotations

from ...core.marked_texts import N_
from .group import Group

REMOVE = Group(
    "remove",
    N_("Remove site"),
    N_("The pages of the site ask no more questions; for seven days you can take the removal back."),
)
