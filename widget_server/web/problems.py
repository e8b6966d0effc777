"""Problems and pagination: the one shape of an error, and what every answer carries."""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge

from ..core import tokens
from ..core.errors import DomainError, TooMany
from ..storage.db import db

log = logging.getLogger("tilfreds.request")

RETRY_SECONDS = 2
#: Others are named as one, for a caller may invent any number of them, or put anything in their place.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
EVERYWHERE = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
TITLES = {
    400: "This cannot be read",
    401: "Who is asking?",
    403: "Not allowed",
    404: "Not found",
    405: "Not this method",
    406: "Not in this form",
    408: "Too slow",
    409: "Not as things stand",
    413: "Too large",
    415: "Not this content type",
    422: "A field is wrong",
    429: "Too many",
    500: "A fault of ours",
    503: "Not just now",
}
CODES = {
    404: "not_found",
    405: "method",
    408: "timeout",
    413: "too_large",
    415: "content_type",
    500: "fault",
    503: "unavailable",
}


def problem(
    status: int, code: str, detail: str, *, pointer: str | None = None, retry_after: int | None = None
) -> Response:
    """An RFC 9457 answer. The only place where one is made."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status, "Not done"),
        "status": status,
        "code": code,
        "detail": detail,
    }
    if pointer is not None:
        body["pointer"] = pointer
    response = jsonify(body)
    response.status_code = status
    response.content_type = "application/problem+json"
    response.headers["Cache-Control"] = "no-store"
    if retry_after is not None:
        response.headers["Retry-After"] = str(retry_after)
    return response


def sealed_file(content: bytes, content_type: str, name: str) -> Response:
    """A stranger's file: shown as what it is or saved, never run, in no other site's page."""
    response = Response(content, content_type=content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def init_app(app: Flask) -> None:
    """Turn every error into a problem, give every request an id and one log line."""
    app.before_request(_start)
    app.after_request(_finish)
    app.register_error_handler(DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(DBAPIError, _database_error)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(Exception, _fault)


def _domain_error(error: DomainError) -> Response:
    db.session.rollback()
    retry_after = error.retry_after if isinstance(error, TooMany) else None
    return problem(error.status, error.code, error.detail, pointer=error.pointer, retry_after=retry_after)


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    detail = error.description or ""
    if isinstance(error, RequestEntityTooLarge):
        detail = "The body is larger than this address takes."
    response = problem(status, CODES.get(status, "invalid"), detail)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _database_error(error: DBAPIError) -> Response:
    db.session.rollback()
    is_away = isinstance(error, OperationalError) or isinstance(error.orig, sqlite3.OperationalError)
    # A connection that was thrown away, for whatever reason, is no fault of the request.
    if is_away or error.connection_invalidated:
        log.error("database: %s", type(error.orig).__name__)
        return _busy(error)
    return _fault(error)


def _busy(error: Exception) -> Response:
    return problem(503, "unavailable", "The database is busy or away. Try again.", retry_after=RETRY_SECONDS)


def _fault(error: Exception) -> Response:
    log.exception("unexpected")
    return problem(500, "fault", "Something went wrong here. Nothing was saved; try again.")


def _start() -> None:
    g.request_id = tokens.random_text(9)
    g.started = time.perf_counter()


def method_of(name: str) -> str:
    """A method as it is logged and counted."""
    return name if name in METHODS else "other"


def _finish(response: Response) -> Response:
    headers = response.headers
    headers.add("X-Request-Id", g.request_id)
    for name, value in EVERYWHERE:
        if name not in headers:
            headers.add(name, value)
    # The rule, never the path: a path may hold a name. Never a comment, token or address.
    rule = request.url_rule.rule if request.url_rule else "-"
    milliseconds = (time.perf_counter() - g.started) * 1000
    log.info("%s %s %d %.1fms %s", method_of(request.method), rule, response.status_code, milliseconds, g.request_id)
    return response
