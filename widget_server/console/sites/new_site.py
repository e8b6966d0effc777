"""Add a site. For people whose role at all sites lets them manage sites."""

from __future__ import annotations

from typing import Any

from flask import make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import Invalid
from ...storage.db import db
from ..sign_in.views import check_form
from .site_form import Problems, check_site_form, create_checked_site, read_site_form, site_choices


@requires("console", "read", right="manage_sites")
def new_site() -> str:
    """Show the form of a new site."""
    return _render()


@requires("console", "write", right="manage_sites")
def add_site() -> Response:
    """Create a site and lead to its installation, or show the form again with the reasons."""
    check_form()
    form, problems = read_site_form(), Problems()
    settings = check_site_form(form, problems)
    if problems:
        return make_response(_render(form=form, problems=problems), Invalid.status)
    site = create_checked_site(settings, by=current_actor())
    db.session.commit()
    return redirect(url_for("console.install", key=site.key), 303)


def _render(**values: Any) -> str:
    return render_template("console/new_site.html", **site_choices(), **{"form": None, "problems": {}, **values})
