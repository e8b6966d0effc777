"""The cookies of a session, and of a sign-in that waits for the second factor."""

from __future__ import annotations

from werkzeug.wrappers import Response

from ...accounts import second_step
from ...accounts.oidc import attempt
from ...accounts.sessions import SESSION_LIFETIME
from ...auth.signed_in import session_cookie


def set_session_cookie(response: Response, value: str) -> None:
    response.set_cookie(
        session_cookie(), value, max_age=SESSION_LIFETIME, secure=is_pinned(), httponly=True, samesite="Lax"
    )


def delete_session_cookie(response: Response) -> None:
    response.delete_cookie(session_cookie(), secure=is_pinned(), httponly=True, samesite="Lax")


def step_cookie() -> str:
    """Return the name of the cookie of a sign-in that waits for the second factor."""
    return f"{session_cookie()}-step"


def set_step_cookie(response: Response, value: str) -> None:
    lifetime = second_step.LIFETIME
    response.set_cookie(step_cookie(), value, max_age=lifetime, secure=is_pinned(), httponly=True, samesite="Strict")


def delete_step_cookie(response: Response) -> None:
    response.delete_cookie(step_cookie(), secure=is_pinned(), httponly=True, samesite="Strict")


def attempt_cookie() -> str:
    """Return the name of the cookie of a browser that signs in at the provider of single sign-on."""
    return f"{session_cookie()}-sign-on"


def set_attempt_cookie(response: Response, value: str) -> None:
    # Strict, because only a form of the console reads it.
    lifetime = attempt.LIFETIME
    response.set_cookie(attempt_cookie(), value, max_age=lifetime, secure=is_pinned(), httponly=True, samesite="Strict")


def delete_attempt_cookie(response: Response) -> None:
    response.delete_cookie(attempt_cookie(), secure=is_pinned(), httponly=True, samesite="Strict")


def is_pinned() -> bool:
    """Return whether the cookie is limited to TLS; browsers accept `__Host-` cookies only over TLS."""
    return session_cookie().startswith("__Host-")
