"""Serve the check in the page: what it needs from the server, and its result (`check.js`, `check`).

A page comes here with the signed link that a person opened in the console. The answer is a script, because a policy
that forbids requests to this server may still allow its scripts.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, request

from ..auth.access import requires
from ..core import clock, tokens
from ..core.errors import Forbidden
from ..core.marked_texts import N_
from ..page_checks import browser_facts, service
from ..page_checks.facts import find_facts
from ..page_checks.models import PageCheck
from ..sites.models import Site
from ..sites.service import find_living_site
from ..storage.db import db
from ..web import rate_limits
from ..web.client_address import client_network
from ..web.translations import page_language
from ..web.translations import translate as _
from .files import CONTENT_TYPE, to_literal
from .page_request import current_config, read_body
from .placements import placements_of
from .schemas import PageCheckBody

BODY_SCHEMA = PageCheckBody()
#: Of one network; a page reports at most once a second.
CALLS_PER_MINUTE = 300
NO_CONTENT = 204
#: Labels of the overlay.
LABELS = {
    "title": N_("Why is nothing showing?"),
    "works": N_("Nothing is wrong here."),
    "checking": N_("Checking …"),
    "steps": N_("All checks"),
    "ok": N_("in order"),
    "failure": N_("wrong"),
    "note": N_("note"),
    "close": N_("Close"),
    "expired": N_("This link has expired. Start the check again in the console."),
}
RIGHT_TO_LEFT = ("ar", "fa", "he", "ur")


@requires("anyone", "read")
def serve_check(key: str) -> Response:
    """Return a module with the findings of the server, the settings of the site and the texts."""
    rate_limits.hit("page check", client_network(), CALLS_PER_MINUTE)
    texts = {"labels": {name: _(label) for name, label in LABELS.items()}, "lang": page_language()}
    texts["dir"] = "rtl" if page_language().partition("-")[0] in RIGHT_TO_LEFT else "ltr"
    body = {**texts, **_answer(key)}
    return Response(
        f"export default {to_literal(body)}", content_type=CONTENT_TYPE, headers={"Cache-Control": "no-store"}
    )


def _answer(key: str) -> dict[str, Any]:
    try:
        site, _check = _find_check(request.args.get(service.PARAMETER, ""))
    except Forbidden:
        return {"isExpired": True}
    facts = find_facts(site, current_config())
    findings = browser_facts.find_server_side(key, request.headers.get("Origin"), facts)
    return {
        **browser_facts.list_texts(_),
        **browser_facts.describe_site(site, facts, placements_of(site)),
        "findings": [{"code": code, "values": values} for code, values in findings],
    }


@requires("page", "write")
def receive_findings(key: str) -> Response:
    """Store the result of the page that was opened with a link. Nothing about the visitor is in it."""
    rate_limits.hit("page check", client_network(), CALLS_PER_MINUTE)
    fields = read_body(BODY_SCHEMA)
    _site, check = _find_check(fields["token"])
    service.store_findings(check, service.to_findings(fields["findings"]), clock.now())
    db.session.commit()
    return Response(status=NO_CONTENT)


def _find_check(token: str) -> tuple[Site, PageCheck]:
    """Return the site and the check of a link. The key in the address is what the check may find wrong."""
    try:
        link = service.read_link(token, current_app.config["SECRET_KEYS"])
    except tokens.BadToken as error:
        raise Forbidden(LABELS["expired"], code="bad_token") from error
    site = find_living_site(link.site_key)
    return site, service.find_check(site.id, link.check_id)
