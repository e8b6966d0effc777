"""Where the console begins: the sites of this server."""

from __future__ import annotations

from flask import g, redirect, render_template, url_for
from sqlalchemy import select
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...sites.models import Site
from ...sites.service import find_living_site
from ...storage.db import db


@requires("console", "read")
def sites() -> str | Response:
    """Every site; where there is but one, its conversations."""
    found = db.session.scalars(select(Site).where(Site.removed_at.is_(None)).order_by(Site.name, Site.id)).all()
    if len(found) == 1:
        return redirect(url_for("console.conversations", key=found[0].key), 303)
    return render_template("console/sites.html", sites=found)


@requires("console", "read")
def site(key: str) -> Response:
    return redirect(url_for("console.conversations", key=site_of(key).key), 303)


def site_of(key: str) -> Site:
    """The site that a page is about."""
    found = find_living_site(key)
    g.site = found
    return found
