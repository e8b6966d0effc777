"""What can go wrong in the domain. Capabilities raise these; `web/problems.py` alone turns them into answers."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a stable `code`, an HTTP `status`, and a sentence that says what to do."""

    status = 400
    code = "invalid"

    def __init__(self, detail: str, *, code: str | None = None, pointer: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.code = code or self.code
        self.pointer = pointer


class Invalid(DomainError):
    """A field is missing, of the wrong kind or contradicts another: 422, with a JSON pointer to the field."""

    status = 422
    code = "invalid"


class Unauthorized(DomainError):
    """Nobody knows who is asking: 401."""

    status = 401
    code = "unauthorized"


class Forbidden(DomainError):
    """It is known who is asking, and they may not: 403."""

    status = 403
    code = "forbidden"


class NotFound(DomainError):
    """Not there, or not theirs: the answer is the same, so that nobody learns which."""

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """It cannot be done in the state things are in: 409."""

    status = 409
    code = "conflict"


class ContentType(DomainError):
    """A body that is not declared as JSON: a form of another site could send it without asking the browser."""

    status = 415
    code = "content_type"


class TooMany(DomainError):
    """Over a limit: 429, with the seconds to wait."""

    status = 429
    code = "too_many"

    def __init__(self, detail: str, retry_after: int) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class CommandError(Exception):
    """A command cannot go on; the text is a whole sentence for the operator."""


class DatabaseUnreachable(CommandError):
    """The database cannot be reached; the text ends in the driver's last line, which holds no password."""

    def __init__(self, error: Exception) -> None:
        cause = getattr(error, "orig", None) or error
        reason = (str(cause).strip().splitlines() or ["no reason given"])[-1].strip()
        super().__init__(f"The database cannot be reached: {reason}")
