"""Create, change, find and remove sites. Functions flush and never commit."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core import clock, tokens
from ..core.errors import Invalid, NotFound
from ..core.marked_texts import marked
from ..storage.db import db
from .models import Site
from .origins import check_agent_origins, check_origins
from .placement import check_placement
from .recent import forget_recent
from .redaction import check_redaction
from .signing_secrets import add_signing_secret
from .themes import check_theme

KEY_BYTES = 12
KEY = re.compile(r"[A-Za-z0-9_-]{1,32}")
CHANGEABLE = (
    "name",
    "time_zone",
    "languages",
    "allowed_origins",
    "article_selector",
    "article_share",
    "placement",
    "ask_when_unknown",
    "rules",
    "texts",
    "theme",
    "adapters",
    "agent_origins",
    "credit",
    "agents_see",
    "agents_see_after_days",
    "analysts_see_personal",
    "redaction",
    "retention",
)
#: Rules for the credit among several agents; docs/guides/fairness.md describes each.
CREDIT = ("all", "closer", "last")
#: The ratings that an agent token opens.
AGENTS_SEE = ("own", "team", "all", "none")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: Every origin of this machine with any port, for the demo and for development.
LOOPBACK_ORIGINS = ("http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*")


def create_site(
    secret_keys: Sequence[bytes],
    *,
    name: str,
    time_zone: str = "UTC",
    languages: Sequence[str] = ("en",),
    allowed_origins: Sequence[str] = (),
    **settings: Any,
) -> tuple[Site, str]:
    """Create a site and return it with its signing secret, in the form that the owner's back end uses.

    Raises:
        Invalid: a setting has a wrong value.
    """
    site = Site(
        key=tokens.random_text(KEY_BYTES).replace("-", "a").replace("_", "b"),
        created_at=clock.now(),
        version=1,
        rules={},
        texts={},
        theme={},
        adapters={},
        agent_origins=[],
        credit=CREDIT[0],
        agents_see=AGENTS_SEE[0],
        agents_see_after_days=0,
    )
    all_settings = {
        "name": name,
        "time_zone": time_zone,
        "languages": list(languages),
        "allowed_origins": list(allowed_origins),
        **settings,
    }
    _apply_settings(site, all_settings)
    db.session.add(site)
    return site, add_signing_secret(site, secret_keys)


def change_site(site: Site, **changes: Any) -> Site:
    """Change settings after checking them. The served file follows within a second.

    Raises:
        Invalid: a setting is unknown or has a wrong value.
    """
    _apply_settings(site, changes)
    bump_version(site)
    db.session.flush()
    return site


def _apply_settings(site: Site, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise Invalid(
                marked("Unknown setting %(name)s; use one of %(choices)s.", name=name, choices=", ".join(CHANGEABLE)),
                pointer=f"/{name}",
            )
        check = _CHECKS.get(name)
        setattr(site, name, check(value) if check is not None else value)


def bump_version(site: Site) -> None:
    """Increase the site's version, because the contents of its file changed.

    The database does the addition: two concurrent changes with the same number would let a process keep the cached
    result of the first.
    """
    site.version = Site.version + 1
    forget_recent(site.key)


class Removable(Protocol):
    """A site, or its cached settings."""

    @property
    def removed_at(self) -> datetime | None: ...


def is_living(site: Removable | None) -> bool:
    """Return whether the site exists and was not removed."""
    return site is not None and site.removed_at is None


def require_living_site(site: Site | None) -> Site:
    """Return the site.

    Raises:
        NotFound: it does not exist, or it was removed.
    """
    if site is None or not is_living(site):
        raise NotFound("Site not found; check its key.", code="unknown_site")
    return site


def find_site(site_id: UUID) -> Site:
    """Return the site with an id. Raise NotFound if it is unknown or removed."""
    return require_living_site(db.session.get(Site, site_id))


def find_living_site(key: str) -> Site:
    """Return the site with a public key. Raise NotFound if it is unknown or removed."""
    return require_living_site(find_by_key(key))


def is_key(text: str) -> bool:
    """Return whether a text has the form of a public key. PostgreSQL rejects queries with a NUL."""
    return KEY.fullmatch(text) is not None


def find_by_key(key: str, session: Session | None = None) -> Site | None:
    """Return the site with a public key, or None. A removed site is returned too: its file is served empty."""
    if not is_key(key):
        return None
    return (session or db.session).scalars(select(Site).where(Site.key == key)).one_or_none()


def check_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(
            marked("Time zone %(value)s is unknown; use an IANA name such as Europe/Copenhagen.", value=repr(value)),
            pointer="/time_zone",
        ) from error
    return value


def check_languages(value: list[str]) -> list[str]:
    if not value or len(set(value)) != len(value) or not all(LANGUAGE_TAG.fullmatch(tag) for tag in value):
        raise Invalid(
            "Languages must be different tags such as en or pt-BR, with the default first.", pointer="/languages"
        )
    return value


def check_share(value: float) -> float:
    if not 0 <= value <= 1:
        raise Invalid("Share of article views must be a number from 0 to 1.", pointer="/article_share")
    return value


def check_theme_setting(value: dict[str, Any] | None) -> dict[str, Any]:
    check_theme(value or {})
    return value or {}


#: Each check returns the value to store.
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "time_zone": check_time_zone,
    "languages": check_languages,
    "allowed_origins": check_origins,
    "article_share": check_share,
    "theme": check_theme_setting,
    "redaction": check_redaction,
    "placement": check_placement,
    "agent_origins": check_agent_origins,
}
