"""Routes of /site for an API key's site, and of /sites for the operator of this server."""

from __future__ import annotations

from typing import Any

from flask import current_app, g

from ...accounts.scopes import DEFAULT_SCOPES
from ...accounts.service import create_api_key
from ...auth import audit_trail
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...invitations.rules import check_overrides
from ...settings.schemas import SiteChanges
from ...settings.service import change_settings, lock_site
from ...sites.models import Site
from ...sites.queries import all_sites
from ...sites.removal import find_removed_site, remove_site, restore_site
from ...sites.service import create_site, find_living_site, find_site
from ...storage.db import db
from ...surveys import text_overrides
from ...surveys.first_surveys import create_first_surveys
from ..base import Resource
from .schemas import NewSite, NewSiteOut, SiteOut, SitesOut

blueprint = Resource("sites", "Sites and their settings.")
FIRST_KEY = "first key"
#: The fields of a response that are columns of a site.
SITE_COLUMNS = tuple(name for name in SiteOut().fields if name != "tag")


@blueprint.route("/site")
@requires("api_key", "read")
@blueprint.response(200, SiteOut)
def get_site() -> dict[str, Any]:
    """Return the site of the API key."""
    return site_out(find_site(g.site_id))


@blueprint.route("/site", methods=["PATCH"])
@requires("api_key", "write", scope="settings")
@blueprint.arguments(SiteChanges)
@blueprint.response(200, SiteOut)
def patch_site(changes: dict[str, Any]) -> dict[str, Any]:
    """Change settings of the API key's site.

    Missing settings stay unchanged. The served file follows within a second; browsers that already have it use it for
    up to five minutes, and for one more page.
    """
    site = lock_site(find_site(g.site_id))
    change_settings(site, changes, current_actor())
    db.session.commit()
    return site_out(site)


@blueprint.route("/sites")
@requires("operator", "read")
@blueprint.response(200, SitesOut)
def list_sites() -> dict[str, Any]:
    """List all sites of this server."""
    return {"sites": [site_out(site) for site in all_sites()]}


@blueprint.route("/sites", methods=["POST"])
@requires("operator", "write")
@blueprint.arguments(NewSite)
@blueprint.response(201, NewSiteOut)
def post_site(settings: dict[str, Any]) -> dict[str, Any]:
    """Create a site with its first secrets.

    The signing secret and the API key are shown only once. `surveys` lists the placements that get a survey with the
    default texts; without a survey the site asks no questions.
    """
    check_overrides(settings.get("rules", {}))
    settings["texts"] = text_overrides.apply_overrides({}, settings.get("texts"), settings.get("languages", ["en"]))
    placements = settings.pop("surveys")
    site, signing_secret = create_site(current_app.config["SECRET_KEYS"], **settings)
    create_first_surveys(site, placements)
    _, api_key = create_api_key(site.id, FIRST_KEY, list(DEFAULT_SCOPES), created_by=current_actor().name)
    audit_trail.record("site.created", f"site {site.key}", site_id=site.id, name=site.name)
    db.session.commit()
    return {**site_out(site), "signing_secret": signing_secret, "api_key": api_key}


@blueprint.route("/sites/<key>", methods=["DELETE"])
@requires("operator", "write")
@blueprint.response(200, SiteOut)
def delete_site(key: str) -> dict[str, Any]:
    """Remove a site.

    Its file becomes empty and it accepts no more requests. Votes stay. For seven days the site can be restored; then
    its screenshots are deleted.
    """
    site = find_living_site(key)
    remove_site(site)
    audit_trail.record("site.removed", f"site {site.key}", site_id=site.id)
    db.session.commit()
    return site_out(site)


@blueprint.route("/sites/<key>/restore", methods=["POST"])
@requires("operator", "write")
@blueprint.response(200, SiteOut)
def post_restore(key: str) -> dict[str, Any]:
    """Restore a site that was removed within the last seven days.

    Its tag, its keys and its settings work as before. A site that is not removed is unknown here.
    """
    site = find_removed_site(key)
    restore_site(site)
    audit_trail.record("site.restored", f"site {site.key}", site_id=site.id)
    db.session.commit()
    return site_out(site)


def site_out(site: Site) -> dict[str, Any]:
    """Return the site's columns and its tag."""
    columns = {name: getattr(site, name) for name in SITE_COLUMNS}
    return {**columns, "tag": current_app.config["TILFREDS"].tag(site.key)}
