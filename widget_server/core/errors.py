"""Errors of the domain.

Capabilities raise them; only `web/problems.py` turns them into responses.
"""

from __future__ import annotations


class DomainError(Exception):
    """An error with a stable `code`, an HTTP `status` and a text.

    The text is a sentence that says what to do.
    """

    status = 400
    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.pointer = pointer


class Invalid(DomainError):
    """A field is missing, invalid or contradicts another: 422.

    The pointer is a JSON pointer to the field.
    """

    status = 422
    code = "invalid"


class Unauthorized(DomainError):
    """The caller is not authenticated: 401."""

    status = 401
    code = "unauthorized"


class Forbidden(DomainError):
    """The caller is authenticated and lacks the right: 403."""

    status = 403
    code = "forbidden"


class NotFound(DomainError):
    """The resource does not exist or belongs to another site: 404.

    The response is the same for both, so that no caller learns which.
    """

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The request conflicts with the present state of the resource: 409."""

    status = 409
    code = "conflict"


class ContentType(DomainError):
    """The body is not declared as JSON: 415.

    A form on another site could send such a body without a preflight.
    """

    status = 415
    code = "content_type"


class TooMany(DomainError):
    """The caller exceeded a rate limit: 429, with the seconds to wait."""

    status = 429
    code = "too_many"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class Unavailable(TooMany):
    """The server cannot answer now: 503, with the seconds to wait."""

    status = 503
    code = "unavailable"


class CommandError(Exception):
    """A command cannot continue; its text is a whole sentence for the operator."""


class DatabaseUnreachable(CommandError):
    """The database cannot be reached.

    The text ends with the driver's last line, which contains no password.
    """

    def __init__(self, error: Exception) -> None:
        cause = getattr(error, "orig", None) or error
        reason = (str(cause).strip().splitlines() or ["no reason given"])[-1].strip()
        super().__init__(f"The database cannot be reached: {reason}")
