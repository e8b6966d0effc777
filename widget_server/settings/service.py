"""Change the settings of a site from the API, a command or the console. Functions flush and never commit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..accounts import audit
from ..accounts.actors import Actor
from ..invitations.rules import check_overrides
from ..sites.models import Site
from ..sites.service import change_site
from ..storage.db import db
from ..surveys.text_overrides import apply_overrides


def lock_site(site: Site) -> Site:
    """Return the site as stored now, locked until this transaction ends.

    A change of one part of a JSON column would otherwise overwrite a concurrent change of another part.
    """
    db.session.refresh(site, with_for_update=True)
    return site


def change_settings(site: Site, changes: Mapping[str, Any], actor: Actor) -> bool:
    """Change settings of a locked site, record what changed, and return whether anything did.

    The site's texts are merged with the changes of `texts`; other settings replace the previous value.

    Raises:
        Invalid: a setting has a wrong value; the pointer names it.
    """
    check_overrides(changes.get("rules", {}))
    settings = dict(changes)
    if "texts" in settings:
        languages = settings.get("languages", site.languages)
        settings["texts"] = apply_overrides(site.texts, settings["texts"], languages)
    return store_settings(site, settings, actor)


def store_settings(site: Site, settings: Mapping[str, Any], actor: Actor) -> bool:
    """Replace settings of a locked site, record what changed, and return whether anything did.

    Raises:
        Invalid: a setting has a wrong value; the pointer names it.
    """
    before = to_settings(site, settings)
    change_site(site, **settings)
    changes = audit.changes_between(before, to_settings(site, settings))
    if changes["after"]:
        audit.record(site.id, actor=actor, action="site.changed", target=f"site {site.key}", detail=changes)
    return bool(changes["after"])


def to_settings(site: Site, names: Mapping[str, Any] | tuple[str, ...]) -> dict[str, Any]:
    """Return the current values of settings as JSON has them; None for an unknown name."""
    return audit.to_plain({name: getattr(site, name, None) for name in names})
