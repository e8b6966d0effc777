"""The cookie of a session."""

from __future__ import annotations

from werkzeug.wrappers import Response

from ...accounts.sessions import SESSION_LIFETIME
from ...auth.signed_in import session_cookie


def set_session_cookie(response: Response, value: str) -> None:
    response.set_cookie(
        session_cookie(), value, max_age=SESSION_LIFETIME, secure=is_pinned(), httponly=True, samesite="Lax"
    )


def delete_session_cookie(response: Response) -> None:
    response.delete_cookie(session_cookie(), secure=is_pinned(), httponly=True, samesite="Lax")


def is_pinned() -> bool:
    """Return whether the cookie is limited to TLS; browsers accept `__Host-` cookies only over TLS."""
    return session_cookie().startswith("__Host-")
