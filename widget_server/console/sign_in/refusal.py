"""The answer to a sign-in that failed."""

from __future__ import annotations

from flask import make_response
from werkzeug.wrappers import Response

from ...core.errors import DomainError
from ...storage.db import db


def refuse(page: str, error: DomainError) -> Response:
    """Return the form again with the status of its error."""
    db.session.rollback()
    response = make_response(page, error.status)
    response.headers["Cache-Control"] = "no-store"
    if retry_after := getattr(error, "retry_after", None):
        response.headers["Retry-After"] = str(retry_after)
    return response
