"""Show the sites of this server, the console's first page."""

from __future__ import annotations

from flask import g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.signed_in import check_right, may
from ...sites.models import Site
from ...sites.service import find_living_site
from ..forms import read_offset
from .switcher import find_sites

PAGE_SIZE = 50
MAX_WORDS_LENGTH = 200


@requires("console", "read")
def sites() -> str | Response:
    """Show the sites of the signed-in person; redirect to its first page if there is one site only."""
    page = find_sites("", offset=0, limit=PAGE_SIZE)
    if page.total == 1:
        return redirect(home_of(page.sites[0]), 303)
    return render_template("console/sites.html", page=page, query="", offset=0, size=PAGE_SIZE)


@requires("console", "read")
def all_sites() -> str:
    """Show the list of sites, also with one site only, or those that a search finds; another one is added here."""
    offset, query = read_offset(), request.args.get("q", "").strip()[:MAX_WORDS_LENGTH]
    page = find_sites(query, offset=offset, limit=PAGE_SIZE)
    return render_template("console/sites.html", page=page, query=query, offset=offset, size=PAGE_SIZE)


@requires("console", "read", right="read_own_ratings")
def site(key: str) -> Response:
    """Redirect to the first page of a site."""
    return redirect(home_of(site_of(key)), 303)


def home_of(site: Site) -> str:
    """Return the address of the first page of a site for the role of the signed-in person."""
    page = "conversations" if may("read_ratings", site) else "my_ratings"
    return url_for(f"console.{page}", key=site.key)


def site_of(key: str) -> Site:
    """Return the site of a page's address.

    Raises:
        NotFound: the server has no such site, or the signed-in person has no role there.
        Forbidden: the role lacks the right of the view, or the person a required second factor.
    """
    living_site = find_living_site(key)
    check_right(living_site)
    g.site = living_site
    return living_site
