"""Sites and their secrets: made, changed, found. Flushes, never commits."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy import select
from sqlalchemy.orm import Session

from ..core import clock, tokens
from ..core.errors import Invalid, NotFound
from ..storage.db import db
from .models import Site
from .origins import as_browsers_send
from .placement import check_placement
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
)
#: Who of several agents is credited with an answer; docs/guides/fairness.md says what each means.
CREDIT = ("all", "closer", "last")
#: Whose ratings an agent's token opens.
AGENTS_SEE = ("own", "team", "all", "none")
LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
#: Every origin of this machine, any port: what the demo and a developer at work need.
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
    """A new site and its signing secret as the owner's back end wants it."""
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
    wanted = {
        "name": name,
        "time_zone": time_zone,
        "languages": list(languages),
        "allowed_origins": list(allowed_origins),
        **settings,
    }
    _set(site, wanted)
    db.session.add(site)
    return site, add_signing_secret(site, secret_keys)


def change_site(site: Site, **changes: Any) -> Site:
    """Set what is given, after checking it; the served file follows within the minute."""
    _set(site, changes)
    touch(site)
    db.session.flush()
    return site


def _set(site: Site, changes: Mapping[str, Any]) -> None:
    for name, value in changes.items():
        if name not in CHANGEABLE:
            raise Invalid(f"A site has no setting {name}.", pointer=f"/{name}")
        check = _CHECKS.get(name)
        setattr(site, name, check(value) if check is not None else value)


def touch(site: Site) -> None:
    """Say that what the site's file is made of changed.

    The database counts, for another change may be under way: two that gave the same number would let a process go on
    with what it kept of the first.
    """
    site.version = Site.version + 1


def is_living(site: Any | None) -> bool:
    """Whether there is a site and it was not removed."""
    return site is not None and site.removed_at is None


def living(site: Site | None) -> Site:
    """Return the site.

    Raises:
        NotFound: there is none, or it was removed.
    """
    if site is None or not is_living(site):
        raise NotFound("There is no such site.", code="unknown_site")
    return site


def find_site(site_id: UUID) -> Site:
    """Return the living site of an id, or raise NotFound."""
    return living(db.session.get(Site, site_id))


def find_living_site(key: str) -> Site:
    """Return the living site of a public key, or raise NotFound."""
    return living(find_by_key(key))


def is_key(text: str) -> bool:
    """Whether a text could be a public key at all; PostgreSQL is not asked for one with a NUL."""
    return KEY.fullmatch(text) is not None


def find_by_key(key: str, session: Session | None = None) -> Site | None:
    """The site of a public key, removed ones too: their file is served empty."""
    if not is_key(key):
        return None
    return (session or db.session).scalars(select(Site).where(Site.key == key)).one_or_none()


def remove_site(site: Site) -> None:
    """Serve an empty file from here on and accept nothing; votes stay."""
    site.removed_at = clock.now()
    touch(site)
    db.session.flush()


def check_time_zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise Invalid(f"{value!r} is no IANA time zone such as Europe/Copenhagen.", pointer="/time_zone") from error
    return value


def check_languages(value: list[str]) -> list[str]:
    if not value or len(set(value)) != len(value) or not all(LANGUAGE_TAG.fullmatch(tag) for tag in value):
        raise Invalid("Give language tags such as en or pt-BR, the default first, each once.", pointer="/languages")
    return value


def check_origins(value: list[str], name: str = "allowed_origins") -> list[str]:
    """The origins as browsers send them, each once."""
    spelled = [as_browsers_send(origin) for origin in value]
    for position, origin in enumerate(spelled):
        if origin is None:
            raise Invalid(
                f"{value[position]!r} is no origin: write https://shop.example, without a path; a port may be *.",
                pointer=f"/{name}/{position}",
            )
    return list(dict.fromkeys(filter(None, spelled)))


def check_agent_origins(value: list[str]) -> list[str]:
    """Those that a policy's `frame-ancestors` can name: it knows neither `null` nor addresses in brackets."""
    for position, origin in enumerate(value):
        if origin == "null" or "[" in origin:
            raise Invalid(
                f"No browser lets a frame be allowed for {origin!r}: name the host of the page around it.",
                pointer=f"/agent_origins/{position}",
            )
    return check_origins(value, "agent_origins")


def check_share(value: float) -> float:
    if not 0 <= value <= 1:
        raise Invalid("The share of views that are asked lies between 0 and 1.", pointer="/article_share")
    return value


def checked_theme(value: dict[str, Any] | None) -> dict[str, Any]:
    check_theme(value or {})
    return value or {}


#: What checks a setting gives it back as it is to be kept.
_CHECKS: dict[str, Callable[[Any], Any]] = {
    "time_zone": check_time_zone,
    "languages": check_languages,
    "allowed_origins": check_origins,
    "article_share": check_share,
    "theme": checked_theme,
    "placement": check_placement,
    "agent_origins": check_agent_origins,
}
