"""Show how to install a site: the lines to paste or the adapter of a chat, and whether a page has been in contact."""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as Redirect

from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...core.errors import Invalid
from ...inbox.first_rating import find_first_rating
from ...settings.service import change_settings, lock_site
from ...sites.contacts import find_contact
from ...sites.models import Site
from ...sites.placement import LAYOUTS
from ...storage.db import db
from ..conversations.views import common, fragment
from ..live import position
from ..sign_in.views import check_form
from ..sites.views import site_of
from .guides import chat_guides, fill, find_guide, paste_guides

MAX_TARGET_LENGTH = 400
#: This adapter needs names of events, which its guide describes.
WITH_OPTIONS = "dom"


@requires("console", "read", right="manage_sites")
def install(key: str) -> Response:
    """Show a guide with this server's address and the site's key; its `fragment` is the state of the installation."""
    site = site_of(key)
    place = position()
    state = {"contact": find_contact(site.id), "first_rating": find_first_rating(db.session, site.id)}
    if request.args.get("fragment") == "figures":
        return fragment("console/install_state.html", site, **state)
    return make_response(render_template("console/install.html", **common(site), place=place, **state, **_chosen(site)))


@requires("console", "write", right="manage_sites")
def choose_layout(key: str) -> Redirect:
    """Place the faces at the end of each article of a known layout."""
    check_form()
    site, layout = lock_site(site_of(key)), request.form.get("layout", "")
    if layout not in LAYOUTS:
        raise Invalid("Choose one of the layouts.", pointer="/layout")
    _change(site, placement={**site.placement, "layout": layout})
    return redirect(_address(site, guide=request.form.get("guide", "")), 303)


@requires("console", "write", right="manage_sites")
def choose_chat(key: str) -> Redirect:
    """Turn the adapter of a chat on, or off."""
    check_form()
    site, name = lock_site(site_of(key)), request.form.get("chat", "")
    if name not in {guide.slug for guide in chat_guides()} - {WITH_OPTIONS}:
        raise Invalid("Choose one of the chats.", pointer="/chat")
    target = request.form.get("target", "").strip()[:MAX_TARGET_LENGTH]
    others = {other: options for other, options in site.adapters.items() if other != name}
    options = {**site.adapters.get(name, {}), "target": target} if target else {}
    _change(site, adapters=others if request.form.get("off") else {**others, name: options})
    return redirect(_address(site, chat=name), 303)


def _change(site: Site, **changes: Any) -> None:
    change_settings(site, changes, current_actor())
    db.session.commit()


def _address(site: Site, **tab: Any) -> str:
    return url_for("console.install", key=site.key, **tab)


def _chosen(site: Site) -> dict[str, Any]:
    """Return the tabs, and the guide of the open one with its code filled in."""
    is_chat = "chat" in request.args
    guides = chat_guides() if is_chat else paste_guides()
    guide = find_guide(guides, request.args.get("chat", "") or request.args.get("guide", ""))
    address = current_app.config["TILFREDS"].site_file(site.key)
    parts = [(kind, fill(text, address) if kind == "code" else text) for kind, text in guide.parts]
    return {"is_chat": is_chat, "guides": guides, "guide": guide, "parts": parts, "with_options": WITH_OPTIONS}
