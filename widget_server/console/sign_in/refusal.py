"""The answer to a sign-in that failed."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response

from ...accounts import refusals
from ...core.errors import DomainError, Unauthorized
from ...storage.db import db


def refuse(page: str, error: DomainError) -> Response:
    """Return the form again with the status of its error."""
    db.session.rollback()
    response = make_response(page, error.status)
    response.headers["Cache-Control"] = "no-store"
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response


def refuse_and_record(page: str, error: DomainError, email: str, **detail: str) -> Response:
    """Return the form again, and record a wrong password or code; commits.

    Attempts beyond a limit are not recorded, so that guessing fills no log.
    """
    response = refuse(page, error)
    if isinstance(error, Unauthorized):
        refusals.record_refusal(email, **detail)
        db.session.commit()
    return response
