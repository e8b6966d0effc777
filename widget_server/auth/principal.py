"""Who calls a route, and how it uses the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from uuid import UUID

Access = Literal["read", "write"]
Who = Literal["anyone", "page", "api_key", "operator", "console", "live", "agent"]


@dataclass(frozen=True)
class Principal:
    """An authenticated caller."""

    kind: Who
    site_id: UUID | None = None
    scopes: frozenset[str] = frozenset()
    #: The caller's name in logs.
    name: str = ""
    #: The id of the API key.
    key_id: UUID | None = None
