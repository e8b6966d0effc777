"""The mailer of the current application."""

from __future__ import annotations

from flask import current_app

from ..outbound.mails import Mailer


def mailer() -> Mailer:
    """Return what a capability needs to send mails."""
    return Mailer(current_app.config["TILFREDS"])
