"""What an API key may do: the one table of scopes.

Each route of the API for back ends names its scope with `@requires`; without a name it is the access of the route.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Literal, get_args

from ..core.errors import Invalid
from ..core.marked_texts import marked

Scope = Literal["read", "write", "settings", "moderate", "erase", "agent_tokens", "audit"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
DESCRIPTIONS: Mapping[Scope, str] = {
    "read": "Read conversations, votes, agents, surveys and settings",
    "write": "Report agents, conversations, messages and invitations",
    "settings": "Change the site and its surveys",
    "moderate": "Exclude and restore votes, and decide about surges",
    "erase": "Erase visitors, conversations, and the words of votes",
    "agent_tokens": "Create and revoke the tokens of agents' pages",
    "audit": "Read the audit log, which has people's addresses",
}
#: A new key has all scopes but this one: the log has people's addresses, and a back end does not need it.
DEFAULT_SCOPES: tuple[Scope, ...] = tuple(scope for scope in SCOPES if scope != "audit")


def check_scopes(names: Collection[str]) -> list[Scope]:
    """Return the scopes with these names, in the order of the table.

    Raises: Invalid: a name is unknown or repeated, or there is none.
    """
    known_names: set[str] = set()
    for position, name in enumerate(names):
        if name not in SCOPES or name in known_names:
            raise Invalid(
                marked("Scopes must be different values of %(choices)s.", choices=", ".join(SCOPES)),
                pointer=f"/scopes/{position}",
            )
        known_names.add(name)
    if not known_names:
        raise Invalid("Choose at least one scope.", pointer="/scopes")
    return [scope for scope in SCOPES if scope in known_names]
