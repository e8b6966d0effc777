"""The one table of a site's settings, by the pages of the console that show them."""

from __future__ import annotations

from .general import GENERAL
from .table import Group, Setting

#: In the order of the navigation. A page with its own views has a group, too, so that the search finds it.
GROUPS: tuple[Group, ...] = (GENERAL,)
SETTINGS: tuple[tuple[Group, Setting], ...] = tuple((group, setting) for group in GROUPS for setting in group.settings)
