"""The settings of a site: a page for each group, the search over all of them, and taking a change back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...auth.signed_in import may
from ...core import clock
from ...core.errors import Conflict, Invalid
from ...settings import undo
from ...settings.service import change_settings, lock_site
from ...sites.models import Site
from ...sites.recent import BROWSER_SECONDS
from ...storage.db import db
from ..conversations.views import common
from ..sign_in.views import check_form
from ..sites.views import site_of
from .form import fingerprint, list_differences, stored_values, to_problem, typed_values
from .group import Group
from .groups import GROUPS
from .search import acts_on_pages, find_settings, labels_of
from .setting import PLACES

MAX_QUERY_LENGTH = 100
PATH = "/<key>/settings"


def add_rules(blueprint: Blueprint) -> None:
    """Add the search, the pages of the groups that this file shows, and the undo."""
    blueprint.add_url_rule(PATH, "settings", settings)
    blueprint.add_url_rule(f"{PATH}/undo", "undo_settings", undo_settings, methods=["POST"])
    for group in GROUPS:
        if group.settings:
            name = group.endpoint.removeprefix("console.")
            blueprint.add_url_rule(f"{PATH}/{group.slug}", name, _page_of(group))
            blueprint.add_url_rule(f"{PATH}/{group.slug}", f"save_{name}", _save_of(group), methods=["POST"])


@requires("console", "read", right="manage_sites")
def settings(key: str) -> str:
    """Show all groups, or the settings that a search finds, and the latest changes."""
    site, query = site_of(key), request.args.get("q", "").strip()[:MAX_QUERY_LENGTH]
    changes = [(change, labels_of(change.before)) for change in undo.list_changes(site, clock.now())]
    results = [hit for hit in find_settings(query) if may(hit[0].right, site)] if query else None
    return render_template("console/settings.html", **frame_values(site), query=query, results=results, changes=changes)


@requires("console", "write", right="manage_sites")
def undo_settings(key: str) -> Response:
    """Take a change back, and return to the page that asked."""
    check_form()
    site = lock_site(site_of(key))
    number = request.form.get("change", 0, type=int)
    undo.undo_change(site, number, clock.now(), current_actor())
    db.session.commit()
    group = next((group for group in GROUPS if group.slug == request.form.get("group")), None)
    if group is None:
        return redirect(url_for("console.settings", key=site.key, taken_back=1), 303)
    return redirect(group_address(site, group, taken_back=1), 303)


def _page_of(group: Group) -> Callable[[str], str]:
    @requires("console", "read", right="manage_sites")
    def show_settings(key: str) -> str:
        return _render(site_of(key), group)

    return show_settings


def _save_of(group: Group) -> Callable[[str], Response]:
    @requires("console", "write", right="manage_sites")
    def save_settings(key: str) -> Response:
        check_form()
        return save_group(lock_site(site_of(key)), group)

    return save_settings


def save_group(site: Site, group: Group) -> Response:
    """Store the form of a group, or show it again with the reason and with everything that was typed."""
    fields = group.fields(site)
    typed = typed_values(request.form, fields)
    try:
        if "preview" in request.form:
            group.read(site, fields, typed)
            return make_response(_render(site, group, values=typed))
        if request.form.get("seen", now_stored := fingerprint(site, fields)) != now_stored:
            raise Conflict("Someone else changed these settings meanwhile. Compare them, then save again.")
        was_changed = change_settings(site, group.read(site, fields, typed), current_actor())
    except Invalid as error:
        db.session.rollback()
        return make_response(_render(site, group, values=typed, problems=to_problem(error, fields)), error.status)
    except Conflict as error:
        db.session.rollback()
        values = {"values": typed, "problems": {"": error.detail}, "differences": list_differences(site, fields, typed)}
        return make_response(_render(site, group, **values), error.status)
    change = undo.newest_change(site, clock.now()) if was_changed else None
    db.session.commit()
    return redirect(group_address(site, group, saved=change.number if change else 0), 303)


def render_group(site: Site, slug: str, **values: Any) -> str:
    """Return the page of a group by its slug, for a form beside its settings."""
    return _render(site, next(group for group in GROUPS if group.slug == slug), **values)


def group_address(site: Site, group: Group, **query: Any) -> str:
    return url_for(group.endpoint, key=site.key, **group.address(site), **query)


def frame_values(site: Site, group: Group | None = None) -> dict[str, Any]:
    """Return what every page of the settings needs: the navigation, and the change that was just made."""
    number, now = request.args.get("saved", type=int), clock.now()
    change = undo.find_change(site, number, now) if number else None
    return {
        **common(site),
        "groups": [group for group in GROUPS if may(group.right, site)],
        "group": group,
        "was_unchanged": number == 0,
        "was_taken_back": "taken_back" in request.args,
        "change": change if change and change.is_current else None,
        "follows": change is not None and acts_on_pages(change.before),
        "followed_at": change.at + timedelta(seconds=BROWSER_SECONDS) if change else None,
        "undo_days": undo.UNDO_DAYS,
    }


def _render(site: Site, group: Group, **values: Any) -> str:
    fields = group.fields(site)
    return render_template(
        group.template,
        **frame_values(site, group),
        fields=fields,
        places=PLACES,
        address=group.address(site),
        seen=fingerprint(site, fields),
        **{"values": stored_values(site, fields), "problems": {}, **group.values(site), **values},
    )
