"""Errors of calls to Tilfreds."""

from __future__ import annotations


class TilfredsError(Exception):
    """The base class of the errors below."""


class Unreachable(TilfredsError):
    """No try received a response. The call may have been executed; sending it again is safe."""


class Refused(TilfredsError):
    """The server rejected the call with an RFC 9457 problem.

    `status` is the HTTP status, `code` a stable code for programs, `detail` a sentence for people, `pointer` the JSON
    pointer to the wrong field (`/visitor`), and `retry_after` the seconds to wait before another try, if that helps.
    """

    def __init__(
        self, status: int, code: str, detail: str, pointer: str | None = None, retry_after: float | None = None
    ) -> None:
        super().__init__(f"{status} {code}: {detail}" + (f" ({pointer})" if pointer else ""))
        self.status = status
        self.code = code
        self.detail = detail
        self.pointer = pointer
        self.retry_after = retry_after
