"""Show the sites of this server, the console's first page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from flask import g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.signed_in import check_right, may, may_open
from ...core import clock
from ...reports.scores import Score
from ...reports.site_scores import scores_of_sites
from ...sites.contacts import Contact, find_contact
from ...sites.models import Site
from ...sites.removal import RESTORE_DAYS, list_restorable
from ...sites.service import find_living_site
from ...storage.db import db
from ..forms import read_offset
from .switcher import SitePage, find_sites

PAGE_SIZE = 50
MAX_WORDS_LENGTH = 200
#: The days of ratings that the list counts.
LIST_DAYS = 7


class SiteRow(NamedTuple):
    """A site in the list, with what its people want to know first."""

    site: Site
    #: The score of the last days; None for a person who does not read all ratings of the site.
    score: Score | None
    contact: Contact | None


@requires("console", "read")
def sites() -> Response:
    """Show the sites of the signed-in person; redirect to its first page if there is one site only."""
    page = find_sites("", offset=0, limit=PAGE_SIZE)
    if page.total == 1:
        return redirect(home_of(page.sites[0]), 303)
    return _render_list(page)


@requires("console", "read")
def all_sites() -> Response:
    """Show the list of sites, also with one site only, or those that a search finds; its `fragment` has the counts."""
    offset, query = read_offset(), request.args.get("q", "").strip()[:MAX_WORDS_LENGTH]
    return _render_list(find_sites(query, offset=offset, limit=PAGE_SIZE), offset, query)


def _render_list(page: SitePage, offset: int = 0, query: str = "") -> Response:
    is_fragment = request.args.get("fragment") == "figures"
    removed_sites = [site for site in list_restorable() if g.rights.may("manage_sites", site.id)]
    response = make_response(
        render_template(
            "console/site_list.html" if is_fragment else "console/sites.html",
            page=page,
            rows=list_rows(page.sites),
            query=query,
            offset=offset,
            size=PAGE_SIZE,
            now=clock.now(),
            removed_sites=removed_sites,
            restore_span=timedelta(days=RESTORE_DAYS),
        )
    )
    if is_fragment:
        response.add_etag()
        response.make_conditional(request)
    return response


def list_rows(listed_sites: Sequence[Site]) -> list[SiteRow]:
    """Return the rows of the list, without the scores of sites where the person opens no ratings of others."""
    now, span = clock.now(), timedelta(days=LIST_DAYS - 1)
    readable_sites = [site for site in listed_sites if may_open("read_ratings", site)]
    first_days = {site.id: clock.local_day(now, site.time_zone) - span for site in readable_sites}
    scores = scores_of_sites(db.session, first_days)
    contacts = {site_id: find_contact(site_id) for site_id in scores}
    return [SiteRow(site, scores.get(site.id), contacts.get(site.id)) for site in listed_sites]


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
