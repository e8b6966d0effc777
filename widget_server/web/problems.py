"""Turn errors into RFC 9457 problem documents.

Give every response its id, headers and log line.
"""

from __future__ import annotations

import logging
import sqlite3
import time
from typing import Any

from flask import Flask, Response, g, jsonify, request
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException, MethodNotAllowed, RequestEntityTooLarge
from werkzeug.http import HTTP_STATUS_CODES

from ..core import tokens
from ..core.errors import DomainError, TooMany
from ..storage.db import db

log = logging.getLogger("tilfreds.request")

RETRY_SECONDS = 2
UNAUTHORIZED = 401
#: Other methods are logged as one, because a caller can invent any number of them.
METHODS = frozenset({"GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"})
DEFAULT_HEADERS = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
)
#: RFC 9457, section 4.2.1: the title of an `about:blank` problem is HTTP's own phrase, here that of RFC 9110.
TITLES = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    408: "Request Timeout",
    409: "Conflict",
    413: "Content Too Large",
    415: "Unsupported Media Type",
    422: "Unprocessable Content",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
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
    """Return an RFC 9457 problem document; every error response is built here."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(status) or HTTP_STATUS_CODES.get(status, "Error"),
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


def make_download(content: bytes, content_type: str, name: str) -> Response:
    """Return the response of an uploaded file.

    A browser shows or saves it, but never runs or embeds it.
    """
    response = Response(content, content_type=content_type)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


def init_app(app: Flask) -> None:
    """Register the error handlers and the hooks of each request.

    The hooks give a request its id and one log line.
    """
    app.before_request(_start_request)
    app.after_request(_finish_request)
    app.register_error_handler(DomainError, _handle_domain_error)
    app.register_error_handler(HTTPException, _handle_http_error)
    app.register_error_handler(DBAPIError, _handle_database_error)
    app.register_error_handler(PoolTimeout, _handle_busy_database)
    app.register_error_handler(Exception, _handle_unexpected_error)


def _handle_domain_error(error: DomainError) -> Response:
    db.session.rollback()
    retry_after = error.retry_after if isinstance(error, TooMany) else None
    return problem(error.status, error.code, error.detail, pointer=error.pointer, retry_after=retry_after)


def _handle_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    detail = error.description or ""
    if isinstance(error, RequestEntityTooLarge):
        detail = "The request body is larger than this endpoint accepts."
    response = problem(status, CODES.get(status, "invalid"), detail)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _handle_database_error(error: DBAPIError) -> Response:
    db.session.rollback()
    is_unreachable = isinstance(error, OperationalError) or isinstance(error.orig, sqlite3.OperationalError)
    # A dropped connection is not the request's fault, so the client may retry.
    if is_unreachable or error.connection_invalidated:
        log.error("database: %s", type(error.orig).__name__)
        return _handle_busy_database(error)
    return _handle_unexpected_error(error)


def _handle_busy_database(error: Exception) -> Response:
    return problem(
        503,
        "unavailable",
        "The database is busy or unreachable. Try again after the seconds in Retry-After.",
        retry_after=RETRY_SECONDS,
    )


def _handle_unexpected_error(error: Exception) -> Response:
    log.exception("unexpected")
    return problem(
        500, "fault", "An internal error occurred and nothing was saved. Try again; the server log has the details."
    )


def _start_request() -> None:
    g.request_id = tokens.random_text(9)
    g.started = time.perf_counter()


def method_of(name: str) -> str:
    """Return the method name for logs and metrics, "other" for unknown ones."""
    return name if name in METHODS else "other"


def log_target(kind: str, target_id: object) -> None:
    """Name in the request's log line what it revokes, by an id of Tilfreds: the owner's ids may be names."""
    g.logged_target = f" target={kind}:{target_id}"


def _finish_request(response: Response) -> Response:
    headers = response.headers
    headers.add("X-Request-Id", g.request_id)
    if response.status_code == UNAUTHORIZED and "WWW-Authenticate" not in headers:
        # RFC 9110 requires it. Browsers do not know this scheme and show no dialog.
        headers.add("WWW-Authenticate", 'Bearer realm="Tilfreds"')
    for name, value in DEFAULT_HEADERS:
        if name not in headers:
            headers.add(name, value)
    # Log the URL rule, not the path: a path can contain a name. Never log comments, tokens or addresses. `g.who` is the
    # id of an API key, a session or an agent, so that a refusal or a revocation can be attributed.
    rule = request.url_rule.rule if request.url_rule else "-"
    milliseconds = (time.perf_counter() - g.started) * 1000
    who = g.get("who", "-") + g.get("logged_target", "")
    log.info(
        "%s %s %d %.1fms %s %s", method_of(request.method), rule, response.status_code, milliseconds, g.request_id, who
    )
    return response
