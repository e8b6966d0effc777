"""Show surges of anonymous votes, and exclude or keep the votes of one."""

from __future__ import annotations

from uuid import UUID

from flask import g, redirect, render_template, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...inbox.surges import find_surges
from ...ratings.surge_decisions import Decision, decide
from ...storage.db import db
from ..conversations.views import common
from ..forms import from_row, read_offset
from ..sign_in.views import check_form
from ..sites.views import site_of

PAGE_SIZE = 50


@requires("console", "read", right="read_ratings")
def surges(key: str) -> str:
    """Show the surges, newest first."""
    site = site_of(key)
    offset = read_offset()
    listed = find_surges(db.session(), site.id, offset=offset, limit=PAGE_SIZE)
    may_decide = g.rights.may("exclude_ratings", site.id)
    values = {"listed": listed, "offset": offset, "size": PAGE_SIZE, "may_decide": may_decide}
    return render_template("console/surges.html", **common(site), **values)


@requires("console", "write", right="exclude_ratings")
def exclude_surge(key: str, surge_id: UUID) -> Response:
    """Exclude the votes of a surge."""
    return decide_surge(key, surge_id, "excluded")


@requires("console", "write", right="exclude_ratings")
def keep_surge(key: str, surge_id: UUID) -> Response:
    """Count the votes of a surge."""
    return decide_surge(key, surge_id, "kept")


def decide_surge(key: str, surge_id: UUID, decision: Decision) -> Response:
    """Commit a decision and return to the page of the list that the form was sent from."""
    check_form()
    site = site_of(key)
    decide(site.id, surge_id, decision, by=current_actor())
    db.session.commit()
    place = from_row(read_offset())
    return redirect(url_for("console.surges", key=site.key, _anchor=f"surge-{surge_id}", **place), 303)
