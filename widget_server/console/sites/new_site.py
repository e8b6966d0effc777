"""Add a site. For owners of all sites, and for people whom an owner allows it."""

from __future__ import annotations

from typing import Any

from flask import g, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...accounts import account_trail, users
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import Invalid
from ...sites.models import Site
from ...storage.db import db
from ..sign_in.views import check_form
from .site_form import Problems, check_site_form, create_checked_site, read_site_form, site_choices


@requires("console", "read", right="create_sites")
def new_site() -> str:
    """Show the form of a new site."""
    return _render()


@requires("console", "write", right="create_sites")
def add_site() -> Response:
    """Create a site and lead to its installation, or show the form again with the reasons."""
    check_form()
    form, problems = read_site_form(), Problems()
    settings = check_site_form(form, problems)
    if problems:
        return make_response(_render(form=form, problems=problems), Invalid.status)
    site = create_checked_site(settings, by=current_actor())
    own_new_site(site)
    db.session.commit()
    return redirect(url_for("console.install", key=site.key), 303)


def own_new_site(site: Site) -> None:
    """Make the person who created a site its owner, unless they are an owner of all sites."""
    user, by = g.rights.user, current_actor()
    if user is not None and g.rights.role_at(site.id) != "owner":
        with account_trail.role_change(user, site.id, by=by):
            users.add_role(user, "owner", site.id)


def _render(**values: Any) -> str:
    return render_template("console/new_site.html", **site_choices(), **{"form": None, "problems": {}, **values})
