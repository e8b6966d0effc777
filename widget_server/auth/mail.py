"""The mailer of the current application."""

from __future__ import annotations

from flask import current_app

from ..outbound.mails import Mailer
from ..web.translations import page_language


def mailer() -> Mailer:
    """Return what a capability needs to send mails, in the language of the page."""
    return Mailer(current_app.config["TILFREDS"], page_language())
