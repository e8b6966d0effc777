"""Requests of visitors about their data, and the record of processing of a site."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...auth import audit_trail
from ...auth.access import requires
from ...auth.audit_trail import current_actor
from ...conversations.models import Conversation
from ...conversations.queries import find_conversation
from ...core import clock
from ...core.errors import NotFound
from ...privacy import data_requests
from ...privacy.personal_export import export_conversation, export_visitor
from ...privacy.processing import describe_processing
from ...sites.models import Site
from ...storage.db import db, engines
from ...storage.engines import empty_log
from ...visitors.models import Visitor
from ...visitors.service import find_visitor
from ..settings.privacy import MASKED_LABELS, PRIVACY, RETAINED_LABELS
from ..settings.views import PATH as SETTINGS_PATH
from ..settings.views import frame_values
from ..sign_in.views import check_form
from ..sites.views import site_of

MAX_ID_LENGTH = 200


def add_rules(blueprint: Blueprint) -> None:
    """Add the pages about personal data; the group of settings has its own."""
    path = f"{SETTINGS_PATH}/{PRIVACY.slug}"
    blueprint.add_url_rule(f"{path}/requests", "personal_data", personal_data)
    blueprint.add_url_rule(f"{path}/export", "export_personal_data", export_personal_data, methods=["POST"])
    blueprint.add_url_rule(f"{path}/erase", "erase_personal_data", erase_personal_data, methods=["POST"])
    blueprint.add_url_rule(f"{path}/record", "processing_record", processing_record)


@dataclass(frozen=True)
class Person:
    """Who or what a request is about: a visitor, else a conversation."""

    id: str
    visitor: Visitor | None
    conversation: Conversation | None

    def export(self, site: Site) -> dict[str, Any]:
        if self.visitor is not None:
            return export_visitor(site.id, self.id)
        return export_conversation(self._conversation)

    @property
    def kind(self) -> str:
        return "visitor" if self.visitor is not None else "conversation"

    @property
    def target(self) -> str:
        """Return how the audit log names it, without the back end's id, which is personal."""
        return f"{self.kind} {(self.visitor or self._conversation).id}"

    def erase(self, site: Site) -> None:
        data_dir = current_app.config["TILFREDS"].data_dir
        if self.visitor is not None:
            data_requests.erase_visitor(site, self.id, by=current_actor(), data_dir=data_dir)
        else:
            data_requests.erase_conversation(self._conversation, by=current_actor(), data_dir=data_dir)

    @property
    def _conversation(self) -> Conversation:
        assert self.conversation is not None
        return self.conversation


@requires("console", "read", right="erase_words")
def personal_data(key: str) -> str:
    """Find a visitor or a conversation by its id, and show what the site holds."""
    site, id = site_of(key), request.args.get("id", "").strip()[:MAX_ID_LENGTH]
    person = _find(site, id) if id else None
    return render_template(
        "console/personal_data.html",
        **frame_values(site, PRIVACY),
        id=id,
        person=person,
        data=person.export(site) if person else None,
        is_erased="erased" in request.args,
        problems={},
    )


@requires("console", "write", right="erase_words")
def export_personal_data(key: str) -> Response:
    """Download everything that the site holds of a visitor or a conversation."""
    check_form()
    site = site_of(key)
    person = _get(site, request.form.get("id", ""))
    audit_trail.record(f"{person.kind}.exported", person.target, site_id=site.id)  # type: ignore[arg-type]
    db.session.commit()
    # The rest only reads, and may take longer than a vote may wait for the writing connection.
    g.access = "read"
    data = json.dumps(person.export(site), ensure_ascii=False, indent=2)
    response = make_response(data)
    response.mimetype = "application/json"
    response.headers["Content-Disposition"] = f'attachment; filename="personal-data-{clock.now():%Y-%m-%d}.json"'
    return response


@requires("console", "write", right="erase_words")
def erase_personal_data(key: str) -> Response:
    """Erase a visitor or a conversation."""
    check_form()
    site = site_of(key)
    _get(site, request.form.get("id", "")).erase(site)
    db.session.commit()
    empty_log(engines().write)
    return redirect(url_for("console.personal_data", key=site.key, erased=1), 303)


@requires("console", "read", right="manage_sites")
def processing_record(key: str) -> str:
    """Show the record of processing and a text for the site's privacy page, by the present settings."""
    site = site_of(key)
    return render_template(
        "console/processing_record.html",
        **frame_values(site, PRIVACY),
        processing=describe_processing(site),
        masked_labels=MASKED_LABELS,
        retained_labels={kind: label for kind, (label, *_) in RETAINED_LABELS.items()},
        backup_days=current_app.config["TILFREDS"].backup_keep_days,
        problems={},
    )


def _find(site: Site, id: str) -> Person | None:
    visitor = find_visitor(site.id, id)
    conversation = find_conversation(site.id, id) if visitor is None else None
    return Person(id, visitor, conversation) if visitor or conversation else None


def _get(site: Site, id: str) -> Person:
    person = _find(site, id[:MAX_ID_LENGTH])
    if person is None:
        raise NotFound("No visitor and no conversation has this ID.")
    return person
