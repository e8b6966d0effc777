"""The mail server and the mails that were not sent. For owners of all sites."""

from __future__ import annotations

import dataclasses
from typing import Any
from uuid import UUID

from flask import current_app, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ...accounts import account_mails, users
from ...auth import audit_trail
from ...auth.access import requires
from ...core import clock
from ...core.config import Config
from ...core.errors import DomainError
from ...core.marked_texts import N_
from ...core.smtp_url import TLS_MODES
from ...outbound import deliveries, mail_server, mails
from ...outbound.deliveries import DeliveryError
from ...outbound.mail_server import MailServer
from ...outbound.mails import Mailer
from ...storage.db import db, new_id
from ...web import rate_limits
from ...web.translations import translate as _
from ..sign_in.confirmation import confirmed
from ..sign_in.views import check_form
from .server_form import read_server

#: Attempts of one person within `WINDOW_MINUTES`.
TEST_MAILS = 10
WINDOW_MINUTES = 10
MAX_ROWS = 100
TLS_LABELS = {"tls": N_("TLS"), "starttls": N_("STARTTLS"), "none": N_("None")}


@requires("console", "read", right="manage_users")
def mail() -> str:
    """Show the mail server, the test, and the mails that were not sent."""
    return _render()


@requires("console", "write", right="manage_users")
@confirmed
def save_mail_server() -> Response:
    """Store the mail server, or show the form again with the reason."""
    check_form()
    earlier = mail_server.stored_mail_server(current_app.config["SECRET_KEYS"])
    try:
        server = read_server(request.form, earlier)
    except DomainError as error:
        db.session.rollback()
        return make_response(_render(form=request.form, problem=error.detail), error.status)
    return _store(earlier, server)


@requires("console", "write", right="manage_users")
@confirmed
def remove_mail_server() -> Response:
    """Remove the mail server of the console."""
    check_form()
    return _store(mail_server.stored_mail_server(current_app.config["SECRET_KEYS"]), None)


def _store(earlier: MailServer | None, server: MailServer | None) -> Response:
    """Replace the mail server of the console, record it in the audit log, and commit."""
    mail_server.store_mail_server(current_app.config["SECRET_KEYS"], server, clock.now())
    record_mail_server(earlier, server)
    db.session.commit()
    return redirect(url_for("console.mail"), 303)


@requires("console", "write", right="manage_users", runs_again=False)
def send_test_mail() -> Response:
    """Send a mail now, and say whether the mail server accepted it, or what is wrong."""
    check_form()
    config: Config = current_app.config["TILFREDS"]
    server = mail_server.find_mail_server(config)
    recipient = request.form.get("recipient", "")
    # Nothing waits for the mail server inside a transaction.
    db.session.commit()
    try:
        rate_limits.hit_minutes("test mail", str(g.login_session.id), TEST_MAILS, WINDOW_MINUTES)
        recipient = users.to_email(recipient)
        if server is None:
            raise DeliveryError(_("Enter a mail server first."))
        payload = {"to": recipient, **mails.render(account_mails.make_test_mail(Mailer(config)))}
        mails.send(server, payload, new_id(), clock.now())
    except DomainError as error:
        return make_response(_render(recipient=recipient, test_problem=error.detail), error.status)
    except DeliveryError as error:
        return make_response(_render(recipient=recipient, test_problem=error.text), 422)
    return make_response(_render(recipient=recipient, was_accepted=True))


@requires("console", "write", right="manage_users")
def send_again(delivery_id: UUID) -> Response:
    """Try a mail that was given up again."""
    check_form()
    deliveries.replay(delivery_id, clock.now())
    db.session.commit()
    return redirect(url_for("console.mail"), 303)


def record_mail_server(earlier: MailServer | None, server: MailServer | None) -> None:
    """Record a change of the mail server; of its password only that it changed."""
    before, after = to_settings(earlier), to_settings(server)
    if (earlier.password if earlier else "") != (server.password if server else ""):
        before, after = {**before, "password": "hidden"}, {**after, "password": "changed"}
    audit_trail.record_change("mail.changed", "mail server", before, after)


def to_settings(server: MailServer | None) -> dict[str, Any]:
    return {name: getattr(server, name, None) for name in ("host", "port", "tls", "sender", "user")}


def _render(**values: Any) -> str:
    config: Config = current_app.config["TILFREDS"]
    server = mail_server.find_mail_server(config)
    form = dataclasses.asdict(server) if server else {"tls": "starttls", "port": 587}
    return render_template(
        "console/mail.html",
        server=server,
        tls_labels={mode: _(TLS_LABELS[mode]) for mode in TLS_MODES},
        unsent=deliveries.list_unsent(MAX_ROWS),
        **{"form": form, "problem": "", "test_problem": "", "was_accepted": False, "now": clock.now(), **values},
    )
