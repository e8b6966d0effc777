"""Require a second factor at a site. For owners of all sites."""

from __future__ import annotations

from flask import g, redirect, request, url_for
from werkzeug.wrappers import Response

from ...accounts import factors
from ...auth import audit_trail
from ...auth.access import requires
from ...core import clock
from ...core.errors import Conflict
from ...sites import second_factor
from ...sites.service import find_living_site
from ...storage.db import db
from ..sign_in.confirmation import confirmed
from ..sign_in.views import check_form


@requires("console", "write", right="manage_users")
@confirmed
def require_factor() -> Response:
    """Require a second factor at the site of the form, or stop it."""
    check_form()
    site = find_living_site(request.form.get("site", ""))
    is_required, user = request.form.get("required") == "yes", g.rights.user
    if is_required and user is not None and not factors.has_factor(user.id):
        raise Conflict("Add a second factor to your own profile first.", code="no_factor")
    before = {"second_factor_required": site.second_factor_required}
    second_factor.set_required(site, is_required, clock.now())
    after = {"second_factor_required": is_required}
    audit_trail.record_change("site.changed", f"site {site.key}", before, after, site_id=site.id)
    db.session.commit()
    return redirect(url_for("console.users"), 303)
