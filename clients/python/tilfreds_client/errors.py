"""What can go wrong between a back end and Tilfreds."""

from __future__ import annotations


class TilfredsError(Exception):
    """Any of the others."""


class Unreachable(TilfredsError):
    """No answer came, in any of the tries. Whether the call was carried out is not known; sending it again is safe."""


class Refused(TilfredsError):
    """The server said no: an RFC 9457 problem.

    `status` is the HTTP status, `code` a stable word for programs, `detail` a sentence for people, `pointer` the field
    that is wrong (`/visitor`), and `retry_after` the seconds to wait, where waiting helps.
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
