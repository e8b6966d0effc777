"""Who made a decision, as the audit log names them."""

from __future__ import annotations

import getpass
import os
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

#: Shorter than the longest e-mail address.
MAX_SHOWN_NAME_LENGTH = 200
ActorKind = Literal["user", "owner_link", "api_key", "operator", "command", "system", "visitor", "unknown"]


@dataclass(frozen=True)
class Actor:
    """A person, an API key or a command."""

    kind: ActorKind
    name: str
    #: The id of the user or the API key.
    id: UUID | None = None
    #: The person that the back end of an API key names; nothing proves it.
    on_behalf_of: str = ""

    @property
    def shown_name(self) -> str:
        """Return the name beside an excluded rating."""
        return (self.on_behalf_of or self.name)[:MAX_SHOWN_NAME_LENGTH]


def command_actor() -> Actor:
    """Return the person at the command line, as the system names them."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):
        # A container may run under a user id without a name.
        name = str(os.getuid())
    return Actor("command", f"Command line ({name})")
