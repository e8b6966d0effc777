"""Remove a site after its name was typed, and restore it within some days."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth import audit_trail
from ...auth.access import requires
from ...auth.signed_in import check_right
from ...core.errors import Invalid, NotFound
from ...sites.models import Site
from ...sites.removal import RESTORE_DAYS, find_removed_site, remove_site, restore_site
from ...sites.service import find_by_key
from ...storage.db import db
from ..settings.remove import REMOVE
from ..settings.views import frame_values
from ..sign_in.views import check_form
from .views import site_of


@requires("console", "read", right="manage_sites")
def settings_remove(key: str) -> str:
    """Show what a removal does, and ask for the name of the site."""
    return _render(site_of(key))


@requires("console", "write", right="manage_sites")
def remove(key: str) -> Response:
    """Remove the site if its name was typed, and lead to the list of sites, which offers to restore it."""
    check_form()
    site, typed_name = site_of(key), " ".join(request.form.get("name", "").split())
    if typed_name != " ".join(site.name.split()):
        problems = {"name": "Type the name of the site as it is written above."}
        return make_response(_render(site, typed_name=typed_name, problems=problems), Invalid.status)
    remove_site(site)
    audit_trail.record("site.removed", f"site {site.key}", site_id=site.id)
    db.session.commit()
    return redirect(url_for("console.all_sites"), 303)


@requires("console", "write", right="manage_sites")
def restore(key: str) -> Response:
    """Take the removal of a site back, and lead to its settings."""
    check_form()
    site = find_by_key(key)
    if site is None:
        raise NotFound("Site not found; check its key.", code="unknown_site")
    # The right comes first: the answer must not tell others whether the site was removed.
    check_right(site)
    restore_site(find_removed_site(key))
    audit_trail.record("site.restored", f"site {site.key}", site_id=site.id)
    db.session.commit()
    return redirect(url_for("console.settings", key=site.key), 303)


def _render(site: Site, **values: Any) -> str:
    return render_template(
        "console/settings_remove.html",
        **frame_values(site, REMOVE),
        restore_days=RESTORE_DAYS,
        **{"typed_name": "", "problems": {}, **values},
    )
