"""Answer "Why is nothing showing?" for a page: from the server, or by a link that checks in the page itself."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth.access import requires
from ...core import clock
from ...core.config import Config
from ...core.errors import DomainError
from ...outbound.connections import Reach
from ...page_checks import service
from ...page_checks.causes import by_step, describe
from ...page_checks.facts import find_facts
from ...page_checks.models import PageCheck
from ...page_checks.server_check import check_address
from ...sites.contacts import find_contact
from ...sites.models import Site
from ...storage.db import db
from ...web import rate_limits
from ...web.translations import translate as _
from ..conversations.views import common, fragment
from ..live import position
from ..sign_in.views import check_form
from ..sites.views import site_of

#: Of a site, because each may send six requests to another server.
CHECKS_PER_MINUTE = 20
PATH = "/<key>/checks"
CONTACT_SECONDS = 10


def add_rules(blueprint: Blueprint) -> None:
    blueprint.add_url_rule(PATH, "new_page_check", new_page_check)
    blueprint.add_url_rule(PATH, "start_page_check", start_page_check, methods=["POST"])
    blueprint.add_url_rule(f"{PATH}/<uuid:check_id>", "page_check", page_check)


@requires("console", "read", right="manage_sites")
def new_page_check(key: str) -> str:
    """Show the form with the page that was last in contact."""
    return _render_form(site_of(key))


@requires("console", "write", right="manage_sites", runs_again=False)
def start_page_check(key: str) -> Response:
    """Check a page from the server, or make the link for the check in the page; then show the result."""
    check_form()
    site, address = site_of(key), request.form.get("address", "")
    is_in_page = request.form.get("where") == "page"
    try:
        rate_limits.hit("page check", site.key, CHECKS_PER_MINUTE)
        findings = None if is_in_page else _check_from_server(site, service.to_address(address))
        check = service.start_check(site, address)
    except DomainError as error:
        db.session.rollback()
        return make_response(_render_form(site, address=address, problem=error.detail), error.status)
    if findings is not None:
        service.store_findings(check, findings, clock.now())
    db.session.commit()
    return redirect(url_for("console.page_check", key=site.key, check_id=check.id, **_where(is_in_page)), 303)


def _check_from_server(site: Site, address: str) -> list[Any]:
    config: Config = current_app.config["TILFREDS"]
    facts = find_facts(site, config)
    # Nothing waits for another server inside a transaction.
    db.session.commit()
    return check_address(address, facts, Reach(allowed_hosts=config.allowed_internal_hosts))


def _where(is_in_page: bool) -> dict[str, Any]:
    return {"where": "page"} if is_in_page else {}


@requires("console", "read", right="manage_sites")
def page_check(key: str, check_id: UUID) -> Response:
    """Show the result of a check; its `fragment` is the result alone, which follows the page."""
    site = site_of(key)
    place = position()
    check = service.find_check(site.id, check_id)
    is_in_page = request.args.get("where") == "page"
    values = {
        "check": check,
        "is_in_page": is_in_page,
        "has_waited": "waited" in request.args,
        "link": service.sign_link(site, check, current_app.config["SECRET_KEYS"]) if is_in_page else "",
        "is_link_over": clock.now() > check.created_at + service.LINK_LIFETIME,
        "lines": describe_findings(check),
        "this_page": url_for("console.page_check", key=site.key, check_id=check.id, **_where(is_in_page)),
        "contact_seconds": CONTACT_SECONDS,
    }
    if request.args.get("fragment") == "figures":
        return fragment("console/page_check_result.html", site, **values)
    return make_response(render_template("console/page_check.html", **common(site), place=place, **values))


def describe_findings(check: PageCheck) -> list[tuple[str, str, str]]:
    """Return weight, message and fix of each finding, the first failing step first."""
    findings = by_step(service.findings_of(check))
    return [(finding.cause.weight, *describe(finding, _)) for finding in findings]


def _render_form(site: Site, **values: Any) -> str:
    contact = find_contact(site.id)
    address = contact.address if contact else next(iter(site.allowed_origins), "").removesuffix(":*")
    return render_template(
        "console/new_page_check.html", **common(site), **{"address": address, "problem": "", **values}
    )
