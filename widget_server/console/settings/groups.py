"""The one table of a site's settings, by the pages of the console that show them."""

from __future__ import annotations

from .agents import AGENTS
from .appearance import APPEARANCE
from .asked import ASKED
from .chats import CHATS
from .general import GENERAL
from .group import Group
from .helpdesk import HELPDESK
from .keys import KEYS
from .placement import PLACEMENT
from .privacy import PRIVACY
from .remove import REMOVE
from .setting import Setting
from .texts import TEXTS

#: In the order of the navigation. A page with its own views has a group, too, so that the search finds it.
GROUPS: tuple[Group, ...] = (
    GENERAL,
    APPEARANCE,
    PLACEMENT,
    ASKED,
    TEXTS,
    CHATS,
    AGENTS,
    HELPDESK,
    KEYS,
    PRIVACY,
    REMOVE,
)
SETTINGS: tuple[tuple[Group, Setting], ...] = tuple((group, setting) for group in GROUPS for setting in group.settings)
