"""Show how to install a site: the lines to paste."""

from __future__ import annotations

from flask import render_template

from ...auth.access import requires
from ..conversations.views import common
from ..sites.views import site_of


@requires("console", "read", right="manage_sites")
def install(key: str) -> str:
    """Show the lines to paste, with this server's address and the site's key."""
    return render_template("console/install.html", **common(site_of(key)))
